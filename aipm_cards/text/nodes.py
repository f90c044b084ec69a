"""The tree that a card text is: frozen, small, and what can be seen in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Union

from aipm_cards.characters import FORBIDDEN


class Text(NamedTuple):
    """Words as they are; a line break inside is a space."""

    text: str


class Break(NamedTuple):
    """A line break that is shown."""


class Code(NamedTuple):
    """Code inside a line."""

    text: str


class Math(NamedTuple):
    """LaTeX, without its delimiters. With `gaps`, it holds gaps of a cloze, as typed."""

    tex: str
    display: bool
    gaps: bool = False


class Emphasis(NamedTuple):
    """Emphasised words; `strong` is the bold kind."""

    children: tuple[Inline, ...]
    strong: bool


class Link(NamedTuple):
    """A link. The address may be anything that was typed: see `is_web_address`."""

    url: str
    children: tuple[Inline, ...]


class Image(NamedTuple):
    """An image, by its path from the collection's root."""

    path: str
    alt: str


class Cloze(NamedTuple):
    """Words that card `number` (from 1) hides, with a hint that may be empty."""

    number: int
    children: tuple[Inline, ...]
    hint: str


Inline = Union[Text, Break, Code, Math, Emphasis, Link, Image, Cloze]


class Paragraph(NamedTuple):
    """A paragraph; `tight` for one that a list shows without space around it."""

    children: tuple[Inline, ...]
    tight: bool = False


class Heading(NamedTuple):
    """A heading of level 1 to 6."""

    level: int
    children: tuple[Inline, ...]


class Quote(NamedTuple):
    """Quoted blocks."""

    children: tuple[Block, ...]


class List(NamedTuple):
    """A list; `start` is its first number, or None for one with bullets."""

    start: int | None
    items: tuple[tuple[Block, ...], ...]


class CodeBlock(NamedTuple):
    """Lines of code. Its children are Text, and Cloze where lines are hidden."""

    language: str
    children: tuple[Inline, ...]


class Table(NamedTuple):
    """A table: the alignment of each column (`left`, `center`, `right` or empty) and its cells."""

    align: tuple[str, ...]
    head: tuple[tuple[Inline, ...], ...]
    rows: tuple[tuple[tuple[Inline, ...], ...], ...]


class Rule(NamedTuple):
    """A line across."""


Block = Union[Paragraph, Heading, Quote, List, CodeBlock, Table, Rule]
Node = Union[Inline, Block]
Document = tuple[Block, ...]


def walk(nodes: Sequence[Any]) -> Iterator[Node]:
    """Every node of a tree, in the order of the text."""
    for node in nodes:
        if isinstance(node, (List, Table)):
            inner = node.items if isinstance(node, List) else (node.head, *node.rows)
            for part in inner:
                for child in part:
                    yield from walk((child,) if isinstance(node, List) else child)
        yield node
        children = getattr(node, "children", None)
        if children:
            yield from walk(children)


def words(nodes: Sequence[Any]) -> str:
    """What a tree says, as plain words: no markup, gaps filled, maths as typed, blocks and
    cells apart by a line break."""
    return "".join(_words(nodes)).strip()


def _words(nodes: Sequence[Any]) -> Iterator[str]:
    for node in nodes:
        if (said := _SAID.get(type(node))) is not None:
            yield said(node)
        elif isinstance(node, List):
            for item in node.items:
                yield from _words(item)
        elif isinstance(node, Table):
            for row in (node.head, *node.rows):
                for cell in row:
                    yield from _words(cell)
                    yield "\n"
        else:
            yield from _words(node.children)
            if isinstance(node, (Paragraph, Heading, CodeBlock)):
                yield "\n"


_SAID: dict[type, Callable[[Any], str]] = {
    Text: lambda node: node.text,
    Code: lambda node: node.text,
    Math: lambda node: node.tex,
    Image: lambda node: node.alt,
    Break: lambda node: "\n",
    Rule: lambda node: "",
}


_SCHEMES = ("https://", "http://", "mailto:")


def is_web_address(url: str) -> bool:
    """Whether a link leads where a reader expects one to lead: https, http or mailto."""
    return url.lower().startswith(_SCHEMES) and not FORBIDDEN.search(url)
