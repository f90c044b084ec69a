"""Text as Markdown that shows it as it is: never markup, a link or a mention."""

from __future__ import annotations

import re
from html import escape

from aipm_cards.characters import one_line

# What Markdown reads as markup anywhere, and what it does so only where a line begins.
_SPECIAL = re.compile(r"[\\`*\[~$]|(?<!\w)_|_(?!\w)|(?<!\S)#(?=#*$)|:(?=//)|(?i:(?<=\bwww)\.)")
_BEGINS = re.compile(r"^(\d{0,9})([-+.)]|#{1,6}|-[-\s]*)(?=\s|$)")


def plain(words: str, begins: bool = False) -> str:
    """Text that Markdown shows as it is; `begins` if it stands at the beginning of a line."""
    marked = _SPECIAL.sub(lambda match: f"\\{match[0]}", one_line(words))
    if begins:
        marked = _BEGINS.sub(r"\1\\\2", marked)
    marked = escape(marked, quote=False)
    # A mention or a number of an issue is found after the escapes are gone: part it.
    return re.sub(r"(@(?=\w)|#(?=[0-9]))", r"\1&#8203;", marked)


def code(words: str) -> str:
    """Text as code, which can be copied as it is; plain where it holds a mark of code itself."""
    line = one_line(words)
    return plain(line) if "`" in line or line != line.strip() or not line else f"`{line}`"
