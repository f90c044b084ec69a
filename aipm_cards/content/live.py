"""A collection under its author's hands: examined again and again, and of a file that did not
change nothing is read a second time."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aipm_cards import parallel
from aipm_cards.content.cache.stamps import is_inside
from aipm_cards.content.examine import Styled, look, style_problems
from aipm_cards.content.files import COLLECTION, CURRICULUM, SOURCES, Findings, deck_files, find_root, read_text
from aipm_cards.content.guarded import guarded
from aipm_cards.content.load import WORTH_A_PROCESS, decks_of, problems_between, without_notes
from aipm_cards.content.media import MEDIA, MediaStore, images
from aipm_cards.content.notes import DeckFile, read_deck_file
from aipm_cards.content.registry import Registry, read_registry
from aipm_cards.diagnostics import STYLE, Diagnostic
from aipm_cards.model import Collection, Media, Note
from aipm_cards.release import LOCK
from aipm_cards.style import Found, between

Stamp = tuple[int, ...]
"""What changes when a file is written; empty for a file that is not there."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What `examine` gives, and the lines of each deck file by its path."""

    collection: Collection
    problems: tuple[Diagnostic, ...]
    lines: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Read:
    """A deck file as it was read: all that can be said without the others."""

    file: DeckFile
    found: tuple[Diagnostic, ...]
    notes: tuple[Styled, ...]
    lines: tuple[str, ...]

    @property
    def shows_images(self) -> bool:
        """Whether an image that changes may change what is said of this file."""
        return bool(self.file.images) or any(problem.code.startswith("M") for problem in self.found)


class Live:
    """The collection at `path`, kept in memory. Raises CollectionNotFound.

    `today` is an ISO date, as for `examine`; without it no review is overdue.
    """

    def __init__(self, path: Path | str, *, today: str = "", workers: int = 1) -> None:
        self.root = find_root(path)
        self.today = today
        self.workers = workers
        self.stamps: dict[str, Stamp] = {}
        self._registry = Registry(MediaStore(self.root))
        self._about_registry: tuple[Diagnostic, ...] = ()
        self._files: dict[str, _Read] = {}
        self._alike: dict[tuple[str, str], Found] = {}

    def look(self) -> dict[str, Stamp]:
        """The stamps of all files that the collection is made of, as they are now: of images, those
        that cards name and those that are reported if no card does."""
        images_ = {*images(self.root, MEDIA), *self._registry.images.found, *self._registry.images.faults}
        names = [COLLECTION, SOURCES, CURRICULUM, LOCK, *deck_files(self.root, []), *filter(is_inside, images_)]
        return {name: _stamp(f"{self.root}/{name}") for name in names}

    def examine(self, *, quick: bool = False) -> Examined:
        """Read what changed since the last time, and say what `examine` says of the whole.

        If it is to be `quick`, notes that ask the same (S601) are those of the last time.
        """
        stamps = self.look()
        changed = {name for name in stamps.keys() | self.stamps.keys() if stamps.get(name) != self.stamps.get(name)}
        self.stamps = stamps
        self._forget(changed)
        problems = list(self._about_registry)
        collection = without_notes(self.root, self._registry)
        paths = deck_files(self.root, problems)
        self._read([path for path in paths if path not in self._files], look(collection, self.today))
        read = [self._files[path] for path in paths]
        files = [each.file for each in read]
        used = sorted({image for file in files for image in file.images})
        media = {image: found for image in used if isinstance(found := self._registry.images.find(image), Media)}
        problems += [problem for each in read for problem in each.found]
        problems += problems_between(self.root, files, any(problem.severity == "error" for problem in problems))
        errors = sum(problem.severity == "error" for problem in problems)
        styled = [note for each in read for note in each.notes]
        notes = sorted((note for note, _, _ in styled), key=lambda note: (note.tier, note.path, note.place))
        if not collection.style.off.issuperset(STYLE):
            problems += style_problems(collection, styled, self._alike_in(styled, quick))
        whole = replace(collection, notes=tuple(notes), decks=decks_of(files), errors=errors, media=media)
        problems += guarded(whole)
        problems.sort(key=lambda problem: problem.order)
        # Images that were named a moment ago are looked at from now on.
        self.stamps = {name: stamps.get(name, now) for name, now in self.look().items()}
        return Examined(whole, tuple(problems), {path: self._files[path].lines for path in paths})

    def _alike_in(self, styled: Sequence[Styled], quick: bool) -> list[tuple[int, Found]]:
        """The notes, by index, that ask what an earlier one asks."""
        names = [(note.path, note.id) for note, _, _ in styled]
        if not quick:
            found = list(between([trace for _, _, trace in styled]))
            self._alike = {names[index]: finding for index, finding in found}
            return found
        return [(index, self._alike[name]) for index, name in enumerate(names) if name in self._alike]

    def forget(self) -> None:
        """Read all deck files anew the next time."""
        self._files.clear()

    def _forget(self, changed: set[str]) -> None:
        """Let go of everything that the changed files may have changed."""
        if changed & {COLLECTION, SOURCES, CURRICULUM}:
            problems: list[Diagnostic] = []
            before, self._registry = self._registry, read_registry(self.root, problems)
            self._about_registry = tuple(problems)
            if _what_notes_ask(before) != _what_notes_ask(self._registry):
                self._files.clear()
            self._registry.images = before.images
        if any(not name.endswith((".yaml", ".yml")) for name in changed - {LOCK}):
            self._registry.images = MediaStore(self.root)
            changed = changed | {path for path, read in self._files.items() if read.shows_images}
        for path in changed:
            self._files.pop(path, None)

    def _read(self, paths: list[str], styled: Callable[[Note], Styled]) -> None:
        def read(path: str) -> _Read:
            findings = Findings(path)
            content = read_text(self.root, path, findings)
            if content is None:
                return _Read(DeckFile(path), tuple(findings.found), (), tuple(findings.lines))
            file, notes = read_deck_file(path, content, findings, self._registry)
            return _Read(file, tuple(findings.found), tuple(map(styled, notes)), tuple(findings.lines))

        workers = self.workers if len(paths) >= WORTH_A_PROCESS else 1
        for path, result in zip(paths, parallel.each(read, paths, workers), strict=True):
            self._files[path] = result


def _what_notes_ask(registry: Registry) -> tuple[object, ...]:
    """Of the registry, what the reading of a note depends on: not what a source's title is."""
    keys = registry.sources.keys(), registry.topics.keys()
    return (*map(tuple, keys), registry.namespace, registry.language, registry.style)


def _stamp(path: str) -> Stamp:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return ()
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
