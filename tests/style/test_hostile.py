"""The rules about style read whatever a card may hold, the longest of its kind too.

A rule that needs the square of the length makes the first test take minutes.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aipm_cards.diagnostics import STYLE as STYLE_CODES
from aipm_cards.kinds import KINDS
from aipm_cards.model import Citation, Confusable, Note, Option, Place, Point, Row, Style
from aipm_cards.style import Wording, each_note, trace

SIGNS = [
    *("w ", "W ", "AB ", "a, ", "a and ", "a, b, c and ", "?", "? ", "which ", "(", "\\(", "\\[ ", "`", '"', "'", "“"),
    *("by 5% ", "rose by ", "2026 ", "version 1.", "A&", "A1", "aBC ", "is not ", "except ", "the latest ", "- a\n"),
    *("a - b ", "{{c1::a}} ", "https://", "x" * 50 + " ", "-", ", or ", "it depends ", "share of "),
]
STYLE = Style(confusable=(Confusable("precision", "recall", Place(1)),))
LONG = 6_000


def note_of(kind: str, value: str) -> Note:
    """A note whose every text is `value`."""
    parts = {
        "rubric": (Point(value, True), Point(value, False)),
        "options": (Option(value, value, value),) * 2,
        "rows": (Row(value, value, value),),
        "laws": (),
        "values": {"TP": 1},
    }
    content = {}
    for key in KINDS[kind].keys:
        listed = key.form.name.endswith("_LIST")
        content[key.name] = parts.get(key.name, (value,) if listed else 3 if key.form.name == "COUNT" else value)
    return Note("a-note", kind, "Deck", content, extra=value, cue="cue", sources=(Citation("page", ""),))  # type: ignore[arg-type]


def look(kind: str, value: str) -> None:
    """Every finding is of a rule that exists, about a key that the note has, and names a way out."""
    note = note_of(kind, "a {{c1::gap}}" if kind == "cloze" and "{{" not in value else value)
    wording = Wording(note)
    trace(wording, STYLE)
    keys = {key.name for key in KINDS[kind].keys} | {"", "cue", "extra", "review_by"}
    for found in each_note(wording, STYLE, english=True, sourced=True, today="2026-11-29"):
        assert found.code in STYLE_CODES
        assert found.key in keys
        assert found.message
        assert found.hint


@pytest.mark.parametrize("kind", ["basic", "cloze", "scenario"])
@pytest.mark.parametrize("sign", SIGNS)
def test_the_longest_texts_are_read(kind: str, sign: str) -> None:
    value = (sign * (LONG // len(sign) + 1))[:LONG]
    if kind == "cloze":
        value = sign * (LONG // len(sign) // 2) + "{{c1::gap}}"
    look(kind, value)


@given(st.sampled_from([kind for kind in KINDS if kind != "cloze"]), st.text(min_size=1, max_size=200))
def test_any_text_can_be_read(kind: str, value: str) -> None:
    look(kind, value)


@given(st.lists(st.sampled_from(SIGNS), min_size=1, max_size=40))
def test_any_mixture_of_what_the_rules_look_for(signs: list[str]) -> None:
    look("basic", "".join(signs))
