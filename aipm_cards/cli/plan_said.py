"""A plan for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aipm_cards.memory.days import date_of

if TYPE_CHECKING:
    from aipm_cards.memory.planning.advice import Advice, Change, Range
    from aipm_cards.terminal.planned import Way


def as_said(advice: Advice, ways: Sequence[Way]) -> dict[str, object]:
    """Advice as JSON. Cards are numbers of cards, `left_out` their keys; minutes are of a day."""
    aim, limits = advice.aim, advice.limits
    return {
        "today": _date(aim.today),
        "on": _date(aim.date),
        "days": aim.date - aim.today,
        "minutes": aim.minutes or None,
        "cards": advice.cards,
        "new": advice.new,
        "possible": advice.possible,
        "remembered": _range(advice.remembered),
        "remembered_today": round(advice.now, 1),
        "usual_minutes": round(advice.typical, 1),
        "busiest_minutes": round(advice.busiest, 1),
        "limits": {
            "minutes": limits.minutes,
            "new_per_day": limits.new_per_day,
            "desired_retention": limits.desired_retention,
            "last_looks_from": _date(aim.date - limits.last_days) if limits.last_days else None,
            "new_first": limits.new_first,
        },
        "left_out": list(advice.left_out),
        "course": [
            {
                "date": _date(day.day),
                "remembered": _range(day.known),
                "minutes": round(day.minutes, 1),
                "most_minutes": round(day.most_minutes, 1),
            }
            for day in advice.course
        ],
        "changes": [_change(change) for change in advice.changes],
        "nearest": [{**_change(way.change), "command": way.command or None} for way in ways],
    }


def _date(day: int) -> str:
    return date_of(day).isoformat()


def _range(found: Range) -> dict[str, float]:
    return {"expected": round(found.expected, 1), "low": found.low, "high": found.high}


def _change(change: Change) -> dict[str, object]:
    return {
        "minutes": change.minutes or None,
        "on": _date(change.date),
        "cards": change.cards,
        "expected": round(change.expected, 1),
    }
