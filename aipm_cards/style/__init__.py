"""The style of a good card: what can be measured of it, over sound notes. Nothing here reads files.

`each_note` looks at one note, `between` at all of them; both yield `Found`. Where in the file a
finding stands, and which findings a note is allowed, is worked out by `content/examine.py`.
"""

from aipm_cards.style.between import Trace, between, trace, unseparated
from aipm_cards.style.rules import each_note
from aipm_cards.style.wording import Found, Wording

__all__ = ["Found", "Trace", "Wording", "between", "each_note", "trace", "unseparated"]
