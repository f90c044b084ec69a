"""What differs between two texts: the words that went and those that came."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal, NamedTuple

MAX_WORDS = 4000  # comparing takes the square of it


class Piece(NamedTuple):
    """Some words in a row, and whether they stayed, went or came."""

    how: Literal["stayed", "went", "came"]
    words: str


def are_too_long(before: str, after: str) -> bool:
    """Whether two texts have too many words to be compared one by one."""
    return len(before.split()) + len(after.split()) > MAX_WORDS


def differing(before: str, after: str) -> list[list[Piece]]:
    """The lines of two texts, those that stayed too, each as its pieces in order."""
    old, new = before.split("\n"), after.split("\n")
    found = []
    for _, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        found += [_line(*pair) for pair in zip_longest(old[i:j], new[k:m], fillvalue="")]
    return found


def _line(before: str, after: str) -> list[Piece]:
    old, new = before.split(), after.split()
    pieces = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("stayed", " ".join(old[i:j])))
        if j > i and tag != "equal":
            pieces.append(Piece("went", " ".join(old[i:j])))
        if m > k and tag != "equal":
            pieces.append(Piece("came", " ".join(new[k:m])))
    return pieces
