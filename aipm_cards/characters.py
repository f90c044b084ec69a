"""Characters that no source may hold and no terminal may get.

Control characters (line separators and C1 included), bidirectional embeddings, overrides
and isolates, surrogates and noncharacters. Joiners and directional marks of real scripts
are text. `text.py` relies on the noncharacters being free for its own marks.
"""

from __future__ import annotations

import re
import unicodedata

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"
    "\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U0010fffe\U0010ffff]"
)

_ASCII = bytes(range(128))
_NO_CONTROL = bytes(set(range(256)) - set(range(32)) - {0x7F} | {0x09, 0x0A})


def is_clean(data: bytes) -> bool:
    """Whether UTF-8 text holds no forbidden character: a search at the speed of bytes."""
    if data.translate(None, _NO_CONTROL):
        return False
    return data.isascii() or not FORBIDDEN.search(data.translate(None, _ASCII).decode())


_LINE_BREAKS = {"\x85", "\u2028", "\u2029", "\x0b", "\x0c", "\r"}


def describe(character: str) -> str:
    """A forbidden character in words that are safe to print: `U+001B (control character)`."""
    code = f"U+{ord(character):04X}"
    if character in _LINE_BREAKS:
        return f"{code} (a line break that editors do not show)"
    kind = unicodedata.category(character)
    if kind == "Cc":
        return f"{code} (a control character)"
    if kind == "Cf":
        return f"{code} ({unicodedata.name(character, 'a format character').lower()})"
    return f"{code} (not a character of any text)"


def clean(text: str) -> str:
    """`text` with each forbidden character replaced by U+FFFD, so that columns stay right."""
    return FORBIDDEN.sub("\ufffd", text)


def one_line(text: str) -> str:
    """`text` made safe to print inside one line of a message."""
    if text.isprintable():  # which none of them is
        return text
    return clean(text).replace("\n", "\ufffd").replace("\t", " ")
