"""Words for numbers, shares and days, the same wherever they are said."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


def counted(number: int, what: str) -> str:
    """`1 note`, `2 notes`, `1,200 notes`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def dated(day: date) -> str:
    """`12 May 2026`."""
    return f"{day.day} {day:%B %Y}"


def percent(share: float | None, digits: int = 0) -> str:
    """A share: `92 %`; a dash of nothing."""
    return "-" if share is None else f"{share * 100:.{digits}f} %"
