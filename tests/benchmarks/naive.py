"""What a user would write today: PyYAML's C loader, markdown-it-py, genanki. No checks.

python tests/benchmarks/naive.py COLLECTION OUTPUT     the whole way
python tests/benchmarks/naive.py COLLECTION            only the loader
python tests/benchmarks/naive.py --rows PACKAGE OUTPUT plain executemany of finished rows
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import yaml


def load(root: Path) -> list[dict[str, Any]]:
    return [yaml.load(path.read_text(), yaml.CSafeLoader) for path in sorted(root.glob("deck-*.yaml"))]


def build(root: Path, output: Path) -> None:
    import genanki
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark").enable("table")
    names = ["Front", "Back", "More", "Example", "Sources"]
    fields = [{"name": name} for name in names]
    back = "{{FrontSide}}<hr>{{Back}}{{More}}{{Example}}{{Sources}}"
    basic = genanki.Model(1, "Basic", fields, [{"name": "Card", "qfmt": "{{Front}}", "afmt": back}])
    both = [{"name": "Card 1", "qfmt": "{{Front}}", "afmt": back}, {"name": "Card 2", "qfmt": "{{Back}}", "afmt": back}]
    pair = genanki.Model(2, "Pair", fields, both)
    gap = [{"name": "Cloze", "qfmt": "{{cloze:Front}}", "afmt": "{{cloze:Front}}{{More}}"}]
    cloze = genanki.Model(3, "Cloze", fields, gap, model_type=genanki.Model.CLOZE)
    keys = {
        "basic": (basic, "front", "back", "why", "example"),
        "reversed": (pair, "term", "definition", "why", "example"),
        "cloze": (cloze, "text", "context", "why", "example"),
        "contrast": (pair, "split", "case", "reason", "why"),
        "calculation": (basic, "given", "answer", "reading", "slip"),
    }
    decks: dict[str, Any] = {}
    for file in load(root):
        name = file["deck"]
        deck = decks.setdefault(name, genanki.Deck(abs(hash(name)) % 2**31, name))
        for note in file["notes"]:
            model, *wanted = keys[note.get("kind", "basic")]
            values = [markdown.render(str(note.get(key, ""))) for key in wanted]
            sources = ", ".join(str(source) for source in note["sources"])
            deck.add_note(genanki.Note(model, [*values, sources], tags=file["tags"], guid=note["id"]))
    genanki.Package(list(decks.values())).write_to_file(output)


def rows(package: Path, output: Path) -> None:
    from genanki.apkg_col import APKG_COL
    from genanki.apkg_schema import APKG_SCHEMA

    with tempfile.TemporaryDirectory() as directory:
        zipfile.ZipFile(package).extract("collection.anki2", directory)
        source = sqlite3.connect(Path(directory) / "collection.anki2")
        notes = source.execute("SELECT * FROM notes").fetchall()
        cards = source.execute("SELECT * FROM cards").fetchall()
        target = sqlite3.connect(Path(directory) / "copy")
        target.executescript(APKG_SCHEMA + APKG_COL)
        target.executemany(f"INSERT INTO notes VALUES ({','.join('?' * 11)})", notes)
        target.executemany(f"INSERT INTO cards VALUES ({','.join('?' * 18)})", cards)
        target.commit()
        with zipfile.ZipFile(output, "w") as file:
            file.write(Path(directory) / "copy", "collection.anki2")


if __name__ == "__main__":
    if sys.argv[1] == "--rows":
        rows(Path(sys.argv[2]), Path(sys.argv[3]))
    elif len(sys.argv) > 2:
        build(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        load(Path(sys.argv[1]))
