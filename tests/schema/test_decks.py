"""The schemas that lie beside our decks, and the lines by which editors find them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aipm_cards.content.files import deck_files
from aipm_cards.content.load import fingerprint
from aipm_cards.schema.files import DIRECTORY, SCHEMAS, modeline, schema_text
from tests.packages.sample import write
from tests.schema.test_agreement import DECKS, SOURCES


def test_they_are_those_that_the_program_writes() -> None:
    """`aipm-cards schema --dir decks/schema` writes them anew."""
    found = {path.name: path.read_text(encoding="utf-8") for path in (DECKS / DIRECTORY).iterdir()}
    assert found == {f"{name}.json": schema_text(name) for name in SCHEMAS}


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(DECKS)) for path in SOURCES])
def test_a_source_begins_with_the_line_that_names_its_schema(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith(modeline(path.relative_to(DECKS).as_posix()))


@pytest.mark.parametrize(
    ("path", "schema"),
    [("collection.yaml", "schema/collection.json"), ("sources.yaml", "schema/sources.json"),
     ("curriculum.yaml", "schema/curriculum.json"), ("deck.yaml", "schema/deck.json"), ("x.yml", "schema/deck.json"),
     ("sources.yml", "schema/deck.json"), ("a/sources.yaml", "../schema/deck.json"),
     ("a/b/c.yaml", "../../schema/deck.json")],
)  # fmt: skip
def test_the_line_leads_to_the_schema(path: str, schema: str) -> None:
    assert modeline(path) == f"# yaml-language-server: $schema={schema}\n"


def test_to_the_program_they_are_no_sources(tmp_path: Path) -> None:
    write(tmp_path)
    files, before = deck_files(tmp_path, []), fingerprint(tmp_path)
    shutil.copytree(DECKS / DIRECTORY, tmp_path / DIRECTORY)
    assert (deck_files(tmp_path, []), fingerprint(tmp_path)) == (files, before)
