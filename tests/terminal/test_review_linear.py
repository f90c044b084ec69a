"""What somebody hears who cannot see: whole sessions with `--linear`, kept as files.

`python -m tests.terminal.test_review_linear` writes the files anew.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from aipm_cards.terminal.keys import Keys
from aipm_cards.terminal.linear import Linear
from aipm_cards.terminal.pages import Page
from tests.terminal.sitting import CALM, Home

TRANSCRIPTS = Path(__file__).parent / "transcripts"

# Options, and all keys in one write: what is written is the same however fast they come.
SESSIONS = {
    "kinds": (("Kinds",), " 3 3 3 3 3 3 3 3 3q"),
    "basic": (("Basics",), " i.  \rb?.u 4 2q"),
    "calculation": (("--kind", "calculation"), "t62,5\x7f\x7f.4\r3ut\x1bt62.5 %\r4q"),
    "interview": (("--kind", "interview"), "pp \t\tx\x1b[Zx\t\t\tx\x1b[Z i. q"),
    "marks": (("--tier", "1"), "fit is 精度\rf\x1bfno\x15yes\rus bue 1u 1q"),
    "end": (("--tag", "wide"), " 4c 1 3uauq"),
    "cram": (("--tier", "1", "--cram"), " 1 3 4 3q"),
    "nothing": (("--tag", "wide", "--new", "0"), " aa?.uq"),
}
_WAITING = "Keys: "


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home(tmp_path, settings=CALM) as home:
        yield home


def transcript(home: Home, name: str, **environment: str) -> str:
    """All that a session writes, without what differs from day to day."""
    options, keys = SESSIONS[name]
    look = () if environment else ("--linear",)
    sitting = home.sit(*options, *look, columns=200, EDITOR="", **environment).hear(_WAITING).press(keys)
    assert sitting.end() == 0
    text = sitting.text.replace(str(home.path), "HOME")
    text = re.sub(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?", lambda match: "DATE TIME" if match[1] else "DATE", text)
    text = re.sub(r"\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d\d \w+ \d{4}", "WEEKDAY", text)
    text = re.sub(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d \w{3}\b", "DAY", text)
    text = re.sub(r"in \d+ seconds? \(\d+ s each\)", "in N seconds (N s each)", text)
    return re.sub(r"Took: \d+s", "Took: Ns", text)


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_sounds_as_kept(home: Home, name: str) -> None:
    assert transcript(home, name) == (TRANSCRIPTS / f"{name}.txt").read_text(encoding="utf-8")


def test_a_dumb_terminal_gets_the_same(home: Home) -> None:
    assert transcript(home, "basic", TERM="dumb") == (TRANSCRIPTS / "basic.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SESSIONS)
def test_every_line_has_a_label_or_is_a_sentence(name: str) -> None:
    """A listener knows of each line what it is: nothing is told by its place or its look."""
    for line in (TRANSCRIPTS / f"{name}.txt").read_text(encoding="utf-8").split("\n"):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\u2500-\u257f]|##|--", line.replace("`aipm-cards review --", "")), (
            line
        )
        prompt = line.endswith("Esc leaves) ")  # what was typed there was taken back
        assert prompt or line == line.rstrip(), line


def test_the_title_has_no_sign_that_is_read_out() -> None:
    """Screen readers say 'middle dot'."""
    assert "·" not in (TRANSCRIPTS / "kinds.txt").read_text(encoding="utf-8")


def test_what_was_said_is_not_said_again_when_a_point_is_ticked() -> None:
    text = (TRANSCRIPTS / "interview.txt").read_text(encoding="utf-8")
    first = text.split("Card information")[0]
    assert first.count("What comes next") == 1
    assert first.count("Keys: 1: Again") == 1


def test_leaving_a_remark_is_told() -> None:
    """Without the screen only words tell that Esc was heard."""
    text = (TRANSCRIPTS / "calculation.txt").read_text(encoding="utf-8")
    after = text.split("Taken back")[1].split("Your answer (%):")[1]
    assert after.strip()


def test_the_card_is_not_read_again_after_a_page_above_it() -> None:
    text = (TRANSCRIPTS / "basic.txt").read_text(encoding="utf-8")
    assert text.count("Question: What is precision?") == 1
    assert text.count("Back: ") == 2


def test_what_was_read_at_the_end_is_not_repeated_on_the_way_out() -> None:
    text = (TRANSCRIPTS / "kinds.txt").read_text(encoding="utf-8")
    assert text.count("9 answers to 9 cards") == 1
    assert "2 answers to 2 cards" not in text
    left = (TRANSCRIPTS / "marks.txt").read_text(encoding="utf-8")
    assert left.count("1 answer to 1 card") == 1


def test_rating_says_what_was_rated_and_what_is_left() -> None:
    text = (TRANSCRIPTS / "kinds.txt").read_text(encoding="utf-8")
    assert text.count("Rated Good.") == 9
    assert "9 new" in text
    assert "1 new" in text


def test_a_title_that_asks_ends_with_its_own_sign() -> None:
    written: list[str] = []
    view = Linear(Keys(0), written.append)
    view.show(Page("Leave?", "", (), ()))
    view.show(Page("Leave?", "two left", (), (), turn=1))
    assert [line.strip() for line in written if line.strip()] == ["Leave?", "Leave? two left."]


if __name__ == "__main__":
    TRANSCRIPTS.mkdir(exist_ok=True)
    for kept in SESSIONS:
        with tempfile.TemporaryDirectory() as directory, Home(Path(directory), settings=CALM) as new:
            (TRANSCRIPTS / f"{kept}.txt").write_text(transcript(new, kept), encoding="utf-8")
