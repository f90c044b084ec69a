"""Figures of the page as SVG. What they show stands in words beside them, or in their titles."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from aipm_cards.characters import clean
from aipm_cards.memory.days import date_of
from aipm_cards.memory.statistics.activity import LEVELS, Activity
from aipm_cards.memory.statistics.calibration import Calibration
from aipm_cards.words import percent

WIDTH, HEIGHT = 480, 260
_LEFT, _BOTTOM, _TOP, _RIGHT = 50, 34, 12, 8


def safe(text: str) -> str:
    """A text as HTML, also within quotes."""
    return escape(clean(text))


def _figure(name: str, label: str, width: int, height: int, parts: Sequence[str]) -> str:
    inside = "".join(parts)
    return f'<svg class="{name}" viewBox="0 0 {width} {height}" role="img" aria-label="{safe(label)}">{inside}</svg>'


def meter(share: float, label: str) -> str:
    """A bar over a share of its width."""
    inside = f'<rect class="back" width="100" height="10"/><rect width="{share * 100:.1f}" height="10"/>'
    return (
        '<svg class="meter" viewBox="0 0 100 10" preserveAspectRatio="none" role="img"'
        f' aria-label="{safe(label)}">{inside}</svg>'
    )


def gauge(interval: tuple[float, float], value: float, mark: float | None, low: float) -> str:
    """An interval on a scale from `low` to 1, with its value and a mark."""

    def at(share: float) -> float:
        return round((min(max(share, low), 1.0) - low) / (1 - low) * 232 + 4, 1)

    parts = ['<path class="scale" d="M4 7H236"/>', f'<path class="range" d="M{at(interval[0])} 7H{at(interval[1])}"/>']
    if mark is not None:
        parts.append(f'<path class="mark" d="M{at(mark)} 1V13"/>')
    parts.append(f'<circle cx="{at(value)}" cy="7" r="4"/>')
    return f'<svg class="gauge" viewBox="0 0 240 14" aria-hidden="true">{"".join(parts)}</svg>'


def reliability(found: Calibration) -> str:
    """Predicted against observed recall, with the intervals; bins with enough reviews only."""
    low = 0.5

    def x(share: float) -> float:
        return round(_LEFT + (max(share, low) - low) / (1 - low) * (WIDTH - _LEFT - _RIGHT), 1)

    def y(share: float) -> float:
        return round(_TOP + (1 - max(share, low)) / (1 - low) * (HEIGHT - _TOP - _BOTTOM), 1)

    parts = []
    for tenth in range(5, 11):
        share = tenth / 10
        parts.append(f'<path class="axis" d="M{x(low)} {y(share)}H{WIDTH - _RIGHT}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y(share) + 4}" text-anchor="end">{percent(share)}</text>')
        anchor = "end" if tenth == 10 else "middle"
        parts.append(f'<text x="{x(share)}" y="{HEIGHT - _BOTTOM + 18}" text-anchor="{anchor}">{percent(share)}</text>')
    parts.append(f'<path class="ideal" d="M{x(low)} {y(low)}L{x(1)} {y(1)}"/>')
    for one in found.bins:
        if one.observed.is_enough:
            bottom, top = one.observed.interval
            at, value = x(one.predicted), one.observed.value or 0
            said = f"predicted {percent(one.predicted, 1)}, recalled {percent(value, 1)} of {one.observed.of:,}"
            parts.append(f'<path class="range" d="M{at} {y(bottom)}V{y(top)}"/>')
            parts.append(f'<circle cx="{at}" cy="{y(value)}" r="4.5"><title>{said}</title></circle>')
    label = "Recall as predicted, from left to right, and as observed, with intervals; the table has the numbers"
    return _figure("chart", label, WIDTH, HEIGHT, parts)


def bars(values: Sequence[tuple[str, int]], label: str) -> str:
    """Counts by name, such as days, as bars from left to right; every seventh is named."""
    most = max(1, *(value for _, value in values))
    step = (WIDTH - _LEFT - _RIGHT) / len(values)
    bottom = HEIGHT - _BOTTOM
    parts = []
    for share in (0, 0.5, 1):
        count = most * share
        if count != int(count):
            continue
        height = round(bottom - share * (bottom - _TOP), 1)
        parts.append(f'<path class="axis" d="M{_LEFT} {height}H{WIDTH - _RIGHT}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{height + 4}" text-anchor="end">{int(count):,}</text>')
    for number, (name, value) in enumerate(values):
        x, height = _LEFT + number * step, value / most * (bottom - _TOP)
        title = f"<title>{safe(name)}: {value:,}</title>"
        place = f'x="{x + 1:.1f}" y="{bottom - height:.1f}" width="{step - 2:.1f}" height="{height:.1f}"'
        parts.append(f"<rect {place}>{title}</rect>")
        if number in (0, len(values) - 1) or (number % 7 == 2 and 4 < number < len(values) - 4):
            anchor = "start" if number == 0 else "end" if number == len(values) - 1 else "middle"
            at = {"start": x, "end": x + step}.get(anchor, x + step / 2)
            parts.append(f'<text x="{at:.1f}" y="{bottom + 18}" text-anchor="{anchor}">{safe(name)}</text>')
    return _figure("chart", label, WIDTH, HEIGHT, parts)


def calendar(activity: Activity, today: int) -> str:
    """A square for each day, the larger and the stronger the more answers."""
    side, left, top = 12, 34, 18
    monday = today - date_of(today).weekday()
    weeks = len(activity.answers) // 7
    first = monday - 7 * (weeks - 1)
    names = {0: "Mon", 2: "Wed", 4: "Fri"}
    parts = [f'<text x="0" y="{top + row * side + 10}">{name}</text>' for row, name in names.items()]
    for week in range(weeks):
        sunday = date_of(first + 7 * week + 6)
        if sunday.day <= 7 and week < weeks - 2:
            parts.append(f'<text x="{left + week * side}" y="12">{sunday:%b}</text>')
    for day in range(max(first, activity.first), today + 1):
        answers = activity.answers[day - activity.first]
        level = activity.level(answers)
        size = 3 + 2 * level
        x = left + (day - first) // 7 * side + (side - size) / 2
        y = top + (day - first) % 7 * side + (side - size) / 2
        title = f"<title>{date_of(day):%a %d %b %Y}: {answers:,}</title>"
        parts.append(f'<rect class="day-{level}" x="{x:g}" y="{y:g}" width="{size}" height="{size}">{title}</rect>')
    label = f"A square for each day of a year, in {LEVELS} sizes by its answers; the most of a day are {activity.most}"
    return _figure("calendar", label, left + weeks * side, top + 7 * side + 2, parts)
