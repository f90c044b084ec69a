"""`aipm-cards flatten`: spread reviews so that no day has too many."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from aipm_cards.cli.learner import desk, scope_options
from aipm_cards.cli.machine import for_programs
from aipm_cards.cli.moving import carry_out, due_reviews, moving_options
from aipm_cards.memory.backlog.choice import flattened


@click.command()
@scope_options
@click.option("--most", metavar="N", type=click.IntRange(1), help="At most N reviews a day; else the day's limit.")
@click.option(
    "--days", metavar="N", type=click.IntRange(1, 365), default=30, show_default=True, help="Of so many days."
)
@moving_options
@for_programs
def command(
    collection: Path | None,
    history: Path | None,
    most: int | None,
    days: int,
    yes: bool,
    dry_run: bool,
    as_json: bool,
    **scope: Any,
) -> int:
    """Spread the reviews that are overdue or due in the next days, so that no day has too many.

    Reviews move to later or earlier days, those that cost least recall. Days after that take
    what they have room for. Shows first what it costs, and asks.
    """
    with desk(collection, history, **scope) as opened:
        due, today, done = due_reviews(opened)
        limit = most or max(1, opened.settings.preset.reviews_per_day)
        choice = flattened(due, today, limit, days, done)
        return carry_out(opened, choice, "flatten", yes, dry_run, as_json)
