"""`aipm-cards break`: move reviews out of days without study. (`break` is Python's own word.)"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from aipm_cards.cli.dates import a_date
from aipm_cards.cli.learner import desk, scope_options
from aipm_cards.cli.machine import for_programs
from aipm_cards.cli.moving import carry_out, due_reviews, moving_options
from aipm_cards.memory.backlog.choice import LONGEST, around, bearable
from aipm_cards.memory.days import date_of, day_of

_AGAIN = "What you review until then may fall due in the break: do this again on the last day before it."


@click.command("break")
@click.argument("from_", metavar="FROM", callback=a_date)
@click.argument("to", metavar="TO", callback=a_date)
@scope_options
@click.option("--most", metavar="N", type=click.IntRange(1), help="At most N reviews on a day before or after.")
@moving_options
@for_programs
def command(
    from_: date,
    to: date,
    collection: Path | None,
    history: Path | None,
    most: int | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
    **scope: Any,
) -> int:
    """Move the reviews that are due from FROM to TO to days before or after.

    FROM and TO are dates like 2026-12-24, both without study. What is overdue counts as due
    today. Without --most, a day takes half as many again as the days until then have on average.
    Shows first what it costs, and asks.
    """
    first, last = day_of(from_), day_of(to)
    if last < first:
        raise click.UsageError("the break ends before it begins: FROM is its first day, TO its last")
    with desk(collection, history, **scope) as opened:
        due, today, done = due_reviews(opened)
        if not today <= last <= today + LONGEST:
            when = "is over" if last < today else "ends more than a year from now"
            raise click.UsageError(f"the break {when}: today is {date_of(today).isoformat()}")
        limit = most or bearable(due, today, last, opened.settings.preset.reviews_per_day)
        choice = around(due, today, max(first, today), last, limit, done)
        if not as_json:
            if choice.shifts:
                click.echo(f"days before and after take at most {limit:,}")
            else:
                click.echo(f"nothing is due from {from_.isoformat()} to {to.isoformat()}")
        return carry_out(opened, choice, "break", yes, dry_run, as_json, _AGAIN if first > today else "")
