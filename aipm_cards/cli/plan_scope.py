"""Which cards a plan is about: fewer of them where all are too many, and how they are typed."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from aipm_cards.content.cache.sources import Scope, Sources
from aipm_cards.memory.queue import note_of
from aipm_cards.words import counted

MOST_DECKS = 8  # that a command names
SHARES = (0.8, 0.6, 0.45, 0.3, 0.15, 0.05)  # of the cards, that parts of them have at most
MOST_PARTS = 8


class Part(NamedTuple):
    """Some of the cards that were chosen: which in words, their keys, and how to ask for them."""

    which: str
    keys: frozenset[str]
    scope: Scope


def parts_of(sources: Sources, scope: Scope) -> list[Part]:
    """Parts of what was chosen that might be learned instead of all, the largest first: the first
    tiers, and the first decks up to some shares of the cards."""
    cards = len(sources.cards(scope))
    found = {part.keys: part for part in _tiers(sources, scope)}
    for share in SHARES:
        found |= {part.keys: part for part in _decks(sources, scope, int(share * cards))}
    parts = [part for part in found.values() if 0 < len(part.keys) < cards]
    return sorted(parts, key=lambda part: -len(part.keys))[:MOST_PARTS]


def _tiers(sources: Sources, scope: Scope) -> Iterator[Part]:
    tiers = sorted(scope.tiers or (1, 2, 3))
    for count in range(1, len(tiers)):
        fewer = scope._replace(tiers=tuple(tiers[:count]))
        which = f"tier{'s' if count > 1 else ''} {' and '.join(map(str, tiers[:count]))}"
        yield Part(which, frozenset(sources.cards(fewer)), fewer)


def _decks(sources: Sources, scope: Scope, most: int) -> Iterator[Part]:
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
        if names:
            fewer = scope._replace(decks=tuple(names))
            which = names[0] if len(names) == 1 else counted(len(names), "deck")
            yield Part(which, frozenset(sources.cards(fewer)), fewer)


def _shared(decks: Sequence[str]) -> int:
    """How many parts of their names all decks share."""
    parts = [deck.split("::") for deck in decks]
    return next((at for at, same in enumerate(zip(*parts, strict=False)) if len(set(same)) > 1), min(map(len, parts)))


def decks_of(sources: Sources, keys: Sequence[str]) -> Counter[str]:
    """The decks of cards, and how many cards of each; the first in the order of `keys` before the others."""
    decks = sources.deck_of({note_of(key) for key in keys})
    return Counter(decks.get(note_of(key), "") for key in keys)


def typed_as(scope: Scope, on: date, minutes: int) -> str:
    """An aim as the command that asks for it (0 minutes for as many as it takes)."""
    decks = [f" {deck}" if deck.startswith("-") else deck for deck in scope.decks]  # else it would be an option
    parts = ["aipm-cards", "plan", *decks, "--on", on.isoformat()]
    parts += ["--minutes", str(minutes)] if minutes else []
    for option, values in (("--tag", scope.tags), ("--tier", scope.tiers), ("--kind", scope.kinds)):
        for value in values:
            parts += [option, str(value)]
    return shlex.join(parts)
