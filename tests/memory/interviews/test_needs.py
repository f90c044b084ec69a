"""What questions train, how well it is known and said, and what a scoreboard makes of it."""

from __future__ import annotations

from statistics import fmean

import pytest

from aipm_cards.memory.history import Answer
from aipm_cards.memory.interviews import scoreboard
from aipm_cards.memory.interviews.needs import Skill, learnt, needed, said_of, syllabus_of
from aipm_cards.memory.scheduler import retrievability
from aipm_cards.memory.settings import Preset
from aipm_cards.memory.statistics.readiness import recalls
from aipm_cards.memory.statistics.reading import standings
from aipm_cards.model import Note, Rating, Topic
from tests.memory.conftest import Desk
from tests.memory.interviews.held import answered, begun, interviews

OPS, STORY, SHARED = Skill("ops", "ops"), Skill("story", "story"), Skill("Queues of all kinds")


def note(id_: str, kind: str, *tags: str, topics: tuple[str, ...] = (), **more: tuple[str, ...]) -> Note:
    return Note(id_, kind, "Top::Deck", {}, topics, tags, **more)


QUESTIONS = (
    note("queue", "interview", "interview", "ops", topics=("T1", "T2"), related=("drift", "gone")),
    note("story", "interview", "interview", "story", topics=("T3",)),
    note("plan", "interview", "interview"),
)
NOTES = (*QUESTIONS, note("drift", "reversed", "ops"), note("line", "basic", "interview", topics=("T2",)))
SYLLABUS = syllabus_of(NOTES, QUESTIONS, {"T2": Topic("T2", "Queues of all kinds")})


def test_skills() -> None:
    """A tag of all questions says nothing, nor does a topic of one note; a note without any has its deck."""
    assert SYLLABUS.skills["queue"] == (OPS, SHARED)
    assert SYLLABUS.skills["story"] == (STORY,)
    assert SYLLABUS.skills["plan"] == (Skill("Deck"),)
    assert SYLLABUS.teaching[OPS] == ("queue:0", "drift:0", "drift:1")
    assert SYLLABUS.teaching[SHARED] == ("queue:0", "line:0")
    assert SYLLABUS.related["queue"] == ("drift:0", "drift:1")


def test_what_is_needed(desk: Desk) -> None:
    """Held against the definition, worked out by hand."""
    assert needed("queue:0", "queue", SYLLABUS, {}, {}) == 1
    recall = {"drift:0": 0.8, "queue:0": 0.6, "line:0": 1.0}
    mock = answered(desk, begun(desk), 0, 1)
    said = said_of([mock])  # two thirds of the points of `queue`, whose skill was `ops`
    known = fmean([(0.6 + 0.8) / 3, (0.6 + 1.0) / 2, 0.8 / 2, 0.6])
    shares = fmean([2 / 3, 2 / 3, 0])
    assert needed("queue:0", "queue", SYLLABUS, recall, said) == pytest.approx(1 - (known + shares) / 2)
    everything = {card: 1.0 for cards in SYLLABUS.teaching.values() for card in cards}
    assert needed("story:0", "story", SYLLABUS, everything, {}) == pytest.approx(0.5)


def test_recall_is_that_of_the_schedule(desk: Desk) -> None:
    desk.history.answer(Answer("drift:0", Rating.GOOD, 0), desk.clock(), Preset(learning_steps=()))
    desk.history.answer(Answer("line:0", Rating.EASY, 0), desk.clock(), Preset())
    desk.history.undo(desk.clock())
    day = desk.session(["drift:0"]).day + 9
    state = desk.history.state("drift:0")
    found = recalls(standings(desk.history), day, lambda card: Preset())
    assert found == {"drift:0": retrievability(state.memory, day, Preset())}
    assert learnt(("drift:0", "drift:1"), found).unseen == 1


def test_a_scoreboard_counts_right(desk: Desk) -> None:
    mock = answered(desk, begun(desk), 0, 1, took=310_000, late=True)
    mock = answered(desk, mock, skills=("story", "ops"))
    mock = interviews(desk).leave_out(mock, "left out", desk.clock())
    whole = scoreboard.in_all(mock)
    assert (whole.answers, whole.passed, whole.said, whole.points) == (2, 1, 2, 6)
    assert (whole.took, whole.given) == (311_000, 540_000)
    assert [(score.name, score.said, score.answers) for score in scoreboard.by_round(mock)] == [
        ("Technical depth", 2, 1),
        ("Behavioural", 0, 1),
    ]
    assert [(score.name, score.said, score.points) for score in scoreboard.by_skill(mock)] == [
        ("story", 0, 3),
        ("ops", 2, 6),
    ]
    assert [score for _, score in scoreboard.progress([begun(desk), mock])] == [whole]


def test_what_to_review(desk: Desk) -> None:
    mock = answered(desk, answered(desk, begun(desk), 0, 1), 0, 1, 2)
    shared, ops = scoreboard.to_review(mock, SYLLABUS, {"drift:1": 0.9})  # as many missed, but less known
    assert (ops.skill, ops.missed, ops.cards) == (OPS, 1, ("drift:0", "drift:1"))
    assert (ops.learnt.cards, ops.learnt.unseen, ops.learnt.recall) == (2, 1, 0.45)
    assert (shared.skill, shared.cards) == (SHARED, ("line:0",))
    assert scoreboard.related_to(mock, SYLLABUS, {"drift:1": 0.9}) == ("drift:0",)
    known = {"drift:0": 0.9, "drift:1": 0.9, "line:0": 0.9}
    assert scoreboard.to_review(mock, SYLLABUS, known) == []
    assert scoreboard.related_to(mock, SYLLABUS, known) == ()
