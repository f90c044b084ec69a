"""`aipm-cards stats`: what stands on the terminal, in sentences, as JSON and in a file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aipm_cards.memory.statistics import words
from tests.cli.conftest import Run
from tests.cli.learning import DAY, Bot, Clock, Home, at_home, bot_of, error, with_clock
from tests.cli.test_main import on_a_terminal
from tests.packages.sample import edit

SECTIONS = (
    words.RETENTION, words.CALIBRATION, words.FORECAST, words.CALENDAR, words.TIME, words.HARDEST, words.READINESS,
)  # fmt: skip
HERE = ("--collection", "sample")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    return at_home(tmp_path, monkeypatch)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return with_clock(monkeypatch)


@pytest.fixture
def bot(run: Run, clock: Clock) -> Bot:
    return bot_of(run)


@pytest.fixture
def studied(bot: Bot, clock: Clock, sample: Path) -> Path:
    """The sample after some days: `precision` was forgotten once, `recall:0` recalled."""
    for card, ratings in (("precision:0", ("easy", "again", "good")), ("recall:0", ("easy", "good"))):
        revision = 0
        for rating in ratings:
            revision = bot("answer", card, rating, "--took", "5000", "--revision", revision, *HERE)["revision"]
            clock.later(20 * DAY if rating == "easy" else 1200)
    return sample


def flat(text: str) -> str:
    return " ".join(text.split())


# --- a learner without a history -----------------------------------------------------------------


@pytest.mark.parametrize("linear", [False, True])
def test_who_begins_is_told_what_will_stand_here(run: Run, clock: Clock, sample: Path, linear: bool) -> None:
    result = run("stats", *HERE, *(["--linear"] if linear else []))
    assert result.code == 0
    assert result.err == ""
    for section in SECTIONS:
        assert section.title in result.out
        assert section.empty in flat(result.out)
    assert "10 cards; history: " in result.closing


def test_who_begins_gets_json_and_a_page_too(run: Run, bot: Bot, sample: Path, nowhere: Path) -> None:
    said = bot("stats", *HERE)
    assert said["calibration"]["log_loss"] is None
    assert said["retention"][0]["all"] == {
        "reviews": 0, "recalled": 0, "share": None, "interval": [0.0, 1.0], "enough": False, "wanted": 37,
    }  # fmt: skip
    assert said["readiness"]["all"]["share_known"] == 0
    assert run("stats", *HERE, "--html", "page.html").out == "page.html: written; open it in a browser\n"
    page = (nowhere / "page.html").read_text(encoding="utf-8")
    assert all(section.empty in page for section in SECTIONS)


# --- on the terminal -----------------------------------------------------------------------------


def test_sections_in_a_pipe(run: Run, studied: Path) -> None:
    out = run("stats", *HERE).out
    assert "\x1b" not in out
    assert max(map(len, out.splitlines()[:-1])) <= 80
    assert re.search(r"^all      all    too little data \(1 of 2\); \d+ more would do$", out, re.MULTILINE), out
    assert re.search(r"1 lapse; recalled 0 of 1, predicted [01]\.\d;", out)
    assert "sample/metrics.yaml:" in out
    assert "What is precision?" in out
    assert re.search(r"^Metrics::Basics +8 +25 % +2\d % ", out, re.MULTILINE), out
    assert re.search(r"^System design +1 +0 % +0 % ", out, re.MULTILINE)
    assert re.search(r"^T001 Metrics +\d", out, re.MULTILINE)


def test_some_cards(run: Run, bot: Bot, studied: Path) -> None:
    assert bot("stats", "Talk", *HERE)["retention"][-1]["all"]["reviews"] == 0
    assert bot("stats", "Metrics", *HERE)["retention"][-1]["all"]["reviews"] == 2
    assert bot("stats", "--tier", "1", *HERE)["retention"][-1]["all"]["reviews"] == 1
    assert bot("stats", "--kind", "reversed", *HERE)["readiness"]["all"]["cards"] == 2
    assert "there is no deck 'Metric'" in error(run("stats", "Metric", *HERE))


def test_cards_that_left_the_sources_count_as_past(bot: Bot, studied: Path) -> None:
    edit(studied / "metrics.yaml", "- id: recall\n", "- id: recall-of-all\n")
    said = bot("stats", *HERE)
    assert said["retention"][-1]["all"]["reviews"] == 2
    assert said["readiness"]["all"]["seen"] == 1


def test_topics(run: Run, clock: Clock, studied: Path) -> None:
    clock.later(400 * DAY)
    some, every = run("stats", *HERE).out, run("stats", *HERE, "--topics").out
    assert "Begin with these topics" in some
    assert "--topics lists all" in some
    assert "By topic" in every
    assert "Begin with" not in every


def test_sentences(run: Run, studied: Path) -> None:
    out = run("stats", *HERE, "--linear").out
    assert out.isascii() or not re.search("[\u2500-\u25ff]", out)
    assert "Overdue: " in out
    assert "March 2026: " in out
    assert re.search(r"All: too little data \(1 of 2\); \d+ more would do, desired 90 %\.", out)
    assert re.search(r"By interview round, System design: 1 card, 0 % seen, 0 % known today\.", out)
    assert "  " not in out.rsplit("\n", 2)[0]


@pytest.mark.skipif(not hasattr(__import__("os"), "openpty"), reason="no such thing there")
def test_colours_and_none(sample: Path) -> None:
    plain = on_a_terminal(["stats", *HERE], NO_COLOR="1")
    assert "\x1b[1m" in plain
    assert "\x1b[36m" not in plain
    assert "\x1b" not in on_a_terminal(["stats", *HERE], TERM="dumb")


# --- for programs --------------------------------------------------------------------------------


def test_json(bot: Bot, studied: Path) -> None:
    said = bot("stats", *HERE)
    assert said.code == 0
    assert said["collection"] == "sample-cards"
    whole = said["retention"][-1]
    assert (whole["period"], whole["desired"], whole["all"]["reviews"], whole["all"]["recalled"]) == ("all", 0.9, 2, 1)
    low, high = whole["all"]["interval"]
    assert 0 < low < 0.5 < high < 1
    assert sum(one["reviews"] for one in said["calibration"]["bins"]) == 2
    assert [one["verdict"] for one in said["calibration"]["bins"] if one["reviews"]] == ["few"]
    assert said["hardest"]["lapses"][0]["card"] == "precision:0"
    assert said["hardest"]["lapses"][0]["place"].startswith("sample/metrics.yaml:")
    assert len(said["forecast"]["days"]) == 30
    assert sum(said["activity"]["calendar"].values()) == said["activity"]["periods"][-1]["answers"] == 5
    assert {one["name"] for one in said["readiness"]["topic"]} <= {"T001", "T002"}
    assert said["readiness"]["topic"][0]["title"] == "Metrics"


# --- as a page -----------------------------------------------------------------------------------


def test_a_page_takes_the_place_of_a_file(run: Run, studied: Path, nowhere: Path) -> None:
    (nowhere / "page.html").write_text("what was there")
    result = run("stats", *HERE, "--html", "page.html")
    assert (result.code, result.out) == (0, "page.html: written; open it in a browser\n")
    page = (nowhere / "page.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "What is precision?" in page
    assert [path.name for path in nowhere.iterdir() if "partial" in path.name] == []


def test_a_page_and_json(bot: Bot, studied: Path, nowhere: Path) -> None:
    assert bot("stats", *HERE, "--html", "page.html").said["type"] == "stats"
    assert (nowhere / "page.html").exists()


def test_a_page_that_cannot_be_written(run: Run, sample: Path, nowhere: Path) -> None:
    assert "nowhere" in error(run("stats", *HERE, "--html", "nowhere/page.html"))
