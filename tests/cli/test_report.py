"""`aipm-cards report`: Markdown for an issue, from flags, leeches and failing cards."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyromark
import pytest

from aipm_cards.cli.main import COMMANDS
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.scheduler import State
from aipm_cards.memory.settings import Preset
from tests.cli.conftest import Run
from tests.cli.learning import NAMESPACE, Clock, Home, at_home, document, error, opened, with_clock
from tests.memory.lived import FIRST_DAY, write
from tests.packages.sample import basic, edit
from tests.packages.sample import write as write_sample

ODD = "Is *this* <b>a</b> [link](http://x.example) `for` @someone in #12?"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    return at_home(tmp_path, monkeypatch)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return with_clock(monkeypatch)


@pytest.fixture(autouse=True)
def _collection(nowhere: Path) -> None:
    write_sample(nowhere, odd=basic("odd", f"|\n      {ODD}"))


def study(home: Home) -> None:
    """Forty cards that are recalled nine times in ten, `precision:0` once in eight, a day after the last time."""
    days = [FIRST_DAY + day for day in (0, 2, 10, 30, 80, 150, 250, 400, 600)]
    others = {
        f"n{number}:0": [(day, 1 if number % 8 + 1 == at else 3) for at, day in enumerate(days)] for number in range(40)
    }
    bad = [(FIRST_DAY + at, 1 if at not in (0, 4) else 3) for at in range(9)]
    preset = Preset(learning_steps=(), relearning_steps=())
    write(home.history, NAMESPACE, {**others, "precision:0": bad}, preset)


def mark(home: Home, clock: Clock) -> None:
    history = opened(home.history)
    with history.store:
        history.record(EventKind.FLAG, "odd:0", clock(), "the *second* number\nis </li> wrong \x1b[31m")
        history.record(EventKind.FLAG, "odd:0", clock())
        history.record(EventKind.FLAG, "harmonic-mean:1", clock(), "no")
        history.record(EventKind.FLAG, "gone:0", clock(), "who needs it?")


def test_the_whole_report(run: Run, home: Home, clock: Clock) -> None:
    study(home)
    mark(home, clock)
    result = run("report")
    assert (result.code, result.err) == (0, "")
    assert "\x1b" not in result.out
    head, rest = result.out.split("\n\n", 1)
    assert head == "## Cards to look at: Sample"
    assert rest.startswith("3 flagged cards, 1 card that fails far more than predicted.\n")
    html = pyromark.html(result.out)
    assert re.findall(r"<h3>(.*?)</h3>", html) == ["metrics.yaml", "odd.yaml", "No longer in the sources"]
    assert "<code>metrics.yaml:6</code> <code>precision:0</code>: What is precision?" in html
    assert re.search(r"<li>failed 7 of 8 reviews, \d\.\d expected, p = 0\.00\d+</li>", html)
    assert "F1 is the harmonic mean of «precision» and «recall»" in html
    assert "<li>flagged on 2026-03-02: without a remark</li>" in html
    assert "<code>gone:0</code>\n<ul>\n<li>flagged on 2026-03-02: “who needs it?”</li>" in html
    (odd,) = re.findall(r"<code>odd:0</code>: (.*?)\n<ul>", html)
    shown = odd.replace("&lt;", "<").replace("&gt;", ">").replace("\u200b", "")
    assert "<" not in odd
    assert shown == ODD.replace("*this*", "this").replace("[link](http://x.example)", "link").replace("`for`", "for")
    assert "“the *second* number" in html
    assert "Of 41 cards looked at" in html


def test_nothing_about_the_person(run: Run, home: Home, clock: Clock, nowhere: Path) -> None:
    study(home)
    mark(home, clock)
    for words in (("report",), ("report", "--json"), ("report", "--collection", nowhere)):
        out = run(*words).out
        for word in ("somewhere", "UTC", "Berlin", str(home.root), str(nowhere)):  # device, zones, places
            assert word not in out


def test_places_are_those_of_the_repository(run: Run, home: Home, nowhere: Path, tmp_path: Path) -> None:
    study(home)
    assert "### metrics.yaml\n" in run("report").out
    (tmp_path / ".git").mkdir()
    assert f"`{nowhere.name}/metrics.yaml:6`" in run("report").out
    (nowhere / ".git").write_text("gitdir: elsewhere", encoding="utf-8")  # a worktree
    assert "`metrics.yaml:6`" in run("report").out


def test_a_leech_and_what_was_changed_since(run: Run, home: Home, clock: Clock, nowhere: Path) -> None:
    home.configure("leech_threshold = 1\nlearning_steps = []\nnew_per_day = 1\n")
    card = document_of(run, "next")
    run("answer", card["card"], "good", "--revision", card["revision"])
    clock.later(40 * 86_400)
    card = document_of(run, "next")
    assert card["state"] == State.REVIEW.name.lower()
    run("answer", card["card"], "again", "--revision", card["revision"])
    assert f"<code>{card['card']}</code>" in pyromark.html(run("report").out)
    assert "  - a leech: 1 lapse\n" in run("report").out
    assert "changed since" not in run("report").out
    edit(nowhere / "metrics.yaml", "What is **precision**?", "What does precision mean?")
    assert "  - the card was changed since it was seen\n" in run("report").out
    assert document(run("report", "--json"))["cards"][0]["leech"] == {"lapses": 1}


def document_of(run: Run, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*words, "--json").out)
    return found


def test_json(run: Run, home: Home, clock: Clock) -> None:
    study(home)
    mark(home, clock)
    said = document(run("report", "--json"))
    assert said["looked_at"] == 41
    assert [card["card"] for card in said["cards"]] == ["precision:0", "harmonic-mean:1", "odd:0", "gone:0"]
    first, *_, last = said["cards"]
    assert (first["path"], first["line"], first["failing"]["failures"], first["flags"]) == ("metrics.yaml", 6, 7, [])
    assert (last["path"], last["line"], last["failing"]) == (None, None, None)


def test_into_a_file(run: Run, home: Home, clock: Clock, nowhere: Path) -> None:
    study(home)
    result = run("report", "-o", nowhere / "report.md")
    assert result.closing == f"wrote {nowhere / 'report.md'}: 1 card"
    assert (nowhere / "report.md").read_text(encoding="utf-8") == run("report").out
    assert run("report", "-o", nowhere / "x", "--json").code == 2
    assert "no/where" in error(run("report", "-o", nowhere / "no/where/x.md")).replace("\\", "/")


def test_nothing_to_report(run: Run) -> None:
    assert run("report").out == "## Cards to look at: Sample\n\nNothing to report.\n"
    assert "report" in COMMANDS
