"""What the session's scheduler does with learning steps, as tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aipm_cards.memory.days import DAY_MS, Moment, day_begins
from aipm_cards.memory.planning.formulas import Ints
from aipm_cards.memory.scheduler import Memory, State, outcomes
from aipm_cards.memory.settings import Preset, Settings
from aipm_cards.model import Rating

_DAY, _ZONE = 20_000, "UTC"  # any day without a clock change
_NOON = 12 * 3_600_000


@dataclass(frozen=True, slots=True)
class Steps:
    """Where a rating leads, by preset, state, step and rating (from 0): the state, the step, and
    in how many days the card comes again, 0 for the same session, and after how many seconds of it.
    Both are 0 for a card that leaves its steps: its interval follows from its stability."""

    state: Ints
    step: Ints
    days: Ints
    wait: Ints

    @property
    def longest(self) -> int:
        """The last step that the tables know; later ones lead where it leads."""
        return int(self.state.shape[2]) - 1


def tables(presets: list[Preset], settings: Settings) -> Steps:
    """The tables of presets, asked of the scheduler itself."""
    longest = max(max(len(p.learning_steps), len(p.relearning_steps)) for p in presets) + 1
    shape = (len(presets), len(State), longest, len(Rating))
    found = Steps(*(np.zeros(shape, dtype=np.int64) for _ in range(4)))
    now = Moment(day_begins(_DAY, _ZONE, settings.day_start) + _NOON, _ZONE)
    for number, preset in enumerate(presets):
        for state in State:
            for step in range(longest):
                memory = Memory(state, step, 1.0, 5.0, _DAY, 1) if state else Memory()
                for rating, outcome in outcomes(memory, now, preset, settings.day_start).items():
                    at = number, int(state), step, int(rating) - 1
                    found.state[at], found.step[at] = int(outcome.memory.state), outcome.memory.step
                    if outcome.memory.state is not State.REVIEW:
                        wait = outcome.due - now.ms
                        found.days[at] = _days(wait, outcome.due_day - _DAY, settings.learn_ahead)
                        found.wait[at] = 0 if found.days[at] else wait // 1000
    return found


def _days(wait: int, days: int, learn_ahead: int) -> int:
    """In how many days a step comes: today if one waits for it, or it may come early when the
    rest of the day is done."""
    if wait >= DAY_MS or days > 0:
        return max(1, days)
    return 0 if wait <= learn_ahead * 1000 else 1
