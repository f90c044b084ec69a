"""Tables for a terminal: in columns where they stay legible, else row by row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from rich.cells import cell_len
from rich.text import Text as Ink

from aipm_cards.terminal.ink import Pen
from aipm_cards.text import Table

LEGIBLE = 20  # cells that a column of wrapped words needs
_BETWEEN = 3  # cells from one column to the next

_UNICODE_BOX = "    \n  │ \n ─┼ \n  │ \n ─┼ \n ─┼ \n  │ \n    \n"
_ASCII_BOX = "    \n  | \n -+ \n  | \n -+ \n -+ \n  | \n    \n"


def table_lines(pen: Pen, node: Table, width: int, measure: int) -> list[str]:
    """A table as lines no wider than `width` cells; row by row, than `measure`."""
    columns = max(len(row) for row in (node.head, *node.rows)) if node.head or node.rows else 0
    rows = [[pen.line(cell) for cell in row] for row in (node.head, *node.rows)]
    inks = [[*row, *[pen.line(()) for _ in range(columns - len(row))]] for row in rows]
    widths = column_widths([[(_natural(cell), _longest_word(cell)) for cell in row] for row in inks], width)
    if widths is None:
        return _stacked(pen, node, min(width, measure))
    return _drawn(pen, inks, widths, node.align)


def column_widths(cells: Sequence[Sequence[tuple[int, int]]], width: int) -> list[int] | None:
    """The cells that each column gets, from the (natural width, longest word) of each of its
    cells; None if the table would not be legible in `width` cells."""
    natural = [max(1, *(cell[0] for cell in column)) for column in zip(*cells, strict=True)]
    longest = [max(cell[1] for cell in column) for column in zip(*cells, strict=True)]
    room = width - _BETWEEN * (len(natural) - 1)
    if not natural or room < len(natural):
        return None
    if sum(natural) <= room:
        return natural
    # Narrow columns get what they need, the wide ones share the rest.
    share, open_ = room, len(natural)
    for need in sorted(natural):
        if need > share // open_:
            break
        share, open_ = share - need, open_ - 1
    share //= open_
    wide = [word for need, word in zip(natural, longest, strict=True) if need > share]
    if share < max(LEGIBLE, *wide):
        return None
    return [min(need, share) for need in natural]


def _natural(ink: Ink) -> int:
    return max((cell_len(line) for line in ink.plain.split("\n")), default=0)


def _longest_word(ink: Ink) -> int:
    return max((cell_len(word) for word in ink.plain.split()), default=0)


def _drawn(pen: Pen, rows: Sequence[Sequence[Ink]], widths: Sequence[int], align: Sequence[str]) -> list[str]:
    from rich.box import Box
    from rich.table import Table as Drawing

    box = Box(_UNICODE_BOX if pen.look.unicode else _ASCII_BOX, ascii=not pen.look.unicode)
    wraps = any(_natural(cell) > width for row in rows for cell, width in zip(row, widths, strict=True))
    drawing = Drawing(
        box=box,
        show_edge=False,
        show_lines=wraps,
        pad_edge=False,
        header_style=pen.style("strong"),
        border_style=pen.style("mark"),
    )
    for cell, width, side in zip_longest(rows[0], widths, align[: len(widths)], fillvalue=""):
        justify = side if side in ("left", "center", "right") else "left"
        drawing.add_column(cell, width=width, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in rows[1:]:
        drawing.add_row(*row)
    total = sum(widths) + _BETWEEN * (len(widths) - 1)
    options = pen.console.options.update(width=total, max_width=total)
    lines = pen.console.render_lines(drawing, options, pad=False)
    return [pen.coded((part.text, part.style) for part in line).rstrip(" ") for line in lines]


def _stacked(pen: Pen, node: Table, width: int) -> list[str]:
    if not node.rows:
        return [line for cell in node.head for line in pen.lines(pen.line(cell), width)]
    lines: list[str] = []
    for row in node.rows:
        if lines:
            lines.append("")
        for column, (head, cell) in enumerate(zip_longest(node.head, row, fillvalue=())):
            ink = pen.line(head)
            if len(ink):
                pen.put(ink, ": ")
            ink.stylize(pen.style("strong"))
            pen.inlines(ink, cell)
            lines += _hanging(pen, ink, 2 if column and width > LEGIBLE else 0, width)
    return lines


def _hanging(pen: Pen, ink: Ink, indent: int, width: int) -> list[str]:
    """Words behind an indent, and behind a deeper one from the second line on."""
    if not indent:
        return pen.lines(ink, width)
    first, *others = pen.lines(ink, width - 2 * indent) or [""]
    return [" " * indent + first, *[" " * 2 * indent + line for line in others]]
