"""The plan in force: its file, what the commands make of it, and where they say so."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from aipm_cards.cli import person
from aipm_cards.memory.days import date_of, day_of
from aipm_cards.memory.goal import Goal
from tests.cli.conftest import Run
from tests.cli.learning import DAY, NAMESPACE, Bot, Clock, Home, at_home, bot_of, error, with_clock
from tests.packages.sample import edit

MONDAY = day_of(date_of(0).replace(2026, 3, 2))
GOAL = Goal(MONDAY + 20, 1, 0.8, 3, decks=("Talk",), namespace=NAMESPACE)
SAID = "plan until 2026-03-22: 1 new card a day, desired retention 0.8, last looks from 2026-03-19; chosen: deck Talk"
SIMPLE = "learning_steps = []\nbury_siblings = false\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample: Path) -> Home:
    found = at_home(tmp_path, monkeypatch)
    monkeypatch.setenv("AIPM_CARDS_COLLECTION", str(sample))
    found.configure(SIMPLE)
    return found


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return with_clock(monkeypatch)


@pytest.fixture
def bot(run: Run, clock: Clock) -> Bot:
    return bot_of(run)


# --- the file ------------------------------------------------------------------------------


def test_the_plan_lies_beside_the_settings(home: Home, monkeypatch: pytest.MonkeyPatch, nowhere: Path) -> None:
    assert person.write_goal(GOAL) == home.config.with_name("plan.toml")
    assert person.read_goal() == GOAL
    assert person.write_goal(replace(GOAL, new_per_day=3)) == home.config.with_name("plan.toml")
    assert sorted(path.name for path in home.config.parent.iterdir()) == ["config.toml", "plan.toml"]
    monkeypatch.setenv("AIPM_CARDS_CONFIG", str(nowhere / "new/mine.toml"))
    assert person.read_goal() is None
    assert person.write_goal(GOAL) == nowhere / "new/mine.plan.toml"
    assert person.read_goal() == GOAL
    assert stat.S_ISREG((nowhere / "new/mine.plan.toml").stat().st_mode)
    assert (person.stop_goal(), person.stop_goal(), person.read_goal()) == (True, False, None)


def test_a_plan_that_cannot_be_read(run: Run, bot: Bot, home: Home) -> None:
    path = person.write_goal(GOAL)
    edit(path, "new_per_day = 1", "new_per_day = -1")
    message = error(run("config"))
    assert message.startswith(f"{path}:")
    assert message.endswith(
        ": new_per_day must be a whole number from 0 to 9,999; `aipm-cards plan --stop` takes this plan away"
    )
    for command in ("next", "due"):
        assert bot(command)["error"] == {"code": "settings", "message": message}
    assert not home.history.exists()
    path.write_bytes(b"\xff")
    assert error(run("due")) == f"{path}: is not UTF-8; save it as UTF-8"
    assert person.stop_goal()
    assert run("due").code == 0


# --- what the commands make of it ----------------------------------------------------------


def test_only_chosen_cards_are_new(bot: Bot, clock: Clock) -> None:
    assert bot("due")["today"]["new"] == 10
    person.write_goal(GOAL)
    assert bot("due")["today"]["new"] == 1
    assert bot("next", "Metrics").code == 4
    card = bot("next")
    assert card["deck"] == "Talk"
    assert bot("next", "Talk")["card"] == card["card"]
    assert bot("answer", card["card"], "easy", "--revision", 0).code == 0
    assert (bot("next").code, bot("due")["today"]["new"]) == (4, 0)
    assert bot("undo")["card"] == card["card"]
    assert bot("next")["card"] == card["card"]
    clock.later(20 * DAY)
    assert bot("due")["today"]["new"] == 10


def test_an_answer_takes_the_retention_that_was_shown(bot: Bot) -> None:
    without = {o["name"]: o["interval_days"] for o in bot("next", "Talk")["outcomes"]}
    person.write_goal(GOAL)
    card = bot("next")
    shown = {o["name"]: o["interval_days"] for o in card["outcomes"]}
    assert shown["easy"] > without["easy"]
    assert bot("answer", card["card"], "easy", "--revision", 0)["interval_days"] == shown["easy"]
    other = bot("answer", "precision:0", "easy", "--revision", 0)["interval_days"]  # not a chosen one
    assert other < shown["easy"]


def test_last_looks_come_to_programs(bot: Bot, clock: Clock) -> None:
    clock.later(15 * DAY)
    for key in ("design-a-queue:0", "to-block-or-not:0", "precision:0"):
        bot("answer", key, "easy", "--revision", 0)
    clock.later(DAY)
    person.write_goal(GOAL)
    assert bot("next")["next"]["review"] == "2026-03-19"
    clock.later(2 * DAY)
    looks = []
    for _ in range(2):
        while (card := bot("next")).code == 0:
            looks.append(card["card"])
            assert bot("answer", card["card"], "good", "--revision", card["revision"]).code == 0
        clock.later(DAY)
    assert looks == ["to-block-or-not:0", "design-a-queue:0"]


@pytest.mark.parametrize("plan", [replace(GOAL, day=MONDAY), replace(GOAL, namespace="other-cards")])
def test_a_plan_that_is_past_or_of_another_collection_is_ignored(bot: Bot, plan: Goal) -> None:
    person.write_goal(plan)
    due = bot("due")
    assert (due["today"]["new"], due["plan"]) == (10, None)


# --- where it is said ----------------------------------------------------------------------


def test_due_mentions_the_plan(run: Run, bot: Bot) -> None:
    assert "plan" not in run("due").out
    person.write_goal(GOAL)
    assert run("due").out.splitlines()[-2] == SAID
    assert bot("due")["plan"] == {
        "until": "2026-03-22",
        "new_per_day": 1,
        "desired_retention": 0.8,
        "last_looks_from": "2026-03-19",
        "chosen": 2,
    }


def test_config_lists_the_plan(run: Run, clock: Clock, home: Home) -> None:
    assert "plan until" not in run("config").out
    path = person.write_goal(GOAL)
    assert run("config").out.splitlines()[-4:] == [
        f"{SAID}; stop it with `aipm-cards plan --stop`",
        f"its file: {path}",
        "",
        f"file: {home.config}",
    ]
    person.write_goal(replace(GOAL, namespace="other-cards"))
    said = f"{SAID}; it is ignored here: it is for the collection other-cards\n"
    assert said in run("config").out
    person.write_goal(GOAL)
    clock.later(20 * DAY)
    assert f"{SAID}; it is over\n" in run("config").out


def test_a_plan_is_safe_to_print(run: Run) -> None:
    person.write_goal(replace(GOAL, decks=("a\x1b]0;title\x07b\nfile: /etc",), namespace="a\x9b\u202eb"))
    out = run("config").out
    assert not {"\x1b", "\x9b", "\u202e"} & set(out)
    assert "\nfile: /etc" not in out
