"""Formulas in a text: `\\(...\\)` and `\\[...\\]`, found before Markdown eats their backslashes.

Marks from Unicode's noncharacters, which no source may hold, keep their places meanwhile.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from aipm_cards.text.nodes import Inline, Math, Text

_MARK, _MARK_END = "\ufdd0\ufdd1"
_MATH_TOKEN = re.compile(r"\\\\|\\[()\[\]]|`+|\n[ \t]*\n")
_CLOSES = {r"\(": r"\)", r"\[": r"\]"}


def math_spans(text: str, code: bool) -> list[tuple[int, int]]:
    """Where each `\\(...\\)` and `\\[...\\]` begins and ends; none within code, none across a
    blank line. Linear in the length of the text."""
    spans: list[tuple[int, int]] = []
    tokens = list(_MATH_TOKEN.finditer(text))
    runs: dict[str, list[int]] = {}
    for index, token in enumerate(tokens):
        if token[0][0] == "`":
            runs.setdefault(token[0], []).append(index)
    opened: re.Match[str] | None = None
    index = 0
    while index < len(tokens):
        token = tokens[index]
        found = token[0]
        if found[0] == "`":
            same = runs[found]
            closing = bisect_left(same, index + 1)
            if code and closing < len(same):
                opened, index = None, same[closing]
        elif found[0] == "\n":
            opened = None
        elif opened is None:
            opened = token if found in _CLOSES else None
        elif found == _CLOSES[opened[0]]:
            if text[opened.end() : token.start()].strip():
                spans.append((opened.start(), token.end()))
            opened = None
        index += 1
    return spans


def take_maths(text: str, code: bool = True) -> tuple[str, list[Math]]:
    """Put a mark in the place of each formula outside code."""
    maths: list[Math] = []
    if "\\" not in text:
        return text, maths
    pieces: list[str] = []
    copied = 0
    for start, end in math_spans(text, code):
        pieces += [text[copied:start], f"{_MARK}{len(maths)}{_MARK_END}"]
        maths.append(Math(text[start + 2 : end - 2].strip(), display=text[start + 1] == "["))
        copied = end
    pieces.append(text[copied:])
    return "".join(pieces), maths


_MARKED = re.compile(f"{_MARK}([0-9]+){_MARK_END}")


def unmark(text: str, maths: Sequence[Math]) -> list[Inline]:
    """Text with maths back in its places, as nodes."""
    nodes: list[Inline] = []
    at = 0
    for match in _MARKED.finditer(text):
        if match.start() > at:
            nodes.append(Text(text[at : match.start()]))
        nodes.append(maths[int(match[1])])
        at = match.end()
    if at < len(text):
        nodes.append(Text(text[at:]))
    return nodes


def as_typed(text: str, maths: Sequence[Math]) -> str:
    """Text with maths back in its places, as it was typed: for code and addresses."""

    def typed(match: re.Match[str]) -> str:
        math = maths[int(match[1])]
        return rf"\[{math.tex}\]" if math.display else rf"\({math.tex}\)"

    return _MARKED.sub(typed, text)
