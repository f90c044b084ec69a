"""The identity of everything in Anki: a hash of the namespace and what it names.

Nothing here may ever change: Anki recognises notes, note types, fields, templates and decks
by these numbers, and with other ones a learner's cards would come a second time.
"""

from __future__ import annotations

import hashlib
from functools import cache

_LOWEST = 1 << 40  # above any id made from a clock before 2004, below 2 ** 53 for JavaScript


def guid(namespace: str, note_id: str) -> str:
    """The identity of a note, in Anki and in every history."""
    return f"{namespace}:{note_id}"


@cache
def number(namespace: str, *names: str) -> int:
    """The id of a note type, field, template or deck: from 2**40 to 2**41 - 1."""
    digest = hashlib.sha256("\0".join((namespace, *names)).encode()).digest()
    return _LOWEST + int.from_bytes(digest[:8], "big") % _LOWEST
