"""Small collections to hold the rules about style against."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent
from typing import Literal

from aipm_cards.content.examine import examine
from aipm_cards.diagnostics import Diagnostic
from aipm_cards.examples.style import EXAMPLES

TODAY = "2026-11-29"
COLLECTION = """\
format: 1
name: Examples
namespace: examples
style:
  short_forms: [AI]
  confusable: [[precision, recall]]
"""


def write(root: Path, notes: list[str], collection: str = COLLECTION, sourced: bool = True) -> None:
    """Write a collection whose notes are `notes` with ids; all name a source unless told not to."""
    root.mkdir(exist_ok=True)
    (root / "collection.yaml").write_text(collection, encoding="utf-8")
    (root / "sources.yaml").write_text("page:\n  title: A page\n", encoding="utf-8")
    body = "".join(f"  - id: note-{number}\n{indent(note, '    ')}" for number, note in enumerate(notes, 1))
    header = "deck: Examples\n" + ("sources: [page]\n" if sourced else "")
    (root / "deck.yaml").write_text(f"{header}notes:\n{body}", encoding="utf-8")


def write_example(root: Path, code: str, which: Literal["wrong", "right"]) -> None:
    """Write the collection that a rule's example is."""
    write(root, getattr(EXAMPLES[code], which).split("---\n"), sourced=code != "S401")


def findings(root: Path, *notes: str, collection: str = COLLECTION) -> list[Diagnostic]:
    """What is found in a collection of these notes."""
    write(root, list(notes), collection)
    return examine(root, today=TODAY)[1]


def codes(root: Path, *notes: str, collection: str = COLLECTION) -> list[str]:
    """The rules that these notes break."""
    return [problem.code for problem in findings(root, *notes, collection=collection)]
