"""`plan`: what is asked, what is told, and what is put in force. What advice is worth is measured
elsewhere; here it is only whether the right question is asked and its answer told."""

from __future__ import annotations

import io
import re
import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from aipm_cards.cli import person
from aipm_cards.cli.learner import read_sources
from aipm_cards.cli.pace import usual_pace
from aipm_cards.cli.progress import waiting
from aipm_cards.memory.days import date_of, day_of
from aipm_cards.memory.goal import Goal
from tests.cli.conftest import Run
from tests.cli.learning import (
    DAY,
    NAMESPACE,
    Bot,
    Clock,
    Home,
    at_home,
    bot_of,
    document,
    error,
    printing_to,
    with_clock,
)
from tests.packages.sample import edit

MONDAY = day_of(date_of(0).replace(2026, 3, 2))
SOON, LATER = "2026-03-04", "2026-03-09"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample: Path) -> Home:
    found = at_home(tmp_path, monkeypatch)
    monkeypatch.setenv("AIPM_CARDS_COLLECTION", str(sample))
    return found


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return with_clock(monkeypatch)


@pytest.fixture
def bot(run: Run) -> Bot:
    return bot_of(run)


# --- what is told --------------------------------------------------------------------------


def test_a_plan_is_told(run: Run) -> None:
    result = run("plan", "--on", LATER)
    assert (result.code, result.err) == (0, "")
    out = " ".join(result.out.split())
    assert "By 2026-03-09, in 7 days: " in out
    assert " of 10 cards remembered; 80 % sure: between " in out
    assert "Best for it: " in out
    assert any(line.startswith("2026-03-08  ") for line in result.out.splitlines())
    assert out.endswith(
        "`aipm-cards plan --on 2026-03-09 --apply` puts these limits in force until then. sample: 10 cards"
    )
    assert person.read_goal() is None
    assert run("plan", "--on", LATER).out == result.out


def test_a_plan_for_programs(bot: Bot) -> None:
    said = bot("plan", "Talk", "--on", LATER, "--minutes", 20)
    assert said.code == 0
    assert said.said.keys() == {
        *("format", "type", "collection", "today", "on", "days", "minutes", "cards", "new", "possible", "remembered"),
        *("remembered_today", "usual_minutes", "busiest_minutes", "limits", "left_out", "course", "changes", "nearest"),
        "applied",
        "suspended",
    }  # fmt: skip
    assert [said[name] for name in ("today", "on", "days", "minutes", "cards", "new", "applied")] == [
        "2026-03-02", LATER, 7, 20.0, 2, 2, None,
    ]  # fmt: skip
    assert [day["date"] for day in said["course"]] == [date_of(MONDAY + number).isoformat() for number in range(7)]
    assert 0 <= said["remembered"]["low"] <= said["remembered"]["high"] <= 2
    assert said["limits"].keys() == {"minutes", "new_per_day", "desired_retention", "last_looks_from", "new_first"}
    assert [change["minutes"] for change in said["changes"]] == [15, 25]
    assert set(said["left_out"]) <= {"design-a-queue:0", "to-block-or-not:0"}


def test_a_plan_read_aloud(run: Run) -> None:
    lines = run("plan", "Talk", "--on", SOON, "--linear").out.splitlines()
    assert lines[0].startswith(("By 2026-03-04, in 2 days: ", "This is not possible"))
    assert not any("█" in line or "#" in line for line in lines)
    assert any(line.startswith("2026-03-03: ") and "remembered, between" in line for line in lines)


def test_an_impossible_aim_gets_what_is_possible(run: Run, bot: Bot) -> None:
    said = bot("plan", "--on", SOON, "--minutes", 1, "--apply")
    assert not said["possible"]
    assert said["applied"]["until"] == SOON
    assert said["nearest"]
    out = run("plan", "--on", SOON, "--minutes", 1).out
    assert out.startswith("This is not possible in 1 minute a day: less than 85 % of the 10 cards would be")
    for near in said["nearest"]:
        if near["command"] is None:
            continue
        assert f"    {near['command']}\n" in out
        program, *typed = shlex.split(near["command"])
        assert program == "aipm-cards"
        asked = bot(*typed)
        assert asked.code == 0
        assert asked["cards"] <= near["cards"]
        assert asked["on"] == near["on"]
        assert asked["minutes"] == near["minutes"]


def test_a_command_means_what_was_typed(run: Run, nowhere: Path) -> None:
    scope = ["talk", "--tag", "evaluation", "--kind", "basic"]
    assert error(run("plan", *scope, "--on", SOON)).startswith("no card is in all of what was asked for")
    history = nowhere / "my cards.db"
    out = run("plan", "sample::talk", "--on", SOON, "--tier", 2, "--history", history, "--collection", "sample").out
    asked = "`aipm-cards plan sample::talk --on 2026-03-04 --tier 2 --collection sample --history "
    assert asked + f"{shlex.quote(str(history))} --apply` puts" in out


def test_a_deck_that_looks_like_an_option_can_be_typed(run: Run, sample: Path) -> None:
    edit(sample / "talk.yaml", "deck: Talk", "deck: --stop")
    out = run("plan", "--on", SOON, "--", "--stop").out
    command = out[out.index("`") + 1 : out.index(" --apply`")]
    assert run(*shlex.split(command)[1:]).out == out


def test_a_time_taken_that_is_none(run: Run, bot: Bot, home: Home) -> None:
    card = bot("next")["card"]
    assert bot("answer", card, "3", "--revision", 0).code == 0
    with closing(sqlite3.connect(home.history, isolation_level=None)) as connection:
        connection.execute("UPDATE event SET took = 'long'")
    assert "is damaged" in error(run("plan", "--on", SOON))


def test_what_was_learned_counts(bot: Bot, clock: Clock) -> None:
    for key in ("precision:0", "recall:0", "to-block-or-not:0"):
        assert bot("answer", key, "easy", "--revision", 0).code == 0
    clock.later(DAY)
    said = bot("plan", "--on", LATER, "--tier", 1)
    assert (said["cards"], said["new"]) == (1, 0)
    assert said["remembered_today"] > 0.5


# --- which questions cannot be asked -------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "message"),
    [
        ("2026-03-02", "2026-03-02 is today; the first day to plan for is 2026-03-03"),
        ("2026-03-01", "2026-03-01 is past; the first day to plan for is 2026-03-03"),
        ("1970-01-01", "1970-01-01 is past; the first day to plan for is 2026-03-03"),
        ("2027-03-04", "2027-03-04 is too far away; the last day to plan for is 2027-03-03"),
        ("9999-12-31", "9999-12-31 is too far away; the last day to plan for is 2027-03-03"),
    ],
)
def test_a_day_that_cannot_be_planned_for(run: Run, bot: Bot, day: str, message: str) -> None:
    assert error(run("plan", "--on", day)) == message
    assert bot("plan", "--on", day)["error"] == {"code": "error", "message": message}


@pytest.mark.parametrize("day", ["friday", "2026-02-30", "20260309", "2026-W11-1", "09.03.2026", "", "٢٠٢٦-٠٣-٠٩"])
def test_a_text_that_is_no_day(run: Run, day: str) -> None:
    result = run("plan", "--on", day)
    assert (result.code, result.out) == (2, "")
    assert f"'{day}' is no day; write year-month-day, like 2026-12-20" in result.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--minutes", "10"), "say for which day: --on"),
        (("Talk",), "say for which day: --on"),
        (("--apply",), "say for which day: --on"),
        (("--on", SOON, "--minutes", "0"), "0 is not in the range 1<=x<=600"),
        (("--on", SOON, "--minutes", "601"), "601 is not in the range 1<=x<=600"),
        (("--stop", "--on", SOON), "--stop stands alone"),
        (("--stop", "Talk"), "--stop stands alone"),
    ],
)
def test_a_wrong_use(run: Run, bot: Bot, arguments: tuple[str, ...], words: str) -> None:
    result = run("plan", *arguments)
    assert (result.code, result.out) == (2, "")
    assert words in result.err
    assert bot("plan", *arguments)["error"]["code"] == "usage"


def test_no_cards(run: Run, sample: Path) -> None:
    assert error(run("plan", "Tolk", "--on", SOON)) == "there is no deck 'Tolk'; did you mean 'Talk'?"
    for path in (*sample.glob("*.yaml"), *sample.glob("more/*.yaml")):
        if path.stem not in ("collection", "sources", "curriculum"):
            path.unlink()
    assert error(run("plan", "--on", SOON)) == "Sample has no cards yet"


# --- in force ------------------------------------------------------------------------------


def test_a_plan_is_put_in_force_and_taken_away(run: Run, bot: Bot) -> None:
    told = run("plan", "Talk", "--on", LATER, "--minutes", 20, "--tier", 3, "--apply").out
    goal = person.read_goal()
    assert goal is not None
    assert (goal.day, goal.minutes, goal.decks, goal.tiers) == (MONDAY + 7, 20, ("Talk",), (3,))
    assert goal.namespace == NAMESPACE
    line = next(line for line in told.splitlines() if line.startswith("In force: ")).removeprefix("In force: ")
    assert line.startswith("plan until 2026-03-09: ")
    assert line.endswith("for 20 minutes a day; chosen: deck Talk, tier 3.")
    assert "`aipm-cards review --minutes 20` keeps to the time.\n" in told
    assert "`aipm-cards plan --stop` ends it.\n" in told
    assert "takes the place" not in told
    assert line[:-1] in run("due").out.splitlines()
    assert f"{line[:-1]}; stop it with" in run("config").out
    assert run("plan").out.splitlines() == [
        line[:-1],
        "`aipm-cards plan Talk --on 2026-03-09 --minutes 20 --tier 3` tells how it stands now,"
        " and what would serve it best from here.",
        "`aipm-cards plan --stop` takes it away.",
    ]
    said = bot("plan", "--on", SOON, "--apply")
    assert said["applied"] == bot("due")["plan"] == bot("plan")["plan"]
    assert said["applied"]["chosen"] == 10
    again = run("plan", "Talk", "--on", LATER, "--apply").out
    assert "It takes the place of the plan until 2026-03-04: " in again
    assert run("plan", "--stop").out == f"the plan is taken away; it was {person.plan_path()}\n"
    assert run("plan", "--stop").out == "no plan is in force\n"
    assert run("plan").out.startswith("no plan is in force; `aipm-cards plan --on DATE` makes one")
    assert bot("plan")["plan"] is None
    assert "plan until" not in run("due").out


def test_a_plan_is_taken_away_whatever_is_wrong(run: Run, home: Home, sample: Path) -> None:
    path = person.write_goal(Goal(MONDAY + 3, 5, 0.9, 0, namespace=NAMESPACE))
    edit(path, "new_per_day = 5", "new_per_day = -5")
    assert error(run("plan")).endswith("; `aipm-cards plan --stop` takes this plan away")
    home.configure("new_per_day = many")
    (sample / "collection.yaml").unlink()
    assert document(run("plan", "--stop", "--json")).said == {
        "format": 1, "type": "stopped", "stopped": True, "path": str(path),
    }  # fmt: skip
    assert not home.history.exists()
    assert not document(run("plan", "--stop", "--json"))["stopped"]


def test_a_plan_that_says_nothing_here(run: Run, bot: Bot, clock: Clock) -> None:
    person.write_goal(Goal(MONDAY + 3, 5, 0.9, 0, namespace="other-cards"))
    assert run("plan").out.splitlines()[0].endswith("; it is ignored here: it is for the collection other-cards")
    assert bot("plan")["plan"] is None
    person.write_goal(Goal(MONDAY + 3, 5, 0.9, 0, namespace=NAMESPACE))
    clock.later(3 * DAY)
    assert run("plan").out.splitlines() == [
        "plan until 2026-03-05: 5 new cards a day, desired retention 0.9; chosen: all cards; it is over",
        "`aipm-cards plan --stop` takes it away.",
    ]


# --- the terminal --------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A stream at which a person looks."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("columns", "environment", "widest", "styled", "coloured"),
    [
        ("40", {"TERM": "xterm"}, 60, True, True),
        ("90", {"TERM": "xterm", "NO_COLOR": "1"}, 90, True, False),
        ("500", {"TERM": "dumb"}, 200, False, False),
    ],
)
def test_a_terminal_is_drawn_on_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
    columns: str,
    environment: dict[str, str],
    widest: int,
    styled: bool,
    coloured: bool,
) -> None:
    for name, value in {"COLUMNS": columns, **environment}.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal()
    assert printing_to(monkeypatch, terminal, "plan", "--on", SOON) == 0
    text = terminal.getvalue()
    chart = [line for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines() if re.match("2026-[0-9-]+  ", line)]
    assert len(chart) == 3
    assert widest - 8 <= max(map(len, chart)) <= widest or widest == 200
    assert ("\x1b[2m" in text, "\x1b[36m" in text) == (styled, coloured)
    assert "█" in text


def test_what_takes_a_while_says_so_and_is_wiped_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with waiting("thinking ..."):
        assert terminal.getvalue() == "thinking ..."
    assert terminal.getvalue() == f"thinking ...\r{12 * ' '}\r"
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with waiting("thinking ..."):
        pass
    assert sys.stderr.getvalue() == ""


# --- beside it -----------------------------------------------------------------------------


def test_how_long_cards_take(sample: Path) -> None:
    with read_sources(sample) as sources:
        usual = usual_pace(sources)
        assert usual == {
            "harmonic-mean:0": 0.8, "harmonic-mean:1": 0.8,
            "precision-or-recall:0": 1.5, "precision-or-recall:1": 1.5,
            "precision-of-a-queue:0": 4.0, "design-a-queue:0": 25.0, "to-block-or-not:0": 8.0,
        }  # fmt: skip
    edit(sample / "talk.yaml", "minutes: 20", "minutes: 4")
    with read_sources(sample) as sources:
        assert usual_pace(sources)["design-a-queue:0"] == 10.0


@pytest.mark.parametrize("arguments", [("plan", "--help"), ("plan", "--stop"), ("due",)])
def test_numpy_is_imported_by_a_plan_only(arguments: tuple[str, ...]) -> None:
    code = (
        "import sys\nfrom aipm_cards.cli.main import main\ntry: main()\nexcept SystemExit: pass\n"
        "print({'numpy', 'rich', 'aipm_cards.memory.planning.advice'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
