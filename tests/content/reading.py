"""Reads deck files from memory, as the tests here need it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from aipm_cards.content.files import Findings, decode
from aipm_cards.content.media import MediaStore
from aipm_cards.content.notes import read_deck_file
from aipm_cards.content.reader import Mapping, Node, Scalar, Sequence, read
from aipm_cards.content.registry import Registry
from aipm_cards.diagnostics import Place, line_column
from aipm_cards.model import Note, Source, Topic

HEADER = "deck: Concepts::Evaluation\n"


def node_of(text: str, findings: Findings | None = None) -> Node:
    """The YAML node in a text; without findings of one's own, there must be none."""
    own = findings or Findings("metrics.yaml")
    content = decode(text.encode(), own)
    assert content is not None
    node = read(content, own)
    assert node is not None
    assert findings is not None or not own.found
    return node


def scalar(text: str, key: str = "front") -> Scalar:
    """The scalar under a key of a mapping."""
    node = node_of(text)
    assert isinstance(node, Mapping)
    value = node.entries[key][1]
    assert isinstance(value, Scalar)
    return value


def item(node: Node, *path: str | int) -> Node:
    """What lies at a path of keys and indices."""
    for step in path:
        if isinstance(step, str):
            assert isinstance(node, Mapping)
            node = node.entries[step][1]
        else:
            assert isinstance(node, Sequence)
            node = node.items[step]
    return node


@dataclass
class Deck:
    """A deck file that was read: its sound notes, the ids of all notes, and what is wrong."""

    findings: Findings
    notes: list[Note] = field(default_factory=list)
    ids: list[tuple[str, Place]] = field(default_factory=list)


def deck(content: str | bytes, sources: tuple[str, ...] = (), topics: tuple[str, ...] = ()) -> Deck:
    """A deck file that was read, sound or not."""
    registry = Registry(MediaStore(Path("there-is-no-such-directory")))
    registry.sources = {key: Source(key, key) for key in sources}
    registry.topics = {key: Topic(key, key) for key in topics}
    findings = Findings("metrics.yaml")
    text = decode(content if isinstance(content, bytes) else content.encode(), findings)
    if text is None:
        return Deck(findings)
    file, notes = read_deck_file("metrics.yaml", text, findings, registry)
    return Deck(findings, notes, file.ids)


def note(body: str, header: str = HEADER, **known: tuple[str, ...]) -> Note:
    """The one note in `body`, which is sound."""
    file = deck(f"{header}notes:\n{body}", **known)
    assert file.findings.found == []
    (found,) = file.notes
    return found


def basic(*lines: str, note_id: str = "recall-of-a-fraud-queue") -> str:
    """A basic note with more lines."""
    start = (f"id: {note_id}", "front: Of what is recall the share?", "back: Of the fraud.")
    return "  - " + "\n    ".join(start + lines) + "\n"


def found(content: str | bytes, **known: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """Rule, line and column of each finding in a deck file, in their order."""
    problems = deck(content, **known).findings.found
    return [(problem.code, problem.line, problem.column) for problem in sorted(problems, key=lambda p: p.order)]


def places(nodes: list[Node]) -> list[tuple[int, int]]:
    """Line and column of each node, from 1."""
    return [line_column(node.place) for node in nodes]
