"""Formulas of a card to MathML, which browsers draw by themselves.

Anki draws them with MathJax. What is not understood here, or not there, stays as its LaTeX source,
marked.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from html import unescape
from importlib import resources
from xml.etree.ElementTree import Element

from aipm_cards.preview.spacing import spaced

LONGEST = 5_000  # characters of a formula that is drawn
DEEPEST = 40  # braces within braces

_FORMULA = re.compile(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", re.DOTALL)
_SCRIPT = re.compile(r"(<script>.*?</script>)", re.DOTALL)
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_SIGN = re.compile(r"\\[%$&#_{}]")  # within words
# What MathJax knows and the engine does not, in words that it does know.
_IN_OTHER_WORDS = (
    (re.compile(r"\\(begin|end)\{(?:aligned|alignedat|gathered|split)\}"), r"\\\1{align*}"),
    (re.compile(r"\\not *="), r"\\neq "),
    (re.compile(r"\\arg(?![A-Za-z])"), r"\\operatorname{arg}"),
)

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
        *("accent", "accentunder", "columnalign", "columnlines", "columnspacing", "depth", "display", "displaystyle"),
        *("fence", "form", "height", "largeop", "linethickness", "lspace", "mathcolor", "mathsize", "mathvariant"),
        *("maxsize", "minsize", "movablelimits", "notation", "rowlines", "rowspacing", "rspace", "scriptlevel"),
        *("separator", "stretchy", "symmetric", "voffset", "width"),
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

    if len(tex) > LONGEST or _depth(tex) > DEEPEST or not commands().issuperset(_COMMAND.findall(tex)):
        return ""
    for pattern, words in _IN_OTHER_WORDS:
        tex = pattern.sub(words, tex)
    try:
        root = convert_to_element(tex, display="block" if displayed else "inline")
        _check(root)
        spaced(root)
        return _printed(root)
    except Exception:  # whatever an author typed, and whatever the engine does not know: it is shown as typed
        return ""


@cache
def commands() -> frozenset[str]:
    """The commands that both know: the engine, and MathJax 3 with the packages that Anki loads. None
    of them defines another: macros could name one another until memory ends."""
    text = resources.files("aipm_cards.preview").joinpath("assets", "commands.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def _depth(tex: str) -> int:
    depth = deepest = 0
    for character in tex:
        if character in "{}":
            depth += 1 if character == "{" else -1
            deepest = max(deepest, depth)
    return deepest


class _NotUnderstood(Exception):
    """The engine passed something on that it did not understand."""


def _check(root: Element) -> None:
    """Raises _NotUnderstood for what came back as it was typed: an unknown command, and a `&` or a
    line break outside a table."""
    for element in root.iter():
        text = element.text or ""
        typed = text in ("&", "}") or (text.startswith("\\") and not _SIGN.match(text))
        if element.tag not in _ELEMENTS or "linebreak" in element.attrib or typed:
            raise _NotUnderstood


def _printed(element: Element) -> str:
    """An element as MathML, with all text escaped: the engine escapes none."""
    known = {name: value for name, value in element.attrib.items() if name in _ATTRIBUTES}
    attributes = "".join([f' {name}="{_escaped(value)}"' for name, value in known.items()])
    inside = "".join(map(_printed, element))
    return f"<{element.tag}{attributes}>{_escaped(element.text or '')}{inside}</{element.tag}>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
