"""When in a session each answer comes: who stops after some minutes leaves the rest for later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from aipm_cards.memory.planning.answers import Cards
from aipm_cards.memory.planning.formulas import Floats, Ints

_LONGEST = 1e6  # seconds; no session lasts as long
MERGED = 3  # turns after the first that make what waits later; the rest are few


class Turn(NamedTuple):
    """The first, second... answers of the cards of a day: which cards (rows of the day), what
    becomes of them, the seconds each takes, and after how many the card comes again (-1 if it does not)."""

    rows: Ints
    cards: Cards
    seconds: Floats
    wait: Ints

    def of(self, some: Ints) -> Turn:
        """Some of them."""
        return Turn(self.rows[some], self.cards.of(some), self.seconds[some], self.wait[some])


def timeline(place: Floats, life: Ints, turns: Sequence[Turn]) -> list[Floats]:
    """The second of the session at which each answer begins, turn by turn.

    First answers come in the order of their places. A card in its steps comes as soon as it is
    due, before what waits; once nothing waits it comes early. `place` and `life` are those of the
    day's cards (shape n).
    """
    first, *later = turns
    lives, seconds = [life[first.rows]], [first.seconds]
    found = [begins(life, place, first.seconds)]
    before = first
    for number, turn in enumerate(later, 1):
        again = (before.wait >= 0).nonzero()[0]
        passed = before.seconds[again] + before.wait[again]
        if number > MERGED:
            found.append(found[-1][again] + passed)
            before = turn
            continue
        lives.append(life[turn.rows])
        seconds.append(turn.seconds)
        for _ in range(2 if number == 1 else 1):  # what comes in between lets more come in between
            keys = np.concatenate([*found[:number], found[number - 1][again] + passed])
            all_begin = begins(np.concatenate(lives), keys / _LONGEST, np.concatenate(seconds))
            found = np.split(all_begin, np.cumsum([len(each) for each in seconds])[:-1])
        before = turn
    return found


def begins(life: Ints, place: Floats, seconds: Floats) -> Floats:
    """When each begins, in seconds, if those of a life come in the order of their places (from -1,
    below 1), each after the other."""
    if not len(life):
        return seconds
    order = np.argsort(2 * life + place, kind="stable")
    before = np.cumsum(seconds[order]) - seconds[order]
    sorted_life = life[order]
    first = np.searchsorted(sorted_life, np.arange(sorted_life[-1] + 1))
    found = np.empty_like(seconds)
    found[order] = before - before[np.minimum(first, len(before) - 1)][sorted_life]
    return found
