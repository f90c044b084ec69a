"""What a start needs to know of each file: how it stood on the disk when it was read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aipm_cards.characters import FORBIDDEN
from aipm_cards.content.cache.stamps import Stamp
from aipm_cards.diagnostics import Diagnostic

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


class Damaged(Exception):
    """Something in the cache is not what was put there."""


def pack(value: object) -> bytes:
    """A value as JSON. Fractions become texts, tuples lists."""
    return _encode(value).encode("utf-8", "surrogatepass")  # a file may have any name


def unpack(data: bytes) -> Any:
    """The value that was packed. Raises Damaged."""
    with doubting():
        return json.loads(data.decode("utf-8", "surrogatepass"))


@contextmanager
def doubting() -> Iterator[None]:
    """Turns what a value of a wrong shape leads to into Damaged."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, OverflowError) as error:
        raise Damaged(str(error)) from None


def want(condition: bool) -> None:
    """Raises Damaged unless `condition` holds."""
    if not condition:
        raise Damaged


def findings_as_lists(problems: Iterable[Diagnostic]) -> list[list[str | int]]:
    """Findings as JSON can hold them."""
    return [[p.code, p.path, p.line, p.column, p.message, p.hint, p.excerpt] for p in problems]


Fault = list[str]
"""Why an image cannot be used: rule, fact, hint. Empty for one that can."""


class FileRow(NamedTuple):
    """A deck file: its number in the cache, its stamp (and whether that tells of every later
    write), the digest of its bytes, the seal of its record, its deck, how each image it asked
    for was found, and how many findings and sound notes it has."""

    number: int
    stamp: Stamp
    settled: bool
    digest: str
    record: str
    deck: str
    asked: list[tuple[str, Fault]]
    errors: int
    warnings: int
    notes: int


class RegistryRow(NamedTuple):
    """One of the three files that are no deck files."""

    stamp: Stamp
    settled: bool
    digest: str


class ImageRow(NamedTuple):
    """An image that a card asked for: its stamp (or a word for why it has none), and either
    what is wrong with it, or its size and digest."""

    stamp: Stamp | str
    settled: bool
    fault: Fault
    size: int
    digest: str


@dataclass
class Index:
    """All that is known. `identity` says of which collection, by which program it was read."""

    identity: str = ""
    registry: dict[str, RegistryRow] = field(default_factory=dict)
    files: dict[str, FileRow] = field(default_factory=dict)  # in the order of their paths
    images: dict[str, ImageRow] = field(default_factory=dict)
    walked: list[list[str | int]] = field(default_factory=list)  # findings about directories
    media: str = ""  # digest of the names in the directory of images
    seals: dict[str, str] = field(default_factory=dict)  # of the answers
    errors: int = 0
    warnings: int = 0
    twice: bool = False  # whether an id is taken twice

    @property
    def notes(self) -> int:
        """How many sound notes there are."""
        return sum(row.notes for row in self.files.values())

    def as_json(self) -> list[Any]:
        """The index as JSON can hold it."""
        return [
            self.identity, self.registry, list(self.files), list(self.files.values()), self.images, self.walked,
            self.media, self.seals, self.errors, self.warnings, self.twice,
        ]  # fmt: skip


_FILE = (int, list, bool, str, str, str, list, int, int, int)
_REGISTRY = (list, bool, str)


def index_from(data: bytes) -> Index:
    """The index that was packed. Raises Damaged."""
    identity, registry, paths, rows, images, walked, media, seals, errors, warnings, twice = _eleven(unpack(data))
    with doubting():
        want(all(tuple(map(type, row)) == _FILE for row in rows) and len(paths) == len(rows))
        index = Index(
            identity,
            {path: RegistryRow(*row) for path, row in registry.items()},
            {path: FileRow(*row) for path, row in zip(paths, rows, strict=True)},
            {path: ImageRow(*row) for path, row in images.items()},
            walked,
            media,
            dict(seals),
            errors,
            warnings,
            twice,
        )
        want(all(type(path) is str for path in paths))
        want(all(tuple(map(type, row)) == _REGISTRY for row in index.registry.values()))
        want(type(errors) is type(warnings) is int and min(errors, warnings) >= 0 and type(twice) is bool)
        _check_rows(index)
    return index


def _eleven(value: Any) -> list[Any]:
    if type(value) is not list or len(value) != 11:
        raise Damaged
    return value


def _check_rows(index: Index) -> None:
    numbers = {row.number for row in index.files.values()}
    want(len(numbers) == len(index.files) and all(0 < number < 1 << 40 for number in numbers))
    want(not any(FORBIDDEN.search(deck) for deck in {row.deck for row in index.files.values()}))
    for row in index.files.values():
        want(bool(row.deck) or not row.notes)
        want(min(row.errors, row.warnings, row.notes) >= 0)
        for path, fault in row.asked:
            want(type(path) is str and path in index.images)
            want(type(fault) is list)
    for image in index.images.values():
        want(type(image.stamp) in (str, list) and type(image.settled) is bool and type(image.size) is int)
        want(type(image.digest) is str and type(image.fault) is list and len(image.fault) in (0, 3))
        want(all(type(part) is str for part in image.fault))
