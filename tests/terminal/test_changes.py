"""The word diff of a card that changed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aipm_cards.differing import MAX_WORDS
from aipm_cards.meaning import meaning
from aipm_cards.terminal.changes import changes
from aipm_cards.terminal.paper import Look, draw
from aipm_cards.terminal.plain import spoken
from aipm_cards.text import words
from tests.terminal.notes import NOTES
from tests.terminal.scripted import basic

PLAIN = Look(False, False, True)
LABEL = "Changed since you last saw it"


def seen(before: str, after: str) -> str:
    """The diff as it stands in the tree: marks and words."""
    section = changes(before, after, spoken=False)
    assert section.label == LABEL
    return words(section.content)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("one two three", "one two three", "one two three"),
        ("one two three", "one 2 three", "one [-two-]{+2+} three"),
        ("one three", "one two three", "one {+two+} three"),
        ("one two three", "one three", "one [-two-] three"),
        ("a b c d", "x y c d", "[-a b-]{+x y+} c d"),
        ("a b c", "a b x y z", "a b [-c-]{+x y z+}"),
        ("", "new words", "{+new words+}"),
        ("old words", "", "[-old words-]"),
    ],
)
def test_what_went_and_what_came(before: str, after: str, said: str) -> None:
    assert seen(before, after) == said


def test_in_words() -> None:
    section = changes("What is precision now", "What was precision", spoken=True)
    assert spoken([section]) == [f"{LABEL}: What (removed: is) (added: was) precision (removed: now)"]


@pytest.mark.parametrize("look", [PLAIN, Look(True, True, True), Look(False, True, False)])
def test_no_colour_alone_carries_meaning(look: Look) -> None:
    text = "\n".join(draw([changes("a b", "a c", spoken=False)], 40, look))
    assert "[-b-]" in text
    assert "{+c+}" in text


def test_the_regions_of_a_card_stay_apart() -> None:
    """What is asked and what is answered are two things: they do not run into one sentence."""
    before = meaning(basic("a", front="What is recall?", back="The share found."), 0)
    after = meaning(basic("a", front="What is recall?", back="The share of cases found."), 0)
    lines = draw([changes(before, after, spoken=False)], 80, PLAIN)
    for line in (*lines, *spoken([changes(before, after, spoken=True)])):
        assert not ("recall?" in line and "share" in line)


WORDS = st.lists(st.sampled_from(list("abcde")), max_size=30).map(" ".join)


@given(WORDS, WORDS)
def test_each_side_can_be_read_out_of_it(before: str, after: str) -> None:
    text = seen(before, after)
    old = re.sub(r"\{\+.*?\+\}", " ", text).replace("[-", " ").replace("-]", " ")
    new = re.sub(r"\[-.*?-\]", " ", text).replace("{+", " ").replace("+}", " ")
    assert old.split() == before.split()
    assert new.split() == after.split()


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_can_be_compared(before: str, after: str) -> None:
    for is_spoken in (False, True):
        section = changes(before, after, spoken=is_spoken)
        for line in (*draw([section], 40, PLAIN), *spoken([section])):
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", line)


def test_a_long_text_is_not_compared_for_ever() -> None:
    half = MAX_WORDS // 2
    for before, after in (("a b " * (half // 2), "b a " * (half // 2)), ("a " * half, "a " * half + "b")):
        assert LABEL in spoken([changes(before, after, spoken=True)])[0]
    assert "too long" in seen("a " * half, "b " * (half + 1))


@pytest.mark.parametrize("note", NOTES, ids=lambda note: note.kind)
def test_every_kind_can_be_compared(note: object) -> None:
    text = meaning(note, 0)  # type: ignore[arg-type]
    assert text
    assert "+}" not in seen(text, text)
    assert "{+really+}" in seen(text, f"{text} really")
