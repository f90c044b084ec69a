"""How fast is a plan? Against a loop over py-fsrs that lives the same days, and as a whole command.

    python tests/benchmarks/plan_speed.py [--cards 1000] [--days 60] [--lives 200] [--runs 5]

The loop lives some of the lives, one after the other: new cards up to a limit, learning steps, reviews by
due day, two memory states of each card (what the scheduler thinks, what is true). Ratios are those of one run.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import fsrs
from content import AIPM, HERE, PYTHON, measure

from aipm_cards.memory.history import History
from aipm_cards.memory.planning.simulate import Limits, World, simulate
from aipm_cards.memory.planning.world import world_of
from aipm_cards.memory.queue import Cards
from aipm_cards.memory.settings import Settings
from aipm_cards.memory.store import Store

TODAY = 20_000
NEW = 20  # cards a day
LOOPED = 4  # lives of the loop
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REFERENCE = [PYTHON, "-c", "import click, rich.console"]


def world(cards: int, days: int, lives: int) -> World:
    """Lives that begin with new cards."""
    with tempfile.TemporaryDirectory() as directory, Store(Path(directory) / "history.db") as store:
        history = History(store, "x", "here", lambda: os.urandom(10), 240)
        keys = [f"n{number}:0" for number in range(cards)]
        deck = Cards(keys, lambda ids: dict.fromkeys(ids, "A"))
        return world_of(history, deck, frozenset(keys), Settings(), {}, TODAY, TODAY + days, lives, 1)


def looped(one: World, life: int) -> int:
    """One life, answer by answer; returns how many answers that took."""
    chance, draws = random.Random(life), one.draws
    thought, true = fsrs.Scheduler(enable_fuzzing=False), fsrs.Scheduler(one.truth[one.life[life]].tolist())
    cards: dict[int, tuple[fsrs.Card, fsrs.Card]] = {}
    answers = 0
    for day in range(one.days):
        if not draws.attends[life, day]:
            continue
        now = EPOCH + timedelta(days=day)
        due = [number for number, (card, _) in cards.items() if card.due.date() <= now.date()]
        new = range(len(cards), min(len(cards) + NEW, len(one.deck.keys)))
        for number in [*due, *new]:
            ours, theirs = cards.get(number) or (fsrs.Card(card_id=number), fsrs.Card(card_id=number))
            steps = True
            while steps:
                if ours.stability is None:
                    rating = _drawn(chance, draws.first[life].tolist(), 1)
                elif ours.state is not fsrs.State.Review:
                    rating = _drawn(chance, draws.step[life].tolist(), 1)
                elif chance.random() < true.get_card_retrievability(theirs, now):
                    rating = _drawn(chance, draws.recalled[life].tolist(), 2)
                else:
                    rating = fsrs.Rating.Again
                ours, _ = thought.review_card(ours, rating, now)
                theirs, _ = true.review_card(theirs, rating, now)
                answers += 1
                steps = ours.state is not fsrs.State.Review
            cards[number] = ours, theirs
    return answers


def _drawn(chance: random.Random, shares: list[float], lowest: int) -> fsrs.Rating:
    luck = chance.random()
    return fsrs.Rating(lowest + sum(luck >= share for share in shares[:-1]))


def engine(cards: int, days: int, lives: int, runs: int) -> None:
    one = world(cards, days, lives)
    ratios, seconds = [], []
    for _ in range(runs):
        begun = time.perf_counter()
        found = simulate(one, Limits(NEW, 0.9, 0), 1)
        ours = time.perf_counter() - begun
        begun = time.perf_counter()
        answers = sum(looped(one, life) for life in range(LOOPED))
        theirs = (time.perf_counter() - begun) / answers * found.answers
        ratios.append(theirs / ours)
        seconds.append(ours)
    print(
        f"{lives} lives of {cards:,} cards and {days} days, {found.answers:,} answers, in {min(seconds):.2f} s at best"
    )
    print(f"  a loop over py-fsrs takes {statistics.median(ratios):.1f} times as long for as many answers", end=" ")
    print(f"({min(ratios):.1f} to {max(ratios):.1f}; goal: 20)")


def command(cards: int, days: int, runs: int) -> None:
    """The whole of `aipm-cards plan`, from the shell."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory) / "collection"
        subprocess.run(
            [PYTHON, str(HERE / "generate.py"), str(root), str(cards)], check=True, stdout=subprocess.DEVNULL
        )
        when = (date.today() + timedelta(days=days)).isoformat()
        for minutes in ("30", "10", ""):
            asked = ["plan", "--on", when, "--collection", str(root), "--history", str(Path(directory) / "history.db")]
            asked += ["--minutes", minutes] if minutes else []
            times, starts = [], []
            for turn in range(runs + 1):
                start, took = measure(REFERENCE)[0], measure([*AIPM, *asked])[0]
                if turn:  # the first one fills the cache
                    starts.append(start)
                    times.append(took)
            ratio = statistics.median(times) / statistics.median(starts)
            print(f"plan for {cards:,} notes, {days} days, {minutes or 'no bound of'} minutes:")
            print(f"  {statistics.median(times):.2f} s ({min(times):.2f} to {max(times):.2f}; goal: 5),", end=" ")
            print(f"{ratio:.0f} times the start with rich")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, number in (("cards", 1000), ("days", 60), ("lives", 200), ("runs", 5)):
        parser.add_argument(f"--{name}", type=int, default=number)
    a = parser.parse_args()
    engine(a.cards, a.days, a.lives, a.runs)
    command(a.cards, a.days, a.runs)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
