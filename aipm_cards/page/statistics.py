"""The page: one HTML document with its style and figures inside. It loads nothing, runs nothing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import sha256

from aipm_cards.memory.days import date_of
from aipm_cards.memory.statistics.hardest import Hard
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
    Section,
    ahead,
    between,
    bin_name,
    counted,
    lasting,
    percent,
    rows_of_days,
    scores,
    subject,
)
from aipm_cards.page.figures import bars, calendar, gauge, meter, reliability, safe
from aipm_cards.page.look import CSS


def page(found: Statistics, named: Named) -> str:
    """The document. All text that is not ours is escaped."""
    digest = b64encode(sha256(CSS.encode()).digest()).decode()
    title = f"{safe(named.collection)}: statistics"
    sections = (_retention, _calibration, _forecast, _calendar, _time)
    parts = [
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"""<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-{digest}'">""",
        f"<style>{CSS}</style>\n</head>\n<body>\n<main>",
        f'<h1>{title}</h1>\n<p class="quiet">{named.today.day} {named.today:%B %Y}</p>',
        *(line for section in sections for line in section(found)),
        *_hardest(found, named),
        *_readiness(found, named),
        "</main>\n</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _begin(section: Section, is_empty: bool) -> str:
    said = f"<p>{section.empty}</p>" if is_empty else f'<p class="quiet">{section.how}</p>'
    return f"<h2>{section.title}</h2>\n{said}"


def _table(heads: Sequence[str], rows: Sequence[str], words: int = 1, caption: str = "") -> str:
    """A table whose first `words` columns hold words, the others numbers."""
    in_words = ' class="words"'
    cells = "".join(
        f'<th scope="col"{"" if at >= words and head else in_words}>{head}</th>' for at, head in enumerate(heads)
    )
    said = f"<caption>{caption}</caption>" if caption else ""
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    return f'<div class="scroll"><table>{said}<thead><tr>{cells}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>'


def _row(head: str, *cells: str) -> str:
    return f'<th scope="row">{head}</th>' + "".join(f"<td>{cell}</td>" for cell in cells)


def _says(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield f"<p>{safe(line)}</p>"


# --- sections ------------------------------------------------------------------------------------


def _retention(found: Statistics) -> Iterator[str]:
    is_empty = not found.retention[-1].all.of
    yield _begin(RETENTION, is_empty)
    if is_empty:
        return
    rows = []
    for one in found.retention:
        for name, share in (("all", one.all), ("young", one.young), ("mature", one.mature)):
            if share.of or name == "all":
                rows.append(_row(f"{one.period}, {name} cards", *_share(share, one.desired)))
    heads = ("", "recalled", "interval", "reviews", "desired", "50% to 100%")
    yield _table(heads, rows, caption="The dot is the share, the bar its interval, the upright line what is desired.")


def _share(share: Share, desired: float | None) -> tuple[str, ...]:
    if not share.of:
        return "-", "-", "0", "-", ""
    if not share.is_enough:
        return "-", f"too little data, {share.wanted} more would do", f"{share.of:,}", percent(desired), ""
    bar = gauge(share.interval, share.value or 0, desired, 0.5)
    return percent(share.value, 1), between(share.interval), f"{share.of:,}", percent(desired), bar


def _calibration(found: Statistics) -> Iterator[str]:
    is_empty = not found.calibration.recalled.of
    yield _begin(CALIBRATION, is_empty)
    if is_empty:
        return
    yield reliability(found.calibration)
    yield '<p class="quiet">Left to right: predicted. Upwards: recalled. On the dashed line they are the same.</p>'
    rows = []
    for one in found.calibration.bins:
        share = one.observed
        if share.of:
            recalled, interval, reviews, _, _ = _share(share, None)
            head = bin_name(one.low, one.high)
            rows.append(_row(head, percent(one.predicted, 1), recalled, interval, reviews, VERDICTS[one.verdict]))
    yield _table(("predicted", "mean", "recalled", "interval", "reviews", ""), rows)
    yield from _says(scores(found))


def _forecast(found: Statistics) -> Iterator[str]:
    load = found.load
    is_empty = load.is_empty
    yield _begin(FORECAST, is_empty)
    if is_empty:
        return
    days = [("overdue", load.overdue), ("today", load.today)]
    dates = [date_of(found.today + ahead) for ahead in range(1, len(load.ahead) + 1)]
    days += [(f"{date.day} {date:%b}", reviews) for date, reviews in zip(dates, load.ahead, strict=True)]
    yield bars(days, "Reviews by the day on which they are due; the table has the numbers")
    yield from _says(ahead(found))
    rows = []
    for name, reviews in days:
        minutes = load.minutes(reviews)
        rows.append(_row(name, f"{reviews:,}", lasting(minutes * 60) if minutes else ""))
    yield f"<details><summary>By day</summary>{_table(('day', 'reviews', 'time'), rows)}</details>"


def _calendar(found: Statistics) -> Iterator[str]:
    is_empty = not found.activity.spent[-1].answers
    yield _begin(CALENDAR, is_empty)
    if not is_empty:
        yield f'<div class="scroll from-the-end">{calendar(found.activity, found.today)}</div>'
        yield from _says([rows_of_days(found)])


def _time(found: Statistics) -> Iterator[str]:
    is_empty = not found.activity.spent[-1].answers
    yield _begin(TIME, is_empty)
    if is_empty:
        return
    rows = []
    for one in found.activity.spent:
        each = "-" if one.seconds is None else f"{one.seconds:.1f} s"
        time = lasting(one.took / 1000)
        rows.append(_row(one.period, f"{one.answers:,}", f"{one.new:,}", time, each, f"{one.active:,}"))
    yield _table(("period", "answers", "new cards", "time", "an answer", "days"), rows)


def _hardest(found: Statistics, named: Named) -> Iterator[str]:
    hardest = found.hardest
    is_empty = not (hardest.lapses or hardest.below)
    yield _begin(HARDEST, is_empty)
    for title, cards in (("Most lapses", hardest.lapses), ("Below their predictions", hardest.below)):
        if cards:
            items = "\n".join(f"<li>{_card(hard, named)}</li>" for hard in cards)
            yield f"<h3>{title}</h3>\n<ol>\n{items}\n</ol>"


def _card(hard: Hard, named: Named) -> str:
    asks, place = named.cards.get(hard.key, (hard.key, "no longer in the sources"))
    state = ", suspended" if hard.suspended else ""
    return (
        f'{safe(asks)}<br><span class="quiet">{counted(hard.lapses, "lapse")}{state}; recalled {hard.recalled} of'
        f" {hard.reviews}, predicted {hard.predicted:.1f}; <code>{safe(place)}</code></span>"
    )


def _readiness(found: Statistics, named: Named) -> Iterator[str]:
    yield _begin(READINESS, not found.whole.seen)
    yield _known("All cards", [found.whole], lambda name: "all")
    for group, title in GROUPS.items():
        those = found.readiness.get(group, [])
        if those and group != "topic":
            yield _known(title, those, partial(subject, group, named=named))
    topics = found.readiness.get("topic", [])
    first = weakest(topics, {id_: topic.tier for id_, topic in named.topics.items()})
    if first:
        yield _known("Begin with these topics", first, partial(subject, "topic", named=named))
    families: dict[str, list[Known]] = {}
    for one in topics:
        families.setdefault(named.topics[one.name].family, []).append(one)
    for family, those in families.items():
        table = _known("", those, partial(subject, "topic", named=named))
        summary = f"All topics: {safe(subject('family', family, named))}, {len(those)}"
        yield f"<details><summary>{summary}</summary>{table}</details>"


def _known(title: str, those: Sequence[Known], name_of: Callable[[str], str]) -> str:
    rows = []
    for one in those:
        name = name_of(one.name)
        bar = meter(one.share_known, f"{percent(one.share_known)} known")
        rows.append(_row(safe(name), f"{one.cards:,}", percent(one.share_seen), percent(one.share_known), bar))
    head = f"<h3>{title}</h3>\n" if title else ""
    return head + _table(("", "cards", "seen", "known", ""), rows)
