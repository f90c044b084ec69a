"""One directory per rule, and the report that `aipm-cards check` prints for it.

What breaks a rule about style is its own wrong example; its directory holds the report only.

`pytest --update-cases` writes every `expected.txt` anew; read the difference before committing.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from aipm_cards.cli.check import command
from aipm_cards.cli.findings import as_text
from aipm_cards.content.examine import examine
from aipm_cards.content.load import load
from aipm_cards.diagnostics import RULES, STYLE, Diagnostic
from aipm_cards.release import LOCK
from tests.style.writing import TODAY, write_example

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.name for path in CASES.iterdir() if path.is_dir())

DECK = "deck: Concepts::Evaluation\nnotes:\n  - id: recall-of-a-fraud-queue\n    front: {}\n    back: Its recall.\n"
MEBIBYTE = 1024 * 1024

# Files that are too large for the repository: each is written into the copy of its case.
LARGE: dict[str, tuple[str, Callable[[], str]]] = {
    "D105": ("metrics.yaml", lambda: DECK.format("|\n      " + "recall " * 2857 + "is")),
    "M105": ("media/roc.svg", lambda: "<svg/>" + " " * 4 * MEBIBYTE),
    "Y102": ("metrics.yaml", lambda: DECK.format("Which share is caught?") + "#" * 4 * MEBIBYTE),
}

# A slip in a line of YAML: the hint is the line put right.
CORRECTED = sorted(
    name for name in NAMES if name.startswith(("Y201-", "Y202", "Y203", "Y204", "Y205", "Y206", "Y207", "Y208"))
)
WITHOUT_A_LINE = {
    "Y201-note-off-the-column": "it may be a note or an item of the list above",
    "Y202-several": "some of its mistakes are none of YAML",
}
WRITE, ASIDE = "write: ", "a comment goes on a line of its own; as text, "
INDENT = re.compile(r"(?:replace the tab: )?indent the line with (\d+) spaces, like its neighbours")


def copy(name: str, to: Path) -> Path:
    """The case in a directory where nothing else is, with its large files."""
    root = to / name
    shutil.copytree(CASES / name, root, symlinks=True)
    if name in STYLE:
        write_example(root, name, "wrong")
    if name in LARGE:
        path, content = LARGE[name]
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_bytes(content().encode())
    return root


def report(problems: list[Diagnostic]) -> str:
    """The report as it is printed from inside the collection."""
    lines = []
    for problem in problems:
        path, rest = click.unstyle(as_text(problem, Path())).split(":", 1)
        lines.append(f"{path.replace(os.sep, '/')}:{rest}\n")
    return "".join(lines)


def expected(name: str) -> str:
    # Not read_text: it would take a carriage return for a line end.
    return (CASES / name / "expected.txt").read_bytes().decode("utf-8")


def put_right(root: Path, problems: list[Diagnostic]) -> None:
    """Do what the hints say: write their lines in the place of those complained about."""
    for problem in problems:
        hint = problem.hint.removeprefix(ASIDE)
        spaces = INDENT.fullmatch(hint)
        assert spaces or hint.startswith(WRITE), problem
        path = root / problem.path
        lines = path.read_bytes().decode("utf-8").split("\n")
        line = lines[problem.line - 1]
        indent = line[: len(line) - len(line.lstrip())].replace("\t", "  ")
        lines[problem.line - 1] = indent + hint.removeprefix(WRITE)
        if spaces:
            lines[problem.line - 1] = " " * int(spaces[1]) + line.lstrip()
        path.write_bytes("\n".join(lines).encode("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_report(name: str, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    root = copy(name, tmp_path)
    wants_more = name in STYLE or (root / LOCK).exists()
    found = report(examine(root, today=TODAY)[1] if wants_more else load(root)[1])
    if pytestconfig.getoption("--update-cases"):
        (CASES / name / "expected.txt").write_bytes(found.encode("utf-8"))
    assert found == expected(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_case_is_named_after_a_rule_that_it_breaks(name: str) -> None:
    code = name.partition("-")[0]
    assert code in RULES
    assert f"{RULES[code].severity}[{code}] " in expected(name)


@pytest.mark.parametrize("code", RULES)
def test_every_rule_has_a_case(code: str) -> None:
    assert any(f"[{code}] " in expected(name) for name in NAMES if name.partition("-")[0] == code)


@pytest.mark.parametrize("name", NAMES)
def test_a_case_breaks_one_rule_once(name: str) -> None:
    several = {"Y202-several": 7, "N103-unsound": 2}
    findings = [
        line for line in expected(name).split("\n") if ("]" in line and ": error[" in line) or ": warning[" in line
    ]
    assert len(findings) == several.get(name, 1)


@pytest.mark.parametrize("name", [name for name in CORRECTED if name not in WITHOUT_A_LINE])
def test_the_line_of_the_hint_is_right(name: str, tmp_path: Path) -> None:
    root = copy(name, tmp_path)
    before, problems = load(root)
    assert problems
    put_right(root, problems)
    after, left = load(root)
    assert report(left) == ""
    assert len(after.notes) == max(1, len(before.notes))


def test_a_text_put_right_is_the_text_that_was_meant(tmp_path: Path) -> None:
    for name in CORRECTED:
        if not name.startswith("Y204-") or name in ("Y204-list", *WITHOUT_A_LINE):
            continue
        root = copy(name, tmp_path)
        typed = (root / "metrics.yaml").read_text(encoding="utf-8").split("front: ")[1].split("\n")[0]
        put_right(root, load(root)[1])
        assert load(root)[0].notes[0].text("front") == typed


def test_mistakes_in_several_notes_are_all_reported_and_the_sound_note_is_read(tmp_path: Path) -> None:
    collection, problems = load(copy("Y202-several", tmp_path))
    assert [(problem.line, problem.code) for problem in problems] == [
        (4, "Y202"), (7, "Y204"), (11, "Y207"), (13, "Y203"), (15, "N102"), (19, "Y208"), (24, "D104"),
    ]  # fmt: skip
    assert [note.id for note in collection.notes] == ["a-sound-note"]


@pytest.mark.parametrize("name", ["N105", "Y101-directory", "M107"])
def test_the_command_prints_the_same(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copy(name, tmp_path))
    monkeypatch.delenv("AIPM_CARDS_COLLECTION", raising=False)
    result = CliRunner().invoke(command, [], standalone_mode=False)
    *findings, closing = result.stdout.splitlines()
    assert "\n".join(findings).replace(os.sep, "/") + "\n" == expected(name)
    assert closing.startswith(".: ")
    assert result.return_value == (0 if name == "M107" else 1)
