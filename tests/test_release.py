"""The lock: what a note's hash covers, what is read and refused, and which time a note gets."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from aipm_cards.diagnostics import place
from aipm_cards.errors import LockError
from aipm_cards.model import Citation, Collection, Media, Note, Point, Source
from aipm_cards.release import (
    ASKED,
    CLOCK_SKEW,
    Clock,
    Lock,
    LockedNote,
    LockedType,
    all_asked,
    asked,
    format_lock,
    next_lock,
    note_hash,
    parse_lock,
    shortened,
)

NOW = 1_750_000_000
HASH = "0123456789abcdef" * 2
IMAGE = "media/a.svg"
NOTE = Note(
    "a-note",
    "basic",
    "Deck",
    {"front": "Why? ![x](media/a.svg)", "back": "So.", "why": "It is."},
    topics=("T1",),
    tags=("one", "two"),
    cue="cue",
    sources=(Citation("s", "p. 1"),),
    as_of="2026-01-01",
    review_by="2027-01-01",
    extra="more",
    related=("b-note",),
    images=(IMAGE,),
    path="a.yaml",
)
SAMPLE = Collection(
    Path("here"),
    "Sample",
    "sample",
    sources={"s": Source("s", "Title", "Press", "https://x.org")},
    media={IMAGE: Media(PurePosixPath(IMAGE), 3, "abc")},
)


def digest(note: Note = NOTE, collection: Collection = SAMPLE, rendering: int = 1) -> str:
    return note_hash(note, collection, rendering)


def content(**keys: Any) -> Note:
    return replace(NOTE, content={**NOTE.content, **keys})


# --- the hash ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        content(front="Why not? ![x](media/a.svg)"),
        content(why="It was."),
        content(example="For instance."),
        replace(NOTE, content={"front": NOTE.text("front"), "back": "So."}),
        replace(NOTE, kind="reversed"),
        replace(NOTE, tags=("one",)),
        replace(NOTE, topics=("T2",)),
        replace(NOTE, tier=1),
        replace(NOTE, level=2),
        replace(NOTE, cue="another"),
        replace(NOTE, as_of="2026-01-02"),
        replace(NOTE, review_by=""),
        replace(NOTE, extra=""),
        replace(NOTE, related=()),
        replace(NOTE, retired="wrong"),
        replace(NOTE, sources=(Citation("s", "p. 2"),)),
        replace(NOTE, sources=()),
        replace(NOTE, sources=(Citation("s", "p. 1"), Citation("s", "p. 1"))),
        replace(NOTE, images=()),
    ],
)
def test_the_hash_covers_what_cards_show(other: Note) -> None:
    assert digest(other) != digest()


@pytest.mark.parametrize(
    "other",
    [
        replace(SAMPLE, sources={"s": Source("s", "Another", "Press", "https://x.org")}),
        replace(SAMPLE, sources={"s": Source("s", "Title", "Other", "https://x.org")}),
        replace(SAMPLE, sources={"s": Source("s", "Title", "Press", "https://y.org")}),
        replace(SAMPLE, media={IMAGE: Media(PurePosixPath(IMAGE), 3, "abd")}),
        replace(SAMPLE, language="de"),
    ],
)
def test_the_hash_covers_sources_images_and_language(other: Collection) -> None:
    assert digest(collection=other) != digest()


@pytest.mark.parametrize(
    "other",
    [
        replace(NOTE, deck="Another"),
        replace(NOTE, path="b.yaml"),
        replace(NOTE, place=place(9, 9), places={"front": place(10, 9)}),
        replace(NOTE, tags=("two", "one")),
        replace(NOTE, content=dict(reversed(NOTE.content.items()))),
        replace(NOTE, id="renamed"),
    ],
)
def test_the_hash_does_not_cover_deck_file_place_or_order(other: Note) -> None:
    assert digest(other) == digest()


def test_the_hash_does_not_cover_what_no_card_shows() -> None:
    assert digest(collection=replace(SAMPLE, root=Path("there"), name="Other", license="MIT")) == digest()
    source = Source("s", "Title", "Press", "https://x.org", opened="2026-01-01", evidence="law")
    assert digest(collection=replace(SAMPLE, sources={"s": source, "t": Source("t", "T")})) == digest()
    media = {IMAGE: Media(PurePosixPath("media/b.svg"), 4, "abc")}
    assert digest(collection=replace(SAMPLE, media=media)) == digest()


def test_the_hash_covers_the_rendering() -> None:
    assert digest(rendering=2) != digest()


def test_parts_of_a_text_do_not_run_together() -> None:
    assert digest(content(back="a", why="bc")) != digest(content(back="ab", why="c"))
    assert digest(replace(NOTE, cue="x", extra="")) != digest(replace(NOTE, cue="", extra="x"))
    assert digest(content(steps=("a", "b"))) != digest(content(steps=("a b",)))


def test_structured_values() -> None:
    points = (Point("a", True), Point("b", False))
    assert digest(content(rubric=points)) == digest(content(rubric=(Point("a", True), Point("b", False))))
    assert digest(content(rubric=points)) != digest(content(rubric=points[::-1]))
    assert digest(content(rubric=points)) != digest(content(rubric=(Point("a", True), Point("b", True))))
    values = {"TP": Fraction(1, 3), "FP": Fraction(2)}
    assert digest(content(values=values)) == digest(content(values=dict(reversed(values.items()))))
    assert digest(content(values=values)) != digest(content(values={**values, "FP": Fraction(3)}))


def test_the_hash_is_frozen() -> None:
    """Another hash for the same note would send every released note to learners again."""
    assert digest() == "3d84e016f92c099b3e781248bd4eebc4"


# --- what a note asks ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "keys", "expected"),
    [
        ("basic", {"front": "What is *this*?\n\n- `a`\tb"}, "What is this? a b"),
        ("reversed", {"term": "**recall**", "definition": "d"}, "recall"),
        ("cloze", {"text": "A {{c1::gap::hint}} here."}, "A gap here."),
        ("contrast", {"a": "*x*", "b": "y"}, "x / y"),
        ("calculation", {"given": "80 of 100", "ask": "?"}, "80 of 100"),
        ("interview", {"prompt": "Design."}, "Design."),
        ("scenario", {"situation": "A case.", "question": "?"}, "A case."),
        ("basic", {"front": "é" * 300}, "é" * ASKED),
        ("basic", {"front": "x" * 99 + " yz"}, "x" * 99),
    ],
)
def test_what_a_note_asks(kind: str, keys: dict[str, Any], expected: str) -> None:
    assert asked(Note("a-note", kind, "Deck", keys)) == expected


# --- reading and writing -------------------------------------------------------------------


def locked(note_id: str = "a-note", time: int = NOW, hash_: str = HASH, **keys: Any) -> LockedNote:
    return replace(LockedNote(note_id, "basic", (0,), time, hash_, "A::B", "Why?"), **keys)


def lock(*notes: LockedNote, rendering: int = 1) -> Lock:
    return Lock(rendering, {note.id: note for note in notes}, {"basic": LockedType("basic", NOW, HASH)})


def line(note_id: str = "a-note", time: object = NOW, hash_: str = HASH, ordinals: str = "0") -> str:
    return f"note\t{note_id}\tbasic\t{ordinals}\t{time}\t{hash_}\tA::B\tWhy?\n"


HEAD = "# comment\nformat\t1\nrendering\t1\n"


def test_a_lock_comes_back_as_it_was() -> None:
    odd = locked("b-note", ordinals=(0, 2, 498), asked="a é / 'b' \"c\" # d", deck="Ä: x::y")
    none = locked("c-note", ordinals=(), asked="")
    written = lock(odd, locked(), none, rendering=7)
    assert parse_lock(format_lock(written), NOW) == written
    assert parse_lock(format_lock(Lock()), NOW) == Lock()


def test_a_lock_is_sorted_and_has_a_line_a_note() -> None:
    one = format_lock(lock(locked("b-note"), locked("a-note")))
    assert one == format_lock(lock(locked("a-note"), locked("b-note")))
    assert one.splitlines() == [
        "# The released state, written by `aipm-cards release`: commit it, do not edit it.",
        "format\t1",
        "rendering\t1",
        f"notetype\tbasic\t{NOW}\t{HASH}",
        line("a-note").rstrip("\n"),
        line("b-note").rstrip("\n"),
    ]


def test_a_tab_in_what_is_asked_does_not_break_a_line() -> None:
    assert parse_lock(format_lock(lock(locked(asked="a\tb"))), NOW).notes["a-note"].asked == "a b"


def test_line_ends_and_empty_lines() -> None:
    assert parse_lock((HEAD + "\n" + line()).replace("\n", "\r\n"), NOW).notes == {"a-note": locked()}
    assert parse_lock("", NOW) == Lock()


@pytest.mark.parametrize("newer_first", [True, False])
def test_of_two_lines_for_a_note_the_newer_counts(newer_first: bool) -> None:
    lines = [line(time=NOW, hash_="b" * 32), line(time=NOW - 9, hash_="a" * 32)]
    read = parse_lock(HEAD + "".join(lines if newer_first else lines[::-1]), NOW)
    assert read.notes == {"a-note": locked(hash_="b" * 32)}
    types = [f"notetype\tbasic\t{NOW}\tb\n", f"notetype\tbasic\t{NOW - 9}\ta\n"]
    read = parse_lock(HEAD + "".join(types if newer_first else types[::-1]), NOW)
    assert read.types == {"basic": LockedType("basic", NOW, "b")}


@pytest.mark.parametrize("numbers", [(2, 3), (3, 2)])
def test_of_two_renderings_the_larger_counts(numbers: tuple[int, int]) -> None:
    text = "format\t1\n" + "".join(f"rendering\t{number}\n" for number in numbers)
    assert parse_lock(text, NOW).rendering == 3


@pytest.mark.parametrize("mark", ["<<<<<<< HEAD", "=======", ">>>>>>> branch", "||||||| base"])
def test_marks_of_a_merge_are_refused(mark: str) -> None:
    with pytest.raises(LockError, match=r"^release\.lock:4: .*keeping both sides"):
        parse_lock(f"{HEAD}{mark}\n{line()}", NOW)


@pytest.mark.parametrize(
    "broken",
    ["note", "note\ta-note", line().strip() + "\tmore", line(time="soon"), line(time=""), line(ordinals="0,x"),
     "notetype\tbasic\t1", "notetype\tbasic\tx\ty", "colour\t3", "rendering\tx", "rendering", "format\tx", "words",
     line()[:30]],
)  # fmt: skip
def test_a_broken_line_is_named(broken: str) -> None:
    with pytest.raises(LockError, match=r"^release\.lock:4: this line cannot be read"):
        parse_lock(HEAD + broken.rstrip("\n") + "\n" + line("z-note"), NOW)


def test_a_time_in_the_future_is_refused() -> None:
    limit = NOW + CLOCK_SKEW
    assert parse_lock(HEAD + line(time=limit), NOW).newest == limit
    with pytest.raises(LockError, match=rf"^release\.lock:5: the time {limit + 1} lies in the future"):
        parse_lock(HEAD + line("z-note") + line(time=limit + 1), NOW)
    with pytest.raises(LockError, match=r"^release\.lock:4: .*future"):
        parse_lock(f"{HEAD}notetype\tbasic\t{limit + 1}\t{HASH}\n", NOW)


def test_an_older_line_of_the_future_is_refused_too() -> None:
    with pytest.raises(LockError, match="future"):
        parse_lock(HEAD + line(time=NOW + 9999) + line(time=NOW + 8888), NOW)


def test_a_newer_format_is_refused() -> None:
    with pytest.raises(LockError, match=r"release\.lock.* format 2, .*update aipm-cards"):
        parse_lock("format\t2\nnew\tthings\there\n", NOW)


# --- the clock -----------------------------------------------------------------------------


def test_without_a_lock_everything_is_new() -> None:
    clock = Clock(None, NOW)
    assert (clock.rendering, clock.build_time) == (1, NOW)
    assert clock.note("a-note", HASH) == (NOW, "new")
    assert clock.type("basic", HASH) == NOW


def test_a_known_hash_keeps_its_time() -> None:
    clock = Clock(lock(locked(time=NOW - 50), rendering=4), NOW + 1000)
    assert clock.rendering == 4
    assert clock.note("a-note", HASH) == (NOW - 50, "same")
    assert clock.note("a-note", "f" * 32) == (NOW + 1000, "changed")
    assert clock.note("b-note", HASH) == (NOW + 1000, "new")
    assert clock.type("basic", HASH) == NOW
    assert clock.type("basic", "f" * 32) == clock.type("cloze", HASH) == NOW + 1000


@pytest.mark.parametrize(
    ("now", "time"), [(NOW - 1000, NOW + 1), (NOW, NOW + 1), (NOW + 1, NOW + 1), (NOW + 2, NOW + 2)]
)
def test_a_build_is_newer_than_anything_released(now: int, time: int) -> None:
    assert Clock(lock(locked(time=NOW - 50)), now).build_time == time


def test_the_newest_time() -> None:
    assert Lock().newest == 0
    assert lock(locked(time=NOW + 5)).newest == NOW + 5
    assert lock(locked(time=NOW - 5)).newest == NOW


# --- the next release ----------------------------------------------------------------------

TYPES = {"basic": "t" * 32, "cloze": "u" * 32}


def notes(*ids: str, **keys: Any) -> Collection:
    return replace(SAMPLE, notes=tuple(replace(NOTE, id=note_id, **keys) for note_id in ids))


def test_a_first_release() -> None:
    made, standings = next_lock(notes("b-note", "a-note"), TYPES, None, NOW)
    assert standings == Counter(new=2)
    assert made.rendering == 1
    assert made.notes["a-note"] == LockedNote("a-note", "basic", (0,), NOW, digest(), "Deck", "Why? x")
    assert made.types == {"basic": LockedType("basic", NOW, "t" * 32), "cloze": LockedType("cloze", NOW, "u" * 32)}


def test_a_second_release() -> None:
    first, _ = next_lock(notes("a-note", "b-note"), TYPES, None, NOW)
    collection = notes("a-note", "c-note")
    changed = replace(NOTE, id="b-note", cue="changed")
    second, standings = next_lock(
        replace(collection, notes=(*collection.notes, changed)), {**TYPES, "basic": "x" * 32}, first, NOW + 100
    )
    assert standings == Counter(same=1, changed=1, new=1)
    assert {note.id: note.time for note in second.notes.values()} == {
        "a-note": NOW, "b-note": NOW + 100, "c-note": NOW + 100,
    }  # fmt: skip
    assert {kind: type_.time for kind, type_ in second.types.items()} == {"basic": NOW + 100, "cloze": NOW}


def test_a_note_that_is_gone_keeps_its_line_without_ordinals() -> None:
    first, _ = next_lock(notes("a-note", "b-note"), TYPES, None, NOW)
    second, standings = next_lock(notes("a-note"), TYPES, first, NOW + 100)
    assert standings == Counter(same=1)
    assert second.notes == {"a-note": first.notes["a-note"], "b-note": replace(first.notes["b-note"], ordinals=())}
    assert parse_lock(format_lock(second), NOW + 100) == second
    third, standings = next_lock(notes("a-note", "b-note"), TYPES, second, NOW + 200)
    assert (third, standings) == (first, Counter(same=2))  # it came back


@pytest.mark.parametrize(
    ("words", "short"),
    [("", ""), ("one two three", "one two three"), ("one two three!", "one two…"), ("one two thre e", "one two thre…"),
     ("abcdefghijklmnopq", "abcdefghijklm…"), ("one   two     three", "one   two…"), ("漢字" * 10, "漢字" * 6 + "漢…")],
)  # fmt: skip
def test_a_shortened_text_ends_after_a_word(words: str, short: str) -> None:
    assert shortened(words, 13) == short


def test_what_a_line_keeps_is_the_beginning_of_all_that_is_asked() -> None:
    long = content(front="How *many* of these " * 20)
    assert all_asked(long) == ("How many of these " * 20).strip()
    assert asked(long) == all_asked(long)[:ASKED].rstrip()


def test_each_note_knows_its_line() -> None:
    read = parse_lock(f"{HEAD}\n{line()}# words\r\n{line('z-note')}", NOW)
    assert {note.id: note.line for note in read.notes.values()} == {"a-note": 5, "z-note": 7}


def test_a_note_that_moves_is_the_same_and_its_line_says_where_it_is() -> None:
    first, _ = next_lock(notes("a-note"), TYPES, None, NOW)
    second, standings = next_lock(notes("a-note", deck="Other"), TYPES, first, NOW + 100)
    assert standings == Counter(same=1)
    assert (second.notes["a-note"].time, second.notes["a-note"].deck) == (NOW, "Other")


def test_a_release_of_nothing_new_is_the_same_lock() -> None:
    first, _ = next_lock(notes("a-note", "b-note"), TYPES, None, NOW)
    assert format_lock(next_lock(notes("b-note", "a-note"), TYPES, first, NOW + 999)[0]) == format_lock(first)


def test_two_releases_within_a_second_differ_in_time() -> None:
    first, _ = next_lock(notes("a-note"), TYPES, None, NOW)
    second, _ = next_lock(notes("a-note", cue="x"), TYPES, first, NOW)
    assert second.notes["a-note"].time == NOW + 1


def test_rerendering_sends_every_note_once() -> None:
    first, _ = next_lock(notes("a-note", "b-note"), TYPES, None, NOW)
    second, standings = next_lock(notes("a-note", "b-note"), TYPES, first, NOW + 100, rerender=True)
    assert standings == Counter(changed=2)
    assert second.rendering == 2
    assert {note.time for note in second.notes.values()} == {NOW + 100}
    third, standings = next_lock(notes("a-note", "b-note"), TYPES, second, NOW + 200)
    assert (third, standings) == (second, Counter(same=2))
