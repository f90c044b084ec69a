"""A plan for a terminal of 60 to 200 columns: sentences, and a chart of the days until the date.

Everything is told by words and by how long and dense a bar is, never by a colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from aipm_cards.characters import one_line
from aipm_cards.memory.days import date_of
from aipm_cards.terminal.figures import Paper
from aipm_cards.terminal.look import Look

if TYPE_CHECKING:  # what makes advice takes numpy, and what is made needs none
    from aipm_cards.memory.planning.advice import Advice, Change

MOST_ROWS = 21  # of the chart, and one for the date
STEPS = (1, 2, 7, 14, 21)  # days of a row
DECKS = 5  # decks that are named
PLENTY = 3  # times as many new cards as the days need: time is what bounds them


class Way(NamedTuple):
    """What is possible of an impossible wish: for fewer cards which (in words), and the command
    that asks for it, empty if there is none."""

    change: Change
    which: str
    command: str


class Row(NamedTuple):
    """Some days of the chart: the first, the cards remembered at its begin, and the minutes a day of
    half of the lives and of nine in ten of them; none on the date itself."""

    day: int
    known: float
    low: float
    high: float
    minutes: float | None = None
    most: float = 0.0


def drawn(
    advice: Advice, left_out: Sequence[tuple[str, int]], ways: Sequence[Way], width: int, look: Look
) -> list[str]:
    """Advice as lines of at most `width` cells, but for commands, which are to be copied.

    `left_out` are decks and how many cards are left out of each, `ways` those of `advice.nearest`.
    """
    paper = Paper(width, look)
    for sentence in sentences(advice, left_out):
        paper.say(sentence)
    for words, command in _possible(advice, ways):
        paper.say(words)
        paper.lines += [f"    {one_line(command)}"] if command else []
    paper.lines.append("")
    _chart(paper, advice)
    return paper.lines


def spoken(advice: Advice, left_out: Sequence[tuple[str, int]], ways: Sequence[Way]) -> list[str]:
    """Advice for a screen reader: a line a fact, each as long as what it says, and nothing drawn."""
    lines = list(sentences(advice, left_out))
    for words, command in _possible(advice, ways):
        lines += [words] + [f"Command: {command}"] * bool(command)
    lines.append("Day by day:" if _step(advice) == 1 else f"Every {_step(advice)} days:")
    for row in rows(advice):
        minutes = (
            "" if row.minutes is None else f"; {_minutes(row.minutes)}, in nine of ten cases up to {_most(row.most)}"
        )
        day = date_of(row.day).isoformat()
        lines.append(f"{day}: {row.known:.0f} remembered, between {row.low:.0f} and {row.high:.0f}{minutes}.")
    return list(map(one_line, lines))


# --- sentences -----------------------------------------------------------------------------


def sentences(advice: Advice, left_out: Sequence[tuple[str, int]]) -> Iterator[str]:
    """What is told, in words."""
    wish, found = advice.wish, advice.remembered
    if not advice.possible:
        within = f" in {_minutes(wish.minutes)} a day" if wish.minutes else ""
        yield f"This cannot be: {_cards(advice.cards)} remembered by {_date(wish.date)}{within}. What can be is this."
    yield (
        f"By {_date(wish.date)}, in {_counted(wish.date - wish.today, 'day')}: {found.expected:,.0f} of"
        f" {_cards(advice.cards)} remembered; 80 % sure: between {found.low:,.0f} and {found.high:,.0f}."
        f" Today it would be {advice.now:,.0f}."
    )
    yield f"It takes {_minutes(advice.typical)} on a usual day, and up to {_most(advice.busiest)} on the busiest."
    yield f"Best for it: {', '.join(_limits(advice))}."
    if advice.left_out:
        named = [f"{deck} {count:,}" for deck, count in left_out[:DECKS]]
        if len(left_out) > DECKS:
            named.append(f"{_counted(len(left_out) - DECKS, 'more deck')}")
        yield f"Left out, as there is no time for them: about {_cards(len(advice.left_out))}: {', '.join(named)}."
    if changes := _changes(advice):
        yield changes


def _limits(advice: Advice) -> Iterator[str]:
    limits = advice.limits
    if advice.new:
        if limits.new_per_day >= advice.new:
            yield "all new cards as soon as there is time"
        elif limits.minutes and limits.new_per_day * len(advice.course) >= PLENTY * advice.new:
            yield f"as many new cards as there is time for, up to {limits.new_per_day:,} a day"
        else:
            yield f"up to {_counted(limits.new_per_day, 'new card')} a day"
        if limits.new_first:
            yield "new cards before reviews"
    yield f"desired retention {limits.desired_retention:g}"
    if limits.last_days:
        yield f"each card once more from {_date(advice.wish.date - limits.last_days)} on"


def _changes(advice: Advice) -> str:
    """What other minutes a day bring."""
    said = []
    for change in advice.changes:
        more = round(change.expected) - round(advice.remembered.expected)
        differs = f"{abs(more):,} {'more' if more > 0 else 'fewer'}" if more else "as many"
        said.append(f"{change.minutes:g} minutes a day: about {change.expected:,.0f} ({differs})")
    most = "with" if advice.wish.minutes else "with at most"
    return "; ".join(f"{most} {each}" for each in said).capitalize() + "." if said else ""


def _possible(advice: Advice, ways: Sequence[Way]) -> Iterator[tuple[str, str]]:
    """What is possible instead, each with its command."""
    if advice.possible:
        return
    yield ("Possible instead:" if ways else "No other minutes, date or cards near that were found possible."), ""
    for change, which, command in ways:
        if change.cards < advice.cards:
            named = f"such as {which}" if which else "chosen by decks and tags"
            words = f"about {_cards(change.cards)} instead of {advice.cards:,}, {named}"
        else:
            later = change.date != advice.wish.date
            what = f"by {_date(change.date)}" if later else f"{_minutes(change.minutes)} a day"
            words = f"{what}: about {change.expected:,.0f} of {_cards(change.cards)}"
        yield f"- {words}", command


def _date(day: int) -> str:
    return date_of(day).isoformat()


def _cards(number: int) -> str:
    return _counted(number, "card")


def _minutes(number: float) -> str:
    return _counted(round(number), "minute") if round(number) else "less than a minute"


def _most(minutes: float) -> str:
    """Up to how many minutes: up to 0 would be none at all."""
    return f"{max(1.0, minutes):,.0f}"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


# --- the chart -----------------------------------------------------------------------------


def _step(advice: Advice) -> int:
    """Days of a row."""
    return next((step for step in STEPS if ceil(len(advice.course) / step) <= MOST_ROWS), STEPS[-1])


def rows(advice: Advice) -> list[Row]:
    """The rows of the chart. Of several days the minutes are those of the middle one, and the most."""
    step, found = _step(advice), list[Row]()
    for at in range(0, len(advice.course), step):
        days = advice.course[at : at + step]
        known = days[0].known
        minutes = sorted(day.minutes for day in days)[len(days) // 2]
        most = max(day.most_minutes for day in days)
        found.append(Row(days[0].day, known.expected, known.low, known.high, minutes, most))
    last = advice.remembered
    return [*found, Row(advice.wish.date, last.expected, last.low, last.high)]


def _chart(paper: Paper, advice: Advice) -> None:
    listed = rows(advice)
    numbers = max(len("cards"), *(len(f"{row.known:,.0f}") for row in listed))
    bands = [f"{row.low:,.0f}-{row.high:,.0f}" for row in listed]
    band, most = max(len("80 % sure"), *map(len, bands)), max(1.0, *(row.most for row in listed))
    times = ["" if row.minutes is None else f"{row.minutes:.0f}" for row in listed]
    time = max(len("minutes"), *map(len, times))
    room = paper.width - len("2026-12-20") - numbers - band - time - 4 * 2 - 2
    cards_room = min(room * 3 // 5, 60)
    time_room = min(room - cards_room, 40)
    signs = "█▒░" if paper.look.unicode else "#=-"
    each = "day" if _step(advice) == 1 else f"{_step(advice)} days"
    heading = f"{each:<10}  {'cards':>{numbers}}  {'80 % sure':<{band}}  {'':{cards_room}}  {'minutes':>{time}}"
    paper.lines.append(paper.dim(heading.rstrip()))
    for row, band_words, minutes in zip(listed, bands, times, strict=True):
        known = _bar([row.low, row.known, row.high], advice.cards, cards_room, signs)
        head = f"{_date(row.day)}  {row.known:>{numbers},.0f}  {band_words:<{band}}  "
        tail = f"{'':{cards_room - len(known)}}  {minutes:>{time}}  " if minutes else ""
        spent = _bar([row.minutes or 0.0, row.most], most, time_room, signs[::2]) if minutes else ""
        paper.lines.append(f"{head}{paper.colour(known)}{tail}{paper.colour(spent)}".rstrip())
    paper.note(
        f"cards: {signs[0]} up to the low end of the 80 % interval, {signs[1]} up to what is expected, {signs[2]} up"
        f" to the high end; the whole width is {_cards(advice.cards)}. minutes: {signs[0]} in half of the cases,"
        f" {signs[2]} in nine of ten."
    )


def _bar(ends: Sequence[float], whole: float, width: int, signs: str) -> str:
    """A bar in which each sign goes up to its end, on a scale of `width` cells for the `whole`."""
    bar = ""
    for end, sign in zip(ends, signs, strict=True):
        cells = round(min(max(end / whole, 0.0), 1.0) * width)
        bar += sign * (cells - len(bar))
    return bar
