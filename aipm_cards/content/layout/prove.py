"""What has to be equal before and after: every value, every comment, every note."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aipm_cards.content.layout.words import stays_plain, text_of
from aipm_cards.content.reader import Mapping, Node, Scalar, Sequence
from aipm_cards.diagnostics import FILE_START
from aipm_cards.model import Note


def same(one: Node, other: Node) -> bool:
    """Whether two nodes have the same values, apart from the order of keys."""
    if isinstance(one, Scalar):
        return isinstance(other, Scalar) and _text(one) == _text(other)
    if isinstance(one, Sequence):
        if not isinstance(other, Sequence) or len(one.items) != len(other.items):
            return False
        return all(same(a, b) for a, b in zip(one.items, other.items, strict=True))
    if not isinstance(one, Mapping) or not isinstance(other, Mapping) or one.entries.keys() != other.entries.keys():
        return False
    pairs = ((entry, other.entries[name]) for name, entry in one.entries.items())
    return all(_text(a[0]) == _text(b[0]) and same(a[1], b[1]) for a, b in pairs)


def _text(node: Scalar) -> tuple[str, bool]:
    """A text, and whether other readers may take it for something else."""
    return text_of(node), stays_plain(node)


def comments_in(node: Node, lines: list[str]) -> list[str]:
    """The comments in the text of a node, sorted: all that begins with `#` outside of scalars.

    Another way than that of `tree`, so that what one of them overlooks shows.
    """
    inside: dict[int, list[tuple[int, int]]] = {}
    for text in _scalars(node):
        for number in range(text.line, min(text.end_line + 1, len(lines))):
            start = text.column if number == text.line else 0
            end = text.end.column if number == text.end_line else len(lines[number])
            if number == text.line and text.style and text.style in "|>":
                end = text.column + 1  # a comment may stand behind the sign
            inside.setdefault(number, []).append((start, end))
    found = []
    for number, line in enumerate(lines):
        ends = inside.get(number, [])
        signs = (at for at, sign in enumerate(line) if sign == "#")
        first = next((at for at in signs if not any(start <= at < end for start, end in ends)), None)
        if first is not None:
            found.append(line[first:].rstrip())
    return sorted(found)


def _scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _scalars(item)
    elif isinstance(node, Mapping):
        for key, value in node.entries.values():
            yield key
            yield from _scalars(value)


def without_places(notes: list[Note]) -> list[Note]:
    """Notes as they are wherever they stand."""
    return [replace(note, place=FILE_START, places={}) for note in notes]
