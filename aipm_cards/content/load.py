"""A directory to a collection: every file read, every note checked, every problem found."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from aipm_cards import parallel
from aipm_cards.content.files import (
    COLLECTION,
    CURRICULUM,
    MAX_SUGGESTIONS,
    SOURCES,
    Findings,
    NotReadable,
    deck_files,
    find_root,
    nearest,
    read_bytes,
    read_text,
)
from aipm_cards.content.media import MEDIA, images
from aipm_cards.content.notes import DeckFile, read_deck_file
from aipm_cards.content.registry import Registry, read_registry
from aipm_cards.diagnostics import Diagnostic, Place, Repair, line_column
from aipm_cards.model import Collection, Deck, Note

T = TypeVar("T")

WORTH_A_PROCESS = 16  # files from which a second process pays for its start

Progress = Callable[[int, int], None]
"""Called with how many files were read, of how many."""


def load(
    path: Path | str, *, workers: int = 1, progress: Progress | None = None
) -> tuple[Collection, list[Diagnostic]]:
    """Read the collection at `path` (a directory with a `collection.yaml`, or that file).

    Returns the collection with its sound notes, and everything that is wrong with the rest,
    in the order of files and places. Raises CollectionNotFound; nothing that a file may hold
    makes it raise anything.
    """
    collection, notes, problems = load_each(path, lambda _: itself, workers=workers, progress=progress)
    return replace(collection, notes=in_order(notes)), problems


def in_order(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Notes in the author's order: tier, file, place."""
    return tuple(sorted(notes, key=lambda note: (note.tier, note.path, note.place)))


def itself(note: Note) -> Note:
    """The note: nothing is done with it."""
    return note


def load_each(
    path: Path | str,
    use: Callable[[Collection], Callable[[Note], T]],
    *,
    workers: int = 1,
    progress: Progress | None = None,
    asked: set[str] | None = None,
) -> tuple[Collection, list[T], list[Diagnostic]]:
    """Read a collection and keep of each sound note only what is wanted of it.

    `use` is given the collection without its notes and returns what is done with each note,
    in the process that read it; the results, in the order of files and places, take the place
    of the notes. So a large collection is never in memory as a whole. The images that cards ask
    for go to `asked`, whether they were found or not. Raises like `load`.
    """
    root = find_root(path)
    problems: list[Diagnostic] = []
    registry = read_registry(root, problems)
    collection = without_notes(root, registry)
    paths = deck_files(root, problems)
    files: list[DeckFile] = []
    results: list[T] = []
    work = partial(_read_file, root, registry, use(collection))
    for file, found, used in parallel.each(work, paths, workers if len(paths) >= WORTH_A_PROCESS else 1):
        files.append(file)
        problems += found
        results += used
        if progress is not None:
            progress(len(files), len(paths))
    for image in sorted({image for file in files for image in file.images}):
        registry.images.find(image)  # another process may have been the one to find it
    if asked is not None:
        asked.update(registry.images.found, *(file.faults for file in files))
    broken = any(problem.severity == "error" for problem in problems)
    problems += problems_between(root, files, broken)
    problems.sort(key=lambda problem: problem.order)
    errors = sum(problem.severity == "error" for problem in problems)
    return replace(collection, decks=decks_of(files), errors=errors), results, problems


def without_notes(root: Path, registry: Registry) -> Collection:
    """The collection as its registry tells of it: neither notes nor decks."""
    return Collection(
        root=root,
        name=registry.name,
        namespace=registry.namespace,
        license=registry.license,
        language=registry.language,
        sources=registry.sources,
        topics=registry.topics,
        style=registry.style,
        media=registry.images.found,
    )


def namespace_of(root: Path) -> str:
    """The namespace of a collection, empty if its `collection.yaml` has something wrong."""
    return read_registry(root, [], only_collection=True).namespace


def fingerprint(path: Path | str) -> str:
    """A hash over every file that a build of the collection reads, apart from line ends."""
    root = find_root(path)
    digest = hashlib.sha256()
    for name in [COLLECTION, SOURCES, CURRICULUM, *deck_files(root, []), *images(root)]:
        try:
            data = read_bytes(root, name)
        except (OSError, RuntimeError, NotReadable):
            data = b"\0"
        if name.endswith((".yaml", ".yml")):
            data = data.replace(b"\r\n", b"\n")
        digest.update(f"{name}\0{len(data)}\0".encode("utf-8", "surrogateescape"))
        digest.update(data)
    return digest.hexdigest()


def _read_file(
    root: Path, registry: Registry, use: Callable[[Note], T], path: str
) -> tuple[DeckFile, list[Diagnostic], list[T]]:
    findings = Findings(path)
    content = read_text(root, path, findings)
    if content is None:
        return DeckFile(path), findings.found, []
    before = len(registry.images.faults)
    file, notes = read_deck_file(path, content, findings, registry)
    file.faults = tuple(registry.images.faults)[before:]
    return file, findings.found, [use(note) for note in notes]


def decks_of(files: Sequence[DeckFile]) -> dict[str, Deck]:
    """The decks by name, each with the first description that a file gives it."""
    decks: dict[str, Deck] = {}
    for file in files:
        if file.deck and file.deck not in decks:
            decks[file.deck] = Deck(file.deck, file.description, file.path, file.deck_place)
        elif file.deck and not decks[file.deck].description:
            decks[file.deck] = replace(decks[file.deck], description=file.description)
    return decks


# --- what is wrong between notes and files -------------------------------------------------


def problems_between(root: Path, files: Sequence[DeckFile], broken: bool) -> list[Diagnostic]:
    """What is wrong between files; `broken` if an error in one of them left out a note."""
    problems = list(with_excerpts([problem for rule in _ACROSS for problem in rule(files)], root))
    problems = [_respelled(problem) if problem.code == "D203" else problem for problem in problems]
    if not broken:  # a note that was left out may show them
        problems += _unused_images(root, files)
    return problems


def _same_ids(files: Sequence[DeckFile]) -> list[Diagnostic]:
    problems: list[Diagnostic] = []
    first: dict[str, tuple[str, Place]] = {}
    for file in files:
        for note_id, at in file.ids:
            if note_id not in first:
                first[note_id] = (file.path, at)
                continue
            path, other = first[note_id]
            line, column = line_column(at)
            message = f"the id '{note_id}' is taken by {path}:{line_column(other)[0]}"
            problems.append(
                Diagnostic("N103", file.path, line, column, message, "give the newer of the two another id")
            )
    return problems


def _unknown_related(files: Sequence[DeckFile]) -> list[Diagnostic]:
    known = {note_id for file in files for note_id, _ in file.ids}
    problems: list[Diagnostic] = []
    for file in files:
        for name, at in file.related:
            if name not in known:
                line, column = line_column(at)
                message = f"there is no note '{name[:64]}'"
                hint = nearest(name, known) if len(problems) < MAX_SUGGESTIONS else ""
                problems.append(Diagnostic("N110", file.path, line, column, message, hint))
    return problems


def _decks_in_two_spellings(files: Sequence[DeckFile]) -> list[Diagnostic]:
    problems: list[Diagnostic] = []
    # The deck above and a part, ignoring case -> how that was first spelled, and which deck it is.
    first: dict[tuple[int, str], tuple[str, int]] = {}
    for file in files:
        parts = file.deck.split("::") if file.deck else []
        deck = 0
        for depth, part in enumerate(parts):
            known, deck = first.setdefault((deck, part.casefold()), (part, len(first) + 1))
            if known != part:
                line, column = line_column(file.deck_place)
                name, spelled = ("::".join([*parts[:depth], last]) for last in (part, known))
                message = f"the deck '{name}' is written '{spelled}' elsewhere"
                problems.append(Diagnostic("D203", file.path, line, column, message, f"write {spelled}"))
                break
    return problems


def _respelled(problem: Diagnostic) -> Diagnostic:
    """With its line put right, if the deck's name stands there once."""
    known = problem.hint.removeprefix("write ")
    spelled = re.findall(re.escape(known), problem.excerpt, re.IGNORECASE)
    if len(spelled) != 1:
        return problem
    return replace(problem, repair=Repair(problem.line, (problem.excerpt.replace(spelled[0], known),)))


def _unused_images(root: Path, files: Sequence[DeckFile]) -> list[Diagnostic]:
    used = {image for file in files for image in file.images}
    return [
        Diagnostic("M107", path, 1, 1, "no card shows this image", "show it or delete it")
        for path in images(root, MEDIA)
        if path not in used and not path.rpartition("/")[2].startswith((".", "_"))
    ]


def with_excerpts(problems: list[Diagnostic], root: Path) -> Iterator[Diagnostic]:
    """The problems with the lines they are about: their files are read once more for that."""
    problems.sort(key=lambda problem: problem.order)
    for path, group in groupby(problems, key=lambda problem: problem.path):
        findings = Findings(path)
        read_text(root, path, findings)
        for problem in group:
            lines = findings.lines[problem.line - 1 : problem.line]
            yield replace(problem, excerpt=lines[0] if lines else "")


_ACROSS = (_same_ids, _unknown_related, _decks_in_two_spellings)
