"""A cloze text with the gaps of one card asked, or with all of them filled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aipm_cards.text import (
    Cloze,
    ClozeCutsMarkup,
    Document,
    Emphasis,
    Link,
    List,
    Math,
    Quote,
    Rule,
    Table,
    cloze_numbers,
    parse,
    parse_cloze,
    read_gaps,
)


def asked_cloze(text: str, number: int) -> Document:
    """A cloze text with the gaps of card `number` open: as Cloze without children, and in
    formulas as `{{c1::::hint}}` of a Math with `gaps`. All other gaps are filled."""
    return _read(text, number, asked=True)


def filled_cloze(text: str, number: int) -> Document:
    """A cloze text with every gap filled, those of card `number` emphasised strongly. A formula
    with such a gap is emphasised as a whole."""
    return _read(text, number, asked=False)


def _read(text: str, number: int, asked: bool) -> Document:
    try:
        tree = parse_cloze(text)
    except ClozeCutsMarkup:  # no sound note has it; then do as Anki does, which fills first
        return parse(_in_text(text, number, asked, open_gap="[...]"))
    return _blocks(tree, number, asked)


def _in_text(text: str, number: int, asked: bool, open_gap: str = "") -> str:
    """Text with its gaps filled, those of card `number` left open if they are asked."""
    pieces, at = [], 0
    for gap in read_gaps(text)[0]:
        pieces.append(text[at : gap.start])
        if not asked or gap.number != number:
            pieces.append(text[gap.hidden_start : gap.hidden_end])
        else:
            pieces.append(open_gap or f"{{{{c{number}::::{gap.hint}}}}}")
        at = gap.end
    return "".join([*pieces, text[at:]])


def _block(node: Any, number: int, asked: bool) -> Any:
    if isinstance(node, List):
        return node._replace(items=tuple(_blocks(item, number, asked) for item in node.items))
    if isinstance(node, Table):
        head, *rows = (tuple(_line(cell, number, asked) for cell in row) for row in (node.head, *node.rows))
        return node._replace(head=head, rows=tuple(rows))
    if isinstance(node, Rule):
        return node
    inside = _blocks if isinstance(node, Quote) else _line
    return node._replace(children=inside(node.children, number, asked))


def _blocks(nodes: Sequence[Any], number: int, asked: bool) -> tuple[Any, ...]:
    return tuple(_block(node, number, asked) for node in nodes)


def _line(nodes: Sequence[Any], number: int, asked: bool) -> tuple[Any, ...]:
    done: list[Any] = []
    for node in nodes:
        if isinstance(node, Cloze):
            done += _gap(node, number, asked)
        elif isinstance(node, Math):
            done.append(_formula(node, number, asked) if node.gaps else node)
        elif isinstance(node, (Emphasis, Link)):
            done.append(node._replace(children=_line(node.children, number, asked)))
        else:
            done.append(node)
    return tuple(done)


def _gap(node: Cloze, number: int, asked: bool) -> tuple[Any, ...]:
    if node.number != number:
        return _line(node.children, number, asked)
    if asked:
        return (Cloze(number, (), node.hint),)
    return (Emphasis(_line(node.children, number, asked), strong=True),)


def _formula(node: Math, number: int, asked: bool) -> Math | Emphasis:
    tex = _in_text(node.tex, number, asked)
    if number not in cloze_numbers(node.tex):
        return Math(tex, node.display)
    return Math(tex, node.display, gaps=True) if asked else Emphasis((Math(tex, node.display),), strong=True)
