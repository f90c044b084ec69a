"""`aipm-cards format`: what it writes, what it leaves alone, how it ends."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from aipm_cards.content.layout import files
from tests.cli.conftest import Run

COLLECTION = "format: 1\nname: Own\nnamespace: own-cards\n"
UNTIDY = """\
deck: "One"

notes:
    - front: "What: now?"
      id: first-note   # permanent
      back: 'Go'
"""
TIDY = """\
deck: One
notes:
  - id: first-note # permanent
    front: |
      What: now?
    back: Go
"""


@pytest.fixture
def cards(nowhere: Path) -> Path:
    """A collection of a tidy file, an untidy one and one that is not YAML."""
    root = nowhere / "cards"
    (root / "more").mkdir(parents=True)
    (root / "collection.yaml").write_text(COLLECTION)
    (root / "tidy.yaml").write_text(TIDY)
    (root / "more/untidy.yaml").write_text(UNTIDY.replace("first", "second"))
    return root


def test_writes_and_is_done(run: Run, cards: Path) -> None:
    result = run("format", "cards")
    assert (result.code, result.out) == (0, "1 file of 3 changed\n")
    assert (cards / "more/untidy.yaml").read_text() == TIDY.replace("first", "second")
    assert run("format", "cards").out == "0 files of 3 changed\n"


def test_check_writes_nothing(run: Run, cards: Path) -> None:
    before = (cards / "more/untidy.yaml").read_bytes()
    result = run("format", "--check", "cards")
    assert result.code == 1
    assert result.out == "cards/more/untidy.yaml:1: would be laid out otherwise\n1 file of 3 would change\n".replace(
        "cards/more/untidy.yaml", os.path.normpath("cards/more/untidy.yaml")
    )
    assert (cards / "more/untidy.yaml").read_bytes() == before
    assert run("format", "--check", "cards/tidy.yaml").code == 0


def test_diff_writes_nothing(run: Run, cards: Path) -> None:
    before = (cards / "more/untidy.yaml").read_bytes()
    result = run("format", "--diff", "cards")
    assert result.code == 0
    assert '-deck: "One"\n+deck: One\n' in result.out
    assert (cards / "more/untidy.yaml").read_bytes() == before
    assert run("format", "--diff", "--check", "cards").code == 1


def test_several_paths(run: Run, cards: Path) -> None:
    (cards / "notes.txt").write_text("no source")
    (cards / "_draft.yaml").write_text(UNTIDY)
    result = run("format", "cards/collection.yaml", "cards/more", "cards/notes.txt", "cards/_draft.yaml")
    assert (result.code, result.out) == (0, "1 file of 2 changed\n")
    assert result.err.count("no source of a collection; passed over") == 2
    assert (cards / "_draft.yaml").read_text() == UNTIDY


def test_two_collections(run: Run, cards: Path, nowhere: Path) -> None:
    other = nowhere / "other"
    other.mkdir()
    (other / "collection.yaml").write_text(COLLECTION)
    (other / "deck.yaml").write_text(UNTIDY)
    assert run("format", "cards", "other/deck.yaml").out == "2 files of 4 changed\n"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("front: a: b", "Y202"),
        ("front: cut # here", "Y207"),
        ("front: &a text", "Y301"),
        ("front: !!str text", "Y303"),
        ("\tfront: text", "Y206"),
        ("id: again", "Y304"),
        ("front: '\x07'", "Y104"),
        ("? 'two\n\n      lines'\n    : x", "Y307"),
    ],
)
def test_what_is_not_sound_stays(run: Run, cards: Path, line: str, code: str) -> None:
    bad = f'deck: One\nnotes:\n  - id: bad-note\n    {line}\n    back: "x"\n'
    (cards / "bad.yaml").write_text(bad)
    for options, out in (((), "1 file of 4 changed"), (("--check",), "0 files of 4 would change")):
        result = run("format", *options, "cards")
        assert result.code == 1
        assert f"error[{code}]" in result.out
        assert result.closing == out
    assert (cards / "bad.yaml").read_text() == bad


def test_other_errors_do_not_matter(run: Run, cards: Path) -> None:
    (cards / "more/untidy.yaml").write_text("deck: One\nnotes:\n  - zzz: \"1\"\n    aaa: 'x'\n    kind: cloze\n")
    assert run("format", "cards").code == 0
    assert (cards / "more/untidy.yaml").read_text() == "deck: One\nnotes:\n  - kind: cloze\n    zzz: '1'\n    aaa: x\n"


def test_line_ends_stay_and_a_mark_goes(run: Run, cards: Path) -> None:
    file = cards / "more/untidy.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + UNTIDY.replace("\n", "\r\n").encode())
    assert run("format", "cards").code == 0
    assert file.read_bytes() == TIDY.replace("\n", "\r\n").encode()
    file.write_bytes(b"\xef\xbb\xbf" + TIDY.encode())
    assert run("format", "--check", "cards").code == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_permissions_stay(run: Run, cards: Path) -> None:
    file = cards / "more/untidy.yaml"
    file.chmod(0o640)
    assert run("format", "cards").code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_file_that_may_not_be_written_stops_no_other(run: Run, cards: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "z"):
        (cards / f"{name}.yaml").write_text(UNTIDY.replace("first", name * 3))
    untidy = cards / "more/untidy.yaml"
    before = untidy.read_bytes()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "untidy.yaml")
    result = run("format", "cards")
    assert result.code == 2
    assert result.out == "2 files of 5 changed\n"
    assert result.err == f"aipm-cards: {os.path.normpath('cards/more/untidy.yaml')} may not be written\n"
    assert untidy.read_bytes() == before
    assert (cards / "z.yaml").read_text() == TIDY.replace("first", "zzz")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows makes links for administrators only")
def test_a_link_inside_stays_a_link(run: Run, cards: Path) -> None:
    link = cards / "a-link.yaml"
    link.symlink_to("more/untidy.yaml")
    assert run("format", link).out == "1 file of 1 changed\n"
    assert link.is_symlink()
    assert link.read_text() == TIDY.replace("first", "second")


def test_a_link_that_leaves_is_not_followed(run: Run, cards: Path, nowhere: Path) -> None:
    outside = nowhere / "outside.yaml"
    outside.write_text(UNTIDY)
    try:
        (cards / "link.yaml").symlink_to(outside)
    except OSError:
        pytest.skip("this system lets nobody make links")
    result = run("format", "cards")
    assert result.code == 1
    assert "error[Y101]" in result.out
    assert outside.read_text() == UNTIDY


def test_nothing_there(run: Run, nowhere: Path) -> None:
    assert run("format", "no-such-file.yaml").code == 2


def test_a_failed_proof_is_a_bug(run: Run, cards: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A layout that lost a text is not written, and said; the other files are laid out."""
    (cards / "other.yaml").write_text(UNTIDY.replace("first", "third"))
    right = files.lay_out

    def lossy(tree: files.Block, path: str) -> str:
        return right(tree, path).replace("second", "fourth")

    monkeypatch.setattr(files, "lay_out", lossy)
    before = (cards / "more/untidy.yaml").read_bytes()
    result = run("format", "cards")
    assert result.code == 3
    assert "untidy.yaml: its values would change" in result.err
    assert "this is a bug" in result.err
    assert (cards / "more/untidy.yaml").read_bytes() == before
    assert result.out == "1 file of 4 changed\n"
