"""A year of answers as a calendar: a column a week, a sign a day."""

from __future__ import annotations

from aipm_cards.memory.days import date_of
from aipm_cards.memory.statistics.activity import LEVELS, Activity
from aipm_cards.terminal.figures import Paper

LABEL = 4  # cells before the first week
_LEGEND = "    answers a day: "
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def calendar_lines(paper: Paper, activity: Activity, today: int) -> list[str]:
    """The last weeks, as many as fit into the width, up to 53; months above, levels below."""
    monday = today - date_of(today).weekday()
    weeks = len(activity.answers) // 7
    size = 2 if paper.width >= LABEL + 2 * weeks else 1
    weeks = min(weeks, (paper.width - LABEL) // size)
    first = monday - 7 * (weeks - 1)
    lines = [" " * LABEL + _months(first, weeks, size)]
    for weekday, name in enumerate(_DAYS):
        signs = []
        for day in range(first + weekday, today + 1, 7):
            signs.append(_sign(paper, activity, day) + " " * (size - 1))
        lines.append(f"{name} " + "".join(signs).rstrip())
    ranges = [(level, _range(activity, level)) for level in range(LEVELS + 1)]
    levels = [f"{paper.shade(level)} {named}" for level, named in ranges if named]
    room = sum(len(named) + 4 for _, named in ranges) + len(_LEGEND) <= paper.width
    return [*lines, *([_LEGEND + "  ".join(levels)] if room else [_LEGEND, "    " + "  ".join(levels)])]


def _sign(paper: Paper, activity: Activity, day: int) -> str:
    at = day - activity.first
    return paper.shade(activity.level(activity.answers[at])) if at >= 0 else " "


def _range(activity: Activity, level: int) -> str:
    """How many answers a level is: `none`, `1 to 12`; empty for a level that no number has."""
    if level == 0:
        return "none"
    low, high = activity.most * (level - 1) // LEVELS + 1, activity.most * level // LEVELS
    return "" if low > high else f"{low}" if low == high else f"{low} to {high}"


def _months(first: int, weeks: int, size: int) -> str:
    """The names of months above the weeks in which they begin."""
    line = ""
    for week in range(weeks):
        day = date_of(first + 7 * week + 6)
        if day.day <= 7 and len(line) <= week * size and (weeks - week) * size >= 3:
            line = line.ljust(week * size) + f"{day:%b}"
            line += " "
    return line.rstrip()
