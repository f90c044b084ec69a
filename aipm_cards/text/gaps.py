"""Gaps of a cloze text: where they are, and what Anki would read otherwise than meant."""

from __future__ import annotations

import re
from typing import NamedTuple

from aipm_cards.text.maths import math_spans

MAX_CLOZE = 499  # Anki keeps no cloze card beyond this number


class ClozeCutsMarkup(ValueError):
    """A gap begins inside one emphasis, link, cell or paragraph and ends outside of it."""


class Gap(NamedTuple):
    """Where a cloze stands in a text. `end` is behind its `}}`."""

    number: int
    start: int
    hidden_start: int
    hidden_end: int
    end: int
    hint: str


class ClozeFault(NamedTuple):
    """What is wrong with a cloze, where in the text, under which rule."""

    code: str
    offset: int
    message: str


_OPENING = re.compile(r"\{\{c([0-9]{1,9})::")
_CLOZE_TOKEN = re.compile(r"\{\{[ \t]*[cC][ \t]*[0-9][0-9, \t-]*:{1,2}|\}\}")


def cloze_numbers(text: str) -> tuple[int, ...]:
    """The numbers of the gaps in `text`, ascending: a card each."""
    return tuple(sorted({gap.number for gap in read_gaps(text)[0]}))


def cloze_faults(text: str) -> list[ClozeFault]:
    """What Anki would read otherwise than it was meant, in the order of the text."""
    return read_gaps(text)[1]


def read_gaps(text: str) -> tuple[list[Gap], list[ClozeFault]]:
    """The gaps of a text, and what Anki would read otherwise than it was meant."""
    return scan_gaps(_without_formulas(text))


def _without_formulas(text: str) -> str:
    """`text` with each formula that holds no gap blanked out, so that its `}}` closes none."""
    if "\\" not in text:
        return text
    pieces: list[str] = []
    copied = 0
    for start, end in math_spans(text, code=True):
        if not _OPENING.search(text, start, end):
            pieces += [text[copied:start], "x" * (end - start)]
            copied = end
    return "".join([*pieces, text[copied:]])


def holds_gaps(formula: str) -> bool:
    """Whether a gap opens inside a formula."""
    return _OPENING.search(formula) is not None


def scan_gaps(text: str) -> tuple[list[Gap], list[ClozeFault]]:
    """As `read_gaps`, for a text whose formulas were taken out already."""
    found: list[Gap] = []
    faults: list[ClozeFault] = []
    opened: re.Match[str] | None = None
    nested = False
    for token in _CLOZE_TOKEN.finditer(text):
        sign, at = token[0], token.start()
        if sign == "}}":
            if opened and not nested:
                gap = _gap(text, opened, token)
                found.append(gap)
                if not text[gap.hidden_start : gap.hidden_end].strip():
                    faults.append(ClozeFault("N205", gap.start, "a cloze has nothing in it"))
                elif not 1 <= gap.number <= MAX_CLOZE:
                    message = f"cloze number {gap.number} is not between 1 and {MAX_CLOZE}"
                    faults.append(ClozeFault("N201", gap.start, message))
            opened, nested = None, False
        elif not _OPENING.fullmatch(sign):
            faults.append(ClozeFault("N201", at, f"'{sign[:20]}' does not open a cloze"))
        elif opened:
            if not nested:
                faults.append(ClozeFault("N202", at, "a cloze stands inside another"))
            nested = True
        else:
            opened = token
    if opened:
        faults.append(ClozeFault("N201", opened.start(), "a cloze is never closed with }}"))
    return found, faults


def _gap(text: str, opened: re.Match[str], closed: re.Match[str]) -> Gap:
    start = opened.end()
    hidden, _, hint = text[start : closed.start()].partition("::")
    return Gap(int(opened[0][3:-2]), opened.start(), start, start + len(hidden), closed.end(), hint)


def is_lopsided(gap: Gap, text: str) -> bool:
    """Whether the braces or backticks in a gap do not pair up: then it ends too early."""
    inside = _without_formulas(text)[gap.hidden_start : gap.end - 2]
    return inside.count("{") > inside.count("}") or inside.count("`") % 2 == 1
