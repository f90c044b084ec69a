"""`aipm-cards release`: write the lock."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from aipm_cards.anki.notetypes import type_hashes
from aipm_cards.characters import one_line
from aipm_cards.cli.findings import print_text, tally
from aipm_cards.cli.state import clock, read_lock
from aipm_cards.cli.where import collection_option, path_argument, root_of, shown
from aipm_cards.content.guarded import breaches
from aipm_cards.content.load import load
from aipm_cards.diagnostics import Diagnostic
from aipm_cards.errors import AipmCardsError
from aipm_cards.guard import Breach, tracer
from aipm_cards.parallel import processors
from aipm_cards.release import LOCK, format_lock, next_lock
from aipm_cards.words import counted
from aipm_cards.writing import replacing


@click.command()
@path_argument
@collection_option
@click.option("--first", is_flag=True, help="There was no release yet: do not ask.")
@click.option("--rerender", is_flag=True, help="Send every note to learners anew, changed or not.")
@click.option(
    "--accept",
    "accepted",
    multiple=True,
    metavar="NAME",
    help="Release although this note or deck costs learners something (N701 to N705); repeatable.",
)
def command(path: Path | None, collection: Path | None, first: bool, rerender: bool, accepted: tuple[str, ...]) -> int:
    """Write release.lock: what learners get from now on.

    Each note keeps the time of the release in which it last changed, so that an update
    reaches the cards that changed and no others. Commit the file.
    """
    root = root_of(path, collection)
    lock = read_lock(root)
    loaded, problems = load(root, workers=processors())
    if loaded.errors:
        print_text([p for p in problems if p.severity == "error"], root)
        click.echo(f"{shown(root)}: {tally(problems)}: nothing was released")
        return 1
    found = breaches(loaded, lock, list(map(tracer(lock), loaded.notes))) if lock else []
    if left := _not_accepted(found, accepted):
        print_text(left, root)
        click.echo(f"{shown(root)}: {tally(left)}: nothing was released")
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
    for breach in found:
        click.echo(f"accepted: {one_line(breach.finding.message)}")
    click.echo(
        f"{shown(target)}: {counted(len(loaded.notes), 'note')}: {standings['new']:,} new, "
        f"{standings['changed']:,} changed, {standings['same']:,} as before"
    )
    return 0


def _not_accepted(found: Sequence[Breach], accepted: Sequence[str]) -> list[Diagnostic]:
    """The findings that were not accepted. Raises AipmCardsError for a name of none."""
    for name in accepted:
        if all(name != breach.name for breach in found):
            raise AipmCardsError(f"there is nothing to accept about '{name}'; `aipm-cards check` shows what there is")
    return [breach.finding for breach in found if breach.name not in accepted]
