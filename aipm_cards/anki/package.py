"""A collection to an Anki package (`.apkg`).

genanki gives the note types, the decks and the empty collection. The rows of notes and
cards are written here, because it knows one time for all notes and no position of cards,
counts cloze cards otherwise than Anki does, and keeps all notes in memory.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any, BinaryIO

from aipm_cards import __version__, parallel, release
from aipm_cards.anki.html import Printer, escape
from aipm_cards.anki.identity import guid, number
from aipm_cards.anki.notetypes import note_type, type_hashes
from aipm_cards.anki.regions import Renderer
from aipm_cards.anki.writing import replacing
from aipm_cards.errors import BuildError
from aipm_cards.kinds import KINDS, ordinals
from aipm_cards.model import Collection, Media, Note

CHUNK = 250  # notes that a process renders at a time
WORTH_A_PROCESS = 2000  # notes from which a second process pays for its start

# Rows are numbered from here (1 January 2025, in milliseconds), a second apart: Anki sorts by
# these numbers as by the time of creation, and gives a number that is taken already a new one.
_FIRST_ROW = 1_735_689_600_000
_ROW_STEP = 1000
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_RESTORES = re.compile(r"(?:collection|backup-.*)\.apkg", re.IGNORECASE)

Progress = Callable[[int, int], None]
"""Called with how many notes were rendered, of how many."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a package holds. `new` and `changed` count notes against the last release; without
    a release (`released` is False) every note is new."""

    notes: int
    cards: int
    decks: int
    media: int
    new: int
    changed: int
    retired: int
    released: bool


def build(
    collection: Collection,
    output: Path | str,
    *,
    now: int,
    lock: release.Lock | None = None,
    deck: str = "",
    key: str = "",
    workers: int = 1,
    progress: Progress | None = None,
) -> Report:
    """Write the package of a collection, or of one deck and those below it.

    `now` (seconds since 1970) is the time of what `lock` does not know. `key` may name the
    state of the sources: `receipt` gives it back. The same collection, lock and time give
    the same bytes. Raises BuildError, and OSError if the file cannot be written; the file
    that was there before stays then.
    """
    target = check_name(Path(output))
    if collection.errors:
        raise BuildError(f"{collection.errors} errors in the sources; `aipm-cards check` shows them")
    notes = select(collection, deck)
    clock = release.Clock(lock, now)
    database = sqlite3.connect(":memory:", isolation_level=None)
    try:
        report = _fill(database, collection, notes, clock, workers, progress)
        with replacing(target) as file:
            _write_zip(file, database, collection, _used_media(collection, notes), key, report)
    finally:
        database.close()
    return report


def check_name(output: Path) -> Path:
    """The path of a package, unless Anki would take a file of that name for something else."""
    if _RESTORES.fullmatch(output.name):
        raise BuildError(f"{output.name}: Anki would take it for a backup and replace the whole collection")
    if output.suffix.lower() != ".apkg":
        raise BuildError(f"{output.name}: the name of a package ends with .apkg")
    return output


def select(collection: Collection, deck: str) -> tuple[Note, ...]:
    """The notes of a deck and those below it, by its name with or without the root deck."""
    if not deck:
        return collection.notes
    wanted = "::".join(part.strip() for part in deck.split("::")).casefold()
    wanted = wanted.removeprefix(f"{collection.name}::".casefold())
    if wanted == collection.name.casefold():
        return collection.notes
    notes = tuple(n for n in collection.notes if f"{n.deck}::".casefold().startswith(f"{wanted}::"))
    if not notes:
        raise BuildError(f"there is no deck '{deck}'; `aipm-cards decks` lists them")
    return notes


# --- rows ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rendered:
    """A note as Anki stores it, but for what the parent process decides."""

    hash: str
    fields: str
    sort_field: str
    ordinals: tuple[int, ...]


def _fill(
    database: sqlite3.Connection,
    collection: Collection,
    notes: Sequence[Note],
    clock: release.Clock,
    workers: int,
    progress: Progress | None,
) -> Report:
    from genanki.apkg_col import APKG_COL
    from genanki.apkg_schema import APKG_SCHEMA

    tables, _, indexes = APKG_SCHEMA.partition("CREATE INDEX")
    database.executescript(f"PRAGMA secure_delete = ON; {tables} {APKG_COL}")
    database.execute("BEGIN")
    decks = _deck_ids(collection, notes)
    standings: Counter[str] = Counter()
    newest = cards = 0
    rendered = _render_all(collection, notes, clock.rendering, workers)
    for position, (note, row) in enumerate(zip(notes, rendered, strict=True)):
        time, standing = clock.note(note.id, row.hash)
        standings[standing] += 1
        newest = max(newest, time)
        found = () if note.retired else row.ordinals
        cards += len(found)
        _insert(database, collection.namespace, position, note, row, found, time, decks[note.deck])
        if progress is not None:
            progress(position + 1, len(notes))
    types = {name: clock.type(name, hash_) for name, hash_ in type_hashes(collection).items()}
    used = {note.kind for note in notes}
    newest = max([newest, *(time for name, time in types.items() if name in used)])
    _describe(database, collection, decks, {n: t for n, t in types.items() if n in used}, newest)
    database.execute("COMMIT")
    database.executescript(f"CREATE INDEX {indexes}; VACUUM")
    return Report(
        len(notes),
        cards,
        len({note.deck for note in notes}),
        len(_used_media(collection, notes)),
        standings["new"],
        standings["changed"],
        sum(bool(note.retired) for note in notes),
        clock.lock is not None,
    )


def _render_all(collection: Collection, notes: Sequence[Note], rendering: int, workers: int) -> Iterator[_Rendered]:
    names = {path: media_name(collection.namespace, media) for path, media in collection.media.items()}
    renderer = Renderer(collection.sources, Printer(names))
    chunks = [notes[at : at + CHUNK] for at in range(0, len(notes), CHUNK)]
    work = partial(_render_chunk, renderer, collection, rendering)
    for chunk in parallel.each(work, chunks, workers if len(notes) >= WORTH_A_PROCESS else 1):
        yield from map(_Rendered, *zip(*chunk, strict=True))


def _render_chunk(
    renderer: Renderer, collection: Collection, rendering: int, notes: Sequence[Note]
) -> list[tuple[str, str, str, tuple[int, ...]]]:
    rows = []
    for note in notes:
        fields = renderer.fields(note)
        hash_ = release.note_hash(note, collection, rendering)
        rows.append((hash_, "\x1f".join(fields), _sort_field(fields[0]), ordinals(note)))
    return rows


_TAG = re.compile(r"<[^>]*>")


def _sort_field(html: str) -> str:
    """The first field as Anki's browser sorts by it and looks for duplicates: without markup."""
    return unescape(_TAG.sub("", html)).strip()


def _insert(
    database: sqlite3.Connection,
    namespace: str,
    position: int,
    note: Note,
    row: _Rendered,
    found: Iterable[int],
    time: int,
    deck: int,
) -> None:
    note_row = _FIRST_ROW + position * _ROW_STEP
    checksum = int(hashlib.sha1(row.sort_field.encode(), usedforsecurity=False).hexdigest()[:8], 16)
    database.execute(
        "INSERT INTO notes VALUES (?, ?, ?, ?, -1, ?, ?, ?, ?, 0, '')",
        (
            note_row,
            guid(namespace, note.id),
            number(namespace, "notetype", note.kind),
            time,
            tags(namespace, note),
            row.fields,
            row.sort_field,
            checksum,
        ),
    )
    for ordinal in found:
        database.execute(
            "INSERT INTO cards VALUES (?, ?, ?, ?, ?, -1, 0, 0, ?, 0, 0, 0, 0, 0, 0, 0, 0, '')",
            (note_row + ordinal, note_row, deck, ordinal, time, position + 1),
        )


def tags(namespace: str, note: Note) -> str:
    """A note's tags as Anki stores them; they lie below the namespace."""
    names = [*note.tags, f"tier::{note.tier}", f"level::{note.level}"]
    names += [f"topic::{topic}" for topic in note.topics]
    if note.retired:
        names.append("retired")
    return f" {' '.join(f'{namespace}::{name}' for name in names)} "


# --- decks, note types, the collection's own row -------------------------------------------


def _deck_ids(collection: Collection, notes: Iterable[Note]) -> dict[str, int]:
    """The id of each deck and of each one above it, the root included under an empty name."""
    names = {""}
    for name in {note.deck for note in notes}:
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


def _used_media(collection: Collection, notes: Iterable[Note]) -> list[Media]:
    used = {path for note in notes for path in note.images}
    by_name = {media_name(collection.namespace, collection.media[path]): collection.media[path] for path in used}
    return [by_name[name] for name in sorted(by_name)]


def _write_zip(
    file: BinaryIO,
    database: sqlite3.Connection,
    collection: Collection,
    media: Sequence[Media],
    key: str,
    report: Report,
) -> None:
    """The package: stored, not deflated, because deflate differs between builds of zlib."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as package:
        stored = memoryview(database.serialize())
        with package.open(_entry("collection.anki2", len(stored)), "w") as entry:
            entry.write(_steady_header(stored[:100]))
            entry.write(stored[100:])
        names = {str(index): media_name(collection.namespace, item) for index, item in enumerate(media)}
        package.writestr(_entry("media"), _json(names))
        for index, item in enumerate(media):
            package.writestr(_entry(str(index)), _image(collection.root, item))
        package.comment = _json({"aipm-cards": __version__, "key": key, "report": asdict(report)}).encode()


def _entry(name: str, size: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _ZIP_TIME)
    info.create_system = 3
    info.external_attr = 0o644 << 16
    info.file_size = size
    return info


def _steady_header(header: memoryview) -> bytes:
    """SQLite's header without the counters and the version number that depend on the machine:
    the file change counter, the version valid for it, and the version of the library."""
    steady = bytearray(header)
    steady[24:28] = steady[92:96] = (1).to_bytes(4, "big")
    steady[96:100] = (3_040_000).to_bytes(4, "big")
    return bytes(steady)


def _image(root: Path, media: Media) -> bytes:
    data = (root / media.path).read_bytes()
    if hashlib.sha256(data).hexdigest() != media.digest:
        raise BuildError(f"{media.path} changed while it was read; build again")
    return data


def receipt(output: Path | str) -> tuple[str, Report] | None:
    """The `key` with which this version built a package that is still whole, and its report."""
    try:
        with zipfile.ZipFile(output) as package:
            comment = json.loads(package.comment)
            if comment.get("aipm-cards") != __version__ or package.testzip() is not None:
                return None
            return comment["key"], Report(**comment["report"])
    except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError, AttributeError):
        return None  # another file, or a damaged one: it is built anew
