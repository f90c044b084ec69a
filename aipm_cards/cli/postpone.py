"""`aipm-cards postpone`: move reviews of today to the next days."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from aipm_cards.cli import drawing
from aipm_cards.cli.learner import desk, scope_options
from aipm_cards.cli.machine import for_programs
from aipm_cards.cli.moving import carry_out, due_reviews, moving_options
from aipm_cards.memory.backlog.choice import postponed
from aipm_cards.memory.queue import note_of
from aipm_cards.words import counted


@click.command()
@scope_options
@click.option("--keep", metavar="N", type=click.IntRange(0), help="Keep N reviews today; else the day's limit.")
@click.option("--cards", metavar="N", type=click.IntRange(1), help="Postpone N reviews.")
@click.option(
    "--days", metavar="N", type=click.IntRange(1, 365), default=7, show_default=True, help="Over so many days."
)
@moving_options
@for_programs
def command(
    collection: Path | None,
    history: Path | None,
    keep: int | None,
    cards: int | None,
    days: int,
    yes: bool,
    dry_run: bool,
    as_json: bool,
    **scope: Any,
) -> int:
    """Move reviews that are due today or overdue to the next days.

    Those stay whose waiting would cost most recall. The others are spread so that the fullest
    day has as few as possible. Shows first what it costs, and asks.
    """
    if keep is not None and cards is not None:
        raise click.UsageError("--keep and --cards say the same in two ways; give one of them")
    with desk(collection, history, **scope) as opened:
        due, today, done = due_reviews(opened)
        waiting = [card.key for card in due if card.due_day <= today]
        number, limit = len(waiting), opened.settings.preset.reviews_per_day
        why = ""
        if cards is not None:
            keep = max(0, number - cards)
        elif keep is None:
            keep = max(0, limit - done)
            why = f": the day's limit is {limit:,}{_done(done)}"
        if not as_json:
            stay, are = min(keep, number), "is" if number == 1 else "are"
            stays = "stays" if stay == 1 else "stay"
            drawing.say(f"{counted(number, 'review')} {are} due; {stay:,} {stays} today{why}")
            notes = len(set(map(note_of, waiting)))
            if notes < number and opened.settings.bury_siblings:
                drawing.say(f"they are of {counted(notes, 'note')}, and at most one card of a note comes a day")
        return carry_out(opened, postponed(due, today, keep, days), "postpone", yes, dry_run, as_json)


def _done(number: int) -> str:
    """What of the day's limit is used."""
    return f", and {number:,} {'is' if number == 1 else 'are'} done" if number else ""
