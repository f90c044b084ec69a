"""The pages say what the program does: their tables are made from its tables.

`python -m tests.test_docs` writes the tables anew.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from aipm_cards.cli.main import COMMANDS
from aipm_cards.diagnostics import rules_table
from aipm_cards.examples.style import examples_table
from aipm_cards.kinds import KINDS

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"


def kinds_table() -> str:
    lines = ["| kind | key | required | form | what it is |", "|---|---|---|---|---|"]
    for kind in KINDS.values():
        for key in kind.keys:
            form = key.form.name.lower().replace("_", " ")
            allowed = f" One of {', '.join(key.choices)}." if key.choices else ""
            required = "yes" if key.required else ""
            lines.append(f"| {kind.name} | `{key.name}` | {required} | {form} | {key.help}{allowed} |")
    return "\n".join(lines)


TABLES = {"kinds": kinds_table, "rules": rules_table, "examples": examples_table}


def between(name: str, text: str) -> str:
    match = re.search(rf"<!-- {name} -->\n(.*?)<!-- end -->", text, re.DOTALL)
    assert match
    return match[1]


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_those_of_the_program(name: str) -> None:
    assert between(name, CONTRIBUTING.read_text(encoding="utf-8")) == TABLES[name]() + "\n"


def test_readme_names_every_command_in_their_order() -> None:
    listed = re.findall(r"^\| `aipm-cards (\w+).*` \| (.*) \|$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == list(COMMANDS.items())


def test_readme_names_every_type_of_json() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "aipm_cards" / "cli").glob("*.py"))
    said = set(re.findall(r'head\(opened, "(\w+)"\)|"type": "(\w+)"', sources))
    (listed,) = re.findall(r"`type` \((.*?) with `code`", README.read_text(encoding="utf-8"), re.DOTALL)
    assert set(re.findall(r"`(\w+)`", listed)) == {one or other for one, other in said}


def test_readme_begins_with_the_two_commands() -> None:
    first, second, *_ = re.findall(r"```sh\n(.*?)\n```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert first.startswith("python3 -m venv .venv && ")
    assert first.endswith("aipm-cards build")
    assert second.endswith("pytest")


def test_pictures_are_there_and_described() -> None:
    pictures = re.findall(r"!\[([^\]]+)\]\((\.github/images/[^)]+)\)", README.read_text(encoding="utf-8"))
    assert len(pictures) >= 4
    for words, path in pictures:
        assert len(words) > 20
        assert (ROOT / path).read_bytes().startswith(b"\x89PNG")


def test_the_example_of_the_library_runs(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    example = example.replace('"decks"', repr(str(ROOT / "decks")))
    done = subprocess.run([sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=True)
    built, *reviewed = done.stdout.splitlines()
    assert re.fullmatch(r"\d+ notes, \d+ cards", built)
    assert len(reviewed) == 3
    assert all("'GOOD': 0" in line for line in reviewed)  # a learning step
    assert (tmp_path / "cards.apkg").stat().st_size > 100_000


def test_the_deck_of_the_readme_is_sound(tmp_path: Path) -> None:
    collection, deck, *_ = re.findall(r"```yaml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "collection.yaml").write_text(collection, encoding="utf-8")
    (tmp_path / "deck.yaml").write_text(deck, encoding="utf-8")
    (tmp_path / "sources.yaml").write_text("mlcc-precision-recall:\n  title: A page\n", encoding="utf-8")
    command = [sys.executable, "-m", "aipm_cards", "check", "--strict", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


if __name__ == "__main__":
    page = CONTRIBUTING.read_text(encoding="utf-8")
    for name, table in TABLES.items():
        before, start, rest = page.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        page = f"{before}{start}{table()}\n{end}{after}"
    CONTRIBUTING.write_text(page, encoding="utf-8")
