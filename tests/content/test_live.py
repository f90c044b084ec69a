"""A collection that is kept in memory says what a fresh reading says, whatever was saved meanwhile."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from aipm_cards.content import live as module
from aipm_cards.content.examine import examine
from aipm_cards.content.live import Live
from aipm_cards.content.load import load
from aipm_cards.content.outline import outline
from aipm_cards.model import Collection
from aipm_cards.release import LOCK, format_lock, next_lock
from tests.packages.sample import basic, edit, write

NEVER = 0
TODAY = "2031-01-01"  # a review of the sample is overdue


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "sample")


def without_media(collection: Collection) -> Collection:
    """Apart from images, of which a fresh reading also keeps those of notes that it left out."""
    return Collection(**{name: getattr(collection, name) for name in collection.__slots__ if name != "media"})


def assert_as_fresh(live: Live) -> None:
    examined = live.examine()
    collection, problems = examine(live.root, today=TODAY)
    assert without_media(examined.collection) == without_media(collection)
    assert list(examined.problems) == problems
    used = {image for note in collection.notes for image in note.images}
    assert examined.collection.media == {path: media for path, media in collection.media.items() if path in used}


def released(root: Path) -> str:
    """The lock of a release of the collection as it stands."""
    return format_lock(next_lock(load(root)[0], {}, None, 1_750_000_000)[0])


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


SAVES = {
    "a word": lambda root: edit(root / "metrics.yaml", "Each alarm", "Every alarm"),
    "not YAML any more": lambda root: edit(root / "metrics.yaml", "kind: reversed", "kind: [reversed"),
    "YAML again": lambda root: edit(root / "metrics.yaml", "kind: [reversed", "kind: reversed"),
    "a new file": lambda root: put(root / "more" / "new.yaml", basic("brand-new")),
    "an id that is taken": lambda root: put(root / "more" / "new.yaml", basic("precision")),
    "a source gone": lambda root: edit(root / "sources.yaml", "book:", "books:"),
    "a source back": lambda root: edit(root / "sources.yaml", "books:", "book:"),
    "another title": lambda root: edit(root / "sources.yaml", "A book", "Another book"),
    "no rules": lambda root: edit(root / "collection.yaml", "S102, ", ""),
    "another language": lambda root: edit(root / "collection.yaml", "language: en", "language: de"),
    "an image gone": lambda root: (root / "media" / "matrix.svg").unlink(),
    "an image back": lambda root: put(root / "media" / "matrix.svg", "<svg/>"),
    "an image of another size": lambda root: put(root / "media" / "matrix.svg", "<svg></svg>"),
    "an image that nobody shows": lambda root: put(root / "media" / "more.svg", "<svg/>"),
    "an image elsewhere, not there": lambda root: edit(root / "talk.yaml", "Design a", "Design ![p](pictures/p.svg) a"),
    "an image elsewhere": lambda root: put(root / "pictures" / "p.svg", "<svg/>"),
    "another image elsewhere": lambda root: put(root / "pictures" / "p.svg", "<svg></svg>"),
    "an image elsewhere, gone": lambda root: (root / "pictures" / "p.svg").unlink(),
    "an image that is none": lambda root: edit(root / "talk.yaml", "pictures/p.svg", "../../etc/p.svg"),
    "a file away": lambda root: (root / "more" / "new.yaml").unlink(),
    "a directory away": lambda root: shutil.rmtree(root / "more"),
    "a release": lambda root: put(root / LOCK, released(root)),
    "a released note away": lambda root: edit(root / "metrics.yaml", "id: precision\n", "id: precise\n"),
    "a lock that is none": lambda root: put(root / LOCK, "nothing of the kind\n"),
    "broken registry": lambda root: edit(root / "collection.yaml", "format: 1", "format: ["),
    "all away": lambda root: [(root / name).unlink() for name in ("metrics.yaml", "talk.yaml", "sources.yaml")],
}


def test_after_each_save(root: Path) -> None:
    live = Live(root, today=TODAY)
    assert_as_fresh(live)
    for name, save in SAVES.items():
        before = live.look()
        save(root)
        assert live.look() != before, name
        assert_as_fresh(live)
        assert live.look() == live.stamps, name


def test_what_no_card_shows_is_not_looked_at(root: Path) -> None:
    put(root / "elsewhere" / "big.svg", "<svg/>")
    live = Live(root)
    live.examine()
    images = {name for name in live.stamps if name.endswith(".svg")}
    assert images == {"media/matrix.svg", "media/copy.svg"}


def test_only_the_file_that_changed_is_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    original = module.read_deck_file
    monkeypatch.setattr(module, "read_deck_file", lambda path, *more: read.append(path) or original(path, *more))
    live = Live(root)
    live.examine()
    assert read == ["metrics.yaml", "more/numbers.yaml", "talk.yaml"]
    read.clear()
    live.examine()
    assert read == []
    os.utime(root / "talk.yaml", ns=(NEVER, NEVER))
    live.examine()
    assert read == ["talk.yaml"]
    live.forget()
    live.examine()
    assert len(read) == 4


def test_a_quick_look_takes_the_rules_between_notes_from_the_last_time(root: Path) -> None:
    live = Live(root, today=TODAY)
    assert "S601" not in {problem.code for problem in live.examine().problems}
    same = basic("precision-again", "Which costs does a fraud team weigh before it sets a threshold?", "Misses.")
    put(root / "a.yaml", same.replace("precision-again", "precision-first"))
    put(root / "b.yaml", same)
    assert "S601" not in {problem.code for problem in live.examine(quick=True).problems}
    assert_as_fresh(live)
    fresh = live.examine().problems
    assert "S601" in {problem.code for problem in fresh}
    assert live.examine(quick=True).problems == fresh
    put(root / "a.yaml", basic("something-else"))
    assert "S601" in {problem.code for problem in live.examine(quick=True).problems}
    assert_as_fresh(live)


def test_lines_are_those_of_the_files(root: Path) -> None:
    examined = Live(root).examine()
    assert list(examined.lines) == ["metrics.yaml", "more/numbers.yaml", "talk.yaml"]
    assert "\n".join(examined.lines["talk.yaml"]) == (root / "talk.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "firsts", "end"),
    [
        ("deck: A\nnotes:\n  - id: one\n    front: |\n      - a\n  - id: two\n", (3, 6), 8),
        ("notes:  # all\n- id: one\n  x: |\n    - y\n-\n  id: two\ndeck: A\n", (2, 5), 7),
        ("deck: A\nnotes: [{id: one}]\n", (), 4),
        ("deck: A\n", (), 3),
        ("", (), 2),
    ],
)
def test_outline(text: str, firsts: tuple[int, ...], end: int) -> None:
    found = outline(text.split("\n"))
    assert found.firsts == firsts
    assert found.end == end
