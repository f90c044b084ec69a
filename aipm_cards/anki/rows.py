"""A note to its row in Anki: what can be said of it without knowing the other notes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from typing import NamedTuple

from aipm_cards import release
from aipm_cards.anki.html import Printer
from aipm_cards.anki.regions import Renderer
from aipm_cards.kinds import ordinals
from aipm_cards.model import Collection, Media, Note

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
    regions = Renderer(collection.sources, Printer(MediaNames(collection)))

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


def _wanted(collection: Collection, deck: str) -> str:
    """How the name of a wanted deck begins: by its name with or without the root deck."""
    name = "::".join(part.strip() for part in deck.split("::")).casefold()
    root = collection.name.casefold()
    name = "" if name == root else name.removeprefix(f"{root}::")
    return f"{name}::" if name else ""


class MediaNames(Mapping[str, str]):
    """The name in the package of each image, by path."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection

    def __getitem__(self, path: str) -> str:
        return media_name(self.collection.namespace, self.collection.media[path])

    def __iter__(self) -> Iterator[str]:
        return iter(self.collection.media)

    def __len__(self) -> int:
        return len(self.collection.media)


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


def media_name(namespace: str, media: Media) -> str:
    """The name of an image in the package: by its content, so that a corrected image is
    another file and never one that Anki has to rename."""
    return f"{namespace}-{media.digest[:16]}{media.path.suffix.lower()}"
