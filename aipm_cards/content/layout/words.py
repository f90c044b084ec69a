"""A text on one line: plain where every reader of YAML takes it for the same text, else quoted."""

from __future__ import annotations

import re

from aipm_cards.content.reader import Scalar
from aipm_cards.content.repair import quoted

# What readers of YAML 1.1 or 1.2 may take for a number, a date, a truth value or nothing. Too
# wide rather than too narrow: then quotes stay that could go.
_TYPED = re.compile(
    r"[-+.]?[0-9][-+.0-9a-fA-FxXoO_:TtZ \t]*"
    r"|[-+]?\.(?:inf|nan)|~|=|<<|y|n|yes|no|on|off|true|false|null",
    re.IGNORECASE,
)

# `-` may begin a plain text if no space follows; `?` and `:` are left to the quotes.
_BEGINS = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`]|-[^\s,\[\]{}-]")
_BREAKS = re.compile(r": |:$| #|[\t\n]")
_BREAKS_IN_BRACKETS = re.compile(r"[,\[\]{}?]")  # the parser of PyYAML in Python stops at a `?` too


def is_typed(value: str) -> bool:
    """Whether some reader of YAML may take the plain value for something else than a text."""
    return bool(_TYPED.fullmatch(value))


def is_plain(value: str, brackets: bool = False) -> bool:
    """Whether the text means itself without quotes; `brackets`: between `[` and `]` or `{` and `}`."""
    if not _BEGINS.match(value) or value[-1] == " " or _BREAKS.search(value):
        return False
    return not (brackets and _BREAKS_IN_BRACKETS.search(value))


def text_of(node: Scalar) -> str:
    """The text, as our reader takes it: line breaks at the ends are none of it."""
    return node.value.strip("\n")


def behind_a_key(text: str) -> str:
    """A text of one line as it stands behind a key: in quotes if it needs some."""
    return text if is_plain(text) and not is_typed(text) else quoted(text)


def stays_plain(node: Scalar) -> bool:
    """Whether it has to stay as it is: nothing, or plain and of a type in other readers."""
    return not node.style and (node.value == "" or is_typed(node.value))


def plain(node: Scalar, brackets: bool = False) -> str | None:
    """The text without quotes, or None if it needs some."""
    if stays_plain(node):
        return node.value
    text = text_of(node)
    return text if is_plain(text, brackets) and not is_typed(text) else None


def on_a_line(node: Scalar, brackets: bool = False) -> str | None:
    """The text on a line, quoted if it has to be; None if it has several lines."""
    text = plain(node, brackets)
    if text is None and "\n" not in text_of(node):
        return quoted(text_of(node))
    return text
