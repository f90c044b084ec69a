"""The commands for programs: a bot drives a session through them and takes it back."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aipm_cards.memory import backups
from aipm_cards.memory.log import CardState, EventKind
from aipm_cards.memory.store import Store
from tests.cli.conftest import Run
from tests.cli.learning import (
    DAY,
    HOUR,
    MINUTE,
    Bot,
    Clock,
    Home,
    Reply,
    at_home,
    bot_of,
    document,
    error,
    ms_of,
    opened,
    printing_to,
    process,
    with_clock,
)
from tests.packages.sample import write

POSIX = pytest.mark.skipif(os.name == "nt", reason="no such thing there")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample: Path) -> Home:
    found = at_home(tmp_path, monkeypatch)
    monkeypatch.setenv("AIPM_CARDS_COLLECTION", str(sample))
    return found


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return with_clock(monkeypatch)


@pytest.fixture
def bot(run: Run, clock: Clock) -> Bot:
    return bot_of(run)


def answer(bot: Bot, card: Reply, rating: object = 3, took: int = 4321) -> Reply:
    return bot("answer", card["card"], rating, "--revision", card["revision"], "--took", took)


def session(bot: Bot, clock: Clock, ratings: Iterator[int], *scope: object) -> list[tuple[Reply, Reply]]:
    """Answer what comes until nothing does, waiting for the learning cards of the day."""
    done = []
    while True:
        card = bot("next", *scope)
        if card.code == 4:
            waiting = card["next"]["learning"]
            if waiting is None or ms_of(waiting) > clock.ms + 12 * HOUR * 1000:
                return done
            clock.turn_to(waiting)
            continue
        assert card.code == 0
        done.append((card, answer(bot, card, next(ratings))))
        assert done[-1][1].code == 0
        clock.later(7)
        assert len(done) < 200, "a day without an end"


def always(*ratings: int) -> Iterator[int]:
    while True:
        yield from ratings


def events(home: Home) -> int:
    if not home.history.exists():
        return 0
    with closing(sqlite3.connect(home.history)) as history:
        return int(history.execute("SELECT count(*) FROM event").fetchone()[0])


def states(home: Home) -> list[CardState]:
    with Store(home.history, read_only=True) as store, store.reading() as connection:
        names = ", ".join(CardState._fields)
        return [CardState(*row) for row in connection.execute(f"SELECT {names} FROM state")]


# --- a whole day ---------------------------------------------------------------------------


def test_a_day_and_back_to_its_beginning(run: Run, bot: Bot, clock: Clock, home: Home) -> None:
    first, due = bot("next"), bot("due")
    assert (first["card"], first["revision"], first["state"]) == ("precision:0", 0, "new")
    assert first["left"] == due["today"] == {"learning": 0, "reviews": 0, "new": 7}
    done = session(bot, clock, always(3, 1, 2, 4, 3))
    assert len({card["card"].partition(":")[0] for card, _ in done}) == 7  # one card of each note
    assert len(done) > 14
    end = bot("next")
    assert (end.code, end["type"], end["left"]) == (4, "nothing", {"learning": 0, "reviews": 0, "new": 0})
    assert bot("due")["today"] == end["left"]
    assert events(home) == len(done)
    taken = []
    while (undone := bot("undo")).code == 0:
        clock.later(1)
        taken.append(undone)
    assert undone["type"] == "nothing"
    assert [(t["card"], t["rating"], t["event"], t["what"]) for t in taken] == [
        (card["card"], answered["rating"], answered["event"], "answer") for card, answered in reversed(done)
    ]
    assert all(state == CardState(state.card, state.collection, state.revision) for state in states(home))
    assert bot("due").said == due.said
    again = bot("next")
    same = ("card", "state", "question", "answer", "left", "kind", "deck", "path", "line", "rubric")
    assert {name: again[name] for name in same} == {name: first[name] for name in same}
    assert [o["interval_days"] for o in again["outcomes"]] == [o["interval_days"] for o in first["outcomes"]]
    assert run("history", "export").out.count("\n") == 1
    assert run("history", "doctor").closing.endswith(f"{2 * len(done)} events, 7 cards: sound")


def test_a_few_steps_in_real_processes(home: Home) -> None:
    card = document(process("next", "--json"))
    answered = document(process("answer", card["card"], "good", "--revision", card["revision"], "--json"))
    assert answered["state"] == "learning"
    stale = document(process("answer", card["card"], "good", "--revision", card["revision"], "--json"))
    assert (stale.code, stale["error"]["revision"]) == (5, answered["revision"])
    assert document(process("undo", "--json")).code == 0
    nothing = process("undo")
    assert (nothing.code, nothing.out, nothing.err) == (4, "there is nothing to undo\n", "")


def test_every_promised_outcome_is_kept(bot: Bot, clock: Clock) -> None:
    """What `next` says a rating leads to is what `answer` does, in every state."""
    seen = set()
    for rating in (1, 2, 3, 4, 3, 1, 4, 1, 3, 2, 3):
        card = bot("next", "--tag", "evaluation", "--kind", "basic", "--ahead", "3650")
        if card.code == 4:
            clock.turn_to(card["next"]["learning"])
            card = bot("next", "--tag", "evaluation", "--kind", "basic", "--ahead", "3650")
        promised = {outcome["rating"]: outcome for outcome in card["outcomes"]}
        assert [promised[r]["name"] for r in (1, 2, 3, 4)] == ["again", "hard", "good", "easy"]
        answered = answer(bot, card, rating)
        for name in ("rating", "state", "interval_days", "due", "due_day"):
            assert answered[name] == promised[rating][name], (card.said, name)
        if answered["state"] == "review":
            assert promised[rating]["seconds"] == answered["interval_days"] * DAY
            gap = date.fromisoformat(answered["due_day"]).toordinal() - date(2026, 3, 2).toordinal()
            assert gap >= answered["interval_days"] > 0
        else:
            assert answered["interval_days"] == 0
            assert clock.ms + promised[rating]["seconds"] * 1000 == ms_of(answered["due"])
        seen.add((card["state"], answered["state"]))
        clock.turn_to(answered["due"])
    assert {before for before, _ in seen} == {"new", "learning", "review", "relearning"}


def test_next_changes_nothing(bot: Bot, home: Home) -> None:
    assert bot("next").said == bot("next").said
    bot("due"), bot("flags")
    assert events(home) == 0


def test_the_faces_of_a_card(bot: Bot) -> None:
    card = bot("next", "--kind", "interview")
    assert (card["kind"], card["deck"], card["tier"], card["tags"]) == ("interview", "Talk", 3, [])
    assert (Path(card["path"]), card["line"]) == (Path("sample/talk.yaml"), 3)
    assert card["rubric"] == {
        "points": [
            {"text": "Names the *user*", "must": True},
            {"text": "Names a metric", "must": False},
            {"text": "Names a cost", "must": False},
            {"text": "Names a risk", "must": False},
        ],
        "pass": 3,
    }
    asked = " ".join(line for section in card["question"] for line in section["lines"])
    assert "Design a review queue." in asked
    assert "Names a metric" not in asked
    assert all(isinstance(s["label"], str) and s["lines"] for s in (*card["question"], *card["answer"]))


def test_nothing_says_what_comes(bot: Bot, clock: Clock) -> None:
    scope = ("--kind", "basic")
    card = bot("next", *scope)
    good = answer(bot, card, 3)
    clock.later(1)
    assert bot("next", *scope)["card"] == card["card"]  # early, as nothing else is due
    easy = answer(bot, bot("next", *scope), 4)
    nothing = bot("next", *scope)
    assert nothing["next"] == {"learning": None, "review": easy["due_day"]}
    assert bot("undo")["revision"] > easy["revision"]
    assert bot("next", *scope)["card"] == card["card"]
    assert good["due_day"] == "2026-03-02"


def test_the_next_day(bot: Bot, clock: Clock) -> None:
    session(bot, clock, always(4))
    assert bot("next").code == 4
    clock.later(DAY)
    assert bot("next")["state"] == "new"  # siblings of yesterday's cards
    clock.later(60 * DAY)
    states = [card["state"] for card, _ in session(bot, clock, always(3))]
    assert states == ["review"] * 7  # whose siblings are buried


# --- what is due ---------------------------------------------------------------------------


def test_the_figures_are_those_of_the_queue(bot: Bot, clock: Clock) -> None:
    """Step by step, `due` says what `next` counts, and that many cards come."""
    ratings = always(4, 3)
    came: Counter[str] = Counter()
    promised = bot("due")["today"]
    while (card := bot("next")).code == 0:
        assert bot("due")["today"] == card["left"]
        came[card["state"]] += 1
        answer(bot, card, next(ratings))
        clock.later(11 * MINUTE)
    assert came["new"] == promised["new"] == 7
    assert came["learning"] > 0


def test_the_days_ahead_are_those_of_the_answers(bot: Bot, clock: Clock) -> None:
    days = Counter(answered["due_day"] for _, answered in session(bot, clock, always(4)))
    due = bot("due", "--days", 365)
    assert due["date"] == "2026-03-02"
    assert [day["date"] for day in due["days"]] == [
        date.fromordinal(date(2026, 3, 3).toordinal() + n).isoformat() for n in range(365)
    ]
    assert {day["date"]: day["reviews"] for day in due["days"] if day["reviews"]} == days
    first = min(days)
    clock.turn_to(f"{first}T09:00:00Z")
    assert bot("due")["today"]["reviews"] == days[first]


def test_a_learning_card_of_another_day_is_not_due_today(bot: Bot, clock: Clock, home: Home) -> None:
    home.configure('learning_steps = ["1m", "2d"]\nnew_per_day = 1\n')
    answered = answer(bot, bot("next"), 3)
    assert (answered["state"], answered["due_day"]) == ("learning", "2026-03-04")
    assert bot("next").code == 4
    assert bot("due")["today"] == {"learning": 0, "reviews": 0, "new": 0}


def test_due_for_a_person(run: Run, bot: Bot, clock: Clock) -> None:
    answered = answer(bot, bot("next"), 4)
    result = run("due", "--days", 7)
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0].split() == ["today", "0", "reviews,", "6", "new,", "0", "learning"]
    assert [line.split()[0] for line in lines[1:8]] == [f"2026-03-0{n}" for n in range(3, 10)]
    (when,) = (line for line in lines if answered["due_day"] in line)
    assert "1 review" in when
    assert "1 reviews" not in when
    assert lines[-1] == "sample: 10 cards"


@pytest.mark.parametrize("days", ["0", "366", "-1", "x", "1.5"])
def test_days_that_will_not_do(run: Run, days: str) -> None:
    assert run("due", "--days", days).code == 2


def test_due_in_a_deck(bot: Bot) -> None:
    assert bot("due", "Talk")["today"]["new"] == 2
    assert bot("due", "metrics")["today"]["new"] == 5
    assert bot("due", "--tier", 3)["today"]["new"] == 1


def test_ahead(bot: Bot, clock: Clock) -> None:
    easy = answer(bot, bot("next", "--kind", "basic"), 4)
    assert bot("next", "--kind", "basic").code == 4
    clock.later(DAY)
    days = date.fromisoformat(easy["due_day"]).toordinal() - date(2026, 3, 3).toordinal()
    assert bot("next", "--kind", "basic", "--ahead", days - 1).code == 4
    early = bot("next", "--kind", "basic", "--ahead", days)
    assert (early["card"], early["state"]) == ("precision:0", "review")


# --- revisions that are no longer current --------------------------------------------------


def test_answered_twice(run: Run, bot: Bot, home: Home) -> None:
    card = bot("next")
    answered = answer(bot, card, 3)
    stale = answer(bot, card, 3)
    assert (stale.code, stale["error"]["code"], stale["error"]["revision"]) == (5, "stale", answered["revision"])
    message = error(run("answer", card["card"], "3", "--revision", card["revision"]), 5)
    assert message == stale["error"]["message"]
    assert message == "precision:0 has changed since it was shown: answered Good at 09:00:00; its revision is 1"
    assert events(home) == 1
    again = bot("answer", card["card"], 3, "--revision", stale["error"]["revision"])
    assert (again.code, events(home)) == (0, 2)


def test_undone_meanwhile(bot: Bot, home: Home) -> None:
    card = bot("next")
    first = answer(bot, card, 3)
    undone = bot("undo")
    for old in (card["revision"], first["revision"]):
        stale = bot("answer", card["card"], 3, "--revision", old)
        assert (stale.code, stale["error"]["revision"]) == (5, undone["revision"])
        assert "undo" in stale["error"]["message"]
    assert events(home) == 2
    assert bot("next")["revision"] == undone["revision"]
    assert bot("answer", card["card"], 3, "--revision", undone["revision"]).code == 0


@pytest.mark.parametrize("revision", [1, 2**31, 2**63 - 1, 2**64])
def test_a_revision_that_never_was(bot: Bot, home: Home, revision: int) -> None:
    stale = bot("answer", "recall:1", 3, "--revision", revision)
    assert (stale.code, stale["error"]["revision"]) == (5, 0)
    assert stale["error"]["message"] == "recall:1 has not been answered yet, so its revision is 0"
    assert events(home) == 0


def test_of_two_at_once_one_counts(run: Run, home: Home) -> None:
    run("next")  # the history is there, and the cache
    command = [sys.executable, "-m", "aipm_cards", "answer", "precision:0", "good", "--revision", "0", "--json"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") for _ in range(2)]
    said = [json.loads(process.communicate(timeout=60)[0]) for process in running]
    assert sorted(process.returncode for process in running) == [0, 5]
    (stale,) = (s for s in said if s["type"] == "error")
    (stored,) = (s for s in said if s["type"] == "answered")
    assert (stale["error"]["revision"], events(home)) == (stored["revision"], 1)


# --- cards and ratings ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("card", "hint"),
    [
        ("precison:0", "did you mean 'precision:0'?"),
        ("precision", "did you mean 'precision:0'?"),
        ("precision:1", "did you mean 'precision:0'?"),
        ("recall:2", "did you mean 'recall:"),
        ("harmonic-mean:00", "did you mean 'harmonic-mean:0'?"),
        ("gone-by-now:0", "`aipm-cards next`"),  # retired
        ("", "`aipm-cards next`"),
        ("zzzzzz:9", "`aipm-cards next`"),
        ("食べる:0", "`aipm-cards next`"),
        ("precision:0\n", "'precision:0'"),
    ],
)
def test_a_card_that_is_not_there(run: Run, bot: Bot, home: Home, card: str, hint: str) -> None:
    refused = bot("answer", card, 3, "--revision", 0)
    assert refused.code == 2
    assert hint in refused["error"]["message"]
    assert hint in error(run("answer", card, 3, "--revision", 0))
    assert events(home) == 0


RATINGS = {"1": 1, "2": 2, "3": 3, "4": 4, "again": 1, "Hard": 2, "GOOD": 3, "eAsY": 4, "AGAIN": 1, "hard": 2}


@pytest.mark.parametrize("said", RATINGS)
def test_ratings_by_number_and_name(run: Run, bot: Bot, said: str) -> None:
    number = RATINGS[said]
    name = ("Again", "Hard", "Good", "Easy")[number - 1]
    assert bot("answer", "precision:0", said, "--revision", 0)["rating"] == number
    assert run("answer", "recall:0", said, "--revision", 0).out.startswith(f"recall:0: {name}, due ")


@pytest.mark.parametrize("said", ["0", "5", "", "agai", "good ", "3.0", "-1", "٣", "nan", "\x1b[31m"])
def test_what_is_no_rating(run: Run, home: Home, said: str) -> None:
    result = run("answer", "--revision", "0", "--", "precision:0", said)
    assert (result.code, result.out) == (2, "")
    assert "again" in result.err
    assert "\x1b" not in result.err
    assert events(home) == 0


@pytest.mark.parametrize("took", [0, 1, 86_400_000])
def test_the_time_taken(run: Run, bot: Bot, took: int) -> None:
    bot("answer", "precision:0", 3, "--revision", 0, "--took", took)
    (row,) = map(json.loads, run("history", "export", "--format", "jsonl").out.splitlines())
    assert row["took"] == took


@pytest.mark.parametrize("took", ["-1", "86400001", "x", "1.5", "", "1e3"])
def test_no_time_that_can_be_taken(run: Run, home: Home, took: str) -> None:
    result = run("answer", "precision:0", "3", "--revision", "0", "--took", took)
    assert (result.code, result.out) == (2, "")
    assert "--took" in result.err
    assert events(home) == 0


@pytest.mark.parametrize("revision", [(), ("--revision", "-1"), ("--revision", "x")])
def test_no_answer_without_a_revision(run: Run, home: Home, revision: tuple[str, ...]) -> None:
    result = run("answer", "precision:0", "3", *revision)
    assert (result.code, result.out) == (2, "")
    assert "--revision" in result.err
    assert events(home) == 0


def test_an_answer_for_a_person(run: Run, clock: Clock) -> None:
    shown = run("next").out
    assert shown.startswith("precision:0, revision 0 (0 learning, 0 reviews, 7 new)\n")
    assert "Question: What is precision?" in shown
    assert "Answer: The share of alarms that are right." in shown
    assert "1: Again, in 1 minute. 2: Hard" in shown
    assert run("answer", "precision:0", "easy", "--revision", "0").out == (
        "precision:0: Easy, due 2026-03-08; its revision is 1\n"
    )
    assert run("undo").out == "taken back: Easy on precision:0; its revision is 2\n"


# --- taking back ---------------------------------------------------------------------------


def test_undo_takes_back_what_is_named(bot: Bot) -> None:
    first = bot("answer", "precision:0", 3, "--revision", 0)
    second = bot("answer", "recall:0", 3, "--revision", 0)
    undone = bot("undo", "--event", first["event"])
    assert (undone["card"], undone["event"]) == ("precision:0", first["event"])
    assert bot("undo")["event"] == second["event"]


def test_undo_refuses_what_has_an_answer_above_it(run: Run, bot: Bot, home: Home) -> None:
    first = bot("answer", "precision:0", 3, "--revision", 0)
    second = bot("answer", "precision:0", 3, "--revision", first["revision"])
    refused = bot("undo", "--event", first["event"])
    assert (refused.code, refused["error"]["code"]) == (5, "stale")
    assert refused["error"]["revision"] == second["revision"]
    assert error(run("undo", "--event", first["event"]), 5) == refused["error"]["message"]
    assert events(home) == 2


def test_an_event_that_is_not_there_is_not_nothing(run: Run, bot: Bot, home: Home) -> None:
    """There is something to undo, but not what was named: a bot must see the difference."""
    bot("answer", "precision:0", 3, "--revision", 0)
    refused = bot("undo", "--event", "00" * 16)
    assert refused.code == 2
    assert "event" in refused["error"]["message"]
    assert events(home) == 1


@pytest.mark.parametrize("event", ["zz", "0", "食"])
def test_what_is_no_event(run: Run, event: str) -> None:
    result = run("undo", "--event", event)
    assert (result.code, result.out) == (2, "")
    assert "--event" in result.err


def test_undo_reaches_over_days_and_settings(bot: Bot, clock: Clock, home: Home) -> None:
    done = session(bot, clock, always(4))
    clock.later(40 * DAY)
    home.configure("desired_retention = 0.8\n")
    assert bot("undo")["event"] == done[-1][1]["event"]


# --- flags ---------------------------------------------------------------------------------


def flag(home: Home, clock: Clock, key: str, remark: str, kind: EventKind = EventKind.FLAG) -> None:
    kept = opened(home.history)
    with kept.store:
        kept.record(kind, key, clock(), remark)


def test_flags_with_their_places(run: Run, bot: Bot, clock: Clock, home: Home) -> None:
    bot("answer", "precision:0", 3, "--revision", 0)
    flag(home, clock, "recall:1", "which term?")
    clock.later(1.5)
    flag(home, clock, "design-a-queue:0", "")
    flag(home, clock, "removed-long-ago:0", "typo 食 🍣")
    listed = bot("flags")["flags"]
    assert [(f["card"], f["remark"], f["leech"], f["line"]) for f in listed] == [
        ("recall:1", "which term?", False, 19),
        ("design-a-queue:0", "", False, 3),
        ("removed-long-ago:0", "typo 食 🍣", False, None),
    ]
    assert [f["time"] for f in listed] == ["2026-03-02T08:00:00.000Z", *["2026-03-02T08:00:01.500Z"] * 2]
    assert Path(listed[0]["path"]) == Path("sample/metrics.yaml")
    assert listed[2]["path"] is None
    assert run("flags").out.splitlines() == [
        f"{Path('sample/metrics.yaml')}:19: which term? (recall:1)",
        f"{Path('sample/talk.yaml')}:3: flagged without a remark (design-a-queue:0)",
        "no longer in the sources: typo 食 🍣 (removed-long-ago:0)",
        "sample: 3 flags",
    ]


def test_clearing_flags(run: Run, bot: Bot, clock: Clock, home: Home) -> None:
    for key, remark in (("recall:0", "one"), ("recall:0", "two"), ("precision:0", "three")):
        flag(home, clock, key, remark)
    assert [f["remark"] for f in bot("flags")["flags"]] == ["one", "two", "three"]
    assert [f["remark"] for f in bot("flags", "--clear", "recall:0")["flags"]] == ["three"]
    assert error(run("flags", "--clear", "recall:0")) == (
        "the card 'recall:0' has no flag; `aipm-cards flags` lists those that have"
    )
    assert bot("flags", "--clear", "nonsense").code == 2
    assert bot("undo")["what"] == "unflag"
    assert [f["remark"] for f in bot("flags")["flags"]] == ["one", "two", "three"]
    flag(home, clock, "recall:0", "four")
    bot("flags", "--clear", "recall:0")
    flag(home, clock, "recall:0", "five")
    assert [f["remark"] for f in bot("flags")["flags"]] == ["three", "five"]
    assert run("flags").closing == "sample: 2 flags"


def test_a_leech_is_flagged(run: Run, bot: Bot, clock: Clock, home: Home) -> None:
    home.configure("leech_threshold = 1\n")
    answer(bot, bot("next", "--kind", "basic"), 4)
    clock.later(20 * DAY)
    leech = answer(bot, bot("next", "--kind", "basic"), 1)
    assert leech["leech"] is True
    assert bot("next", "--kind", "basic").code == 4  # suspended
    (flagged,) = bot("flags")["flags"]
    assert (flagged["card"], flagged["leech"], flagged["remark"]) == ("precision:0", True, "")
    assert "a leech: forgotten often, and suspended then (precision:0)" in run("flags").out
    bot("undo")
    assert bot("flags")["flags"] == []
    assert bot("next", "--kind", "basic")["card"] == "precision:0"


UNSAFE = ["\x1b[31mred", "a\x07b", "\x9b31m", "\u202eabc", "two\nlines\r\n", "\x7f", "\u2066x", "tab\tx", "\ufeff"]


@pytest.mark.parametrize("remark", UNSAFE)
def test_remarks_are_safe_to_print(run: Run, bot: Bot, clock: Clock, home: Home, remark: str) -> None:
    flag(home, clock, "recall:0", remark)
    result = run("flags")
    assert result.out.count("\n") == 2
    assert all(ord(c) >= 32 or c == "\n" for c in result.out)
    assert not set("\x7f\x9b\u202e\u2066\ufeff") & set(result.out)
    (flagged,) = bot("flags")["flags"]  # which looks for them in what was printed
    assert flagged["remark"] == remark  # but nothing is lost


# --- errors --------------------------------------------------------------------------------

COMMANDS: dict[str, tuple[str, ...]] = {
    "next": ("next",),
    "answer": ("answer", "precision:0", "3", "--revision", "0"),
    "undo": ("undo",),
    "due": ("due",),
    "flags": ("flags",),
}


def hold(history: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(history, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    return connection


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("trouble", ["collection", "settings", "damaged", "foreign", "newer", "unwritable"])
def test_errors_for_programs_and_people(
    run: Run, bot: Bot, home: Home, tmp_path: Path, command: str, trouble: str
) -> None:
    words, options, code = COMMANDS[command], (), "error"
    match trouble:
        case "collection":
            options = ("--collection", "nowhere")
            code = "collection"
        case "settings":
            home.configure("new_per_day = -1\n")
            code = "settings"
        case "damaged":
            home.history.parent.mkdir(parents=True)
            home.history.write_bytes(b"no history at all" * 100)
            code = "damaged"
        case "foreign":
            home.history.parent.mkdir(parents=True)
            with closing(sqlite3.connect(home.history)) as other:
                other.execute("CREATE TABLE mine (id)")
            code = "damaged"
        case "newer":
            bot("answer", "recall:0", 3, "--revision", 0)
            with closing(sqlite3.connect(home.history)) as newer:
                newer.execute("PRAGMA user_version = 99")
        case "unwritable":
            (tmp_path / "file").write_text("", encoding="utf-8")
            options = ("--history", str(tmp_path / "file/below/history.db"))
    message = error(run(*words, *options))
    said = bot(*words, *options)
    assert (said.code, said["error"]["code"], said["error"]["message"]) == (2, code, message)
    assert said.said.keys() == {"format", "type", "error"}


def test_a_busy_history(run: Run, bot: Bot, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Store.__init__.__kwdefaults__, "patience", 0.05)
    bot("answer", "recall:0", 3, "--revision", 0)
    with closing(hold(home.history)):
        said = bot(*COMMANDS["answer"])
        assert (said.code, said["error"]["code"]) == (2, "busy")
        assert "try again" in said["error"]["message"]
        assert bot("next").code == 0  # reading goes on
    assert bot(*COMMANDS["answer"]).code == 0


def test_an_error_for_programs_is_on_stderr_too(run: Run) -> None:
    result = run("next", "--json", "--collection", "nowhere")
    assert document(result)["error"]["message"] == "nowhere: there is no such file or directory"
    assert result.err == "aipm-cards: nowhere: there is no such file or directory\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("answer", "precision:0", "5", "--revision", "0"),
        ("answer", "precision:0", "3"),
        ("answer", "precision:0", "3", "--revision", "x"),
        ("answer", "precision:0", "3", "--revision", "0", "--took", "-1"),
        ("answer",),
        ("next", "--tier", "4"),
        ("next", "--kind", "bsic"),
        ("next", "--no-such-option"),
        ("due", "--days", "0"),
        ("undo", "--event", "zz"),
        ("flags", "extra"),
        ("next", "--history", "."),
        ("nosuch",),
        ("--no-such-option",),
        ("answer", "precision:0", "3", "--json", "--revision"),
    ],
)
def test_a_wrong_use_is_json_too(run: Run, arguments: tuple[str, ...]) -> None:
    said = document(run(*arguments, *(() if "--json" in arguments else ("--json",))))
    assert (said.code, said["error"]["code"]) == (2, "usage")
    assert said.said.keys() == {"format", "type", "error"}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("next", "--tier", "4"), "--tier"),
        (("undo", "--event", "zz"), "--event"),
        (("answer", "precision:0", "3"), "--revision"),
        (("answer", "precision:0", "5", "--revision", "0"), "5"),
        (("flags", "extra"), "extra"),
    ],
)
def test_a_wrong_use_is_told_as_to_a_person(run: Run, bot: Bot, arguments: tuple[str, ...], named: str) -> None:
    """A program's author must see which option it is, too."""
    said = run(*arguments).err.splitlines()[-1].removeprefix("Error: ")
    assert named in said
    assert bot(*arguments)["error"]["message"] == said


@POSIX
def test_no_error_that_is_not_json(run: Run, nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current directory is gone: an error of the system, not one of ours."""
    monkeypatch.delenv("AIPM_CARDS_COLLECTION")
    gone = nowhere / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert document(run("next", "--json")).code == 2


def test_a_bug_is_no_json(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("aipm_cards.memory.session.Session.next", wrong)
    result = run("next", "--json")
    assert result.code == 3
    assert "Traceback" in result.err
    assert result.err.splitlines()[-1].startswith("aipm-cards: this is a bug")


@POSIX
def test_bytes_that_are_no_text(home: Home) -> None:
    """JSON is ASCII, whatever stood in an argument."""
    command = [sys.executable.encode(), b"-m", b"aipm_cards", b"answer", b"a\xff", b"3", b"--revision", b"0", b"--json"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 2
    assert json.loads(done.stdout.decode("ascii"))["error"]["code"] == "error"


@pytest.fixture
def cjk(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A collection that no code page of the West can spell."""
    write(nowhere / "cjk", {"collection.yaml": "format: 1\nname: 言葉\nnamespace: cjk-cards\n"},
          food="deck: 日本\nnotes:\n  - id: sushi\n    front: 食べる 🍣?\n    back: to eat\n")  # fmt: skip
    monkeypatch.setenv("AIPM_CARDS_COLLECTION", "cjk")


@pytest.mark.parametrize(
    ("encoding", "question"),
    [
        ("cp1252", b"Question: ??? ??"),
        ("ascii", "Question: 食べる 🍣?".encode()),  # which is only what a system says that was told nothing
    ],
)
def test_a_pipe_that_is_not_utf8(monkeypatch: pytest.MonkeyPatch, cjk: None, encoding: str, question: bytes) -> None:
    """As on Windows, where a pipe has the encoding of the system."""
    with io.TextIOWrapper(io.BytesIO(), encoding=encoding) as pipe:
        assert printing_to(monkeypatch, pipe, "next", "--json") == 0
        pipe.buffer.seek(0)
        assert json.loads(pipe.buffer.read().decode("ascii"))["question"][0]["lines"] == ["食べる 🍣?"]
    with io.TextIOWrapper(io.BytesIO(), encoding=encoding) as pipe:
        assert printing_to(monkeypatch, pipe, "next") == 0
        pipe.buffer.seek(0)
        assert question in pipe.buffer.read().splitlines()


def test_a_system_that_is_not_utf8(cjk: None) -> None:
    result = process("next", "--json", PYTHONUTF8="0", PYTHONIOENCODING="cp1252")
    assert (result.code, result.err) == (0, "")
    assert json.loads(result.out)["question"][0]["lines"] == ["食べる 🍣?"]


# --- JSON ----------------------------------------------------------------------------------

FIELDS: dict[str, dict[str, Any]] = {
    "card": {
        "card": str, "revision": int, "kind": str, "deck": str, "tags": list, "tier": int, "state": str, "path": str,
        "line": int, "question": list, "answer": list, "rubric": (dict, type(None)), "outcomes": list, "left": dict,
    },
    "answered": {
        "card": str, "rating": int, "revision": int, "event": str, "state": str, "interval_days": int, "due": str,
        "due_day": str, "leech": bool,
    },
    "undone": {"card": str, "what": str, "rating": (int, type(None)), "event": str, "revision": int},
    "due": {"date": str, "today": dict, "days": list, "plan": (dict, type(None))},
    "flags": {"flags": list, "suspended": list},
}  # fmt: skip


def test_the_fields_and_their_types(bot: Bot) -> None:
    said = [bot("next"), bot("answer", "precision:0", 3, "--revision", 0), bot("undo"), bot("due"), bot("flags")]
    for reply in said:
        fields = {"format": int, "type": str, "collection": str, **FIELDS[reply["type"]]}
        assert reply.said.keys() == fields.keys()
        assert all(isinstance(reply[name], types) for name, types in fields.items()), reply.said
        assert reply["collection"] == "sample-cards"
    assert [reply["type"] for reply in said] == list(FIELDS)


def test_two_collections_in_one_history(bot: Bot, nowhere: Path) -> None:
    copy = write(nowhere / "copy")
    text = (copy / "collection.yaml").read_text(encoding="utf-8")
    (copy / "collection.yaml").write_text(text.replace("sample-cards", "copy-cards"), encoding="utf-8")
    mine = bot("answer", "precision:0", 3, "--revision", 0)
    other = bot("answer", "precision:0", 1, "--revision", 0, "--collection", "copy")
    assert (other.code, other["collection"]) == (0, "copy-cards")
    assert bot("undo")["event"] == mine["event"]
    assert bot("undo").code == 4
    assert bot("undo", "--collection", "copy")["event"] == other["event"]


def test_a_card_that_is_suspended_can_come_again(bot: Bot, home: Home) -> None:
    """A leech is suspended; once its author has seen to it, it comes again."""
    home.configure("leech_threshold = 1\nrelearning_steps = []\n")
    assert bot("answer", "precision:0", "easy", "--revision", 0).code == 0
    revision = bot("answer", "precision:0", "again", "--revision", 1)["revision"]
    assert bot("flags")["suspended"] == ["precision:0"]
    assert bot("flags", "--clear", "precision:0")["suspended"] == ["precision:0"]
    assert bot("flags", "--unsuspend", "precision:0")["suspended"] == []
    assert bot("flags", "--unsuspend", "precision:0")["error"]["message"] == "the card 'precision:0' is not suspended"
    assert bot("answer", "precision:0", "good", "--revision", revision + 2).code == 0


def test_answers_make_a_backup_once_a_day(bot: Bot, home: Home, clock: Clock) -> None:
    made = []
    for card in ("precision:0", "recall:0", "design-a-queue:0"):
        assert bot("answer", card, "easy", "--revision", 0).code == 0
        made.append(len(backups.backups(home.history)))
        clock.later(DAY * 0.6)
    assert made == [1, 1, 2]
