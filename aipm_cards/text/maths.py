"""Formulas in a text: `\\(...\\)` and `\\[...\\]`, found before Markdown eats their backslashes.

Marks from Unicode's noncharacters, which no source may hold, keep their places meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from aipm_cards.text.nodes import Inline, Math, Text


class Formula(NamedTuple):
    """A formula that was taken out of a text, and how it was typed."""

    math: Math
    typed: str


_MARK, _MARK_END = "\ufdd0\ufdd1"
_ITEM = r"[ \t]*(?:[-*+]|[0-9]{1,9}[.)])[ \t]"  # the beginning of a list item
_MATH_TOKEN = re.compile(rf"\\\\|\\[()\[\]]|`+|\n[ \t]*\n|\n(?={_ITEM})")
_IN_ITEM = re.compile(_ITEM)
_QUOTE = re.compile(r"[ \t]*>")
_QUOTED_LINE = re.compile(r"\n(?:[ \t]*> ?)+")
_CLOSES = {r"\(": r"\)", r"\[": r"\]"}


def math_spans(text: str, code: bool) -> list[tuple[int, int]]:
    """Where each `\\(...\\)` and `\\[...\\]` begins and ends; none within code, none across a
    blank line or from one item of a list to the next."""
    spans: list[tuple[int, int]] = []
    tokens = list(_MATH_TOKEN.finditer(text))
    ends = _ends_of_code(tokens) if code else {}
    opened: re.Match[str] | None = None
    index = 0
    while index < len(tokens):
        token = tokens[index]
        found = token[0]
        if index in ends:
            opened, index = None, ends[index]
        elif found[0] == "\n":
            if found != "\n" or _is_in_item(text, opened):
                opened = None
        elif opened is None:
            opened = token if found in _CLOSES else None
        elif found == _CLOSES[opened[0]]:
            if text[opened.end() : token.start()].strip():
                spans.append((opened.start(), token.end()))
            opened = None
        index += 1
    return spans


def _ends_of_code(tokens: Sequence[re.Match[str]]) -> dict[int, int]:
    """For each run of backticks, by its index, the next run of the same length, if there is one."""
    ends: dict[int, int] = {}
    last: dict[str, int] = {}
    for index, token in enumerate(tokens):
        if token[0][0] == "`":
            if token[0] in last:
                ends[last[token[0]]] = index
            last[token[0]] = index
    return ends


def _line(text: str, at: int) -> int:
    """Where the line begins in which `at` stands."""
    return text.rfind("\n", 0, at) + 1


def _is_in_item(text: str, opened: re.Match[str] | None) -> bool:
    """Whether a formula was opened in the first line of a list item: another item ends it."""
    return opened is not None and _IN_ITEM.match(text, _line(text, opened.start())) is not None


def take_maths(text: str, code: bool = True) -> tuple[str, list[Formula]]:
    """Put a mark in the place of each formula outside code."""
    maths: list[Formula] = []
    if "\\" not in text:
        return text, maths
    pieces: list[str] = []
    copied = 0
    for start, end in math_spans(text, code):
        pieces += [text[copied:start], f"{_MARK}{len(maths)}{_MARK_END}"]
        typed = text[start:end]
        if "\n" in typed and _QUOTE.match(text, _line(text, start)):
            typed = _QUOTED_LINE.sub("\n", typed)
        maths.append(Formula(Math(typed[2:-2].strip(), display=typed[1] == "["), typed))
        copied = end
    pieces.append(text[copied:])
    return "".join(pieces), maths


_MARKED = re.compile(f"{_MARK}([0-9]+){_MARK_END}")


def unmark(text: str, maths: Sequence[Formula]) -> list[Inline]:
    """Text with maths back in its places, as nodes."""
    nodes: list[Inline] = []
    at = 0
    for match in _MARKED.finditer(text):
        if match.start() > at:
            nodes.append(Text(text[at : match.start()]))
        nodes.append(maths[int(match[1])].math)
        at = match.end()
    if at < len(text):
        nodes.append(Text(text[at:]))
    return nodes


def as_typed(text: str, maths: Sequence[Formula]) -> str:
    """Text with maths back in its places, as it was typed: for code and addresses."""
    return _MARKED.sub(lambda match: maths[int(match[1])].typed, text)
