"""How fast are `check` and `build`? Whole processes, interleaved; ratios of medians in one run.

    python tests/benchmarks/content.py [--runs 5] [--notes 1000 10000 100000]

Wants the extra `dev` (markdown-it-py). Linux or macOS.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from generate import write

from aipm_cards.diagnostics import STYLE

HERE = Path(__file__).parent
PYTHON = sys.executable
AIPM = [PYTHON, "-m", "aipm_cards"]


def measure(command: list[str]) -> tuple[float, float]:
    """Seconds and MB (of the largest process) of one run; it must succeed."""
    started = time.perf_counter()
    child = os.posix_spawn(
        command[0],
        command,
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - started
    if status:
        sys.exit(f"{' '.join(command)} failed")
    return seconds, usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)


def race(runs: int, commands: dict[str, list[str]], before: dict[str, Path] | None = None) -> dict[str, float]:
    """Median seconds per command, run in turn; prints them with the peak of memory."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    peaks: dict[str, float] = dict.fromkeys(commands, 0.0)
    for turn in range(runs + 1):
        for name, command in commands.items():
            if before and name in before:
                before[name].unlink(missing_ok=True)
            seconds, peak = measure(command)
            if turn:  # the first turn warms the disk cache
                times[name].append(seconds)
            peaks[name] = max(peaks[name], peak)
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, median in medians.items():
        spread = f"{min(times[name]):.3f} to {max(times[name]):.3f}"
        print(f"  {name:<28} {median:8.3f} s  ({spread})  {peaks[name]:6.0f} MB")
    return medians


def without_style(cards: Path, plain: Path) -> None:
    """The same collection with all rules about style switched off."""
    plain.mkdir()
    for file in cards.iterdir():
        os.link(file, plain / file.name)
    content = (cards / "collection.yaml").read_text()
    (plain / "collection.yaml").unlink()
    (plain / "collection.yaml").write_text(f"{content}style: {{off: [{', '.join(STYLE)}]}}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--notes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    arguments = parser.parse_args()
    print("start")
    start = race(arguments.runs, {"import click": [PYTHON, "-c", "import click"], "--help": [*AIPM, "--help"]})
    print(f"  --help / import click = {start['--help'] / start['import click']:.2f}")
    per_note: dict[int, dict[str, float]] = {}
    for notes in arguments.notes:
        with tempfile.TemporaryDirectory() as directory:
            root = Path(directory)
            write(root / "cards", notes)
            without_style(root / "cards", root / "plain")
            cards, cold, again = str(root / "cards"), root / "cold.apkg", root / "again.apkg"
            runs = arguments.runs if notes <= 10_000 else max(1, arguments.runs // 3)
            measure([*AIPM, "build", cards, "-o", str(again)])
            naive = str(HERE / "naive.py")
            print(f"{notes:,} notes")
            medians = race(
                runs,
                {
                    "loader alone": [PYTHON, naive, cards],
                    "check": [*AIPM, "check", cards],
                    "check, style off": [*AIPM, "check", str(root / "plain")],
                    "naive build": [PYTHON, naive, cards, str(root / "naive.apkg")],
                    "build, cold": [*AIPM, "build", cards, "-o", str(cold)],
                    "build, nothing changed": [*AIPM, "build", cards, "-o", str(again)],
                    "executemany of the rows": [PYTHON, naive, "--rows", str(again), str(root / "rows.apkg")],
                },
                {"build, cold": cold},
            )
            build = medians["build, cold"]
            for name in ("check", "check, style off"):
                print(f"  {name} / loader alone = {medians[name] / medians['loader alone']:.2f}")
            print(f"  naive build / build = {medians['naive build'] / build:.2f}")
            print(f"  build / executemany = {build / medians['executemany of the rows']:.2f}")
            print(f"  build / build with nothing changed = {build / medians['build, nothing changed']:.2f}")
            per_note[notes] = {name: median / notes for name, median in medians.items()}
    for small, large in zip(arguments.notes, arguments.notes[1:], strict=False):
        for name in ("check", "build, cold"):
            ratio = per_note[large][name] / per_note[small][name]
            print(f"{name}: time per note at {large:,} / at {small:,} = {ratio:.2f}")


if __name__ == "__main__":
    main()
