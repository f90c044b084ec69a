"""The page: one HTML document with its style and figures inside. It loads nothing, runs nothing."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from typing import NamedTuple

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
    lasting,
    rows_of_days,
    scores,
    subject,
    too_little,
)
from aipm_cards.page.figures import bars, calendar, gauge, meter, reliability, safe
from aipm_cards.page.look import CSS
from aipm_cards.words import counted, dated, percent


def page(found: Statistics, named: Named) -> str:
    """The document. All text that is not ours is escaped."""
    digest = b64encode(sha256(CSS.encode()).digest()).decode()
    title = f"{safe(named.collection)}: statistics"
    sections = (_retention, _calibration, _forecast, _calendar, _time)
    body = [
        *(line for section in sections for line in section(found)),
        *_hardest(found, named),
        *_readiness(found, named),
    ]
    parts = [
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"""<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-{digest}'">""",
        f"<style>{CSS}</style>\n</head>\n<body>\n<main>",
        f'<h1>{title}</h1>\n<p class="quiet">{dated(named.today)}</p>',
        re.sub(r"(?<=\d) %", "\u00a0%", "\n".join(body)),  # no line begins with a percent sign
        "</main>\n</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _begin(section: Section, is_empty: bool) -> str:
    how = re.sub("`(.*?)`", r"<code>\1</code>", section.how)
    said = f"<p>{section.empty}</p>" if is_empty else f'<p class="quiet">{how}</p>'
    return f"<h2>{section.title}</h2>\n{said}"


class _Head(NamedTuple):
    """The head of a column: of numbers unless it `is_words`; a phone has no room for a wide one."""

    name: str
    is_words: bool = False
    is_wide: bool = False

    @property
    def classes(self) -> str:
        """The attribute for its cells."""
        names = " ".join(name for name, on in (("words", self.is_words), ("wide", self.is_wide)) if on)
        return f' class="{names}"' if names else ""


def _heads(*names: str) -> list[_Head]:
    """The first column holds words, and one without a name."""
    return [_Head(name, not at or not name) for at, name in enumerate(names)]


_MERGED = "\0"  # a cell that the one before it covers


def _table(heads: Sequence[_Head], rows: Sequence[Sequence[str]]) -> str:
    """A table; the first cell of a row is its head."""
    cells = "".join(f'<th scope="col"{head.classes}>{head.name}</th>' for head in heads)
    body = "\n".join(f"<tr>{_row(heads, row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{cells}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>'


def _row(heads: Sequence[_Head], row: Sequence[str]) -> str:
    parts = [f'<th scope="row">{row[0]}</th>']
    for at in range(1, len(row)):
        if row[at] == _MERGED:
            continue
        is_merged = at + 1 < len(row) and row[at + 1] == _MERGED
        classes = ' colspan="2" class="words"' if is_merged else heads[at].classes
        parts.append(f"<td{classes}>{row[at]}</td>")
    return "".join(parts)


def _says(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield f"<p>{safe(line)}</p>"


# --- sections ------------------------------------------------------------------------------------


def _retention(found: Statistics) -> Iterator[str]:
    is_empty = not found.retention[-1].all.of
    yield _begin(RETENTION, is_empty)
    if is_empty:
        return
    rows: list[Sequence[str]] = []
    for one in found.retention:
        for name, share in (("all", one.all), ("young", one.young), ("mature", one.mature)):
            if share.of or name == "all":
                head = one.period if name == "all" else f"{one.period}, {name}"
                rows.append((head, *_share(share, one.desired)))
    yield _table([*_heads("", "recalled", "interval", "reviews", "desired"), _Head("50 to 100 %", is_wide=True)], rows)
    yield '<p class="quiet wide">The dot is the share, the bar its interval, the upright line what is desired.</p>'


def _share(share: Share, desired: float | None) -> tuple[str, ...]:
    if not share.is_enough:
        words = too_little(share.hits, share.of, share.wanted, short=True)
        return words, _MERGED, f"{share.of:,}", percent(desired), ""
    bar = gauge(share.interval, share.value or 0, desired, 0.5)
    return percent(share.value, 1), between(share.interval), f"{share.of:,}", percent(desired), bar


def _calibration(found: Statistics) -> Iterator[str]:
    is_empty = not found.calibration.recalled.of
    yield _begin(CALIBRATION, is_empty)
    if is_empty:
        return
    yield reliability(found.calibration)
    yield '<p class="quiet">Left to right: predicted. Upwards: recalled. On the dashed line they are the same.</p>'
    rows: list[Sequence[str]] = []
    for one in found.calibration.bins:
        share = one.observed
        if share.of:
            recalled, interval, reviews, _, _ = _share(share, None)
            head = bin_name(one.low, one.high)
            verdict = VERDICTS[one.verdict] if share.is_enough else ""  # else it stands there already
            rows.append((head, percent(one.predicted, 1), recalled, interval, reviews, verdict))
    heads = _heads("predicted", "mean", "recalled", "interval", "reviews", "")
    heads[1] = heads[1]._replace(is_wide=True)
    yield _table(heads, rows)
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
    rows: list[Sequence[str]] = []
    for name, reviews in days:
        minutes = load.minutes(reviews)
        rows.append((name, f"{reviews:,}", lasting(minutes * 60) if minutes else ""))
    yield f"<details><summary>By day</summary>{_table(_heads('day', 'reviews', 'time'), rows)}</details>"


def _calendar(found: Statistics) -> Iterator[str]:
    is_empty = not found.activity.spent[-1].answers
    yield _begin(CALENDAR, is_empty)
    if not is_empty:
        yield f'<div class="scroll from-the-end">{calendar(found.activity, found.today)}</div>'
        yield from _says([f"The larger a square, the more answers. {rows_of_days(found)}"])


def _time(found: Statistics) -> Iterator[str]:
    is_empty = not found.activity.spent[-1].answers
    yield _begin(TIME, is_empty)
    if is_empty:
        return
    rows: list[Sequence[str]] = []
    for one in found.activity.spent:
        each = "-" if one.seconds is None else f"{one.seconds:.1f} s"
        time = lasting(one.took / 1000)
        rows.append((one.period, f"{one.answers:,}", f"{one.new:,}", time, each, f"{one.active:,}"))
    yield _table(_heads("period", "answers", "new cards", "time", "an answer", "days"), rows)


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
    rows: list[Sequence[str]] = []
    for one in those:
        name = safe(name_of(one.name)).replace("::", "::<wbr>")  # a phone is too narrow for a deck within decks
        bar = meter(one.share_known, f"{percent(one.share_known)} known")
        rows.append((name, f"{one.cards:,}", percent(one.share_seen), percent(one.share_known), bar))
    head = f"<h3>{title}</h3>\n" if title else ""
    return head + _table(_heads("", "cards", "seen", "known", ""), rows)
