"""Rows to the tables of an Anki collection.

genanki gives the note types, the decks and the empty collection. The rows of notes and
cards are written here, because it knows one time for all notes and no position of cards,
counts cloze cards otherwise than Anki does, and keeps all notes in memory.
"""

from __future__ import annotations

import json
import os
import sqlite3
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp
from typing import Any, BinaryIO

from aipm_cards import release
from aipm_cards.anki.html import escape
from aipm_cards.anki.identity import guid, number
from aipm_cards.anki.notetypes import note_type, type_hashes
from aipm_cards.anki.rows import Order, Rendered, media_name
from aipm_cards.errors import BuildError
from aipm_cards.kinds import KINDS
from aipm_cards.model import Collection

CHUNK = 1000  # notes that are inserted at a time
PAGE = 4096

# Rows are numbered from here (1 January 2025, in milliseconds), a second apart: Anki sorts by
# these numbers as by the time of creation, and gives a number that is taken already a new one.
_FIRST_ROW = 1_735_689_600_000
_ROW_STEP = 1000
_TREE_PAGES = {2: 12, 5: 12, 10: 8, 13: 8}  # type of a page of a tree to the size of its header

Progress = Callable[[int, int], None]
"""Called with how many notes were written, of how many."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a package holds: `decks` those with notes, `media` images. `new` and `changed` count
    notes against the last release; without one (`released` is False) every note is new. `newest`
    is the newest time in it, in seconds since 1970."""

    notes: int
    cards: int
    decks: int
    media: int
    new: int
    changed: int
    retired: int
    released: bool
    newest: int


@contextmanager
def scratch() -> Iterator[tuple[sqlite3.Connection, BinaryIO]]:
    """A database to fill and the file it is in, to be read when it is full.

    In a file, because a large collection should not be in memory twice; without a name as
    soon as it is open, so that not even a killed process leaves it behind (but on Windows,
    where an open file keeps its name).
    """
    handle, name = mkstemp(suffix=".anki2")
    with open(handle, "rb") as file:
        database = sqlite3.connect(name, isolation_level=None)
        try:
            with suppress(PermissionError):
                os.unlink(name)
            database.executescript(
                f"PRAGMA page_size = {PAGE}; PRAGMA cache_size = -256000;"
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"
            )
            yield database, file
        except sqlite3.OperationalError as error:
            raise BuildError(f"{Path(name).parent}: the working file cannot be written: {error}") from None
        finally:
            database.close()
    with suppress(FileNotFoundError):
        os.unlink(name)


def fill(
    database: sqlite3.Connection,
    collection: Collection,
    notes: list[Rendered],
    others: Sequence[Order],
    clock: release.Clock,
    progress: Progress | None,
) -> Report:
    """Write all rows of `notes`; `others` are the places of those that are not packed.

    `notes` is empty afterwards: a large collection need not be in memory twice.
    """
    from genanki.apkg_col import APKG_COL
    from genanki.apkg_schema import APKG_SCHEMA

    tables, _, indexes = APKG_SCHEMA.partition("CREATE INDEX")
    database.executescript(f"PRAGMA secure_delete = ON; {tables} {APKG_COL}")
    database.execute("BEGIN")
    total = len(notes)
    used_decks = {note.deck for note in notes}
    used_kinds = {note.kind for note in notes}
    images = {path for note in notes for path in note.images}
    retired = sum(note.retired for note in notes)
    decks = _deck_ids(collection, used_decks)
    standings: Counter[str] = Counter()
    newest = cards = 0
    notes.reverse()
    while notes:
        chunk = notes[-CHUNK:][::-1]
        del notes[-CHUNK:]
        stamped = [clock.note(note.id, note.hash) for note in chunk]
        standings.update(standing for _, standing in stamped)
        times = [time for time, _ in stamped]
        newest = max([newest, *times])
        done = total - len(notes)
        positions = [at + bisect(others, note.order) for at, note in enumerate(chunk, done - len(chunk))]
        cards += _insert(database, collection.namespace, positions, chunk, times, decks)
        if progress is not None:
            progress(done, total)
    hashes = type_hashes(collection)
    types = {kind: clock.type(kind, hashes[kind]) for kind in used_kinds}
    newest = max([newest, *types.values()])
    _describe(database, collection, decks, types, newest)
    for index in indexes.split("CREATE INDEX"):
        database.execute(f"CREATE INDEX {index}")
    database.execute("COMMIT")
    return Report(
        total,
        cards,
        len(used_decks),
        len({media_name(collection.namespace, collection.media[path]) for path in images}),
        standings["new"],
        standings["changed"],
        retired,
        clock.lock is not None,
        newest,
    )


def _insert(
    database: sqlite3.Connection,
    namespace: str,
    positions: Sequence[int],
    notes: Sequence[Rendered],
    times: Sequence[int],
    decks: Mapping[str, int],
) -> int:
    """Insert notes and their cards; returns how many cards. Positions are from 0."""
    note_rows = []
    card_rows = []
    for place, note, time in zip(positions, notes, times, strict=True):
        row = _FIRST_ROW + place * _ROW_STEP
        identity = (row, guid(namespace, note.id), number(namespace, "notetype", note.kind), time)
        note_rows.append((*identity, note.tags, note.fields, note.sort_field, note.checksum))
        for ordinal in note.ordinals:
            card_rows.append((row + ordinal, row, decks[note.deck], ordinal, time, place + 1))
    database.executemany("INSERT INTO notes VALUES (?, ?, ?, ?, -1, ?, ?, ?, ?, 0, '')", note_rows)
    database.executemany("INSERT INTO cards VALUES (?, ?, ?, ?, ?, -1, 0, 0, ?, 0, 0, 0, 0, 0, 0, 0, 0, '')", card_rows)
    return len(card_rows)


def _deck_ids(collection: Collection, used: Iterable[str]) -> dict[str, int]:
    """The id of each deck and of each one above it, the root included under an empty name."""
    names = {""}
    for name in used:
        parts = name.split("::")
        names |= {"::".join(parts[:depth]) for depth in range(1, len(parts) + 1)}
    return {name: number(collection.namespace, "deck", name) for name in sorted(names)}


def _describe(
    database: sqlite3.Connection,
    collection: Collection,
    decks: Mapping[str, int],
    types: Mapping[str, int],
    newest: int,
) -> None:
    """Fill the one row of `col`: note types, decks, and the scheduler they are for."""
    import genanki

    (conf_json, decks_json) = database.execute("SELECT conf, decks FROM col").fetchone()
    conf: dict[str, Any] = json.loads(conf_json)
    # Without these Anki takes the package for one of scheduler 1 and rewrites its learning steps.
    conf |= {"schedVer": 2, "sched2021": True, "creationOffset": 0, "rollover": 4}
    models = [note_type(KINDS[kind], collection, time) for kind, time in sorted(types.items())]
    all_decks: dict[str, Any] = json.loads(decks_json)
    for name, deck_id in decks.items():
        full = f"{collection.name}::{name}" if name else collection.name
        described = genanki.Deck(deck_id, full, _description(collection, name)).to_json()
        all_decks[str(deck_id)] = described | {"mod": newest}
    conf["curModel"] = models[0]["id"] if models else None
    database.execute(
        "UPDATE col SET conf = ?, models = ?, decks = ?, mod = ?, scm = ?",
        (to_json(conf), to_json({m["id"]: m for m in models}), to_json(all_decks), newest * 1000, newest * 1000),
    )


def _description(collection: Collection, name: str) -> str:
    if name:
        return escape(collection.decks[name].description.strip()) if name in collection.decks else ""
    return escape(f"License: {collection.license}") if collection.license else ""


def to_json(value: object) -> str:
    """JSON in one form only: sorted, without spaces."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def steady(page: bytes, is_first: bool) -> bytes:
    """A page of the database without what depends on the machine.

    In the header of the first, these are the change counter, the version valid for it and the
    version of SQLite; in the page of a tree, what was left in the room between the pointers to
    its cells and the cells, which versions of SQLite clear or do not. See the SQLite file
    format, sections 1.3 and 1.6.
    """
    steady = bytearray(page)
    start = 100 if is_first else 0
    if is_first:
        steady[24:28] = steady[92:96] = (1).to_bytes(4, "big")
        steady[96:100] = (3_040_000).to_bytes(4, "big")
    if (size := _TREE_PAGES.get(page[start])) is not None:
        cells = int.from_bytes(page[start + 3 : start + 5], "big")
        pointers_end = start + size + 2 * cells
        content = int.from_bytes(page[start + 5 : start + 7], "big")
        steady[pointers_end:content] = bytes(content - pointers_end)
    return bytes(steady)
