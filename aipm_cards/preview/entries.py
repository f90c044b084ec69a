"""What the preview lists: every note at its place, sound or not, and what is wrong with files."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath

from aipm_cards.characters import one_line
from aipm_cards.content.live import Examined
from aipm_cards.content.outline import outline
from aipm_cards.diagnostics import Diagnostic, line_column
from aipm_cards.model import Note

_ID = re.compile(r"^ *(?:- +)?id: *['\"]?([a-z0-9-]{3,64})\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A note with its source and findings. `note` is None for one that was left out because of
    an error, and for the findings about a file as a whole, which have no `source` either.

    `key` is the note's id, or its place where it has none of its own.
    """

    key: str
    path: str
    line: int
    source: str = ""
    findings: tuple[Diagnostic, ...] = ()
    note: Note | None = None


def entries(examined: Examined, below: str = "") -> list[Entry]:
    """All entries in the order of files and places; `below` is a file or directory to stay in."""
    notes: dict[str, dict[int, list[Note]]] = defaultdict(lambda: defaultdict(list))
    problems: dict[str, list[Diagnostic]] = defaultdict(list)
    for note in examined.collection.notes:
        notes[note.path][line_column(note.place)[0]].append(note)
    for problem in examined.problems:
        problems[problem.path].append(problem)
    found: list[Entry] = []
    taken: set[str] = set()
    for path in sorted(examined.lines.keys() | problems.keys()):
        if not below or PurePosixPath(path).is_relative_to(below):
            found += _of_file(path, examined.lines.get(path, ()), notes[path], problems[path], taken)
    return found


def _of_file(
    path: str, lines: Sequence[str], notes: Mapping[int, list[Note]], problems: Sequence[Diagnostic], taken: set[str]
) -> Iterator[Entry]:
    """A file's entries: first what is wrong with the file itself, then its notes."""
    firsts, end = outline(lines)
    starts = sorted({*firsts, *notes})
    inside: dict[int, list[Diagnostic]] = defaultdict(list)
    for problem in problems:
        at = bisect_right(starts, problem.line) if problem.line < end else 0
        inside[starts[at - 1] if at else 0].append(problem)
    if inside[0]:
        yield Entry(_key("", path, 1, taken), path, inside[0][0].line, "", tuple(inside[0]))
    for start, following in pairwise([*starts, end]):
        source = "\n".join(lines[start - 1 : following - 1]).rstrip()
        found = tuple(inside[start])
        mine: list[Note | None] = [*notes.get(start, ())] or [None]
        for note in mine:  # several may stand in one line: [{…}, {…}]
            key = _key(note.id if note else id_in(source), path, start, taken)
            yield Entry(key, path, start, source, found, note)
            found = ()


def id_in(source: str) -> str:
    """The id of a note that could not be read, from its text; empty if there is none."""
    match = _ID.search(source)
    return match[1] if match else ""


def _key(note_id: str, path: str, line: int, taken: set[str]) -> str:
    """The id of the note, or its place where another note has taken it."""
    key = at = one_line(f"{path}:{line}")
    if note_id and note_id not in taken:
        key = note_id
    number = 1
    while key in taken:  # names that look alike once they are safe to show, or notes in one line
        number += 1
        key = f"{at}:{number}"
    taken.add(key)
    return key
