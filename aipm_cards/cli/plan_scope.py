"""Which cards a plan is about: fewer of them where all are too many, and how they are typed."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from aipm_cards.cli.findings import counted
from aipm_cards.content.cache.sources import Scope, Sources
from aipm_cards.memory.queue import note_of

MOST_DECKS = 8  # that a command names


class Fewer(NamedTuple):
    """Some of the cards that were chosen: how many, which in words, and how to ask for them."""

    cards: int
    which: str
    scope: Scope


def fewer_cards(sources: Sources, scope: Scope, most: int) -> Fewer | None:
    """Of the first tiers and the first decks of what was chosen, what has most cards but at most so many."""
    found = [one for one in (*_tiers(sources, scope), *_decks(sources, scope, most)) if 0 < one.cards <= most]
    return max(found, key=lambda one: one.cards) if found else None


def _tiers(sources: Sources, scope: Scope) -> Iterator[Fewer]:
    tiers = sorted(scope.tiers or (1, 2, 3))
    for count in range(1, len(tiers)):
        fewer = scope._replace(tiers=tuple(tiers[:count]))
        cards = len(sources.cards(fewer))
        yield Fewer(cards, f"tier{'s' if count > 1 else ''} {' and '.join(map(str, tiers[:count]))}{_of(cards)}", fewer)


def _decks(sources: Sources, scope: Scope, most: int) -> Iterator[Fewer]:
    """As many decks as there is room for, the first in the author's order before the others: those
    at which the decks part, and those one below."""
    counts = decks_of(sources, sources.cards(scope))
    shared = _shared(list(counts))
    for depth in (shared + 1, shared + 2):
        together = Counter[str]()
        for deck, number in counts.items():
            together["::".join(deck.split("::")[:depth])] += number
        cards, names = 0, list[str]()
        for deck, number in together.items():
            if cards + number <= most and len(names) < MOST_DECKS:
                cards += number
                names.append(deck)
        which = names[0] if len(names) == 1 else counted(len(names), "deck")
        yield Fewer(cards, f"{which}{_of(cards)}", scope._replace(decks=tuple(names)))


def _of(cards: int) -> str:
    return f" ({counted(cards, 'card')})"


def _shared(decks: Sequence[str]) -> int:
    """How many parts of their names all decks share."""
    parts = [deck.split("::") for deck in decks]
    return next((at for at, same in enumerate(zip(*parts, strict=False)) if len(set(same)) > 1), min(map(len, parts)))


def decks_of(sources: Sources, keys: Sequence[str]) -> Counter[str]:
    """The decks of cards, and how many cards of each; the first in the order of `keys` before the others."""
    decks = sources.deck_of({note_of(key) for key in keys})
    return Counter(decks.get(note_of(key), "") for key in keys)


def typed_as(scope: Scope, on: date, minutes: int) -> str:
    """A wish as the command that asks for it (0 minutes for as many as it takes)."""
    decks = [f" {deck}" if deck.startswith("-") else deck for deck in scope.decks]  # else it would be an option
    parts = ["aipm-cards", "plan", *decks, "--on", on.isoformat()]
    parts += ["--minutes", str(minutes)] if minutes else []
    for option, values in (("--tag", scope.tags), ("--tier", scope.tiers), ("--kind", scope.kinds)):
        for value in values:
            parts += [option, str(value)]
    return shlex.join(parts)
