"""The rules that look at one note at a time, each a function that yields what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from aipm_cards.model import Style
from aipm_cards.style import answers, facts, questions, shapes
from aipm_cards.style.wording import Found, Wording

Rule = Callable[[Wording], Iterator[Found]]

# Rules about words know English; the others hold in any language.
_ENGLISH: dict[str, tuple[Rule, ...]] = {
    "basic": (*questions.OF_A_FRONT, *answers.OF_A_BACK),
    "reversed": (shapes.circular,),
    "cloze": (shapes.guessable,),
    "interview": (shapes.unmarkable,),
    "scenario": (shapes.unmarkable, questions.yes_or_no_in_a_scenario, questions.two_questions_in_a_scenario),
}
_ANY: dict[str, tuple[Rule, ...]] = {
    "basic": (questions.long_front, answers.long_answer, answers.long_list),
    "reversed": (shapes.long_pair,),
    "cloze": (shapes.gaps,),
    "contrast": (answers.long_answer, shapes.table),
    "interview": (questions.long_front, shapes.points, shapes.parts_of_an_interview),
    "scenario": (questions.long_front, shapes.points, shapes.parts_of_a_scenario),
}


def each_note(wording: Wording, style: Style, *, english: bool, sourced: bool, today: str = "") -> Iterator[Found]:
    """What one note could do better, from its wording. `sourced` tells whether its collection
    keeps a register of sources; `today` is an ISO date, without which nothing is overdue."""
    note = wording.note
    for rule in _ANY.get(note.kind, ()):
        yield from rule(wording)
    if english:
        for rule in _ENGLISH.get(note.kind, ()):
            yield from rule(wording)
        yield from facts.dated(wording)
        yield from facts.percent_or_points(wording)
        yield from facts.short_forms(wording, style.short_forms)
        yield from facts.empty_words(wording)
    yield from facts.leftovers(wording)
    yield from facts.dates(note, today)
    if sourced and not note.sources:
        yield Found("S401", "", "", "the note names no source", "add `sources: [key]`: the page that says so")
