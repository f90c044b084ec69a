"""`aipm-cards review`: review in the terminal."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import click

from aipm_cards.cli import person
from aipm_cards.cli.learner import Desk, desk, read_sources, scope_options
from aipm_cards.cli.progress import progress
from aipm_cards.cli.report import counted
from aipm_cards.cli.where import shown
from aipm_cards.diagnostics import line_column
from aipm_cards.errors import AipmCardsError
from aipm_cards.memory.queue import Wish
from aipm_cards.model import Collection, Note

CLOCK_SLACK = 5 * 60_000  # milliseconds that two clocks may differ


class _Shelf:
    """The notes of a session, read again after an edit."""

    def __init__(self, desk: Desk) -> None:
        self._root = desk.root
        self._sources = desk.sources
        self.collection: Collection = desk.sources.collection

    def note(self, note_id: str) -> Note | None:
        return self._sources.note(note_id)

    def read_again(self) -> int:
        """Read the sources again; returns how many errors they have."""
        before = self._sources
        self._sources = read_sources(self._root)
        self.collection = self._sources.collection
        before.close()
        return self._sources.errors


@click.command()
@scope_options
@click.option("--new", type=click.IntRange(0), help="At most so many new cards, whatever the daily limit.")
@click.option("--limit", type=click.IntRange(1), help="At most so many cards.")
@click.option("--minutes", type=click.FloatRange(0, min_open=True), help="End after so many minutes.")
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
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise AipmCardsError("review needs a terminal; programs use `aipm-cards next --json` and `aipm-cards answer`")
    with desk(collection, history, **scope) as opened:
        said = _before(opened)
        wish = Wish(new, limit, ahead or 0, cram)
        session = _run(opened, wish, minutes, linear, said)
        for line in session:
            click.echo(line)
        _back_up(opened)
        errors = opened.sources.errors
        if errors:
            click.echo(f"{counted(errors, 'error')} in the sources left cards out; `aipm-cards check` shows them.")
        click.echo(f"{shown(opened.root)}; history: {opened.store.path}")
    return 0


def _run(opened: Desk, wish: Wish, minutes: float | None, linear: bool, said: str) -> list[str]:
    """The session itself; returns how it went."""
    from aipm_cards.terminal.keys import Keys
    from aipm_cards.terminal.pages import told
    from aipm_cards.terminal.reviewer import Reviewer, Tools

    shelf = _Shelf(opened)
    keys = Keys(sys.stdin.fileno())
    dumb = os.environ.get("TERM", "dumb") in ("dumb", "unknown") and sys.platform != "win32"
    view: Any
    if linear or dumb:
        from aipm_cards.terminal.linear import Linear

        view = Linear(keys, _write)
    else:
        from aipm_cards.terminal.paper import Look
        from aipm_cards.terminal.screen import Screen

        look = Look(not os.environ.get("NO_COLOR"), True, _speaks_unicode())
        view = Screen(keys, _write, _size, look)
    tools = Tools(
        person.stopwatch,
        lambda note: f"{shown(opened.root, note.path)}:{line_column(note.place)[0]}",
        lambda note: _edit(opened.root, note, shelf),
        lambda: os.kill(os.getpid(), signal.SIGSTOP),
    )
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, _leave)
    with view:
        session = opened.session(wish)
        reviewer = Reviewer(session, shelf, view, tools, minutes * 60 if minutes else None, said)
        reviewer.run()
    return told(reviewer.session)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt  # the terminal is put back on the way out; every answer is stored


def _write(text: str) -> None:
    data = text.encode(sys.stdout.encoding or "utf-8", "replace")
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _size() -> tuple[int, int]:
    try:
        size = os.get_terminal_size(sys.stdout.fileno())
    except OSError:
        return 80, 24
    return size.columns or 80, size.lines or 24


def _speaks_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") in ("utf8", "cp65001")


def _edit(root: Path, note: Note, shelf: _Shelf) -> str:
    said = person.edit(root / note.path, line_column(note.place)[0])
    errors = shelf.read_again()
    if said or not errors:
        return said
    return f"{counted(errors, 'error')} in the sources now; `aipm-cards check` shows them"


def _before(opened: Desk) -> str:
    """What a learner should know before the first card."""
    newest, now = opened.history.newest(), opened.clock().ms
    if newest > now + CLOCK_SLACK:
        hours = (newest - now) / 3_600_000
        return f"The clock is {hours:.1f} hours behind the last answer in the history; is it right?"
    return ""


def _back_up(opened: Desk) -> None:
    """Once a day, after a session in which something was stored."""
    from aipm_cards.memory.backups import back_up, is_due

    now = opened.clock().ms
    if opened.history.newest() and is_due(opened.store.path, now):
        with progress("backing up the history") as step:
            back_up(opened.store, now, step)
