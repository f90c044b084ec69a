"""Sections for a screen reader: everything in words, nothing drawn."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from aipm_cards.characters import FORBIDDEN
from aipm_cards.model import Note
from aipm_cards.terminal.faces import Section, answer, question
from aipm_cards.terminal.plain import spoken
from aipm_cards.text import parse, words
from tests.terminal.notes import NOTES, SOURCES, note
from tests.terminal.test_paper import ANY, quick

DRAWN = re.compile("[│─┼•↪…\x1b]")


def said(text: str) -> list[str]:
    return spoken((Section("Q", parse(text), heading=False),))


@pytest.mark.parametrize("which", NOTES, ids=lambda which: which.kind)
def test_every_section_begins_with_its_label(which: Note) -> None:
    for sections in (question(which, 0), answer(which, 0, SOURCES)):
        lines = spoken(sections)
        at = [
            index for section in sections for index, line in enumerate(lines) if line.startswith(f"{section.label}: ")
        ]
        assert len(at) == len(sections)
        assert at == sorted(at)
        assert not any(DRAWN.search(line) for line in lines)


@pytest.mark.parametrize("which", NOTES, ids=lambda which: which.kind)
def test_every_word_is_said(which: Note) -> None:
    sections = (*question(which, 0), *answer(which, 0, SOURCES))
    wanted = {word for section in sections for word in re.findall(r"\w\w+", words(section.content))}
    assert wanted - {"frac", "2pr"} <= set(re.findall(r"\w+", "\n".join(spoken(sections))))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\ntwo", ["Q: one two"]),
        ("one\n\ntwo\\\nthree", ["Q: one", "two", "three"]),
        ("- a\n- **b**\n  1. c", ["Q: 1 of 2: a", "2 of 2: b", "1 of 1: c"]),
        ("# *h*\n> q", ["Q: heading: h", "quote:", "q", "end of quote"]),
        ("```python\nx = 1\n\ny\n```", ["Q: code, 3 lines, python:", "x = 1", "y"]),
        ("```\n\tx\n```", ["Q: code, 1 line:", "    x"]),
        ("[a](https://x.org) <https://y.org>", ["Q: a, link: https://x.org https://y.org"]),
        ("[a](javascript:x) ![p](m.svg) `c` *d*", ["Q: a image: p c d"]),
        (
            "|k|a|b|\n|-|-|-|\n|x|1|2?|\n|y||4.|",
            ["Q: row 1 of 2. k: x. a: 1. b: 2?", "row 2 of 2. k: y. a: empty. b: 4."],
        ),
        ("|k|v|\n|-|-|", ["Q: k. v"]),
        (r"so \(\frac{a}{b+c} \ge \hat{y}\)", ["Q: so a/(b + c) ≥ ŷ"]),
        ("a\n\n---\n\nb", ["Q: a", "b"]),
    ],
)
def test_how_things_are_said(text: str, expected: list[str]) -> None:
    assert said(text) == expected


def test_gaps_are_said() -> None:
    which = note(
        "cloze",
        {"text": "a {{c1::x}} {{c1::y::the hint}}z un{{c1::done}} \\({{c1::w::v}}\\) {{c2::f}}\n\n    k{{c1::q}}"},
    )
    assert spoken(question(which, 0)) == [
        "Sentence with a gap: a blank (blank, hint: the hint) z un blank (blank, hint: v) f",
        "code, 1 line:",
        "k blank",
    ]
    assert spoken(answer(which, 0, {}))[0] == "Answer: a x yz undone w f"


@given(ANY)
@quick
def test_no_control_character_is_said(text: str) -> None:
    for line in said(text):
        assert not FORBIDDEN.search(line)
        assert "\n" not in line
        assert line.strip()


def test_control_characters_are_replaced_wherever_they_stand() -> None:
    text = "\x1b `\x1b` [\x1b](https://x.org) ![\x1b](m) \\(\x1b\\)\n\n```\x1b\n\x9b\n```\n\n|\x1b|\n|-|\n|\u202e|"
    assert not any(FORBIDDEN.search(line) for line in said(text))
