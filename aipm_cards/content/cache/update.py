"""Reads again what changed, and works out the answers that a start wants at once.

Only a start that found a change imports this, and with it the reader of YAML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from aipm_cards import parallel
from aipm_cards.content.cache.file import CacheFile
from aipm_cards.content.cache.index import Fault, FileRow, ImageRow, Index, findings_as_lists, pack
from aipm_cards.content.cache.notes import findings_from, pack_collection, pack_note
from aipm_cards.content.cache.plan import Plan, image_row
from aipm_cards.content.cache.record import Entry, Record, in_order, only_first, record_from
from aipm_cards.content.cache.stamps import image_stamp, look, settled
from aipm_cards.content.files import Findings, decode, read_text
from aipm_cards.content.load import WORTH_A_PROCESS, Progress, decks_of, problems_between, without_notes
from aipm_cards.content.media import Fault as MediaFault
from aipm_cards.content.media import MediaStore
from aipm_cards.content.notes import DeckFile, read_deck_file
from aipm_cards.content.registry import Registry, read_registry
from aipm_cards.diagnostics import Diagnostic, Place
from aipm_cards.kinds import ordinals
from aipm_cards.model import Media, Note


class _Asked(MediaStore):
    """Remembers which images a deck file asks for, and how they were found."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.asked: dict[str, Fault] = {}

    def find(self, path: str) -> Media | MediaFault:
        found = super().find(path)
        self.asked[path] = [] if isinstance(found, Media) else list(found)
        return found


class _Read(NamedTuple):
    """A deck file that was read, ready to be kept; see `FileRow`."""

    digest: str
    deck: str
    asked: list[tuple[str, Fault]]
    errors: int
    warnings: int
    record: bytes
    notes: list[tuple[str, bytes]]


def update(
    cache: CacheFile, root: Path, plan: Plan, now_ns: int, workers: int, progress: Progress | None
) -> dict[str, bytes]:
    """Read what `plan` says and complete its index. Returns the answers, which are yet to be
    kept; everything else stands in the transaction that is open."""
    index = plan.index
    if not index.files:
        cache.remove_all()
    for number in plan.gone:
        cache.remove(number)
    problems: list[Diagnostic] = []
    registry = read_registry(root, problems)
    update_ = _Update(cache, root, registry, plan, now_ns)
    update_.read(list(plan.again), _Asked(root), workers, progress)
    update_.look_at_images()
    index.files = dict(sorted(index.files.items()))
    records = [record_from(cache.record(row.number, row.record), path) for path, row in index.files.items()]
    return _answers(root, index, registry, records, problems)


class _Update:
    """What the steps of an update share."""

    def __init__(self, cache: CacheFile, root: Path, registry: Registry, plan: Plan, now_ns: int) -> None:
        self.cache, self.root, self.registry, self.plan, self.now_ns = cache, root, registry, plan, now_ns
        self.index = plan.index
        self.number = plan.highest

    def read(self, paths: Sequence[str], images: _Asked, workers: int, progress: Progress | None) -> None:
        """Read deck files and keep what is in them."""
        self.registry.images = images
        work = partial(_read, self.root, self.registry, images)
        reading = parallel.each(work, paths, workers if len(paths) >= WORTH_A_PROCESS else 1)
        for done, (path, read) in enumerate(zip(paths, reading, strict=True), 1):
            self.number += 1
            record = self.cache.add(self.number, read.digest, read.record, read.notes)
            seen = self.plan.again.get(path, [])
            sure = settled(seen, self.now_ns)
            counts = read.errors, read.warnings, len(read.notes)
            row = FileRow(self.number, seen, sure, read.digest, record, read.deck, read.asked, *counts)
            self.index.files[path] = row
            if progress is not None:
                progress(done, len(paths))

    def look_at_images(self) -> None:
        """See how each image stands, and read again the files that found one otherwise.

        Only the first faults get a hint, so all faults are looked at in the order of the
        files, as `load` does; several processes, each with its own count, read other ones.
        """
        store = _Asked(self.root)
        rows = self._rows_of_images(store)
        stale = [
            path
            for path, row in sorted(self.index.files.items())
            if any(fault != rows[image].fault for image, fault in row.asked)
        ]
        for path in stale:
            row = self.index.files.pop(path)
            self.cache.remove(row.number)
            self.plan.again.setdefault(path, row.stamp)
        if stale:
            self.read(stale, store, 1, None)
            rows = self._rows_of_images(store)
        self.index.images = rows

    def _rows_of_images(self, store: _Asked) -> dict[str, ImageRow]:
        rows: dict[str, ImageRow] = {}
        for _, file in sorted(self.index.files.items()):
            for path, _ in file.asked:
                if path in rows:
                    continue
                known = self.index.images.get(path)
                if known is None or known.fault:
                    known = image_row(store, path, image_stamp(self.root, path), self.now_ns)
                rows[path] = known
        return rows


def _read(root: Path, registry: Registry, images: _Asked, path: str) -> _Read:
    findings = Findings(path)
    images.asked = {}
    data, digest = look(root, path)
    content = decode(data, findings) if data is not None else read_text(root, path, findings)
    if content is None:
        file, notes = DeckFile(path), list[Note]()
    else:
        file, notes = read_deck_file(path, content, findings, registry)
    notes.sort(key=lambda note: note.place)
    entries = [
        Entry(
            note.id,
            note.kind,
            note.tier,
            ",".join(map(str, ordinals(note))),
            " ".join(note.tags),
            bool(note.retired),
            " ".join(note.topics),
            note.text("round"),
        )
        for note in notes
    ]
    record = Record(
        path, file.deck, file.deck_place, file.description, list(file.ids), list(file.related), sorted(file.images),
        findings_as_lists(findings.found), entries,
    )  # fmt: skip
    errors = sum(problem.severity == "error" for problem in findings.found)
    packed = [(note.id, pack_note(note)) for note in notes]
    asked = list(images.asked.items())
    return _Read(digest, file.deck, asked, errors, len(findings.found) - errors, record.packed(), packed)


# --- answers -------------------------------------------------------------------------------


def _answers(
    root: Path, index: Index, registry: Registry, records: list[Record], problems: list[Diagnostic]
) -> dict[str, bytes]:
    """What concerns more than one file."""
    files = [_deck_file(record) for record in records]
    walked = findings_from(index.walked)
    in_files = sum(row.errors for row in index.files.values())
    broken = in_files > 0 or any(problem.severity == "error" for problem in (*problems, *walked))
    between = problems_between(root, files, broken)
    beside = [problem.severity for problem in (*problems, *walked, *between)]
    index.errors = in_files + beside.count("error")
    index.warnings = sum(row.warnings for row in index.files.values()) + beside.count("warning")
    every = in_order(records)
    notes = only_first(every)
    index.twice = len(notes) < len(every)
    shown = [entry for _, entry in notes if not entry.retired]
    collection = replace(without_notes(root, registry), decks=decks_of(files))
    tags = sorted({tag for entry in shown for tag in entry.tags.split()})
    return {
        "cards": "\n".join(f"{entry.id}:{n}" for entry in shown for n in entry.ordinals.split(",")).encode(),
        "homes": _homes(index, notes),
        "subjects": _subjects(shown),
        "collection": pack_collection(collection, tags),
        "problems": pack([findings_as_lists(problems), findings_as_lists(between)]),
    }


def _homes(index: Index, notes: Sequence[tuple[Record, Entry]]) -> bytes:
    """In which file each note stands: a line a file, its number and the ids."""
    ids: dict[str, list[str]] = {}
    for record, entry in notes:
        ids.setdefault(record.path, []).append(entry.id)
    return "\n".join(f"{index.files[path].number} {' '.join(those)}" for path, those in ids.items()).encode()


def _subjects(entries: Sequence[Entry]) -> bytes:
    """What notes are about: a line for those about the same, its round, its topics, and the ids."""
    ids: dict[tuple[str, str], list[str]] = {}
    for entry in entries:
        ids.setdefault((entry.round, entry.topics), []).append(entry.id)
    return "\n".join(f"{about}\t{topics}\t{' '.join(those)}" for (about, topics), those in ids.items()).encode()


def _deck_file(record: Record) -> DeckFile:
    ids = [(name, Place(at)) for name, at in record.ids]
    related = [(name, Place(at)) for name, at in record.related]
    place = Place(record.deck_place)
    return DeckFile(record.path, record.deck, place, record.description, ids, related, set(record.images))
