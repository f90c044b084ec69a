"""What Anki would interpret inside a field shows as it was typed, wherever an author may type it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from anki_learner import (
    FIRST,
    SECOND,
    Author,
    Learner,
    basic,
    calculation,
    cloze,
    contrast,
    interview,
    reversed_,
    scenario,
    shown,
)

NS = "small-cards"

# name -> (as typed, as a reader sees it); in Markdown `\\\\(` is a backslash and a parenthesis.
SNIPPETS = {
    "sound": ("[sound:x.mp3]", "[sound:x.mp3]"),
    "sound-in-capitals": ("[SOUND:x.mp3]", "[SOUND:x.mp3]"),
    "speech": ("[anki:tts lang=en_US]say[/anki:tts]", "[anki:tts lang=en_US]say[/anki:tts]"),
    "latex": ("[latex]x[/latex]", "[latex]x[/latex]"),
    "latex-dollar": ("[$]x[/$]", "[$]x[/$]"),
    "latex-dollars": ("[$$]x[/$$]", "[$$]x[/$$]"),
    "field": ("{{Front}}", "{{Front}}"),
    "own-field": ("{{Asked}}", "{{Asked}}"),
    "condition": ("{{#Cue}}x{{/Cue}}", "{{#Cue}}x{{/Cue}}"),
    "cloze": ("{{c1::x}}", "{{c1::x}}"),
    "escaped-maths": (r"\\(x\\)", r"\(x\)"),
    "script": ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    "bold": ("<b>x</b>", "<b>x</b>"),
    "image": ('<img src="x.png" onerror="alert(1)">', '<img src="x.png" onerror="alert(1)">'),
    "comment": ("x <!-- y --> z", "x <!-- y --> z"),
    "type": ("List<int> & a<b and c>d", "List<int> & a<b and c>d"),
}
RAW = {**SNIPPETS, "escaped-maths": (r"\\(x\\)", r"\\(x\\)")}  # where no Markdown is read

PLACES: dict[str, Callable[[str], dict[str, Any]]] = {
    "front": lambda text: basic("the-note", f"So {text} is?"),
    "back": lambda text: basic("the-note", back=f"So {text} is."),
    "why": lambda text: basic("the-note", why=f"So {text} is."),
    "extra": lambda text: basic("the-note", extra=f"So {text} is."),
    "cue": lambda text: basic("the-note", cue=f"So {text} is"),
    "emphasis": lambda text: basic("the-note", f"So **x {text} x** is?"),
    "item": lambda text: basic("the-note", f"Which?\n\n- So {text} is"),
    "cell": lambda text: basic("the-note", f"Which?\n\n| a |\n|---|\n| So {text} is |"),
    "quote": lambda text: basic("the-note", f"> So {text} is"),
    "link": lambda text: basic("the-note", f"[x {text} x](https://example.org)"),
    "term": lambda text: reversed_("the-note", term=f"So {text} is"),
    "definition": lambda text: reversed_("the-note", definition=f"So {text} is."),
    "split": lambda text: contrast("the-note", split=f"So {text} is"),
    "row": lambda text: contrast("the-note", rows=[["x", f"So {text} is", "y"]]),
    "given": lambda text: calculation("the-note", given=f"So {text} is."),
    "point": lambda text: interview("the-note", rubric=[{"must": f"So {text} is"}, "two", "three", "four"]),
    "outline": lambda text: interview("the-note", outline=[f"So {text} is"]),
    "option": lambda text: scenario(
        "the-note",
        options=[{"name": f"So {text} is", "gain": "g", "harm": "h"}, {"name": "n", "gain": "g", "harm": "h"}],
    ),
    "retired": lambda text: basic("the-note", retired=f"So {text} is"),
}
RAW_PLACES: dict[str, Callable[[str], dict[str, Any]]] = {
    "code": lambda text: basic("the-note", f"So `{text}` is?"),
    "code-block": lambda text: basic("the-note", f"So?\n\n```\n{text}\n```"),
    "ask": lambda text: calculation("the-note", ask=f"So {text} is?"),
    "step": lambda text: calculation("the-note", steps=[f"So {text} is"]),
    "unit": lambda text: calculation("the-note", unit=f"u {text}"),
}


def assert_as_typed(learner: Learner, expected: str, note_id: str = "the-note") -> None:
    cards = learner.note(NS, note_id).cards()
    assert cards
    for card in cards:
        assert not card.question_av_tags()
        assert not card.answer_av_tags()
        assert 'class="latex"' not in card.answer()
        assert "<b>x</b>" not in card.answer()
        assert "alert(1)</script>" not in card.answer()
        assert not re.search(r"\\\(x\\\)", card.answer()), "MathJax would typeset this"
    assert expected in " ".join(shown(side) for card in cards for side in (card.question(), card.answer()))


def all_cases(
    places: dict[str, Callable[[str], dict[str, Any]]], snippets: dict[str, tuple[str, str]]
) -> list[dict[str, Any]]:
    return [
        {**make(typed), "id": f"{place}-{name}"}
        for place, make in places.items()
        for name, (typed, _) in snippets.items()
    ]


@pytest.mark.parametrize("place", [*PLACES, *RAW_PLACES])
def test_shows_as_typed(place: str, author: Author, learner: Learner, tmp_path: Path) -> None:
    places, snippets = (PLACES, SNIPPETS) if place in PLACES else (RAW_PLACES, RAW)
    notes = all_cases({place: places[place]}, snippets)
    if place == "retired":  # only those who have its cards see it
        author.file("a.yaml", "Deck", [basic(note["id"]) for note in notes])
        learner.imports(author.build(tmp_path / "small.apkg", FIRST))
    author.file("a.yaml", "Deck", notes)
    learner.imports(author.build(tmp_path / "small.apkg", SECOND))
    for name, (_, expected) in snippets.items():
        assert_as_typed(learner, expected, f"{place}-{name}")


@pytest.mark.parametrize(
    "name", [name for name in SNIPPETS if name not in ("cloze", "field", "own-field", "condition")]
)
@pytest.mark.parametrize("where", ["gap", "hint", "outside"])
def test_shows_as_typed_in_a_cloze(name: str, where: str, author: Author, learner: Learner, tmp_path: Path) -> None:
    typed, expected = SNIPPETS[name]
    if where == "hint":
        typed, expected = RAW[name]
    if where != "outside" and "::" in typed:
        pytest.skip("two colons begin a hint")
    text = {"gap": f"So {{{{c1::{typed}}}}} is.", "hint": f"So {{{{c1::x::{typed}}}}} is."}.get(
        where, f"So {typed} is {{{{c1::x}}}}."
    )
    author.file("a.yaml", "Deck", [cloze("the-note", text)])
    learner.imports(author.build(tmp_path / "small.apkg", FIRST))
    assert_as_typed(learner, expected)
    assert learner.ordinals() == {f"{NS}:the-note": (0,)}


@pytest.mark.parametrize(
    "snippet", ["[sound:x.mp3]", "[latex]x[/latex]", "[$]x[/$]", "[anki:tts lang=en_US]x[/anki:tts]"]
)
def test_shows_as_typed_in_maths(snippet: str, author: Author, learner: Learner, tmp_path: Path) -> None:
    typed = {"inline": rf"\({snippet}\)", "display": rf"\[{snippet}\]"}
    places = {**PLACES, **RAW_PLACES}
    notes = {
        f"{place}-{name}": (places[place](tex), tex) for place in ("front", "cue", "ask") for name, tex in typed.items()
    }
    author.file("a.yaml", "Deck", [{**note, "id": note_id} for note_id, (note, _) in notes.items()])
    learner.imports(author.build(tmp_path / "small.apkg", FIRST))
    for note_id, (_, tex) in notes.items():
        card = learner.card(NS, note_id)
        assert not card.question_av_tags()
        assert 'class="latex"' not in card.question()
        assert tex in shown(card.question())


LANGUAGES = (
    "python",
    "json",
    "bash",
    "sql",
    "html",
    "javascript",
    "yaml",
    "rst",
    "org",
    "bnf",
    "spec",
    "text",
    "nonsense",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_shows_as_typed_in_coloured_code(language: str, author: Author, learner: Learner, tmp_path: Path) -> None:
    code = {
        "plain": "[sound:x.mp3]",
        "assigned": 'x = "[latex]x[/latex]"',
        "commented": "# [sound:x.mp3] [$]x[/$]",
        "cloze": "{{c1::x}} {{Front}}",
        "html": "<b>x</b>",
    }
    notes = [basic(name, f"So?\n\n```{language}\n{text}\n```") for name, text in code.items()]
    author.file("a.yaml", "Deck", notes)
    learner.imports(author.build(tmp_path / "small.apkg", FIRST))
    for name, text in code.items():
        assert_as_typed(learner, text, name)


def test_shows_as_typed_in_sources_and_descriptions(author: Author, learner: Learner, tmp_path: Path) -> None:
    text = " ".join(typed for name, (typed, _) in SNIPPETS.items() if name != "escaped-maths")
    source = {"title": f"T {text}", "publisher": f"P {text}", "url": "https://example.org/?a=1&b=[sound:x.mp3]"}
    author.sources({"one": {**source, "opened": "2025-01-01", "evidence": "primary"}})
    note = basic("the-note", sources=[{"ref": "one", "at": f"A {text}"}])
    author.file("a.yaml", "Deck", [note], description=f"D {text}")
    learner.imports(author.build(tmp_path / "small.apkg", FIRST))
    card = learner.card(NS, "the-note")
    assert not card.answer_av_tags()
    assert 'class="latex"' not in card.answer()
    assert all(f"{letter} {text}" in shown(card.answer()) for letter in "TPA")
    deck = learner.col.decks.by_name("Small::Deck")
    assert deck is not None
    assert shown(deck["desc"]) == f"D {text}"
    assert "<script" not in deck["desc"]


def test_alternative_text_shows_as_typed(author: Author, learner: Learner, tmp_path: Path) -> None:
    image = author.image("one.svg")
    names = ("sound", "latex", "latex-dollar", "cloze", "field", "bold", "type")
    notes = [basic(f"alt-{name}", f"See ![so {SNIPPETS[name][0]} is]({image})?") for name in names]
    author.file("a.yaml", "Deck", notes)
    learner.imports(author.build(tmp_path / "small.apkg", FIRST))
    for name in names:
        assert_as_typed(learner, SNIPPETS[name][1], f"alt-{name}")
