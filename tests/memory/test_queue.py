"""What a day brings, and in which order: limits, siblings, buried cards, and what goes first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aipm_cards.memory.days import learner_day
from aipm_cards.memory.history import Answer
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.queue import Queue, Wish, note_of, plan, plan_cram
from aipm_cards.memory.settings import Preset, Settings
from aipm_cards.model import Rating
from tests.memory.conftest import FOUR, Desk, cards, drawn, keys, notes, studied

ALONE = Settings(bury_siblings=False)


def limits(new: int = 9999, reviews: int = 9999, **decks: tuple[int, int]) -> Settings:
    """Settings with limits for all, and for some decks."""
    preset = Preset(new_per_day=new, reviews_per_day=reviews)
    of_decks = {
        name.replace("__", "::"): replace(preset, new_per_day=a, reviews_per_day=b) for name, (a, b) in decks.items()
    }
    return Settings(preset=preset, decks=of_decks, bury_siblings=False)


def review_cards(desk: Desk, order: list[str]) -> None:
    """Make review cards of these, all due today."""
    for key in order:
        desk.history.answer(Answer(key, Rating.EASY, 0), desk.clock(), Preset(learning_steps=()))
    desk.clock.forward(days=60)


def planned(
    desk: Desk, order: list[str], settings: Settings = ALONE, wish: Wish | None = None, **more: object
) -> Queue:
    day = learner_day(desk.clock(), FOUR)
    decks: dict[str, str] = more.pop("decks", {})  # type: ignore[assignment]
    return plan(desk.history, cards(order, decks), settings, wish or Wish(), day, **more)  # type: ignore[arg-type]


# --- limits --------------------------------------------------------------------------------


def test_new_cards_come_in_the_authors_order(desk: Desk) -> None:
    order = ["zebra:0", "ant:1", "ant:0", "mouse:0"]
    assert planned(desk, order).new == order
    assert planned(desk, order, limits(new=2)).new == order[:2]
    assert studied(desk.session(order, limits(new=3)), Rating.EASY) == order[:3]


@pytest.mark.parametrize("most", [0, 1, 5])
def test_the_limits_of_a_day(desk: Desk, most: int) -> None:
    review_cards(desk, keys(8))
    order = keys(16)
    queue = planned(desk, order, limits(new=most, reviews=most))
    assert (len(queue.reviews), queue.new) == (most, order[8 : 8 + most])


def test_what_was_done_today_counts_against_the_limits(desk: Desk) -> None:
    review_cards(desk, keys(8))
    order, settings = keys(16), limits(new=3, reviews=4)
    studied(desk.session(order, settings), Rating.EASY, most=4)
    queue = planned(desk, order, settings)
    assert queue.done_new + queue.done_reviews == 4
    assert (queue.done_new + len(queue.new), queue.done_reviews + len(queue.reviews)) == (3, 4)
    studied(desk.session(order, settings), Rating.EASY)
    assert desk.session(order, settings).next() is None
    desk.history.undo(desk.clock())
    assert sum(map(len, (planned(desk, order, settings).new, planned(desk, order, settings).reviews))) == 1
    desk.clock.forward(days=1)
    assert len(planned(desk, order, settings).new) == 3


def test_a_lapse_and_its_steps_count_as_one_review(desk: Desk) -> None:
    review_cards(desk, keys(3))
    settings = limits(reviews=2)
    session = desk.session(keys(3), settings)
    session.answer(drawn(session), Rating.AGAIN, 0)
    desk.clock.forward(minutes=11)
    session.answer(drawn(session), Rating.GOOD, 0)
    assert len(planned(desk, keys(3), settings).reviews) == 1


DECKS = {f"n{number}": ["A", "A::B", "a::b::C", "D"][number % 4] for number in range(40)}


@pytest.mark.parametrize(
    ("settings", "of_each"),
    [
        (limits(new=40), [10, 10, 10, 10]),
        (limits(new=40, A=(5, 9)), [2, 2, 1, 10]),  # a deck's limit counts for the decks below it
        (limits(new=40, A__B=(3, 9)), [10, 2, 1, 10]),
        (limits(new=40, A=(9, 9), A__B=(1, 9)), [8, 1, 0, 10]),
        (limits(new=40, A=(1, 9), A__B=(9, 9)), [1, 0, 0, 10]),
        (limits(new=6, A=(3, 9), D=(9, 9)), [1, 1, 1, 3]),
        (limits(new=40, A__B__C=(0, 9), D=(0, 9)), [10, 10, 0, 0]),
    ],
)
def test_limits_of_decks_hold_for_what_is_below_them(desk: Desk, settings: Settings, of_each: list[int]) -> None:
    new = planned(desk, keys(40), settings, decks=DECKS).new
    decks = [DECKS[note] for note in notes(new)]
    assert [decks.count(deck) for deck in ("A", "A::B", "a::b::C", "D")] == of_each


def test_limits_of_decks_hold_for_reviews_and_for_the_rest_of_the_day(desk: Desk) -> None:
    review_cards(desk, keys(40))
    settings = limits(reviews=30, A=(9, 4), D=(9, 0))
    session = desk.session(keys(40), settings, decks=DECKS)
    first = studied(session, Rating.EASY, most=3)
    queue = planned(desk, keys(40), settings, decks=DECKS)
    assert (len(first), len(queue.reviews)) == (3, 1)
    assert all(DECKS[note] != "D" for note in notes([*first, *queue.reviews]))


# --- wishes --------------------------------------------------------------------------------


def test_a_wish_for_new_cards_stands_above_the_limits(desk: Desk) -> None:
    settings = limits(new=2, A=(1, 9))
    assert planned(desk, keys(40), settings, Wish(new=7), decks=DECKS).new == keys(7)
    assert planned(desk, keys(40), settings, Wish(new=0), decks=DECKS).new == []
    assert planned(desk, keys(40), settings, Wish(new=7), decks=DECKS, introduced=5).new == keys(2)
    assert planned(desk, keys(40), settings, Wish(new=7), decks=DECKS, introduced=9).new == []


def test_a_wish_for_new_cards_is_for_the_session(desk: Desk) -> None:
    studied(desk.session(keys(20), limits(new=2)), Rating.EASY)
    session = desk.session(keys(20), limits(new=2), Wish(new=3))
    assert studied(session, Rating.EASY) == keys(5)[2:]
    session.undo()  # which plans the day anew
    assert studied(session, Rating.EASY) == ["n4:0"]
    desk.clock.forward(days=1)
    assert not [key for key in studied(session, Rating.EASY) if key not in keys(5)]


@pytest.mark.parametrize("limit", [0, 1, 4])
def test_a_limit_of_cards_counts_each_once(desk: Desk, limit: int) -> None:
    review_cards(desk, keys(6))
    session = desk.session(keys(12), ALONE, Wish(limit=limit))
    found = []
    while (turn := session.next()) is not None:
        found.append(turn.key)
        session.answer(turn, Rating.AGAIN if found.count(turn.key) < 3 else Rating.EASY, 0)
        desk.clock.forward(minutes=2)
    assert len(set(found)) == limit
    assert all(found.count(key) == 3 for key in found)


def test_the_counts_under_a_limit(desk: Desk) -> None:
    review_cards(desk, keys(6))
    session = desk.session(keys(12), ALONE, Wish(limit=3))
    for left in (3, 2, 1):
        assert sum(session.counts) == left
        turn = drawn(session)
        assert sum(session.counts) == left  # what is on the screen is not done
        session.answer(turn, Rating.EASY, 0)
    assert session.counts == (0, 0, 0)


def test_studying_ahead(desk: Desk) -> None:
    for key in keys(6):
        desk.history.answer(Answer(key, Rating.EASY, 0), desk.clock(), Preset())
    due = dict(desk.history.reviews_due(0, 10**6))
    day = learner_day(desk.clock(), FOUR)
    desk.clock.forward(days=5)
    for ahead in (0, 1, 3, 30):
        expected = [key for key, on in due.items() if on <= day + 5 + ahead]
        assert planned(desk, keys(6), limits(new=0, reviews=9), Wish(ahead=ahead)).reviews == expected
    session = desk.session(keys(6), limits(new=0), Wish(ahead=30))
    assert sorted(studied(session)) == keys(6)
    assert session.summary().reviews == 6  # each five days after its answer


@pytest.mark.parametrize("bury", [True, False])
def test_studying_ahead_brings_no_card_twice_in_a_day(desk: Desk, bury: bool) -> None:
    """One that was answered today would come at once, with nothing to be learned from it."""
    settings = Settings(bury_siblings=bury)
    review_cards(desk, keys(4))
    assert len(studied(desk.session(keys(4), settings), Rating.HARD)) == 4
    assert studied(desk.session(keys(4), settings, Wish(ahead=365))) == []


def test_studying_ahead_takes_what_is_due_first(desk: Desk) -> None:
    """The reviews that a daily limit left over are later than those of tomorrow are early."""
    review_cards(desk, keys(6))
    settings = limits(new=0, reviews=2)
    studied(desk.session(keys(6), settings), Rating.GOOD)
    assert len(planned(desk, keys(6), settings, Wish(ahead=1)).reviews) >= 4


# --- siblings and buried cards -------------------------------------------------------------


def test_siblings_wait_for_another_day(desk: Desk) -> None:
    order = keys(3, of_each=2)
    session = desk.session(order)
    assert studied(session, Rating.EASY) == ["n0:0", "n1:0", "n2:0"]
    assert studied(desk.session(order)) == []
    desk.clock.forward(days=1)
    assert studied(desk.session(order), Rating.EASY) == ["n0:1", "n1:1", "n2:1"]


def test_siblings_come_when_they_need_not_wait(desk: Desk) -> None:
    assert studied(desk.session(keys(2, of_each=2), ALONE), Rating.EASY) == keys(2, of_each=2)


def test_a_review_goes_before_its_new_sibling(desk: Desk) -> None:
    review_cards(desk, ["n0:1"])
    queue = planned(desk, ["n0:0", "n0:1", "n1:0"], Settings())
    assert (queue.reviews, queue.new) == (["n0:1"], ["n1:0"])


def test_an_undone_answer_buries_no_sibling(desk: Desk) -> None:
    order = keys(1, of_each=2)
    session = desk.session(order)
    session.answer(drawn(session), Rating.EASY, 0)
    assert session.next() is None
    session.undo()
    desk.history.record(EventKind.SUSPEND, "n0:0", desk.clock())
    assert studied(desk.session(order), Rating.EASY) == ["n0:1"]


def test_the_sibling_of_a_card_that_is_being_learned_waits(desk: Desk) -> None:
    """At most one card of a note a day: also while one is in steps from the day before."""
    order = keys(1, of_each=2)
    settings = Settings(preset=Preset(learning_steps=(60, 86_400)))
    studied(desk.session(order, settings), Rating.GOOD)
    for _ in range(2):
        desk.clock.forward(days=1)
        found = studied(desk.session(order, settings), Rating.GOOD)
        assert len({key for key in found if note_of(key) == "n0"}) <= 1, found


def test_a_buried_card_is_back_the_next_day(desk: Desk) -> None:
    review_cards(desk, ["n0:0"])
    order = keys(3)
    for key in ("n0:0", "n1:0"):
        desk.history.record(EventKind.BURY, key, desk.clock())
    assert studied(desk.session(order), Rating.EASY) == ["n2:0"]
    desk.clock.at("2026-11-21T03:59")
    assert studied(desk.session(order)) == []
    desk.clock.forward(minutes=1)
    assert sorted(studied(desk.session(order), Rating.EASY)) == ["n0:0", "n1:0"]


def test_a_buried_card_that_is_being_learned_is_not_left(desk: Desk) -> None:
    """Neither counted nor waited for: not even by a session that began afterwards."""
    session = desk.session(keys(1))
    session.answer(drawn(session), Rating.AGAIN, 0)
    session.mark(EventKind.BURY, "n0:0")
    for now in (session, desk.session(keys(1))):
        assert (now.counts, now.next_learning()) == ((0, 0, 0), None)
    desk.clock.forward(days=1)
    assert drawn(desk.session(keys(1))).key == "n0:0"


def test_a_suspended_card_stays_away(desk: Desk) -> None:
    review_cards(desk, ["n0:0"])
    for key in keys(3):
        desk.history.record(EventKind.SUSPEND, key, desk.clock())
    for _ in range(3):
        assert desk.session(keys(3)).next() is None
        desk.clock.forward(days=40)
    desk.history.record(EventKind.UNSUSPEND, "n0:0", desk.clock())
    assert drawn(desk.session(keys(3))).key == "n0:0"


def test_cards_that_left_the_sources_keep_their_history(desk: Desk) -> None:
    review_cards(desk, keys(3))
    before = desk.history.events("n1:0")
    without = ["n0:0", "n2:0"]
    assert sorted(studied(desk.session(without), Rating.EASY)) == without
    assert desk.session(without).upcoming(400) != [0] * 400
    assert desk.history.events("n1:0") == before
    back = desk.session(keys(3))
    turn = drawn(back)
    assert (turn.key, turn.state.reps) == ("n1:0", 1)
    assert back.answer(turn, Rating.GOOD, 0).before == 2


# --- order ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("reviews", "new"), [(9, 3), (3, 9), (20, 20), (10, 1), (1, 10), (0, 4), (4, 0), (17, 5)])
def test_new_cards_are_spread_evenly_between_reviews(desk: Desk, reviews: int, new: int) -> None:
    old = keys(reviews)
    review_cards(desk, old)
    order = keys(reviews + new)
    found = []
    while turn := desk.session(order, limits()).next():  # a new session each time: nothing may depend on it
        desk.history.answer(Answer(turn.key, Rating.EASY, turn.revision), desk.clock(), Preset())
        found.append(turn.key in old)
    assert len(found) == reviews + new
    for place in range(1, len(found) + 1):
        share = place * reviews / len(found)
        assert abs(sum(found[:place]) - share) <= 1


def test_reviews_come_in_the_order_of_their_days(desk: Desk) -> None:
    for number, key in enumerate(keys(5)):
        desk.history.answer(Answer(key, Rating.EASY, 0), desk.clock(), Preset(learning_steps=()))
        desk.clock.forward(days=(7, 1, 3, 2, 0)[number])
    due = dict(desk.history.reviews_due(0, 10**6))
    desk.clock.forward(days=100)
    found = planned(desk, keys(5)).reviews
    assert [due[key] for key in found] == sorted(due.values())


def test_a_queue_without_a_card(desk: Desk) -> None:
    queue = Queue(["a:0", "b:0"], ["c:0"], {"d:0": 5})
    for key, counts in (("d:0", (0, 2, 1)), ("b:0", (0, 1, 1)), ("c:0", (0, 1, 0)), ("zz:0", (0, 1, 0))):
        queue.drop(key)
        assert (len(queue.learning), len(queue.reviews), len(queue.new)) == counts


def test_cramming_takes_all_that_is_not_suspended_or_buried(desk: Desk) -> None:
    review_cards(desk, ["n3:0", "n1:0"])
    desk.history.answer(Answer("n2:0", Rating.GOOD, 0), desk.clock(), Preset())
    for kind, key in ((EventKind.SUSPEND, "n4:0"), (EventKind.BURY, "n5:0")):
        desk.history.record(kind, key, desk.clock())
    day = learner_day(desk.clock(), FOUR)
    found = plan_cram(desk.history, cards(keys(8)), day).reviews
    assert (found[0], set(found[1:3]), found[3:]) == ("n2:0", {"n1:0", "n3:0"}, ["n0:0", "n6:0", "n7:0"])


@pytest.mark.parametrize(("key", "note"), [("a-b:0", "a-b"), ("a:12", "a"), ("odd:name:3", "odd:name")])
def test_the_note_of_a_card(key: str, note: str) -> None:
    assert note_of(key) == note
