"""What the commands of a learner have in common: their options, and what they open."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property, reduce
from pathlib import Path
from typing import Any, TypeVar

import click

from aipm_cards.characters import one_line
from aipm_cards.cli import completing, person
from aipm_cards.cli.progress import progress
from aipm_cards.cli.where import ENVIRONMENT, collection_option, root_of
from aipm_cards.content.cache.sources import EVERYTHING, Scope, Sources, open_sources
from aipm_cards.content.files import COLLECTION
from aipm_cards.errors import AipmCardsError, HistoryDamaged
from aipm_cards.kinds import KINDS
from aipm_cards.memory.days import Moment, learner_day
from aipm_cards.memory.goal import Goal, InForce
from aipm_cards.memory.history import History
from aipm_cards.memory.queue import Cards, Wish
from aipm_cards.memory.session import Session
from aipm_cards.memory.settings import Preset, Settings
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
    click.argument("decks", nargs=-1, metavar="[DECK]...", shell_complete=completing.decks),
    collection_option,
    history_option,
    click.option(
        "--tag",
        "tags",
        multiple=True,
        help="Only cards with this tag; may be repeated.",
        shell_complete=completing.tags,
    ),
    click.option("--tier", "tiers", type=click.IntRange(1, 3), multiple=True, help="Only cards of this tier."),
    click.option(
        "--kind",
        "kinds",
        type=click.Choice(list(KINDS)),
        multiple=True,
        help="Only cards of this kind.",
        shell_complete=completing.kinds,
    ),
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
    goal: Goal | None = None  # of the plan in force

    @cached_property
    def in_force(self) -> InForce | None:
        """The plan in force, with the cards that were chosen for it."""
        if self.goal is None:
            return None
        return InForce.of(self.goal, self.sources.cards(scope_of(self.goal)))

    def chosen(self, scope: Scope) -> list[str]:
        """The cards that are meant, in the author's order. Raises AipmCardsError if there is none."""
        if scope.decks or scope.tags:
            _refuse_unknown(self.sources, scope)
        keys = self.sources.cards(scope)
        if not keys:
            raise AipmCardsError(_nothing(self.sources, scope))
        return keys

    def clock(self) -> Moment:
        """Now, where the learner is."""
        return person.moment(self.settings.time_zone)

    def session(self, wish: Wish | None = None) -> Session:
        """A session over the cards."""
        return Session(self.history, self.cards, self.settings, self.clock, wish, self.in_force)

    def preset(self, key: str) -> Preset:
        """The settings for a card, as in a session."""
        preset = self.settings.preset_of(self.cards.deck(key))
        return preset if self.in_force is None else self.in_force.preset(key, preset)


@contextmanager
def desk(
    collection: Path | None,
    history: Path | None,
    decks: Sequence[str] = (),
    tags: Sequence[str] = (),
    tiers: Sequence[int] = (),
    kinds: Sequence[str] = (),
    may_be_empty: bool = False,
) -> Iterator[Desk]:
    """Open the sources, the settings and the history. Raises AipmCardsError, also if there is
    no card unless it `may_be_empty`."""
    root = root_of(None, collection)
    settings, goal = person.read_settings(), person.read_goal()
    with ExitStack() as stack:
        stack.enter_context(offering_a_backup(person.history_path(history)))
        sources = stack.enter_context(read_sources(root))
        scope = Scope(tuple(decks), tuple(tags), tuple(tiers), tuple(kinds))
        if scope.decks or scope.tags:
            _refuse_unknown(sources, scope)
        cards = Cards(sources.cards(scope), sources.deck_of, sources.order if scope == EVERYTHING else "")
        if not sources.collection.namespace:
            raise AipmCardsError(f"{root / COLLECTION}: has an error; `aipm-cards check` shows it")
        if not cards.order and not may_be_empty:
            raise AipmCardsError(_nothing(sources, scope))
        store = stack.enter_context(open_store(person.history_path(history)))
        kept = History(store, sources.collection.namespace, person.device(), person.token, settings.day_start)
        if goal is not None and not is_followed(goal, sources.collection.namespace, settings):
            goal = None
        yield Desk(root, sources, store, kept, settings, cards, goal)


def scope_of(goal: Goal) -> Scope:
    """The cards that were chosen for a plan."""
    return Scope(goal.decks, goal.tags, goal.tiers, goal.kinds)


def is_followed(goal: Goal, namespace: str, settings: Settings) -> bool:
    """Whether a plan is in force now, for the collection with this namespace."""
    today = learner_day(person.moment(settings.time_zone), settings.day_start)
    return goal.namespace == namespace and goal.in_force(today)


def why_not_followed(goal: Goal, namespace: str, settings: Settings) -> str:
    """Why a plan is not in force now, for the collection with this namespace; empty if it is."""
    if not is_followed(goal, goal.namespace, settings):
        return "it is over"
    if goal.namespace != namespace:
        return f"it is ignored here: it is for the collection {one_line(goal.namespace)}"
    return ""


@contextmanager
def offering_a_backup(path: Path) -> Iterator[None]:
    """A damaged history is reported with the backup that could take its place."""
    try:
        yield
    except HistoryDamaged as error:
        raise HistoryDamaged(f"{error}; {backup_offer(path)}") from error


def backup_offer(path: Path) -> str:
    """Which backup could take the place of a history."""
    from aipm_cards.memory.backups import newest_good

    good = newest_good(path)
    if good is None:
        return "there is no good backup of it; the file was left as it is"
    return f"`aipm-cards history restore{for_history(path)}` brings back {good}"


def for_history(path: Path) -> str:
    """What a command needs to mean this history, ready to be copied."""
    import shlex

    usual = os.environ.get(person.HISTORY) or person.history_path(None)
    return "" if path == Path(usual) else f" --history {shlex.quote(str(path))}"


def for_collection(collection: Path | None) -> str:
    """What a command needs to mean this collection, ready to be copied."""
    import shlex

    usual = collection is None or str(collection) == os.environ.get(ENVIRONMENT)
    return "" if usual else f" --collection {shlex.quote(str(collection))}"


def read_sources(root: Path) -> Sources:
    """The sources of a collection, from the cache as far as nothing changed."""
    with progress("reading the cards") as step:
        return open_sources(root, person.cache_directory(), person.now_ns(), workers=processors(), progress=step)


def open_store(path: Path, read_only: bool = False) -> Store:
    """The history file, made if it is not there; backed up first if its schema is an older one."""
    return Store(path, read_only=read_only, before_migration=_back_up)


def _back_up(store: Store) -> None:
    from aipm_cards.memory.backups import back_up

    back_up(store, person.now_ms())


def back_up_daily(opened: Desk, has_more: bool = False) -> None:
    """Back up the history, once a day, if there is something in it: a review, or what the caller
    knows of (`has_more`)."""
    from aipm_cards.memory.backups import back_up, is_due

    now = opened.clock().ms
    if (has_more or opened.history.newest()) and is_due(opened.store.path, now):
        with progress("backing up the history") as step:
            back_up(opened.store, now, step)


def _refuse_unknown(sources: Sources, scope: Scope) -> None:
    """Raise AipmCardsError for a deck or a tag that no card has."""
    from aipm_cards.content.files import nearest

    name = sources.collection.name
    decks = {parent for deck in sources.collection.decks for parent in _with_parents(deck)}
    decks |= {f"{name}::{deck}" for deck in decks} | {name}
    for given, known, what in ((scope.decks, decks, "deck"), (scope.tags, sources.known_tags(), "tag")):
        for wanted in given:
            parts = "::".join(" ".join(part.split()) for part in wanted.casefold().split("::"))
            if not any(f"{k}::".casefold().startswith(f"{parts}::") for k in known):
                near = {k.casefold(): k for k in known}
                hint = nearest(parts, near)
                for folded, spelled in near.items():
                    hint = hint.replace(f"'{folded}'", f"'{spelled}'")
                raise AipmCardsError(f"there is no {what} '{wanted}'; {hint or _NAMES[what]}")


_NAMES = {"deck": "`aipm-cards decks` lists the decks", "tag": "`aipm-cards next --json` shows the tags of a card"}


def _with_parents(deck: str) -> list[str]:
    parts = deck.split("::")
    return ["::".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def _nothing(sources: Sources, scope: Scope) -> str:
    """Why there is no card."""
    if scope != EVERYTHING:
        return "no card is in all of what was asked for: the decks, tags, tiers and kinds"
    if sources.errors:
        return f"every note of {sources.collection.name} has an error; `aipm-cards check` shows them"
    return f"{sources.collection.name} has no cards yet"
