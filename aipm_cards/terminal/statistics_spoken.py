"""The statistics for a screen reader: sentences, and nothing drawn."""

from __future__ import annotations

from collections.abc import Iterator

from aipm_cards.characters import one_line
from aipm_cards.memory.days import date_of
from aipm_cards.memory.statistics.readiness import Known, weakest
from aipm_cards.memory.statistics.shares import Share
from aipm_cards.memory.statistics.whole import Statistics
from aipm_cards.memory.statistics.words import (
    CALENDAR,
    CALIBRATION,
    FORECAST,
    GROUPS,
    HARDEST,
    READINESS,
    RETENTION,
    TIME,
    VERDICTS,
    Named,
    ahead,
    between,
    bin_name,
    lasting,
    rows_of_days,
    scores,
    subject,
    too_little,
)
from aipm_cards.terminal.statistics import card_lines
from aipm_cards.words import counted, dated, percent


def spoken(found: Statistics, named: Named, every_topic: bool = False) -> list[str]:
    """All sections, a line a fact, each as long as what it says."""
    lines = [f"{named.collection}, {dated(named.today)}."]
    for part in (_retention, _calibration, _forecast, _calendar, _time):
        lines += ["", *part(found)]
    lines += ["", *_hardest(found, named), "", *_readiness(found, named, every_topic)]
    return [one_line(line) for line in lines]


def _retention(found: Statistics) -> Iterator[str]:
    yield f"{RETENTION.title}."
    if not found.retention[-1].all.of:
        yield RETENTION.empty
        return
    yield RETENTION.how
    for one in found.retention:
        desired = f", desired {percent(one.desired)}" if one.desired is not None else ""
        yield f"{one.period.capitalize()}: {_share(one.all)}{desired}."
        for name, share in (("young", one.young), ("mature", one.mature)):
            if share.of:
                yield f"{one.period.capitalize()}, {name} cards: {_share(share)}."


def _share(share: Share) -> str:
    if not share.is_enough:
        return too_little(share.hits, share.of, share.wanted)
    return f"{percent(share.value, 1)} of {counted(share.of, 'review')}, interval {between(share.interval)}"


def _calibration(found: Statistics) -> Iterator[str]:
    yield f"{CALIBRATION.title}."
    if not found.calibration.recalled.of:
        yield CALIBRATION.empty
        return
    yield CALIBRATION.how
    for one in found.calibration.bins:
        if one.observed.of:
            verdict = f": {VERDICTS[one.verdict]}" if one.observed.is_enough else ""
            name = bin_name(one.low, one.high)
            yield f"Predicted {name}, mean {percent(one.predicted, 1)}: {_share(one.observed)}{verdict}."
    yield from scores(found)


def _forecast(found: Statistics) -> Iterator[str]:
    load = found.load
    yield f"{FORECAST.title}."
    if load.is_empty:
        yield FORECAST.empty
        return
    yield FORECAST.how
    yield f"Overdue: {load.overdue:,}. Today: {load.today:,}."
    for number, reviews in enumerate(load.ahead, 1):
        if reviews:
            minutes = load.minutes(reviews)
            time = f", {lasting(minutes * 60)}" if minutes is not None else ""
            yield f"{date_of(found.today + number):%A, %d %B}: {counted(reviews, 'review')}{time}."
    yield from ahead(found)


def _calendar(found: Statistics) -> Iterator[str]:
    """By month, where the eye has a calendar."""
    yield f"{CALENDAR.title}."
    activity = found.activity
    if not activity.spent[-1].answers:
        yield CALENDAR.empty
        return
    months: dict[str, list[int]] = {}
    for at, answers in enumerate(activity.answers):
        months.setdefault(f"{date_of(activity.first + at):%B %Y}", []).append(answers)
    for month, answers_ in months.items():
        if days := sum(map(bool, answers_)):
            yield f"{month}: {counted(sum(answers_), 'answer')} on {counted(days, 'day')}."
    yield rows_of_days(found)


def _time(found: Statistics) -> Iterator[str]:
    yield f"{TIME.title}."
    if not found.activity.spent[-1].answers:
        yield TIME.empty
        return
    yield TIME.how
    for one in found.activity.spent:
        each = "" if one.seconds is None else f", {one.seconds:.1f} s an answer"
        yield (
            f"{one.period.capitalize()}: {lasting(one.took / 1000)} for {counted(one.answers, 'answer')}{each};"
            f" {counted(one.new, 'new card')}; on {counted(one.active, 'day')}."
        )


def _hardest(found: Statistics, named: Named) -> Iterator[str]:
    yield f"{HARDEST.title}."
    if not (found.hardest.lapses or found.hardest.below):
        yield HARDEST.empty
        return
    yield HARDEST.how
    for title, cards in (("Most lapses", found.hardest.lapses), ("Below their predictions", found.hardest.below)):
        for number, hard in enumerate(cards, 1):
            yield f"{title}, {number}: {': '.join(card_lines(hard, named))}."


def _readiness(found: Statistics, named: Named, every_topic: bool) -> Iterator[str]:
    yield f"{READINESS.title}."
    yield READINESS.how if found.whole.seen else READINESS.empty
    yield f"All cards: {_known(found.whole)}."
    for group, title in GROUPS.items():
        those = found.readiness.get(group, [])
        if group == "topic" and not every_topic:
            title = "Topic to begin with"
            those = weakest(those, {id_: topic.tier for id_, topic in named.topics.items()})
        for one in those:
            yield f"{title}, {subject(group, one.name, named)}: {_known(one)}."


def _known(known: Known) -> str:
    return f"{counted(known.cards, 'card')}, {percent(known.share_seen)} seen, {percent(known.share_known)} known today"
