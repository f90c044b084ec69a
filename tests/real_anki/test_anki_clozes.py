"""Clozes that are easily read otherwise than meant: ours, the cards and Anki's own reading agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from anki_learner import FIRST, Author, Learner, cloze, shown

from aipm_cards.content.load import load
from aipm_cards.kinds import ordinals

NS = "small-cards"
IMAGE = "media/one.svg"

# text -> what the gap of the first card hides, as a reader sees it
TRICKY = {
    "plain": ("The {{c1::one}} here.", "one"),
    "hint": ("The {{c1::one::a hint}} here.", "one"),
    "empty-hint": ("The {{c1::one::}} here.", "one"),
    "colons-in-the-hint": ("The {{c1::one::a::b}} here.", "one"),
    "colons-hidden": ("The {{c1::a&#58;&#58;b}} here.", "a::b"),
    "colons-outside": ("In `std::vector` the {{c1::one}} a::b.", "one"),
    "markup-in-the-hint": ("The {{c1::one::<b>h</b> & {x}}} here.", "one"),
    "adjacent": ("{{c1::one}}{{c2::two}}{{c1::one}}", "one"),
    "braces-around": ("{ {{c1::one}} }", "one"),
    "braces-touching": ("{{{c1::one}}}", "one"),
    "braces-hidden": ("The {{c1::{a: 1} }} here.", "{a: 1}"),
    "numbers-with-a-hole": ("{{c1::one}} and {{c3::three}}", "one"),
    "number-of-two-digits": ("{{c12::twelve}} and {{c2::two}}", "two"),
    "largest-number": ("{{c499::last}}", "last"),
    "leading-zero": ("{{c01::one}}", "one"),
    "emphasis-inside": ("The {{c1::*one* and **two**}} here.", "one and two"),
    "emphasis-around": ("The **bold {{c1::one}} word** here.", "one"),
    "whole-line": ("{{c1::one}}", "one"),
    "over-a-line-end": ("The {{c1::one\ntwo}} here.", "one two"),
    "in-code": ("`x = {{c1::1}}` and `y`", "1"),
    "around-code": ("The {{c1::`a[0] < b`}} here.", "a[0] < b"),
    "in-a-code-block": ('```python\nx = {{c1::1}}\ny = {"a": {"b": 2}}\n```', "1"),
    "in-a-list": ("- {{c1::one}}\n- {{c2::two}}", "one"),
    "in-a-table": ("| a | b |\n|---|---|\n| {{c1::one}} | {{c2::two}} |", "one"),
    "in-a-heading": ("# The {{c1::one}}\n\nand more", "one"),
    "in-a-quote": ("> The {{c1::one}}", "one"),
    "in-a-link": ("The [{{c1::one}}](https://example.org/a).", "one"),
    "in-angles": ("The <{{c1::one}}> here.", "one"),
    "in-quotes": ('Say "{{c1::one}}" here.', "one"),
    "after-an-ampersand": ("&{{c1::amp}};", "amp"),
    "after-a-backslash": (r"\{{c1::one}} here", "one"),
    "an-image": (f"See {{{{c1::![one]({IMAGE})}}}} here.", "one"),
    "image-occlusion": ("The {{c1::image-occlusion:rect}} here.", "image-occlusion:rect"),
    "sound": ("The {{c1::[sound:x.mp3]}} here.", "[sound:x.mp3]"),
    "html": ("The {{c1::<b>one</b>}} here.", "<b>one</b>"),
    "maths-hidden": (r"The {{c1::\(\frac{a}{b^{2}}\)}} here.", r"\(\frac{a}{b^{2} }\)"),
    "maths-hidden-with-colons": (r"The {{c1::\(f::A\)}} here.", r"\(f:{}:A\)"),
    "maths-hidden-with-two-braces": (r"The {{c1::\({{a}}\)}} here.", r"\({ {a} }\)"),
    "maths-beside": (r"\(x^{y^{2}}\) is {{c1::one}} of \(\frac{{a}}{b}\).", "one"),
    "escaped-gap": (r"\{\{c2::no}} but {{c1::one}}", "one"),
    "written-as-entities": ("{{c1::one}} &lbrace;&lbrace;c2::no&rbrace;&rbrace;", "one"),
    # Anki ends a gap at the first two braces, whatever they were in the source.
    "closing-braces-escaped": (r"The {{c1::a \}\} b}} here.", "a }} b"),
    "closing-braces-as-entities": ("The {{c1::a &#125;&#125; b}} here.", "a }} b"),
    "closing-brace-at-the-end": ("The {{c1::a &#125;}} here.", "a }"),
    "maths-hidden-with-a-c": (r"The {{c1::half \(\frac{{c}}{2}\) x}} here.", r"half \(\frac{ {c} }{2}\) x"),
    "maths-in-the-hint": (r"The {{c1::one::\(x^{y^{2}}\)}} here.", "one"),
}

SHOW_BRACES = {
    "in-a-code-block",
    "escaped-gap",
    "written-as-entities",
    "closing-braces-escaped",
    "closing-braces-as-entities",
}


def gap_of(html: str, number: int) -> list[str]:
    """What the active gaps of a side hold."""
    pattern = rf'(?s)<span class="cloze"[^>]* data-ordinal="{number}">(.*?)</span>'
    return [shown(found) for found in re.findall(pattern, html)]


def squeezed(tex: str) -> str:
    """Without what may be put between braces and colons of a formula, as it changes nothing."""
    return re.sub(r"(?<=[{}]) (?=[{}])", "", tex).replace(":{}:", "::")


@pytest.mark.parametrize("name", TRICKY)
def test_tricky_cloze(name: str, author: Author, learner: Learner, tmp_path: Path) -> None:
    text, hidden = TRICKY[name]
    author.image("one.svg")
    author.file("a.yaml", "Deck", [cloze("the-note", text)])
    learner.imports(author.build(tmp_path / "small.apkg", FIRST))
    (note,) = author.read().notes
    expected = ordinals(note)
    anki_note = learner.note(NS, "the-note")
    assert learner.ordinals() == {f"{NS}:the-note": expected}
    assert expected == tuple(sorted(number - 1 for number in anki_note.cloze_numbers_in_fields()))
    for card in anki_note.cards():
        assert gap_of(card.question(), card.ord + 1), "the gap is on the question"
        assert shown(card.question()) != shown(card.answer())
    first = anki_note.cards()[0]
    assert {squeezed(gap) for gap in gap_of(first.answer(), first.ord + 1)} == {squeezed(hidden)}
    if name not in SHOW_BRACES:
        assert "}}" not in re.sub(r"\\\(.*?\\\)", "", shown(first.answer())), "no part of a gap is left over"
    learner.assert_sound()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"So \(x^{ {{c1::n}} } + {{c2::y}}\).", r"\(x^{ n } + y\)"),
        (r"So \[ {{c1::a}} = {{c2::b::hint}} \].", r"\[a = b\]"),
        (r"So \(\sqrt{ {{c1::\frac{a}{b} }} }\).", r"\(\sqrt{ \frac{a}{b}  }\)"),
    ],
)
def test_gap_in_maths(text: str, answer: str, author: Author, learner: Learner, tmp_path: Path) -> None:
    author.file("a.yaml", "Deck", [cloze("the-note", text)])
    learner.imports(author.build(tmp_path / "small.apkg", FIRST))
    (note,) = author.read().notes
    assert learner.ordinals() == {f"{NS}:the-note": ordinals(note)}
    for card in learner.cards():
        assert re.search(r"\[(?:\.\.\.|hint)\]", card.question())
        assert answer in card.answer()
    learner.assert_sound()


@pytest.mark.parametrize(
    "text",
    [
        f"See ![{{{{c1::the words}}}}]({IMAGE}) here.",
        "See [this](https://example.org/{{c1::page}}) here.",
        "See\n\n```{{c1::python}}\nx = 1\n```",
    ],
    ids=["alternative-text", "address", "language-of-code"],
)
def test_gap_where_a_card_has_no_place_for_it_is_refused_or_asked(
    text: str, author: Author, learner: Learner, tmp_path: Path
) -> None:
    """Such a note must be an error of the sources, or else a card that is not empty."""
    author.image("one.svg")
    author.file("a.yaml", "Deck", [cloze("the-note", text)])
    if load(author.root)[0].errors:
        return
    learner.imports(author.build(tmp_path / "small.apkg", FIRST))
    assert len(learner.note(NS, "the-note").cloze_numbers_in_fields()) == 1
    learner.assert_sound()


@pytest.mark.parametrize("key", ["context", "why", "extra", "cue"])
@pytest.mark.parametrize("text", ["as {{c5::x}} says", r"as \({{c5::x}}\) says", "as `{{c5::x}}` says"])
def test_gap_typed_beside_the_cloze_text_makes_no_card(
    key: str, text: str, author: Author, learner: Learner, tmp_path: Path
) -> None:
    author.file("a.yaml", "Deck", [cloze("the-note", "The {{c1::one}} here.", **{key: text})])
    if load(author.root)[0].errors:
        return
    learner.imports(author.build(tmp_path / "small.apkg", FIRST))
    assert learner.ordinals() == {f"{NS}:the-note": (0,)}
    learner.assert_sound()
    assert "{{c5::x}}" in squeezed(shown(learner.cards()[0].answer()))


def test_gap_added_by_a_release_gives_its_owner_a_card(author: Author, learner: Learner, tmp_path: Path) -> None:
    author.file("a.yaml", "Deck", [cloze("the-note", "The {{c1::one}} and the two.")])
    learner.imports(author.released(tmp_path / "one.apkg", FIRST))
    author.file("a.yaml", "Deck", [cloze("the-note", "The {{c1::one}} and the {{c2::two}}.")])
    learner.imports(author.released(tmp_path / "two.apkg", FIRST + 10))
    assert learner.ordinals() == {f"{NS}:the-note": (0, 1)}
    learner.assert_sound()
