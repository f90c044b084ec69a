"""`aipm-cards undo`: take back the last answer, for programs."""

from __future__ import annotations

from pathlib import Path

import click

from aipm_cards.cli.learner import Desk, desk, history_option
from aipm_cards.cli.machine import NOTHING, for_programs, head, json_option, say
from aipm_cards.cli.where import collection_option
from aipm_cards.errors import AipmCardsError
from aipm_cards.memory.log import Event, EventKind
from aipm_cards.memory.moves import batch_size, said_of, told
from aipm_cards.model import Rating


@click.command()
@click.option("--event", metavar="ID", help="The event to take back, as `answer --json` named it; else the last.")
@collection_option
@history_option
@json_option
@for_programs
def command(event: str | None, collection: Path | None, history: Path | None, as_json: bool) -> int:
    """Take back the last event of the history: an answer, a bury, a flag and so on; of moved due
    days all that were moved together.

    Nothing is deleted: the log gets a line that voids the event. Exits with 4 if there is
    nothing to take back, with 5 if the card of the event has a later one.
    """
    with desk(collection, history, may_be_empty=True) as opened:
        taken = opened.history.undo(opened.clock(), _id(event))
        if taken is None and event is not None:
            raise AipmCardsError(f"there is no event '{event}', or it was taken back already")
        if taken is None:
            if as_json:
                say(head(opened, "nothing"))
            else:
                click.echo("there is nothing to undo")
            return NOTHING
        key, undone = taken
        if undone.kind == EventKind.MOVE:
            return _moved(opened, undone, as_json)
        what = EventKind(undone.kind).name.lower()
        rating = None if undone.rating is None else Rating(undone.rating)
        revision = opened.history.state(key).revision
        if as_json:
            result = {"card": key, "what": what, "rating": rating, "event": undone.id.hex(), "revision": revision}
            say({**head(opened, "undone"), **result})
        else:
            said = rating.name.capitalize() if rating else what
            click.echo(f"taken back: {said} on {key}; its revision is {revision}")
    return 0


def _moved(opened: Desk, undone: Event, as_json: bool) -> int:
    """Say that a batch of moved due days was taken back."""
    if as_json:
        batch, why = said_of(undone)
        what = {"what": "move", "batch": batch, "why": why, "cards": batch_size(opened.store, undone)}
        say({**head(opened, "undone"), **what, "event": undone.id.hex()})
    else:
        click.echo(f"{told(opened.store, undone)}: taken back")
    return 0


def _id(event: str | None) -> bytes | None:
    if event is None:
        return None
    try:
        return bytes.fromhex(event)
    except ValueError:
        raise click.BadParameter("is no id of an event", param_hint="--event") from None
