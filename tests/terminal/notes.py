"""Notes to draw: one of each kind, and those that are hard to draw."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from aipm_cards.model import Citation, Law, Note, Option, Point, Row, Source, Value

SOURCES = {
    "gdpr": Source("gdpr", "GDPR & <recitals>", "EU", "https://eur-lex.europa.eu/eli/reg/2016/679"),
    "book": Source("book", "A book"),
    "odd": Source("odd", "An odd page", url="javascript:alert(1)"),
}


def note(kind: str, content: dict[str, Value], **more: Any) -> Note:
    return Note(f"a-{kind}", kind, "Deck", content, **more)


BASIC = note(
    "basic",
    {
        "front": "What is **precision**? ![a matrix](media/matrix.svg)",
        "back": "The share of alarms that are right: \\(\\frac{TP}{TP + FP}\\).",
        "why": "Each alarm costs *work*: see [the page](https://example.org/cost).",
        "example": "1. 80 of 100\n2. 8 of 10, which is\n\n   - the same share\n"
        "   - of far fewer cases, so that one is less sure of it",
    },
    cue="metrics",
    extra="```python\ntp / (tp + fp)  # the share of alarms that are right, of all alarms that were raised\n```\n\n"
    "> quoted\n\n---",
    sources=(Citation("book", ""), Citation("gone", "p. 3")),
)
REVERSED = note(
    "reversed",
    {"term": "recall", "definition": "The share of cases that are found.", "example": "80 of 120.", "why": "Misses."},
)
CLOZE = note(
    "cloze",
    {
        "context": "About *F1*",
        "text": "F1 is the {{c1::harmonic::kind of}} mean of {{c2::precision}} and {{c2::recall}}: "
        "\\(\\frac{2pr}{ {{c3::p + r::sum}} }\\).\n\n```\nf = {{c1::mean(}}p, r)\n```",
        "why": "It is low if one of them is.",
    },
)
CONTRAST = note(
    "contrast",
    {
        "a": "RAG",
        "b": "Fine-tuning",
        "split": "Whether the weights change.",
        "rows": (
            Row("cost", "for each question: it reads what it found", "once, before the first question is asked"),
            Row("news", "at once", "with the next training"),
            Row("suits", "facts", "`form` and tone"),
        ),
        "case": "A bot must know today's prices.",
        "verdict": "a",
        "reason": "Prices change daily.",
        "why": "They cost different people.",
    },
)
CALCULATION = note(
    "calculation",
    {
        "given": "80 of 100 alarms are right.",
        "ask": "Precision * two decimals",
        "formula": "TP / (TP + FP)",
        "values": {"TP": Fraction(80), "FP": Fraction(20)},
        "steps": ("TP + FP = 100", "80 / 100"),
        "answer": "0.80",
        "unit": "%",
        "check": "80/100",
        "reading": "Four in five.",
        "slip": "Dividing by all cases.",
    },
)
INTERVIEW = note(
    "interview",
    {
        "prompt": "Design a review queue.",
        "round": "PS",
        "minutes": 5,
        "rubric": (Point("Names the *user*", True), Point("Names a metric", False)),
        "pass": 1,
        "outline": ("First the user", "Then the cost"),
        "mistakes": ("Silence",),
        "follow_ups": ("And at night?",),
        "tests": "Structure.",
        "framework": ("Ask", "Frame"),
    },
    cue="queues",
)
SCENARIO = note(
    "scenario",
    {
        "situation": "A model blocks accounts.",
        "question": "Do you launch?",
        "stakeholders": ("Users", "Staff"),
        "options": (
            Option("Launch today", "speed", "some people are blocked who did nothing wrong"),
            Option("Wait", "trust", "fraud goes on"),
        ),
        "recommend": "Wait.",
        "because": "Blocks are hard to undo.",
        "unless": "A person looks first.",
        "rubric": (Point("Names the blocked", True), Point("Weighs fraud", False)),
        "pass": 1,
        "principles": ("Fairness",),
        "laws": (Law("EU", "GDPR Art. 22", "2026-01-01"), Law("UK", "DPA", "")),
    },
    sources=(Citation("gdpr", "Art. 22(1)"), Citation("odd", "")),
    as_of="2026-01-01",
    review_by="2030-01-01",
    related=("a-basic", "a-cloze"),
    retired="it was *wrong*",
)
NOTES = (BASIC, REVERSED, CLOZE, CONTRAST, CALCULATION, INTERVIEW, SCENARIO)
