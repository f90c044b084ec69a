"""Lines of a text tree as styled words, wrapped to the cells of a terminal.

Whatever is written passes `Pen.put`, which lets no control character through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from io import StringIO
from typing import Any, NamedTuple

from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from rich.text import Text as Ink

from aipm_cards.characters import clean
from aipm_cards.terminal.faces import BETWEEN
from aipm_cards.terminal.look import Look as Look
from aipm_cards.text import Break, Cloze, Code, Emphasis, Image, Inline, Link, Math, Text, is_web_address

TAB = 4  # cells


class Signs(NamedTuple):
    """What is drawn around the author's words."""

    gap: str
    between: str
    bullet: str
    quote: str
    line: str
    wrapped: str


_UNICODE = Signs("…", " · ", "• ", "│ ", "─", "↪ ")
_ASCII = Signs("...", " - ", "- ", "| ", "-", "> ")

# The attributes of a role, its colour (one that shows on black and on white), and what stands
# for it where there are no styles.
_ROLES = {
    "strong": (Style(bold=True), None, "*"),
    "em": (Style(italic=True), None, "_"),
    "gap": (Style(bold=True), "magenta", ""),
    "code": (Style(), "green", ""),
    "label": (Style(bold=True), "cyan", ""),
    "heading": (Style(bold=True), None, ""),
    "link": (Style(underline=True), None, ""),
    "mark": (Style(dim=True), None, ""),
    "quiet": (Style(dim=True), None, ""),
}


@cache
def _console() -> Console:
    """rich wraps and measures with a console; nothing is printed to it, and it is told all."""
    return Console(
        file=StringIO(),
        width=80,
        height=25,
        color_system=None,
        force_terminal=True,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},
    )


class Pen:
    """Writes for one look."""

    def __init__(self, look: Look, is_quiet: bool = False) -> None:
        self.look = look
        self.is_quiet = is_quiet
        self.signs = _UNICODE if look.unicode else _ASCII
        self.console = _console()
        self._system = ColorSystem.STANDARD if look.colour or look.styled else None

    def style(self, role: str) -> Style:
        """How a role looks."""
        attributes, colour, _ = _ROLES[role]
        style = attributes if self.look.styled else Style()
        return style + Style(color=colour) if colour and self.look.colour else style

    def put(self, ink: Ink, words: str, style: Style | None = None) -> None:
        """Write words; each line break and tab is a blank."""
        ink.append(clean(words).replace("\n", " ").replace("\t", " "), style)

    def quiet(self) -> Pen:
        """A pen for small print."""
        return Pen(self.look, is_quiet=True)

    def line(self, nodes: Sequence[Inline]) -> Ink:
        """What stands in a line."""
        ink = Ink(tab_size=TAB, end="")
        self.inlines(ink, nodes)
        return ink

    def inlines(self, ink: Ink, nodes: Sequence[Inline]) -> None:
        """Write what stands in a line."""
        for index, node in enumerate(nodes):
            _INLINES[type(node)](self, ink, node)
            if isinstance(node, Math) and node.display and index + 1 < len(nodes):
                ink.append("\n")

    def lines(self, ink: Ink, width: int) -> list[str]:
        """Words wrapped to `width` cells, with their styles as ANSI that ends with each line."""
        if self.is_quiet:
            ink.stylize_before(self.style("quiet"))
        wrapped = ink.wrap(self.console, max(width, 2), overflow="fold", tab_size=TAB)
        return [self.ansi(line) for line in wrapped]

    def ansi(self, line: Ink) -> str:
        """One line with its styles as ANSI, without the blanks at its end."""
        line.rstrip()
        return self.coded((segment.text, segment.style) for segment in line.render(self.console))

    def coded(self, parts: Any) -> str:
        """Pairs of words and their style (which may be None) as ANSI."""
        system = self._system
        return "".join([style.render(text, color_system=system) if style else text for text, style in parts if text])

    def mark(self, sign: str) -> str:
        """A sign that is drawn around the words, as ANSI."""
        return self.style("mark").render(sign, color_system=self._system) if self._system else sign

    def gap(self, hint: str) -> str:
        """A gap that is asked."""
        return f"[{hint.strip() or self.signs.gap}]"


def _text(pen: Pen, ink: Ink, node: Text) -> None:
    words = pen.signs.between if node == BETWEEN else node.text
    pen.put(ink, words.lstrip("\n ") if ink.plain.endswith("\n") else words)


def _break(pen: Pen, ink: Ink, node: Break) -> None:
    ink.append("\n")


def _code(pen: Pen, ink: Ink, node: Code) -> None:
    pen.put(ink, f"`{node.text}`", pen.style("code"))


def _math(pen: Pen, ink: Ink, node: Math) -> None:
    from aipm_cards.terminal.maths import readable

    said = readable(clean(node.tex), pen.look.unicode, pen.gap if node.gaps else None)
    if not node.display:
        pen.put(ink, said.replace("\n", "; "))
        return
    if ink.plain and not ink.plain.endswith("\n"):
        ink.append("\n")
    for number, row in enumerate(said.split("\n")):
        ink.append("\n" if number else "")
        pen.put(ink, row)


def _emphasis(pen: Pen, ink: Ink, node: Emphasis) -> None:
    role = "strong" if node.strong else "em"
    mark = "" if pen.look.styled else _ROLES[role][2]
    start = len(ink)
    ink.append(mark)
    pen.inlines(ink, node.children)
    ink.append(mark)
    ink.stylize(pen.style(role), start)


def _link(pen: Pen, ink: Ink, node: Link) -> None:
    start = len(ink)
    pen.inlines(ink, node.children)
    if not is_web_address(node.url):
        return
    ink.stylize(pen.style("link"), start)
    if ink.plain[start:] != clean(node.url).removeprefix("mailto:"):
        pen.put(ink, f" ({node.url})")


def _image(pen: Pen, ink: Ink, node: Image) -> None:
    pen.put(ink, f"[image: {node.alt}]")


def _cloze(pen: Pen, ink: Ink, node: Cloze) -> None:
    if node.children:
        pen.inlines(ink, node.children)
    else:
        pen.put(ink, pen.gap(node.hint), pen.style("gap"))


_INLINES: dict[type, Callable[[Pen, Ink, Any], None]] = {
    Text: _text,
    Break: _break,
    Code: _code,
    Math: _math,
    Emphasis: _emphasis,
    Link: _link,
    Image: _image,
    Cloze: _cloze,
}
