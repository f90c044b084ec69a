"""A collection to an Anki package (`.apkg`).

genanki gives the note types, the decks and the empty collection. The rows of notes and
cards are written here, because it knows one time for all notes and no position of cards,
counts cloze cards otherwise than Anki does, and keeps all notes in memory.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import zipfile
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from html import unescape
from pathlib import Path
from tempfile import mkstemp
from typing import Any, BinaryIO, NamedTuple

from aipm_cards import release
from aipm_cards.anki.html import Printer, escape
from aipm_cards.anki.identity import guid, number
from aipm_cards.anki.notetypes import note_type, type_hashes
from aipm_cards.anki.regions import Renderer
from aipm_cards.errors import BuildError
from aipm_cards.kinds import KINDS, ordinals
from aipm_cards.model import Collection, Media, Note
from aipm_cards.writing import replacing

CHUNK = 1000  # notes that are inserted at a time

# Rows are numbered from here (1 January 2025, in milliseconds), a second apart: Anki sorts by
# these numbers as by the time of creation, and gives a number that is taken already a new one.
_FIRST_ROW = 1_735_689_600_000
_ROW_STEP = 1000
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_RESTORES = re.compile(r"(?:collection|backup-.*)\.apkg", re.IGNORECASE)

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


Order = tuple[int, str, int]
"""Tier, file, place: the author's order of notes."""


class Rendered(NamedTuple):
    """A note as Anki stores it, but for its number and its time, which the package decides."""

    order: Order
    id: str
    kind: str
    deck: str
    retired: bool
    images: tuple[str, ...]
    hash: str
    tags: str
    fields: str
    sort_field: str
    checksum: int
    ordinals: tuple[int, ...]


def renderer(
    collection: Collection, lock: release.Lock | None = None, deck: str = ""
) -> Callable[[Note], Rendered | Order]:
    """A function that renders a note of the collection, or gives only the place of one that is
    not in the deck wanted: new cards keep their positions in the whole collection.

    It needs the collection's own keys, sources and media, not its notes: so it can be used
    while they are read (`content.load.load_each`).
    """
    rendering = release.Clock(lock, 0).rendering
    wanted = _wanted(collection, deck)
    regions = Renderer(collection.sources, Printer(_MediaNames(collection)))

    def render(note: Note) -> Rendered | Order:
        order = (note.tier, note.path, note.place)
        if not f"{note.deck}::".casefold().startswith(wanted):
            return order
        fields = regions.fields(note)
        sort_field = _sort_field(fields[0])
        return Rendered(
            order,
            note.id,
            note.kind,
            note.deck,
            bool(note.retired),
            note.images,
            release.note_hash(note, collection, rendering),
            tags(collection.namespace, note),
            "\x1f".join(fields),
            sort_field,
            int(hashlib.sha1(sort_field.encode(), usedforsecurity=False).hexdigest()[:8], 16),
            () if note.retired else ordinals(note),
        )

    return render


def build(
    collection: Collection,
    output: Path | str,
    *,
    now: int,
    lock: release.Lock | None = None,
    deck: str = "",
    key: str = "",
    rendered: Iterable[Rendered | Order] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Write the package of a collection, or of one deck and those below it.

    `now` (seconds since 1970) is the time of what `lock` does not know. `key` may name the
    state of the sources: `receipt` gives it back. `rendered` are the notes, if they were
    rendered while they were read. The same collection, lock and time give the same bytes.
    Raises BuildError, and OSError if the file cannot be written; the file that was there
    before stays then.
    """
    target = check_name(Path(output))
    if collection.errors:
        raise BuildError(f"{collection.errors} errors in the sources; `aipm-cards check` shows them")
    if rendered is None:
        rendered = map(renderer(collection, lock, deck), collection.notes)
    notes: list[Rendered] = []
    others: list[Order] = []
    for each in rendered:
        if isinstance(each, Rendered):
            notes.append(each)
        else:
            others.append(each)
    notes.sort(key=lambda note: note.order)
    if deck and not notes:
        raise BuildError(f"there is no deck '{deck}'; `aipm-cards decks` lists them")
    images = _used_media(collection, {path for note in notes for path in note.images})
    with _scratch() as (database, stored):
        report = _fill(database, collection, notes, sorted(others), release.Clock(lock, now), progress)
        with replacing(target, now) as file:
            _write_zip(file, stored, collection, images, key, report)
    return report


def check_name(output: Path) -> Path:
    """The path of a package, unless Anki would take a file of that name for something else."""
    if _RESTORES.fullmatch(output.name):
        raise BuildError(f"{output.name}: Anki would take it for a backup and replace the whole collection")
    if output.suffix.lower() != ".apkg":
        raise BuildError(f"{output.name}: the name of a package ends with .apkg")
    return output


def _wanted(collection: Collection, deck: str) -> str:
    """How the name of a wanted deck begins: by its name with or without the root deck."""
    name = "::".join(part.strip() for part in deck.split("::")).casefold()
    root = collection.name.casefold()
    name = "" if name == root else name.removeprefix(f"{root}::")
    return f"{name}::" if name else ""


class _MediaNames(Mapping[str, str]):
    """The name in the package of each image, by path."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection

    def __getitem__(self, path: str) -> str:
        return media_name(self.collection.namespace, self.collection.media[path])

    def __iter__(self) -> Iterator[str]:
        return iter(self.collection.media)

    def __len__(self) -> int:
        return len(self.collection.media)


@contextmanager
def _scratch() -> Iterator[tuple[sqlite3.Connection, BinaryIO]]:
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
                f"PRAGMA page_size = {_PAGE}; PRAGMA cache_size = -256000;"
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"
            )
            yield database, file
        except sqlite3.OperationalError as error:
            raise BuildError(f"{Path(name).parent}: the working file cannot be written: {error}") from None
        finally:
            database.close()
    with suppress(FileNotFoundError):
        os.unlink(name)


# --- rows ----------------------------------------------------------------------------------


def _fill(
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
        len(_used_media(collection, images)),
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


_TAG = re.compile(r"<[^>]*>")


def _sort_field(html: str) -> str:
    """The first field as Anki's browser sorts by it and looks for duplicates: without markup."""
    return unescape(_TAG.sub("", html)).strip()


def tags(namespace: str, note: Note) -> str:
    """A note's tags as Anki stores them; they lie below the namespace."""
    names = [*note.tags, f"tier::{note.tier}", f"level::{note.level}"]
    names += [f"topic::{topic}" for topic in note.topics]
    if note.retired:
        names.append("retired")
    return f" {' '.join(f'{namespace}::{name}' for name in names)} "


# --- decks, note types, the collection's own row -------------------------------------------


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
        (_json(conf), _json({m["id"]: m for m in models}), _json(all_decks), newest * 1000, newest * 1000),
    )


def _description(collection: Collection, name: str) -> str:
    if name:
        return escape(collection.decks[name].description.strip()) if name in collection.decks else ""
    return escape(f"License: {collection.license}") if collection.license else ""


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


# --- the file ------------------------------------------------------------------------------


def media_name(namespace: str, media: Media) -> str:
    """The name of an image in the package: by its content, so that a corrected image is
    another file and never one that Anki has to rename."""
    return f"{namespace}-{media.digest[:16]}{media.path.suffix.lower()}"


def _used_media(collection: Collection, paths: Iterable[str]) -> list[Media]:
    """The images to pack, sorted by their names in the package; equal ones once."""
    by_name = {media_name(collection.namespace, collection.media[path]): collection.media[path] for path in paths}
    return [by_name[name] for name in sorted(by_name)]


def _write_zip(
    file: BinaryIO,
    stored: BinaryIO,
    collection: Collection,
    media: Sequence[Media],
    key: str,
    report: Report,
) -> None:
    """The package: stored, not deflated, because deflate differs between builds of zlib."""
    size = stored.seek(0, os.SEEK_END)
    stored.seek(0)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as package:
        with package.open(_entry("collection.anki2", size), "w") as entry:
            for page in iter(lambda: stored.read(_PAGE), b""):
                entry.write(_steady(page, is_first=stored.tell() == _PAGE))
        names = {str(index): media_name(collection.namespace, item) for index, item in enumerate(media)}
        package.writestr(_entry("media"), _json(names))
        for index, item in enumerate(media):
            package.writestr(_entry(str(index)), _image(collection.root, item))
        package.comment = _json({"key": key, "report": asdict(report)}).encode()


def _entry(name: str, size: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _ZIP_TIME)
    info.create_system = 3
    info.external_attr = 0o644 << 16
    info.file_size = size
    return info


def _steady(page: bytes, is_first: bool) -> bytes:
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


_PAGE = 4096
_TREE_PAGES = {2: 12, 5: 12, 10: 8, 13: 8}  # type of a page to the size of its header


def _image(root: Path, media: Media) -> bytes:
    data = (root / media.path).read_bytes()
    if hashlib.sha256(data).hexdigest() != media.digest:
        raise BuildError(f"{media.path} changed while it was read; build again")
    return data


def receipt(output: Path | str) -> tuple[str, Report] | None:
    """The `key` with which a package was built that is still whole, and its report."""
    try:
        with zipfile.ZipFile(output) as package:
            if package.testzip() is not None:
                return None
            comment = json.loads(package.comment)
            return str(comment["key"]), Report(**comment["report"])
    except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError, AttributeError):
        return None  # another file, or a damaged one: it is built anew
