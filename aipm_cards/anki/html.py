"""Card text to the HTML of an Anki field.

Everything that came from an author is escaped. What Anki itself would interpret inside a
field (`[sound:`, `[latex]`, `\\(` that is no maths) is broken up, so that it shows as typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from aipm_cards.colouring import LANGUAGES, MAX_COLOURED
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
    is_one_paragraph,
    is_web_address,
    parse,
    parse_cloze,
    parse_inline,
    parse_plain,
)

_SPECIAL = re.compile(r'[&<>"\[\\{\n]')
_ANKI = re.compile(r"\[(?=/?(?:sound:|anki:|latex\]|\$))", re.IGNORECASE)
_DELIMITER = re.compile(r"\\(?=[()\[\]])")


def escape(text: str) -> str:
    """Text that shows as typed, in Anki too."""
    if not _SPECIAL.search(text):
        return text
    return _break_up(_html(text)).replace("\n", " ")


def attribute(text: str) -> str:
    """Text inside the quotes of an attribute, where no element can stand."""
    return _ANKI.sub("&#91;", _html(text)).replace("{{", "&#123;&#123;").replace("\\", "&#92;").replace("\n", " ")


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _break_up(html: str) -> str:
    """HTML without what Anki would interpret in it."""
    if "[" in html:
        html = _ANKI.sub("&#91;", html)
    if "\\" in html:
        html = _DELIMITER.sub(r"\\<span></span>", html)
    return html.replace("{{", "&#123;&#123;") if "{{" in html else html


class Printer:
    """Prints trees as HTML. `media` gives the name in the package of each image's path."""

    def __init__(self, media: Mapping[str, str]) -> None:
        self.media = media

    def block(self, text: str) -> str:
        """A block text. Most are a paragraph of plain words: for those the tree is spared."""
        if is_one_paragraph(text):
            return f"<p>{escape(text.strip())}</p>" if text else ""
        return self.blocks(parse(text))

    def cloze(self, text: str) -> str:
        """A block text with gaps."""
        return self.blocks(parse_cloze(text))

    def inline(self, text: str) -> str:
        """A text of one line."""
        return self.inlines(parse_inline(text))

    def plain(self, text: str) -> str:
        """A text in which only maths is special."""
        return self.inlines(parse_plain(text))

    def blocks(self, nodes: Sequence[Block]) -> str:
        """Blocks one after the other."""
        return "".join([_BLOCKS[type(node)](self, node) for node in nodes])

    def inlines(self, nodes: Sequence[Inline]) -> str:
        """What stands in a line."""
        return "".join([_INLINES[type(node)](self, node) for node in nodes])


def _paragraph(printer: Printer, node: Paragraph) -> str:
    inside = printer.inlines(node.children)
    return inside if node.tight else f"<p>{inside}</p>"


def _heading(printer: Printer, node: Heading) -> str:
    level = min(node.level + 2, 6)  # h1 and h2 belong to the card itself
    return f"<h{level}>{printer.inlines(node.children)}</h{level}>"


def _quote(printer: Printer, node: Quote) -> str:
    return f"<blockquote>{printer.blocks(node.children)}</blockquote>"


def _list(printer: Printer, node: List) -> str:
    items = "".join([f"<li>{printer.blocks(item)}</li>" for item in node.items])
    if node.start is None:
        return f"<ul>{items}</ul>"
    start = "" if node.start == 1 else f' start="{node.start}"'
    return f"<ol{start}>{items}</ol>"


def _code_block(printer: Printer, node: CodeBlock) -> str:
    if len(node.children) == 1 and isinstance(node.children[0], Text):
        code = node.children[0].text
        inside = _coloured(code, node.language) or _code_text(code)
    else:
        inside = "".join([_hidden_code(printer, child) for child in node.children])
    return f"<pre><code>{inside}</code></pre>"


def _hidden_code(printer: Printer, node: Inline) -> str:
    if isinstance(node, Cloze):
        return _gap(node, "".join([_hidden_code(printer, child) for child in node.children]))
    return _code_text(node.text) if isinstance(node, Text) else printer.inlines((node,))


def _code_text(code: str) -> str:
    return "\n".join([escape(line) for line in code.split("\n")])


@cache
def _lexer(language: str) -> Any:
    from pygments.lexers import get_lexer_by_name

    return get_lexer_by_name(language, stripnl=False, ensurenl=False)


def _coloured(code: str, language: str) -> str:
    """Code with a class per token, or nothing if it is left plain."""
    if language.lower() not in LANGUAGES or len(code) > MAX_COLOURED:
        return ""
    from pygments.token import STANDARD_TYPES

    tokens = list(_lexer(language.lower()).get_tokens(code))
    if "".join(value for _, value in tokens) != code:
        return ""  # rather no colour than another text
    pieces = []
    for token, value in tokens:
        while token not in STANDARD_TYPES:
            token = token.parent
        name = STANDARD_TYPES[token]
        shown = _code_text(value)
        pieces.append(f'<span class="hl-{name}">{shown}</span>' if name and value.strip() else shown)
    return _break_up("".join(pieces))  # a lexer may have cut through what Anki interprets


def _table(printer: Printer, node: Table) -> str:
    def row(cells: Sequence[Sequence[Inline]], tag: str) -> str:
        columns = [
            f"<{tag}{_aligned(node.align[index] if index < len(node.align) else '')}>{printer.inlines(cell)}</{tag}>"
            for index, cell in enumerate(cells)
        ]
        return f"<tr>{''.join(columns)}</tr>"

    body = "".join([row(cells, "td") for cells in node.rows])
    return f'<div class="table"><table><thead>{row(node.head, "th")}</thead><tbody>{body}</tbody></table></div>'


def _aligned(align: str) -> str:
    return f' class="{align}"' if align else ""


def _rule(printer: Printer, node: Rule) -> str:
    return "<hr>"


def _text(printer: Printer, node: Text) -> str:
    return escape(node.text)


def _break(printer: Printer, node: Break) -> str:
    return "<br>"


def _code(printer: Printer, node: Code) -> str:
    return f"<code>{escape(node.text)}</code>"


def _math(printer: Printer, node: Math) -> str:
    tex = node.tex.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", " ")
    tex = _ANKI.sub("&#91;", tex)
    if not node.gaps:
        # Anki looks for gaps before it decodes entities, MathJax for formulas afterwards.
        tex = tex.replace("{{", "&#123;&#123;").replace("}}", "&#125;&#125;").replace("::", ":&#58;")
    return rf"\[{tex}\]" if node.display else rf"\({tex}\)"


def _emphasis(printer: Printer, node: Emphasis) -> str:
    tag = "strong" if node.strong else "em"
    return f"<{tag}>{printer.inlines(node.children)}</{tag}>"


def _link(printer: Printer, node: Link) -> str:
    inside = printer.inlines(node.children)
    if not is_web_address(node.url):
        return inside
    return f'<a href="{attribute(node.url)}">{inside}</a>'


def _image(printer: Printer, node: Image) -> str:
    name = printer.media.get(node.path)
    if name is None:
        return escape(node.alt)
    return f'<img src="{attribute(name)}" alt="{attribute(node.alt)}">'


def _cloze(printer: Printer, node: Cloze) -> str:
    return _gap(node, printer.inlines(node.children))


def _gap(node: Cloze, inside: str) -> str:
    # The first two colons would begin the hint, the first two braces end the gap.
    inside = inside.replace("::", ":&#58;").replace("}", "&#125;")
    if inside.startswith("image-occlusion:"):
        inside = inside.replace(":", "&#58;", 1)
    hint = f"::{escape(node.hint).replace('}', '&#125;')}" if node.hint else ""
    return f"{{{{c{node.number}::{inside}{hint}}}}}"


_BLOCKS: dict[type, Callable[[Printer, Any], str]] = {
    Paragraph: _paragraph,
    Heading: _heading,
    Quote: _quote,
    List: _list,
    CodeBlock: _code_block,
    Table: _table,
    Rule: _rule,
}
_INLINES: dict[type, Callable[[Printer, Any], str]] = {
    Text: _text,
    Break: _break,
    Code: _code,
    Math: _math,
    Emphasis: _emphasis,
    Link: _link,
    Image: _image,
    Cloze: _cloze,
}
