"""Two states of a collection compared: what a release would bring to learners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from aipm_cards.changes import Change, Changes, compare, lock_of, meanings, title
from aipm_cards.diagnostics import place
from aipm_cards.model import Citation, Collection, Deck, Media, Note, Option, Source
from aipm_cards.release import note_hash
from tests.packages.sample import edit, read, write

IMAGE = "media/a.svg"


def note(note_id: str = "a-note", front: str = "Which share of alarms is right?", **keys: Any) -> Note:
    content = {"front": front, "back": "Its precision.", **keys.pop("content", {})}
    base = Note(note_id, "basic", keys.pop("deck", "Deck"), content, path="a.yaml", place=place(3, 5))
    return replace(base, **keys)


def collection(*notes: Note, **keys: Any) -> Collection:
    decks = {one.deck: Deck(one.deck) for one in sorted(notes, key=lambda one: one.path)}
    sources = {"s": Source("s", "A page")}
    media = {IMAGE: Media(PurePosixPath(IMAGE), 3, "abc")}
    made = Collection(Path("x"), "X", "x-cards", decks=decks, notes=notes, sources=sources, media=media)
    return replace(made, **keys)


def compared(old: Collection, new: Collection, known: bool = True) -> Changes:
    return compare(lock_of(old), new, old if known else None)


def all_of(changes: Changes) -> list[Change]:
    return [change for deck in changes.decks.values() for change in deck]


def told(changes: Changes) -> list[tuple[str, str]]:
    return [(change.what, change.note.id) for change in all_of(changes)]


# --- what happened to a note ---------------------------------------------------------------


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        (note(), note(), []),
        (note(), note(front="Which share of all alarms is right?"), ["corrected"]),
        (note(), note(tags=("x",)), ["corrected"]),
        (note(), note(retired="It is wrong."), ["retired"]),
        (note(), note(deck="Other"), ["moved"]),
        (note(), note(deck="deck"), []),
        (note(), note(deck="Other", tags=("x",)), ["corrected"]),
        (note(), note(path="b.yaml", place=place(9, 9)), []),
    ],
)
def test_what_happened(before: Note, after: Note, what: list[str], known: bool) -> None:
    stays = note("b-note", "What does a canary release limit?")  # else its deck would be renamed
    changes = compared(collection(before, stays), collection(after, stays), known)
    assert [change.what for change in all_of(changes)] == what
    assert (changes.breaks, changes.anew) == ((), 0)


def test_a_note_is_corrected_if_and_only_if_an_update_reaches_it() -> None:
    old = collection(*(note(f"note-{n}") for n in range(4)))
    new = collection(note("note-0"), note("note-1", tier=1), note("note-2", related=("note-1",)), note("note-3"))
    reached = [a.id for a, b in zip(new.notes, old.notes, strict=True) if note_hash(a, new, 1) != note_hash(b, old, 1)]
    assert [note_id for _, note_id in told(compared(old, new))] == reached == ["note-1", "note-2"]


def test_added_and_never_had() -> None:
    new = collection(note(), note("b-note"), note("c-note", retired="late"))
    assert told(compared(collection(note()), new)) == [("added", "b-note")]
    assert told(compared(collection(), new)) == [("added", "a-note"), ("added", "b-note")]


def test_a_note_that_was_let_go_and_comes_back_is_added() -> None:
    lock = lock_of(collection(note()))
    lock = replace(lock, notes={"a-note": replace(lock.notes["a-note"], ordinals=())})
    assert told(compare(lock, collection(note()))) == [("added", "a-note")]


def test_what_a_retired_note_does_later() -> None:
    retired = collection(note(retired="wrong"))
    (change,) = all_of(compared(retired, collection(note(retired="very wrong"))))
    assert (change.what, change.parts) == ("corrected", ())
    (change,) = all_of(compared(retired, collection(note())))
    assert (change.what, change.parts) == ("corrected", ("no longer retired",))


def test_what_costs_learners_is_no_correction() -> None:
    other = note("b-note", "What does a canary release limit?")
    old = collection(note(), other, note("c-note"))
    new = collection(note(front="How is a model retired?"), replace(other, kind="cloze", content={"text": "{{c1::A}}"}))
    changes = compared(old, new)
    assert [breach.finding.code for breach in changes.breaks] == ["N702", "N703", "N701"]
    assert told(changes) == []


def test_a_renamed_deck_is_said_once() -> None:
    old = collection(*(note(f"note-{n}", deck="Old") for n in range(3)))
    new = collection(*(note(f"note-{n}", deck="New", tags=("x",) if n == 1 else ()) for n in range(3)))
    changes = compared(old, new)
    assert [(breach.finding.code, breach.name) for breach in changes.breaks] == [("N705", "Old")]
    (change,) = all_of(changes)
    assert (change.note.id, change.moved_from) == ("note-1", "")


def test_rendered_anew() -> None:
    old, new = collection(note(), note("b-note")), collection(note(), note("b-note", tier=1), note("c-note"))
    changes = compare(lock_of(old), new, old, anew=True)
    assert changes.anew == 1
    assert told(changes) == [("corrected", "b-note"), ("added", "c-note")]


def test_the_order_is_the_authors() -> None:
    def at(note_id: str, deck: str, path: str, line: int) -> Note:
        return note(note_id, deck=deck, path=path, place=place(line, 5))

    notes = (at("z-z", "B", "01.yaml", 3), at("a-a", "A", "02.yaml", 3), at("m-m", "B", "03.yaml", 9))
    changes = compared(collection(), collection(*notes))
    assert list(changes.decks) == ["B", "A"]
    assert told(changes) == [("added", "z-z"), ("added", "m-m"), ("added", "a-a")]


# --- what of a note is another -------------------------------------------------------------


def parts(before: Note, after: Note, old: dict[str, Any] | None = None, new: dict[str, Any] | None = None) -> Sequence:  # type: ignore[type-arg]
    (change,) = all_of(compared(collection(before, **old or {}), collection(after, **new or {})))
    return change.parts


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (note(front="Which share of all alarms is right?"), ("question",)),
        (note(content={"back": "Precision."}), ("answer",)),
        (note(content={"why": "It costs."}), ("why",)),
        (note(extra="More."), ("extra",)),
        (note(cue="metrics"), ("cue",)),
        (note(tags=("a",), tier=1, topics=("T1",)), ("tags",)),
        (note(as_of="2026-01-01", review_by="2027-01-01"), ("dates",)),
        (note(sources=(Citation("s", ""),)), ("sources",)),
        (note(front="Which share of all alarms is right?", content={"back": "Precision."}, tier=1),
         ("tags", "question", "answer")),
    ],
)  # fmt: skip
def test_parts(after: Note, found: tuple[str, ...]) -> None:
    assert parts(note(), after) == found


def test_parts_that_lie_outside_the_note() -> None:
    cited, shown = note(sources=(Citation("s", ""),)), note(images=(IMAGE,))
    assert parts(cited, cited, new={"sources": {"s": Source("s", "Another title")}}) == ("sources",)
    media = {IMAGE: Media(PurePosixPath(IMAGE), 3, "abd")}
    assert parts(shown, shown, new={"media": media}) == ("images",)
    assert parts(note(), note(), new={"language": "de"}) == ("language",)


def test_another_namespace_is_said_of_the_whole() -> None:
    old = collection(note(), note("b-note"))
    changes = compared(old, replace(old, namespace="y-cards"))
    assert changes.namespace == "x-cards"
    assert [change.parts for change in all_of(changes)] == [("namespace",)] * 2
    assert compared(old, old).namespace == ""


def test_keys_that_are_named_as_the_methods_of_a_note() -> None:
    option = (Option("Wait", "trust", "fraud"), Option("Launch", "speed", "wrong blocks"))
    before = Note("a-note", "scenario", "Deck", {"situation": "A bank.", "options": option, "recommend": "Wait."})
    after = replace(before, content={**before.content, "recommend": "Launch."})
    assert parts(before, after) == ("recommend",)
    after = replace(before, content={**before.content, "options": option[::-1]})
    assert parts(before, after) == ("options",)


def test_every_kind_has_its_words(tmp_path: Path) -> None:
    write(tmp_path)
    old = read(tmp_path)
    edit(tmp_path / "talk.yaml", "Design a review queue.", "Design a better review queue.")
    edit(tmp_path / "metrics.yaml", "{{c2::precision}} and", "{{c2::precision}} or")
    edit(tmp_path / "metrics.yaml", "The alarms are counted.", "The alarms are the base.")
    edit(tmp_path / "metrics.yaml", "Each alarm costs *work*.", "Each costs work.")
    changes = {change.note.id: change for change in all_of(compared(old, read(tmp_path)))}
    assert {note_id: change.parts for note_id, change in changes.items()} == {
        "design-a-queue": ("question",),
        "harmonic-mean": ("question",),
        "precision-or-recall": ("answer",),
        "precision": ("why",),
    }
    assert meanings(changes["precision"]) == ("", "")
    before, after = meanings(changes["design-a-queue"])
    assert after == before.replace("Design a review", "Design a better review")
    before, after = meanings(changes["harmonic-mean"])
    assert before.count("\n") == 0
    assert after == before.replace("precision and", "precision or")
    before, after = meanings(changes["precision-or-recall"])
    assert after == before.replace("The alarms are counted.", "The alarms are the base.")


def test_a_title_is_what_is_asked() -> None:
    assert title(note(front="What is **it**?")) == "What is it?"
    long = title(note(front="word " * 40))
    assert len(long) <= 81
    assert long.endswith("word…")
