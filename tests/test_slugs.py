"""Names made from words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aipm_cards.content.load import load
from aipm_cards.kinds import KINDS
from aipm_cards.slugs import SLUG, USUAL, slug, slug_of_note, unique

NAMES = {
    "What is *precision*?": "precision",
    "Which of `recall@5` and \\(\\frac{2}{3}\\) rises?": "recall-5-2-3-rises",
    "Über die Größe von Ærø": "uber-die-grosse-von-r",
    "What is it?": "what-is-it",  # small words are better than none
    "A bank's fraud model's share": "bank-fraud-model-share",
    "精度とは何ですか。": "",
    "?": "",
    "ab": "",
    "": "",
    "x" * 100: "x" * USUAL,
    "one two three four five six seven eight nine ten": "three-four-five-six-seven-eight-nine-ten",
    'A vice-president sees "precision 80%" on a slide about our fraud model': "vice-president-sees-precision-80-slide",
}


@pytest.mark.parametrize(("front", "name"), NAMES.items())
def test_from_a_question(front: str, name: str) -> None:
    assert slug_of_note("basic", {"front": front}) == name


def test_from_what_other_kinds_ask() -> None:
    assert slug_of_note("cloze", {"text": "The {{c1::harmonic::kind}} mean is {{c2::low}}."}) == "harmonic-mean-low"
    assert slug_of_note("contrast", {"a": "precision", "b": "recall", "split": "no"}) == "precision-recall"
    assert slug_of_note("reversed", {"term": "the *F1* score"}) == "f1-score"
    assert slug_of_note("scenario", {"question": "what now?"}) == ""
    assert all(slug_of_note(kind, {}) == "" for kind in KINDS)


@given(st.text(max_size=200), st.integers(3, 64))
@settings(max_examples=100, deadline=None)
def test_a_slug_is_one_or_nothing(words: str, longest: int) -> None:
    made = slug(words, longest)
    assert not made or (SLUG.fullmatch(made) and len(made) <= longest and made.strip("-") == made)


def test_unique() -> None:
    assert unique("recall", ()) == "recall"
    assert unique("recall", {"recall", "recall-2"}) == "recall-3"
    assert unique("x" * 64, {"x" * 64}) == "x" * 62 + "-2"


def test_questions_of_ours_have_names() -> None:
    collection, _ = load(Path(__file__).parent.parent / "decks")
    for note in collection.notes:
        assert SLUG.fullmatch(slug_of_note(note.kind, note.content))
