"""Whole mock interviews at a real terminal: asked, interrupted, taken up again, and looked at."""

from __future__ import annotations

import json
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
    assert sitting.modes == fresh_modes()
    assert mocks(home)[0].draft is not None

    again = sit(home, "--round", "td").see("is unfinished: 0 of 1 questions are done").press(" ")
    again.see("Your answer so far The user first. The met").press(" ").see(
        "Did you say it?", "[ ] Names the user (must)"
    )
    again.see("Mistakes", "Silence is no answer", "And then you are asked And at night?").press("\tx\tx\tx")
    again.see("Good: 3 of 4 points", "store Good").press(" ")
    again.see("1 of 1 question answered, 1 passed.", "3 of 4 points said (75%)").press("G")
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
