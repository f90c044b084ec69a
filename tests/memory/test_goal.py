"""The plan in force: its limits, its desired retention, and the last looks, day by day."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from aipm_cards.kinds import KINDS
from aipm_cards.memory.days import learner_day
from aipm_cards.memory.goal import Goal, InForce, goal_text, parse_goal, told
from aipm_cards.memory.history import Answer
from aipm_cards.memory.last_looks import next_look_day
from aipm_cards.memory.log import CRAM, CardState, EventKind, folded
from aipm_cards.memory.queue import Wish
from aipm_cards.memory.scheduler import State, retrievability
from aipm_cards.memory.session import Session
from aipm_cards.memory.settings import Preset, Settings, SettingsError
from aipm_cards.model import Rating
from tests.memory.conftest import FOUR, Desk, drawn, keys, log, studied

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20), max_size=3).map(tuple)
MANY = Settings(preset=Preset(new_per_day=9999, reviews_per_day=9999, learning_steps=()), bury_siblings=False)


def today(desk: Desk) -> int:
    return learner_day(desk.clock(), FOUR)


def goal(desk: Desk, days: int, chosen: list[str], new: int = 5, last: int = 0, retention: float = 0.8) -> InForce:
    """A goal `days` from today."""
    return InForce.of(Goal(today(desk) + days, new, retention, last), chosen)


def known(desk: Desk, order: list[str], days: int = 1, rating: Rating = Rating.EASY) -> None:
    """Make review cards of these, answered `days` ago."""
    for key in order:
        answer = Answer(key, rating, desk.history.state(key).revision)
        desk.history.answer(answer, desk.clock(), MANY.preset)
    desk.clock.forward(days=days)


def looked(desk: Desk, since: int) -> dict[str, list[int]]:
    """The days from `since` on which each card had its first answer of the day in the review state."""
    of_card = dict(desk.store.connection.execute("SELECT id, key FROM card"))
    voided = {event.voids for event in log(desk.store)}
    found: dict[str, list[int]] = {}
    for event in log(desk.store):
        if event.kind == EventKind.ANSWER and event.before == State.REVIEW and event.day >= since:
            days = found.setdefault(of_card[event.card], [])
            if event.id not in voided and event.day not in days:
                days.append(event.day)
    return found


# --- new cards -----------------------------------------------------------------------------


def test_new_cards_are_chosen_ones_as_many_as_the_plan_says(desk: Desk) -> None:
    order, settings = keys(20), replace(MANY, decks={"A": replace(MANY.preset, new_per_day=1)})
    aim = goal(desk, 3, order[10:], new=4)
    assert studied(desk.session(order, settings, goal=aim)) == order[10:14]
    assert studied(desk.session(order, settings, goal=aim)) == []  # the day has brought them
    desk.clock.forward(days=1)
    assert studied(desk.session(order, settings, goal=aim))[-4:] == order[14:18]
    desk.clock.forward(days=1)
    assert [key for key in studied(desk.session(order, settings, goal=aim)) if key in order[18:]] == order[18:]


def test_other_new_cards_of_the_day_count(desk: Desk) -> None:
    studied(desk.session(keys(3), MANY))
    order = keys(20)
    assert studied(desk.session(order, MANY, goal=goal(desk, 3, order[10:], new=5))) == order[10:12]


@pytest.mark.parametrize(("new", "others"), [(0, 0), (1, 0), (4, 2)])
def test_who_asks_for_new_cards_gets_them_chosen_ones_first(desk: Desk, new: int, others: int) -> None:
    order = keys(6)
    found = studied(desk.session(order, MANY, Wish(new=new), goal=goal(desk, 3, order[4:], new=1)))
    assert found == [*order[4:], *order][:new]
    assert sum(key in order[:4] for key in found) == others


def test_a_session_of_some_decks_brings_what_is_chosen_in_them(desk: Desk) -> None:
    order = keys(8)
    assert studied(desk.session(order[:5], MANY, goal=goal(desk, 3, order[3:]))) == order[3:5]


def test_on_the_day_itself_everything_is_as_before(desk: Desk) -> None:
    order, settings = keys(8), replace(MANY, preset=replace(MANY.preset, new_per_day=3))
    aim = goal(desk, 1, order[6:], new=1, last=1)
    session = desk.session(order, settings, goal=aim)
    assert studied(session) == order[6:7]
    desk.clock.forward(days=1)  # the session goes on into the day
    known_already = drawn(session)
    assert session.preset(order[6]) == settings.preset
    assert known_already.key in order[:3]
    assert [key for key in studied(session) if key != order[6]] == order[:3]


def test_a_session_that_goes_on_keeps_the_plan(desk: Desk) -> None:
    order = keys(8)
    session = desk.session(order, MANY, Wish(limit=1), goal=goal(desk, 3, order[5:], new=2))
    first = studied(session)
    assert [*first, *studied(session.continued(Wish()))] == order[5:7]


# --- desired retention ---------------------------------------------------------------------


def test_the_desired_retention_of_chosen_cards_is_the_plans(desk: Desk) -> None:
    order = keys(2)
    deck = replace(MANY.preset, desired_retention=0.95)
    session = desk.session(order, replace(MANY, decks={"A": deck}), goal=goal(desk, 30, order[1:], retention=0.8))
    assert session.preset("n0:0") == deck
    assert session.preset("n1:0") == replace(deck, desired_retention=0.8)
    blank = CardState(0, 0)
    eager, lax = (session.turn(key, blank, desk.clock()).outcomes[Rating.GOOD].memory.interval for key in order)
    assert lax > eager
    event = session.answer(drawn(session), Rating.GOOD, 0)
    assert (event.interval, session.done[-1].desired) == (lax, 0.8)


# --- last looks ----------------------------------------------------------------------------


def test_every_chosen_card_is_looked_at_once_in_the_last_days(desk: Desk) -> None:
    order = keys(23)
    known(desk, order, days=3)
    aim = goal(desk, 5, order[3:], new=0, last=4)
    assert studied(desk.session(order, MANY, goal=aim)) == []  # the last days begin tomorrow
    assert desk.session(order, MANY, goal=aim).next_due_day() == today(desk) + 1
    found = []
    for _ in range(4):
        desk.clock.forward(days=1)
        found.append(studied(desk.session(order, MANY, goal=aim)))
        assert studied(desk.session(order, MANY, goal=aim)) == []
    assert [len(day) for day in found] == [5, 5, 5, 5]
    assert sorted(key for day in found for key in day) == sorted(order[3:])
    assert next_look_day(desk.history, aim, today(desk), order) is None
    desk.clock.forward(days=1)
    assert not desk.session(order, MANY, goal=aim).queue.early


def test_the_first_day_of_last_looks_is_known_before(desk: Desk) -> None:
    order = keys(3)
    known(desk, order)
    aim = goal(desk, 9, order[:1], new=0, last=2)
    assert next_look_day(desk.history, aim, today(desk), order) == today(desk) + 7
    assert next_look_day(desk.history, aim, today(desk), order[1:]) is None


def test_a_missed_day_is_made_up_for(desk: Desk) -> None:
    order = keys(12)
    known(desk, order, days=2)
    aim = goal(desk, 4, order, new=0, last=4)
    studied(desk.session(order, MANY, goal=aim))
    assert next_look_day(desk.history, aim, today(desk), order) == today(desk) + 1
    desk.clock.forward(days=3)
    assert next_look_day(desk.history, aim, today(desk), order) is None  # what waits comes today, if ever
    assert len(studied(desk.session(order, MANY, goal=aim))) == 9
    assert all(len(days) == 1 for days in looked(desk, aim.goal.last_looks_from).values())


def test_what_is_due_comes_first_and_then_what_will_be_recalled_least(desk: Desk) -> None:
    order = keys(9)
    known(desk, order[:3], rating=Rating.GOOD)
    known(desk, order[3:6], rating=Rating.EASY, days=1)
    known(desk, order[6:], rating=Rating.AGAIN, days=1)  # due now
    aim = goal(desk, 1, order, new=0, last=1)
    queue = desk.session(order, MANY, goal=aim).queue
    due = [key for key, _ in desk.history.reviews_due(0, today(desk))]
    assert queue.reviews[: len(due)] == due
    recall = [retrievability(desk.history.state(key).memory, aim.goal.day, MANY.preset) for key in queue.reviews]
    rest = list(zip(recall[len(due) :], map(order.index, queue.reviews[len(due) :]), strict=True))
    assert rest == sorted(rest)
    assert queue.early == set(order) - set(due)
    assert len({recall for recall, _ in rest}) < len(rest)  # so that the order of the author decides


def test_recall_is_that_of_the_day_of_the_goal(desk: Desk) -> None:
    """By then what was learned yesterday, and less well, will be the more forgotten one."""
    known(desk, ["n0:0"], days=4, rating=Rating.EASY)
    known(desk, ["n1:0"], days=1, rating=Rating.GOOD)
    recall = [retrievability(desk.history.state(key).memory, today(desk), MANY.preset) for key in keys(2)]
    assert recall[0] < recall[1]
    assert desk.session(keys(2), MANY, goal=goal(desk, 5, keys(2), new=0, last=5)).queue.reviews == ["n1:0"]


def test_recall_is_that_of_the_parameters_of_a_deck(desk: Desk) -> None:
    order, decks = keys(8), {f"n{number}": "AB"[number % 2] for number in range(8)}
    flat = replace(MANY.preset, parameters=(*MANY.preset.parameters[:20], 0.8))
    known(desk, order, days=1)
    session = desk.session(order, replace(MANY, decks={"B": flat}), decks=decks, goal=goal(desk, 1, order, last=1))
    assert session.queue.reviews == order[0::2] + order[1::2]
    session = desk.session(order, replace(MANY, decks={"A": flat}), decks=decks, goal=goal(desk, 1, order, last=1))
    assert session.queue.reviews == order[1::2] + order[0::2]


def test_cards_that_are_due_count_towards_the_looks_of_a_day(desk: Desk) -> None:
    order = keys(12)
    known(desk, order[:6], days=60)
    known(desk, order[6:], days=1)
    queue = desk.session(order, MANY, goal=goal(desk, 3, order, new=0, last=3)).queue
    assert (sorted(queue.reviews), queue.early) == (order[:6], frozenset())  # more than the four of the day
    queue = desk.session(order, MANY, goal=goal(desk, 1, order, new=0, last=1)).queue
    assert (sorted(queue.reviews), queue.early) == (sorted(order), frozenset(order[6:]))


@pytest.mark.parametrize("first", [0, 3, 8])
def test_last_looks_stand_beside_the_limit_of_reviews(desk: Desk, first: int) -> None:
    order = keys(20)
    known(desk, order[:10], days=60)
    known(desk, order[10:], days=1)
    chosen = [*order[5:10], *order[10:]]
    settings = replace(MANY, preset=replace(MANY.preset, reviews_per_day=2))
    aim = goal(desk, 1, chosen, new=0, last=1)
    found = studied(desk.session(order, settings, goal=aim), most=first)
    found += studied(desk.session(order[5:], settings, goal=aim))
    found += studied(desk.session(order, settings, goal=aim))
    assert len(found) == len(set(found)) == 17
    assert set(chosen) < set(found)


def test_siblings_have_their_last_looks_on_one_day(desk: Desk) -> None:
    order = keys(3, of_each=2)
    known(desk, order, days=2)
    settings = replace(MANY, bury_siblings=True)
    aim = goal(desk, 1, order, new=0, last=1)
    assert sorted(studied(desk.session(order, settings, goal=aim))) == order
    more = [*order, "n2:2", "n9:0"]
    desk.history.undo(desk.clock())
    assert desk.session(more, settings, goal=replace_new(aim, more)).queue.new == ["n9:0"]  # n2 has its card today


def replace_new(aim: InForce, chosen: list[str]) -> InForce:
    return InForce.of(replace(aim.goal, new_per_day=9), chosen)


def test_a_look_that_is_undone_comes_again_and_is_one_look(desk: Desk) -> None:
    order = keys(6)
    known(desk, order, days=2)
    aim = goal(desk, 3, order, new=0, last=3)
    session = desk.session(order, MANY, goal=aim)
    first = drawn(session).key
    session.answer(drawn(session), Rating.GOOD, 0)
    session.undo()
    assert drawn(session).key == first
    assert len(studied(session)) == 2
    assert studied(desk.session(order, MANY, goal=aim)) == []


def test_a_forgotten_card_had_its_look(desk: Desk) -> None:
    order = keys(4)
    known(desk, order, days=2)
    settings = replace(MANY, preset=replace(MANY.preset, leech_threshold=1))
    aim = goal(desk, 2, order, new=0, last=2)
    assert studied(desk.session(order, settings, goal=aim), Rating.AGAIN) == order[:2]  # leeches, and suspended
    assert studied(desk.session(order, settings, goal=aim)) == []
    desk.clock.forward(days=1)
    assert studied(desk.session(order, settings, goal=aim)) == order[2:]


def test_a_card_that_is_learned_again_had_one_look(desk: Desk) -> None:
    order = keys(6)
    known(desk, order, days=2)
    aim = goal(desk, 3, order, new=0, last=3)
    session = desk.session(order, MANY, goal=aim)
    session.answer(drawn(session), Rating.AGAIN, 0)
    desk.clock.forward(minutes=15)
    assert studied(session) == order[:2]  # the step of the first, and the second look
    assert studied(desk.session(order, MANY, goal=aim)) == []


@pytest.mark.parametrize("before", ["answered", "undone", "crammed", "crammed today"])
@pytest.mark.parametrize("count", [8, 9])
def test_what_happened_to_a_card_before_its_look(desk: Desk, count: int, before: str) -> None:
    """A look is the first answer in the last days; what was undone or crammed is none."""
    order = keys(count)
    known(desk, order, days=2)
    aim = goal(desk, 3, order, new=0, last=3)
    if before == "crammed today":
        desk.clock.forward(days=1)
    extra = Answer("n5:0", Rating.GOOD, desk.history.state("n5:0").revision, cram=before.startswith("crammed"))
    desk.history.answer(extra, desk.clock(), MANY.preset)
    if before == "undone":
        desk.history.undo(desk.clock())
    if before != "crammed today":
        assert len(studied(desk.session(order, MANY, goal=aim))) == (2 if before == "answered" else 3)
        desk.clock.forward(days=1)
    again = extra._replace(revision=desk.history.state("n5:0").revision, cram=False)
    desk.history.answer(again, desk.clock(), MANY.preset)
    left = {"answered": 3, "undone": 2, "crammed": 2, "crammed today": count - 5}[before]
    assert len(studied(desk.session(order, MANY, goal=aim))) == left


def test_a_session_of_some_cards_shows_their_looks_of_the_day(desk: Desk) -> None:
    order = keys(8)
    known(desk, order, days=2)
    aim = goal(desk, 2, order, new=0, last=2)
    session = desk.session(order[2:], MANY, goal=aim)
    assert (session.queue.reviews, session.counts) == (order[2:4], (0, 2, 0))
    assert desk.session(order[4:], MANY, goal=aim).next() is None


def test_buried_and_suspended_cards_have_no_look(desk: Desk) -> None:
    order = keys(6)
    known(desk, order, days=2)
    aim = goal(desk, 2, order, new=0, last=2)
    desk.history.record(EventKind.SUSPEND, order[0], desk.clock())
    session = desk.session(order, MANY, goal=aim)
    assert session.queue.reviews == order[1:4]
    session.mark(EventKind.BURY, order[1])
    assert studied(desk.session(order, MANY, goal=aim)) == order[2:5]
    desk.clock.forward(days=1)
    assert sorted(studied(desk.session(order, MANY, goal=aim))) == [order[1], order[5]]


def test_a_card_that_another_session_looked_at_is_not_shown(desk: Desk) -> None:
    order = keys(4)
    known(desk, order, days=2)
    aim = goal(desk, 2, order, new=0, last=2)
    first, second = (desk.session(order, MANY, goal=aim) for _ in range(2))
    assert studied(first) == order[:2]
    assert studied(second) == []


def test_cramming_is_no_look(desk: Desk) -> None:
    order = keys(4)
    known(desk, order, days=2)
    aim = goal(desk, 2, order, new=0, last=2)
    assert len(studied(desk.session(order, MANY, Wish(cram=True), goal=aim))) == 4
    assert studied(desk.session(order, MANY, goal=aim)) == order[:2]


def test_studying_ahead_counts_as_a_look(desk: Desk) -> None:
    order = keys(8)
    known(desk, order, days=2)
    aim = goal(desk, 2, order, new=0, last=2)
    session = desk.session(order, MANY, Wish(ahead=400), goal=aim)
    assert (sorted(session.queue.reviews), session.queue.early) == (order, frozenset())
    assert len(studied(session, most=3)) == 3
    assert len(studied(desk.session(order, MANY, goal=aim))) == 1
    desk.clock.forward(days=1)
    assert len(studied(desk.session(order, MANY, goal=aim))) == 4


# --- any number of sessions ----------------------------------------------------------------


def waiting(desk: Desk, aim: InForce) -> set[str]:
    """The cards that wait for a last look, from the log alone."""
    of_card = dict(desk.store.connection.execute("SELECT id, key FROM card"))
    states = {
        key: folded(card, 1, [event for event in log(desk.store) if event.card == card])
        for card, key in of_card.items()
    }
    return {
        key
        for key, state in states.items()
        if key in aim.chosen
        and state.state == State.REVIEW
        and not state.suspended
        and state.last_day < aim.goal.last_looks_from
    }


def some(chance: random.Random, session: Session) -> None:
    """A few answers, some of them taken back."""
    for _ in range(chance.randrange(6)):
        if (turn := session.next()) is None:
            return
        session.answer(turn, chance.choice(list(Rating)), 1000)
        if chance.random() < 0.2:
            session.undo()


@pytest.mark.parametrize("seed", range(6))
def test_sessions_of_any_number_make_no_more_looks(desk: Desk, seed: int) -> None:
    """As many as the morning's rule says, or as are due, whatever the order of sessions and scopes."""
    chance = random.Random(seed)
    order = keys(15, of_each=2)
    settings = Settings(preset=replace(MANY.preset, reviews_per_day=3))
    for part in range(3):
        known(desk, order[part * 8 : part * 8 + 8], days=chance.randrange(1, 4), rating=chance.choice(list(Rating)[1:]))
    aim = goal(desk, 6, order[: chance.randrange(10, 30)], new=2, last=4)
    desk.clock.forward(days=chance.randrange(1, 4))
    while today(desk) < aim.goal.day:
        day, morning = today(desk), waiting(desk, aim)
        due = {key for key, _ in desk.history.reviews_due(0, day)} & morning
        quota = max(-(-len(morning) // (aim.goal.day - day)), len(due))
        if day < aim.goal.last_looks_from:
            quota, morning = 0, set()
        attends = chance.random() < 0.8 or day == aim.goal.day - 1
        for _ in range(chance.randrange(4) if attends else 0):
            some(chance, desk.session(chance.sample(order, chance.randrange(5, 30)), settings, goal=aim))
        if attends:
            studied(desk.session(order, settings, goal=aim), Rating.GOOD)
            studied(desk.session(order, settings, goal=aim), Rating.GOOD)
        done = [key for key, days in looked(desk, day).items() if key in morning and day in days]
        assert len(done) == (quota if attends else 0)
        desk.clock.forward(days=1)
    assert waiting(desk, aim) == set()
    assert CRAM not in {event.before for event in log(desk.store)}


# --- the file ------------------------------------------------------------------------------

GOAL = Goal(
    20_807,
    12,
    0.85,
    3,
    22.5,
    ("Concepts::Evaluation", 'odd "\\ name\x7f\u0085é🎴\n'),
    ("a",),
    (1, 2),
    ("cloze",),
    "aipm",
)


@pytest.mark.parametrize("written", [GOAL, Goal(20_807, 0, 0.7, 0, namespace="x"), replace(GOAL, decks=(), tiers=())])
def test_a_plan_is_what_its_file_says(written: Goal) -> None:
    text = goal_text(written)
    assert parse_goal(text, "plan.toml") == written
    assert "`aipm-cards plan --stop`" in text
    assert "on = 2026-12-20\n" in text
    assert text.endswith("\n")


def test_a_plan_in_words() -> None:
    assert told(replace(GOAL, decks=(), tags=(), kinds=(), tiers=(1,), minutes=None)) == (
        "plan until 2026-12-20: 12 new cards a day, desired retention 0.85, last looks from 2026-12-17; chosen: tier 1"
    )
    assert told(Goal(20_807, 1, 0.9, 0)) == (
        "plan until 2026-12-20: 1 new card a day, desired retention 0.9; chosen: all cards"
    )
    said = told(GOAL)
    assert said.isprintable()
    assert "for 22.5 minutes a day; chosen: deck Concepts::Evaluation or odd" in said


PLAIN = 'on = 2026-12-20\nnamespace = "aipm"\nnew_per_day = 12\ndesired_retention = 0.85\n'
DATE = "on must be a date like 2026-12-20"
WRONG = {
    "": ": on is missing; plan.toml: namespace is missing; plan.toml: new_per_day is missing;"
    " plan.toml: desired_retention is missing",
    PLAIN.replace("2026-12-20", '"2026-12-20"'): f":1: {DATE}",
    PLAIN.replace("2026-12-20", "2026-12-20T10:00:00"): f":1: {DATE}",
    PLAIN.replace("2026-12-20", "1970-01-01"): f":1: {DATE}",
    PLAIN.replace("2026-12-20", "9999-12-31"): f":1: {DATE}",
    PLAIN.replace('"aipm"', '""'): ":2: namespace must be a text",
    PLAIN.replace("12\n", "-1\n"): ":3: new_per_day must be a whole number from 0 to 9,999",
    PLAIN.replace("0.85", "0.5"): ":4: desired_retention must be a number from 0.7 to 0.99",
    PLAIN.replace("0.85", "nan"): ":4: desired_retention must be a number from 0.7 to 0.99",
    PLAIN + "last_days = 400": ":5: last_days must be a whole number from 0 to 366",
    PLAIN + "minutes = true": ":5: minutes must be a number from 0 to 1440",
    PLAIN + "decks = 'A'": ':5: decks must be a list of decks like ["Concepts"]',
    PLAIN + "tags = [1]": ':5: tags must be a list of tags like ["evaluation"]',
    PLAIN + "tiers = [1, 4]": ":5: tiers must be a list of tiers like [1, 2]",
    PLAIN + "kinds = ['basik']": f":5: kinds must be a list of kinds, of {', '.join(KINDS)}",
    PLAIN + "tier = [1]": ":5: there is no setting 'tier'; did you mean tiers?",
    PLAIN + "[decks]\nA = 1": ': decks must be a list of decks like ["Concepts"]',
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_plan(text: str) -> None:
    with pytest.raises(SettingsError) as raised:
        parse_goal(text, "plan.toml")
    assert str(raised.value) == f"plan.toml{WRONG[text]}; `aipm-cards plan --stop` takes this plan away"


def test_what_is_no_toml() -> None:
    with pytest.raises(SettingsError, match=r"^plan\.toml:2:\d+: this is not TOML: .*plan --stop"):
        parse_goal("on = 2026-12-20\nx\ny\n", "plan.toml")


@given(
    st.builds(
        Goal,
        st.integers(1, 2_000_000),
        st.integers(0, 9999),
        st.floats(0.7, 0.99),
        st.integers(0, 366),
        st.none() | st.floats(0, 1440),
        decks=TEXTS,
        tags=TEXTS,
        tiers=st.lists(st.integers(1, 3), max_size=3).map(tuple),
        kinds=st.lists(st.sampled_from(list(KINDS)), max_size=3).map(tuple),
        namespace=st.text("ab-", min_size=1, max_size=64),
    )
)
@examples(max_examples=60, deadline=None)
def test_every_plan_is_read_as_it_was_written(written: Goal) -> None:
    assert parse_goal(goal_text(written), "plan.toml") == written
