"""What the commands of a learner have in common: their options, and what they open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path
from typing import Any, TypeVar

import click

from aipm_cards.cli import person
from aipm_cards.cli.progress import progress
from aipm_cards.cli.where import collection_option, root_of
from aipm_cards.content.cache import Scope, Sources, open_sources
from aipm_cards.errors import AipmCardsError, HistoryDamaged
from aipm_cards.kinds import KINDS
from aipm_cards.memory.days import Moment
from aipm_cards.memory.history import History
from aipm_cards.memory.queue import Cards, Wish
from aipm_cards.memory.session import Session
from aipm_cards.memory.settings import Settings
from aipm_cards.memory.store import Store
from aipm_cards.parallel import processors

F = TypeVar("F", bound=Callable[..., Any])

history_option = click.option(
    "--history",
    envvar=person.HISTORY,
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"The history file; also {person.HISTORY}.",
)
_SCOPE = (
    click.argument("decks", nargs=-1, metavar="[DECK]..."),
    collection_option,
    history_option,
    click.option("--tag", "tags", multiple=True, help="Only cards with this tag; may be repeated."),
    click.option("--tier", "tiers", type=click.IntRange(1, 3), multiple=True, help="Only cards of this tier."),
    click.option("--kind", "kinds", type=click.Choice(list(KINDS)), multiple=True, help="Only cards of this kind."),
)


def scope_options(command: F) -> F:
    """Which collection, history and cards a command is about."""
    return reduce(lambda decorated, option: option(decorated), reversed(_SCOPE), command)


@dataclass(frozen=True)
class Desk:
    """What a learner's command works with."""

    root: Path
    sources: Sources
    store: Store
    history: History
    settings: Settings
    cards: Cards

    def clock(self) -> Moment:
        """Now, where the learner is."""
        return person.moment(self.settings.time_zone)

    def session(self, wish: Wish | None = None) -> Session:
        """A session over the cards."""
        return Session(self.history, self.cards, self.settings, self.clock, wish)


@contextmanager
def desk(
    collection: Path | None,
    history: Path | None,
    decks: Sequence[str] = (),
    tags: Sequence[str] = (),
    tiers: Sequence[int] = (),
    kinds: Sequence[str] = (),
) -> Iterator[Desk]:
    """Open the sources, the settings and the history. Raises AipmCardsError."""
    root = root_of(None, collection)
    settings = person.read_settings()
    with ExitStack() as stack:
        stack.enter_context(offering_a_backup(person.history_path(history)))
        sources = stack.enter_context(read_sources(root))
        scope = Scope(tuple(decks), tuple(tags), tuple(tiers), tuple(kinds))
        if scope.decks or scope.tags:
            _refuse_unknown(sources, scope)
        cards = Cards(sources.cards(scope), sources.deck_of)
        if not cards.order:
            raise AipmCardsError(_nothing(sources, scope))
        store = stack.enter_context(open_store(history, settings))
        kept = History(store, sources.collection.namespace, person.device(), person.token, settings.day_start)
        yield Desk(root, sources, store, kept, settings, cards)


@contextmanager
def offering_a_backup(path: Path) -> Iterator[None]:
    """A damaged history is reported with the backup that could take its place."""
    try:
        yield
    except HistoryDamaged as error:
        from aipm_cards.memory.backups import newest_good

        good = newest_good(path)
        offer = f"`aipm-cards history restore` brings back {good}" if good else "there is no good backup of it"
        raise HistoryDamaged(f"{error}; {offer}") from error


def read_sources(root: Path) -> Sources:
    """The sources of a collection, from the cache as far as nothing changed."""
    with progress("reading the cards") as step:
        return open_sources(root, person.cache_directory(), person.now_ns(), workers=processors(), progress=step)


def open_store(history: Path | None, settings: Settings, read_only: bool = False) -> Store:
    """The history file, made if it is not there; backed up first if its schema is an older one."""
    from aipm_cards.memory.backups import back_up

    now = partial(person.moment, settings.time_zone)
    path = person.history_path(history)
    return Store(path, read_only=read_only, before_migration=lambda store: back_up(store, now().ms))


def _refuse_unknown(sources: Sources, scope: Scope) -> None:
    """Raise AipmCardsError for a deck or a tag that no card has."""
    from aipm_cards.content.files import nearest

    root = sources.collection.name
    decks = [*sources.collection.decks, *(f"{root}::{name}" for name in sources.collection.decks), root]
    for wanted, known, what in ((scope.decks, decks, "deck"), (scope.tags, sources.known_tags(), "tag")):
        for name in wanted:
            if not any(f"{k}::".casefold().startswith(f"{name}::".casefold()) for k in known):
                hint = nearest(name, known) or f"`aipm-cards decks` lists the {what}s"
                raise AipmCardsError(f"there is no {what} '{name}'; {hint}")


def _nothing(sources: Sources, scope: Scope) -> str:
    """Why there is no card."""
    if scope != Scope():
        return "no card is in all of what was asked for: the decks, tags, tiers and kinds"
    return f"{sources.collection.name} has no cards yet; `aipm-cards check` shows why"
