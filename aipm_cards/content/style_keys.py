"""`style:` of a collection: which rules it switched off, and which words it knows."""

from __future__ import annotations

from aipm_cards import keys
from aipm_cards.content.files import Findings
from aipm_cards.content.reader import Mapping, Node, Refused, Sequence
from aipm_cards.content.values import names, shown, unknown_key, wrong_shape
from aipm_cards.diagnostics import STYLE
from aipm_cards.model import Confusable, Style

_KEYS = keys.names(keys.STYLE_KEYS)


def read_style(node: Node, findings: Findings) -> Style:
    """The style of a collection; what is wrong with it goes to `findings`."""
    if not isinstance(node, Mapping):
        wrong_shape(node, "style", f"its keys below it: {', '.join(_KEYS)}", findings)
        return Style()
    off: tuple[str, ...] = ()
    short_forms: tuple[str, ...] = ()
    confusable: tuple[Confusable, ...] = ()
    for name, (key, value) in node.entries.items():
        if isinstance(value, Refused):
            continue
        if name == "off":
            off = _rules(value, findings)
        elif name == "short_forms":
            short_forms = names(value, name, findings) or ()
        elif name == "confusable":
            confusable = _pairs(value, findings)
        else:
            unknown_key("D101", key, "the style", _KEYS, node, findings)
    return Style(frozenset(off), frozenset(short_forms), confusable)


def _rules(node: Node, findings: Findings) -> tuple[str, ...]:
    codes = names(node, "off", findings) or ()
    for index, code in enumerate(codes):
        if code not in STYLE:
            at = node.items[index].place if isinstance(node, Sequence) else node.place
            hint = findings.nearest(code, STYLE) or "only rules about style (S…) can be switched off"
            findings.add("D104", at, f"'{shown(code)}' is no rule about style", hint)
    return tuple(code for code in codes if code in STYLE)


def _pairs(node: Node, findings: Findings) -> tuple[Confusable, ...]:
    if not isinstance(node, Sequence):
        wrong_shape(node, "confusable", "a list of pairs: [precision, recall]", findings)
        return ()
    found = []
    for item in node.items:
        if isinstance(item, Refused):
            continue
        terms = names(item, "confusable", findings) if isinstance(item, Sequence) else ()
        if terms and len(terms) == 2:
            found.append(Confusable(terms[0], terms[1], item.place))
        elif terms is not None:
            findings.add("D103", item.place, "no pair of two terms", "write [precision, recall]")
    return tuple(found)
