"""`aipm-cards answer`: answer a card, for programs."""

from __future__ import annotations

from pathlib import Path

import click

from aipm_cards.characters import one_line
from aipm_cards.cli.learner import Desk, back_up_daily, desk, history_option
from aipm_cards.cli.machine import for_programs, head, json_option, say, time_of
from aipm_cards.cli.where import collection_option
from aipm_cards.errors import AipmCardsError, HistoryError
from aipm_cards.meaning import meaning
from aipm_cards.memory.days import date_of
from aipm_cards.memory.history import Answer, Content
from aipm_cards.memory.log import Event
from aipm_cards.memory.queue import note_of, ordinal_of
from aipm_cards.memory.scheduler import State
from aipm_cards.model import Rating

_RATINGS = {**{str(r.value): r for r in Rating}, **{r.name.lower(): r for r in Rating}}


@click.command()
@click.argument("card")
@click.argument("rating", type=click.Choice(list(_RATINGS), case_sensitive=False))
@click.option("--revision", type=click.IntRange(0), required=True, help="The revision that `next` gave.")
@click.option("--took", type=click.IntRange(0, 86_400_000), default=0, metavar="MS", help="Time taken, milliseconds.")
@collection_option
@history_option
@json_option
@for_programs
def command(
    card: str,
    rating: str,
    revision: int,
    took: int,
    collection: Path | None,
    history: Path | None,
    as_json: bool,
) -> int:
    """Store an answer to CARD: RATING is 1 to 4, or again, hard, good, easy.

    The answer is on the disk when the command ends with 0. It is refused with exit code 5 if
    the card changed since it was shown with that revision; the message names the current one.
    """
    with desk(collection, history) as opened:
        given = Answer(card, _RATINGS[rating.lower()], revision, took, _content(opened, card))
        event = opened.history.answer(given, opened.clock(), opened.preset(card))
        _say(opened, card, event, as_json)
        try:
            back_up_daily(opened)
        except HistoryError as error:  # the answer is stored all the same
            click.echo(f"aipm-cards: {one_line(str(error))}", err=True)
    return 0


def _content(opened: Desk, card: str) -> Content:
    note = opened.sources.note(note_of(card))
    if note is None or card not in opened.cards:
        from aipm_cards.content.files import nearest

        hint = nearest(card, opened.cards.order) or "`aipm-cards next` names the next one"
        raise AipmCardsError(f"there is no card '{card}'; {hint}")
    text = meaning(note, ordinal_of(card))
    return Content.of(text)


def _say(opened: Desk, card: str, event: Event, as_json: bool) -> None:
    assert event.state is not None and event.due is not None and event.due_day is not None  # noqa: PT018
    if as_json:
        result = {
            "card": card,
            "rating": event.rating,
            "revision": event.seq,
            "event": event.id.hex(),
            "state": State(event.state).name.lower(),
            "interval_days": event.interval,
            "due": time_of(event.due),
            "due_day": date_of(event.due_day).isoformat(),
            "leech": bool(event.leech),
        }
        say({**head(opened, "answered"), **result})
        return
    when = date_of(event.due_day).isoformat() if event.interval else time_of(event.due)
    click.echo(f"{card}: {Rating(event.rating or 0).name.capitalize()}, due {when}; its revision is {event.seq}")
