"""`check --fix`: what was meant beyond doubt is put right, and nothing else is touched.

pytest tests/content/test_fix.py --long     many more decks that were mistyped
"""

from __future__ import annotations

import os
import random
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from aipm_cards.content.examine import examine
from aipm_cards.content.fix import Fixed, fix
from aipm_cards.content.load import load
from aipm_cards.errors import AipmCardsError
from tests import test_cases
from tests.packages import sample

COLLECTION = "format: 1\nname: AI PM\nnamespace: aipm-cards\n"
NOW = 1_750_000_000
FIXED = ("Y103-utf-16", "Y104", "Y104-bidirectional", "Y202", "Y203", "Y204", "Y205", "Y206", "Y207", "Y208", "Y209",
         "D101", "D202", "D203", "N102", "N105")  # fmt: skip
NOT_FIXED = {
    "Y202-several": "some of its mistakes are none of YAML",
    "N102-long": "which part of it to keep is not for us to say",
    "N102-short": "there is no slug in it",
    "N105-nothing-near": "it is no slip of a key",
    "N105-other-kind": "perhaps the kind is what is wrong",
    "N105-source": "it is no slip of a key",
    "Y104-carriage-return": "it may stand for a blank",
    "Y104-entity": "it was typed on purpose",
    "Y104-escape": "it was typed on purpose",
    "N105-crlf-wide-flow": "it is no slip of a key",
}


def write(root: Path, **files: str | bytes) -> Path:
    root.mkdir(exist_ok=True)
    for name, text in {"collection": COLLECTION, **files}.items():
        (root / f"{name}.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def deck(*notes: str) -> str:
    return "deck: Concepts\nnotes:\n" + "".join(notes)


def note(*lines: str, id_: str = "recall-of-a-filter") -> str:
    return f"  - id: {id_}\n" + "".join(f"    {line}\n" for line in lines)


def fixed(root: Path) -> list[Fixed]:
    """What is fixed, time after time, until nothing is."""
    done: list[Fixed] = []
    while now := fix(root, examine(root, today="2026-11-29")[1], NOW):
        done += now
        assert len(done) < 100
    return done


def after(root: Path, name: str = "deck") -> str:
    fixed(root)
    return (root / f"{name}.yaml").read_bytes().decode()


def codes(root: Path) -> list[str]:
    return [problem.code for problem in load(root)[1]]


# --- what is fixed, and what is not -----------------------------------------------------------


@pytest.mark.parametrize("name", [n for n in test_cases.NAMES if n.startswith(FIXED) and n not in NOT_FIXED])
def test_cases_that_are_repaired(name: str, tmp_path: Path) -> None:
    root = test_cases.copy(name, tmp_path)
    notes = len(load(root)[0].notes)
    (done,) = fixed(root)
    assert done.code == name.partition("-")[0]
    assert codes(root) == []
    assert len(load(root)[0].notes) >= max(1, notes)


@pytest.mark.parametrize("name", [n for n in test_cases.NAMES if not n.startswith((*FIXED, "S901")) or n in NOT_FIXED])
def test_cases_that_are_left_to_their_author(name: str, tmp_path: Path) -> None:
    if name == "Y202-several":
        root = test_cases.copy(name, tmp_path)
        assert [done.code for done in fixed(root)] == ["Y202", "Y204", "Y207", "Y203", "Y208"]
        return
    root = test_cases.copy(name, tmp_path)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert fixed(root) == []
    assert before == {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_text_is_the_one_that_was_typed(tmp_path: Path) -> None:
    root = write(tmp_path, deck=deck(note("front: *Recall*: it's what's left", 'back: @k of "all": which?')))
    fixed(root)
    (only,) = load(root)[0].notes
    assert (only.text("front"), only.text("back")) == ("*Recall*: it's what's left", '@k of "all": which?')


@pytest.mark.parametrize(
    "line",
    [
        "front: Recall of what? # or precision",  # a comment, perhaps
        "front: *Recall* of what? # or precision",
        "front: Recall: of what? #",
        'front: "Recall \\(p\\) of caf\\u00e9?"',  # an escape that is meant beside one that is not
        'front: "Recall \\\\times 3 and \\(p\\)?"',
        'front: "Recall of \\"what?',
        "front: Misread \x93Recall\x94 of what?",  # quotes of another encoding
        "front: Recall of\n      what: the fraud?",  # only a part of the text would be quoted
        'front: "Recall of\n      what?',
        "fornt: Recall of what?\n    front: Of what?",  # the key is there already
        "bcak: Of what?",  # then two keys: which one is wrong?
    ],
)
def test_what_may_have_been_meant_otherwise_is_left(line: str, tmp_path: Path) -> None:
    text = deck(note(line, "back: Of the fraud."), note("front: Who?", "back: I.", id_="another"))
    root = write(tmp_path, deck=text)
    assert codes(root) != []
    assert after(root) == text


def test_an_id_that_somebody_has_or_had_is_not_given_again(tmp_path: Path) -> None:
    text = deck(note("front: Q?", "back: A.", id_="One Note"), note("front: R?", "back: B.", id_="One-Note"))
    root = write(tmp_path / "a", deck=text)
    assert fixed(root) == []
    root = write(tmp_path / "b", deck=text.replace("One-Note", "one-note"))
    assert fixed(root) == []
    root = write(tmp_path / "c", deck=text.replace("One-Note", "two-notes"))
    (root / "release.lock").write_text('note one-note basic 0 1 abc "Concepts" "Q?"\n', encoding="utf-8")
    assert fixed(root) == []
    (root / "release.lock").unlink()
    assert [done.code for done in fixed(root)] == ["N102"]


@pytest.mark.parametrize("name", ["Über Noten", "C++ basics", "再現率 recall", "what?", "'a' or b"])
def test_an_id_that_would_lose_something_is_left(name: str, tmp_path: Path) -> None:
    root = write(tmp_path, deck=deck(note("front: Q?", "back: A.", id_=name)))
    assert codes(root) != []
    assert fixed(root) == []


def test_a_key_is_renamed_only_if_the_note_is_sound_then(tmp_path: Path) -> None:
    root = write(tmp_path, deck=deck(note("front: Q?", "bakc: See [it](nowhere).")))
    assert fixed(root) == []
    root = write(tmp_path, deck=deck(note("front: Q?", "back: A.", "teir: core")))
    assert fixed(root) == []
    root = write(tmp_path, deck=deck(note("front: Q?", "bakc: A.", "teir: 1")))
    assert [done.code for done in fixed(root)] == ["N105", "N105"]
    assert codes(root) == []


ALLOW = {
    "allow: {S202: the law's own words}": "",
    "allow: {S202: one reason, S201: another}": "",
    "allow:\n      S202: the law's own words": "",
    "allow:\n      S202: the law's own words\n    tier: 1": "    tier: 1\n",
}


@pytest.mark.parametrize("allow", ALLOW)
def test_an_exception_that_is_not_needed_goes(allow: str, tmp_path: Path) -> None:
    sound = ("front: What does a smoke detector's false alarm cost?", "back: Sleep.")
    root = write(tmp_path, deck=deck(note(*sound, allow)))
    assert after(root) == deck(note(*sound)) + ALLOW[allow]


@pytest.mark.parametrize("allow", ["allow: {S202: why} # asked by ann", "allow: {S202: 'one', S201: 'two'}"])
def test_an_exception_whose_end_is_not_plain_stays(allow: str, tmp_path: Path) -> None:
    text = deck(note("front: What does a smoke detector's false alarm cost?", "back: Sleep.", allow))
    assert after(write(tmp_path, deck=text)) == text


# --- files ------------------------------------------------------------------------------------

BROKEN = deck(note("front: *Recall* of what?", "back: Of the fraud."))
SOUND = deck(note("front: '*Recall* of what?'", "back: Of the fraud."))


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_line_ends_and_bom_stay(bom: bytes, end: bytes, tmp_path: Path) -> None:
    root = write(tmp_path, deck=bom + BROKEN.encode().replace(b"\n", end))
    fixed(root)
    assert (root / "deck.yaml").read_bytes() == bom + SOUND.encode().replace(b"\n", end)


def test_an_old_macintosh(tmp_path: Path) -> None:
    assert after(write(tmp_path, deck=BROKEN.replace("\n", "\r"))) == SOUND


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16(encoding: str, tmp_path: Path) -> None:
    bom = "\ufeff".encode(encoding)
    assert after(write(tmp_path, deck=bom + f"# é\r\n{BROKEN}".encode(encoding))) == f"# é\r\n{SOUND}"
    cut = write(tmp_path, deck=bom + BROKEN.encode(encoding)[:-1])
    assert fixed(cut) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_mode_stays(tmp_path: Path) -> None:
    root = write(tmp_path, deck=BROKEN)
    (root / "deck.yaml").chmod(0o640)
    assert after(root) == SOUND
    assert stat.S_IMODE((root / "deck.yaml").stat().st_mode) == 0o640
    assert sorted(path.name for path in root.iterdir()) == ["collection.yaml", "deck.yaml"]


def test_links_do_not_lead_out(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", deck=BROKEN)
    root = write(tmp_path / "here", other=BROKEN.replace("recall-of", "precision-of"))
    (root / "deck.yaml").symlink_to("../elsewhere/deck.yaml")
    (root / "again.yml").symlink_to("other.yaml")
    fixed(root)
    assert (tmp_path / "elsewhere" / "deck.yaml").read_text(encoding="utf-8") == BROKEN
    assert (root / "again.yml").is_symlink()
    assert "'*Recall* of what?'" in (root / "other.yaml").read_text(encoding="utf-8")


def test_a_file_that_changed_since_it_was_examined(tmp_path: Path) -> None:
    root = write(tmp_path, deck=BROKEN)
    problems = load(root)[1]
    write(root, deck=SOUND)
    assert fix(root, problems, NOW) == []
    (root / "deck.yaml").unlink()
    assert fix(root, problems, NOW) == []


def test_a_file_that_changes_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from aipm_cards.content import fix as module

    root = write(tmp_path, deck=BROKEN)
    problems = load(root)[1]
    real, calls = module.read_bytes, []

    def changing(*arguments: object) -> bytes:
        if calls:
            write(root, deck=BROKEN + "# by somebody else\n")
        calls.append(arguments)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "read_bytes", changing)
    with pytest.raises(AipmCardsError, match="was changed meanwhile"):
        fix(root, problems, NOW)
    assert (root / "deck.yaml").read_text(encoding="utf-8") == BROKEN + "# by somebody else\n"


# --- whatever was mistyped --------------------------------------------------------------------

Slip = Callable[[str, random.Random], str]


def _at(line: str, chance: random.Random, what: str) -> str:
    at = chance.randrange(len(line) + 1)
    return line[:at] + what + line[at:]


def _without(line: str, chance: random.Random) -> str:
    at = chance.randrange(len(line))
    return line[:at] + line[at + 1 :]


SLIPS: tuple[Slip, ...] = (
    lambda line, chance: _at(line, chance, chance.choice([": ", " #", " # ", "#", "'", '"', "\\", "\\(", ", ", "]"])),
    lambda line, chance: _at(line, chance, chance.choice("*&!|>%@`{[-?~<\t\r\u202e\x00\x1b\x93\u2028\ufeff")),
    _without,
    lambda line, chance: re.sub(r": ", chance.choice([": *", ': "', ": '", ":", ": @", ": - ", ": {"]), line, count=1),
    lambda line, _: line.replace("  ", "\t", 1),
    lambda line, _: line.swapcase(),
    lambda line, chance: line.replace("::", chance.choice(["::::", ": :", ":: "])),
    lambda line, chance: " " * chance.randrange(4) + line,
)


def mistyped(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(lines))
        if lines[at]:
            lines[at] = chance.choice(SLIPS)(lines[at], chance)
    return chance.choice(["\n", "\n", "\n", "\r\n", "\r"]).join(lines)


def ids(text: str) -> set[str]:
    return set(re.findall(r"id: *['\"]?([a-z0-9-]{3,64})['\"]?[ \r\n]", text))


def test_whatever_was_mistyped(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """No id and no line without a finding is lost, and a second time nothing is left to do."""
    root = sample.write(tmp_path / "sample")
    texts = {path: path.read_bytes().decode() for path in sorted(root.rglob("*.yaml"))}
    repaired = 0
    for seed in range(3000 if pytestconfig.getoption("--long") else 60):
        chance = random.Random(seed)
        path = chance.choice(list(texts))
        text = mistyped(texts[path], chance)
        path.write_bytes(text.encode())
        before, found = examine(root)
        done = fixed(root)
        repaired += len(done)
        now = path.read_bytes().decode()
        collection, left = examine(root)
        assert fix(root, left, NOW) == [], seed
        if not {p.code for p in left} & {"N108", "N109"}:  # what a register says can be held against notes now
            assert {note.id for note in before.notes} <= {note.id for note in collection.notes}, seed
        assert ids(text) <= ids(now), seed
        assert {p.code for p in left if p.code == "N103"} <= {p.code for p in found}, seed
        if not any(one.code in ("Y103", "S901") or one.after == ("(in LF)",) for one in done):
            lines = zip(text.split("\n"), now.split("\n"), strict=True)
            changed = {n for n, (old, new) in enumerate(lines, 1) if old != new}
            assert changed == {one.line for one in done}, seed
        if not done:
            assert now == text, seed
        assert all((other.read_bytes().decode() == same) for other, same in texts.items() if other != path), seed
        path.write_bytes(texts[path].encode())
    assert repaired > 10


def test_a_sound_file_is_not_written(tmp_path: Path) -> None:
    root = sample.write(tmp_path / "sample")
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    assert fixed(root) == []
    assert before == {path: path.stat().st_mtime_ns for path in root.rglob("*")}
