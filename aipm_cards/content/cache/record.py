"""What the cache knows of a deck file beside its notes: for other files, and for choosing cards."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import starmap
from typing import Any, NamedTuple

from aipm_cards.content.cache.index import doubting, pack, unpack, want
from aipm_cards.kinds import ROUNDS

NOTE_ID = re.compile(r"[a-z0-9-]{3,64}")
_IDS = re.compile(r"(?:[a-z0-9-]{3,64}+ )*+[a-z0-9-]{3,64}+")
_ORDINALS = re.compile(r"[0-9]{1,3}(?:,[0-9]{1,3})*+")


class Entry(NamedTuple):
    """A sound note, as far as choosing cards needs it, and what it is about. `ordinals` are apart
    by commas, `tags` and `topics` by spaces; `round` is that of an interview."""

    id: str
    kind: str
    tier: int
    ordinals: str
    tags: str
    retired: bool
    topics: str
    round: str


class Record(NamedTuple):
    """A deck file: what `DeckFile` has (places as numbers), its findings as lists, and its sound
    notes in the order of their places."""

    path: str
    deck: str
    deck_place: int
    description: str
    ids: list[tuple[str, int]]
    related: list[tuple[str, int]]
    images: list[str]
    findings: list[list[str | int]]
    entries: list[Entry]

    def packed(self) -> bytes:
        """The record as bytes, without its path."""
        columns = list(zip(*self.entries, strict=True)) or [()] * len(Entry._fields)
        return pack((*self[1:-1], columns))


def record_from(data: bytes, path: str) -> Record:
    """The record of the deck file at `path` that was packed. Raises Damaged."""
    value: Any = unpack(data)
    with doubting():
        deck, deck_place, description, ids, related, images, findings, columns = value
        _check_columns(*columns)
        entries = list(starmap(Entry, zip(*columns, strict=True)))
        want(type(deck) is type(description) is str and type(deck_place) is int and type(findings) is list)
        want(all(type(name) is str and type(at) is int for pairs in (ids, related) for name, at in pairs))
        want(all(type(image) is str for image in images))
    return Record(path, deck, deck_place, description, ids, related, images, findings, entries)


def _check_columns(
    ids: list[str],
    kinds: list[str],
    tiers: list[int],
    ordinals: list[str],
    tags: list[str],
    retired: list[bool],
    topics: list[str],
    rounds: list[str],
) -> None:
    """Whether they are columns of sound entries: by their different values, which are few."""
    want(not ids or _IDS.fullmatch(" ".join(ids)) is not None)
    want(_types(kinds) <= {str} and _types(tags) <= {str} and _types(retired) <= {bool})
    want(_types(topics) <= {str} and {"", *ROUNDS}.issuperset(rounds))
    want(_types(tiers) <= {int} and set(tiers) <= {1, 2, 3})
    want(all(_ORDINALS.fullmatch(those) is not None for those in set(ordinals)))


def _types(values: list[Any]) -> set[type]:
    return set(map(type, values))


def in_order(records: Iterable[Record]) -> list[tuple[Record, Entry]]:
    """The notes in the author's order (tier, file, place), given the files in order."""
    tiers: dict[int, list[tuple[Record, Entry]]] = {1: [], 2: [], 3: []}
    for record in records:
        for entry in record.entries:
            tiers[entry.tier].append((record, entry))
    return [*tiers[1], *tiers[2], *tiers[3]]


def only_first(notes: Iterable[tuple[Record, Entry]]) -> list[tuple[Record, Entry]]:
    """Of two notes with one id the first."""
    first: dict[str, tuple[Record, Entry]] = {}
    for note in notes:
        first.setdefault(note[1].id, note)
    return list(first.values())
