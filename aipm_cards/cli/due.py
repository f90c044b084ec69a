"""`aipm-cards due`: what is due, today and on the next days."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from aipm_cards.cli import drawing
from aipm_cards.cli.learner import desk, scope_options
from aipm_cards.cli.machine import for_programs, head, json_option, left, plan_of, say
from aipm_cards.cli.where import shown
from aipm_cards.memory.days import date_of
from aipm_cards.memory.goal import told
from aipm_cards.words import counted


@click.command()
@scope_options
@click.option("--days", type=click.IntRange(1, 365), default=7, show_default=True, help="How many days to look ahead.")
@json_option
@for_programs
def command(collection: Path | None, history: Path | None, days: int, as_json: bool, **scope: Any) -> int:
    """Count what is due today, within the daily limits, and the reviews of the next days."""
    with desk(collection, history, **scope) as opened:
        session = opened.session()
        upcoming = session.upcoming(days)
        dates = [date_of(session.day + 1 + number).isoformat() for number in range(days)]
        if as_json:
            by_day = [{"date": date, "reviews": count} for date, count in zip(dates, upcoming, strict=True)]
            today = date_of(session.day).isoformat()
            plan = plan_of(session.in_force)
            say({**head(opened, "due"), "date": today, "today": left(session.counts), "days": by_day, "plan": plan})
            return 0
        learning, reviews, new = session.counts
        click.echo(f"today       {counted(reviews, 'review'):>13}, {new:,} new, {learning:,} learning")
        for date, count in zip(dates, upcoming, strict=True):
            click.echo(f"{date}  {counted(count, 'review'):>13}")
        if session.in_force is not None:
            drawing.say(told(session.in_force.goal))
        click.echo(f"{shown(opened.root)}: {counted(len(opened.cards.order), 'card')}")
    return 0
