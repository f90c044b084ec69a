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
    return tuple(sorted({gap.number for gap in gaps(_without_formulas(text))}))


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


def gaps(text: str) -> list[Gap]:
    """The gaps of a text, in order. Formulas that hold none must be out of it already."""
    found: list[Gap] = []
    opened: re.Match[str] | None = None
    for token in _CLOZE_TOKEN.finditer(text):
        if opened is None:
            if token[0] != "}}" and _OPENING.fullmatch(token[0]):
                opened = token
        elif token[0] == "}}":
            hidden, _, hint = text[opened.end() : token.start()].partition("::")
            number = int(opened[0][3:-2])
            if 1 <= number <= MAX_CLOZE:
                end = opened.end() + len(hidden)
                found.append(Gap(number, opened.start(), opened.end(), end, token.end(), hint))
            opened = None
    return found


def cloze_faults(text: str) -> list[ClozeFault]:
    """What Anki would read otherwise than it was meant, in the order of the text."""
    faults: list[ClozeFault] = []
    opened: re.Match[str] | None = None
    nested = False
    text = _without_formulas(text)
    for token in _CLOZE_TOKEN.finditer(text):
        found, at = token[0], token.start()
        if found == "}}":
            if opened and not nested:
                hidden = text[opened.end() : at].partition("::")[0]
                if not hidden.strip():
                    faults.append(ClozeFault("N205", opened.start(), "a cloze has nothing in it"))
            opened, nested = None, False
        elif not _OPENING.fullmatch(found):
            faults.append(ClozeFault("N201", at, f"'{found}' does not open a cloze"))
        elif opened:
            if not nested:
                faults.append(ClozeFault("N202", at, "a cloze stands inside another"))
            nested = True
        else:
            opened = token
            if not 1 <= int(found[3:-2]) <= MAX_CLOZE:
                message = f"cloze number {found[3:-2]} is not between 1 and {MAX_CLOZE}"
                faults.append(ClozeFault("N201", at, message))
    if opened:
        faults.append(ClozeFault("N201", opened.start(), "a cloze is never closed with }}"))
    return faults


def lopsided_gaps(text: str) -> list[int]:
    """The offsets of gaps whose braces or backticks do not pair up: they end too early."""
    text = _without_formulas(text)
    whole = ((gap, text[gap.hidden_start : gap.end - 2]) for gap in gaps(text))
    return [gap.start for gap, inside in whole if inside.count("{") > inside.count("}") or inside.count("`") % 2]
