"""`postpone`, `flatten` and `break`: shown, asked, done, and taken back."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from aipm_cards.cli import moving
from aipm_cards.memory.days import day_of
from aipm_cards.memory.history import Answer
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.settings import Preset
from aipm_cards.model import Rating
from tests.cli.conftest import Run
from tests.cli.learning import DAY, Bot, Clock, Home, at_home, bot_of, opened, with_clock
from tests.memory.conftest import table

NOTES = 40
PRESET = Preset(learning_steps=())


@pytest.fixture(autouse=True)
def home(tmp_path: Path, nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Forty cards in two decks, and a learner who is about to have answered them."""
    (nowhere / "collection.yaml").write_text("format: 1\nname: Many\nnamespace: sample-cards\nlicense: CC0-1.0\n")
    for deck, which in (("One", range(30)), ("Two", range(30, NOTES))):
        notes = "".join(f"  - id: note-{n:02}\n    front: Question {n}?\n    back: Answer {n}.\n" for n in which)
        (nowhere / f"{deck}.yaml").write_text(f"deck: {deck}\nnotes:\n{notes}")
    found = at_home(tmp_path, monkeypatch)
    monkeypatch.setattr(moving, "back_up_daily", lambda _: None)
    return found


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return with_clock(monkeypatch)


@pytest.fixture
def bot(run: Run) -> Bot:
    return bot_of(run)


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Cards answered Hard, Good or Easy over four days, and when they all are due."""
    path, clock = tmp_path_factory.mktemp("studied") / "history.db", Clock()
    history = opened(path)
    history.store.connection.execute("PRAGMA synchronous = OFF")
    for number in range(NOTES):
        rating = (Rating.HARD, Rating.GOOD, Rating.EASY)[number % 3]
        history.answer(Answer(f"note-{number:02}:0", rating, 0), clock(), PRESET)
        if number % 10 == 9:
            clock.later(DAY)
    history.record(EventKind.SUSPEND, "note-00:0", clock())
    history.store.close()
    return path, clock.ms + 14 * DAY * 1000


@pytest.fixture
def due(home: Home, clock: Clock, studied: tuple[Path, int]) -> Clock:
    """That history as the learner's, on that day."""
    home.history.parent.mkdir(parents=True)
    shutil.copy(studied[0], home.history)
    clock.ms = studied[1]
    return clock


def states(home: Home) -> dict[int, object]:
    history = opened(home.history)
    found = {card: state._replace(revision=0) for card, state in table(history.store).items()}
    history.store.close()
    return dict(found)


def today(clock: Clock, days: int = 0) -> str:
    return (clock().local.date() + timedelta(days=days)).isoformat()


def test_postpone_shows_asks_and_does_it(run: Run, home: Home, due: Clock) -> None:
    before = states(home)
    shown = run("postpone", "--keep", 25, "--days", 2)
    assert (shown.code, shown.err) == (0, "")
    lines = shown.out.splitlines()
    assert lines[:6] == [
        "39 reviews are due; 25 stay today",
        "14 cards would move:",
        "reviews on    before   after",
        f"{today(due)}        39      25",
        f"{today(due, 1)}         0       7",
        f"{today(due, 2)}         0       7",
    ]
    assert lines[6].startswith("expected recall at these reviews: ")
    assert lines[7].startswith("costs 0.")
    assert lines[7].endswith(" recalled reviews of 14 that come later")
    assert lines[8].startswith("the worst: note-")
    assert lines[9] == ".: nothing was changed; --yes does it"
    assert states(home) == before
    for typed in ("n\n", "\n"):
        asked = run("postpone", "--keep", 25, "--days", 2, typed=typed)
        assert asked.closing == "Move 14 cards? [y/N]: .: nothing was changed"  # the echo of what is typed is missing
    assert run("postpone", "--keep", 25, "--dry-run", typed="y\n").closing == ".: nothing was changed"
    assert states(home) == before
    done = run("postpone", "--keep", 25, "--days", 2, typed="y\n")
    assert done.closing == "Move 14 cards? [y/N]: .: moved 14 cards; `aipm-cards undo` takes it back"
    assert "25 reviews, 0 new" in run("due").out
    assert run("history", "doctor").closing.endswith("55 events, 40 cards: sound")
    assert run("undo").out == "postponed 14 cards: taken back\n"
    assert states(home) == before
    assert run("history", "doctor").closing.endswith("69 events, 40 cards: sound")


def test_for_programs(bot: Bot, home: Home, due: Clock) -> None:
    before = states(home)
    shown = bot("postpone", "--cards", 3)
    assert (shown["batch"], shown["why"], shown["cards"], states(home) == before) == (None, "postpone", 3, True)
    done = bot("postpone", "--cards", 3, "--yes")
    assert {**shown.said, "batch": 0} == {**done.said, "batch": 0}
    assert done["days"][0] == {"date": today(due), "before": 39, "after": 36}
    assert len(done["moves"]) == 3
    for move in done["moves"]:
        assert move["from"] == today(due) < move["to"]
        assert 0 < move["recall_after"] < move["recall_before"] < 1
    lost = sum(move["recall_before"] - move["recall_after"] for move in done["moves"])
    assert done["lost"] == pytest.approx(lost, abs=1e-5)
    assert done["recall_before"] - done["recall_after"] == pytest.approx(lost / 3, abs=1e-5)
    assert done["worst"] in {move["card"] for move in done["moves"]}
    undone = bot("undo")
    assert undone.said | {"event": ""} == {
        "format": 1,
        "type": "undone",
        "collection": "sample-cards",
        "what": "move",
        "why": "postpone",
        "batch": done["batch"],
        "cards": 3,
        "event": "",
    }
    assert states(home) == before


def test_what_is_postponed_is_what_loses_least(bot: Bot, due: Clock) -> None:
    """All the kept would lose more by tomorrow than the one that waits."""
    (move,) = bot("postpone", "--cards", 1)["moves"]
    lost = move["recall_before"] - move["recall_after"]
    everything = bot("postpone", "--keep", 0, "--days", 1)["moves"]
    assert len(everything) == 39
    assert lost == pytest.approx(min(one["recall_before"] - one["recall_after"] for one in everything), abs=2e-6)


def test_one_review_is_counted_as_one(run: Run, due: Clock) -> None:
    assert run("postpone", "--keep", 1, "--dry-run").out.startswith("39 reviews are due; 1 stays today\n")
    assert run("postpone", "--keep", 1, "--yes").code == 0
    assert run("postpone", "--dry-run").out.startswith("1 review is due; 1 stays today: the day's limit is 200\n")


def test_the_days_limit_is_kept_unless_something_else_is_said(run: Run, bot: Bot, home: Home, due: Clock) -> None:
    assert run("postpone", "--yes").out == (
        "39 reviews are due; 39 stay today: the day's limit is 200\nno review has to move\n.: nothing was changed\n"
    )
    home.configure("reviews_per_day = 12\n")
    assert bot("postpone")["days"][0] == {"date": today(due), "before": 39, "after": 12}
    card = bot("next")
    assert bot("answer", card["card"], 3, "--revision", card["revision"]).code == 0
    assert bot("postpone")["days"][0] == {"date": today(due), "before": 38, "after": 11}
    assert bot("flatten")["days"][0]["after"] == 11
    assert run("postpone").out.startswith("38 reviews are due; 11 stay today: the day's limit is 12, and 1 is done\n")


def test_cards_of_one_note_are_told_of(run: Run, home: Home, nowhere: Path, clock: Clock) -> None:
    """`due` has fewer of them, for it shows one a day."""
    note = "  - {id: pair, kind: reversed, term: A pair, definition: Two of a kind.}\n"
    (nowhere / "Three.yaml").write_text(f"deck: Three\nnotes:\n{note}")
    home.history.parent.mkdir(parents=True)
    history = opened(home.history)
    for key in ("pair:0", "pair:1", "note-01:0"):
        history.answer(Answer(key, Rating.GOOD, 0), clock(), PRESET)
    history.store.close()
    clock.later(14 * DAY)
    said = "they are of 2 notes, and at most one card of a note comes a day\n"
    assert f"3 reviews are due; 0 stay today\n{said}" in run("postpone", "--keep", 0).out
    assert "2 reviews, " in run("due").out
    stats = " ".join(run("stats").out.split())
    assert "The 3 reviews until today are of 2 notes; with bury_siblings at most one card of a note" in stats
    home.configure("bury_siblings = false\n")
    assert said not in run("postpone", "--keep", 0).out
    assert "3 reviews, " in run("due").out


def test_only_the_decks_that_are_named(bot: Bot, due: Clock) -> None:
    moves = bot("postpone", "Two", "--keep", 4)["moves"]
    assert {move["card"] for move in moves} < {f"note-{n}:0" for n in range(30, 40)}
    assert len(moves) == 6


def test_flatten(run: Run, bot: Bot, home: Home, due: Clock) -> None:
    before = states(home)
    said = bot("flatten", "--most", 10, "--yes")
    assert [day["after"] for day in said["days"]] == [10, 10, 10, 9]
    assert said["cards"] == 29
    assert bot("flatten", "--most", 10)["cards"] == 0
    assert run("undo").out == "spread 29 cards over the days: taken back\n"
    assert states(home) == before


def test_break(run: Run, bot: Bot, home: Home, due: Clock) -> None:
    before = states(home)
    first, last = today(due, 2), today(due, 8)
    bot("flatten", "--most", 8, "--yes")  # so that something is due in the break
    there = bot("due", "--days", 10)["days"]
    assert sum(day["reviews"] for day in there if first <= day["date"] <= last) == 23
    shown = run("break", first, last, "--most", 12)
    assert shown.out.startswith("days before and after take at most 12\n")
    assert "of them to an earlier day:" in shown.out
    assert "do this again on the last day before it" in shown.out
    said = bot("break", first, last, "--most", 12, "--yes")
    after = {day["date"]: day["reviews"] for day in bot("due", "--days", 30)["days"]}
    assert not any(count for day, count in after.items() if first <= day <= last)
    assert max(after.values()) <= 12
    assert said["why"] == "break"
    assert run("undo").out == "moved 23 cards out of a break: taken back\n"
    run("undo")
    assert states(home) == before


def test_a_break_without_a_number_is_bearable_after(bot: Bot, due: Clock) -> None:
    bot("break", today(due), today(due, 12), "--yes")
    after = [day["reviews"] for day in bot("due", "--days", 30)["days"]]
    assert sum(after) == 39
    assert max(after) == 5  # 3 a day, and half as many again


def test_a_break_of_later_days_leaves_what_is_overdue(run: Run, bot: Bot, due: Clock) -> None:
    """All are overdue, and today has more than a day takes."""
    first, last = today(due, 30), today(due, 40)
    assert run("break", first, last, "--most", 2).out.splitlines() == [
        f"nothing is due from {first} to {last}",
        "no review has to move",
        ".: nothing was changed",
    ]
    assert bot("break", first, last, "--most", 2)["cards"] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("postpone", "--keep", 3, "--cards", 3), "--keep and --cards say the same in two ways; give one of them"),
        (("break", "2026-12-24", "2026-12-01"), "the break ends before it begins"),
        (("break", "2026-01-01", "2026-01-09"), "the break is over: today is 2026-03-20"),
        (("break", "2026-04-01", "2028-01-09"), "the break ends more than a year from now"),
        (("break", "tomorrow", "2026-04-09"), "'tomorrow' is no day; write year-month-day, like 2026-12-20"),
        (("postpone", "Three"), "there is no deck 'Three'"),
    ],
)
def test_what_cannot_be(run: Run, due: Clock, arguments: tuple[object, ...], said: str) -> None:
    result = run(*arguments)
    assert result.code == 2
    assert said in result.err


def test_a_card_that_is_answered_elsewhere_meanwhile_stops_it(
    run: Run, home: Home, due: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(_: object) -> None:
        history = opened(home.history)
        for number in range(1, NOTES):
            history.record(EventKind.FLAG, f"note-{number:02}:0", due())
        history.store.close()

    monkeypatch.setattr(moving, "back_up_daily", meanwhile)
    result = run("postpone", "--keep", 3, "--yes")
    assert result.code == 5
    assert "has changed since it was shown" in result.err
    assert result.err.endswith("; nothing was moved: do it again\n")
    assert run("undo").out.startswith("taken back: flag on ")


def test_dates_of_learner_days() -> None:
    assert day_of(date(1970, 1, 2)) == 1


def test_before_the_first_answer(run: Run, bot: Bot, clock: Clock) -> None:
    assert bot("postpone", "--keep", 0)["cards"] == 0
    assert bot("flatten", "--most", 1)["cards"] == 0
    assert run("break", today(clock), today(clock, 5)).closing == ".: nothing was changed"
