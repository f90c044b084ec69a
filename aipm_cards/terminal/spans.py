"""Spans of time in words: short ones for keys, long ones for sentences."""

from __future__ import annotations

MINUTE, HOUR, DAY = 60, 3600, 86_400
_MONTH, _YEAR = 30.44, 365.25  # days

_LONG = {"s": "second", "m": "minute", "h": "hour", "d": "day", "mo": "month", "y": "year"}


def short(seconds: float) -> str:
    """A span as Anki writes it above its buttons: `10m`, `4d`, `1.5mo`, `2.1y`."""
    number, unit = _parts(seconds)
    return f"{number}{unit}"


def long(seconds: float) -> str:
    """A span in words: `10 minutes`, `1 day`, `1.5 months`."""
    number, unit = _parts(seconds)
    return f"{number} {_LONG[unit]}{'' if number == '1' else 's'}"


def _parts(seconds: float) -> tuple[str, str]:
    """The largest unit of which there is one, after rounding: never 60 minutes or 12 months."""
    days = seconds / DAY
    if round(seconds) < 60:
        return str(max(0, round(seconds))), "s"
    if round(seconds / MINUTE) < 60:
        return str(round(seconds / MINUTE)), "m"
    if float(hours := _decimal(seconds / HOUR)) < 24:
        return hours, "h"
    if round(days) < 31:
        return str(round(days)), "d"
    months = _decimal(days / _MONTH)
    return (months, "mo") if float(months) < 12 else (_decimal(days / _YEAR), "y")


def _decimal(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def clock(seconds: float) -> str:
    """Minutes and seconds: `4:05`."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02}"
