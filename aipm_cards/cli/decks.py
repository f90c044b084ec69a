"""`aipm-cards decks`: list what is there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from aipm_cards.characters import one_line
from aipm_cards.cli.where import collection_option, path_argument, root_of, shown
from aipm_cards.content.load import load
from aipm_cards.kinds import ordinals
from aipm_cards.parallel import processors
from aipm_cards.words import counted


@click.command()
@path_argument
@collection_option
def command(path: Path | None, collection: Path | None) -> int:
    """List the decks of a collection with their notes and cards."""
    root = root_of(path, collection)
    loaded, _ = load(root, workers=processors())
    notes = Counter(note.deck for note in loaded.notes)
    cards = Counter(note.deck for note in loaded.notes if not note.retired for _ in ordinals(note))
    width = max((len(name) for name in loaded.decks), default=0)
    for name, deck in sorted(loaded.decks.items()):
        about = one_line(" ".join(deck.description.split()))
        click.echo(f"{one_line(name):<{width}}  {notes[name]:>5,} notes  {cards[name]:>5,} cards  {about}".rstrip())
    errors = f"; {counted(loaded.errors, 'error')}, see `aipm-cards check`" if loaded.errors else ""
    totals = f"{counted(len(loaded.decks), 'deck')}, {counted(notes.total(), 'note')}, {counted(cards.total(), 'card')}"
    click.echo(f"{one_line(loaded.name)} ({shown(root)}): {totals}{errors}")
    return 0
