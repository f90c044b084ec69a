"""What the log of a mock interview comes to, row by row; a row that makes no sense is refused."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from aipm_cards.kinds import ROUNDS
from aipm_cards.memory.interviews.mock import LONGEST, MOST, Asked, Draft, Entry, Kind, Mock, Result
from aipm_cards.memory.log import Senseless
from aipm_cards.memory.rows import whole
from aipm_cards.model import Point, Rating


def folded(entries: Iterable[Entry]) -> Mock:
    """What the rows of one interview, in their order, come to. Raises Senseless."""
    mock: Mock | None = None
    for entry in entries:
        mock = applied(mock, entry)
    if mock is None:
        raise Senseless("an interview without a row")
    return mock


def applied(mock: Mock | None, entry: Entry) -> Mock:
    """An interview after one more row. Raises Senseless if the row cannot follow."""
    said = _Said(entry)
    if (mock is None) != (entry.kind == Kind.BEGUN):
        raise said.senseless("is no beginning" if mock is None else "begins anew")
    if mock is None:
        return _begun(entry, said)
    if mock.ended and entry.kind not in (Kind.COUNTED, Kind.TAKEN_BACK):
        raise said.senseless("comes after the end")
    mock = replace(mock, revision=entry.seq)
    if entry.kind == Kind.ENDED:
        return replace(mock, ended=said.text("why", 1), draft=None)
    number = said.number("question", 0, len(mock.asked) - 1)
    if entry.card != mock.asked[number].card:
        raise said.senseless("names another card than was asked")
    if entry.kind in (Kind.COUNTED, Kind.TAKEN_BACK):
        return _of_what_is_done(mock, number, Kind(entry.kind), said)
    if number != mock.turn:
        raise said.senseless("is of a question whose turn it is not")
    return _in_turn(mock, number, Kind(entry.kind), said)


def _of_what_is_done(mock: Mock, number: int, kind: Kind, said: _Said) -> Mock:
    """An interview after something that happened to a question that was answered or left out."""
    if kind is Kind.COUNTED:
        if number not in mock.results or number in mock.counted:
            raise said.senseless("counts what is no answer, or twice")
        return replace(mock, counted={**mock.counted, number: said.text("event")})
    if number != mock.last:
        raise said.senseless("takes back what is not the last")
    result = mock.results.get(number)
    return replace(
        mock,
        results={n: other for n, other in mock.results.items() if n != number},
        left_out={n: why for n, why in mock.left_out.items() if n != number},
        counted={n: event for n, event in mock.counted.items() if n != number},
        draft=None if result is None else Draft(result.text, result.took, True, ticks_of(result), len(result.points)),
        ended="",
    )


def _in_turn(mock: Mock, number: int, kind: Kind, said: _Said) -> Mock:
    """An interview after something that happened to the question in turn."""
    if kind is Kind.DRAFT:
        return replace(mock, draft=said.draft())
    if kind is Kind.LEFT_OUT:
        return replace(mock, draft=None, left_out={**mock.left_out, number: said.text("why")})
    return replace(mock, draft=None, results={**mock.results, number: said.result()})


def _begun(entry: Entry, said: _Said) -> Mock:
    asked = []
    for item in said.items("asked", 1):
        if not (isinstance(item, list) and len(item) == 3 and isinstance(item[0], str) and item[1] in ROUNDS):
            raise said.senseless("asks what is no question")
        asked.append(Asked(item[0], item[1], said.checked(item[2], "seconds", 1, LONGEST)))
    seed, counts = said.number("seed", 0, 2**63), said.flag("counts")
    return Mock(entry.mock, entry.time, entry.zone, entry.day, tuple(asked), seed, counts, revision=entry.seq)


class _Said:
    """The detail of a row, value by value, each checked."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        try:
            self._values: Any = json.loads(entry.detail or "{}")
        except (ValueError, RecursionError):
            self._values = None
        if not isinstance(self._values, dict):
            raise self.senseless("cannot be read")

    def senseless(self, what: str) -> Senseless:
        """An error about this row."""
        return Senseless(f"row {self.entry.seq} of the interviews {what}")

    def text(self, name: str, least: int = 0) -> str:
        """A text of at least so many characters."""
        value = self._values.get(name)
        if not isinstance(value, str) or len(value) < least:
            raise self.senseless(f"has no {name}")
        return value

    def number(self, name: str, low: int, high: int) -> int:
        """A whole number within bounds."""
        return self.checked(self._values.get(name), name, low, high)

    def checked(self, value: object, name: str, low: int, high: int) -> int:
        """A value, which must be a whole number within bounds."""
        if type(value) is not int or not low <= value <= high:
            raise self.senseless(f"has no {name}")
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._values.get(name)
        if type(value) is not bool:
            raise self.senseless(f"has no {name}")
        return value

    def items(self, name: str, least: int = 0) -> list[Any]:
        """A list, not too long."""
        value = self._values.get(name)
        if not isinstance(value, list) or not least <= len(value) <= MOST:
            raise self.senseless(f"has no {name}")
        return value

    def draft(self) -> Draft:
        """An answer on its way."""
        ticks = tuple(self.checked(tick, "ticks", 0, MOST) for tick in self.items("ticks"))
        points = self.number("points", 0, MOST) if "points" in self._values else 0  # once it was not kept
        return Draft(self.text("text"), self._took(), self.flag("shown"), ticks, points)

    def result(self) -> Result:
        """An answer."""
        points = tuple(self._points())
        said = frozenset(self.checked(tick, "said", 0, len(points) - 1) for tick in self.items("said"))
        skills = self.items("skills")
        if not all(isinstance(skill, str) for skill in skills):
            raise self.senseless("has no skills")
        try:
            content = bytes.fromhex(self.text("content"))
        except ValueError:
            raise self.senseless("has no content") from None
        return Result(
            card=self.entry.card or "",
            rating=Rating(self.number("rating", 1, 4)),
            took=self._took(),
            points=points,
            said=said,
            late=self.flag("late"),
            fresh=self.flag("fresh"),
            text=self.text("text"),
            asked=self.text("asked"),
            skills=tuple(skills),
            revision=whole(self._values.get("revision"), "revision"),
            content=content,
            time=self.entry.time,
            zone=self.entry.zone,
            id=self.entry.id,
        )

    def _took(self) -> int:
        return whole(self._values.get("took"), "took")

    def _points(self) -> Iterator[Point]:
        for item in self.items("points", 1):
            if not (isinstance(item, list) and [type(part) for part in item] == [str, bool]):
                raise self.senseless("has no points")
            yield Point(*item)


def ticks_of(result: Result) -> tuple[int, ...]:
    """The ticks of a rubric: below its points stand "over time" and "with a fresh example"."""
    below = [len(result.points) + line for line, ticked in enumerate((result.late, result.fresh)) if ticked]
    return (*sorted(result.said), *below)


def detail_of_result(number: int, result: Result) -> dict[str, object]:
    """An answer as the log keeps it."""
    return {
        "question": number,
        "rating": int(result.rating),
        "took": result.took,
        "points": [[point.text, point.must] for point in result.points],
        "said": sorted(result.said),
        "late": result.late,
        "fresh": result.fresh,
        "text": result.text,
        "asked": result.asked,
        "skills": list(result.skills),
        "revision": result.revision,
        "content": result.content.hex(),
    }
