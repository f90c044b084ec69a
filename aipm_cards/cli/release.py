"""`aipm-cards release`: write the lock."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aipm_cards.anki.notetypes import type_hashes
from aipm_cards.cli.report import PRINTERS, counted, tally
from aipm_cards.cli.state import clock, read_lock
from aipm_cards.cli.where import collection_option, path_argument, root_of, shown
from aipm_cards.content.load import load
from aipm_cards.parallel import processors
from aipm_cards.release import LOCK, format_lock, next_lock
from aipm_cards.writing import replacing


@click.command()
@path_argument
@collection_option
@click.option("--first", is_flag=True, help="There was no release yet: do not ask.")
@click.option("--rerender", is_flag=True, help="Send every note to learners anew, changed or not.")
def command(path: Path | None, collection: Path | None, first: bool, rerender: bool) -> int:
    """Write release.lock: what learners get from now on.

    Each note keeps the time of the release in which it last changed, so that an update
    reaches the cards that changed and no others. Commit the file.
    """
    root = root_of(path, collection)
    lock = read_lock(root)
    loaded, problems = load(root, workers=processors())
    if loaded.errors:
        PRINTERS["text"]([p for p in problems if p.severity == "error"], loaded)
        click.echo(f"{shown(root)}: {tally(problems)}: nothing was released")
        return 1
    target = root / LOCK
    if lock is None and not first:
        question = (
            f"{shown(target)} does not exist. Is this the first release? If there was one, restore the file: "
            "without it every learner's edits and tags on these cards are replaced once"
        )
        if not sys.stdin.isatty():
            click.echo(f"aipm-cards: {question}. For a first release, add --first.", err=True)
            return 2
        if not click.confirm(question, default=False):
            return 2
    now = clock()
    new_lock, standings = next_lock(loaded, type_hashes(loaded), lock, now, rerender)
    with replacing(target, now) as file:
        file.write(format_lock(new_lock).encode())
    gone = sorted(new_lock.notes.keys() - {note.id for note in loaded.notes})
    if gone:
        click.echo(
            f"{counted(len(gone), 'released note')} no longer in the sources: {', '.join(gone[:5])}"
            f"{', …' if len(gone) > 5 else ''}. Learners keep the cards; `retired: reason` would tell them.",
            err=True,
        )
    click.echo(
        f"{shown(target)}: {counted(len(loaded.notes), 'note')}: {standings['new']:,} new, "
        f"{standings['changed']:,} changed, {standings['same']:,} as before"
    )
    return 0
