"""Where the notes of a deck file begin, told by its lines alone: also of notes that cannot be read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_NOTES = re.compile(r"(['\"]?)notes\1[ \t]*:[ \t]*(?:#.*)?")
_ITEM = re.compile(r"( *)-(?: |$)")
_KEY = re.compile(r"[A-Za-z_'\"]")


class Outline(NamedTuple):
    """The first line (from 1) of each note, and the first line after them all."""

    firsts: tuple[int, ...]
    end: int


def outline(lines: Sequence[str]) -> Outline:
    """The outline of a deck file; no first lines if its notes are no list of one item a line."""
    firsts: list[int] = []
    indent = ""
    start = next((number for number, line in enumerate(lines, 1) if _NOTES.fullmatch(line)), len(lines))
    for number in range(start + 1, len(lines) + 1):
        line = lines[number - 1]
        item = _ITEM.match(line)
        if item and not firsts:
            indent = item[1]
        if item and item[1] == indent:
            firsts.append(number)
        elif firsts and _KEY.match(line):
            return Outline(tuple(firsts), number)
    return Outline(tuple(firsts), len(lines) + 1)
