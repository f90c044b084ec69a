"""The parts of a formula in one line: what each is to its neighbours, and where blanks go."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import NamedTuple

from aipm_cards.terminal.symbols import BIG_SIGNS, NOT_SPACED, ONE, OPERATORS, SIGNS


class Kind(Enum):
    """What a part of a line is to its neighbours."""

    ATOM = auto()  # a letter, a number
    WORD = auto()  # a command by its name: apart from letters beside it
    TEXT = auto()  # upright words, with their own blanks
    NAME = auto()  # a function: apart from what it is of, unless that is in parentheses
    BIG = auto()  # a sum: always apart
    FRACTION = auto()
    SCRIPT = auto()
    OPERATOR = auto()  # between blanks, unless it is a sign
    SLASH = auto()
    COMMA = auto()
    OPEN = auto()
    CLOSE = auto()
    SPACE = auto()
    LINE = auto()


class Piece(NamedTuple):
    """A part of the line: what it says, and what it is to its neighbours."""

    text: str
    kind: Kind


_POWER = re.compile(r"\w+\^(?:\w+|\([^()]*\))")


def held(said: str, powers: bool = False) -> str:
    """A part of a fraction, in parentheses if it is more than one thing."""
    if ONE.fullmatch(said) or (powers and _POWER.fullmatch(said)) or (said.isalnum()):
        return said
    return f"({said})"


def kind_of_symbol(text: str) -> Kind:
    """What the text of a command is to its neighbours."""
    if text in BIG_SIGNS:
        return Kind.BIG
    if text in OPERATORS:
        return Kind.OPERATOR
    if len(text) != 1 or text in NOT_SPACED:
        return Kind.ATOM
    kind = unicodedata.category(text)
    return {"Sm": Kind.OPERATOR, "Ps": Kind.OPEN, "Pe": Kind.CLOSE}.get(kind, Kind.ATOM)


_CHAR_KINDS = {"/": Kind.SLASH, ",": Kind.COMMA, ";": Kind.COMMA, "(": Kind.OPEN, "[": Kind.OPEN}


def kind_of_char(text: str) -> Kind:
    """What typed characters are to their neighbours."""
    if text == "|":  # it opens or closes, and nobody can tell which
        return Kind.ATOM
    return _CHAR_KINDS.get(text) or kind_of_symbol(text)


# --- one line of pieces ----------------------------------------------------------------------

_BEFORE_A_SIGN = frozenset({Kind.OPERATOR, Kind.OPEN, Kind.COMMA, Kind.SLASH, Kind.LINE})
_FACTORS = frozenset({Kind.ATOM, Kind.WORD, Kind.NAME, Kind.BIG, Kind.FRACTION, Kind.OPEN, Kind.SCRIPT})
_BESIDE = _FACTORS - {Kind.OPEN} | {Kind.CLOSE, Kind.TEXT}  # what a name keeps apart from


def joined(pieces: Sequence[Piece]) -> str:
    """Pieces in a line, with the blanks that a formula needs."""
    line = ""
    before = Piece("", Kind.OPEN)  # the last that is neither a blank nor a script
    seen = [piece for piece in pieces if piece.kind is not Kind.SPACE]
    at = 0
    for piece in pieces:
        if piece.kind is Kind.SPACE:
            line += "" if before.kind is Kind.OPEN or line.endswith(" ") else " "
            continue
        at += 1
        after = seen[at] if at < len(seen) else Piece("", Kind.CLOSE)
        line = _JOIN.get(piece.kind, _join_atom)(line, before, piece, after)
        if piece.kind is not Kind.SCRIPT:
            before = piece
    return "\n".join(re.sub(" {2,}", " ", row).strip() for row in line.split("\n"))


def _join_operator(line: str, before: Piece, piece: Piece, after: Piece) -> str:
    if piece.text in SIGNS and before.kind in _BEFORE_A_SIGN:
        return line + piece.text
    return f"{line.rstrip(' ')} {piece.text}" + ("" if after.kind is Kind.SCRIPT else " ")


def _join_fraction(line: str, before: Piece, piece: Piece, after: Piece) -> str:
    mixed = before.kind is Kind.ATOM and line[-1:].isdigit()
    if mixed or before.kind is Kind.SLASH or after.kind in _FACTORS or after.kind is Kind.SLASH:
        return f"{line}({piece.text})"
    return f"{_apart(line)}{piece.text}" if before.kind in _BESIDE else line + piece.text


def _join_name(line: str, before: Piece, piece: Piece, after: Piece) -> str:
    line = _apart(line) if before.kind in _BESIDE else line
    close = after.kind in (Kind.SCRIPT, Kind.CLOSE, Kind.COMMA) or (after.kind is Kind.OPEN and piece.kind is Kind.NAME)
    return line + piece.text + ("" if close else " ")


def _join_tight(line: str, before: Piece, piece: Piece, after: Piece) -> str:
    """Scripts, commas and closing brackets stand close behind what they belong to."""
    line = line.rstrip(" ") + piece.text
    apart = piece.kind is Kind.SCRIPT and (
        before.kind is Kind.OPERATOR or (before.kind in (Kind.NAME, Kind.BIG) and after.kind in _BESIDE - {Kind.CLOSE})
    )
    return line + " " if apart and after.kind is not Kind.SCRIPT else line


def _join_atom(line: str, before: Piece, piece: Piece, after: Piece) -> str:
    words = piece.kind is Kind.WORD or before.kind is Kind.WORD or _ENDS_IN_WORD.search(line)
    if words and line[-1:].isalnum() and piece.text[:1].isalnum():
        return f"{line} {piece.text}"
    if before.kind is Kind.FRACTION and piece.kind is Kind.TEXT:
        return _apart(line) + piece.text
    return line + piece.text


_ENDS_IN_WORD = re.compile(r"[_^]\w+$")


def _apart(line: str) -> str:
    return line if not line or line[-1] in " \n" else line + " "


_JOIN: dict[Kind, Callable[[str, Piece, Piece, Piece], str]] = {
    Kind.OPERATOR: _join_operator,
    Kind.FRACTION: _join_fraction,
    Kind.NAME: _join_name,
    Kind.BIG: _join_name,
    Kind.SCRIPT: _join_tight,
    Kind.COMMA: _join_tight,
    Kind.CLOSE: _join_tight,
}
