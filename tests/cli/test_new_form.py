"""`aipm-cards new --from-form`: an issue to a note and its source."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aipm_cards import keys
from aipm_cards.content.examine import examine
from aipm_cards.content.insert import layout_of, plain, read_page
from aipm_cards.content.load import load
from aipm_cards.content.proposal import read_proposal
from aipm_cards.content.skeleton import Given, key_lines, note_lines
from aipm_cards.issue_form import TEXTS
from aipm_cards.kinds import KINDS
from tests.cli.conftest import Run
from tests.content.reading import deck
from tests.filled_forms import COMMON, FORMS, filled

DECKS = Path(__file__).parent.parent.parent / "decks"
SOURCES = """\
beta:
  title: A page
  url: https://www.Example.org/other/
gamma: {title: Another}
"""
NOTES = "deck: Metrics\nnotes:\n  - id: recall\n    topics: [T1]\n    front: Which share is recall?\n    back: Found.\n"
ALLOWED = {"S309"}  # a form asks for fewer mistakes and follow-ups than the rule wants


@pytest.fixture
def root(nowhere: Path) -> Path:
    root = nowhere / "cards"
    root.mkdir()
    (root / "collection.yaml").write_text("format: 1\nname: Cards\nnamespace: some-cards\n", encoding="utf-8")
    (root / "curriculum.yaml").write_text("T1: {title: Recall, tier: 1}\n", encoding="utf-8")
    (root / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    (root / "notes.yaml").write_text(NOTES, encoding="utf-8")
    return root


def from_form(run: Run, root: Path, text: str, *options: str, code: int = 0) -> str:
    """What was printed for a form; it ended as expected."""
    path = root.parent / "issue.md"
    path.write_text(text, encoding="utf-8", newline="")
    result = run("new", "--collection", root, "--from-form", path, *options)
    assert result.code == code, result
    return result.out


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_of_every_kind_becomes_a_sound_note(run: Run, root: Path, kind: str) -> None:
    out = from_form(run, root, filled(kind).replace("\n", "\r\n"))
    key = "classification-precision-recall"
    assert out.splitlines()[0] == f"{root}/sources.yaml:4: source added"
    collection, problems = examine(root)
    assert {problem.code for problem in problems if problem.path == "sources.yaml" or problem.line > 6} <= ALLOWED
    note = next(note for note in collection.notes if note.id != "recall")
    assert (note.kind, note.topics, note.tier) == (kind, ("T1",), 1)
    assert [(source.key, source.at) for source in note.sources] == [(key, COMMON["at"])]
    source = collection.sources[key]
    assert (source.title, source.url, source.opened) == (COMMON["title"], COMMON["url"], "2026-11-20")
    asked, answered, why = TEXTS[kind]
    for name, field in ((asked, "question"), (answered, "answer"), (why, "why")):
        if name and field in FORMS[kind] and isinstance(note.content[name], str):
            assert note.text(name) == FORMS[kind][field]
    assert (root / "notes.yaml").read_text(encoding="utf-8").startswith(NOTES)
    before, after = SOURCES.split("gamma")
    text = (root / "sources.yaml").read_text(encoding="utf-8")
    assert text.startswith(before)
    assert text.endswith("gamma" + after)


def test_every_kind_in_our_decks(run: Run, nowhere: Path, request: pytest.FixtureRequest) -> None:
    kinds = list(KINDS) if request.config.getoption("--long") else ["scenario"]  # each reads all decks twice
    root = nowhere / "decks"
    shutil.copytree(DECKS, root)
    notes = load(root)[0].notes
    for kind in kinds:
        topic = next(note.topics[0] for note in notes if note.kind == kind)
        out = from_form(run, root, filled(kind, {**FORMS[kind], "topic": topic}))
        # They may ask nearly what our own notes ask.
        assert set(re.findall(r"\[([A-Z]\d+)\]", out)) <= ALLOWED | {"S601"}
    collection, problems = load(root)
    assert problems == []
    assert len(collection.notes) == len(notes) + len(kinds)


def test_rich_values_are_read_as_they_were_meant(run: Run, root: Path) -> None:
    for kind in ("contrast", "calculation", "interview", "scenario"):
        from_form(run, root, filled(kind))
    notes = {note.kind: note for note in load(root)[0].notes}
    assert notes["contrast"].rows()[0] == ("base", "flagged, all", "all fires")
    assert notes["contrast"].rows()[1] == ("falls with", "false alarms", "misses")
    assert notes["contrast"].text("split") == "Is the base what was flagged: or what is true?"
    assert notes["calculation"].lines("steps") == ("80 + 20 = 100 flagged", "80 / 100")
    assert notes["calculation"].text("unit") == "%"
    assert notes["interview"].points()[0] == ("Names logging: as a first suspect", True)
    assert notes["interview"].lines("follow_ups") == ("And at night?", "Whom, then, do you call?")
    assert notes["interview"].lines("mistakes")[1] == "Blames 'the model'."
    assert notes["scenario"].text("question") == "What do you change\nfor that language now?"
    assert [option.name for option in notes["scenario"].options()] == ["loosen", "wait", "stop"]
    assert notes["scenario"].laws()[0] == (
        "European Union",
        "Digital Services Act: reasons",
        "2026-11-20",
    )


def given_of(value: object) -> Given:
    """A value of a file as one that is on its way into YAML."""
    if isinstance(value, list):
        return tuple(tuple(item) if isinstance(item, list) else item for item in value)
    assert isinstance(value, (str, dict))
    return value


@pytest.mark.parametrize("path", sorted(DECKS.glob("*/*.yaml")), ids=lambda path: path.stem)
def test_every_note_of_ours_could_have_come_by_a_form(path: Path) -> None:
    """A note of the decks, typed into a form as it stands in its file, becomes the same note."""
    page = read_page(path.name, path.read_bytes())
    kind_of_file = layout_of(page).default_kind
    root = plain(page.root)
    assert isinstance(root, dict)
    for note in root["notes"]:
        note.pop("allow", None)
        kind = note.pop("kind", kind_of_file)
        table = {key.name: key for key in keys.note_keys(kind)}
        answers = {"topic": "T1"}
        fields = dict(zip(TEXTS[kind], ("question", "answer", "why"), strict=True))
        further = []
        for name, value in note.items():
            if name in fields and isinstance(value, str):
                answers[fields[name]] = value
            else:
                further += key_lines(table[name], given_of(value))
        answers["further"] = "\n".join(further)
        proposal = read_proposal(filled(kind, answers).encode())
        assert proposal.kind == kind
        text = "\n".join(["deck: X", "notes:", *note_lines(kind, proposal.given)]) + "\n"
        again = plain(read_page("again.yaml", text.encode()).root)
        assert isinstance(again, dict)
        made = again["notes"][0]
        made.pop("kind", None)
        assert {key: _folded(value) for key, value in made.items()} == {
            key: _folded(value) for key, value in note.items()
        }
        assert list(made) == [key.name for key in keys.note_keys(kind) if key.name in made]


def _folded(value: object) -> object:
    """A value as it is read: a list of one name may be written as the name, lines may be broken."""
    if isinstance(value, str):
        return value.strip().split("\n") if "\n" in value.strip() else " ".join(value.split())
    if isinstance(value, list):
        return [_folded(item) for item in value]
    assert isinstance(value, dict)
    return {name: _folded(item) for name, item in value.items()}


def test_a_known_source_is_named_and_not_added(run: Run, root: Path) -> None:
    answers = {**FORMS["basic"], "url": "https://example.org/other", "at": ""}
    from_form(run, root, filled("basic", answers))
    assert (root / "sources.yaml").read_text(encoding="utf-8") == SOURCES
    assert "    sources: [beta]\n" in (root / "notes.yaml").read_text(encoding="utf-8")


def test_sources_begin_with_the_first_one(run: Run, root: Path) -> None:
    (root / "sources.yaml").unlink()
    from_form(run, root, filled("reversed"))
    assert (root / "sources.yaml").read_text(encoding="utf-8") == (
        "classification-precision-recall:\n  title: 'Classification: precision and recall'\n"
        "  url: https://example.org/precision\n  opened: 2026-11-20\n"
    )
    assert load(root)[0].errors == 0


@pytest.mark.parametrize("before", ["# All pages.", "\n", ""])
def test_sources_may_hold_nothing_yet(run: Run, root: Path, before: str) -> None:
    (root / "sources.yaml").write_text(before, encoding="utf-8")
    from_form(run, root, filled("reversed"))
    assert (root / "sources.yaml").read_text(encoding="utf-8").startswith(before.strip())
    assert list(load(root)[0].sources) == ["classification-precision-recall"]


def test_broken_sources_are_left_alone(run: Run, root: Path) -> None:
    (root / "sources.yaml").write_text(SOURCES + "x: [", encoding="utf-8")
    assert "error[Y204]" in from_form(run, root, filled("reversed"), code=2)
    assert (root / "sources.yaml").read_text(encoding="utf-8") == SOURCES + "x: ["
    assert (root / "notes.yaml").read_text(encoding="utf-8") == NOTES


def test_the_place_may_be_a_deck_or_said_by_whoever_adds_it(run: Run, root: Path) -> None:
    assert "(the deck's file)" in from_form(run, root, filled("basic", {**FORMS["basic"], "topic": "Metrics"}))
    (root / "more.yaml").write_text("deck: More\nnotes: []\n", encoding="utf-8")
    idea = filled("reversed", {**FORMS["reversed"], "topic": "somewhere near recall"})
    from_form(run, root, idea, code=2)
    assert "on T1" in from_form(run, root, idea, "--topic", "T1", "--dry-run")
    assert "notes.yaml" in from_form(run, root, idea, "--deck", "notes.yaml", "--dry-run")


@pytest.mark.parametrize("place", ["basics", "Metrics::Basics", "Cards::metrics::basics", "`more.yaml`"])
def test_the_place_may_be_the_end_of_a_decks_name(run: Run, root: Path, place: str) -> None:
    (root / "more.yaml").write_text(NOTES.replace("Metrics", "Metrics::Basics").replace("recall", "precision"), "utf-8")
    assert "/more.yaml:" in from_form(run, root, filled("basic", {**FORMS["basic"], "topic": place}))


def test_the_place_may_be_the_title_of_a_topic(run: Run, root: Path) -> None:
    from_form(run, root, filled("basic", {**FORMS["basic"], "topic": "recall"}))
    assert "topics: [T1]\n    tier: 1\n" in (root / "notes.yaml").read_text(encoding="utf-8")


def test_keys_may_be_written_as_words(run: Run, root: Path) -> None:
    further = "Example: Note: so.\nAs of: 2026-11-20\nreview-by: 2099-11-20"
    from_form(run, root, filled("basic", {**FORMS["basic"], "further": further}))
    text = (root / "notes.yaml").read_text(encoding="utf-8")
    assert "    example: |\n      Note: so.\n    as_of: 2026-11-20\n    review_by: 2099-11-20\n" in text


def test_all_faults_are_named_at_once(run: Run, root: Path) -> None:
    text = filled(
        "contrast",
        {
            "question": "One\x1b[2J case\u202e",
            "answer": "",
            "further": "verdict: a\nsplitt: x\na: precision\nreason: because\nid: Not one",
            "title": "",
            "url": "javascript:alert(1)",
            "opened": "yesterday",
            "promises": "- [ ] nothing",
        },
    )
    out = from_form(run, root, text, code=2)
    assert out.splitlines() == [
        "form: 'Question', line 1: U+001B (a control character) may not stand in a card",
        "form: 'Source: title' is empty",
        "form: 'Your words, our licence': not every box is ticked",
        "form: 'Source: address': 'javascript:alert(1)' is no address of a page, https://…",
        "form: 'Source: opened on': 'yesterday' is no date as 2026-11-20",
        "form: 'Further fields': `splitt` is no field of this kind; did you mean 'split'?",
        "form: 'Further fields': `id` must be 3 to 64 of a-z, 0-9 and hyphens",
        "form: 'Further fields': a contrast note needs `b` (The second of the two.)",
        "form: 'Further fields': a contrast note needs `split` (The one test that separates them.)",
    ]
    assert (root / "notes.yaml").read_text(encoding="utf-8") == NOTES
    assert (root / "sources.yaml").read_text(encoding="utf-8") == SOURCES


FAULTS = {
    "no form": ("Dear all,\n\nhere is a card.", "this is no filled form"),
    "nothing": ("", "this is no filled form"),
    "too large": ("### Kind\n\nbasic\n" + "x" * 300_000, "more than 256 KiB"),
    "kind": (filled("basic").replace("\nbasic\n", "\nbasics\n"), "no kind 'basics'"),
    "an answer to a cloze": (filled("cloze", {"question": "A {{c1::b}}.", "answer": "b"}), "leave it empty"),
    "a text twice": (filled("basic", {**FORMS["basic"], "further": "why: x"}), "`why` is given a second time"),
    "before the first key": (filled("basic", {**FORMS["basic"], "further": "see\ncue: x"}), "before the first `key:`"),
    "what is not theirs": (filled("basic", {**FORMS["basic"], "further": "retired: x"}), "`retired` is no field"),
}


@pytest.mark.parametrize(("text", "said"), FAULTS.values(), ids=FAULTS)
def test_what_no_note_can_be_made_of(run: Run, root: Path, text: str, said: str) -> None:
    assert said in from_form(run, root, text, code=2)
    assert (root / "notes.yaml").read_text(encoding="utf-8") == NOTES


def test_what_check_finds_in_the_note_is_told(run: Run, root: Path) -> None:
    answers = {**FORMS["calculation"], "answer": "90"}
    out = from_form(run, root, filled("calculation", answers), "--dry-run", code=1)
    assert "error[N302]" in out
    assert out.endswith("nothing was written\n")
    assert (root / "notes.yaml").read_text(encoding="utf-8") == NOTES
    assert "error[N302]" in from_form(run, root, filled("calculation", answers), code=1)
    assert (root / "notes.yaml").read_text(encoding="utf-8") != NOTES


def test_html_and_yaml_in_answers_are_text(run: Run, root: Path) -> None:
    question = "Which <script>alert(1)</script> is *safe*?\n\n  - &anchor !!python/object:os.system [x]\n---\n..."
    from_form(run, root, filled("basic", {**FORMS["basic"], "question": question}))
    collection, _ = load(root)
    assert collection.errors == 0
    assert next(note for note in collection.notes if note.id != "recall").text("front") == question


def test_from_standard_input(root: Path) -> None:
    command = [sys.executable, "-m", "aipm_cards", "new", "--collection", str(root), "--from-form", "-", "--dry-run"]
    done = subprocess.run(command, input=filled("reversed").encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"term: false alarm" in done.stdout


def test_kind_and_texts_come_from_the_form_alone(run: Run, root: Path) -> None:
    (root.parent / "issue.md").write_text(filled("basic"), encoding="utf-8")
    form = ("--from-form", root.parent / "issue.md")
    assert "leave the others out" in run("new", "--collection", root, "basic", *form).err


def test_read_back(root: Path) -> None:
    """What the form says is a deck file's note, as the tests of deck files read it."""
    proposal = read_proposal(filled("basic").encode())
    proposal.given["id"] = "the-new-one"
    lines = note_lines("basic", proposal.given)
    assert deck("\n".join(["deck: X", "notes:", *lines, ""])).findings.found == []
