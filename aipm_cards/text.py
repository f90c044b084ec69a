"""Card text: Markdown with maths and gaps, read into a small frozen tree.

CommonMark with tables, without raw HTML (which is text, shown as typed). One Markdown
engine, pyromark, stands behind it; nothing else in the program reads Markdown. Printers
live where they are used, apart from `words`, which rules, search and the lock share.

Maths and gaps are taken out before Markdown sees the text, because CommonMark eats the
backslash of `\\(`. Marks from Unicode's noncharacters, which no source may hold, keep
their places meanwhile.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple, Union

from aipm_cards.characters import FORBIDDEN

MAX_DEPTH = 16
MAX_CLOZE = 499  # Anki keeps no cloze card beyond this number

_MATH, _MATH_END, _GAP, _GAP_NUMBER, _GAP_END, _INLINE = "\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4\ufdd5"


class Text(NamedTuple):
    """Words as they are; a line break inside is a space."""

    text: str


class Break(NamedTuple):
    """A line break that is shown."""


class Code(NamedTuple):
    """Code inside a line."""

    text: str


class Math(NamedTuple):
    """LaTeX, without its delimiters."""

    tex: str
    display: bool


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


class ClozeCutsMarkup(ValueError):
    """A gap begins inside one emphasis, link, cell or paragraph and ends outside of it."""


# --- reading -------------------------------------------------------------------------------

# Anything that could be markup. A text without it is one paragraph, and most texts are.
_MARKUP = re.compile(
    r"[\\`*_\[<&|\ufdd0-\ufdef]|^[ \t]*(?:[#>+\-=~]|\d+[.)]|$)|^[ \t]|[ \t]$", re.MULTILINE
)
_ENTITY = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,8}));?")


def parse(text: str) -> Document:
    """Read a block text. Any text is read; what is nested deeper than `MAX_DEPTH` is flattened."""
    text = text.strip("\n").rstrip()
    if not _MARKUP.search(text):
        return (Paragraph((Text(text),)),) if text else ()
    marked, maths = _take_maths(_no_forbidden_entities(text))
    return _tree(marked, maths, ())


def parse_cloze(text: str) -> Document:
    """Read a block text with gaps, which must be sound (`cloze_faults` finds nothing). Raises
    ClozeCutsMarkup."""
    text = _no_forbidden_entities(text.strip("\n").rstrip())
    marked, maths = _take_maths(text)
    gaps = _gaps(marked)
    pieces, at = [], 0
    for index, gap in enumerate(gaps):
        hidden = marked[gap.hidden_start : gap.hidden_end]
        pieces += [marked[at : gap.start], _GAP, str(index), _GAP_NUMBER, hidden, _GAP_END]
        at = gap.end
    pieces.append(marked[at:])
    return _tree("".join(pieces), maths, gaps)


def parse_inline(text: str) -> tuple[Inline, ...]:
    """Read a text of one line: emphasis, code, links and maths, no blocks."""
    text = " ".join(text.split("\n")).strip()
    if not _MARKUP.search(text):
        return (Text(text),) if text else ()
    marked, maths = _take_maths(_no_forbidden_entities(text))
    # The mark in front keeps `# 5` or `1. x` from becoming a heading or a list.
    (block, *_) = _tree(_INLINE + marked, maths, ())
    return block.children if isinstance(block, Paragraph) else (Text(text),)


def parse_plain(text: str) -> tuple[Inline, ...]:
    """Read a text in which only maths is special; its lines are kept."""
    text = text.strip()
    if "\\" not in text and "\n" not in text:
        return (Text(text),) if text else ()
    marked, maths = _take_maths(text, code=False)
    nodes: list[Inline] = []
    for number, line in enumerate(marked.split("\n")):
        if number:
            nodes.append(Break())
        nodes += _unmark(line, maths)
    return tuple(nodes)


def forbidden_entity(text: str) -> tuple[int, str] | None:
    """The offset and the character of the first entity (`&#27;`) that stands for one that
    no card may hold."""
    for match in _ENTITY.finditer(text):
        character = _entity_character(match)
        if character is None or FORBIDDEN.search(character):
            return match.start(), character or "\ufffe"
    return None


def _entity_character(match: re.Match[str]) -> str | None:
    number = int(match[1], 16) if match[1] else int(match[2])
    return chr(number) if number <= 0x10FFFF else None


def _no_forbidden_entities(text: str) -> str:
    if "&#" not in text:
        return text

    def mend(match: re.Match[str]) -> str:
        character = _entity_character(match)
        bad = character is None or FORBIDDEN.search(character)
        return "\ufffd" if bad else match[0]

    return _ENTITY.sub(mend, text)


_MATH_TOKEN = re.compile(r"\\\\|\\[()\[\]]|`+|\n[ \t]*\n")
_CLOSES = {r"\(": r"\)", r"\[": r"\]"}


def _math_spans(text: str, code: bool) -> list[tuple[int, int]]:
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


def _take_maths(text: str, code: bool = True) -> tuple[str, list[Math]]:
    """Put a mark in the place of each formula outside code."""
    maths: list[Math] = []
    if "\\" not in text:
        return text, maths
    pieces: list[str] = []
    copied = 0
    for start, end in _math_spans(text, code):
        pieces += [text[copied:start], f"{_MATH}{len(maths)}{_MATH_END}"]
        maths.append(Math(text[start + 2 : end - 2].strip(), display=text[start + 1] == "["))
        copied = end
    pieces.append(text[copied:])
    return "".join(pieces), maths


_MARK = re.compile(f"{_MATH}([0-9]+){_MATH_END}")


def _unmark(text: str, maths: Sequence[Math]) -> list[Inline]:
    """Text with maths back in its places, as nodes."""
    nodes: list[Inline] = []
    at = 0
    for match in _MARK.finditer(text):
        if match.start() > at:
            nodes.append(Text(text[at : match.start()]))
        nodes.append(maths[int(match[1])])
        at = match.end()
    if at < len(text):
        nodes.append(Text(text[at:]))
    return nodes


def _as_typed(text: str, maths: Sequence[Math]) -> str:
    """Text with maths back in its places, as it was typed: for code and addresses."""

    def typed(match: re.Match[str]) -> str:
        math = maths[int(match[1])]
        return rf"\[{math.tex}\]" if math.display else rf"\({math.tex}\)"

    return _MARK.sub(typed, text)


# --- gaps ----------------------------------------------------------------------------------


class Gap(NamedTuple):
    """Where a cloze stands in a text. `end` is behind its `}}`."""

    number: int
    start: int
    hidden_start: int
    hidden_end: int
    end: int
    hint: str


class ClozeFault(NamedTuple):
    """What is wrong with a cloze, where in the text, under which rule."""

    code: str
    offset: int
    message: str


_OPENING = re.compile(r"\{\{c([0-9]{1,9})::")
_CLOZE_TOKEN = re.compile(r"\{\{[ \t]*[cC][ \t]*[0-9][0-9, \t-]*:{1,2}|\}\}")


def cloze_numbers(text: str) -> tuple[int, ...]:
    """The numbers of the gaps in `text`, ascending: a card each."""
    return tuple(sorted({gap.number for gap in _gaps(_without_formulas(text))}))


def _without_formulas(text: str) -> str:
    """`text` with each formula that holds no gap blanked out, so that its `}}` closes none."""
    if "\\" not in text:
        return text
    pieces: list[str] = []
    copied = 0
    for start, end in _math_spans(text, code=True):
        if not _OPENING.search(text, start, end):
            pieces += [text[copied:start], "x" * (end - start)]
            copied = end
    return "".join([*pieces, text[copied:]])


def _gaps(text: str) -> list[Gap]:
    gaps: list[Gap] = []
    opened: re.Match[str] | None = None
    for token in _CLOZE_TOKEN.finditer(text):
        if opened is None:
            if token[0] != "}}" and _OPENING.fullmatch(token[0]):
                opened = token
        elif token[0] == "}}":
            hidden, _, hint = text[opened.end() : token.start()].partition("::")
            number = int(opened[0][3:-2])
            if 1 <= number <= MAX_CLOZE:
                end = opened.end() + len(hidden)
                gaps.append(Gap(number, opened.start(), opened.end(), end, token.end(), hint))
            opened = None
    return gaps


def cloze_faults(text: str) -> list[ClozeFault]:
    """What Anki would read otherwise than it was meant, in the order of the text."""
    faults: list[ClozeFault] = []
    opened: re.Match[str] | None = None
    nested = False
    text = _without_formulas(text)
    for token in _CLOZE_TOKEN.finditer(text):
        found, at = token[0], token.start()
        if found == "}}":
            if opened and not nested:
                hidden = text[opened.end() : at].partition("::")[0]
                if not hidden.strip():
                    faults.append(ClozeFault("N205", opened.start(), "a cloze has nothing in it"))
            opened, nested = None, False
        elif not _OPENING.fullmatch(found):
            faults.append(ClozeFault("N201", at, f"'{found}' does not open a cloze"))
        elif opened:
            if not nested:
                faults.append(ClozeFault("N202", at, "a cloze stands inside another"))
            nested = True
        else:
            opened = token
            if not 1 <= int(found[3:-2]) <= MAX_CLOZE:
                message = f"cloze number {found[3:-2]} is not between 1 and {MAX_CLOZE}"
                faults.append(ClozeFault("N201", at, message))
    if opened:
        faults.append(ClozeFault("N201", opened.start(), "a cloze is never closed with }}"))
    return faults


# --- the tree ------------------------------------------------------------------------------


class _Frame:
    """A container being read: its kind, its attributes, and what it holds so far."""

    __slots__ = ("attributes", "children", "kind")

    def __init__(self, kind: str, attributes: Any) -> None:
        self.kind = kind
        self.attributes = attributes
        self.children: list[Any] = []


_FLAT = "Flat"  # a container beyond MAX_DEPTH: what it holds goes to the one around it
_ALIGN = {"None": "", "Left": "left", "Center": "center", "Right": "right"}


def _tree(marked: str, maths: Sequence[Math], gaps: Sequence[Gap]) -> Document:
    import pyromark  # 8 ms: only a text with markup pays for it

    stack = [_Frame("Document", None)]
    for event in pyromark.events(marked, options=pyromark.Options.ENABLE_TABLES):
        top = stack[-1]
        if isinstance(event, str):
            top.children.append(_leaf(event))
            continue
        ((name, value),) = event.items()
        if name == "Start":
            kind, attributes = (value, None) if isinstance(value, str) else next(iter(value.items()))
            stack.append(_Frame(kind if len(stack) <= MAX_DEPTH else _FLAT, attributes))
        elif name == "End":
            stack.pop()
            if top.kind == _FLAT:
                stack[-1].children += top.children
            else:
                stack[-1].children.append(_close(top, maths, gaps))
        elif name == "Code":
            top.children += [
                Code(_as_typed(part, maths)) if part[0] not in (_GAP, _GAP_END) else part
                for part in _split_gaps(value)
            ]
        else:  # Text, InlineHtml, Html: raw HTML is shown as typed
            top.children.append(value)
    return tuple(_blocks(stack[0].children, maths, gaps))


def _leaf(event: str) -> object:
    if event == "SoftBreak":
        return "\n"
    return Break() if event == "HardBreak" else Rule()


def _close(frame: _Frame, maths: Sequence[Math], gaps: Sequence[Gap]) -> Any:
    """The node of a container whose end was read."""
    kind, attributes, children = frame.kind, frame.attributes, frame.children
    if kind == "TableHead" or kind == "TableRow":
        return tuple(children)
    if kind == "Item":
        return tuple(_blocks(children, maths, gaps, tight=True))
    if kind == "List":
        return List(attributes, tuple(children))
    if kind == "BlockQuote":
        return Quote(tuple(_blocks(children, maths, gaps)))
    if kind == "Table":
        return Table(tuple(_ALIGN[a] for a in attributes), children[0], tuple(children[1:]))
    if kind == "CodeBlock":
        info = attributes["Fenced"] if isinstance(attributes, dict) else ""
        typed = _as_typed("".join(children).rstrip("\n"), maths)
        return CodeBlock(_as_typed(info, maths).split(" ")[0], _inlines([typed], (), gaps))
    if kind == "HtmlBlock":
        lines = "".join(children).rstrip("\n").split("\n")
        typed_lines = [part for line in lines for part in (Break(), line)][1:]
        return Paragraph(_inlines(typed_lines, maths, gaps))
    nodes = _inlines(children, maths, gaps)
    if kind == "Paragraph":
        return Paragraph(nodes)
    if kind == "TableCell":
        return nodes
    if kind == "Heading":
        return Heading(int(attributes["level"][1]), nodes)
    if kind == "Link":
        url = _as_typed(attributes["dest_url"], maths)
        return Link(f"mailto:{url}" if attributes["link_type"] == "Email" else url, nodes)
    if kind == "Image":
        return Image(_as_typed(attributes["dest_url"], maths), " ".join(words(nodes).split()))
    return Emphasis(nodes, strong=kind == "Strong")


def _blocks(
    children: Sequence[Any], maths: Sequence[Math], gaps: Sequence[Gap], tight: bool = False
) -> Iterator[Block]:
    """Blocks as they are; words that stand between them become paragraphs."""
    loose: list[Any] = []
    for child in [*children, None]:
        if child is None or isinstance(child, _BLOCKS):
            if loose:
                yield Paragraph(_inlines(loose, maths, gaps), tight)
                loose = []
            if child is not None:
                yield child
        else:
            loose.append(child)


_BLOCKS = (Paragraph, Heading, Quote, List, CodeBlock, Table, Rule)
_GAP_MARK = re.compile(f"({_GAP}[0-9]+{_GAP_NUMBER}|{_GAP_END})")


def _split_gaps(text: str) -> list[str]:
    return [part for part in _GAP_MARK.split(text) if part]


def _inlines(
    children: Sequence[Any], maths: Sequence[Math], gaps: Sequence[Gap]
) -> tuple[Inline, ...]:
    """Strings to Text and Math, runs of them joined, gaps closed around what they hide."""
    done: list[Inline] = []
    opened: tuple[Gap, list[Inline]] | None = None
    for child in _joined(children):
        if not isinstance(child, str):
            done.append(child)
            continue
        for part in _split_gaps(child):
            if part[0] == _GAP:
                if opened:
                    raise ClozeCutsMarkup
                opened, done = (gaps[int(part[1:-1])], done), []
            elif part[0] == _GAP_END:
                if not opened:
                    raise ClozeCutsMarkup
                gap, outside = opened
                outside.append(Cloze(gap.number, tuple(done), _as_typed(gap.hint, maths)))
                opened, done = None, outside
            else:
                done += _unmark(part, maths)
    if opened:
        raise ClozeCutsMarkup
    return tuple(done)


def _joined(children: Sequence[Any]) -> Iterator[Any]:
    run: list[str] = []
    for child in children:
        if isinstance(child, str):
            run.append(child.lstrip(_INLINE) if child[:1] == _INLINE else child)
            continue
        if run:
            yield "".join(run)
            run = []
        yield child
    if run:
        yield "".join(run)


# --- looking at a tree ---------------------------------------------------------------------


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


def is_too_deep(text: str) -> bool:
    """Whether a text nests markup deeper than `MAX_DEPTH`."""
    if not _MARKUP.search(text):
        return False
    import pyromark

    depth = 0
    for event in pyromark.events(text, options=pyromark.Options.ENABLE_TABLES):
        if not isinstance(event, str):
            depth += ("Start" in event) - ("End" in event)
            if depth > MAX_DEPTH:
                return True
    return False


def words(nodes: Sequence[Any]) -> str:
    """What a tree says, as plain words: no markup, gaps filled, maths as typed, blocks and
    cells apart by a line break."""
    out: list[str] = []
    _words(nodes, out)
    return "".join(out).strip()


def _words(nodes: Sequence[Any], out: list[str]) -> None:
    for node in nodes:
        if isinstance(node, (Text, Code)):
            out.append(node.text)
        elif isinstance(node, Math):
            out.append(node.tex)
        elif isinstance(node, Image):
            out.append(node.alt)
        elif isinstance(node, Break):
            out.append("\n")
        elif isinstance(node, List):
            for item in node.items:
                _words(item, out)
        elif isinstance(node, Table):
            for cell in (cell for row in (node.head, *node.rows) for cell in row):
                _words(cell, out)
                out.append("\n")
        elif not isinstance(node, Rule):
            _words(node.children, out)
            if isinstance(node, (Paragraph, Heading, CodeBlock)):
                out.append("\n")


_SCHEME: tuple[Literal["https://", "http://", "mailto:"], ...] = ("https://", "http://", "mailto:")


def is_web_address(url: str) -> bool:
    """Whether a link leads where a reader expects one to lead: https, http or mailto."""
    return url.lower().startswith(_SCHEME) and not FORBIDDEN.search(url)
