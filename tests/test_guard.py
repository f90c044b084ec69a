"""The guard: what a release would cost learners, found in notes and lock alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from aipm_cards.diagnostics import place
from aipm_cards.guard import Breach, Trace, guard, tracer
from aipm_cards.kinds import ordinals
from aipm_cards.model import Deck, Note
from aipm_cards.release import Lock, LockedNote, asked

FRONT = "Which share of its alarms are fraud, if a filter flags 100 payments of which 80 are?"
OTHER = "What does a canary release limit?"
GAPS = "Fit on the {{c1::training}} set, compare on the {{c2::validation}} set."


def basic(note_id: str = "a-note", front: str = FRONT, deck: str = "Deck", **keys: Any) -> Note:
    content = {"front": front, "back": "So."}
    return Note(note_id, "basic", deck, content, path=f"{note_id}.yaml", place=place(3, 5), **keys)


def cloze(text: str = GAPS, **keys: Any) -> Note:
    return Note("a-note", "cloze", "Deck", {"text": text}, path="a-note.yaml", places={"text": place(5, 11)}, **keys)


def locked(*notes: Note) -> Lock:
    return Lock(notes={
        note.id: LockedNote(note.id, note.kind, ordinals(note), 1, "h", note.deck, asked(note), number)
        for number, note in enumerate(notes, 7)
    })  # fmt: skip


def found(lock: Lock, *notes: Note, left_out: str | None = "") -> list[Breach]:
    decks = {note.deck: Deck(note.deck, "", note.path, place(1, 7)) for note in reversed(notes)}
    return list(guard(lock, traces(lock, notes), decks, left_out))


def traces(lock: Lock, notes: Iterable[Note]) -> list[Trace]:
    return list(map(tracer(lock), notes))


def codes(lock: Lock, *notes: Note, left_out: str | None = "") -> list[tuple[str, str]]:
    return [(breach.finding.code, breach.name) for breach in found(lock, *notes, left_out=left_out)]


# --- what costs nothing --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (basic(), basic()),
        (basic(), basic(front=FRONT + " Say it in percent.")),
        (basic(), basic(front="A bank asks. " * 20 + FRONT)),
        (basic(), basic(front="If a filter flags 100 payments of which 80 are fraud, which share of alarms is right?")),
        (basic(), basic(front=FRONT.upper().replace("Which", "*Which*"))),
        (basic(), replace(basic(), content={"front": FRONT, "back": "Four in five."}, tags=("x",), tier=1)),
        (basic(), basic(retired="wrong")),
        (basic(retired="wrong"), basic()),
        (basic(), basic(front=OTHER, retired="wrong")),
        (cloze(), cloze(GAPS + " Score on the {{c3::test}} set.")),
        (cloze(), cloze("Fit on {{c2::training}} data, compare on {{c1::validation}} data.")),
        (cloze(), cloze("Nothing hidden.", retired="wrong")),
        (basic(front="漢字の意味は何ですか"), basic(front="この漢字の意味は何ですか")),
        (basic(front="?!"), basic(front="…")),
    ],
)
def test_no_finding(before: Note, after: Note) -> None:
    assert found(locked(before), after) == []


def test_a_new_note_costs_nothing() -> None:
    assert found(locked(basic()), basic(), basic("b-note", OTHER)) == []
    assert found(Lock(), basic()) == []


# --- one note ------------------------------------------------------------------------------


def test_an_id_that_is_gone() -> None:
    (breach,) = found(locked(basic(), basic("b-note", OTHER)), basic())
    finding = breach.finding
    assert (breach.name, finding.code, finding.path, finding.line, finding.column) == (
        "b-note", "N701", "release.lock", 8, 6,
    )  # fmt: skip
    assert f"'b-note' is gone ('{OTHER}')" in finding.message
    assert finding.hint.startswith("put it back with `retired: reason`; or `aipm-cards release --accept b-note`")


def test_a_renamed_id_is_named() -> None:
    lock = locked(basic(), basic("b-note", OTHER))
    (breach,) = found(
        lock, basic(), basic("c-note", "What does a canary release limit at first?"), basic("d-note", "?")
    )
    assert "'c-note' in c-note.yaml:3 asks the same: give it back the id 'b-note'" in breach.finding.hint


def test_a_released_note_is_no_renamed_one() -> None:
    lock = locked(basic(), basic("b-note", FRONT))
    (breach,) = found(lock, basic())
    assert "asks the same" not in breach.finding.hint


@pytest.mark.parametrize("text", ["- id: b-note\n", "related: [b-note]", "- di: B_NOTE # ?", None])
def test_what_the_text_of_a_note_with_an_error_names_is_not_gone(text: str | None) -> None:
    lock = locked(basic(), basic("b-note", OTHER))
    assert codes(lock, basic(), left_out=text) == []
    assert codes(lock, basic(front=OTHER), left_out=text) == [("N702", "a-note")]


def test_with_errors_what_stands_nowhere_is_gone() -> None:
    lock = locked(basic(), basic("b-note", OTHER))
    assert codes(lock, basic(), left_out="- id: a-b-note\n  front: x") == [("N701", "b-note")]


def test_with_errors_a_deck_is_renamed_if_its_name_stands_nowhere() -> None:
    lock = locked(basic(deck="Old"))
    assert codes(lock, basic(deck="New"), left_out="deck: old\n") == []
    assert codes(lock, basic(deck="New"), left_out=None) == []
    assert codes(lock, basic(deck="New"), left_out="deck: New\n") == [("N705", "Old")]


def test_what_was_let_go_is_not_missed_but_its_id_is_kept() -> None:
    lock = Lock(notes={"b-note": replace(locked(basic("b-note", OTHER)).notes["b-note"], ordinals=())})
    assert codes(lock, basic()) == []
    assert codes(lock, basic("b-note", OTHER)) == []
    assert codes(lock, basic("b-note", FRONT)) == [("N702", "b-note")]


def test_an_id_used_for_another_question() -> None:
    (breach,) = found(locked(basic()), basic(front=OTHER))
    assert (breach.finding.code, breach.finding.path, breach.finding.line) == ("N702", "a-note.yaml", 3)
    assert "('Which share of its alarms are fraud, if a filter flags 100…')" in breach.finding.message
    assert "release --accept a-note" in breach.finding.hint


def test_two_ids_that_were_swapped() -> None:
    lock = locked(basic(), basic("b-note", OTHER))
    assert codes(lock, basic(front=OTHER), basic("b-note", FRONT)) == [("N702", "a-note"), ("N702", "b-note")]


@pytest.mark.parametrize("retired", ["", "wrong"])
def test_another_kind(retired: str) -> None:
    after = cloze(retired=retired)
    (breach,) = found(locked(basic()), replace(after, places={"kind": place(4, 11)}))
    assert (breach.finding.code, breach.finding.line, breach.finding.column) == ("N703", 4, 11)
    assert "released as basic and is cloze now" in breach.finding.message


@pytest.mark.parametrize(
    ("text", "cards"),
    [
        ("Fit on the {{c1::training}} set, compare on the validation set.", "c2"),
        ("Fit on the training set, compare on the {{c2::validation}} set.", "c1"),
        ("Fit on the {{c3::training}} set, compare on the {{c4::validation}} set.", "c1 and c2"),
    ],
)
def test_a_gap_that_is_gone(text: str, cards: str) -> None:
    (breach,) = found(locked(cloze()), cloze(text))
    assert (breach.finding.code, breach.finding.line, breach.finding.column) == ("N704", 5, 11)
    assert f"released with {cards}:" in breach.finding.message
    assert f"{{{{{cards[:2]}::words}}}}" in breach.finding.hint


def test_both_are_told_since_both_are_accepted_by_one_name() -> None:
    assert codes(locked(cloze()), cloze("What {{c4::limits}} a release?")) == [("N702", "a-note"), ("N704", "a-note")]


def test_another_kind_has_other_cards_and_asks_otherwise() -> None:
    assert codes(locked(cloze()), basic(front=OTHER)) == [("N703", "a-note")]


# --- decks ---------------------------------------------------------------------------------


def several(*decks: str) -> list[Note]:
    return [basic(f"note-{number}", deck=deck) for number, deck in enumerate(decks)]


@pytest.mark.parametrize(
    ("before", "after", "renamed"),
    [
        ("A A A", "B B B", ["A"]),
        ("A A A", "B B A", []),
        ("A A A A", "B B C C", ["A"]),
        ("A A A B", "B B C B", ["A"]),
        ("A A B B", "C C D D", ["A", "B"]),
        ("A::B A::B A", "A::C A::C A", ["A::B"]),
        ("Deck Deck", "deck deck", []),
        ("A A B", "B B A", []),
    ],
)
def test_a_renamed_deck_is_one_finding(before: str, after: str, renamed: list[str]) -> None:
    lock, notes = locked(*several(*before.split())), several(*after.split())
    assert codes(lock, *notes) == [("N705", name) for name in renamed]


def test_where_a_renamed_deck_is_named() -> None:
    (breach,) = found(locked(*several("My deck")), *several("Other"))
    assert (breach.finding.path, breach.finding.line, breach.finding.column) == ("note-0.yaml", 1, 7)
    assert "'My deck' is 'Other' now" in breach.finding.message
    assert breach.finding.hint == ("write My deck again; or `aipm-cards release --accept 'My deck'` accepts that")


def test_a_deck_that_was_merged_is_named_where_its_notes_are() -> None:
    (breach,) = found(locked(*several("B", "A")), *several("B", "B"))
    assert (breach.finding.path, breach.finding.line, breach.finding.column) == ("note-1.yaml", 3, 5)


def test_a_deck_that_was_split_is_two_decks_now() -> None:
    (breach,) = found(locked(*several(*"AAAAA")), *several(*"CBBCD"))
    assert "the released deck 'A' is 'C' and 'B' now" in breach.finding.message
    assert "write A again" in breach.finding.hint


def test_a_deck_whose_notes_are_gone_is_not_renamed() -> None:
    lock = locked(*several("A", "B"))
    assert codes(lock, several("B", "B")[1]) == [("N701", "note-0")]
