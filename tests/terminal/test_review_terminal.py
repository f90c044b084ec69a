"""The terminal itself: what is left behind, signals, job control, looks, and other sessions."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal.sitting import CALM, COLOUR, Home, Sitting, fresh_modes

FRONT, BACK = "What is precision?", "The share of alarms that are right."
OPEN, CLOSE = b"\x1b[?1049h\x1b[?25l", b"\x1b[?25h\x1b[?1049l"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home(tmp_path, settings=CALM) as home:
        yield home


def answered(home: Home, *options: str, **environment: str) -> Sitting:
    """A session in which one card was answered, and the next is there."""
    return home.sit(*options, **environment).see(FRONT).press(" 3").see("精度とは")


def assert_put_back(sitting: Sitting, modes: list[object]) -> None:
    """The terminal is as it was before, and the screen was given back."""
    assert sitting.modes == modes == fresh_modes()
    assert sitting.raw.count(OPEN) == sitting.raw.count(CLOSE)
    assert sitting.raw.rindex(CLOSE) > sitting.raw.rindex(OPEN)


STORED = [("precision:0", "Good")]


def test_leaving_puts_the_terminal_back(home: Home) -> None:
    sitting = answered(home)
    assert sitting.modes != fresh_modes()
    assert sitting.leave() == 0
    assert_put_back(sitting, sitting.modes)
    assert home.standing() == STORED


PLACES = {
    "question": "",
    "answer": " ",
    "help": "?",
    "information": "i",
    "remark": "fsome",
    "half a sequence": "\x1b[",
}


@pytest.mark.parametrize("keys", PLACES.values(), ids=PLACES)
def test_ctrl_c(home: Home, keys: str) -> None:
    sitting = answered(home).press(keys)
    if keys != "\x1b[":
        sitting.see({" ": "1 Again", "?": "any key", "i": "any key", "fsome": "some"}.get(keys, "show the answer"))
    sitting.press("\x03")
    assert sitting.end(within=5) == 130
    assert_put_back(sitting, sitting.modes)
    assert sitting.afterwards.strip() == "aipm-cards: interrupted"
    assert home.standing() == STORED


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize("keys", ["", "fsome", "?"], ids=["question", "remark", "help"])
def test_signals(home: Home, number: signal.Signals, keys: str) -> None:
    sitting = answered(home).press(keys)
    sitting.see({"fsome": "some", "?": "any key"}.get(keys, "show the answer")).signal(number)
    assert sitting.end() == 130
    assert_put_back(sitting, sitting.modes)
    assert "Traceback" not in sitting.text
    assert home.standing() == STORED


@pytest.mark.parametrize("keys", ["", "fsome", "?"], ids=["question", "remark", "help"])
@pytest.mark.parametrize("look", [(), ("--linear",)], ids=["screen", "linear"])
def test_a_closed_terminal(home: Home, keys: str, look: tuple[str, ...]) -> None:
    review = f"exec {sys.executable} -m aipm_cards review {' '.join(look)} 2>errors"
    sitting = home.run("/bin/sh", "-c", review).hear("precision?").press(" 3").hear("精度とは").press(keys)
    sitting.hear({"fsome": "some", "?": "any key"}.get(keys, ""))
    sitting.close()  # the code says nothing: there is nobody to read what is written at the end
    assert "Traceback" not in (home.path / "errors").read_text()
    assert home.standing() == STORED


@pytest.mark.parametrize("look", [(), ("--linear",)], ids=["screen", "linear"])
def test_the_end_of_the_input(home: Home, look: tuple[str, ...]) -> None:
    sitting = home.sit(*look).hear("precision?").press(" 3").hear("精度とは").press("\x04")
    assert sitting.end() == 0
    assert sitting.modes == fresh_modes()
    assert home.standing() == STORED


def test_killed(home: Home) -> None:
    sitting = answered(home).signal(signal.SIGKILL)
    assert sitting.end() == -signal.SIGKILL
    assert home.standing() == STORED


def test_ctrl_z_and_fg(home: Home) -> None:
    shell = home.run("/bin/bash", "--norc", "--noprofile", "-i", PS1="PROMPT> ", PS2="")
    shell.hear("PROMPT> ").press(f"{sys.executable} -m aipm_cards review --tier 1\r").see(FRONT)
    raw = shell.modes
    shell.press(" 3").see("精度とは").press(" ").see("正しい警報の割合 🎉").press("\x1a").hear("Stopped", "PROMPT> ")
    assert shell.raw.rindex(CLOSE) > shell.raw.rindex(OPEN)
    shell.press("echo back-$((40+2))\r").hear("back-42", "PROMPT> ")
    shell.press("fg\r").hear("\x1b[?1049h").see("精度とは", "正しい警報の割合 🎉", "1 Again")
    assert shell.modes == raw
    shell.press("4").see("What is recall?").press("q").hear("2 answers to 2 cards", "PROMPT> ").press("exit\r")
    assert shell.end() == 0
    assert home.standing() == [("precision:0", "Good"), ("wide:0", "Easy")]


def test_ctrl_z_in_linear(home: Home) -> None:
    shell = home.run("/bin/bash", "--norc", "--noprofile", "-i", PS1="PROMPT> ")
    shell.hear("PROMPT> ").press(f"{sys.executable} -m aipm_cards review --linear\r").hear("Keys:").press("\x1a")
    shell.hear("Stopped", "PROMPT> ").press("fg\r").hear("review --linear").press(" 3").hear("Rated Good.").press("q")
    shell.hear("1 answer", "PROMPT> ").press("exit\r")
    assert shell.end() == 0


# --- not a terminal --------------------------------------------------------------------------


@pytest.mark.parametrize("options", [(), ("--linear",)])
def test_not_a_terminal(home: Home, options: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "aipm_cards", "review", *options]
    done = subprocess.run(
        command, env=home.environment({}), cwd=home.path, input=" 3", capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "`aipm-cards next --json` and `aipm-cards answer`" in line
    assert not home.history.exists()


@pytest.mark.parametrize("redirection", ["</dev/null", ">/dev/null", "| cat"])
def test_half_a_terminal(home: Home, redirection: str) -> None:
    review = f"{sys.executable} -m aipm_cards review {redirection}"
    sitting = home.run("/bin/sh", "-c", review, size=(200, 24))
    sitting.end()
    assert "aipm-cards next --json" in sitting.text
    assert b"\x1b" not in sitting.raw


# --- looks -------------------------------------------------------------------------------------


def whole(sitting: Sitting) -> Sitting:
    """Show the answer, information, help, a flag; answer the cards; leave."""
    sitting.hear("precision?").press(" i").hear("Card information").press("q?").hear("At the answer").press("q")
    sitting.press("fx\r3").hear("精度とは").press(" 4").hear("recall?")
    sitting.press(" 3").hear("Finished").press("q")
    assert sitting.end() == 0
    return sitting


def test_colours_and_styles(home: Home) -> None:
    sitting = whole(home.sit("--tier", "1"))
    assert COLOUR.search(sitting.raw)
    assert b"\x1b[1m" in sitting.raw


@pytest.mark.parametrize("options", [("--tier", "1"), ("--tier", "1", "--linear")])
def test_no_color(home: Home, options: tuple[str, ...]) -> None:
    sitting = whole(home.sit(*options, NO_COLOR="1"))
    assert not COLOUR.search(sitting.raw)


@pytest.mark.parametrize("kind", ["cloze", "interview", "scenario", "contrast"])
def test_no_color_in_any_kind(home: Home, kind: str) -> None:
    sitting = home.sit("--kind", kind, NO_COLOR="1").see("show the answer").press(" x").see("1 Again").press("q")
    assert sitting.end() == 0
    assert not COLOUR.search(sitting.raw)


@pytest.mark.parametrize("terminal", ["dumb", "", "unknown"])
def test_a_dumb_terminal_gets_lines(home: Home, terminal: str) -> None:
    sitting = whole(home.sit("--tier", "1", TERM=terminal))
    assert b"\x1b" not in sitting.raw
    assert b"\x08" not in sitting.raw
    assert "Rated Good." in sitting.text


def test_linear_draws_nothing(home: Home) -> None:
    sitting = whole(home.sit("--tier", "1", "--linear"))
    assert b"\x1b" not in sitting.raw
    assert not re.search("[\u2500-\u257f]", sitting.text)


ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize("options", [(), ("--linear",)], ids=["screen", "linear"])
def test_a_terminal_that_knows_ascii_only(home: Home, options: tuple[str, ...]) -> None:
    """The author's wide characters become question marks; what is drawn here does not."""
    sitting = home.sit("--kind", "contrast", "--kind", "interview", *options, **ASCII)
    sitting.hear("separates", "show the answer").press(" ").hear("weights change", "1").press("3").hear(
        "and what tells?"
    ).press("u")
    sitting.hear("Taken back").press("?").hear("At the answer").press("q").hear("contrast").press("q")
    assert sitting.end() == 0
    assert sitting.raw.isascii()
    text = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", sitting.text)
    assert not re.search(r" \? (?!help|card)", text), "what is drawn here is ASCII already"


def test_the_locale_c_of_today(home: Home) -> None:
    sitting = whole(home.sit("--tier", "1", LC_ALL="C", LANG="C"))
    assert "Traceback" not in sitting.text


def test_an_ascii_terminal_takes_wide_cards_without_falling_over(home: Home) -> None:
    sitting = home.sit("--tag", "wide", **ASCII).see("show the answer").press(" f").see("What is wrong").press("ok\r")
    sitting.see("Flagged").press("3").see("Finished").press("q")
    assert sitting.end() == 0
    assert sitting.raw.isascii()


# --- two sessions --------------------------------------------------------------------------------


def test_two_sessions_at_once(home: Home) -> None:
    one = home.sit("--tier", "1").see(FRONT).press(" ").see(BACK)
    other = home.sit("--tier", "1").see(FRONT).press(" ").see(BACK)
    one.press("4").see("精度とは")
    other.press("1").see("Not stored: precision:0 has changed since it was shown: answered Easy at", "精度とは")
    other.press(" 3").see("What is recall?", gone="Not stored")
    one.press(" 1").see("Not stored: wide:0", "answered Good", "What is recall?")
    assert one.leave() == 0
    assert other.leave() == 0
    assert home.standing() == [("precision:0", "Easy"), ("wide:0", "Good")]


def test_undo_takes_back_ones_own(home: Home) -> None:
    one = answered(home)
    other = home.sit("--tier", "1").see("精度とは").press(" 4").see("What is recall?")
    one.press("u").see("Taken back: Good on precision:0.", FRONT)
    assert one.leave() == 0
    other.press("u").see("Taken back: Easy on wide:0.", "精度とは")
    assert other.leave() == 0
    assert home.standing() == []


def test_a_program_answers_meanwhile(home: Home) -> None:
    sitting = home.sit().see(FRONT).press(" ").see(BACK)
    command = [sys.executable, "-m", "aipm_cards", "answer", "precision:0", "easy", "--revision", "0"]
    done = subprocess.run(command, env=home.environment({}), cwd=home.path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    sitting.press("1").see("Not stored: precision:0", "answered Easy", "精度とは")
    assert sitting.leave() == 0
    assert home.standing() == [("precision:0", "Easy")]


def test_a_history_that_somebody_keeps_locked(home: Home) -> None:
    """The answer is not stored, that is said, and the same key stores it later."""
    import sqlite3

    sitting = home.sit("--tier", "1").see(FRONT).press(" 3").see("精度とは").press(" ").see("割合 🎉")
    lock = sqlite3.connect(home.history, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    sitting.press("3").see("Not stored:", "another program has been writing", "割合 🎉")
    lock.execute("ROLLBACK")
    lock.close()
    sitting.press("3").see("What is recall?")
    assert sitting.leave() == 0
    assert home.standing() == [("precision:0", "Good"), ("wide:0", "Good")]


def test_nothing_is_written_outside(home: Home) -> None:
    answered(home).leave()
    found = {path.relative_to(home.path).parts[0] for path in home.path.rglob("*")}
    assert {name for name in found if not name.startswith("history")} == {"cards", "cache", "config.toml"}
    assert os.environ.get("AIPM_CARDS_HISTORY") != str(home.history)
