"""Which questions come: rounds, time, what is weak, what was asked lately."""

from __future__ import annotations

from collections import Counter
from statistics import fmean

from hypothesis import given
from hypothesis import strategies as st

from aipm_cards.kinds import ROUNDS
from aipm_cards.memory.interviews.choice import MINUTES, Question, Wished, asked_ago, chosen, pick

POOL = [Question(f"{name.lower()}-{number}:0", name, 0.5) for name in ROUNDS for number in range(6)]

_questions = st.lists(
    st.builds(
        Question,
        st.integers(0, 30).map(lambda number: f"n{number}:0"),
        st.sampled_from(list(ROUNDS)),
        st.floats(0, 1),
        st.integers(0, 6),
    ),
    max_size=20,
    unique_by=lambda question: question.card,
)
_wishes = st.builds(
    Wished,
    st.lists(st.sampled_from(list(ROUNDS)), max_size=3, unique=True).map(tuple),
    st.none() | st.floats(0.1, 300),
    st.none() | st.integers(1, 8),
)


@given(_questions, _wishes, st.integers(0, 2**48))
def test_what_is_chosen_is_what_was_wished(questions: list[Question], wished: Wished, seed: int) -> None:
    asked = chosen(questions, wished, seed)
    assert asked == chosen(list(reversed(questions)), wished, seed)
    known = {question.card: question for question in questions}
    assert len({each.card for each in asked}) == len(asked)
    for each in asked:
        assert known[each.card].round == each.round
        assert not wished.rounds or each.round in wished.rounds
        assert 1 <= each.seconds <= MINUTES[each.round] * 60
    possible = [question for question in questions if not wished.rounds or question.round in wished.rounds]
    assert bool(asked) == bool(possible)
    if wished.questions is not None:
        assert len(asked) <= wished.questions
    if wished.seconds is not None:
        assert sum(each.seconds for each in asked) <= wished.seconds
    if wished.minutes is None and wished.questions is not None:
        assert len(asked) == min(wished.questions, len(possible))
        assert all(each.seconds == MINUTES[each.round] * 60 for each in asked)


def test_a_usual_one_is_mixed_and_fills_most_of_45_minutes() -> None:
    for seed in range(200):
        asked = chosen(POOL, Wished(), seed)
        rounds = [each.round for each in asked]
        assert len(set(rounds)) >= 2
        assert max(Counter(rounds).values()) <= 2
        assert 36 * 60 <= sum(each.seconds for each in asked) <= 45 * 60


def test_one_round_fills_the_time_and_may_take_all_of_it() -> None:
    assert [each.seconds for each in chosen(POOL, Wished(("SD",)), 1)] == [45 * 60]
    assert [each.seconds for each in chosen(POOL, Wished(("SD",), minutes=30), 1)] == [30 * 60]
    assert [each.round for each in chosen(POOL, Wished(("TD",), minutes=20), 1)] == ["TD"] * 4


def test_a_time_too_short_for_all_has_one_question_in_a_hurry() -> None:
    (only,) = chosen(POOL, Wished(minutes=2.5), 1)
    assert (only.round in ("BH", "HM"), only.seconds) == (True, 150)


def test_what_is_needed_more_comes_more_often() -> None:
    pool = [Question("weak:0", "TD", 0.9), Question("known:0", "TD", 0.3), Question("best:0", "TD", 0.0)]
    first = Counter(chosen(pool, Wished(questions=1), seed)[0].card for seed in range(3000))
    weights = [0.9**2, 0.3**2, 0.05**2]
    for card, weight in zip(("weak:0", "known:0", "best:0"), weights, strict=True):
        assert abs(first[card] / 3000 - weight / sum(weights)) < 0.02


def test_what_was_asked_lately_comes_last() -> None:
    pool = [Question("last:0", "TD", 1.0, 1), Question("before:0", "TD", 1.0, 2), Question("old:0", "TD", 0.0, 3)]
    for seed in range(20):
        assert [each.card for each in chosen(pool, Wished(("TD",)), seed)] == ["old:0", "before:0", "last:0"]
    assert asked_ago([["a", "b"], ["b"], ["c"]]) == {"a": 3, "b": 2, "c": 1}


def test_the_follow_ups_have_the_same_chance() -> None:
    picked = Counter(pick(3, seed, "card:0") for seed in range(3000))
    assert set(picked) == {0, 1, 2}
    assert fmean(picked) == 1
    assert min(picked.values()) > 900
