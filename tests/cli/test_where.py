"""Which collection a command means, and that its closing line names it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import aipm_cards
from tests.cli.conftest import Run
from tests.packages.sample import basic, write

SHIPPED = Path(aipm_cards.__file__).parents[1] / "decks"


def collection(root: Path, notes: int) -> Path:
    """A collection that is known by the number of its notes."""
    text = "format: 1\nname: N\nnamespace: n-cards\n"
    return write(root, {"collection.yaml": text}, **{f"f{n}": basic(f"note-{n}") for n in range(notes)})


def closing(run: Run, *arguments: object) -> str:
    result = run("check", *arguments)
    assert result.code == 0, result.err
    return result.closing


@pytest.fixture
def everywhere(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A collection at each place where one could be meant; the working directory is `above/here`."""
    for notes, name in enumerate(("path", "option", "variable", "above/here", "above", "above/here/decks"), 1):
        collection(nowhere / name, notes)
    monkeypatch.setenv("AIPM_CARDS_COLLECTION", str(nowhere / "variable"))
    monkeypatch.chdir(nowhere / "above/here")
    return nowhere


def test_the_order(run: Run, everywhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = everywhere
    assert (
        closing(run, root / "path", "--collection", root / "option") == f"{root / 'path'}: 1 note, 1 card: no problems"
    )
    assert closing(run, "--collection", root / "option").startswith(f"{root / 'option'}: 2 notes")
    assert closing(run).startswith(f"{root / 'variable'}: 3 notes")
    monkeypatch.setenv("AIPM_CARDS_COLLECTION", "")
    (root / "above/here/decks/collection.yaml").rename(root / "kept.yaml")  # its notes are a part of the other now
    shutil.rmtree(root / "above/here/decks")
    assert closing(run).startswith(".: 4 notes")
    (root / "above/here/collection.yaml").unlink()
    shutil.rmtree(root / "above/here")
    (root / "above/here").mkdir()
    monkeypatch.chdir(root / "above/here")
    assert closing(run).startswith(f"{root / 'above'}: 5 notes")
    (root / "above/collection.yaml").unlink()
    collection(root / "above/here/decks", 6)
    assert closing(run).startswith("decks: 6 notes")
    shutil.rmtree(root / "above/here/decks")
    assert closing(run).startswith(f"{SHIPPED}: ")


def test_a_collection_above_comes_before_decks_here(run: Run, nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collection(nowhere / "x", 1)
    collection(nowhere / "x/y/decks", 2)
    monkeypatch.chdir(nowhere / "x/y")
    assert f"{nowhere / 'x'}: " in run("check").closing


@pytest.mark.parametrize("path", ["path", "path/", "./path", "path/collection.yaml", "path/f0.yaml", "path/sub"])
def test_a_path_in_a_collection(run: Run, nowhere: Path, path: str) -> None:
    collection(nowhere / "path", 1)
    (nowhere / "path/sub").mkdir()
    assert closing(run, path).startswith("path: 1 note, 1 card")


def test_a_path_is_never_replaced_by_another_collection(run: Run, everywhere: Path) -> None:
    (everywhere / "empty").mkdir()
    for arguments in (("check", everywhere / "empty"), ("check", "--collection", everywhere / "empty"),
                      ("build", everywhere / "gone"), ("decks", everywhere / "empty")):  # fmt: skip
        assert run(*arguments).code == 2


def test_a_variable_that_leads_nowhere_is_said(run: Run, nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIPM_CARDS_COLLECTION", str(nowhere / "gone"))
    result = run("check")
    assert result.code == 2
    assert "gone" in result.err


def test_every_command_names_the_collection(run: Run, nowhere: Path) -> None:
    collection(nowhere / "mine", 1)
    assert "mine: " in run("check", "mine").closing
    assert "(mine): " in run("decks", "mine").closing
    assert "from mine;" in run("build", "mine").closing
    assert run("release", "--first", "mine").closing.startswith(f"{Path('mine/release.lock')}: ")
