"""The statistics in words, which the terminal and the page share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from aipm_cards.kinds import ROUNDS
from aipm_cards.memory.statistics.whole import Statistics
from aipm_cards.model import Topic
from aipm_cards.words import counted, percent


class Named(NamedTuple):
    """Names of what the statistics are about: the collection, its language, the date of today,
    the topics by id; and of some cards what they ask, and where (`file:line`)."""

    collection: str
    language: str
    today: date
    topics: Mapping[str, Topic]
    cards: Mapping[str, tuple[str, str]]


class Section(NamedTuple):
    """A part of the statistics: its heading, how to read it, and what stands there as long as
    there is nothing to count."""

    title: str
    how: str
    empty: str


RETENTION = Section(
    "True retention",
    "Of the first reviews of a day, the share that was recalled. The true share lies in the interval with 95 %"
    " confidence; where that is wider than 20 points, there is too little data. A card is mature once its interval"
    " is 21 days.",
    "Appears after the first reviews: a card that is learned today comes for review on a later day. About 40 of"
    " them say something.",
)
CALIBRATION = Section(
    "Calibration",
    "What FSRS predicted of each review, beside what happened. Where the mean prediction lies outside of the"
    " interval, more or less was recalled than predicted.",
    "Appears after the first reviews, which FSRS predicts; with some hundred it can be read.",
)
FORECAST = Section(
    "Forecast",
    "Reviews that are scheduled now, by the day on which they are due, whatever the daily limits are. Cards that you"
    " will learn, and reviews that follow from these, come on top.",
    "Appears once cards are learned and have a day on which they come again.",
)
CALENDAR = Section(
    "Calendar",
    "Answers by day.",
    "Appears with the first answer: a square for each day of a year.",
)
TIME = Section(
    "Time spent",
    "From the card to its rating; an answer counts 20 minutes at most.",
    "Appears with the first answer.",
)
HARDEST = Section(
    "Hardest cards",
    "Those forgotten most often; then others that were recalled less often than predicted. Where there are many"
    " cards, some of these are chance: `aipm-cards report` names those that are not.",
    "Appears once a card was forgotten at a review.",
)
READINESS = Section(
    "Readiness",
    "Of the cards on each subject, the share seen, and the share that would be recalled today: the mean probability"
    " of recall, in which an unseen card counts nothing. The parts of the curriculum are the families of its topics.",
    "So far no card was seen. What you learn shows here, card by card.",
)

GROUPS = {"family": "By curriculum part", "round": "By interview round", "deck": "By deck", "topic": "By topic"}

VERDICTS = {
    "none": "no reviews",
    "few": "too little data",
    "within": "as predicted",
    "above": "less than predicted",  # the prediction lies above what was observed
    "below": "more than predicted",
}


def subject(group: str, name: str, named: Named) -> str:
    """The name of a group of cards."""
    if group == "topic":
        return f"{name} {named.topics[name].title}"
    if group == "round":
        return ROUNDS[name]
    return name or "of no part"


def bin_name(low: float, high: float) -> str:
    """A range of predicted recall."""
    return f"under {percent(high)}" if low == 0 else f"{low * 100:.0f} to {percent(high)}"


def between(interval: tuple[float, float]) -> str:
    """An interval: `90 to 94 %`."""
    low, high = interval
    digits = 0 if high - low >= 0.02 else 1
    return f"{low * 100:.{digits}f} to {percent(high, digits)}"


def lasting(seconds: float) -> str:
    """Time that was spent: `40 s`, `12 min`, `3.5 h`."""
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3570 else f"{seconds / 3600:,.1f} h"


def too_little(hits: int, of: int, wanted: int, short: bool = False) -> str:
    """Why a share is not shown."""
    if not of:
        return "no reviews"
    return f"too little data{'' if short else f' ({hits} of {of})'}; {wanted} more would do"


def scores(found: Statistics) -> list[str]:
    """How far predictions were off, in sentences: by log-loss and Brier score."""
    whole = found.calibration
    return [
        f"In all {percent(whole.recalled.value, 1)} of {counted(whole.recalled.of, 'review')} recalled,"
        f" {percent(whole.predicted, 1)} predicted.",
        "How far the predictions were off, where less is better: log-loss"
        f" {whole.log_loss:.4f}, Brier score {whole.brier:.4f}. The same prediction for every review,"
        f" {percent(whole.recalled.value)}, would have {whole.constant_log_loss:.4f} and {whole.constant_brier:.4f}.",
    ]


def ahead(found: Statistics) -> list[str]:
    """What the forecast comes to, in sentences."""
    load = found.load
    sum_ = sum(load.ahead)
    lines = [
        f"{counted(sum_, 'review')} in the next {len(load.ahead)} days, {sum_ / len(load.ahead):.1f} a day;"
        f" {load.later:,} later. {counted(load.learning, 'card')} in learning steps today."
    ]
    if load.notes < load.overdue + load.today:
        lines.append(
            f"The {load.overdue + load.today:,} reviews until today are of {counted(load.notes, 'note')}; with"
            " bury_siblings at most one card of a note comes a day."
        )
    if load.seconds is not None:
        lines.append(
            f"A review takes {load.seconds:.1f} s, with what follows when it is forgotten"
            f" (the mean of {counted(load.timed, 'review')})."
        )
    return lines


def rows_of_days(found: Statistics) -> str:
    """Days in a row, in a sentence."""
    activity = found.activity
    return (
        f"{counted(activity.in_a_row, 'day')} in a row until now, {counted(activity.longest, 'day')} at most;"
        f" {counted(activity.most, 'answer')} on the fullest day of the year."
    )
