"""The cache of the sources: a start reads no YAML as long as no source changed.

One file per collection, in a directory that the caller names. It is keyed by the contents of
the sources, may be deleted at any moment and is not trusted: whatever in it is not what was
put there is a reason to throw it away and to read the sources, and nothing else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache as remembering
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeVar

from aipm_cards.content.cache.file import CacheFile, Unusable, in_memory, opened, throw_away
from aipm_cards.content.cache.index import Damaged, FileRow, Index, doubting, unpack, want
from aipm_cards.content.cache.plan import Plan, look_round
from aipm_cards.content.cache.record import NOTE_ID, Entry, in_order, only_first, record_from
from aipm_cards.content.cache.stamps import digest_of, program
from aipm_cards.content.files import find_root
from aipm_cards.diagnostics import Diagnostic
from aipm_cards.kinds import ROUNDS
from aipm_cards.model import Collection, Note
from aipm_cards.subjects import Subject

FORMAT = 3  # of the cache: another one is another identity
ATTEMPTS = 3

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Called with how many files were read, of how many."""

_CARDS = re.compile(r"(?:[a-z0-9-]{3,64}+:[0-9]{1,3}+\n)*+[a-z0-9-]{3,64}+:[0-9]{1,3}+")


class Scope(NamedTuple):
    """Which cards are meant; empty parts mean all. Case does not count.

    `decks` are decks and those below them, with or without the root deck's name in front;
    `tags` are tags and those below them, any of which a card may have.
    """

    decks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    tiers: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()


EVERYTHING = Scope()


def open_sources(
    root: Path, directory: Path | None, now_ns: int, *, workers: int = 1, progress: Progress | None = None
) -> Sources:
    """The sources of the collection at `root` as they stand at `now_ns` (since 1970).

    Only files that changed since the last time are read, in up to `workers` processes. The
    cache lies in `directory`; without one, or where it cannot be written, everything is read
    and kept in memory. Raises CollectionNotFound.
    """
    upkeep = _Upkeep(find_root(root), now_ns, workers, progress)
    path = _path(upkeep, directory)
    for _ in range(ATTEMPTS if path else 0):
        assert path is not None
        try:
            cache, index = upkeep.brought_up_to_date(opened(path))
        except Damaged:
            throw_away(path)
        except Unusable:
            break
        else:
            return Sources(upkeep, path, cache, index)
    return Sources(upkeep, None, *upkeep.brought_up_to_date(in_memory()))


def _path(upkeep: _Upkeep, directory: Path | None) -> Path | None:
    if directory is None or not upkeep.identity:
        return None
    return directory / f"{digest_of(os.fsencode(os.path.abspath(upkeep.root)))[:32]}.sources"


class _Upkeep:
    """How a cache of one collection is brought up to date."""

    def __init__(self, root: Path, now_ns: int, workers: int, progress: Progress | None) -> None:
        self.root, self.now_ns, self.workers, self.progress = root, now_ns, workers, progress
        known = program()
        place = os.fsencode(os.path.abspath(root))
        self.identity = known and digest_of(b"%d\0%s\0%s" % (FORMAT, known.encode(), place))

    def brought_up_to_date(self, cache: CacheFile) -> tuple[CacheFile, Index]:
        """The cache and its index after reading what changed. The cache then shows one state,
        whatever others write. Closes it and raises Damaged or Unusable if that cannot be."""
        try:
            for _ in range(ATTEMPTS):
                cache.begin_reading()
                index = cache.index()
                plan = look_round(self.root, index, self.identity, self.now_ns)
                if not plan.restamped:
                    return cache, index
                try:
                    cache.claim()
                except Unusable:  # another process writes it
                    if not plan.changed:
                        return cache, plan.index
                    cache, shared = cache.copy_to_memory(), cache
                    shared.close()
                written = self._write(cache, plan)
                cache.begin_reading()
                if cache.seal_of_index() == written:
                    return cache, plan.index
                cache.rollback()
        except BaseException:
            cache.close()
            raise
        cache.close()
        raise Unusable

    def _write(self, cache: CacheFile, plan: Plan) -> bytes:
        """Do what `plan` says; returns the seal of the new index."""
        answers: dict[str, bytes] = {}
        if plan.changed:
            from aipm_cards.content.cache.update import update  # imports the reader of YAML

            answers = update(cache, self.root, plan, self.now_ns, self.workers, self.progress)
        seal = cache.keep(plan.index, answers)
        cache.commit()
        return seal


class Sources:
    """The sources of a collection, as they stood when they were opened.

    Nothing here raises because of what the cache holds: what cannot be trusted is read from
    the sources again, as they stand then.
    """

    def __init__(self, upkeep: _Upkeep, path: Path | None, cache: CacheFile, index: Index) -> None:
        self._upkeep, self._path, self._cache, self._index = upkeep, path, cache, index

    def __enter__(self) -> Sources:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the cache."""
        self._cache.close()

    @property
    def errors(self) -> int:
        """How many errors there are in all files."""
        return self._index.errors

    @property
    def warnings(self) -> int:
        """How many warnings there are in all files."""
        return self._index.warnings

    @property
    def notes(self) -> int:
        """How many sound notes there are, retired ones included."""
        return self._index.notes

    @property
    def order(self) -> str:
        """A digest of all cards in their order: that of `cards()` without a scope."""
        return self._index.seals.get("cards", "")

    @property
    def collection(self) -> Collection:
        """The collection without its notes."""
        return self._trusted(lambda: self._about[0])

    def known_tags(self) -> list[str]:
        """The tags of the cards, sorted."""
        return list(self._trusted(lambda: self._about[1]))

    def cards(self, scope: Scope = EVERYTHING) -> list[str]:
        """The cards in the author's order, as `note-id:ordinal`. Retired notes have none; of
        two notes with one id only the first has."""
        return self._trusted(self._all_cards if scope == EVERYTHING else lambda: list(self._cards_in(scope)))

    def note(self, note_id: str) -> Note | None:
        """The note as `load` gives it: of two with one id the first, None if there is none."""
        return self._trusted(lambda: self._note(note_id))

    def deck_of(self, note_ids: Iterable[str]) -> dict[str, str]:
        """The deck of each note that exists."""
        asked = tuple(note_ids)
        return self._trusted(lambda: self._decks_of(asked))

    def subjects(self) -> dict[str, Subject]:
        """What each note is about that has cards."""
        return self._trusted(self._subjects)

    def problems(self) -> list[Diagnostic]:
        """Everything that is wrong with the sources, in the order of files and places."""
        return self._trusted(self._problems)

    def _trusted(self, question: Callable[[], T]) -> T:
        """The answer; if the cache cannot give it, from the sources as they stand now."""
        try:
            return question()
        except Damaged:
            if self._path is not None:
                throw_away(self._path)
        except Unusable:
            pass  # it may be of use to others
        self._cache.close()
        for name in ("_about", "_homes", "_files", "_digests"):
            self.__dict__.pop(name, None)
        self._path = None
        self._cache, self._index = self._upkeep.brought_up_to_date(in_memory())
        return question()

    # --- answers ---

    @cached_property
    def _about(self) -> tuple[Collection, list[str]]:
        from aipm_cards.content.cache.notes import a_medium, unpack_collection

        fields, tags = unpack_collection(self._cache.answer("collection", self._index))
        media = {
            path: a_medium(path, row.size, row.digest) for path, row in self._index.images.items() if not row.fault
        }
        return Collection(root=self._upkeep.root, media=media, errors=self._index.errors, **fields), tags

    @cached_property
    def _files(self) -> dict[int, tuple[str, FileRow]]:
        return {row.number: (path, row) for path, row in self._index.files.items()}

    @cached_property
    def _digests(self) -> dict[int, str]:
        return {row.number: row.digest for row in self._index.files.values()}

    @cached_property
    def _homes(self) -> dict[str, int]:
        """In which file each note stands."""
        homes: dict[str, int] = {}
        with doubting():
            for line in self._cache.answer("homes", self._index).decode("ascii").splitlines():
                number, *ids = line.split(" ")
                homes |= dict.fromkeys(ids, int(number))
        want(self._files.keys() >= set(homes.values()))
        return homes

    def _all_cards(self) -> list[str]:
        with doubting():
            cards = self._cache.answer("cards", self._index).decode("ascii")
        want(not cards or _CARDS.fullmatch(cards) is not None)
        return cards.split("\n") if cards else []

    def _cards_in(self, scope: Scope) -> Iterator[str]:
        wanted = _Wanted(scope, self.collection.name)
        records = (
            record_from(self._cache.record(row.number, row.record), path)
            for path, row in self._index.files.items()
            if self._index.twice or wanted.deck(row.deck)  # the first of two may lie elsewhere
        )
        notes = in_order(records)
        for record, entry in only_first(notes) if self._index.twice else notes:
            if not entry.retired and wanted.deck(record.deck) and wanted.entry(entry):
                for ordinal in entry.ordinals.split(","):
                    yield f"{entry.id}:{ordinal}"

    def _note(self, note_id: str) -> Note | None:
        from aipm_cards.content.cache.notes import unpack_note

        if not NOTE_ID.fullmatch(note_id):
            return None
        found = self._cache.notes(note_id, self._digests)
        if not found:
            want(note_id not in self._homes)
            return None
        if self._index.twice:
            found = [(file, value) for file, value in found if file == self._homes.get(note_id)]
        collection, notes = self._about[0], []
        for file, value in found:
            path, row = self._files[file]
            notes.append(unpack_note(value, path, row.deck, collection.sources, collection.media))
        want(bool(notes) and all(note.id == note_id for note in notes))
        return min(notes, key=lambda note: (note.tier, note.path, note.place))

    def _decks_of(self, note_ids: Iterable[str]) -> dict[str, str]:
        known = {note_id: self._homes[note_id] for note_id in note_ids if note_id in self._homes}
        return {note_id: self._files[file][1].deck for note_id, file in known.items()}

    def _subjects(self) -> dict[str, Subject]:
        from aipm_cards.content.cache.notes import TAG

        subjects: dict[str, Subject] = {}
        with doubting():
            for line in self._cache.answer("subjects", self._index).decode().split("\n"):
                about, topics, ids = line.split("\t") if line else ("", "", "")
                want(about in ("", *ROUNDS) and all(TAG.fullmatch(topic) for topic in topics.split()))
                subjects |= dict.fromkeys(ids.split(), Subject(tuple(topics.split()), about))
        want(all(map(NOTE_ID.fullmatch, subjects)))
        return subjects

    def _problems(self) -> list[Diagnostic]:
        from aipm_cards.content.cache.notes import findings_from

        with doubting():
            registry, between = unpack(self._cache.answer("problems", self._index))
        found = findings_from(registry) + findings_from(self._index.walked)
        for path, row in self._index.files.items():
            if row.errors or row.warnings:
                record = record_from(self._cache.record(row.number, row.record), path)
                found += findings_from(record.findings)
        found += findings_from(between)
        return sorted(found, key=lambda problem: problem.order)


class _Wanted:
    """A scope, ready to be asked."""

    def __init__(self, scope: Scope, name: str) -> None:
        self.scope, self.name = scope, name.casefold()
        self.decks = tuple(
            "::".join(" ".join(part.split()) for part in deck.casefold().split("::")) for deck in scope.decks
        )
        self.tags = tuple(tag.casefold() for tag in scope.tags)

        # There are far fewer decks and sets of tags than notes.
        self.deck = remembering(self._deck)
        self._tagged = remembering(self._has_tag)

    def _deck(self, deck: str) -> bool:
        """Whether a deck is meant."""
        short = deck.casefold()
        return not self.decks or _is_below(short, self.decks) or _is_below(f"{self.name}::{short}", self.decks)

    def entry(self, entry: Entry) -> bool:
        """Whether a note in a deck that is meant is meant as well."""
        return (
            (not self.scope.tiers or entry.tier in self.scope.tiers)
            and (not self.scope.kinds or entry.kind in self.scope.kinds)
            and (not self.tags or self._tagged(entry.tags))
        )

    def _has_tag(self, tags: str) -> bool:
        return any(_is_below(tag, self.tags) for tag in tags.casefold().split(" "))


def _is_below(name: str, wanted: tuple[str, ...]) -> bool:
    return any(name == other or name.startswith(f"{other}::") for other in wanted)
