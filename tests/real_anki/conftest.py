from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from anki_learner import DECKS, FIRST, Author, Learner

from aipm_cards.anki.package import build
from aipm_cards.content.load import load
from aipm_cards.model import Collection


@pytest.fixture
def new_learner(tmp_path: Path) -> Iterator[Callable[[], Learner]]:
    """Makes learners, each with an empty Anki, and closes them."""
    made: list[Learner] = []

    def make() -> Learner:
        made.append(Learner(tmp_path / f"learner-{len(made)}" / "collection.anki2"))
        return made[-1]

    yield make
    for learner in made:
        learner.col.close()


@pytest.fixture
def learner(new_learner: Callable[[], Learner]) -> Learner:
    return new_learner()


@pytest.fixture
def author(tmp_path: Path) -> Author:
    return Author(tmp_path / "sources")


@pytest.fixture(scope="session")
def shipped() -> Collection:
    collection, problems = load(DECKS)
    assert not collection.errors, [f"{p.path}:{p.line} {p.code} {p.message}" for p in problems if p.severity == "error"]
    return collection


@pytest.fixture(scope="session")
def shipped_package(shipped: Collection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shipped") / "shipped.apkg"
    build(shipped, path, now=FIRST)
    return path


@pytest.fixture
def build_part(shipped: Collection) -> Callable[[str, Path], Path]:
    """Builds one deck of those that ship, at the time of the whole package."""

    def part(deck: str, path: Path) -> Path:
        build(shipped, path, now=FIRST, deck=deck)
        return path

    return part
