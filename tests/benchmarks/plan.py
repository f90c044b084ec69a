"""Does a plan come true, and is it better than plain rules? Simulated learners live through it.

    python tests/benchmarks/plan.py [--people 500] [--days 30] [--cards N] [--others 0] [--history 30]
                                    [--minutes M] [--seed 1] [--only NAME ...] [--foreseen] [--save FILE]

Each learner has studied for up to --history days before; then each way of studying begins with the
same history, the same chances and the same minutes a day. Remembered are the cards that would be
recalled on the day, were all of those chosen asked then. With --foreseen, a rule's interval is that
of nine other courses of the same things: no plan can know more, and it must hold 80 % of the outcomes.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from math import sqrt
from pathlib import Path

from people import KINDS, people
from ways import POLICIES, Outcome, Result, Task, lived


def table(results: Sequence[Result]) -> Iterator[str]:
    """Results by kind: what was remembered of 100 cards, in how many minutes a day; and of ways
    that foretell, the share of intervals that held and their width, also of 100 cards."""
    names = list(results[0].outcomes)
    foretell = {name for name in names if results[0].outcomes[name].held is not None}
    yield (" " * 22 + "".join(f" {name:<{31 if name in foretell else 17}}" for name in names)).rstrip()
    heads = ("  of 100   min    " + (" held width    " if name in foretell else "") for name in names)
    yield (f"{'kind':<14}people " + "".join(heads)).rstrip()
    rows = {kind: [result for result in results if result.kind == kind] for kind in KINDS}
    rows["little time"] = [result for result in results if _cut(result) >= 0.25]
    rows["time enough"] = [result for result in results if _cut(result) < 0.25]
    for kind, of_kind in [*rows.items(), ("all", results)]:
        if of_kind:
            cells = "".join(_cells([(r.cards, r.outcomes[name]) for r in of_kind]) for name in names)
            yield f"{kind:<14}{len(of_kind):>6}  {cells}".rstrip()
    yield from _compared(results, names)


def _cut(result: Result) -> float:
    """The share of sessions for which the minutes were too few, whatever the way of studying."""
    return statistics.mean(outcome.cut for outcome in result.outcomes.values())


def _cells(outcomes: Sequence[tuple[int, Outcome]]) -> str:
    share = statistics.mean(100 * outcome.remembered / cards for cards, outcome in outcomes)
    cells = f"{share:>7.1f} {statistics.mean(outcome.minutes for _, outcome in outcomes):>5.1f}     "
    if outcomes[0][1].held is not None:
        widths = [100 * (o.high - o.low) / cards for cards, o in outcomes if o.high is not None and o.low is not None]
        held = statistics.mean(outcome.held is True for _, outcome in outcomes)
        cells += f"{held:>4.0%} {statistics.mean(widths):>5.1f}    "
    return cells


def _compared(results: Sequence[Result], names: Sequence[str]) -> Iterator[str]:
    """The first way of studying beside the others, learner by learner."""
    first, *others = names
    for name in others:
        pairs = [(r.outcomes[first], r.outcomes[name], r.cards) for r in results]
        more = [100 * (one.expected - other.expected) / cards for one, other, cards in pairs]
        minutes = statistics.mean(one.minutes - other.minutes for one, other, _ in pairs)
        error = statistics.stdev(more) / sqrt(len(more)) if len(more) > 1 else 0.0
        better = statistics.mean(one > 0 for one in more)
        yield (
            f"{first} against {name}: {statistics.mean(more):+.2f} of 100 cards (standard error {error:.2f}, true"
            f" probabilities), {minutes:+.2f} minutes a day; better for {better:.0%} of the learners"
        )


def _all(tasks: Sequence[Task], processes: int) -> Iterator[Result]:
    """The results in the order of the tasks, with the progress on stderr."""
    begun = time.monotonic()
    with multiprocessing.Pool(processes) as pool:
        for number, result in enumerate(pool.imap(lived, tasks), 1):
            yield result
            seconds = time.monotonic() - begun
            print(f"\r{number} of {len(tasks)}, {seconds:.0f} s ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, number in (("people", 500), ("days", 30), ("cards", 0), ("others", 0), ("history", 30), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=list(POLICIES), default=list(POLICIES))
    parser.add_argument("--foreseen", action="store_true")
    parser.add_argument("--save", type=Path, help="one JSON object a learner, a line each")
    a = parser.parse_args()
    tasks = [
        Task(person, a.days, a.cards, a.others, a.history, a.minutes, a.only, a.foreseen)
        for person in people(a.people, a.seed)
    ]
    results = list(_all(tasks, a.processes))
    if a.save:
        a.save.write_text("".join(f"{json.dumps(asdict(result))}\n" for result in results))
    print(*table(results), sep="\n")


if __name__ == "__main__":
    main()
