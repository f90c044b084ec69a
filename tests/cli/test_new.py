"""`aipm-cards new`: a note at the right place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import aipm_cards
from aipm_cards.cli.adding import note_in, write
from aipm_cards.cli.target import Target
from aipm_cards.content.examine import check
from aipm_cards.content.load import load
from aipm_cards.errors import AipmCardsError
from aipm_cards.keys import note_keys
from aipm_cards.kinds import KINDS
from tests.cli.conftest import Run

CURRICULUM = """\
T1: {title: Recall, family: concepts, tier: 1, planned: {basic: 2, contrast: 1}}
T2: {title: Precision, family: concepts, tier: 3, planned: {basic: 1}}
T3: {title: Harm, family: ethics, tier: 2, planned: {scenario: 1}}
"""
RECALL = """\
# yaml-language-server: $schema=../schema/deck.json
deck: Metrics::Recall
notes:
  - id: recall-one
    topics: [T1]
    front: Which share is recall?
    back: Of the cases, those found.

  # About the second one.
  - id: recall-two
    front: What lowers recall?
    back: A miss.
"""
OTHER = "deck: Other\nnotes:\n- id: other-one\n  front: What is new?\n  back: Nothing.\n"


@pytest.fixture
def root(nowhere: Path) -> Path:
    """A collection whose files are found from here."""
    root = nowhere / "cards"
    (root / "deep").mkdir(parents=True)
    (root / "collection.yaml").write_text("format: 1\nname: Cards\nnamespace: some-cards\n", encoding="utf-8")
    (root / "curriculum.yaml").write_text(CURRICULUM, encoding="utf-8")
    (root / "deep" / "recall.yaml").write_text(RECALL, encoding="utf-8")
    (root / "other.yaml").write_text(OTHER, encoding="utf-8")
    return root


def new(run: Run, root: Path, *arguments: object, code: int = 0) -> str:
    """What `new` printed; it ended as expected."""
    result = run("new", "--collection", root, *arguments)
    assert result.code == code, result
    return result.out if code in (0, 1) else result.err


def test_a_skeleton_stands_behind_the_notes_of_its_topic(run: Run, root: Path) -> None:
    out = new(run, root, "basic", "--topic", "T1", "--front", "What does a missed *fraud* cost?")
    place, then = out.splitlines()
    assert place == f"{root}/deep/recall.yaml:9: note 'missed-fraud-cost' added (it has 1 of the notes on T1)"
    assert then.startswith(f"next: fill in back; take its comments out; aipm-cards format {root}/deep/recall.yaml; ")
    text = (root / "deep" / "recall.yaml").read_text(encoding="utf-8")
    before, after = RECALL.split("\n  # About the second one.")
    assert text.startswith(before)
    assert text.endswith("\n  # About the second one." + after)
    added = text[len(before) : -len("\n  # About the second one." + after)]
    assert added.startswith(
        "\n  - id: missed-fraud-cost\n    topics: [T1]\n    tier: 1\n"
        "    # level:  # 1 state it (if left out), 2 use it, 3 weigh it.\n"
    )
    assert "\n    front: |\n      What does a missed *fraud* cost?\n    # The answer.\n    back: |\n" in added
    assert "\n    # why: |  # Why it matters at work, in a sentence or two.\n" in added


@pytest.mark.parametrize("kind", KINDS)
def test_format_leaves_a_skeleton_to_be_filled_in(run: Run, root: Path, kind: str) -> None:
    new(run, root, kind, "--deck", "deep/recall.yaml")
    begun = (root / "deep/recall.yaml").read_text(encoding="utf-8")
    assert run("format", root / "deep/recall.yaml").code == 0
    assert (root / "deep/recall.yaml").read_text(encoding="utf-8") == begun


@pytest.mark.parametrize("kind", KINDS)
def test_check_says_what_a_skeleton_lacks_at_its_place(run: Run, root: Path, kind: str) -> None:
    new(run, root, kind, "--topic", "T1")
    path = root / "deep" / "recall.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    wanted = [key.name for key in note_keys(kind) if key.required and key.name != "id"]
    found = [problem for problem in check(root) if problem.severity == "error"]
    assert [problem.code for problem in found] == ["N106"] * len(wanted)
    assert [lines[problem.line - 1].strip().split(":")[0] for problem in found] == wanted


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_offered_in_comments_can_be_taken(run: Run, root: Path, kind: str) -> None:
    """With its hash signs taken off, a skeleton is YAML, and every key is known."""
    new(run, root, kind, "--topic", "T1", "--id", "the-new-one")
    path = root / "deep" / "recall.yaml"
    keys = [key.name for key in note_keys(kind)]
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        name, colon, _ = line.strip().removeprefix("# ").partition(":")
        lines.append(line.replace("# ", "", 1) if colon and name in keys and line.strip().startswith("#") else line)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert {problem.code for problem in load(root)[1]} == {"N106"}


def test_a_whole_note_is_checked_at_once(run: Run, root: Path) -> None:
    whole = ("basic", "--deck", "other.yaml", "--front", "What is missing?", "--set", "back=A miss.")
    out = new(run, root, *whole, "--set", "tags=a, b")
    assert out.splitlines()[0] == f"{root}/other.yaml:7: note 'missing' added"
    assert (root / "other.yaml").read_text(encoding="utf-8") == OTHER + (
        "\n- id: missing\n  tags: [a, b]\n  front: |\n    What is missing?\n  back: |\n    A miss.\n"
    )
    assert load(root)[0].errors == 0
    out = new(run, root, "basic", "--deck", "Other", "--front", "And now?", "--set", "back=![x](media/no.svg)", code=1)
    assert "error[M101]" in out
    assert "mend what is said above" in out


def test_values_of_every_form(run: Run, root: Path) -> None:
    scenario = {
        "situation": "A bank: it *blocks* 5 % of cards # daily",
        "question": "What now?",
        "stakeholders": "Users\nStaff, at night\nThe regulator",
        "options": "Wait | no harm: yet | fraud\n{name: Launch, gain: speed, harm: wrong blocks}\nStop|x|y",
        "recommend": "Wait.",
        "because": "'tis hard to undo.",
        "unless": "Fraud doubles.",
        "rubric": "must: Names #1: users\nNames 'staff'\n- Names a date",
        "pass": "2",
        "laws": "EU | GDPR Art. 22(1): decisions | 2026-11-20",
    }
    settings = [part for key, value in scenario.items() for part in ("--set", f"{key}={value}")]
    out = new(run, root, "scenario", "--deck", "Cards::other", *settings, "--id", "to-block")
    assert "error" not in out
    note = next(note for note in load(root)[0].notes if note.id == "to-block")
    assert note.text("situation") == scenario["situation"]
    assert [option.name for option in note.options()] == ["Wait", "Launch", "Stop"]
    assert note.options()[0].gain == "no harm: yet"
    assert [(point.text, point.must) for point in note.points()] == [
        ("Names #1: users", True),
        ("Names 'staff'", False),
        ("Names a date", False),
    ]
    assert note.laws()[0].law == "GDPR Art. 22(1): decisions"


def test_a_new_file_has_a_header_and_its_neighbours_schema(run: Run, root: Path) -> None:
    assert "--deck-name" in new(run, root, "basic", "--deck", "deep/er/new.yaml", code=2)
    named = ("--deck", "deep/er/new.yaml", "--deck-name", "Metrics::New: one")
    out = new(run, root, "basic", *named, "--front", "What is it?", "--set", "back=It.")
    assert out.startswith(f"{root}/deep/er/new.yaml:4: note 'what-is-it' added (a new file)\n")
    assert (
        (root / "deep" / "er" / "new.yaml")
        .read_text(encoding="utf-8")
        .startswith(
            "# yaml-language-server: $schema=../../schema/deck.json\ndeck: 'Metrics::New: one'\nnotes:\n  - id: "
        )
    )
    assert load(root)[0].errors == 0


def test_several_topics(run: Run, root: Path) -> None:
    new(run, root, "basic", "--topic", "T2, T1", "--topic", "T3", "--set", "topics=T1")
    assert "    topics: [T2, T1, T3]\n    tier: 3\n" in (root / "deep" / "recall.yaml").read_text(encoding="utf-8")


def test_a_new_file_writes_its_deck_as_others_do(run: Run, root: Path) -> None:
    texts = ("--front", "Which is it?", "--set", "back=It.")
    new(run, root, "basic", "--deck", "a.yml", "--deck-name", "metrics::Recall :: More", *texts)
    assert "deck: Metrics::Recall::More\n" in (root / "a.yml").read_text(encoding="utf-8")
    new(run, root, "basic", "--deck", "b.yml", "--deck-name", "METRICS::precision", *texts)
    assert "deck: Metrics::precision\n" in (root / "b.yml").read_text(encoding="utf-8")
    assert load(root)[1] == []


def test_dry_run_writes_nothing(run: Run, root: Path) -> None:
    out = new(run, root, "cloze", "--topic", "T1", "--set", "text=A {{c1::miss}} costs.", "--dry-run")
    assert out.splitlines()[:2] == ["  - id: miss-costs", "    kind: cloze"]
    place, *found, last = out.splitlines()[6:]
    assert place.endswith("note 'miss-costs' would be added (it has 1 of the notes on T1)")
    assert any("[S" in line for line in found)  # what `check` would find is told all the same
    assert last == "nothing was written"
    assert (root / "deep" / "recall.yaml").read_text(encoding="utf-8") == RECALL


def test_ids_are_unique_and_never_silently_another(run: Run, root: Path) -> None:
    first = new(run, root, "basic", "--topic", "T1")
    second = new(run, root, "basic", "--topic", "T1")  # the first one has an error, and still counts
    assert "note 'basic-t1' added" in first
    assert "; give it an id that says what it teaches; " in first
    assert "note 'basic-t1-2' added" in second
    assert "'recall-one-2' is free" in new(run, root, "basic", "--topic", "T1", "--id", "recall-one", code=2)
    assert "no slug; use 3 to 64 of a-z, 0-9 and hyphens: new" in new(
        run, root, "basic", "--topic", "T1", "--id", "A new Ä!", code=2
    )


REFUSED = {
    "no kind": ((), "a kind is missing"),
    "kind": (("basics", "--topic", "T1"), "did you mean 'basic'?"),
    "topic": (("basic", "--topic", "T11"), "no topic 'T11'"),
    "no place": (("basic",), "--topic list"),
    "deck": (("basic", "--deck", "Othr"), "did you mean 'Other'?"),
    "no near note": (("scenario", "--topic", "T3"), "no note is near T3"),
    "outside": (("basic", "--deck", "../../x.yaml", "--deck-name", "X"), "lies inside"),
    "hidden": (("basic", "--deck", "_x.yaml", "--deck-name", "X"), "may not begin with"),
    "the sources": (("basic", "--deck", "sources.yaml", "--deck-name", "X"), "no deck file can have this name"),
    "deck name": (("basic", "--deck", "x.yaml", "--deck-name", "X::"), "an empty part"),
    "key": (("basic", "--topic", "T1", "--set", "bakc=x"), "did you mean 'back'?"),
    "no value": (("basic", "--topic", "T1", "--set", "back"), "write KEY=VALUE"),
    "twice": (("basic", "--topic", "T1", "--front", "x", "--set", "front=y"), "'front' is given twice"),
    "character": (("basic", "--topic", "T1", "--front", "a\x1b[2Jb"), "U+001B"),
}


@pytest.mark.parametrize(("arguments", "said"), REFUSED.values(), ids=REFUSED)
def test_refused_with_a_way_out(run: Run, root: Path, arguments: tuple[str, ...], said: str) -> None:
    before = {path: path.read_bytes() for path in root.rglob("*.yaml")}
    err = new(run, root, *arguments, code=2)
    assert said in err
    assert "\x1b" not in err
    assert {path: path.read_bytes() for path in root.rglob("*.yaml")} == before


def test_a_broken_file_is_refused_with_its_findings(run: Run, root: Path) -> None:
    (root / "other.yaml").write_text(OTHER + "- id: x: y\n", encoding="utf-8")
    result = run("new", "--collection", root, "basic", "--deck", "other.yaml")
    assert result.code == 2
    assert "other.yaml:6:" in result.out
    assert "nothing was written" in result.err
    assert (root / "other.yaml").read_text(encoding="utf-8") == OTHER + "- id: x: y\n"


def test_links_out_of_the_collection_are_not_followed(run: Run, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text(OTHER, encoding="utf-8")
    (root / "link.yaml").symlink_to(outside)
    (root / "away").symlink_to(tmp_path)
    assert "leaves the collection" in new(run, root, "basic", "--deck", "link.yaml", code=2)
    made = ("basic", "--deck", f"{root}/away/made.yaml", "--deck-name", "X")
    assert "lies inside" in new(run, root, *made, code=2)
    assert outside.read_text(encoding="utf-8") == OTHER
    assert not (tmp_path / "made.yaml").exists()


def test_loops_of_links_and_what_is_no_file(run: Run, root: Path) -> None:
    (root / "loop.yaml").symlink_to("loop.yaml")
    (root / "round").symlink_to("round")
    (root / "gone.yaml").symlink_to("nowhere.yaml")
    (root / "folder.yaml").mkdir()
    os.mkfifo(root / "pipe.yaml")
    for name in ("loop.yaml", "gone.yaml", "folder.yaml", "pipe.yaml", "round/x.yaml", "other.yaml/x.yaml"):
        new(run, root, "basic", "--deck", name, "--deck-name", "X", code=2)
    assert sorted(path.name for path in root.rglob("*.partial")) == []


def test_a_file_that_changed_meanwhile_is_not_overwritten(root: Path) -> None:
    change = note_in(root, Target("other.yaml"), "basic", {"id": "the-new-one"}, ())
    (root / "other.yaml").write_text(OTHER + "# mine\n", encoding="utf-8")
    with pytest.raises(AipmCardsError, match="changed meanwhile"):
        write(root, [change])
    assert (root / "other.yaml").read_text(encoding="utf-8") == OTHER + "# mine\n"


def test_what_cannot_be_written_is_printed(run: Run, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "other.yaml")

    monkeypatch.setattr("aipm_cards.cli.adding.replacing", full)
    result = run("new", "--collection", root, "basic", "--deck", "Other", "--front", "A long text", "--set", "back=B")
    assert result.code == 2
    assert "No space left" in result.err
    assert result.out.splitlines()[:3] == ["- id: long-text", "  front: |", "    A long text"]
    assert (root / "other.yaml").read_text(encoding="utf-8") == OTHER


def test_an_installed_program_is_left_as_it_is(run: Run, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aipm_cards, "__file__", str(root.parent / "__init__.py"))
    assert "came with the program" in new(run, root, "basic", "--topic", "T1", code=2)
    assert "would be added" in new(run, root, "basic", "--topic", "T1", "--dry-run")


def test_the_wanted_list(run: Run, root: Path) -> None:
    lines = new(run, root, "--topic", "list").splitlines()
    assert lines[0] == "T1     tier 1  1 basic, 1 contrast: Recall"
    assert len(lines) == 4
    lines = new(run, root, "scenario", "--topic", "list").splitlines()
    assert lines[0] == "T3     tier 2  1 scenario: Harm"
    assert len(lines) == 2


def test_the_only_deck_file_need_not_be_named(run: Run, root: Path) -> None:
    (root / "other.yaml").unlink()
    assert "recall.yaml" in new(run, root, "basic", "--front", "Which error is dear?")
    assert "(the only deck file)" in new(run, root, "basic", "--dry-run")
