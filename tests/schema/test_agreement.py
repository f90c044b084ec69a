"""What `check` takes, the schemas take; and they see what is wrong in structure."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from aipm_cards.content.load import load
from aipm_cards.schema.files import SCHEMAS
from tests.packages.sample import write
from tests.schema.reading import as_values, complaints, schema_of
from tests.test_cases import NAMES, copy

DECKS = Path(__file__).parents[2] / "decks"
SOURCES = sorted(DECKS.rglob("*.yaml"))

STRUCTURE = ("D101", "D102", "D103", "D104", "D106", "D201", "D202", "N101", "N102", "N104", "N105", "N106", "N401",
             "N501", "N502")  # fmt: skip
CASES_OF_STRUCTURE = [name for name in NAMES if name.startswith(STRUCTURE)]


def refusals(root: Path) -> list[str]:
    """What the schemas say against the files of a collection."""
    said = []
    for path in sorted(root.rglob("*.y*ml")):
        said += complaints(as_values(path.read_text(encoding="utf-8-sig")), schema_of(path))
    return said


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name]())


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(DECKS)) for path in SOURCES])
def test_our_sources_follow_them(path: Path) -> None:
    assert complaints(as_values(path.read_text(encoding="utf-8")), schema_of(path)) == []


def test_so_does_a_note_of_every_kind(tmp_path: Path) -> None:
    write(tmp_path)
    assert refusals(tmp_path) == []


@pytest.mark.parametrize("name", CASES_OF_STRUCTURE)
def test_mistakes_in_structure_are_seen(name: str, tmp_path: Path) -> None:
    assert refusals(copy(name, tmp_path)) != []


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith(("Y", *STRUCTURE))])
def test_what_is_no_mistake_in_structure_is_none_to_them_or_to_check_either(name: str, tmp_path: Path) -> None:
    root = copy(name, tmp_path)
    if not any(problem.severity == "error" for problem in load(root)[1]):
        assert refusals(root) == []
