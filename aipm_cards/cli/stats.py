"""`aipm-cards stats`: what the history says of its learner, and how sure that is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from aipm_cards.cli import drawing, person
from aipm_cards.cli.learner import Desk, desk, scope_options
from aipm_cards.cli.machine import for_programs, head, json_option, say
from aipm_cards.cli.progress import progress
from aipm_cards.cli.where import shown
from aipm_cards.content.cache.sources import EVERYTHING, Scope
from aipm_cards.diagnostics import line_column
from aipm_cards.memory.days import date_of, learner_day
from aipm_cards.memory.queue import note_of, presets_of
from aipm_cards.memory.statistics.kept import Shelf
from aipm_cards.memory.statistics.whole import Statistics, statistics
from aipm_cards.memory.statistics.words import Named
from aipm_cards.subjects import groups

ASKED = 100  # characters of what a card asks


@click.command()
@scope_options
@click.option("--topics", is_flag=True, help="List what is known of every topic.")
@click.option("--linear", is_flag=True, help="Sentences and no drawing, for screen readers.")
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write one page for a browser; a FILE that is there is replaced.",
)
@json_option
@for_programs
def command(
    collection: Path | None,
    history: Path | None,
    topics: bool,
    linear: bool,
    html: Path | None,
    as_json: bool,
    **scope: Any,
) -> int:
    """Retention beside what is desired, calibration, the load ahead, time spent, the hardest
    cards, and what is known by part of the curriculum, deck, topic and interview round.

    Of the cards of DECK and the decks below it, or of all. Shares stand with the interval in which
    the true share lies (95 %), and with "too little data" where it is wider than 20 points.
    """
    with desk(collection, history, **scope) as opened:
        only = Scope(*map(tuple, (scope[name] for name in Scope._fields))) != EVERYTHING
        found = _found(opened, only)
        named = _named(opened, found)
        if html is not None:
            _write(html, found, named)
        if as_json:
            from aipm_cards.cli.stats_said import as_said

            say({**head(opened, "stats"), **as_said(found, named)})
        elif html is not None:
            click.echo(f"{shown(html)}: written; open it in a browser")
        else:
            _print(found, named, topics, linear)
            click.echo(f"{shown(opened.root)}: {len(opened.cards.order):,} cards; history: {opened.store.path}")
    return 0


def _found(opened: Desk, only: bool) -> Statistics:
    order = list(opened.cards.order)
    decks = opened.cards.deck_of(dict.fromkeys(map(note_of, order)))
    about = groups(order, opened.sources.subjects(), opened.sources.collection.topics, decks)
    today = learner_day(opened.clock(), opened.history.start)
    with progress("counting the answers") as step:
        return statistics(
            opened.history,
            order,
            about,
            today,
            presets_of(opened.settings, opened.cards, order),
            only=only,
            shelf=Shelf(person.cache_directory(), opened.store.path, opened.history.namespace),
            progress=step,
        )


def _named(opened: Desk, found: Statistics) -> Named:
    """The names of what the statistics are about, and the words of their cards."""
    from aipm_cards.release import all_asked, shortened

    cards: dict[str, tuple[str, str]] = {}
    for hard in (*found.hardest.lapses, *found.hardest.below):
        note = opened.sources.note(note_of(hard.key))
        if note is not None:
            place = f"{shown(opened.root, note.path)}:{line_column(note.place)[0]}"
            cards[hard.key] = shortened(all_asked(note), ASKED), place
    collection = opened.sources.collection
    return Named(
        collection.name, collection.language, date_of(found.today), {t.id: t for t in collection.topics.values()}, cards
    )


def _print(found: Statistics, named: Named, topics: bool, linear: bool) -> None:
    """In the width of the terminal; without one 80 columns, and no escape sequences."""
    if linear:
        from aipm_cards.terminal.statistics_spoken import spoken

        lines = spoken(found, named, topics)
    else:
        from aipm_cards.terminal.statistics import drawn

        lines = drawn(found, named, drawing.width(), drawing.look(), topics)
    click.echo("\n".join(lines), color=True)


def _write(path: Path, found: Statistics, named: Named) -> None:
    from aipm_cards.page.statistics import page
    from aipm_cards.writing import replacing

    with replacing(path, person.now_ms() // 1000) as file:
        file.write(page(found, named).encode())
