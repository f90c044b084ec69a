"""A directory to a collection: every file read, every note checked, every problem found."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from aipm_cards import parallel
from aipm_cards.content.files import (
    COLLECTION,
    CURRICULUM,
    SOURCES,
    Findings,
    NotReadable,
    deck_files,
    read_bytes,
    read_text,
)
from aipm_cards.content.media import images_in_media
from aipm_cards.content.notes import DeckFile, read_deck_file
from aipm_cards.content.registry import Registry, read_registry
from aipm_cards.content.values import nearest
from aipm_cards.diagnostics import Diagnostic, Place, line_column
from aipm_cards.errors import CollectionNotFound
from aipm_cards.model import Collection, Deck, Media, Note

WORTH_A_PROCESS = 40  # files from which a second process pays for its start

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
    root = find_root(path)
    problems: list[Diagnostic] = []
    registry = read_registry(root, problems)
    paths = deck_files(root, problems)
    files: list[DeckFile] = []
    work = partial(_read_file, root, registry)
    for file in parallel.each(work, paths, workers if len(paths) >= WORTH_A_PROCESS else 1):
        files.append(file)
        if progress is not None:
            progress(len(files), len(paths))
    for rule in _ACROSS:
        problems += rule(files)
    for file in files:
        problems += file.findings.found
    notes = sorted((note for file in files for note in file.notes), key=_author_order)
    media = _media(notes, registry)
    problems += _unused_images(root, files, media)
    problems.sort(key=lambda problem: problem.order)
    collection = Collection(
        root,
        registry.name,
        registry.namespace,
        registry.license,
        registry.language,
        _decks(files),
        tuple(notes),
        registry.sources,
        registry.topics,
        media,
        sum(problem.severity == "error" for problem in problems),
    )
    return collection, problems


def check(path: Path | str, *, workers: int = 1) -> list[Diagnostic]:
    """Everything that is wrong with the collection at `path`: see `load`."""
    return load(path, workers=workers)[1]


def find_root(path: Path | str) -> Path:
    """The root of the collection at `path`. Raises CollectionNotFound."""
    root = Path(path)
    if root.name == COLLECTION and root.is_file():
        root = root.parent
    try:
        if (root / COLLECTION).exists():
            return root
    except (OSError, ValueError) as error:
        raise CollectionNotFound(f"{root}: {getattr(error, 'strerror', None) or error}") from None
    raise CollectionNotFound(f"{root} holds no {COLLECTION}; `aipm-cards init DIR` makes a first one")


def namespace_of(root: Path) -> str:
    """The namespace of a collection, empty if its `collection.yaml` has something wrong."""
    return read_registry(root, [], only_collection=True).namespace


def fingerprint(path: Path | str) -> str:
    """A hash over every file that a build of the collection reads, apart from line ends."""
    root = find_root(path)
    digest = hashlib.sha256()
    for name in [COLLECTION, SOURCES, CURRICULUM, *deck_files(root, []), *images_in_media(root)]:
        try:
            data = read_bytes(root, name)
        except (OSError, RuntimeError, NotReadable):
            data = b"\0"
        if name.endswith((".yaml", ".yml")):
            data = data.replace(b"\r\n", b"\n")
        digest.update(f"{name}\0{len(data)}\0".encode("utf-8", "surrogateescape"))
        digest.update(data)
    return digest.hexdigest()


def _read_file(root: Path, registry: Registry, path: str) -> DeckFile:
    findings = Findings(path)
    content = read_text(root, path, findings)
    file = DeckFile(path, findings)
    if content is not None:
        file = read_deck_file(path, content, findings, registry)
    findings.lines = []  # nobody needs them any more, and they are as large as the file
    return file


def _author_order(note: Note) -> tuple[int, str, Place]:
    return note.tier, note.path, note.place


def _decks(files: Sequence[DeckFile]) -> dict[str, Deck]:
    decks: dict[str, Deck] = {}
    for file in files:
        if file.deck and (file.deck not in decks or not decks[file.deck].description):
            decks[file.deck] = Deck(file.deck, file.description)
    return decks


def _media(notes: Iterable[Note], registry: Registry) -> dict[str, Media]:
    media: dict[str, Media] = {}
    for path in sorted({path for note in notes for path in note.images}):
        found = registry.images.find(path)
        if isinstance(found, Media):
            media[path] = found
    return media


# --- what is wrong between notes and files -------------------------------------------------


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
            problems.append(Diagnostic("N103", file.path, line, column, message, "give one of the two another id"))
    return problems


def _unknown_related(files: Sequence[DeckFile]) -> list[Diagnostic]:
    known = {note_id for file in files for note_id, _ in file.ids}
    problems: list[Diagnostic] = []
    for file in files:
        for note in file.notes:
            for name in note.related:
                if name not in known:
                    line, column = line_column(note.places["related"])
                    message = f"there is no note '{name[:64]}'"
                    problems.append(Diagnostic("N110", file.path, line, column, message, nearest(name, known)))
    return problems


def _decks_in_two_spellings(files: Sequence[DeckFile]) -> list[Diagnostic]:
    problems: list[Diagnostic] = []
    first: dict[str, str] = {}
    for file in files:
        parts = file.deck.split("::") if file.deck else []
        for depth in range(1, len(parts) + 1):
            name = "::".join(parts[:depth])
            known = first.setdefault(name.casefold(), name)
            if known != name:
                line, column = line_column(file.deck_place)
                message = f"the deck '{name}' is written '{known}' elsewhere"
                problems.append(Diagnostic("D203", file.path, line, column, message, f"write {known}"))
                break
    return problems


def _unused_images(root: Path, files: Sequence[DeckFile], media: dict[str, Media]) -> list[Diagnostic]:
    if any(found.severity == "error" for file in files for found in file.findings.found):
        return []  # a note that was left out may show it
    used = {str(image.path) for image in media.values()}
    return [
        Diagnostic("M107", path, 1, 1, "no card shows this image", "show it or delete it")
        for path in images_in_media(root)
        if path not in used
    ]


_ACROSS = (_same_ids, _unknown_related, _decks_in_two_spellings)
