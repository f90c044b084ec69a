"""How long cards take people, of each kind, beside a card that asks for a sentence.

A plan needs it for cards that the learner never answered; from their answers it learns better.
"""

from __future__ import annotations

from aipm_cards.content.cache.sources import Scope, Sources
from aipm_cards.memory.queue import note_of

SENTENCE = 12.0  # seconds that a card of a sentence takes, about
TIMES = {"cloze": 0.8, "contrast": 1.5, "calculation": 4.0, "scenario": 8.0}  # as long; other kinds once
LONGEST_ANSWER = 10  # minutes: alone, nobody speaks to one card for longer
TOLD = 0.5  # of the time that an interview would give: an outline and the rubric


def usual_pace(sources: Sources) -> dict[str, float]:
    """How many times as long as a card of a sentence each card takes; none for those that take as long."""
    usual = {key: times for kind, times in TIMES.items() for key in sources.cards(Scope(kinds=(kind,)))}
    for key in sources.cards(Scope(kinds=("interview",))):
        note = sources.note(note_of(key))
        minutes = min(note.number("minutes") if note else 0, LONGEST_ANSWER) or LONGEST_ANSWER
        usual[key] = minutes * 60 * TOLD / SENTENCE
    return usual
