"""Learner days: the local calendar, with a day that starts at 04:00 rather than at midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()
_START = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(NamedTuple):
    """A moment as a learner lives it: UTC milliseconds since 1970, and the IANA zone there."""

    ms: int
    zone: str

    @property
    def local(self) -> datetime:
        """The wall clock."""
        return (_START + timedelta(milliseconds=self.ms)).astimezone(ZoneInfo(self.zone))


@lru_cache(maxsize=4096)
def day_begins(day: int, zone: str, start: int) -> int:
    """UTC milliseconds at which learner day `day` (days since 1970-01-01) begins in `zone`.

    `start` is in minutes after midnight. Where a clock change skips that time, the day begins
    when the old offset would have shown it; where it comes twice, at the first: so each day
    begins once, after the day before.
    """
    midnight = datetime.combine(date_of(day), datetime.min.time())
    local = (midnight + timedelta(minutes=start)).replace(tzinfo=ZoneInfo(zone))
    return (local.astimezone(UTC) - _START) // timedelta(milliseconds=1)


def learner_day(moment: Moment, start: int) -> int:
    """The learner day of a moment, in days since 1970-01-01; `start` as for `day_begins`."""
    day = moment.local.date().toordinal() - _EPOCH
    while day_begins(day, moment.zone, start) > moment.ms:
        day -= 1
    while day_begins(day + 1, moment.zone, start) <= moment.ms:
        day += 1
    return day


def day_of(date_: date) -> int:
    """The learner day of a calendar date."""
    return date_.toordinal() - _EPOCH


def date_of(day: int) -> date:
    """The calendar date of a learner day; the last one that there is for days beyond it."""
    return date.fromordinal(min(max(1, _EPOCH + day), date.max.toordinal() - 1))
