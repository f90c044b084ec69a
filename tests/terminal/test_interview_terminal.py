"""Whole mock interviews at a real terminal: asked, interrupted, taken up again, and looked at."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aipm_cards.memory.interviews.log import Interviews
from aipm_cards.memory.interviews.mock import Mock
from aipm_cards.memory.store import Store
from tests.terminal.sitting import CALM, Home, Sitting, fresh_modes

QUESTION = """\
  - id: {id}
    kind: interview
    tags: [interview, {tag}]
    related: [{related}]
    prompt: {prompt}
    round: {round}
    minutes: 4
    tests: Calm
    rubric:
      - must: Names the *user*
      - Names a metric
      - Names a risk
      - Ends with a decision
    pass: 3
    outline: [First the user, Then the cost]
    mistakes: [Silence is no answer]
    follow_ups: [And at night?]
"""
FILES = {
    "collection.yaml": "format: 1\nname: Mock\nnamespace: terminal\n",
    "interview.yaml": "deck: Questions\nnotes:\n"
    + QUESTION.format(id="queue", tag="ops", related="queue-card", prompt="Design a review queue.", round="TD")
    + QUESTION.format(id="story", tag="story", related="", prompt="Tell me of a failure.", round="BH").replace(
        "    related: []\n", ""
    ),
    "basic.yaml": "deck: Basics\ntags: [ops]\nnotes:\n"
    "  - id: queue-card\n    front: What is a queue?\n    back: A line.\n",
}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home(tmp_path, FILES, CALM) as home:
        yield home


def sit(home: Home, *options: str, size: tuple[int, int] = (80, 30), **environment: str) -> Sitting:
    return home.run(sys.executable, "-m", "aipm_cards", "interview", *options, size=size, **environment)


def mocks(home: Home) -> list[Mock]:
    with Store(home.history, read_only=True) as store:
        return Interviews(store, "terminal", "laptop", lambda: bytes(10), 240).all()


def run(home: Home, *options: str) -> str:
    command = [sys.executable, "-m", "aipm_cards", "interview", *options]
    return subprocess.run(command, env=home.environment({}), capture_output=True, text=True, check=True).stdout


def test_a_whole_interview_interrupted_and_taken_up_again(home: Home) -> None:
    """The whole of it once: typed lines, Ctrl-C in the middle of one, the offer to go on, ticks,
    the scoreboard; and the next interview shows the answer beside the new one."""
    sitting = sit(home, "--round", "td").see("Design a review queue.", "Technical depth · 5 min", "question 1 of 1")
    sitting.press("tThe user first.\rThe met").see("The user first.", "The met").press("\x03")
    assert sitting.end() == 130
    assert "`aipm-cards interview` goes on from here." in sitting.afterwards
    assert sitting.modes == fresh_modes()
    assert mocks(home)[0].draft is not None

    again = sit(home, "--round", "td").see("is unfinished: 0 of 1 question is done").press(" ")
    again.see("Your answer so far The user first. The met").press(" ").see(
        "Did you say it?", "[ ] Names the user (must)"
    )
    again.see("Mistakes", "Silence is no answer", "And then you are asked And at night?").press("\tx\tx\tx")
    again.see("Good: 3 of 4 points", "store Good").press(" ")
    again.see("1 of 1 question answered, 1 passed.", "3 of 4 points said (75 %)").press("G")
    again.see("`aipm-cards review --tag ops`", "this one")
    assert again.press("q").end() == 0
    (first,) = mocks(home)
    assert first.ended == "finished"
    assert first.results[0].text == "The user first.\nThe met"
    assert home.events() == []  # a mock interview is no review

    wide = sit(home, "--round", "td", size=(120, 40)).see("Design a review queue.")
    wide.press("tOnly the cost counts, and people who do the work count for nothing.\r\r").see(
        "Your answer so far"
    ).press(" ").see("Your answers")
    row = next(line for line in wide.lines if "Only the cost" in line)
    assert "The user first." in row  # beside it
    wide.resize(40, 40).see("Now: Only the cost", "The user first.")
    assert "The user first." not in next(line for line in wide.lines if "Only the cost" in line)  # below it
    wide.see("Not said last time", "Ends with a decision").press("  ").see("0 of 4 points")
    wide.press("q").end()
    listed = json.loads(run(home, "--past", "--json"))["interviews"]
    said = [(one["number"], one["points_said"], one["points"], one["state"]) for one in listed]
    assert said == [(1, 3, 4, "finished"), (2, 0, 4, "finished")]
    assert "Answer: The user first.\n   The met\n   [x] Names the user (must)" in run(home, "--show", "1")


def test_killed_while_it_counts(home: Home) -> None:
    """Killed at the second question of an interview that counts: the first result is stored and
    counted once, and the interview goes on where it was."""
    sitting = sit(home, "--minutes", "20", "--count").see("Tell me of a failure.", "4:00 left", "question 1 of 2")
    sitting.press(" \tx\tx\tx\tx ").see("Stored. Good: 4 of 4 points.", "Design a review queue.")
    assert sitting.signal(signal.SIGKILL).end() == -signal.SIGKILL
    with Store(home.history) as store:  # it died between the two logs
        store.connection.execute("DELETE FROM interview WHERE kind = 5")
    assert home.standing() == [("story:0", "Good")]
    again = sit(home).see("1 of 2 questions are done").press(" ").see("Design a review queue.").press("  ")
    again.see("No point is ticked. Space again stores 0 of 4 points.").press(" ").see(
        "2 of 2 questions answered, 1 passed."
    )
    again.see("2 answers counted as reviews as well.").press("u").see("Taken back", "question 2 of 2").press(
        "\tx\tx\tx "
    )
    again.see("2 of 2 questions answered, 2 passed.").press(" ")
    assert again.end() == 0
    assert home.standing() == [("story:0", "Good"), ("queue:0", "Good")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_keeps_what_was_typed(home: Home, number: signal.Signals) -> None:
    sitting = sit(home, "--round", "TD").see("queue").press("tone\rtw").see("one", "tw").signal(number)
    assert sitting.end() == 130
    assert sitting.modes == fresh_modes()
    draft = mocks(home)[0].draft
    assert draft is not None
    assert draft.text == "one\ntw"


@pytest.mark.parametrize("look", ["", "--linear"], ids=["screen", "linear"])
def test_a_closed_terminal_keeps_what_was_typed(home: Home, look: str) -> None:
    """Whether the hang-up comes first or the end of the input: then nothing can be drawn."""
    command = f"exec {sys.executable} -m aipm_cards interview --round TD {look} 2>errors"
    sitting = home.run("/bin/sh", "-c", command).hear("queue.").press("tone\rtw").hear("one", "tw")
    sitting.close()
    assert "Traceback" not in (home.path / "errors").read_text()
    draft = mocks(home)[0].draft
    assert draft is not None
    assert draft.text == "one\ntw"


def test_an_answer_from_the_editor(home: Home) -> None:
    """Also when the editor is killed: what was saved is kept."""
    editor = home.path / "editor"
    editor.write_text("#!/bin/sh\nprintf 'First.\\n\\033[31mred\\n' >> \"$2\"\n")
    editor.chmod(0o700)
    sitting = (
        sit(home, "--round", "TD", EDITOR=str(editor)).see("queue").press("e").see("Your answer so far First.", "red")
    )
    assert "\x1b[31mred" not in sitting.raw.decode()
    sitting.press("qy")
    assert sitting.end() == 0
    assert "`aipm-cards interview` goes on from here." in sitting.afterwards


def test_not_a_terminal(home: Home) -> None:
    command = [sys.executable, "-m", "aipm_cards", "interview"]
    done = subprocess.run(command, env=home.environment({}), input=" ", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "interview needs a terminal" in done.stderr
    assert not home.history.exists()


def test_no_question_of_such_a_round(home: Home) -> None:
    sitting = sit(home, "--round", "PS")
    assert sitting.end() == 2
    assert "there is no question of such a round; there are some of BH, TD" in sitting.text


def test_a_whole_interview_for_a_screen_reader(home: Home) -> None:
    """All keys in one write: every line is a label or a sentence, and nothing is drawn."""
    keys = "tThe user.\r.\rpp  \tx\tx\t\tx ??n"
    sitting = sit(home, "--linear", "--minutes", "20", size=(200, 30))
    sitting.hear("Behavioural, mock interview. question 1 of 2.", "Question: Tell me of a failure.", "Keys:").press(
        keys
    )
    sitting.hear("Next line (an empty one ends): (Enter stores, Esc leaves) The user.", "Paused: ", "Going on: ")
    sitting.hear(
        "You took 0:0", "Your answer: The user.", "Did you say it?: 1 of 6, not ticked, a must: Names the user"
    )
    sitting.hear(
        "Note: No point is ticked.", "1 of 6, ticked, a must: Names the user", "Again: 1 of 4 points, 3 needed"
    )
    sitting.hear("Good: 3 of 4 points.", "Technical depth, mock interview. question 2 of 2.", "Help.", "Back: ")
    sitting.hear(
        "Mock, mock interview.", "How it went: 1 of 2 questions answered, 1 passed.", "Musts that were missed: None."
    )
    assert sitting.press(" ").end() == 0
    assert not re.search(r"[\u2500-\u257f·]|##", sitting.text)
