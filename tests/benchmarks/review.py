"""How fast are `review` and `history doctor`? At a real terminal, interleaved; ratios in one run.

    python tests/benchmarks/review.py [--runs 15] [--answers 1000] [--only start answers doctor cold] [--keep DIRECTORY]

Generates two collections with their histories: 1,000 notes with 100,000 reviews, 100,000 notes
with 1,000,000. With --keep they stay in a directory, for the next run of the same day. Linux or macOS.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import re
import select
import shutil
import signal
import sqlite3
import statistics
import struct
import sys
import tempfile
import termios
import time
from contextlib import closing
from pathlib import Path

from content import AIPM, HERE, PYTHON, measure

from aipm_cards.memory.backups import directory_of

SIZES = {"small": (1_000, 100_000), "large": (100_000, 1_000_000)}
REFERENCE = [PYTHON, "-c", "import click, rich.console"]
OPENED, DRAWN = b"\x1b[?1049h", b"\x1b[J"  # the whole screen is ours; a page was written to its end
ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]")
PATIENCE = 300.0  # seconds
MB = 1_000_000


class Terminal:
    """A process at a pseudo-terminal of 100 columns and 30 rows."""

    def __init__(self, command: list[str]) -> None:
        self._ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        actions = [(os.POSIX_SPAWN_DUP2, theirs, number) for number in (0, 1, 2)]
        self.started = time.perf_counter()
        self._child = os.posix_spawn(command[0], command, os.environ, file_actions=actions, setsid=True)
        os.close(theirs)
        self._seen = b""

    def until(self, sign: bytes) -> bytes:
        """What is written up to a sign, and that."""
        while sign not in self._seen:
            try:
                self._read()
            except OSError:  # the other end is closed
                sys.exit(f"it ended before its time: {self._seen!r}")
        found, sign, self._seen = self._seen.partition(sign)
        return found + sign

    def page(self, key: bytes = b"") -> tuple[float, bytes]:
        """Milliseconds from a key to the end of the next page, and the page."""
        started = time.perf_counter()
        os.write(self._ours, key)
        page = self.until(DRAWN)
        return (time.perf_counter() - started) * 1000, page

    def first_card(self) -> float:
        """Seconds from the start until the first card is on the screen."""
        self.until(OPENED)
        page = self.until(DRAWN)
        seconds = time.perf_counter() - self.started
        if b"show the answer" not in page:
            sys.exit(f"no card was shown: {page!r}")
        return seconds

    def leave(self) -> float:
        """Press q and wait for the end, seconds; it must succeed."""
        started = time.perf_counter()
        os.write(self._ours, b"q")
        while True:
            try:
                self._read()
            except OSError:
                break
        _, status, _ = os.wait4(self._child, 0)
        os.close(self._ours)
        if status:
            sys.exit(f"review failed: {self._seen!r}")
        return time.perf_counter() - started

    def _read(self) -> None:
        if not select.select([self._ours], [], [], PATIENCE)[0]:
            os.kill(self._child, signal.SIGKILL)
            sys.exit(f"nothing was written for {PATIENCE:g} s: {self._seen!r}")
        data = os.read(self._ours, 65536)
        if not data:
            raise OSError
        self._seen += data


class Learner:
    """A collection and its history, in a directory."""

    def __init__(self, base: Path, name: str) -> None:
        self.name, self.cards, self.history = name, base / name, base / f"{name}.db"
        notes, reviews = SIZES[name]
        if not self.history.exists():
            # In processes of their own: the peak of this one's memory would count as its children's.
            measure([PYTHON, str(HERE / "generate.py"), str(self.cards), str(notes)])
            measure([PYTHON, str(HERE / "learner.py"), str(self.cards), str(self.history), str(reviews)])
        with closing(sqlite3.connect(self.history)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.events = _events(self.history)
        size = self.history.stat().st_size / MB
        print(f"{name}: {notes:,} notes, {self.events:,} events, history {size:.1f} MB", flush=True)

    def review(self, *options: str) -> list[str]:
        """The command that reviews it."""
        return [*AIPM, "review", "--collection", str(self.cards), "--history", str(self.history), *options]

    def started(self) -> float:
        """Seconds until the first card is there."""
        terminal = Terminal(self.review())
        seconds = terminal.first_card()
        terminal.leave()
        return seconds


def shown(name: str, values: list[float], unit: str = "ms") -> float:
    """Print the median, least and most; returns the median."""
    median = statistics.median(values)
    print(f"  {name:<42} {median:9.2f} {unit}  ({min(values):.2f} to {max(values):.2f})", flush=True)
    return median


def start(learners: list[Learner], runs: int) -> None:
    """From the shell to the first card, with a warm cache."""
    print(f"first card, warm cache, {runs} runs in turn")
    names = ["import click, rich.console", *(learner.name for learner in learners)]
    times: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(runs + 2):
        found = [measure(REFERENCE)[0], *(learner.started() for learner in learners)]
        if turn > 1:  # the first one fills the cache, the second one settles it
            for name, seconds in zip(names, found, strict=True):
                times[name].append(seconds * 1000)
    for name in names:
        shown(name, times[name])
    for above, below, goal in (("small", names[0], 2.5), ("large", "small", 1.5), ("large", names[0], 3.75)):
        ratio = statistics.median(times[above]) / statistics.median(times[below])
        least = min(times[above]) / min(times[below])
        print(f"  {above} / {below} = {ratio:.2f}, of the minima {least:.2f} (goal: {goal})")


def answers(learner: Learner, count: int, *options: str) -> None:
    """From a rating's key to the next card, what is stored included. In a copy of the history."""
    print(f"answers, {learner.name}, review {' '.join(options)}")
    copy = shutil.copyfile(learner.history, learner.history.with_name("answered.db"))
    terminal = Terminal([*learner.review(*options), "--history", str(copy)])
    terminal.first_card()
    reveal, rate = [], []
    for number in range(count):
        reveal.append(terminal.page(b" ")[0])
        ms, page = terminal.page(b"1" if number % 10 == 9 else b"3")
        rate.append(ms)
        if b"show the answer" not in page:
            sys.exit(f"no card after {number + 1} answers: {ESCAPES.sub(b'', page).decode()}")
    stored = _events(copy) - learner.events
    terminal.leave()
    copy.unlink()
    shutil.rmtree(directory_of(copy), ignore_errors=True)
    if stored != count:
        sys.exit(f"{stored} of {count} answers were stored")
    for name, values in (("key to answer shown", reveal), ("rating to next card", rate)):
        shown(name, values)
        ordered = sorted(values)
        print(f"    p99 {ordered[len(ordered) * 99 // 100]:.2f} ms, max {ordered[-1]:.2f} ms (goal: p99 under 30)")


def _events(history: Path) -> int:
    with closing(sqlite3.connect(history)) as connection:
        return int(connection.execute("SELECT count(*) FROM event").fetchone()[0])


def synced(directory: Path) -> None:
    """What one write to this disk costs at least."""
    sync = getattr(os, "fdatasync", os.fsync)
    times = []
    with tempfile.TemporaryFile(dir=directory, buffering=0) as file:
        for _ in range(200):
            started = time.perf_counter()
            file.write(b"\0" * 16_384)
            sync(file.fileno())
            times.append((time.perf_counter() - started) * 1000)
    shown("16 kB written and synced", times)
    print(f"    p99 {sorted(times)[198]:.2f} ms")


def doctor(learner: Learner, runs: int) -> None:
    """The whole command, and its peak of memory."""
    command = [*AIPM, "history", "doctor", "--history", str(learner.history)]
    found = [measure(command) for _ in range(runs)]
    shown(f"doctor, {learner.name}", [seconds for seconds, _ in found], "s")
    print(f"    {max(peak for _, peak in found):.0f} MB at its peak; {learner.events:,} events")


def cold(learner: Learner, cache: Path, runs: int) -> None:
    """The first start without a cache, the next ones, and one after a file changed."""
    changed = sorted(learner.cards.glob("deck-*.yaml"))[0]
    times: dict[str, list[float]] = {"cold": [], "second": [], "after one file changed": []}
    for _ in range(runs):
        for file in cache.iterdir():
            file.unlink()
        for name, seconds in times.items():
            if name == "after one file changed":
                changed.write_text(changed.read_text().replace("cue: generated", "cue: generated again", 1))
            seconds.append(learner.started())
        changed.write_text(changed.read_text().replace(" again\n", "\n"))
    for name, seconds in times.items():
        shown(f"{name}, {learner.name}", seconds, "s")


def backed_up(learner: Learner) -> None:
    """The end of the first session of a day, which makes a backup, and of the next one."""
    shutil.rmtree(directory_of(learner.history), ignore_errors=True)
    for what in ("with", "without"):
        terminal = Terminal(learner.review())
        terminal.first_card()
        print(f"  leaving {what} a backup, {learner.name}: {terminal.leave():.2f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--answers", type=int, default=1000)
    parser.add_argument("--only", nargs="+", default=["start", "answers", "doctor", "cold"])
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        base = arguments.keep or Path(directory)
        base.mkdir(parents=True, exist_ok=True)
        (base / "config.toml").write_text("leech_threshold = 0\n")
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package is compiled
        os.environ |= {
            "AIPM_CARDS_CACHE": str(base / "cache"),
            "AIPM_CARDS_CONFIG": str(base / "config.toml"),
            "HOME": str(base),
            "PYTHONPYCACHEPREFIX": str(base / "compiled"),
            "TERM": "xterm-256color",
        }
        learners = [Learner(base, name) for name in SIZES]
        if "start" in arguments.only:
            start(learners, arguments.runs)
        if "answers" in arguments.only:
            synced(base)
            for learner in learners:
                answers(learner, arguments.answers, "--ahead", "3650", "--new", "200")
            answers(learners[1], min(arguments.answers, 190))
        if "doctor" in arguments.only:
            for learner, runs in zip(learners, (5, 2), strict=True):
                doctor(learner, runs)
                backed_up(learner)
        if "cold" in arguments.only:
            for learner, runs in zip(learners, (5, 2), strict=True):
                cold(learner, base / "cache", runs)


if __name__ == "__main__":
    main()
