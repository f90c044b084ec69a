"""A small collection with a note of every kind, and a look into a package."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aipm_cards.content.load import load
from aipm_cards.model import Collection

NOW = 1_750_000_000
PIXEL = '<svg xmlns="http://www.w3.org/2000/svg"><title>pixel</title></svg>\n'

COLLECTION = "format: 1\nname: Sample\nnamespace: sample-cards\nlicense: CC-BY-4.0\nlanguage: en\n"
COLLECTION += "style: {off: [S102, S107, S309, S310, S401, S501]}\n"  # its notes are no models of style
SOURCES = """\
gdpr:
  title: "GDPR & <recitals>"
  publisher: EU
  url: https://eur-lex.europa.eu/eli/reg/2016/679
  evidence: law
book:
  title: A book
"""
CURRICULUM = "T001:\n  title: Metrics\nT002:\n  title: Law\n"
METRICS = """\
deck: Metrics::Basics
description: What a model gets right.
cue: metrics
tags: [evaluation]
notes:
  - id: precision
    topics: [T001]
    tier: 1
    front: |
      What is **precision**? ![a matrix](media/matrix.svg)
    back: The share of alarms that are right.
    why: Each alarm costs *work*.
    example: 80 of 100.
    extra: |
      ```python
      tp / (tp + fp)  # [sound:x.mp3]
      ```
    sources: [book]
  - id: recall
    kind: reversed
    term: recall
    definition: The share of cases that are found. ![a copy](media/copy.svg)
    example: 80 of 120.
  - id: harmonic-mean
    kind: cloze
    context: About *F1*
    text: |
      F1 is the {{c1::harmonic::kind of}} mean of {{c2::precision}} and {{c2::recall}}: \\(\\frac{2pr}{p+r}\\).
    why: It is low if one of them is.
  - id: precision-or-recall
    kind: contrast
    a: precision
    b: recall
    split: Which column of the matrix is divided by.
    rows:
      - [asks, "of the alarms, how many are right", "of the cases, how many are found"]
    case: 5 of 100 alarms were wrong.
    verdict: a
    reason: The alarms are counted.
    why: They cost different people.
"""
NUMBERS = """\
deck: Metrics::Basics
notes:
  - id: precision-of-a-queue
    kind: calculation
    given: 80 of 100 alarms are right.
    ask: "Precision * two decimals"
    formula: "TP / (TP + FP)"
    values: {TP: 80, FP: 20}
    steps: ["TP + FP = 100", "80 / 100"]
    check: TP / (TP + FP)
    answer: 0.80
    unit: "%"
    reading: Four in five.
    slip: Dividing by all cases.
"""
TALK = """\
deck: Talk
notes:
  - id: design-a-queue
    kind: interview
    tier: 3
    cue: queues
    prompt: Design a review queue.
    round: SD
    minutes: 20
    rubric:
      - must: Names the *user*
      - Names a metric
      - Names a cost
      - Names a risk
    pass: 3
    outline: [First, Then]
    mistakes: [Silence]
    follow_ups: [And at night?]
    tests: Structure.
    framework: [Ask, Frame]
  - id: to-block-or-not
    kind: scenario
    level: 3
    situation: A model blocks accounts.
    question: Do you launch?
    stakeholders: [Users, Staff]
    options:
      - {name: Launch, gain: speed, harm: wrong blocks}
      - {name: Wait, gain: trust, harm: fraud}
    recommend: Wait.
    because: Blocks are hard to undo.
    unless: A person looks first.
    rubric:
      - must: Names the blocked
      - Weighs fraud
      - Names a way back
    pass: 2
    principles: [Fairness]
    laws:
      - {jurisdiction: EU, law: GDPR Art. 22, as_of: 2026-01-01}
    sources: [{ref: gdpr, at: "Art. 22(1)"}]
    as_of: 2026-01-01
    review_by: 2030-01-01
    related: [precision]
  - id: gone-by-now
    retired: it was *wrong*
    front: Old?
    back: Old.
"""
FILES = {
    "collection.yaml": COLLECTION,
    "sources.yaml": SOURCES,
    "curriculum.yaml": CURRICULUM,
    "metrics.yaml": METRICS,
    "more/numbers.yaml": NUMBERS,
    "talk.yaml": TALK,
    "media/matrix.svg": PIXEL,
    "media/copy.svg": PIXEL,
}
KINDS_OF = {
    "basic": "precision",
    "reversed": "recall",
    "cloze": "harmonic-mean",
    "contrast": "precision-or-recall",
    "calculation": "precision-of-a-queue",
    "interview": "design-a-queue",
    "scenario": "to-block-or-not",
}


def write(root: Path, files: dict[str, str] = FILES, line_end: str = "\n", **more: str) -> Path:
    """Write the collection below `root`; `more` are deck files by their names."""
    for name, text in {**files, **{f"{name}.yaml": text for name, text in more.items()}}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = text.replace("\n", line_end) if name.endswith(".yaml") else text
        path.write_bytes(data.encode())
    return root


def read(root: Path) -> Collection:
    """The collection at `root`, in which nothing is wrong."""
    collection, problems = load(root)
    assert problems == []
    return collection


def edit(path: Path, old: str, new: str) -> None:
    """Change one place of a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8", newline="")


def basic(note_id: str, front: str = "Why?", back: str = "So.") -> str:
    """A deck file with one note."""
    return f"deck: One\nnotes:\n  - id: {note_id}\n    front: {front}\n    back: {back}\n"


@dataclass
class Package:
    """What lies in a package: rows by column names, decks and note types by name, media."""

    notes: list[dict[str, Any]]
    cards: list[dict[str, Any]]
    col: dict[str, Any]
    media: dict[str, str]
    files: dict[str, bytes]

    @property
    def types(self) -> dict[str, Any]:
        """The note types, by id."""
        return {int(key): value for key, value in json.loads(self.col["models"]).items()}

    @property
    def decks(self) -> dict[int, Any]:
        """The decks, by id."""
        return {int(key): value for key, value in json.loads(self.col["decks"]).items()}

    def note(self, note_id: str) -> dict[str, Any]:
        """The row of a note."""
        (row,) = (row for row in self.notes if row["guid"].endswith(f":{note_id}"))
        return row

    def fields(self, note_id: str) -> dict[str, str]:
        """The fields of a note, by name."""
        row = self.note(note_id)
        names = [field["name"] for field in self.types[row["mid"]]["flds"]]
        return dict(zip(names, row["flds"].split("\x1f"), strict=True))

    def cards_of(self, note_id: str) -> list[dict[str, Any]]:
        """The rows of a note's cards."""
        row = self.note(note_id)["id"]
        return sorted((card for card in self.cards if card["nid"] == row), key=lambda card: int(card["ord"]))


def opened(path: Path) -> Package:
    """Read a package."""
    with zipfile.ZipFile(path) as package:
        files = {name: package.read(name) for name in package.namelist()}
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(files["collection.anki2"])
        database.row_factory = sqlite3.Row
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        rows = {table: [dict(row) for row in database.execute(f"SELECT * FROM {table} ORDER BY id")]
                for table in ("notes", "cards", "col")}  # fmt: skip
    return Package(rows["notes"], rows["cards"], rows["col"][0], json.loads(files["media"]), files)
