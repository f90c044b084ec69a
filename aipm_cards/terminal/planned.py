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
from aipm_cards.words import counted

if TYPE_CHECKING:  # what makes advice takes numpy, and what is made needs none
    from aipm_cards.memory.planning.advice import Advice, Change

MOST_ROWS = 21  # of the chart, and one for the date
STEPS = (1, 2, 7, 14, 21)  # days of a row
READY = 85  # per cent: see `advice.READY`
FEW = 20  # cards
DECKS = 5  # decks that are named
PLENTY = 3  # times as many new cards as the days need: time is what bounds them


class Way(NamedTuple):
    """What is possible of an impossible aim: for fewer cards which (in words), and the command
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
    aim, found = advice.aim, advice.remembered
    within = f" in {_minutes(aim.minutes)} a day" if aim.minutes else ""
    if not advice.possible:
        yield (
            f"This is not possible{within}: less than {READY} % of the {_cards(advice.cards)} would be remembered."
            " The best that can be is this."
        )
    yield (
        f"By {_date(aim.date)}, in {counted(aim.date - aim.today, 'day')}: {_number(found.expected, advice)} of"
        f" {_cards(advice.cards)} remembered; 80 % sure: between {found.low:,.0f} and {found.high:,.0f}."
        f" Today it would be {_number(advice.now, advice)}."
    )
    yield f"It takes {_minutes(advice.typical)} on a usual day, and up to {_most(advice.busiest)} on the busiest."
    yield f"Best for it: {', '.join(_limits(advice))}."
    if advice.left_out:
        named = [f"{deck} {count:,}" for deck, count in left_out[:DECKS]]
        if len(left_out) > DECKS:
            named.append(f"{counted(len(left_out) - DECKS, 'more deck')}")
        yield f"Left out, as there is no time for them: about {_cards(len(advice.left_out))}: {', '.join(named)}."
    if changes := _changes(advice):
        yield changes


def _number(cards: float, advice: Advice) -> str:
    """An expected number of cards; of few cards with a decimal, or 1.6 of 2 would be called all."""
    return f"{cards:.1f}" if advice.cards < FEW else f"{cards:,.0f}"


def _limits(advice: Advice) -> Iterator[str]:
    limits = advice.limits
    if advice.new:
        if limits.new_per_day >= advice.new:
            yield "all new cards as soon as there is time"
        elif limits.minutes and limits.new_per_day * len(advice.course) >= PLENTY * advice.new:
            yield f"as many new cards as there is time for, up to {limits.new_per_day:,} a day"
        else:
            yield f"up to {counted(limits.new_per_day, 'new card')} a day"
        if limits.new_first:
            yield "new cards before reviews"
    yield f"desired retention {limits.desired_retention:g}"
    if limits.last_days:
        yield f"each card once more from {_date(advice.aim.date - limits.last_days)} on"


def _changes(advice: Advice) -> str:
    """What other minutes a day bring."""
    said = []
    for change in advice.changes:
        more = round(change.expected) - round(advice.remembered.expected)
        if more:
            differs = f"about {change.expected:,.0f}, {abs(more):,} {'more' if more > 0 else 'fewer'}"
        else:
            differs = "about as many"
        said.append(f"{change.minutes:g} minutes a day: {differs}")
    return "; ".join(f"with {each}" for each in said).capitalize() + "." if said else ""


def _possible(advice: Advice, ways: Sequence[Way]) -> Iterator[tuple[str, str]]:
    """What is possible instead, each with its command."""
    if advice.possible:
        return
    yield ("Possible instead:" if ways else "No other minutes, date or cards near that were found possible."), ""
    for change, which, command in ways:
        if change.part is not None:
            words = f"{which} only: about {change.expected:,.0f} of {_cards(change.cards)}"
        else:
            later = change.date != advice.aim.date
            what = f"by {_date(change.date)}" if later else f"{_minutes(change.minutes)} a day"
            words = f"{what}: about {change.expected:,.0f} of {_cards(change.cards)}"
        yield f"- {words}", command


def _date(day: int) -> str:
    return date_of(day).isoformat()


def _cards(number: int) -> str:
    return counted(number, "card")


def _minutes(number: float) -> str:
    return counted(round(number), "minute") if round(number) else "less than a minute"


def _most(minutes: float) -> str:
    """Up to how many minutes: up to 0 would be none at all."""
    return f"{max(1.0, minutes):,.0f}"


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
    return [*found, Row(advice.aim.date, last.expected, last.low, last.high)]


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
    signs = paper.layer_signs(3)
    each = "day" if _step(advice) == 1 else f"{_step(advice)} days"
    heading = f"{each:<10}  {'cards':>{numbers}}  {'80 % sure':<{band}}  {'':{cards_room}}  {'minutes':>{time}}"
    paper.lines.append(paper.dim(heading.rstrip()))
    for row, band_words, minutes in zip(listed, bands, times, strict=True):
        known = paper.layers([row.low, row.known, row.high], advice.cards, cards_room)
        head = f"{_date(row.day)}  {row.known:>{numbers},.0f}  {band_words:<{band}}  "
        tail = f"{'':{cards_room - len(known)}}  {minutes:>{time}}  " if minutes else ""
        spent = paper.layers([row.minutes or 0.0, row.most], most, time_room) if minutes else ""
        paper.lines.append(f"{head}{paper.colour(known)}{tail}{paper.colour(spent)}".rstrip())
    paper.note(
        f"cards, as the day begins: {signs[0]} up to the low end of the 80 % interval, {signs[1]} up to what is"
        f" expected, {signs[2]} up to the high end; the whole width is {_cards(advice.cards)}."
        f" minutes: {signs[0]} in half of the cases, {signs[2]} in nine of ten."
    )
