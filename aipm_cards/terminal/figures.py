"""Figures for a terminal: headings, tables, bars and gauges, none wider than asked.

Everything is told by words and by how long or dense a sign is, never by a colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from aipm_cards.characters import one_line
from aipm_cards.terminal.look import Look

_BOLD, _DIM, _COLOUR, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[36m", "\x1b[0m"
_EIGHTHS = " ▏▎▍▌▋▊▉"
_SHADES = {True: "·░▒▓█", False: ".:+*#"}  # of a day: none, then four levels
_GLUE = "\ue000"  # for a blank before a percent sign, where no line is broken
MEASURE = 92  # cells of a line of prose


class Paper:
    """Lines of at most `width` cells for a look."""

    def __init__(self, width: int, look: Look) -> None:
        self.width = width
        self.look = look
        self.lines: list[str] = []

    def heading(self, words: str) -> None:
        """A heading, with a blank line before it."""
        if self.lines:
            self.lines.append("")
        self.lines.append(self.bold(cut(words, self.width)))

    def note(self, words: str) -> None:
        """Small print, wrapped."""
        self.lines += [self.dim(line) for line in wrapped(words, min(self.width, MEASURE))]

    def say(self, words: str, indent: str = "") -> None:
        """A sentence, wrapped."""
        self.lines += [indent + line for line in wrapped(words, min(self.width, MEASURE) - cells(indent))]

    def table(self, rows: Sequence[Sequence[str]], left: int = 1) -> None:
        """Columns apart by two blanks; the first row is their heading. The first `left` columns
        and the last one begin at the left, the others end at the right. A row may end early, with
        words in place of its numbers."""
        count = max(map(len, rows))
        widths = [max((cells(row[at]) for row in rows if at < len(row) - 1), default=0) for at in range(count)]
        for number, row in enumerate(rows):
            parts = [padded(cell, widths[at], at < left) if at < len(row) - 1 else cell for at, cell in enumerate(row)]
            line = "  ".join(parts).rstrip()
            self.lines.append(line if number else self.dim(line))

    # --- signs ---

    def bar(self, share: float, width: int) -> str:
        """A bar over a share of `width` cells."""
        share = min(max(share, 0.0), 1.0)
        if not self.look.unicode:
            full = round(share * width)
            return self.colour("#" * (full or int(share > 0))) if share else ""
        eighths = max(round(share * width * 8), int(share > 0))
        return self.colour("█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()) if eighths else ""

    def meter(self, share: float, width: int) -> str:
        """A bar with the whole of its width to be seen."""
        full = min(max(round(share * width), int(share > 0)), width)
        full_sign, empty = ("█", "░") if self.look.unicode else ("#", ".")
        return self.colour(full_sign * full) + self.dim(empty * (width - full))

    def layers(self, ends: Sequence[float], whole: float, width: int) -> str:
        """A bar that says two or three numbers, in their order: a sign goes up to each, on a scale
        of `width` cells for the `whole`. Nothing is coloured: see `layer_signs`."""
        bar = ""
        for end, sign in zip(ends, self.layer_signs(len(ends)), strict=True):
            bar += sign * (round(min(max(end / whole, 0.0), 1.0) * width) - len(bar))
        return bar

    def layer_signs(self, count: int) -> str:
        """The signs of such a bar, the densest first."""
        signs = "█▒░" if self.look.unicode else "#=-"
        return signs if count == 3 else signs[0] + signs[2]

    def gauge(self, interval: tuple[float, float], value: float, mark: float | None, width: int, low: float) -> str:
        """An interval on a scale from `low` to 1, its value, and a mark to compare with."""
        line, value_sign, mark_sign = self._gauge_signs()

        def at(share: float) -> int:
            return round((min(max(share, low), 1.0) - low) / (1 - low) * (width - 1))

        signs = [" "] * width
        for place in range(at(interval[0]), at(interval[1]) + 1):
            signs[place] = line
        if mark is not None:
            signs[at(mark)] = mark_sign
        signs[at(value)] = value_sign
        return "".join(signs).rstrip()

    def gauge_legend(self, mark: str) -> str:
        """What the signs of such an interval are, of which the mark is `mark`."""
        line, value_sign, mark_sign = self._gauge_signs()
        return f"{value_sign} is the share recalled, {line} its interval, {mark_sign} {mark}."

    def _gauge_signs(self) -> tuple[str, str, str]:
        return ("─", "●", "┃") if self.look.unicode else ("-", "o", "|")

    def shade(self, level: int) -> str:
        """A day of the calendar, from level 0 to 4."""
        sign = _SHADES[self.look.unicode][level]
        return self.colour(sign) if level else self.dim(sign)

    # --- styles ---

    def bold(self, words: str) -> str:
        """Words that stand out."""
        return f"{_BOLD}{words}{_PLAIN}" if self.look.styled else words

    def dim(self, words: str) -> str:
        """Words that stand back."""
        return f"{_DIM}{words}{_PLAIN}" if self.look.styled and words else words

    def colour(self, words: str) -> str:
        """What is drawn."""
        return f"{_COLOUR}{words}{_PLAIN}" if self.look.colour and words else words


def cells(text: str) -> int:
    """The cells that a text takes, which holds no style."""
    if text.replace("…", ".").isascii():  # which is what an import can be saved for
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def padded(text: str, width: int, left: bool) -> str:
    """A text with blanks to `width` cells."""
    space = " " * (width - cells(text))
    return text + space if left else space + text


def cut(text: str, width: int) -> str:
    """A text from a card or a title in at most `width` cells, safe to print."""
    text = one_line(text)
    if cells(text) <= width:
        return text
    while text and cells(text) > width - 1:
        text = text[:-1]
    return f"{text.rstrip()}~"


def wrapped(words: str, width: int) -> list[str]:
    """Words in lines of at most `width` cells, broken between words: a path or an address that fits
    into a line stands whole."""
    words = one_line(words).replace(" %", f"{_GLUE}%")
    if words.replace("…", ".").replace(_GLUE, ".").isascii():
        lines = wrap(words, width, break_on_hyphens=False)
    else:
        from aipm_cards.terminal.screen import wrapped as by_cells

        lines = by_cells(words, width)
    return [line.replace(_GLUE, " ") for line in lines]
