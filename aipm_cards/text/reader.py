"""Card text to its tree. One Markdown engine, pyromark, stands behind it.

CommonMark with tables, without raw HTML (which is text, shown as typed).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from aipm_cards.characters import FORBIDDEN
from aipm_cards.text.gaps import ClozeCutsMarkup, Gap, holds_gaps, scan_gaps
from aipm_cards.text.maths import Formula, as_typed, take_maths, unmark
from aipm_cards.text.nodes import (
    Block,
    Break,
    Cloze,
    Code,
    CodeBlock,
    Document,
    Emphasis,
    Heading,
    Image,
    Inline,
    Link,
    List,
    Paragraph,
    Quote,
    Rule,
    Table,
    Text,
    words,
)

MAX_DEPTH = 16

_GAP, _GAP_NUMBER, _GAP_END, _INLINE = "\ufdd2\ufdd3\ufdd4\ufdd5"

# Characters that could be markup anywhere in a text, and those that could be at the beginning of
# a line. A text without either is one paragraph, and most texts are.
_INSIDE = re.compile(r"[\\`*_\[<&|\ufdd0-\ufdef]")
_IN_FRONT = frozenset("#>+-=~0123456789 \t")
_ENTITY = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,8}));?")


def is_one_paragraph(text: str) -> bool:
    """Whether a text is certainly one paragraph of words, without any markup."""
    if _INSIDE.search(text) or text[:1] in _IN_FRONT:
        return False
    if "\n" not in text:
        return True
    return not any(not line or line[0] in _IN_FRONT or line[-1] in " \t" for line in text.split("\n"))


def parse(text: str) -> Document:
    """Read a block text. Any text is read; what is nested deeper than `MAX_DEPTH` is flattened."""
    text = text.strip("\n").rstrip()
    if is_one_paragraph(text):
        return (Paragraph((Text(text),)),) if text else ()
    marked, maths = take_maths(_no_forbidden_entities(text))
    return _tree(marked, _Taken(maths, ()))


def parse_cloze(text: str) -> Document:
    """Read a block text with gaps, which must be sound (`cloze_faults` finds nothing). Raises
    ClozeCutsMarkup."""
    text = _no_forbidden_entities(text.strip("\n").rstrip())
    if not text:
        return ()
    marked, maths = take_maths(text)
    maths = [Formula(math._replace(gaps=holds_gaps(math.tex)), typed) for math, typed in maths]
    found, _ = scan_gaps(marked)
    pieces, at = [], 0
    for index, gap in enumerate(found):
        hidden = marked[gap.hidden_start : gap.hidden_end]
        pieces += [marked[at : gap.start], _GAP, str(index), _GAP_NUMBER, hidden, _GAP_END]
        at = gap.end
    pieces.append(marked[at:])
    if is_one_paragraph(text):
        return (Paragraph(_inlines(pieces, _Taken(maths, found))),)
    return _tree("".join(pieces), _Taken(maths, found))


def parse_inline(text: str) -> tuple[Inline, ...]:
    """Read a text of one line: emphasis, code, links and maths, no blocks."""
    text = " ".join(text.split("\n")).strip()
    if not _INSIDE.search(text):
        return (Text(text),) if text else ()
    marked, maths = take_maths(_no_forbidden_entities(text))
    # The mark in front keeps `# 5` or `1. x` from becoming a heading or a list.
    (block, *_) = _tree(_INLINE + marked, _Taken(maths, ()))
    assert isinstance(block, Paragraph)
    first, *others = block.children
    assert isinstance(first, Text)
    words_in_front = first.text.removeprefix(_INLINE)
    return (Text(words_in_front), *others) if words_in_front else tuple(others)


def parse_plain(text: str) -> tuple[Inline, ...]:
    """Read a text in which only maths is special; its lines are kept."""
    text = text.strip()
    if "\\" not in text and "\n" not in text:
        return (Text(text),) if text else ()
    marked, maths = take_maths(text, code=False)
    nodes: list[Inline] = []
    for number, line in enumerate(marked.split("\n")):
        if number:
            nodes.append(Break())
        nodes += unmark(line, maths)
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


def is_too_deep(text: str) -> bool:
    """Whether a text nests markup deeper than `MAX_DEPTH`."""
    if is_one_paragraph(text):
        return False
    depth = 0
    for event in _events(text):
        if not isinstance(event, str):
            depth += ("Start" in event) - ("End" in event)
            if depth > MAX_DEPTH:
                return True
    return False


# --- the tree ------------------------------------------------------------------------------


class _Taken(NamedTuple):
    """What was taken out of a text and only left its marks."""

    maths: Sequence[Formula]
    gaps: Sequence[Gap]


@cache
def _engine() -> Callable[[str], Iterable[Any]]:
    import pyromark  # only a text with markup pays for it

    return partial(pyromark.events, options=pyromark.Options.ENABLE_TABLES)


def _events(text: str) -> Iterable[Any]:
    return _engine()(text)


_FLAT = "Flat"  # a container beyond MAX_DEPTH: what it holds goes to the one around it
_ALIGN = {"None": "", "Left": "left", "Center": "center", "Right": "right"}


def _tree(marked: str, taken: _Taken) -> Document:
    # What is open around the place of reading: kind, attributes and children of each container.
    around: list[tuple[str, Any, list[Any]]] = []
    kind, attributes = "Document", None
    children: list[Any] = []
    for event in _events(marked):
        if type(event) is str:
            children.append(_leaf(event))
            continue
        ((name, value),) = event.items()
        if name == "Text":
            children.append(value)
        elif name == "Start":
            around.append((kind, attributes, children))
            kind, attributes = (value, None) if type(value) is str else next(iter(value.items()))
            children = []
            if len(around) > MAX_DEPTH:
                kind = _FLAT
        elif name == "End":
            closed, of, inside = kind, attributes, children
            kind, attributes, children = around.pop()
            if closed == _FLAT:
                children += inside
            else:
                children.append(_CLOSE[closed](inside, of, taken))
        elif name == "Code":
            children += _code(value, taken)
        else:  # InlineHtml, Html: shown as typed
            children.append(value)
    return tuple(_blocks(children, taken))


def _code(value: str, taken: _Taken) -> list[Any]:
    """Code, in pieces where a gap is inside; the marks of gaps stay as they are."""
    if not taken.gaps and not taken.maths:
        return [Code(value)]
    parts = _split_gaps(value)
    return [part if part[0] in (_GAP, _GAP_END) else Code(as_typed(part, taken.maths)) for part in parts]


def _leaf(event: str) -> object:
    if event == "SoftBreak":
        return "\n"
    return Break() if event == "HardBreak" else Rule()


def _list(children: list[Any], attributes: Any, taken: _Taken) -> List:
    return List(attributes, tuple(children))


def _item(children: list[Any], attributes: Any, taken: _Taken) -> tuple[Block, ...]:
    return tuple(_blocks(children, taken, tight=True))


def _quote(children: list[Any], attributes: Any, taken: _Taken) -> Quote:
    return Quote(tuple(_blocks(children, taken)))


def _table(children: list[Any], attributes: Any, taken: _Taken) -> Table:
    return Table(
        tuple(_ALIGN[align] for align in attributes),
        children[0],
        tuple(row for row in children[1:] if type(row) is tuple),
    )


def _row(children: list[Any], attributes: Any, taken: _Taken) -> tuple[Any, ...]:
    return tuple(children)


def _code_block(children: list[Any], attributes: Any, taken: _Taken) -> CodeBlock:
    maths = taken.maths
    if isinstance(attributes, dict):
        info = attributes["Fenced"]
    else:  # by four spaces, which Markdown could not take from the lines of a formula
        info = ""
        maths = [Formula(math, typed.replace("\n    ", "\n")) for math, typed in maths]
    typed = as_typed("".join(children).rstrip("\n"), maths)
    return CodeBlock(as_typed(info, maths).split(" ")[0], _inlines([typed], _Taken((), taken.gaps)))


def _html_block(children: list[Any], attributes: Any, taken: _Taken) -> Paragraph:
    lines = "".join(children).rstrip("\n").split("\n")
    return Paragraph(_inlines([part for line in lines for part in (Break(), line)][1:], taken))


def _link(children: list[Any], attributes: Any, taken: _Taken) -> Link:
    url = as_typed(attributes["dest_url"], taken.maths)
    return Link(f"mailto:{url}" if attributes["link_type"] == "Email" else url, _inlines(children, taken))


def _image(children: list[Any], attributes: Any, taken: _Taken) -> Image:
    alt = " ".join(words(_inlines(children, taken)).split())
    return Image(as_typed(attributes["dest_url"], taken.maths), alt)


def _heading(children: list[Any], attributes: Any, taken: _Taken) -> Heading:
    return Heading(int(attributes["level"][1]), _inlines(children, taken))


_CLOSE: dict[str, Callable[[list[Any], Any, _Taken], Any]] = {
    "Paragraph": lambda children, _, taken: Paragraph(_inlines(children, taken)),
    "Emphasis": lambda children, _, taken: Emphasis(_inlines(children, taken), strong=False),
    "Strong": lambda children, _, taken: Emphasis(_inlines(children, taken), strong=True),
    "TableCell": lambda children, _, taken: _inlines(children, taken),
    "TableHead": _row,
    "TableRow": _row,
    "Table": _table,
    "List": _list,
    "Item": _item,
    "BlockQuote": _quote,
    "CodeBlock": _code_block,
    "HtmlBlock": _html_block,
    "Link": _link,
    "Image": _image,
    "Heading": _heading,
}


def _blocks(children: Sequence[Any], taken: _Taken, tight: bool = False) -> list[Block]:
    """Blocks as they are; words that stand between them become paragraphs."""
    blocks: list[Block] = []
    loose: list[Any] = []
    for child in children:
        if type(child) not in _BLOCKS:
            loose.append(child)
            continue
        if loose:
            blocks.append(Paragraph(_inlines(loose, taken), tight))
            loose = []
        blocks.append(child)
    if loose:
        blocks.append(Paragraph(_inlines(loose, taken), tight))
    return blocks


_BLOCKS = frozenset({Paragraph, Heading, Quote, List, CodeBlock, Table, Rule})
_GAP_MARK = re.compile(f"({_GAP}[0-9]+{_GAP_NUMBER}|{_GAP_END})")


def _split_gaps(text: str) -> list[str]:
    return [part for part in _GAP_MARK.split(text) if part]


def _inlines(children: Sequence[Any], taken: _Taken) -> tuple[Inline, ...]:
    """Runs of strings to Text and Math, gaps closed around what they hide."""
    joined = _joined(children)
    if not taken.gaps and not taken.maths:
        return tuple([Text(child) if type(child) is str else child for child in joined])
    done: list[Inline] = []
    opened: tuple[Gap, list[Inline]] | None = None
    for child in joined:
        if type(child) is not str:
            done.append(child)
            continue
        for part in _split_gaps(child):
            if part[0] == _GAP:
                if opened:
                    raise ClozeCutsMarkup
                opened, done = (taken.gaps[int(part[1:-1])], done), []
            elif part[0] == _GAP_END:
                if not opened:
                    raise ClozeCutsMarkup
                gap, outside = opened
                outside.append(Cloze(gap.number, tuple(done), as_typed(gap.hint, taken.maths)))
                opened, done = None, outside
            else:
                done += unmark(part, taken.maths)
    if opened:
        raise ClozeCutsMarkup
    return tuple(done)


def _joined(children: Sequence[Any]) -> list[Any]:
    """The children, with strings that follow one another in one."""
    joined: list[Any] = []
    last_is_text = False
    for child in children:
        is_text = type(child) is str
        if is_text and last_is_text:
            joined[-1] += child
        elif child != "":
            joined.append(child)
            last_is_text = is_text
    return joined
