"""What do last looks cost the first card? Plans of a day, interleaved; ratios in one run.

    python tests/benchmarks/last_looks.py [--cards 10000] [--runs 9]

All cards are chosen review cards that wait for their last look: the most that can be.
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import tempfile
import time
from pathlib import Path

from aipm_cards import Cards, Goal, History, InForce, Settings, Store, Wish
from aipm_cards.memory.log import CardState
from aipm_cards.memory.queue import plan

TODAY = 20_000


def filled(store: Store, order: list[str]) -> History:
    """A history in which all cards are in the review state."""
    chance = random.Random(1)
    with store.writing() as connection:
        connection.execute("INSERT INTO collection (id, namespace) VALUES (1, 'looks')")
        connection.executemany("INSERT INTO card VALUES (?, 1, ?)", enumerate(order, 1))
        state = f"INSERT INTO state VALUES ({', '.join('?' * len(CardState._fields))})"
        for card in range(1, len(order) + 1):
            row = CardState(card, 1, card, 2, 0, chance.uniform(1, 90), 5.0, TODAY - chance.randrange(5, 40), 10)
            due = TODAY + chance.randrange(-1, 60)
            connection.execute(state, row._replace(due_day=due, reps=3, shuffle=chance.randrange(2**24)))
    return History(store, "looks", "here", lambda: bytes(10), 240)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cards", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=9)
    asked = parser.parse_args()
    order = [f"n{number}:0" for number in range(asked.cards)]
    cards = Cards(order, lambda ids: dict.fromkeys(ids, "A"))
    goals = {
        "no plan": None,
        "a plan": InForce.of(Goal(TODAY + 30, 10, 0.85, 3), order),
        "3 last days left": InForce.of(Goal(TODAY + 3, 10, 0.85, 3), order),
        "the last day": InForce.of(Goal(TODAY + 1, 10, 0.85, 3), order),
    }
    times: dict[str, list[float]] = {name: [] for name in goals}
    gc.disable()  # as the commands do
    with tempfile.TemporaryDirectory() as directory, Store(Path(directory) / "history.db") as store:
        history = filled(store, order)
        for _ in range(asked.runs):
            for name, goal in goals.items():
                started = time.perf_counter()
                plan(history, cards, Settings(), Wish(), TODAY, in_force=goal)
                times[name].append(time.perf_counter() - started)
    first = statistics.median(times["no plan"])
    for name, taken in times.items():
        middle = statistics.median(taken)
        print(f"{name:<18}{middle * 1000:8.1f} ms  {middle / first:5.1f} times no plan")


if __name__ == "__main__":
    main()
