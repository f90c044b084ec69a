"""The statistics drawn for a terminal of 60 to 200 columns."""

from __future__ import annotations

from collections.abc import Sequence

from aipm_cards.memory.days import date_of
from aipm_cards.memory.statistics.hardest import Hard
from aipm_cards.memory.statistics.readiness import Known, weakest
from aipm_cards.memory.statistics.retention import Retention
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
    Section,
    ahead,
    between,
    bin_name,
    lasting,
    rows_of_days,
    scores,
    subject,
    too_little,
)
from aipm_cards.terminal.calendar import calendar_lines
from aipm_cards.terminal.figures import Paper, cells, cut
from aipm_cards.terminal.look import Look
from aipm_cards.words import counted, dated, percent

LEAST, MOST = 12, 60  # cells of a bar
SCALE = "50 to 100 %"  # of a gauge


def drawn(found: Statistics, named: Named, width: int, look: Look, every_topic: bool = False) -> list[str]:
    """All sections as lines of at most `width` cells (60 at least)."""
    paper = Paper(width, look)
    paper.heading(f"{named.collection}, {dated(named.today)}")
    _retention(paper, found)
    _calibration(paper, found)
    _forecast(paper, found)
    _calendar(paper, found)
    _time(paper, found)
    _hardest(paper, found, named)
    _readiness(paper, found, named, every_topic)
    return paper.lines


def _begin(paper: Paper, section: Section, is_empty: bool) -> bool:
    """Write the heading; whether there is more to write."""
    paper.heading(section.title)
    if is_empty:
        paper.say(section.empty)
    else:
        paper.note(section.how)
    return not is_empty


def _room(paper: Paper, used: int) -> int:
    """Cells for a bar beside so many, 0 if that is no room."""
    room = min(paper.width - used - 2, MOST)
    return room if room >= LEAST else 0


# --- retention and calibration -----------------------------------------------------------------


def _retention(paper: Paper, found: Statistics) -> None:
    if not _begin(paper, RETENTION, not found.retention[-1].all.of):
        return
    room = _room(paper, 59)
    rows = [["period", "cards", "recalled", "interval", "reviews", "desired", SCALE if room else ""]]
    for one in found.retention:
        for name, share in (("all", one.all), ("young", one.young), ("mature", one.mature)):
            if share.of or name == "all":
                rows.append(_retained(paper, one, name, share, room))
    paper.table(rows, left=2)
    if room:
        paper.note(paper.gauge_legend("what is desired"))


def _retained(paper: Paper, one: Retention, name: str, share: Share, room: int) -> list[str]:
    head = [one.period if name == "all" else "", name]
    if not share.is_enough:
        return [*head, too_little(share.hits, share.of, share.wanted, paper.width < 80)]
    gauge = paper.gauge(share.interval, share.value or 0, one.desired, room, 0.5) if room else ""
    return [*head, percent(share.value, 1), between(share.interval), f"{share.of:,}", percent(one.desired), gauge]


def _calibration(paper: Paper, found: Statistics) -> None:
    whole = found.calibration
    if not _begin(paper, CALIBRATION, not whole.recalled.of):
        return
    room = _room(paper, 81)
    rows = [["predicted", "mean", "recalled", "interval", "reviews", "", SCALE if room else ""]]
    for one in whole.bins:
        share, name = one.observed, bin_name(one.low, one.high)
        if share.of and not share.is_enough:
            rows.append([name, too_little(share.hits, share.of, share.wanted, paper.width < 80)])
        elif share.of:
            gauge = paper.gauge(share.interval, share.value or 0, one.predicted, room, 0.5) if room else ""
            rows.append([
                name, percent(one.predicted, 1), percent(share.value, 1), between(share.interval), f"{share.of:,}",
                _short_verdict(one.verdict) if paper.width < 80 else VERDICTS[one.verdict].ljust(19), gauge,
            ])  # fmt: skip
    paper.table(rows)
    if room:
        paper.note(paper.gauge_legend("the mean prediction"))
    for line in scores(found):
        paper.say(line)


def _short_verdict(verdict: str) -> str:
    return {"within": "held", "above": "less", "below": "more"}[verdict].ljust(4)


# --- the load ------------------------------------------------------------------------------------


def _forecast(paper: Paper, found: Statistics) -> None:
    load = found.load
    if not _begin(paper, FORECAST, load.is_empty):
        return
    most = max(load.overdue, load.today, *load.ahead, 1)
    rows = [["day", "reviews", "time", ""]]
    listed = [("overdue", load.overdue), ("today", load.today)]
    listed += [(f"{date_of(found.today + n):%a %d %b}", reviews) for n, reviews in enumerate(load.ahead, 1)]
    for name, reviews in listed:
        minutes = load.minutes(reviews)
        time = lasting(minutes * 60) if minutes is not None and reviews else ""
        rows.append([name, f"{reviews:,}", time, paper.bar(reviews / most, min(paper.width - 34, MOST))])
    paper.table(rows)
    for line in ahead(found):
        paper.say(line)


# --- what was done -------------------------------------------------------------------------------


def _calendar(paper: Paper, found: Statistics) -> None:
    activity = found.activity
    if not _begin(paper, CALENDAR, not activity.spent[-1].answers):
        return
    paper.lines += calendar_lines(paper, activity, found.today)
    paper.say(rows_of_days(found))


def _time(paper: Paper, found: Statistics) -> None:
    spent = found.activity.spent
    if not _begin(paper, TIME, not spent[-1].answers):
        return
    rows = [["period", "answers", "new cards", "time", "an answer", "days", ""]]
    for one in spent:
        each = "-" if one.seconds is None else f"{one.seconds:.1f} s"
        rows.append([
            one.period, f"{one.answers:,}", f"{one.new:,}", lasting(one.took / 1000), each, f"{one.active:,}", "",
        ])  # fmt: skip
    paper.table(rows)


# --- cards ---------------------------------------------------------------------------------------


def _hardest(paper: Paper, found: Statistics, named: Named) -> None:
    hardest = found.hardest
    if not _begin(paper, HARDEST, not (hardest.lapses or hardest.below)):
        return
    for title, cards in (("Most lapses", hardest.lapses), ("Below their predictions", hardest.below)):
        if cards:
            paper.say(f"{title}:")
        for hard in cards:
            asks, details = card_lines(hard, named)
            paper.lines.append(cut(f"  {asks}", paper.width))
            paper.say(details, indent="      ")


def card_lines(hard: Hard, named: Named) -> list[str]:
    """A hard card: what it asks, and below it how it went and where it stands."""
    asks, place = named.cards.get(hard.key, (hard.key, "no longer in the sources"))
    state = ", suspended" if hard.suspended else ""
    return [
        asks,
        f"{counted(hard.lapses, 'lapse')}{state}; recalled {hard.recalled} of {hard.reviews},"
        f" predicted {hard.predicted:.1f}; {place}",
    ]


def _readiness(paper: Paper, found: Statistics, named: Named, every_topic: bool) -> None:
    _begin(paper, READINESS, False)
    if not found.whole.seen:
        paper.say(READINESS.empty)
    _subjects(paper, "All cards", [("all", found.whole)])
    for group, title in GROUPS.items():
        those = found.readiness.get(group, [])
        if group == "topic" and not every_topic:
            title = "Begin with these topics"
            those = weakest(those, {id_: topic.tier for id_, topic in named.topics.items()})
        if those:
            _subjects(paper, title, [(subject(group, one.name, named), one) for one in those])
    if found.readiness.get("topic") and not every_topic:
        paper.note("--topics lists all of them.")


def _subjects(paper: Paper, title: str, those: Sequence[tuple[str, Known]]) -> None:
    meter = 12 if paper.width < 80 else 16 if paper.width < 100 else 30
    size = min(max(cells(name) for name in (title, *(name for name, _ in those))), paper.width - meter - 25)
    rows = [[cut(title, size), "cards", "seen", "known", ""]]
    for name, one in those:
        rows.append([
            cut(name, size), f"{one.cards:,}", percent(one.share_seen), percent(one.share_known),
            paper.meter(one.share_known, meter),
        ])  # fmt: skip
    paper.lines.append("")
    paper.table(rows)
