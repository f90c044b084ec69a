"""What the engine's MathML lacks to stand as Anki's MathJax sets it.

The engine writes `log` and `max` as if they were letters or signs of their own, puts limits beside
what should carry them, and leaves letters of another alphabet to an attribute that browsers no
longer read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import unescape
from xml.etree.ElementTree import Element

THIN = "0.167em"  # what TeX puts around the name of a function

_ALPHABETS = {
    "bold": "BOLD", "bold-italic": "BOLD ITALIC", "double-struck": "DOUBLE-STRUCK", "script": "SCRIPT",
    "fraktur": "FRAKTUR", "sans-serif": "SANS-SERIF", "monospace": "MONOSPACE",
}  # fmt: skip
_NO_SPACE = {"lspace": "0", "rspace": "0"}
_CAPITAL_GREEK = re.compile("[\u0391-\u03a9]")
_WITH_LIMITS = {
    *("lim", "max", "min", "sup", "inf", "lim sup", "lim inf", "det", "gcd", "Pr"),
    # products and sums; and, or, union, intersection; the same with circles and squares
    *"\u220f\u2210\u2211",
    *"\u22c0\u22c1\u22c2\u22c3",
    *"\u2a00\u2a01\u2a02\u2a04\u2a06",
}
_LIMITS = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_ROWS = {"math", "mrow", "mtd", "mstyle", "msqrt", "menclose", "mphantom", "mpadded"}
_SCRIPTS = {*_LIMITS, *_LIMITS.values()}
_CLOSING = {*")]}⟩⌋⌉!"}
_SIGNS = {"\u29f5": "\u2216", "~": "\u223c", ":": ":"}  # what the engine takes for a letter
_LETTERS = {*"∞∂∇∅∀∃\u22a4\u22a5"}  # what it takes for a sign between two terms


def spaced(element: Element) -> None:
    """Put an element of the engine, and all in it, right."""
    for child in [*element]:
        if child.tag == "mo" and not child.text and element.tag == "mrow":
            element.remove(child)  # \left. draws nothing
        else:
            spaced(child)
    _write(element, element.text or "")
    if element.tag in _LIMITS and _carries_limits(element[0]):
        element.tag = _LIMITS[element.tag]
        element[0].set("movablelimits", "true")
    if element.tag in _SCRIPTS:
        _set_tight(element[1:])
    elif element.tag == "mtable":
        _rule(element)
    elif element.tag == "mpadded" and element.get("width", "").startswith("+"):
        element.tag = "mrow"  # the words on an arrow: browsers cannot widen it
        element.attrib.clear()
    if element.tag in _ROWS:
        _space(element)


def _write(element: Element, text: str) -> None:
    """The text of an element in the letters, and as the kind of element, that MathJax gives it."""
    plain = element.text = unescape(text)
    if element.tag == "mtext":
        element.text = _unescaped(plain)
    elif element.tag == "mi" and (plain in _SIGNS or _is_sign(plain)):
        element.tag, element.text = "mo", _SIGNS.get(plain, plain)
    elif element.tag == "mo" and plain in _LETTERS:
        element.tag = "mi"
        element.set("mathvariant", "italic" if plain == "∂" else "normal")
    elif element.tag in ("mi", "mn") and "mathvariant" in element.attrib:
        _to_alphabet(element)
    elif element.tag == "mi" and (_CAPITAL_GREEK.fullmatch(plain) or (plain.isascii() and plain != text)):
        element.set("mathvariant", "normal")  # \Gamma; and \mathrm{d} comes as `&#x64;`
    elif element.tag == "mo" and plain in ("|", "‖") and "form" not in element.attrib:
        element.attrib.update(_NO_SPACE)


def _is_sign(text: str) -> bool:
    """Whether a character is a sign of mathematics or an arrow."""
    return len(text) == 1 and unicodedata.category(text) == "Sm" and text not in _LETTERS


def _set_tight(scripts: Sequence[Element]) -> None:
    """No space around the signs in scripts."""
    for script in scripts:
        for sign in script.iter("mo"):
            sign.attrib.update(_NO_SPACE)


def _unescaped(text: str) -> str:
    """Words in a formula: `\\%` is a percent sign there too."""
    for sign in "%$&#_{}":
        text = text.replace("\\" + sign, sign)
    return text


def _to_alphabet(element: Element) -> None:
    """Letters of the alphabet that `mathvariant` names."""
    alphabet = _ALPHABETS.get(element.get("mathvariant", ""))
    if alphabet:
        element.text = "".join([_letter(alphabet, character) for character in element.text or ""])


def _letter(alphabet: str, character: str) -> str:
    name = unicodedata.name(character, "").replace("LATIN ", "").replace("GREEK ", "").replace("LETTER ", "")
    for full in (f"MATHEMATICAL {alphabet} {name}", f"{alphabet} {name}"):  # some are not of mathematics alone
        try:
            return unicodedata.lookup(full)
        except KeyError:
            continue
    return character


def _carries_limits(base: Element) -> bool:
    return base.tag == "mo" and (base.text in _WITH_LIMITS or base.get("movablelimits") == "true")


def _rule(table: Element) -> None:
    """Give each cell the lines that the table has beside and below it."""
    columns, rows = (table.get(name, "none").split() for name in ("columnlines", "rowlines"))
    for row, line in zip(table[:-1], _for_each(rows, len(table) - 1), strict=True):
        for cell in row:
            cell.set("rowlines", line)
    for row in table:
        for cell, line in zip(row[:-1], _for_each(columns, len(row) - 1), strict=True):
            cell.set("columnlines", line)


def _for_each(values: Sequence[str], count: int) -> list[str]:
    """As many values as there are gaps; the last one stands for those that follow."""
    return [values[min(index, len(values) - 1)] for index in range(count)]


def _space(row: Element) -> None:
    """The space around names of functions, which depends on what stands beside them."""
    for index, element in enumerate(row):
        name = _core(element)
        if name is None:
            if row.tag == "mrow" and len(row) == 1 and element.tag == "mo" and element.text == ",":
                element.attrib.update(_NO_SPACE)  # 1{,}000
            continue
        name.tag = "mo"
        name.set("lspace", THIN if index and _core(row[index - 1]) is None and _ends_a_term(row[index - 1]) else "0")
        name.set("rspace", THIN if index + 1 < len(row) and _begins_a_term(row[index + 1]) else "0")


def _ends_a_term(element: Element) -> bool:
    return element.tag not in ("mo", "mspace") or element.text in _CLOSING


def _begins_a_term(element: Element) -> bool:
    return element.tag not in ("mo", "mspace") or _core(element) is not None


def _core(element: Element) -> Element | None:
    """The name of a function, bare or with scripts; None if it is none."""
    while element.tag in _SCRIPTS and len(element):
        element = element[0]
    text = element.text or ""
    is_name = element.tag in ("mi", "mo") and len(text) > 1 and text.replace(" ", "").isalpha() and text.isascii()
    return element if is_name and "mathvariant" not in element.attrib else None
