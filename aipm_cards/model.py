"""The vocabulary of the program: what a collection is made of. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import NamedTuple, TypeVar

from aipm_cards.diagnostics import FILE_START, Place


class Rating(IntEnum):
    """How well a card was recalled, as Anki and FSRS number it."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


class CardKey(NamedTuple):
    """The identity of one card: its note and Anki's ordinal, from 0."""

    note_id: str
    ordinal: int


class Citation(NamedTuple):
    """A source that a note names, and where in it the fact stands (`at` may be empty)."""

    key: str
    at: str


class Point(NamedTuple):
    """One point of a rubric. A missing `must` point means Again."""

    text: str
    must: bool


class Option(NamedTuple):
    """One option of a scenario, with what it brings and what it costs."""

    name: str
    gain: str
    harm: str


class Law(NamedTuple):
    """A law that a scenario touches, as of an ISO date (which may be empty)."""

    jurisdiction: str
    law: str
    as_of: str


class Confusable(NamedTuple):
    """Two terms that learners mix up, and where `collection.yaml` says so."""

    a: str
    b: str
    place: Place


class Row(NamedTuple):
    """One line of a contrast table."""

    dimension: str
    a: str
    b: str


T = TypeVar("T")

Value = (
    str
    | int
    | Fraction
    | tuple[str, ...]
    | tuple[Point, ...]
    | tuple[Option, ...]
    | tuple[Law, ...]
    | tuple[Row, ...]
    | Mapping[str, Fraction]
)


@dataclass(frozen=True, slots=True)
class Note:
    """One note, with what its deck file sets for all its notes already worked in.

    `content` holds the keys of the note's kind as `kinds.py` lists them, by key name.
    `places` says where in `path` each key's value starts, for messages. `allow` holds the
    style rules that it may break, each with the reason.
    """

    id: str
    kind: str
    deck: str
    content: Mapping[str, Value]
    topics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    tier: int = 2
    level: int = 1
    cue: str = ""
    sources: tuple[Citation, ...] = ()
    as_of: str = ""
    review_by: str = ""
    extra: str = ""
    related: tuple[str, ...] = ()
    retired: str = ""
    images: tuple[str, ...] = ()
    path: str = ""
    place: Place = FILE_START
    places: Mapping[str, Place] = field(default_factory=dict, compare=False, repr=False)
    allow: Mapping[str, str] = field(default_factory=dict)

    def text(self, key: str) -> str:
        """The text under `key`, or an empty one."""
        value = self.content.get(key, "")
        return value if isinstance(value, str) else str(value)

    def number(self, key: str) -> int:
        """The whole number under `key`, or 0."""
        value = self.content.get(key, 0)
        return value if isinstance(value, int) else 0

    def lines(self, key: str) -> tuple[str, ...]:
        """The list of texts under `key`, or an empty one."""
        return self._all(key, str)

    def points(self) -> tuple[Point, ...]:
        """The points of the rubric."""
        return self._all("rubric", Point)

    def options(self) -> tuple[Option, ...]:
        """The options of a scenario."""
        return self._all("options", Option)

    def laws(self) -> tuple[Law, ...]:
        """The laws that a scenario touches."""
        return self._all("laws", Law)

    def rows(self) -> tuple[Row, ...]:
        """The lines of a contrast table."""
        return self._all("rows", Row)

    def _all(self, key: str, type_: type[T]) -> tuple[T, ...]:
        value = self.content.get(key, ())
        if not isinstance(value, tuple):
            return ()
        return tuple(item for item in value if isinstance(item, type_))


@dataclass(frozen=True, slots=True)
class Deck:
    """A deck by its full name below the root deck (`Concepts::Evaluation`), and where a file
    names it first."""

    name: str
    description: str = ""
    path: str = field(default="", compare=False)
    place: Place = field(default=FILE_START, compare=False)


@dataclass(frozen=True, slots=True)
class Source:
    """An entry of `sources.yaml`: a page that was really opened, on an ISO date."""

    key: str
    title: str
    publisher: str = ""
    url: str = ""
    opened: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """An entry of `curriculum.yaml`, with the number of notes wanted per kind."""

    id: str
    title: str
    family: str = ""
    tier: int = 2
    planned: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Style:
    """What a collection says of the style of its cards: rules that it switched off, short forms
    that its learners know, and pairs of terms that want a contrast note."""

    off: frozenset[str] = frozenset()
    short_forms: frozenset[str] = frozenset()
    confusable: tuple[Confusable, ...] = ()


@dataclass(frozen=True, slots=True)
class Media:
    """A file that cards show: its path from the collection's root, size and SHA-256."""

    path: PurePosixPath
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Collection:
    """Everything read from a directory with a `collection.yaml`.

    `notes` are the sound notes in the author's order (tier, file, place); `errors` counts
    what is wrong with the rest, and a collection with errors cannot be built.
    """

    root: Path
    name: str
    namespace: str
    license: str = ""
    language: str = "en"
    decks: Mapping[str, Deck] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    topics: Mapping[str, Topic] = field(default_factory=dict)
    media: Mapping[str, Media] = field(default_factory=dict)
    errors: int = 0
    style: Style = Style()
