"""The meaning of a card: what changes when it asks something else, and only then."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aipm_cards.kinds import KINDS, ordinals
from aipm_cards.meaning import meaning
from aipm_cards.model import Citation, Note, Option, Point, Row, Value

BASIC: dict[str, Value] = {"front": "What is *precision*?", "back": "TP / (TP + FP)"}
CLOZE: dict[str, Value] = {"text": "{{c1::Recall}} is the share of {{c2::positives::what}} found."}
NOTES: dict[str, dict[str, Value]] = {
    "basic": BASIC,
    "reversed": {"term": "Precision", "definition": "The share of flagged cases that are positive."},
    "cloze": CLOZE,
    "contrast": {
        "a": "Precision",
        "b": "Recall",
        "split": "Of which whole?",
        "case": "80 of 100 flagged",
        "verdict": "a",
        "reason": "The whole is what was flagged.",
    },
    "calculation": {
        "given": "100 flagged, 80 fraud.",
        "ask": "Precision in per cent",
        "steps": ("80 / 100", "= 0.8"),
        "answer": "80",
        "check": "100 * 80 / 100",
    },
    "interview": {
        "prompt": "How would you launch it?",
        "round": "PS",
        "minutes": 10,
        "rubric": (Point("a goal", True), Point("a risk", False), Point("a metric", False), Point("a plan", False)),
        "pass": 3,
        "outline": ("First the goal.",),
        "mistakes": ("No goal.",),
        "follow_ups": ("And then?",),
    },
    "scenario": {
        "situation": "The model is biased.",
        "question": "Ship it?",
        "stakeholders": ("users", "the firm"),
        "options": (Option("ship", "speed", "harm"), Option("wait", "trust", "cost")),
        "recommend": "Wait.",
        "because": "Harm is lasting.",
        "unless": "It is mended.",
        "rubric": (Point("names harm", True), Point("names cost", False), Point("decides", False)),
        "pass": 2,
    },
}


def note(kind: str, **changed: Value) -> Note:
    return Note("a-note", kind, "A", NOTES[kind] | changed)


def of(kind: str, ordinal: int = 0, **changed: Value) -> str:
    return meaning(note(kind, **changed), ordinal)


def test_the_samples_have_all_that_is_required() -> None:
    assert {kind: {key.name for key in KINDS[kind].keys if key.required} for kind in KINDS} == {
        kind: set(content) for kind, content in NOTES.items()
    }


def test_the_meaning_of_each_kind() -> None:
    assert of("basic") == "What is precision?\nTP / (TP + FP)"
    assert of("cloze") == "«Recall» is the share of positives found."
    assert of("cloze", 1) == "Recall is the share of «positives» found."
    assert of("contrast") == "Precision\nRecall\nOf which whole?"
    assert of("contrast", 1).split("\n")[3] == "Precision"  # the verdict in words
    assert of("calculation") == "100 flagged, 80 fraud.\nPrecision in per cent\n80 / 100\n= 0.8\n80"
    assert of("interview").split("\n")[:3] == ["How would you launch it?", "a goal", "a risk"]
    assert "ship; speed; harm\nwait; trust; cost" in of("scenario")


# --- what changes nothing ------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_what_stands_beside_the_words(kind: str) -> None:
    plain = note(kind)
    beside: dict[str, Value] = {"why": "New.", "example": "New.", "context": "New.", "framework": ("New",)}
    beside |= {"principles": ("New",), "tests": "New", "reading": "New.", "slip": "New.", "rows": (Row("x", "y", "z"),)}
    known = {key.name for key in KINDS[kind].keys if not key.required}
    more = replace(
        plain,
        content={**plain.content, **{key: value for key, value in beside.items() if key in known}},
        tags=("new",),
        topics=("T001",),
        sources=(Citation("new", "p. 1"),),
        tier=3,
        level=3,
        cue="new",
        extra="More.",
        deck="B",
        as_of="2026-01-01",
        review_by="2027-01-01",
        related=("other",),
        path="moved.yaml",
    )
    for ordinal in ordinals(plain):
        assert meaning(more, ordinal) == meaning(plain, ordinal)


@pytest.mark.parametrize(
    "front",
    [
        "What is precision?",
        "What is **precision**?",
        "What is `precision`?",
        "What is [precision](https://example.org)?",
        "What\nis\nprecision?",
        "What is  \nprecision?",
        "What\n\nis precision?",
        "  What is   precision?\n",
        "# What is precision?",
        "> What is precision?",
        "- What is precision?",
    ],
)
def test_markup_and_line_breaks(front: str) -> None:
    assert of("basic", front=front) == of("basic")


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        ("reversed", "term", "**Precision**"),
        ("contrast", "split", "Of *which*  whole?"),
        ("calculation", "steps", (" 80  / 100", "= 0.8")),
        ("calculation", "check", "80"),
        ("interview", "outline", ("First the `goal`.",)),
        ("interview", "minutes", 5),
        ("interview", "round", "SD"),
        ("interview", "pass", 2),
        ("scenario", "stakeholders", ("*users*", "the firm")),
        ("scenario", "options", (Option("**ship**", "speed", "harm"), Option("wait", "`trust`", "cost"))),
        (
            "scenario",
            "rubric",
            (Point("names *harm*", True), Point("names cost", False), Point("decides", False)),
        ),
        ("cloze", "text", "{{c1::**Recall**}} is the\nshare of *{{c2::positives::what}}* found."),
        ("cloze", "text", "{{c1::Recall}} is the share of {{c2::positives::another hint}} found."),
        ("cloze", "text", "{{c1::Recall::a hint}} is the share of {{c2::`positives`}} found."),
    ],
)
def test_nor_elsewhere(kind: str, key: str, value: Value) -> None:
    changed = replace(note(kind), content={**NOTES[kind], key: value})
    for ordinal in ordinals(note(kind)):
        assert meaning(changed, ordinal) == of(kind, ordinal)


# --- what does -----------------------------------------------------------------------------


CHANGES: list[tuple[str, str, Value]] = [
    ("basic", "front", "What is recall?"),
    ("basic", "back", "TP / (TP + FN)"),
    ("reversed", "term", "Recall"),
    ("reversed", "definition", "Another."),
    ("contrast", "a", "F1"),
    ("contrast", "b", "F1"),
    ("contrast", "split", "Which?"),
    ("contrast", "case", "70 of 100 flagged"),
    ("contrast", "verdict", "b"),
    ("contrast", "reason", "Another."),
    ("calculation", "given", "200 flagged, 80 fraud."),
    ("calculation", "ask", "Recall"),
    ("calculation", "steps", ("80 / 100",)),
    ("calculation", "answer", "0.8"),
    ("interview", "prompt", "Why?"),
    ("interview", "rubric", (Point("a goal", True), Point("a risk", False), Point("a metric", False))),
    ("interview", "outline", ("Other.",)),
    ("interview", "mistakes", ("Other.",)),
    ("interview", "follow_ups", ("Other?",)),
    ("scenario", "situation", "Other."),
    ("scenario", "question", "Other?"),
    ("scenario", "stakeholders", ("users",)),
    ("scenario", "options", (Option("ship", "speed", "harm"), Option("wait", "trust", "price"))),
    ("scenario", "recommend", "Ship."),
    ("scenario", "because", "Other."),
    ("scenario", "unless", "Other."),
    ("scenario", "rubric", (Point("names harm", True), Point("names cost", False), Point("dares", False))),
]


@pytest.mark.parametrize(("kind", "key", "value"), CHANGES)
def test_words_that_change(kind: str, key: str, value: Value) -> None:
    ordinal = 1 if key in ("case", "verdict", "reason") else 0  # of a contrast: the other card
    assert meaning(replace(note(kind), content={**NOTES[kind], key: value}), ordinal) != of(kind, ordinal)


def test_each_required_text_is_tried() -> None:
    beside = {"check", "minutes", "pass", "round"}
    required = {(kind, key) for kind, content in NOTES.items() for key in content if key not in beside}
    assert {(kind, key) for kind, key, _ in CHANGES} == required - {("cloze", "text")}


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("{{c1::Recall}} is the share of {{c2::positives}} missed.", (True, True)),  # words around
        ("{{c1::Recall}} is the share of {{c2::negatives}} found.", (True, True)),  # words hidden elsewhere
        ("{{c1::Recall is}} the share of {{c2::positives}} found.", (True, False)),  # the gap itself
        ("{{c2::Recall}} is the share of {{c1::positives}} found.", (True, True)),  # another gap
        ("{{c1::Recall}} is the {{c3::share}} of {{c2::positives}} found.", (False, False)),  # one more card
        ("{{c1::Recall}} is the {{c1::share}} of {{c2::positives}} found.", (True, False)),  # two gaps at once
    ],
)
def test_a_gap_that_changes(text: str, changed: tuple[bool, bool]) -> None:
    assert tuple(of("cloze", number, text=text) != of("cloze", number) for number in (0, 1)) == changed


def test_an_answer_in_another_unit_is_another_answer() -> None:
    assert of("calculation", unit="ms") != of("calculation", unit="s")


WORD = st.text("abcxyz", min_size=1, max_size=5)


@given(st.lists(WORD, min_size=1, max_size=5), st.sampled_from(["*{}*", "**{}**", "`{}`", "[{}](https://e.org)", "{}"]))
def test_marking_a_word_up_changes_nothing(words: list[str], form: str) -> None:
    plain = " ".join(words)
    marked = " ".join([form.format(words[0]), *words[1:]])
    assert of("basic", front=marked) == of("basic", front=plain)
    assert of("cloze", text=f"{{{{c1::{marked}}}}} end") == of("cloze", text=f"{{{{c1::{plain}}}}} end")


@given(st.lists(WORD, min_size=1, max_size=5), st.lists(WORD, min_size=1, max_size=5))
def test_other_words_are_another_meaning(words: list[str], others: list[str]) -> None:
    assert (of("basic", front=" ".join(words)) == of("basic", front=" ".join(others))) is (words == others)
