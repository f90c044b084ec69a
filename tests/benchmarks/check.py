"""How fast is a check of what did not change? Whole processes, in turn; ratios of medians in one run.

    python tests/benchmarks/check.py [--runs 9] [--notes 10000]

A first check, without the outcome of a former one, and a second one, against `--help`: of our decks
and of a generated collection. Linux or macOS.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from content import AIPM, PYTHON, race
from generate import write

DECKS = Path(__file__).parent.parent.parent / "decks"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--notes", type=int, default=10_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        os.environ["AIPM_CARDS_CACHE"] = f"{directory}/cache"
        cards = Path(directory, "cards")
        write(cards, arguments.notes)
        time.sleep(3)  # a stamp tells of every later write only when it is a little old
        for name, root in (("our decks", DECKS), (f"{arguments.notes:,} notes", cards)):
            print(name)
            commands = {
                "import click": [PYTHON, "-c", "import click"],
                "--help": [*AIPM, "--help"],
                "second check": [*AIPM, "check", str(root)],
                "first check": ["/usr/bin/env", "AIPM_CARDS_CACHE=/dev/null/none", *AIPM, "check", str(root)],
            }
            medians = race(arguments.runs, commands)
            print(f"  second check / --help = {medians['second check'] / medians['--help']:.2f}")
            print(f"  first check / import click = {medians['first check'] / medians['import click']:.1f}")


if __name__ == "__main__":
    sys.exit(main())
