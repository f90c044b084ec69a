"""Sections drawn for a terminal: lines of text with ANSI styles, none wider than asked.

Prose keeps to a measure that one can read; tables and code may use the whole width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rich.cells import cell_len
from rich.text import Text as Ink

from aipm_cards.terminal.faces import Section
from aipm_cards.terminal.ink import Look as Look
from aipm_cards.terminal.ink import Pen
from aipm_cards.text import Block, CodeBlock, Heading, List, Paragraph, Quote, Rule, Table, Text

MEASURE = 92  # cells of a line of prose
NARROWEST = 12  # cells: what stands deeper is no longer indented


def draw(sections: Sequence[Section], width: int, look: Look) -> list[str]:
    """Sections as lines ready for a terminal, none wider than `width` cells (2 at least). Small
    print stands close together, anything else between blank lines."""
    pen = Pen(look)
    lines: list[str] = []
    before: Section | None = None
    for section in sections:
        if before and not (before.quiet and section.quiet):
            lines.append("")
        lines += _section(pen, section, width)
        before = section
    return lines


def _section(pen: Pen, section: Section, width: int) -> list[str]:
    content = section.content
    if section.quiet:
        pen = pen.quiet()
        if section.heading and len(content) == 1 and isinstance(content[0], Paragraph):
            named = (Text(f"{section.label}: "), *content[0].children)
            return _blocks(pen, (Paragraph(named),), width)
    label: list[str] = []
    if section.heading:
        ink = pen.line(())
        pen.put(ink, section.label + ("" if pen.look.styled else ":"), pen.style("label"))
        label = pen.lines(ink, width)
    if section.signs and isinstance(content[0], List):
        items = zip(section.signs, content[0].items, strict=True)
        signed = [line for sign, item in items for line in _item(pen, item, sign, min(width, MEASURE))]
        return label + signed + [line for block in content[1:] for line in ("", *_blocks(pen, (block,), width))]
    return label + _blocks(pen, content, width)


def _blocks(pen: Pen, nodes: Sequence[Block], width: int) -> list[str]:
    """Blocks with blank lines between them, but for the tight ones of a list."""
    lines: list[str] = []
    for index, node in enumerate(nodes):
        if index and not _is_close(nodes[index - 1], node):
            lines.append("")
        lines += _BLOCKS[type(node)](pen, node, width)
    return lines


def _is_close(above: Block, below: Block) -> bool:
    tight = isinstance(above, Paragraph) and above.tight
    return tight and (isinstance(below, List) or (isinstance(below, Paragraph) and below.tight))


def _paragraph(pen: Pen, node: Paragraph, width: int) -> list[str]:
    return pen.lines(pen.line(node.children), min(width, MEASURE))


def _heading(pen: Pen, node: Heading, width: int) -> list[str]:
    ink = pen.line(())
    if not pen.look.styled:
        ink.append("#" * node.level + " ")
    pen.inlines(ink, node.children)
    ink.stylize(pen.style("heading"))
    return pen.lines(ink, min(width, MEASURE))


def _quote(pen: Pen, node: Quote, width: int) -> list[str]:
    sign = pen.signs.quote
    if width - cell_len(sign) < NARROWEST:
        return _blocks(pen, node.children, width)
    mark, bare = pen.mark(sign), pen.mark(sign.rstrip())
    return [mark + line if line else bare for line in _blocks(pen, node.children, min(width, MEASURE) - cell_len(sign))]


def _list(pen: Pen, node: List, width: int) -> list[str]:
    lines: list[str] = []
    last = (node.start or 0) + len(node.items) - 1
    loose = any(isinstance(block, Paragraph) and not block.tight for item in node.items for block in item)
    for number, item in enumerate(node.items, start=node.start or 0):
        sign = pen.signs.bullet if node.start is None else f"{number:>{len(str(last))}}. "
        if lines and loose:
            lines.append("")
        lines += _item(pen, item, sign, min(width, MEASURE))
    return lines


def _item(pen: Pen, item: Sequence[Block], sign: str, width: int) -> list[str]:
    indent = len(sign)
    if width - indent < NARROWEST:
        return [pen.mark(sign.rstrip()), *_blocks(pen, item, width)]
    first, *others = _blocks(pen, item, width - indent) or [""]
    return [
        pen.mark(sign if first else sign.rstrip()) + first,
        *[" " * indent + line if line else "" for line in others],
    ]


def _code_block(pen: Pen, node: CodeBlock, width: int) -> list[str]:
    from aipm_cards.terminal.code_blocks import code_lines

    sign = pen.signs.wrapped
    indent = cell_len(sign) if width - cell_len(sign) >= NARROWEST else 0
    lines = []
    for line in code_lines(pen, node):
        first, *others = _cut(line, width - indent)
        lines.append(" " * indent + pen.ansi(first))
        lines += [(pen.mark(sign) if indent else "") + pen.ansi(part) for part in others]
    return [line.rstrip(" ") for line in lines]


def _cut(line: Ink, width: int) -> list[Ink]:
    """A line of code in parts that fit, cut wherever the width ends."""
    if cell_len(line.plain) <= width:
        return [line]
    from rich.cells import chop_cells

    offsets, at = [], 0
    for part in chop_cells(line.plain, max(width, 2)):
        at += len(part)
        offsets.append(at)
    return list(line.divide(offsets[:-1]))


def _table(pen: Pen, node: Table, width: int) -> list[str]:
    from aipm_cards.terminal.tables import table_lines

    return table_lines(pen, node, width, MEASURE)


def _rule(pen: Pen, node: Rule, width: int) -> list[str]:
    return [pen.mark(pen.signs.line * min(width, MEASURE))]


_BLOCKS: dict[type, Callable[[Pen, Any, int], list[str]]] = {
    Paragraph: _paragraph,
    Heading: _heading,
    Quote: _quote,
    List: _list,
    CodeBlock: _code_block,
    Table: _table,
    Rule: _rule,
}
