"""How fast is `stats`? Whole processes, in turn; ratios of medians in one run.

    python tests/benchmarks/stats.py [--runs 9] [--reviews 100000] [--keep DIRECTORY]

Generates 1,000 notes with so many reviews. Measured are a first run, which counts all of them,
one after a session of 100 answers, which counts those, one after nothing happened, and one over
the cards of a tier, which always counts anew. The ratio of the time of processors is that on a
machine which has other work to do. With --keep the files stay in a directory, for the next run
of the same day. Linux or macOS.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from content import AIPM, HERE, PYTHON, measure

from aipm_cards.memory.days import Moment
from aipm_cards.memory.history import Answer, History
from aipm_cards.memory.settings import Preset
from aipm_cards.memory.store import Store
from aipm_cards.model import Rating

REFERENCE = [PYTHON, "-c", "import click, rich.console"]
GOAL = 3.0
SESSION = 100  # answers


def answer(path: Path, keys: list[str]) -> None:
    """A session of some answers, stored as the program stores them."""
    with Store(path) as store:
        history = History(store, "generated", "benchmark", lambda: os.urandom(10), 240)
        for key in keys:
            now = Moment(time.time_ns() // 10**6, "UTC")
            history.answer(Answer(key, Rating.GOOD, history.state(key).revision, 7000), now, Preset())


def timed(command: list[str]) -> tuple[float, float]:
    """Seconds of one run, and those of the processors."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds, _ = measure(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--reviews", type=int, default=100_000)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        base = arguments.keep or Path(directory)
        base.mkdir(parents=True, exist_ok=True)
        cards, kept, history = base / "cards", base / f"{arguments.reviews}.db", base / "history.db"
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package is compiled
        os.environ |= {
            "AIPM_CARDS_CACHE": str(base / "cache"),
            "AIPM_CARDS_CONFIG": str(base / "config.toml"),
            "PYTHONPYCACHEPREFIX": str(base / "compiled"),
        }
        if not kept.exists():
            measure([PYTHON, str(HERE / "generate.py"), str(cards), "1000"])
            measure([PYTHON, str(HERE / "learner.py"), str(cards), str(kept), str(arguments.reviews)])
        shutil.copyfile(kept, history)
        with Store(history) as store:
            keys = [key for (key,) in store.connection.execute("SELECT key FROM card ORDER BY id")]
        stats = [*AIPM, "stats", "--collection", str(cards), "--history", str(history)]
        pages = [*stats, "--html", str(base / "page.html")]
        times: dict[str, list[tuple[float, float]]] = {}
        for turn in range(arguments.runs + 1):
            found = {"import click, rich.console": timed(REFERENCE)}
            for counts in (base / "cache").glob("*.counts"):
                counts.unlink()
            found["stats, first run"] = timed(stats)
            found["stats, nothing happened"] = timed(stats)
            answer(history, [keys[(turn * SESSION + n) % len(keys)] for n in range(SESSION)])
            found[f"stats, after {SESSION} answers"] = timed(stats)
            found["stats --html"] = timed(pages)
            found["stats --tier 2"] = timed([*stats, "--tier", "2"])
            if turn:  # the first turn fills the caches
                for name, seconds in found.items():
                    times.setdefault(name, []).append(seconds)
    reference = times["import click, rich.console"]
    print(f"{arguments.reviews:,} reviews, {arguments.runs} runs in turn (goal: {GOAL:g} times the start with rich)")
    for name, pairs in times.items():
        seconds, processors = zip(*pairs, strict=True)
        theirs, theirs_of_processors = zip(*reference, strict=True)
        ratios = (
            statistics.median(seconds) / statistics.median(theirs),
            min(seconds) / min(theirs),
            min(processors) / min(theirs_of_processors),
        )
        said = "{:.2f}, of the minima {:.2f}, of the processors' time {:.2f}".format(*ratios)
        print(f"  {name:<28} {statistics.median(seconds) * 1000:7.0f} ms  times the start with rich: {said}")


if __name__ == "__main__":
    sys.exit(main())
