"""Retention, calibration, load and activity against counts made another way."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from math import log
from pathlib import Path

import pytest

from aipm_cards.errors import HistoryDamaged
from aipm_cards.memory.days import date_of
from aipm_cards.memory.history import Answer, History
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.queue import Wish
from aipm_cards.memory.scheduler import State, retrievability
from aipm_cards.memory.settings import Preset, Settings
from aipm_cards.memory.statistics import reading
from aipm_cards.memory.statistics.activity import activity
from aipm_cards.memory.statistics.calibration import EDGES, calibration
from aipm_cards.memory.statistics.counts import LONGEST, Bin, Counts, Day
from aipm_cards.memory.statistics.kept import Shelf
from aipm_cards.memory.statistics.periods import SPANS, periods
from aipm_cards.memory.statistics.reading import answers, counted, counted_of, standings
from aipm_cards.memory.statistics.retention import retention
from aipm_cards.memory.statistics.shares import Share, wilson
from aipm_cards.memory.statistics.whole import Statistics, statistics
from aipm_cards.model import Rating
from tests.memory import counted_again
from tests.memory.conftest import Clock, Desk, keys, moment, tokens
from tests.memory.recorded import recordings

# --- shares --------------------------------------------------------------------------------------


def test_wilsons_interval_is_that_of_a_statistics_library() -> None:
    from scipy.stats import binomtest  # a second to import

    for of in (1, 2, 7, 16, 30, 100, 1_000, 98_301):
        for hits in {0, 1, of // 2, round(of * 0.9), of - 1, of}:
            theirs = binomtest(hits, of).proportion_ci(0.95, "wilson")
            assert wilson(hits, of) == pytest.approx((theirs.low, theirs.high), abs=1e-12), (hits, of)


def test_too_little_data_says_how_many_more_would_do() -> None:
    for of in range(1, 120):
        for hits in range(0, of + 1, 3):
            share = Share(hits, of)
            low, high = share.interval
            assert share.is_enough == (high - low <= 0.2)
            more = of + share.wanted  # if the share stays as it is
            low, high = wilson(hits / of * more, more)
            assert high - low <= 0.2
            if share.wanted:
                low, high = wilson(hits / of * (more - 1), more - 1)
                assert high - low > 0.2
    assert (Share(0, 0).value, Share(0, 0).interval, Share(0, 0).is_enough) == (None, (0.0, 1.0), False)
    assert 30 <= Share(0, 0).wanted <= 45


# --- histories -----------------------------------------------------------------------------------


def desk_at(path: Path) -> Desk:
    desk = Desk(path, Clock(), tokens())
    desk.store.connection.execute("PRAGMA synchronous = OFF")
    return desk


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """What was answered in the real Anki, answered here: travel, clock changes, several settings."""
    desk = desk_at(tmp_path_factory.mktemp("recorded") / "history.db")
    given = [(answer.ms, f"card-{n}:0", answer, r.preset) for n, r in enumerate(recordings()) for answer in r.answers]
    for _, key, answer, preset in sorted(given, key=lambda one: one[:2]):
        desk.clock.now = answer.moment
        revision = desk.history.state(key).revision
        took = 1000 + answer.ms % 17_000
        desk.history.answer(Answer(key, answer.button, revision, took), answer.moment, preset)
    yield desk
    desk.store.close()


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Weeks of sessions, with days off, slips taken back, cramming, leeches, cards begun afresh."""
    desk = desk_at(tmp_path_factory.mktemp("lived") / "history.db")
    chance = random.Random(4)
    settings = [Settings(Preset(desired_retention=share, leech_threshold=4, new_per_day=8)) for share in (0.9, 0.8)]
    for day in range(60):
        desk.clock.forward(days=1)
        if chance.random() < 0.2:
            continue
        wish = Wish(cram=True) if chance.random() < 0.1 else Wish(limit=12) if chance.random() < 0.2 else None
        session = desk.session(keys(60, 2), settings[day // 30], wish)
        for _ in range(20):
            if (turn := session.next()) is None:
                break
            session.answer(turn, chance.choices(list(Rating), (18, 10, 62, 10))[0], chance.randrange(500, 60_000))
            desk.clock.forward(seconds=chance.randrange(5, 200))
            if chance.random() < 0.05:
                session.undo()
            elif chance.random() < 0.03:
                session.mark(chance.choice([EventKind.BURY, EventKind.SUSPEND, EventKind.AFRESH]), turn.key)
    yield desk
    desk.store.close()


@pytest.fixture(params=["recorded", "lived"])
def past(request: pytest.FixtureRequest) -> Desk:
    desk = request.getfixturevalue(request.param)
    assert isinstance(desk, Desk)
    return desk


def last_day(history: History) -> int:
    return max(row.last_day for row in standings(history))


def of_all(desk: Desk, today: int) -> Statistics:
    order = counted_again.keys(desk.history)
    return statistics(desk.history, order, {"half": {"a": order[::2], "b": order[1::2]}}, today, lambda _: Preset())


# --- against counts made another way -------------------------------------------------------------


def test_there_is_something_to_count(past: Desk) -> None:
    reviews = list(counted_again.reviews(past.history))
    assert len(reviews) > 150
    assert {review.mature for review in reviews} == {True, False} or past.path.parent.name.startswith("lived")
    assert len({review.desired for review in reviews}) > 1
    assert 0 < sum(not review.recalled for review in reviews) < len(reviews) / 2


def test_retention(past: Desk) -> None:
    counts, today = counted(past.history), last_day(past.history)
    reviews = list(counted_again.reviews(past.history))
    for end in (today, today - 3, today - 100):
        for found in retention(periods({d: c for d, c in counts.days.items() if d <= end}, end)):
            span = SPANS[found.period] or 10**6
            those = [one for one in reviews if end - span < one.day <= end]
            for share, part in (
                (found.all, those),
                (found.young, [one for one in those if not one.mature]),
                (found.mature, [one for one in those if one.mature]),
            ):
                assert share == (sum(one.recalled for one in part), len(part))
            mean = sum(one.desired for one in those) / len(those) if those else None
            assert found.desired == (None if mean is None else pytest.approx(mean))


def test_calibration(past: Desk) -> None:
    found = calibration(counted(past.history).bins)
    pairs = [(one.predicted, one.recalled) for one in counted_again.reviews(past.history) if one.predicted is not None]
    assert found.recalled == (sum(recalled for _, recalled in pairs), len(pairs))
    assert found.predicted == pytest.approx(sum(p for p, _ in pairs) / len(pairs))
    assert found.brier == pytest.approx(sum((recalled - p) ** 2 for p, recalled in pairs) / len(pairs))
    losses = [-log(p) if recalled else -log(1 - p) for p, recalled in pairs]
    assert found.log_loss == pytest.approx(sum(losses) / len(pairs))
    share = found.recalled.hits / found.recalled.of
    constant = [-log(share) if recalled else -log(1 - share) for _, recalled in pairs]
    assert found.constant_log_loss == pytest.approx(sum(constant) / len(pairs))
    assert found.constant_brier == pytest.approx(sum((recalled - share) ** 2 for _, recalled in pairs) / len(pairs))
    for one in found.bins:
        inside = [(p, recalled) for p, recalled in pairs if one.low <= p < one.high or p == one.high == 1]
        assert one.observed == (sum(recalled for _, recalled in inside), len(inside))
        if inside:
            assert one.predicted == pytest.approx(sum(p for p, _ in inside) / len(inside))


def test_activity(past: Desk) -> None:
    counts, today = counted(past.history), last_day(past.history)
    events = [e for key in counted_again.keys(past.history) for e in counted_again.standing_answers(past.history, key)]
    of_day = Counter(counted_again.calendar_day(past.history, event) for event in events)
    found = activity(counts.days, periods(counts.days, today), today)
    for spent in found.spent:
        first = today - (SPANS[spent.period] or 10**6)
        those = [event for event in events if event.day > first]
        assert (spent.answers, spent.active) == (len(those), len({event.day for event in those}))
        assert spent.took == sum(min(event.took or 0, LONGEST) for event in those)
        assert spent.new == sum(event.before == State.NEW for event in those)
    assert found.answers == [of_day[day] for day in range(found.first, today + 1)]
    assert found.most == max(found.answers)
    assert {found.level(answers) for answers in range(found.most + 1)} <= {0, 1, 2, 3, 4}
    assert (found.level(0), found.level(1) > 0, found.level(found.most)) == (0, True, 4)
    runs = [0]
    for day in range(min(of_day), today + 1):
        runs.append(runs[-1] + 1 if of_day[day] else 0)
    assert (found.in_a_row, found.longest) == (runs[-1], max(runs))


def test_forecast_is_what_sessions_say_and_what_the_log_says(lived: Desk) -> None:
    today = last_day(lived.history)
    order, found = counted_again.keys(lived.history), of_all(lived, today)
    now = lived.clock.now
    lived.clock.at(f"{date_of(today)}T23:00")
    assert found.load.ahead == lived.session(order).upcoming(30)
    lived.clock.now = now
    states = [lived.history.state(key) for key in order]
    due = Counter(state.due_day - today for state in states if state.state == State.REVIEW and not state.suspended)
    assert found.load.overdue == sum(count for wait, count in due.items() if wait < 0)
    assert found.load.today == due[0]
    assert found.load.later == sum(count for wait, count in due.items() if wait > 30)
    assert sum(due.values()) == found.load.overdue + found.load.today + sum(found.load.ahead) + found.load.later > 20
    events = [e for key in order for e in counted_again.standing_answers(lived.history, key)]
    took = sum(min(e.took or 0, LONGEST) for e in events if e.before in (State.REVIEW, State.RELEARNING))
    assert found.load.seconds == pytest.approx(took / 1000 / found.load.timed)
    assert found.load.timed == len(list(counted_again.reviews(lived.history)))


def test_readiness_is_the_mean_recall_of_the_scheduler(past: Desk) -> None:
    today = last_day(past.history) + 3
    found, order = of_all(past, today), counted_again.keys(past.history)
    recall = {key: retrievability(past.history.state(key).memory, today, Preset()) for key in order}
    assert found.whole.recall == pytest.approx(sum(recall.values()))
    assert found.whole.cards == len(order)
    assert found.whole.seen == sum(past.history.state(key).state != State.NEW for key in order)
    a, b = found.readiness["half"]
    assert (a.name, b.name) == ("a", "b")
    assert a.share_known == pytest.approx(sum(recall[key] for key in order[::2]) / a.cards)
    assert a.recall + b.recall == pytest.approx(found.whole.recall)


def test_hardest_cards(lived: Desk) -> None:
    found = of_all(lived, last_day(lived.history))
    lapses = {key: lived.history.state(key).lapses for key in counted_again.keys(lived.history)}
    assert [hard.lapses for hard in found.hardest.lapses] == sorted(lapses.values(), reverse=True)[:10]
    for hard in (*found.hardest.lapses, *found.hardest.below):
        those = [one for one in counted_again.reviews(lived.history) if one.key == hard.key]
        with_prediction = [one for one in those if one.predicted is not None]
        assert (hard.reviews, hard.recalled) == (len(with_prediction), sum(one.recalled for one in with_prediction))
        assert hard.predicted == pytest.approx(sum(one.predicted or 0 for one in with_prediction))
        assert hard.lapses == lapses[hard.key]
        assert hard.suspended == bool(lived.history.state(hard.key).suspended)
    for hard in found.hardest.below:
        assert hard.reviews >= 3
        assert hard.recalled < hard.predicted
    assert not {hard.key for hard in found.hardest.lapses} & {hard.key for hard in found.hardest.below}


# --- what is left out ----------------------------------------------------------------------------


def answered(desk: Desk, key: str, rating: Rating, *, cram: bool = False, took: int = 4000) -> None:
    revision = desk.history.state(key).revision
    desk.history.answer(Answer(key, rating, revision, took, cram=cram), desk.clock(), Preset(learning_steps=()))
    desk.clock.forward(minutes=1)


def of_today(desk: Desk, today: int | None = None) -> Share:
    counts = counted(desk.history)
    end = last_day(desk.history) if today is None else today
    return retention(periods(counts.days, end))[0].all


def test_the_first_review_of_a_day_counts_and_no_other(desk: Desk) -> None:
    answered(desk, "a:0", Rating.GOOD)
    answered(desk, "a:0", Rating.GOOD)  # a review, but on the day of learning
    assert of_today(desk) == (0, 0)
    desk.clock.forward(days=3)
    answered(desk, "a:0", Rating.AGAIN)
    answered(desk, "a:0", Rating.GOOD)
    assert of_today(desk) == (0, 1)
    desk.clock.forward(days=3)
    answered(desk, "a:0", Rating.HARD, cram=True)
    assert of_today(desk) == (0, 1)  # cramming says nothing, and its day is none of reviews
    answered(desk, "a:0", Rating.HARD)
    assert of_today(desk) == (1, 1)
    desk.history.undo(desk.clock())
    assert of_today(desk, last_day(desk.history) + 3) == (0, 0)
    answered(desk, "a:0", Rating.AGAIN)
    assert of_today(desk) == (0, 1)


def test_a_card_begun_afresh_is_new(desk: Desk) -> None:
    answered(desk, "a:0", Rating.GOOD)
    desk.clock.forward(days=3)
    desk.history.record(EventKind.AFRESH, "a:0", desk.clock())
    answered(desk, "a:0", Rating.AGAIN)
    assert of_today(desk) == (0, 0)


def test_a_clock_set_back_predicts_nothing(desk: Desk) -> None:
    answered(desk, "a:0", Rating.GOOD)
    desk.clock.forward(days=-2)
    answered(desk, "a:0", Rating.GOOD)
    counts = counted(desk.history)
    assert sum(of_bin.reviews for of_bin in counts.bins) == 0
    assert sum(of_day.young for of_day in counts.days.values()) == 1


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("part", [1, 2, 100])
def test_to_and_fro_over_the_start_of_a_day(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: bool, part: int
) -> None:
    monkeypatch.setattr(reading, "PART", part)
    shelf = Shelf(tmp_path, desk.path, "aipm") if kept else None
    for local in ("2026-03-01T12:00", "2026-03-04T12:00", "2026-03-03T12:00", "2026-03-04T13:00"):
        desk.clock.at(local)
        answered(desk, "a:0", Rating.GOOD)
        counts = counted(desk.history, shelf)
    assert sum(of_day.young + of_day.mature for of_day in counts.days.values()) == 2


def test_a_row_of_days_lasts_until_today_is_over() -> None:
    days = {day: Day(answers=day % 7) for day in (90, 91, 92, 93, 94, 97, 98, 99)}
    for today, in_a_row in ((99, 3), (100, 3), (101, 0)):
        found = activity(days, periods(days, today), today)
        assert (found.in_a_row, found.longest, found.most) == (in_a_row, 5, 6)


def test_long_answers_count_as_twenty_minutes(desk: Desk) -> None:
    answered(desk, "a:0", Rating.GOOD, took=9 * 3_600_000)
    answered(desk, "b:0", Rating.GOOD, took=1000)
    (of_day,) = counted(desk.history).days.values()
    assert of_day.took == LONGEST + 1000


def test_another_collection_in_the_same_history(desk: Desk) -> None:
    answered(desk, "a:0", Rating.GOOD)
    other = History(desk.store, "other", "laptop", tokens(), 240)
    for days in (0, 5):
        now = moment("2027-01-01T12:00")
        now = now._replace(ms=now.ms + days * 86_400_000)
        other.answer(Answer("a:0", Rating.GOOD, other.state("a:0").revision), now, Preset(learning_steps=()))
    assert (len(answers(desk.history)), len(answers(other))) == (1, 2)
    assert len(answers(other, after=1)) == 2
    assert len(standings(other)) == 1


@pytest.mark.parametrize("part", [1, 7, 100])
def test_a_log_is_read_part_by_part(past: Desk, monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    whole, steps = counted(past.history), list[tuple[int, int]]()
    half = set(list(whole.cards)[::2])
    of_half = counted_of(past.history, half)
    monkeypatch.setattr(reading, "PART", part)
    assert_same(counted(past.history, progress=lambda *step: steps.append(step)), whole)
    assert_same(counted_of(past.history, half), of_half)
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1] > part


def test_numbers_that_a_log_left_out_are_no_parts(desk: Desk) -> None:
    answered(desk, "a:0", Rating.GOOD)
    desk.clock.forward(days=3)
    answered(desk, "a:0", Rating.GOOD)
    desk.store.connection.execute("UPDATE event SET seq = 9007199254740000 WHERE seq = 2")
    assert of_today(desk) == (1, 1)


@pytest.mark.parametrize("few", [1, 8, 10**6])
def test_some_cards_only(lived: Desk, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(reading, "FEW", few)
    every = standings(lived.history)
    half = {card.card for card in every[::2]}
    part, rest = counted_of(lived.history, half), counted_of(lived.history, {card.card for card in every} - half)
    part.add(rest)
    assert_same(part, counted(lived.history))


# --- what is kept --------------------------------------------------------------------------------


def assert_same(one: Counts, other: Counts) -> None:
    assert one.days == {day: pytest.approx(values) for day, values in other.days.items()}
    assert one.bins == [pytest.approx(values) for values in other.bins]
    assert one.cards == {card: pytest.approx(values) for card, values in other.cards.items()}


def test_counts_are_kept_and_only_what_is_new_is_read(desk: Desk, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "cache", desk.path, "aipm")
    chance = random.Random(2)
    for day in range(14):
        for card in range(8):
            if chance.random() < 0.6:
                answered(desk, f"c{card}:0", chance.choice(list(Rating)), cram=chance.random() < 0.1)
        if day % 5 == 4:
            desk.history.undo(desk.clock())
        elif day % 5 == 2:
            desk.history.record(EventKind.BURY, "c1:0", desk.clock())
        if day % 3:
            assert_same(counted(desk.history, shelf), counted(desk.history))
            kept = shelf.get()
            assert kept is not None
            assert kept.seq == desk.store.connection.execute("SELECT max(seq) FROM event").fetchone()[0]
            assert_same(kept.counts, counted(desk.history))
        if day % 4 == 0:
            desk.clock.forward(days=1)
    assert len(answers(desk.history, after=kept.seq)) == 0


def test_what_was_taken_back_since_is_counted_anew(desk: Desk, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "cache", desk.path, "aipm")
    for key in ("a:0", "b:0"):
        answered(desk, key, Rating.GOOD)
    counted(desk.history, shelf)
    desk.history.undo(desk.clock())
    answered(desk, "c:0", Rating.GOOD)
    (of_day,) = counted(desk.history, shelf).days.values()
    assert of_day.answers == 2


def test_counts_of_another_history_are_not_taken(desk: Desk, tmp_path: Path, clock: Clock) -> None:
    shelf = Shelf(tmp_path / "cache", desk.path, "aipm")
    answered(desk, "a:0", Rating.GOOD)
    counted(desk.history, shelf)
    desk.store.close()
    desk.path.unlink()
    desk.token = tokens()
    desk.token()  # other ids from here on
    desk.open()
    answered(desk, "a:0", Rating.GOOD)
    answered(desk, "b:0", Rating.GOOD)
    assert_same(counted(desk.history, shelf), counted(desk.history))


@pytest.mark.parametrize("what", ["cut", "changed", "empty", "directory", "sizes"])
def test_kept_counts_are_not_trusted(desk: Desk, tmp_path: Path, what: str) -> None:
    shelf = Shelf(tmp_path / "cache", desk.path, "aipm")
    answered(desk, "a:0", Rating.GOOD)
    right = counted(desk.history, shelf)
    data = shelf.path.read_bytes()
    shelf.path.unlink()
    if what == "directory":
        shelf.path.mkdir()
    else:
        wrong = {"cut": data[:-8], "changed": data[:-1] + b"\xff", "empty": b"", "sizes": sealed(data[32:-8])}[what]
        shelf.path.write_bytes(wrong)
    assert shelf.get() is None
    assert_same(counted(desk.history, shelf), right)
    assert (shelf.get() is None) == (what == "directory")


def sealed(content: bytes) -> bytes:
    from hashlib import sha256

    return sha256(content).digest() + content


# --- damage --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE event SET day = 'Monday'",
        "UPDATE event SET stability = 1e300",
        "UPDATE event SET scheduler = 99",
        "UPDATE event SET seq = -1 WHERE seq = 1",
        "UPDATE event SET interval = -1",
        "UPDATE event SET interval = NULL WHERE seq = 2",
        "UPDATE event SET day = day + 0.5 WHERE seq = 2",
        "UPDATE event SET rating = 2.5 WHERE seq = 2",
        "UPDATE event SET interval = 2.5 WHERE seq = 2",
        "UPDATE event SET took = '1,2' WHERE seq = 2",
        "UPDATE event SET took = x'31' WHERE seq = 2",
        "UPDATE event SET rating = 9 WHERE seq = 1",
        "UPDATE event SET before = 7 WHERE seq = 2",
        "UPDATE event SET stability = '7 days' WHERE seq = 1",
        "UPDATE event SET stability = 0.0 WHERE seq = 1",
        "UPDATE word SET text = '[]' WHERE text LIKE '{%'",
        "UPDATE word SET text = replace(text, '0.1542', '1e-9')",
        "UPDATE state SET last_day = 'yesterday'",
        "UPDATE state SET stability = 0.0",
        "UPDATE card SET key = x'00'",
    ],
)
def test_what_makes_no_sense_is_damage(desk: Desk, change: str) -> None:
    answered(desk, "a:0", Rating.GOOD)
    desk.clock.forward(days=3)
    answered(desk, "a:0", Rating.GOOD)
    desk.store.connection.execute("PRAGMA ignore_check_constraints = ON")
    desk.store.connection.execute("PRAGMA foreign_keys = OFF")
    desk.store.connection.execute(change)
    with pytest.raises(HistoryDamaged):
        statistics(desk.history, ["a:0"], {}, 20_000, lambda _: Preset())


def test_nothing_at_all(desk: Desk, tmp_path: Path) -> None:
    found = statistics(
        desk.history, ["a:0"], {"deck": {"A": ["a:0"], "B": []}}, 20_000, lambda _: Preset(),
        shelf=Shelf(tmp_path, desk.path, "aipm"),
    )  # fmt: skip
    assert [one.all for one in found.retention] == [(0, 0)] * 5
    assert found.calibration.log_loss is None
    assert len(found.calibration.bins) == len(EDGES) - 1
    assert found.load.is_empty
    assert (found.activity.most, found.activity.in_a_row, found.activity.longest) == (0, 0, 0)
    assert found.hardest == ([], [])
    assert (found.whole.cards, found.whole.seen, found.whole.share_known) == (1, 0, 0.0)
    assert [one.name for one in found.readiness["deck"]] == ["A"]
    assert counted(desk.history).bins == [Bin()] * 20
