"""`aipm-cards review`: review in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from aipm_cards.cli import drawing, person, seat
from aipm_cards.cli.learner import Desk, back_up_daily, backup_offer, desk, read_sources, scope_options
from aipm_cards.cli.where import shown
from aipm_cards.diagnostics import line_column
from aipm_cards.errors import AipmCardsError, HistoryError
from aipm_cards.memory.queue import Wish
from aipm_cards.model import Collection, Note
from aipm_cards.words import counted

CLOCK_SLACK = 5 * 60_000  # milliseconds that two clocks may differ


class _Shelf:
    """The notes of a session, read again after an edit. Use it in a `with` block."""

    def __init__(self, desk: Desk) -> None:
        self._root = desk.root
        self._sources = desk.sources
        self.collection: Collection = desk.sources.collection
        desk.cards.deck_of = self.deck_of

    def __enter__(self) -> _Shelf:
        return self

    def __exit__(self, *_: object) -> None:
        self._sources.close()

    @property
    def errors(self) -> int:
        """How many errors the sources have now."""
        return self._sources.errors

    def note(self, note_id: str) -> Note | None:
        return self._sources.note(note_id)

    def deck_of(self, note_ids: Iterable[str]) -> Mapping[str, str]:
        return self._sources.deck_of(note_ids)

    def read_again(self) -> None:
        before = self._sources
        self._sources = read_sources(self._root)
        self.collection = self._sources.collection
        before.close()


@click.command()
@scope_options
@click.option("--new", type=click.IntRange(0), help="At most so many new cards, whatever the daily limit.")
@click.option("--limit", type=click.IntRange(1), help="At most so many different cards.")
@click.option(
    "--minutes", type=click.FloatRange(0, min_open=True), callback=seat.minutes, help="End after so many minutes."
)
@click.option("--ahead", type=click.IntRange(1, 3650), metavar="DAYS", help="Also what is due in the next days.")
@click.option("--cram", is_flag=True, help="All cards, without changing the schedule.")
@click.option("--linear", is_flag=True, help="Labelled lines and no drawing, for screen readers.")
def command(
    collection: Path | None,
    history: Path | None,
    new: int | None,
    limit: int | None,
    minutes: float | None,
    ahead: int | None,
    cram: bool,
    linear: bool,
    **scope: Any,
) -> int:
    """Review the cards of DECK and the decks below it, or of all decks.

    Every answer is stored before the next card is shown. Press ? in a session for the keys.
    """
    if not seat.is_taken():
        raise AipmCardsError("review needs a terminal; programs use `aipm-cards next --json` and `aipm-cards answer`")
    with desk(collection, history, **scope) as opened, _Shelf(opened) as shelf:
        said = _before(opened)
        wish = Wish(new, limit, ahead or 0, cram)
        with _backed_up(opened):
            session = _run(opened, shelf, wish, minutes, linear, said)
            for line in session:
                drawing.say(line)
        if shelf.errors:
            left_out = counted(shelf.errors, "error")
            click.echo(f"{left_out} in the sources left cards out; `aipm-cards check` shows them.")
        click.echo(f"{shown(opened.root)}; history: {opened.store.path}")
    return 0


def _run(opened: Desk, shelf: _Shelf, wish: Wish, minutes: float | None, linear: bool, said: str) -> list[str]:
    """The session itself; returns how it went, unless that was read out at its end."""
    from aipm_cards.terminal.pages import plan_in_force, told
    from aipm_cards.terminal.reviewer import Reviewer, Tools

    view = seat.view_of(linear)
    tools = Tools(
        person.stopwatch,
        lambda note: f"{shown(opened.root, note.path)}:{line_column(note.place)[0]}",
        lambda note: _edit(opened.root, note, shelf),
        seat.stop,
    )
    with view:
        session = opened.session(wish)
        reviewer = Reviewer(session, shelf, view, tools, minutes * 60 if minutes else None, said)
        reviewer.run()
    return [] if view.spoken and reviewer.is_at_the_end else [*told(reviewer.session), *plan_in_force(reviewer.session)]


def _edit(root: Path, note: Note, shelf: _Shelf) -> str:
    said = person.edit(root / note.path, line_column(note.place)[0])
    shelf.read_again()
    if said or not shelf.errors:
        return said
    return f"{counted(shelf.errors, 'error')} in the sources now; `aipm-cards check` shows them"


def _before(opened: Desk) -> str:
    """What a learner should know before the first card."""
    newest, now = opened.history.newest(), opened.clock().ms
    if newest > now + CLOCK_SLACK:
        hours = (newest - now) / 3_600_000
        return f"The clock is {hours:.1f} hours behind the last answer in the history; is it right?"
    if not newest:
        from aipm_cards.memory.backups import backups

        if backups(opened.store.path):
            return f"This history is new, but there are backups of one: {backup_offer(opened.store.path)}."
    return ""


@contextmanager
def _backed_up(opened: Desk) -> Iterator[None]:
    """Back up the history however a session ends, unless the history itself failed."""
    try:
        yield
    except HistoryError:
        raise
    except BaseException:
        back_up_daily(opened)
        raise
    back_up_daily(opened)
