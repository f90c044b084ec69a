"""The table of kinds: its cards, and the rating a rubric earns, in Python and on the card."""

from __future__ import annotations

import json
from importlib import resources
from itertools import product

import pytest
from py_mini_racer import JSEvalException, MiniRacer

from aipm_cards.kinds import CUE, EXTRA, KINDS, ROUNDS, Form, ordinals, rating_earned
from aipm_cards.model import Note, Rating


def script(name: str) -> str:
    return resources.files("aipm_cards.anki").joinpath("look", name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def engine() -> MiniRacer:
    return MiniRacer()


def note(kind: str, **content: str) -> Note:
    return Note("a-note", kind, "Deck", content)


# --- the table -----------------------------------------------------------------------------


def test_the_kinds_and_their_cards() -> None:
    assert {kind.name: len(kind.cards) for kind in KINDS.values()} == {
        "basic": 1,
        "reversed": 2,
        "cloze": 0,
        "contrast": 2,
        "calculation": 1,
        "interview": 1,
        "scenario": 1,
    }
    assert all(name == kind.name for name, kind in KINDS.items())


@pytest.mark.parametrize(
    ("kind", "required", "optional"),
    [
        ("basic", "front back", "why example"),
        ("reversed", "term definition", "example why"),
        ("cloze", "text", "context why"),
        ("contrast", "a b split case verdict reason", "rows why"),
        ("calculation", "given ask steps answer check", "formula values unit tolerance reading slip"),
        ("interview", "prompt round minutes rubric pass outline mistakes follow_ups", "tests framework"),
        (
            "scenario",
            "situation question stakeholders options recommend because unless rubric pass",
            "principles laws",
        ),
    ],
)
def test_the_keys_of_a_kind(kind: str, required: str, optional: str) -> None:
    keys = KINDS[kind].keys
    assert {key.name for key in keys if key.required} == set(required.split())
    assert {key.name for key in keys if not key.required} == set(optional.split())
    assert len({key.name for key in keys}) == len(keys)
    assert all(key.help.endswith(".") for key in keys)


def test_forms() -> None:
    def of(form: Form) -> set[str]:
        return {key.name for kind in KINDS.values() for key in kind.keys if key.form is form}

    blocks = "front back why example context situation question prompt given definition reading slip reason because"
    assert of(Form.BLOCK) == {*blocks.split(), "unless", "recommend"}
    assert of(Form.PLAIN) | of(Form.PLAIN_LIST) | of(Form.NUMBER) == {
        *("formula", "steps", "unit", "ask", "answer", "tolerance")
    }
    assert of(Form.CLOZE) == {"text"}
    assert (EXTRA.form, CUE.form) == (Form.BLOCK, Form.INLINE)
    assert not EXTRA.required
    assert not CUE.required


@pytest.mark.parametrize(("kind", "least", "most"), [("interview", 4, 7), ("scenario", 3, 5)])
def test_the_size_of_a_rubric(kind: str, least: int, most: int) -> None:
    key = KINDS[kind].key("rubric")
    assert key is not None
    assert (key.at_least, key.at_most) == (least, most)


def test_choices() -> None:
    verdict, round_ = KINDS["contrast"].key("verdict"), KINDS["interview"].key("round")
    assert verdict is not None
    assert verdict.choices == ("a", "b")
    assert round_ is not None
    assert round_.choices == tuple(ROUNDS)
    assert KINDS["basic"].key("text") is None


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("basic", (0,)),
        ("reversed", (0, 1)),
        ("contrast", (0, 1)),
        ("calculation", (0,)),
        ("interview", (0,)),
        ("scenario", (0,)),
    ],
)
def test_ordinals(kind: str, expected: tuple[int, ...]) -> None:
    assert ordinals(note(kind)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{c1::a}}", (0,)),
        ("{{c3::a}} {{c1::b}} {{c3::c}}", (0, 2)),
        ("{{c499::a}}", (498,)),
        ("{{c10::a}} {{c9::b}}", (8, 9)),
        (r"\({{c2::a}}\) `{{c1::b}}`", (0, 1)),
        (r"\({{x}}\) {{c2::b}}", (1,)),
    ],
)
def test_ordinals_of_gaps(text: str, expected: tuple[int, ...]) -> None:
    assert ordinals(note("cloze", text=text)) == expected


# --- the rating ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ticked", "must_missing", "late_or_hint", "fresh", "rating"),
    [
        (2, False, False, True, Rating.AGAIN),
        (5, True, False, True, Rating.AGAIN),
        (2, True, True, False, Rating.AGAIN),
        (3, False, True, False, Rating.HARD),
        (5, False, True, True, Rating.HARD),
        (3, False, False, False, Rating.GOOD),
        (5, False, False, False, Rating.GOOD),
        (3, False, False, True, Rating.EASY),
    ],
)
def test_the_rating_earned(ticked: int, must_missing: bool, late_or_hint: bool, fresh: bool, rating: Rating) -> None:
    assert rating_earned(ticked, must_missing, 3, late_or_hint, fresh) is rating


def test_the_card_rates_like_the_program(engine: MiniRacer) -> None:
    engine.eval(script("rubric.js"))
    cases = [*product(range(8), (False, True), range(1, 8), (False, True), (False, True))]
    call = f"JSON.stringify({json.dumps(cases)}.map(function (c) {{ return aipmRating.apply(null, c); }}))"
    said = json.loads(str(engine.eval(call)))
    assert said == [rating_earned(*case).name.capitalize() for case in cases]


@pytest.mark.parametrize("name", ["clock.js", "rubric.js"])
def test_the_scripts_parse(engine: MiniRacer, name: str) -> None:
    engine.eval(f"new Function({json.dumps(script(name))})")
    with pytest.raises(JSEvalException):
        engine.eval(f"new Function({json.dumps(script(name) + ')')})")


@pytest.mark.parametrize("name", ["clock.js", "rubric.js"])
def test_the_scripts_are_old_enough_for_every_phone_and_end_no_element(name: str) -> None:
    text = script(name)
    assert "</" not in text
    assert "{{" not in text
    assert not any(word in text for word in ("=>", "let ", "const ", "http:", "https:", "import "))
