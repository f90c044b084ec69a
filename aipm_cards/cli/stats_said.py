"""The statistics as JSON: counts beside shares, intervals as [low, high]."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aipm_cards.memory.days import date_of
from aipm_cards.memory.statistics.hardest import Hard
from aipm_cards.memory.statistics.readiness import Known
from aipm_cards.memory.statistics.shares import Share
from aipm_cards.memory.statistics.whole import Statistics
from aipm_cards.memory.statistics.words import Named


def as_said(found: Statistics, named: Named) -> dict[str, Any]:
    """All of it. Shares are from 0 to 1, times in seconds, days ISO dates."""
    return {
        "date": named.today.isoformat(),
        "retention": [
            {
                "period": one.period,
                "desired": one.desired,
                **{name: _share(getattr(one, name)) for name in ("all", "young", "mature")},
            }
            for one in found.retention
        ],
        "calibration": _calibration(found),
        "forecast": _forecast(found),
        "activity": _activity(found),
        "hardest": {name: [_hard(one, named) for one in getattr(found.hardest, name)] for name in ("lapses", "below")},
        "readiness": {
            "all": _known(found.whole, {}),
            **{name: [_known(one, _topic(name, one.name, named)) for one in all_] for name, all_ in _groups(found)},
        },
    }


def _groups(found: Statistics) -> list[tuple[str, list[Known]]]:
    return list(found.readiness.items())


def _share(share: Share) -> dict[str, Any]:
    return {
        "reviews": share.of,
        "recalled": share.hits,
        "share": share.value,
        "interval": list(share.interval),
        "enough": share.is_enough,
        "wanted": share.wanted,
    }


def _calibration(found: Statistics) -> dict[str, Any]:
    whole = found.calibration
    return {
        **_share(whole.recalled),
        "predicted": whole.predicted,
        "log_loss": whole.log_loss,
        "brier": whole.brier,
        "constant": {"log_loss": whole.constant_log_loss, "brier": whole.constant_brier},
        "bins": [
            {
                "from": one.low,
                "to": one.high,
                "predicted": one.predicted if one.observed.of else None,
                **_share(one.observed),
                "verdict": one.verdict,
            }
            for one in whole.bins
        ],
    }


def _forecast(found: Statistics) -> dict[str, Any]:
    load = found.load
    return {
        "overdue": load.overdue,
        "today": load.today,
        "learning": load.learning,
        "notes_due": load.notes,
        "days": [
            {"date": date_of(found.today + ahead).isoformat(), "reviews": reviews}
            for ahead, reviews in enumerate(load.ahead, 1)
        ],
        "later": load.later,
        "seconds_a_review": load.seconds,
        "timed_reviews": load.timed,
    }


def _activity(found: Statistics) -> dict[str, Any]:
    activity = found.activity
    return {
        "periods": [
            {
                "period": one.period,
                "answers": one.answers,
                "new": one.new,
                "seconds": one.took / 1000,
                "seconds_an_answer": one.seconds,
                "active_days": one.active,
            }
            for one in activity.spent
        ],
        "days_in_a_row": activity.in_a_row,
        "longest_row": activity.longest,
        "calendar": {
            date_of(activity.first + at).isoformat(): answers for at, answers in enumerate(activity.answers) if answers
        },
    }


def _hard(hard: Hard, named: Named) -> dict[str, Any]:
    asks, place = named.cards.get(hard.key, (None, None))
    return {
        "card": hard.key,
        "asks": asks,
        "place": place,
        "lapses": hard.lapses,
        "suspended": hard.suspended,
        "reviews": hard.reviews,
        "recalled": hard.recalled,
        "predicted": hard.predicted,
    }


def _topic(group: str, name: str, named: Named) -> Mapping[str, Any]:
    if group != "topic":
        return {}
    topic = named.topics[name]
    return {"title": topic.title, "family": topic.family, "tier": topic.tier}


def _known(known: Known, more: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": known.name,
        **more,
        "cards": known.cards,
        "seen": known.seen,
        "expected": known.recall,
        "share_seen": known.share_seen,
        "share_known": known.share_known,
    }
