"""Formulas of a card to MathML, which browsers draw by themselves.

Anki draws them with MathJax. What is not understood here stays as its LaTeX source, marked.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from xml.etree.ElementTree import Element

LONGEST = 5_000  # characters of a formula that is drawn
DEEPEST = 40  # braces within braces

_FORMULA = re.compile(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", re.DOTALL)
_SCRIPT = re.compile(r"(<script>.*?</script>)", re.DOTALL)
# Macros could name one another until memory ends.
_MACRO = re.compile(r"\\(?:newcommand|renewcommand|providecommand|def|let|DeclareMathOperator)\b")
_AS_LINES = re.compile(r"\\(begin|end)\{(?:aligned|alignedat|gathered|split)\}")

# What a formula may be made of: MathML, and no attribute that could load, link or style.
_ELEMENTS = frozenset(
    {
        *("math", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom", "mprescripts", "mroot"),
        *("mrow", "ms", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr"),
        *("munder", "munderover", "none", "menclose"),
    }
)
_ATTRIBUTES = frozenset(
    {
        *("accent", "accentunder", "columnalign", "columnspacing", "depth", "display", "displaystyle", "fence"),
        *("form", "height", "largeop", "linethickness", "lspace", "mathcolor", "mathsize", "mathvariant", "maxsize"),
        *("minsize", "movablelimits", "notation", "rowspacing", "rspace", "scriptlevel", "separator", "stretchy"),
        *("symmetric", "voffset", "width"),
    }
)


def drawn(html: str) -> str:
    """The HTML of a side with its formulas as MathML; scripts stay as they are."""
    if "\\(" not in html and "\\[" not in html:
        return html
    pieces = _SCRIPT.split(html)
    pieces[::2] = [_FORMULA.sub(_formula, piece) for piece in pieces[::2]]
    return "".join(pieces)


def _formula(found: re.Match[str]) -> str:
    inline, displayed = found.groups()
    tex = unescape(inline if displayed is None else displayed)
    mathml = to_mathml(tex, displayed is not None)
    return mathml or f'<code class="untypeset" title="Not drawn here; Anki may know it.">{found[0]}</code>'


@lru_cache(maxsize=4096)
def to_mathml(tex: str, displayed: bool) -> str:
    """A formula as MathML; empty if it is not understood in every part."""
    from latex2mathml.converter import convert_to_element

    if len(tex) > LONGEST or _depth(tex) > DEEPEST or _MACRO.search(tex):
        return ""
    try:
        root = convert_to_element(_AS_LINES.sub(r"\\\1{align*}", tex), display="block" if displayed else "inline")
        return _printed(root)
    except Exception:  # whatever an author typed, and whatever the engine does not know: it is shown as typed
        return ""


def _depth(tex: str) -> int:
    depth = deepest = 0
    for character in tex:
        if character in "{}":
            depth += 1 if character == "{" else -1
            deepest = max(deepest, depth)
    return deepest


class _NotUnderstood(Exception):
    """The engine passed something on that it did not understand."""


def _printed(element: Element) -> str:
    """An element of the engine as MathML, with all text escaped: the engine escapes none."""
    text = element.text or ""
    # An unknown command comes back as it was typed, and so does a `&` or a line break outside a table.
    if element.tag not in _ELEMENTS or "linebreak" in element.attrib or text.startswith("\\") or text in ("&", "}"):
        raise _NotUnderstood
    known = {name: value for name, value in element.attrib.items() if name in _ATTRIBUTES}
    attributes = "".join([f' {name}="{_escaped(value)}"' for name, value in known.items()])
    inside = "".join(map(_printed, element))
    return f"<{element.tag}{attributes}>{_escaped(unescape(text))}{inside}</{element.tag}>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
