"""A learner of one's own for a test: paths below a directory, a clock that is turned by hand,
and what the commands for programs print."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import pytest

from aipm_cards.characters import FORBIDDEN
from aipm_cards.cli import person
from aipm_cards.cli.main import main
from aipm_cards.memory.days import Moment
from aipm_cards.memory.history import History
from aipm_cards.memory.store import Store
from tests.cli.conftest import Result, Run

NAMESPACE = "sample-cards"
ZONE = "Europe/Berlin"
MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds
MORNING = int(datetime(2026, 3, 2, 8, tzinfo=UTC).timestamp() * 1000)  # 09:00 there, a Monday


class Home(NamedTuple):
    """Where the files of the learner lie; nothing of it is there yet."""

    root: Path

    @property
    def history(self) -> Path:
        return self.root / "data/aipm-cards/history.db"

    @property
    def config(self) -> Path:
        return self.root / "config/aipm-cards/config.toml"

    def configure(self, text: str) -> None:
        """Write the settings."""
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_text(text, encoding="utf-8", newline="")


def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home below `tmp_path`, for commands here and in processes of their own."""
    home = Home(tmp_path / "home")
    for name in ("AIPM_CARDS_HISTORY", "AIPM_CARDS_CONFIG", "AIPM_CARDS_CACHE", "AIPM_CARDS_COLLECTION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home.root))
    for place in ("data", "config", "cache"):
        monkeypatch.setenv(f"XDG_{place.upper()}_HOME", str(home.root / place))
    monkeypatch.setenv("TZ", ZONE)
    monkeypatch.setenv("PYTHONUTF8", "1")
    monkeypatch.setenv("COLUMNS", "80")
    return home


class Clock:
    """The clock of the commands that run in this process."""

    def __init__(self) -> None:
        self.ms = MORNING

    def __call__(self, zone: str = "") -> Moment:
        return Moment(self.ms, zone or ZONE)

    def later(self, seconds: float) -> None:
        self.ms += int(seconds * 1000)

    def turn_to(self, time: str) -> None:
        """To a time as the commands print it."""
        self.ms = ms_of(time)


def with_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let the commands that run in this process read a clock that is turned by hand."""
    clock = Clock()
    monkeypatch.setattr(person, "moment", clock)
    monkeypatch.setattr(person, "now_ms", lambda: clock.ms)
    return clock


def ms_of(time: str) -> int:
    """The UTC milliseconds of an ISO time, which must say that it is UTC."""
    assert time.endswith("Z"), time
    return round(datetime.fromisoformat(time).timestamp() * 1000)


@dataclass(frozen=True)
class Reply:
    """What a command with --json said."""

    code: int
    said: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.said[name]


DONE = {"card", "answered", "undone", "due", "flags", "optimized", "restored", "report", "moves", "stats"}
DONE |= {"plan", "in_force", "stopped"}
TYPES = {0: DONE, 2: {"error"}, 4: {"nothing"}, 5: {"error"}}
CODES = {"settings", "collection", "usage", "stale", "busy", "damaged", "error"}


def document(result: Result) -> Reply:
    """The one JSON object on stdout, in its envelope; nothing else may be there. What went wrong
    stands on stderr too, and nothing else does."""
    assert result.out.count("\n") == 1, (result.out, result.err)
    assert result.out.endswith("}\n"), result.out
    assert result.out.isascii(), ascii(result.out)
    assert not FORBIDDEN.search(result.out), ascii(result.out)
    said = json.loads(result.out)
    assert (said["format"], said["type"] in TYPES[result.code]) == (1, True), said
    assert (said["type"] == "error") == ("error" in said)
    if said["type"] == "error":
        one_line(said["error"]["message"])
        assert said["error"]["code"] in CODES
        if said["error"]["code"] == "usage":
            assert result.err.startswith(("Usage: ", "Error: ")), result.err
            assert result.err.splitlines()[-1].startswith("Error: "), result.err
        else:
            assert result.err == f"aipm-cards: {said['error']['message']}\n"
    else:
        assert result.err == ""
    return Reply(result.code, said)


def one_line(message: str) -> None:
    assert message.strip() == message
    assert message
    assert "\n" not in message
    assert not FORBIDDEN.search(message), ascii(message)


def error(result: Result, code: int = 2) -> str:
    """The message of a command that failed: one line on stderr, safe to print."""
    assert result.code == code, result
    assert result.out == ""
    assert result.err.startswith("aipm-cards: "), result.err
    assert result.err.count("\n") == 1, result.err
    one_line(result.err[:-1])
    return result.err[len("aipm-cards: ") : -1]


Bot = Callable[..., Reply]


def bot_of(run: Run) -> Bot:
    """Something that runs commands with --json and reads what they say."""
    return lambda *arguments, **how: document(run(*arguments, "--json", **how))


def printing_to(monkeypatch: pytest.MonkeyPatch, stream: TextIO, *arguments: str) -> int:
    """Run a command in this process whose stdout is a stream; its exit code."""
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", stream)
        patched.setattr(sys, "argv", ["aipm-cards", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    gc.enable()
    return int(ended.value.code or 0)


def process(*arguments: object, **environment: str) -> Result:
    """Run `aipm-cards` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "aipm_cards", *map(os.fsencode, map(str, arguments))],
        capture_output=True, check=False, stdin=subprocess.DEVNULL, env={**os.environ, **environment},
    )  # fmt: skip
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def opened(path: Path, namespace: str = NAMESPACE) -> History:
    """The history in a file; close its store after use."""
    return History(Store(path), namespace, "here", lambda: os.urandom(10), 240)
