"""How fast are the rules about style? Ratios and processor time, printed from one run.

    python tests/benchmarks/style.py [--runs 9] [--notes 100000]

First the whole process: `check --strict` of our decks against the start of the interpreter with
click. Then all rules over the notes of our decks, and at last near-duplicates alone, among texts of
ever smaller vocabularies with planted rewordings.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from content import AIPM, PYTHON, race

from aipm_cards.content.load import load
from aipm_cards.style import Wording, each_note, trace
from aipm_cards.style.between import LIKE
from aipm_cards.style.similar import like_an_earlier

DECKS = Path(__file__).parent.parent.parent / "decks"

# How many words there are, how many a text has, and whether all are as frequent.
VOCABULARIES = [(20_000, 18, False), (2000, 14, False), (2000, 40, True), (200, 18, False), (200, 10, True),
                (60, 12, False), (60, 12, True), (30, 10, True)]  # fmt: skip


def texts(number: int, size: int, length: int, even: bool) -> tuple[list[tuple[int, ...]], list[tuple[int, int]]]:
    """Random texts and, at their end, a rewording of one in a hundred: the pairs of the two."""
    chance = random.Random(1)
    weights = list(accumulate(1.0 if even else 1 / (rank + 1) for rank in range(size)))
    made = [tuple(dict.fromkeys(chance.choices(range(size), cum_weights=weights, k=length))) for _ in range(number)]
    pairs = []
    for count in range(number // 100):
        source = chance.randrange(number)
        words = list(made[source])
        for _ in range(max(1, round(len(words) * chance.uniform(0.05, 0.25)))):
            words[chance.randrange(len(words))] = chance.choices(range(size), cum_weights=weights)[0]
        if count % 2:  # a clause that moved to the front
            cut = chance.randrange(len(words))
            words = words[cut:] + words[:cut]
        pairs.append((len(made), source))
        made.append(tuple(dict.fromkeys(words)))
    return made, pairs


def alike(made: list[tuple[int, ...]], pairs: list[tuple[int, int]]) -> Iterator[int]:
    """The rewordings that are still as like as the rule asks."""
    for later, source in pairs:
        one, other = set(made[later]), set(made[source])
        if len(one & other) >= LIKE * len(one | other):
            yield later


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--notes", type=int, default=100_000)
    arguments = parser.parse_args()
    print("our decks, whole processes")
    commands = {
        "import click": [PYTHON, "-c", "import click"],
        "check --strict": [*AIPM, "check", "--strict", str(DECKS)],
    }
    medians = race(arguments.runs, commands)
    print(f"  check / import click = {medians['check --strict'] / medians['import click']:.1f}")
    collection, _ = load(DECKS)
    started = time.process_time()
    for note in collection.notes:
        wording = Wording(note)
        list(each_note(wording, collection.style, english=True, sourced=True))
        trace(wording, collection.style)
    spent = time.process_time() - started
    print(f"  rules of one note: {spent / len(collection.notes) * 1e6:.0f} µs of processor time a note")
    print(f"near-duplicates among {arguments.notes:,} texts, processor time")
    for size, length, even in VOCABULARIES:
        made, pairs = texts(arguments.notes, size, length, even)
        started = time.process_time()
        found = like_an_earlier(made, LIKE)
        spent = time.process_time() - started
        wanted = list(alike(made, pairs))
        recall = sum(later in found for later in wanted) / max(1, len(wanted))
        kind = "even" if even else "natural"
        print(f"  {size:>6,} words, {length} a text, {kind:<8} {spent:5.1f} s, {recall:.1%} of {len(wanted):,} found")


if __name__ == "__main__":
    sys.exit(main())
