"""Which collection a command means."""

from __future__ import annotations

import os
from pathlib import Path

import click

import aipm_cards
from aipm_cards.characters import one_line
from aipm_cards.content.files import COLLECTION
from aipm_cards.errors import CollectionNotFound

ENVIRONMENT = "AIPM_CARDS_COLLECTION"

path_argument = click.argument("path", required=False, type=click.Path(path_type=Path))
collection_option = click.option(
    "--collection",
    envvar=ENVIRONMENT,
    type=click.Path(path_type=Path),
    help=f"The collection to work on; also {ENVIRONMENT}.",
)


def root_of(path: Path | None, collection: Path | None) -> Path:
    """The root of the collection meant. Raises CollectionNotFound."""
    if path is not None:
        return _above(path)
    if collection is not None:
        return _above(collection)
    here = Path.cwd()
    for candidate in (here, *here.parents, here / "decks"):
        if (candidate / COLLECTION).is_file():
            return _short(candidate)
    return shipped()


def shipped() -> Path:
    """The decks that come with the program: inside the package, or beside it in a checkout."""
    package = Path(aipm_cards.__file__).parent
    for candidate in (package / "decks", package.parent / "decks"):
        if (candidate / COLLECTION).is_file():
            return _short(candidate)
    raise CollectionNotFound(f"no {COLLECTION} here or above, and none came with this installation")


def _above(path: Path) -> Path:
    """The collection that a path is, or lies in."""
    if not os.path.lexists(path):
        raise CollectionNotFound(f"{path}: there is no such file or directory")
    for candidate in (path, *path.absolute().parents):
        if (candidate / COLLECTION).exists():
            return candidate if candidate == path else _short(candidate)
    raise CollectionNotFound(f"{path}: no {COLLECTION} here or above; `aipm-cards init DIR` makes a first collection")


def _short(path: Path) -> Path:
    """The path as a person here would write it."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path


def shown(root: Path, path: str = "") -> str:
    """A path for a message, safe to print: of the collection's root, or of a file in it."""
    return one_line(os.path.normpath(os.path.join(root, path)))
