"""What stands on the two faces of a card; and how the faces look, kept as files.

`python -m tests.terminal.test_faces` writes the files anew.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from aipm_cards.anki.html import Printer
from aipm_cards.anki.regions import Renderer
from aipm_cards.kinds import KINDS, ordinals
from aipm_cards.model import Note
from aipm_cards.terminal.faces import Section, answer, question
from aipm_cards.terminal.paper import Look, draw
from aipm_cards.terminal.plain import spoken
from aipm_cards.text import Cloze, Emphasis, Link, Math, Table, Text, walk, words
from tests.terminal.notes import (
    BASIC,
    CALCULATION,
    CLOZE,
    CONTRAST,
    INTERVIEW,
    NOTES,
    REVERSED,
    SCENARIO,
    SOURCES,
    note,
)

GOLDENS = Path(__file__).parent / "goldens"
WIDTHS = (40, 80, 200)
CARDS = [(each, ordinal) for each in NOTES for ordinal in ordinals(each)]


def labels(sections: tuple[Section, ...]) -> list[str]:
    return [section.label for section in sections]


def said(sections: tuple[Section, ...], label: str) -> str:
    (section,) = (section for section in sections if section.label == label)
    return words(section.content)


def test_there_is_a_note_of_every_kind() -> None:
    assert {each.kind for each in NOTES} == set(KINDS)


@pytest.mark.parametrize(
    ("which", "ordinal", "front", "back"),
    [
        (BASIC, 0, "Cue Question", "Answer,Why it matters,Example,More,Sources,Card"),
        (REVERSED, 0, "Term Task", "Definition,Example,Why it matters,Card"),
        (REVERSED, 1, "Definition Task", "Term,Example,Why it matters,Card"),
        (CLOZE, 0, "Context,Sentence with a gap", "Answer,Why it matters,Card"),
        (CONTRAST, 0, "Question", "Answer,Side by side,Why it matters,Card"),
        (CONTRAST, 1, "Case Task", "Answer,What tells,Why it matters,Card"),
        (CALCULATION, 0, "Given,To work out", "Answer,Formula,Steps,Reading,The usual slip,Card"),
        (
            INTERVIEW,
            0,
            "Cue Round Question",
            "A good answer,Mistakes,What comes next,What it tests,Steps to think in,Card",
        ),
        (
            SCENARIO,
            0,
            "Retired Situation Question Task",
            "Recommended,Because,Unless,Options,Who is touched,Principles,Law,"
            "Sources,As of,To be reviewed by,See also,Card",
        ),
    ],
)
def test_the_sections_of_each_kind(which: Note, ordinal: int, front: str, back: str) -> None:
    assert labels(question(which, ordinal)) == (front.split(",") if "," in front else front.split())
    assert labels(answer(which, ordinal, SOURCES)) == back.split(",")


@pytest.mark.parametrize(("which", "ordinal"), CARDS)
def test_what_the_anki_card_says_the_faces_say(which: Note, ordinal: int) -> None:
    """Every word of the Anki note that is not its rubric stands on one of its cards."""
    fields = Renderer(SOURCES, Printer({})).fields(which)
    html = " ".join(field for field in fields if 'class="rubric"' not in field)
    html = re.sub(r"<[^>]*>|\{\{c\d+::|::[a-z ]+\}\}|\}\}|\\[()a-z]+|&[a-z#0-9]+;", " ", html)
    both = " ".join(
        f"{section.label} {words(section.content)}"
        for number in ordinals(which)
        for section in (*question(which, number), *answer(which, number, SOURCES))
    )
    assert set(re.findall(r"\w+", html)) <= set(re.findall(r"\w+", both))


@pytest.mark.parametrize(("which", "ordinal"), CARDS)
def test_the_front_gives_nothing_away(which: Note, ordinal: int) -> None:
    front = " ".join(words(section.content) for section in question(which, ordinal))
    hidden = {
        "basic": ["alarms", "80"],
        "reversed": [["share"], ["recall"]][ordinal % 2],
        "cloze": [["harmonic", "mean("], ["precision", "recall"], ["p + r"]][ordinal % 3],
        "contrast": [["weights", "news"], ["daily"]][ordinal % 2],
        "calculation": ["0.80", "Four", "/ ("],
        "interview": ["First", "Silence", "user", "Structure"],
        "scenario": ["Wait", "speed", "Weighs", "Fairness"],
    }[which.kind]
    assert not [word for word in hidden if word in front]


def test_the_gap_of_another_card_is_filled() -> None:
    front = said(question(CLOZE, 0), "Sentence with a gap")
    assert front.startswith("F1 is the  mean of precision and recall: \\frac{2pr}{ p + r }.")


def test_gaps_are_open_or_strong() -> None:
    asked = list(walk(question(CLOZE, 0)[-1].content))
    assert [node for node in asked if isinstance(node, Cloze)] == [Cloze(1, (), "kind of"), Cloze(1, (), "")]
    filled = list(walk(answer(CLOZE, 0, {})[0].content))
    assert not [node for node in filled if isinstance(node, Cloze)]
    strong = [node for node in filled if isinstance(node, Emphasis)]
    assert [words((node,)) for node in strong] == ["harmonic", "mean("]


def test_gaps_in_formulas() -> None:
    (asked,) = (node for node in walk(question(CLOZE, 2)[-1].content) if isinstance(node, Math))
    assert asked == Math(r"\frac{2pr}{ {{c3::::sum}} }", display=False, gaps=True)
    (strong,) = (node for node in walk(answer(CLOZE, 2, {})[0].content) if isinstance(node, Emphasis))
    assert strong.children == (Math(r"\frac{2pr}{ p + r }", display=False),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("> {{c1::a}} b", "b"),
        ("- {{c1::a}}\n- b", "b"),
        ("# {{c1::a}} b", "b"),
        ("**{{c1::a}}** b", "b"),
        ("[{{c1::a}}](https://x.org) b", "b"),
        ("|x|y|\n|-|-|\n|{{c1::a}}|b|", "x\ny\n\nb"),
        ("`{{c1::a}}` b", "b"),
    ],
)
def test_gaps_wherever_they_stand(text: str, expected: str) -> None:
    which = note("cloze", {"text": text})
    assert words(question(which, 0)[-1].content).strip() == expected
    assert Cloze(1, (), "") in set(walk(question(which, 0)[-1].content))
    assert any(isinstance(node, Emphasis) and words((node,)) == "a" for node in walk(answer(which, 0, {})[0].content))


def test_a_gap_that_cuts_markup_still_hides_its_words() -> None:
    which = note("cloze", {"text": "*a {{c1::secret* words}} b"})
    front = words(question(which, 0)[-1].content)
    assert "secret" not in front
    assert "[...]" in front
    assert "secret" in words(answer(which, 0, {})[0].content)


def test_the_verdict_names_the_thing() -> None:
    assert said(answer(CONTRAST, 1, {}), "Answer") == "RAG"
    other = note("contrast", {**CONTRAST.content, "verdict": "b"})
    assert said(answer(other, 1, {}), "Answer") == "Fine-tuning"


def test_the_rows_of_a_contrast_are_a_table() -> None:
    (table,) = answer(CONTRAST, 0, {})[1].content
    assert isinstance(table, Table)
    assert table.head == ((Text("Dimension"),), (Text("RAG"),), (Text("Fine-tuning"),))
    assert len(table.rows) == 3
    assert labels(answer(note("contrast", {**CONTRAST.content, "rows": ()}), 0, {})) == [
        "Answer",
        "Why it matters",
        "Card",
    ]


def test_a_result_has_its_unit() -> None:
    assert said(answer(CALCULATION, 0, {}), "Answer") == "0.80 %"


def test_an_interview_says_its_round_and_time() -> None:
    assert said(question(INTERVIEW, 0), "Round") == "Product sense · 5 min"


def test_the_small_print() -> None:
    back = answer(SCENARIO, 0, SOURCES)
    quiet = [section for section in back if section.quiet]
    assert labels(tuple(quiet)) == ["Sources", "As of", "To be reviewed by", "See also", "Card"]
    assert said(back, "See also") == "a-basic, a-cloze"
    assert said(back, "Card") == "a-scenario"
    links = [node for section in back for node in walk(section.content) if isinstance(node, Link)]
    assert [link.url for link in links] == ["https://eur-lex.europa.eu/eli/reg/2016/679"]
    assert "GDPR & <recitals> · EU · Art. 22(1) · https" in said(back, "Sources")


def test_only_the_cue_and_the_round_are_small_in_front() -> None:
    assert [section.label for section in question(INTERVIEW, 0) if section.quiet] == ["Cue", "Round"]
    assert said(question(SCENARIO, 0), "Retired") == "it was wrong"


# --- how they look ---------------------------------------------------------------------------


@cache
def looks() -> dict[str, str]:
    """What each file says: every kind at every width, without styles and with them, and spoken."""
    files = {}
    for which in NOTES:
        for width in WIDTHS:
            files[f"{which.kind}-{width}.txt"] = drawn(which, width, Look(False, False, True))
        files[f"{which.kind}-ascii-60.txt"] = drawn(which, 60, Look(False, False, False))
        styled = drawn(which, 60, Look(True, True, True))
        files[f"{which.kind}-styled-60.txt"] = styled.replace("\x1b", "␛")
        files[f"{which.kind}-spoken.txt"] = "".join(
            f"{line}\n"
            for number in ordinals(which)
            for side in (question(which, number), answer(which, number, SOURCES))
            for line in (*spoken(side), "")
        )
    return files


def drawn(which: Note, width: int, look: Look) -> str:
    lines = []
    for number in ordinals(which):
        lines += [*draw(question(which, number), width, look), "." * width]
        lines += [*draw(answer(which, number, SOURCES), width, look), "=" * width]
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("name", looks())
def test_faces_look_as_they_did(name: str) -> None:
    assert (GOLDENS / name).read_text(encoding="utf-8") == looks()[name]


def test_no_file_is_left_over() -> None:
    assert {path.name for path in GOLDENS.iterdir()} == set(looks())


if __name__ == "__main__":
    GOLDENS.mkdir(exist_ok=True)
    for old in GOLDENS.iterdir():
        old.unlink()
    for name, text in looks().items():
        (GOLDENS / name).write_text(text, encoding="utf-8", newline="\n")
