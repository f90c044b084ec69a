"""Sections for a screen reader: one line per paragraph, item or row, and nothing drawn.

What the eye sees (a gap, a table, code) is said in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from aipm_cards.characters import clean
from aipm_cards.terminal.faces import BETWEEN, Section
from aipm_cards.text import (
    Block,
    Break,
    Cloze,
    Code,
    CodeBlock,
    Emphasis,
    Heading,
    Image,
    Inline,
    Link,
    List,
    Math,
    Paragraph,
    Quote,
    Rule,
    Table,
    Text,
    is_web_address,
)


def spoken(sections: Sequence[Section]) -> list[str]:
    """Sections as lines to be read aloud, each section behind its label. A line is as long as
    what it says: the terminal wraps it."""
    lines: list[str] = []
    for section in sections:
        first, *others = _blocks(section.content) or [""]
        lines += [f"{section.label}: {first}".strip(), *others]
    return [line for text in lines for line in clean(text).split("\n") if line.strip()]


def _blocks(nodes: Sequence[Block]) -> list[str]:
    return [line for node in nodes for line in _BLOCKS[type(node)](node)]


def _line(nodes: Sequence[Inline]) -> str:
    """What stands in a line, in words; a line break that is shown is one."""
    return "\n".join(" ".join(row.split()) for row in _words(nodes).split("\n"))


def _words(nodes: Sequence[Inline]) -> str:
    return _joined(nodes, _INLINES)


def _joined(nodes: Sequence[Inline], say: Mapping[type, Callable[[Any], str]]) -> str:
    """What nodes say, with an open gap apart from letters that touch it."""
    said = ""
    after_gap = False
    for node in nodes:
        is_gap = isinstance(node, Cloze) and not node.children
        words = say[type(node)](node)
        if (is_gap and said[-1:].isalnum()) or (after_gap and words[:1].isalnum()):
            said += " "
        said += words
        after_gap = is_gap
    return said


# --- blocks ----------------------------------------------------------------------------------


def _paragraph(node: Paragraph) -> list[str]:
    return [_line(node.children)]


def _heading(node: Heading) -> list[str]:
    return [f"heading: {_line(node.children)}"]


def _quote(node: Quote) -> list[str]:
    return ["quote:", *_blocks(node.children), "end of quote"]


def _list(node: List) -> list[str]:
    lines = []
    for number, item in enumerate(node.items, start=1):
        first, *others = _blocks(item) or [""]
        lines += [f"{number} of {len(node.items)}: {first}", *others]
    return lines


def _code_block(node: CodeBlock) -> list[str]:
    lines = _joined(node.children, _CODE).expandtabs(4).split("\n")
    count = f"{len(lines)} line{'s' if len(lines) != 1 else ''}"
    language = f", {node.language}" if node.language else ""
    return [f"code, {count}{language}:", *lines]


def _table(node: Table) -> list[str]:
    heads = [_line(cell) for cell in node.head]
    lines = []
    for number, row in enumerate(node.rows, start=1):
        cells = [_line(cell) for cell in row]
        said = [_cell(head, cell) for head, cell in zip_longest(heads, cells, fillvalue="")]
        lines.append(f"row {number} of {len(node.rows)}. {' '.join(said)}".replace("\n", " "))
    return lines or [". ".join(heads)]


def _cell(head: str, cell: str) -> str:
    said = f"{head}: {cell or 'empty'}" if head else cell
    return said if not said or said[-1] in ".?!" else f"{said}."


def _rule(node: Rule) -> list[str]:
    return []


_BLOCKS: dict[type, Callable[[Any], list[str]]] = {
    Paragraph: _paragraph,
    Heading: _heading,
    Quote: _quote,
    List: _list,
    CodeBlock: _code_block,
    Table: _table,
    Rule: _rule,
}


# --- lines -----------------------------------------------------------------------------------


def _text(node: Text) -> str:
    return ", " if node == BETWEEN else node.text.replace("\n", " ")


def _gap(hint: str) -> str:
    hint = " ".join(hint.split())
    return f"(blank, hint: {hint})" if hint else "blank"


def _math(node: Math) -> str:
    from aipm_cards.terminal.maths import readable

    return readable(clean(node.tex), gap=_gap if node.gaps else None).replace("\n", "; ")


def _link(node: Link) -> str:
    words = _words(node.children)
    if not is_web_address(node.url) or words == node.url.removeprefix("mailto:"):
        return words
    return f"{words}, link: {node.url}"


def _image(node: Image) -> str:
    return f"image: {node.alt}"


def _cloze(node: Cloze) -> str:
    return _words(node.children) if node.children else _gap(node.hint)


_INLINES: dict[type, Callable[[Any], str]] = {
    Text: _text,
    Break: lambda node: "\n",
    Code: lambda node: node.text.replace("\n", " "),
    Math: _math,
    Emphasis: lambda node: _words(node.children),
    Link: _link,
    Image: _image,
    Cloze: _cloze,
}


def _hidden_code(node: Cloze | Emphasis) -> str:
    """What was hidden of some code, whose line breaks count."""
    if not node.children:
        return _cloze(node) if isinstance(node, Cloze) else ""
    return _joined(node.children, _CODE)


_CODE: dict[type, Callable[[Any], str]] = {
    **_INLINES,
    Text: lambda node: node.text,
    Cloze: _hidden_code,
    Emphasis: _hidden_code,
}
