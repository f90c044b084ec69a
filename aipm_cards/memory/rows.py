"""Rows of a history file, checked: a disk or another program may have changed them.

SQLite takes any value in any column. A row that makes no sense must be said to be damage, and
not end in an error of whatever works with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from aipm_cards.memory.log import CardState, Event, Senseless

LATEST = 253_370_764_800_000  # UTC milliseconds at the beginning of the year 9999
_DAYS = (-LATEST // 86_400_000, LATEST // 86_400_000)
_MANY = 2**53

_TIMES = (0, LATEST)
_COUNT = (0, _MANY)
_NUMBERS: dict[str, tuple[int, int]] = {
    "seq": _COUNT,
    "kind": (1, 9),
    "card": _COUNT,
    "collection": _COUNT,
    "revision": _COUNT,
    "time": _TIMES,
    "zone": _COUNT,
    "day": _DAYS,
    "device": _COUNT,
    "rating": (1, 4),
    "took": _COUNT,
    "before": (0, 4),
    "state": (0, 3),
    "step": (0, 100),
    "due": (-LATEST, LATEST),
    "due_day": _DAYS,
    "last_day": _DAYS,
    "interval": (0, 36_500),
    "leech": (0, 1),
    "content": _COUNT,
    "scheduler": _COUNT,
    "reps": _COUNT,
    "lapses": _COUNT,
    "suspended": (0, 1),
    "buried": _DAYS,
    "flags": _COUNT,
    "shuffle": (0, 2**24),
}
_REALS = {"stability": 40_000.0, "difficulty": 10.0}
_OTHERS: dict[str, type] = {"id": bytes, "voids": bytes, "detail": str}
BOUNDS: list[tuple[int, float, float]] = [
    *((Event._fields.index(name), low, high) for name, (low, high) in _NUMBERS.items() if name in Event._fields),
    *((Event._fields.index(name), 0, high) for name, high in _REALS.items()),
]
_MAY_MISS = frozenset(Event._field_defaults) | {"content"}


_checked: set[tuple[type, ...]] = set()  # the kinds of values of rows that were checked one by one


def event_of(row: Sequence[Any]) -> Event:
    """An event from its row. Raises Senseless."""
    event = Event(*row)
    kinds = tuple(map(type, row))
    if kinds not in _checked or not _in_bounds(event):  # a million rows have few sorts of kinds
        _check(event, Event._fields)
        _checked.add(kinds)
    return event


def _in_bounds(event: Event) -> bool:
    """Whether the values of an event are what they may be, given that their kinds are right."""
    if len(event.id) != 16 or (event.voids is not None and len(event.voids) != 16):
        return False
    values: tuple[Any, ...] = event
    for index, low, high in BOUNDS:
        value = values[index]
        if value is not None and not low <= value <= high:
            return False
    return True


def state_of(row: Sequence[Any]) -> CardState:
    """The state of a card from its row. Raises Senseless."""
    state = CardState(*row)
    _check(state, CardState._fields, missing=frozenset({"content"}))
    if state.state and not (state.stability > 0 and state.difficulty >= 1):
        raise Senseless("a card was learned, but has no memory state")
    return state


def columns_checked(rows: Sequence[Sequence[Any]], names: Sequence[str]) -> None:
    """See that each column of many rows holds what the column `name` may, and no text but `key`.
    Raises Senseless."""
    for name, values in zip(names, zip(*rows, strict=True), strict=bool(rows)):
        wanted = str if name == "key" else float if name in _REALS else int
        if set(map(type, values)) != {wanted}:
            raise Senseless(f"{name} is of a wrong kind")
        if wanted is not str:
            low, high = (0, _REALS[name]) if name in _REALS else _NUMBERS[name]
            if not low <= min(values) <= max(values) <= high:  # an infinite one is not; SQLite keeps no NaN
                raise Senseless(f"{name} is no such number")


def between(name: str) -> str:
    """The condition in SQL that a column of this name holds a number that it may; no text is."""
    low, high = (0, _REALS[name]) if name in _REALS else _NUMBERS[name]
    return f"{name} BETWEEN {low} AND {high}"


def text_of(value: object) -> str:
    """A text. Raises Senseless."""
    if type(value) is not str:
        raise Senseless("a value is no text")
    return value


def whole(value: object, name: str = "due") -> int:
    """A whole number as the column `name` may hold it. Raises Senseless."""
    low, high = _NUMBERS[name]
    if type(value) is not int or not low <= value <= high:
        raise Senseless(f"{name} is no such number")
    return value


def real(value: object, name: str) -> float:
    """A number above 0 as the column `name` of a learned card may hold it. Raises Senseless."""
    if type(value) is not float or not 0 < value <= _REALS[name]:
        raise Senseless(f"{name} is no such number")
    return value


def _check(row: Sequence[Any], names: Sequence[str], missing: frozenset[str] = _MAY_MISS) -> None:
    for name, value in zip(names, row, strict=True):
        if value is None and name in missing:
            continue
        if name in _REALS:
            if type(value) is not float or not (isfinite(value) and 0 <= value <= _REALS[name]):
                raise Senseless(f"{name} is no such number")
        elif name in _OTHERS:
            if type(value) is not _OTHERS[name] or (isinstance(value, bytes) and len(value) != 16):
                raise Senseless(f"{name} is of a wrong kind")
        else:
            whole(value, name)
