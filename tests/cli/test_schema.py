"""`aipm-cards schema`: to the terminal, to a file, to a directory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from aipm_cards.schema.files import SCHEMAS, schema_text
from tests.cli.conftest import Run


@pytest.mark.parametrize("name", SCHEMAS)
def test_it_prints_a_schema(run: Run, name: str) -> None:
    result = run("schema", name)
    assert (result.code, result.err) == (0, "")
    assert result.out == schema_text(name)
    assert json.loads(result.out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_that_of_deck_files_without_a_name(run: Run) -> None:
    assert run("schema").out == schema_text("deck")


def test_a_file(run: Run, nowhere: Path) -> None:
    (nowhere / "x.json").write_text("old", encoding="utf-8")
    result = run("schema", "sources", "-o", "x.json")
    assert (result.code, result.out, result.err) == (0, "x.json\n", "")
    assert (nowhere / "x.json").read_bytes() == schema_text("sources").encode()


def test_a_directory(run: Run, nowhere: Path) -> None:
    result = run("schema", "--dir", "deep/er")
    assert (result.code, result.err) == (0, "")
    assert {path.name: path.read_text(encoding="utf-8") for path in (nowhere / "deep/er").iterdir()} == {
        f"{name}.json": schema_text(name) for name in SCHEMAS
    }
    assert run("schema", "curriculum", "--dir", "one").code == 0
    assert [path.name for path in (nowhere / "one").iterdir()] == ["curriculum.json"]


def test_what_it_cannot_write(run: Run, nowhere: Path) -> None:
    (nowhere / "taken").write_text("mine", encoding="utf-8")
    for arguments in (("--dir", "taken"), ("-o", "none/x.json"), ("-o", "x", "--dir", "y"), ("notes",)):
        result = run("schema", *arguments)
        assert (result.code, result.out) == (2, "")
        assert result.err
    assert [path.name for path in nowhere.iterdir()] == ["taken"]


def test_it_reads_no_yaml() -> None:
    code = "import sys, aipm_cards.cli.schema as s; s.command(['deck'], standalone_mode=False)"
    code += "; sys.exit('yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
