"""`aipm-cards flags`: the remarks on cards, with the places of their sources."""

from __future__ import annotations

from pathlib import Path

import click

from aipm_cards.characters import one_line
from aipm_cards.cli.learner import Desk, desk, history_option
from aipm_cards.cli.machine import for_programs, head, json_option, say, time_of
from aipm_cards.cli.where import collection_option, shown
from aipm_cards.diagnostics import line_column
from aipm_cards.errors import AipmCardsError
from aipm_cards.memory.history import Flag
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.queue import note_of
from aipm_cards.words import counted


@click.command()
@click.option("--clear", metavar="CARD", help="Take the flags off a card: its author has seen to it.")
@click.option("--unsuspend", metavar="CARD", help="Let a suspended card come again, a leech say.")
@collection_option
@history_option
@json_option
@for_programs
def command(
    clear: str | None, unsuspend: str | None, collection: Path | None, history: Path | None, as_json: bool
) -> int:
    """List the flagged cards, as `file:line: remark (card)`, and the suspended ones.

    A leech is both: it was forgotten often.
    """
    with desk(collection, history, may_be_empty=True) as opened:
        if clear is not None:
            if not opened.history.state(clear).flags:
                raise AipmCardsError(f"the card '{clear}' has no flag; `aipm-cards flags` lists those that have")
            opened.history.record(EventKind.UNFLAG, clear, opened.clock())
        if unsuspend is not None:
            if not opened.history.state(unsuspend).suspended:
                raise AipmCardsError(f"the card '{unsuspend}' is not suspended")
            opened.history.record(EventKind.UNSUSPEND, unsuspend, opened.clock())
        flags = opened.history.flags()
        if as_json:
            listed = [_as_json(opened, flag) for flag in flags]
            say({**head(opened, "flags"), "flags": listed, "suspended": opened.history.suspended()})
            return 0
        for flag in flags:
            click.echo(f"{_place(opened, flag)}: {one_line(flag.remark) or _without(flag)} ({flag.key})")
        suspended = opened.history.suspended()
        if suspended:
            click.echo(f"suspended, until `flags --unsuspend CARD`: {', '.join(suspended)}")
        click.echo(f"{shown(opened.root)}: {counted(len(flags), 'flag')}")
    return 0


def _without(flag: Flag) -> str:
    return "a leech: forgotten often, and suspended then" if flag.leech else "flagged without a remark"


def _place(opened: Desk, flag: Flag) -> str:
    note = opened.sources.note(note_of(flag.key))
    if note is None:
        return "no longer in the sources"
    return f"{shown(opened.root, note.path)}:{line_column(note.place)[0]}"


def _as_json(opened: Desk, flag: Flag) -> dict[str, object]:
    note = opened.sources.note(note_of(flag.key))
    return {
        "card": flag.key,
        "remark": flag.remark,
        "leech": flag.leech,
        "time": time_of(flag.time),
        "path": shown(opened.root, note.path) if note else None,
        "line": line_column(note.place)[0] if note else None,
    }
