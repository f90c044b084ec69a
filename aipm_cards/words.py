"""Words for numbers, the same wherever they are said."""

from __future__ import annotations


def counted(number: int, what: str) -> str:
    """`1 note`, `2 notes`, `1,200 notes`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
