"""What there is in a collection, for somebody who wants to add to it: sound notes or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from aipm_cards.content.files import Findings, deck_files, find_root, read_text
from aipm_cards.content.load import decks_of, without_notes
from aipm_cards.content.notes import DeckFile, read_deck_file
from aipm_cards.content.registry import read_registry
from aipm_cards.diagnostics import Diagnostic
from aipm_cards.model import Collection, Note


@dataclass(frozen=True, slots=True)
class Shelf:
    """A collection, the ids of all its notes (of those with errors too), and the deck of each
    deck file by its path (empty if it names none)."""

    collection: Collection
    ids: frozenset[str]
    files: Mapping[str, str]

    def of_deck(self, name: str) -> list[str]:
        """The deck files of a deck, with or without the collection's name before it."""
        wanted = name.casefold().removeprefix(f"{self.collection.name.casefold()}::")
        return [path for path, deck in self.files.items() if deck and deck.casefold() == wanted]


def read_shelf(path: Path | str) -> Shelf:
    """Read a collection for its ids, files and decks. Raises CollectionNotFound; what is wrong
    with the sources is for `check` to say."""
    root = find_root(path)
    problems: list[Diagnostic] = []
    registry = read_registry(root, problems)
    files: list[DeckFile] = []
    notes: list[Note] = []
    for name in deck_files(root, problems):
        findings = Findings(name)
        content = read_text(root, name, findings)
        file, found = read_deck_file(name, content, findings, registry) if content is not None else (DeckFile(name), [])
        files.append(file)
        notes += found
    collection = replace(without_notes(root, registry), notes=tuple(notes), decks=decks_of(files))
    ids = frozenset(note_id for file in files for note_id, _ in file.ids)
    return Shelf(collection, ids, {file.path: file.deck for file in files})
