"""Code for a terminal: its lines, coloured where the language is known and gaps hide nothing."""

from __future__ import annotations

from functools import cache
from typing import Any

from rich.style import Style
from rich.text import Text as Ink

from aipm_cards.characters import clean
from aipm_cards.colouring import LANGUAGES, MAX_COLOURED
from aipm_cards.terminal.ink import TAB, Pen
from aipm_cards.text import CodeBlock, Inline, Text

_COLOURS = {
    "Comment": "bright_black",
    "Keyword": "magenta",
    "Literal.String": "green",
    "Literal.Number": "cyan",
    "Name.Function": "cyan",
    "Name.Class": "cyan",
    "Name.Builtin": "cyan",
    "Name.Tag": "cyan",
    "Name.Attribute": "cyan",
    "Generic.Deleted": "red",
    "Generic.Inserted": "green",
}


def code_lines(pen: Pen, node: CodeBlock) -> list[Ink]:
    """The lines of a code block, unwrapped, tabs as blanks."""
    ink = Ink(tab_size=TAB, end="")
    if len(node.children) == 1 and isinstance(node.children[0], Text):
        _put_coloured(pen, ink, clean(node.children[0].text), node.language.lower())
    else:
        _put_hidden(pen, ink, node.children)
    lines = list(ink.split("\n", allow_blank=True)) or [ink]
    for line in lines:
        line.expand_tabs(TAB)
    return lines


def _put_hidden(pen: Pen, ink: Ink, nodes: tuple[Inline, ...]) -> None:
    """Code with gaps: its line breaks count, inside of what was hidden too."""
    for node in nodes:
        if isinstance(node, Text):
            ink.append(clean(node.text))
            continue
        start = len(ink)
        inside = getattr(node, "children", ())
        if inside:
            strong = "" if pen.look.styled else "*"
            ink.append(strong)
            _put_hidden(pen, ink, inside)
            ink.append(strong)
            ink.stylize(pen.style("strong"), start)
        else:
            pen.inlines(ink, (node,))


@cache
def _lexer(language: str) -> Any:
    from pygments.lexers import get_lexer_by_name

    return get_lexer_by_name(language, stripnl=False, ensurenl=False)


def _put_coloured(pen: Pen, ink: Ink, code: str, language: str) -> None:
    if not pen.look.colour or language not in LANGUAGES or len(code) > MAX_COLOURED:
        ink.append(code)
        return
    tokens = list(_lexer(language).get_tokens(code))
    if "".join(value for _, value in tokens) != code:
        ink.append(code)  # rather no colour than another text
        return
    for token, value in tokens:
        ink.append(value, _style(str(token).removeprefix("Token.")))


@cache
def _style(token: str) -> Style | None:
    """The colour of a kind of token, or of the kind that it is a kind of."""
    while token:
        if token in _COLOURS:
            return Style(color=_COLOURS[token])
        token = token.rpartition(".")[0]
    return None
