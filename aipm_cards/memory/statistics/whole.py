"""Everything that the statistics say, from one reading of the history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from aipm_cards.memory.history import History
from aipm_cards.memory.settings import Preset
from aipm_cards.memory.statistics.activity import Activity, activity
from aipm_cards.memory.statistics.calibration import Calibration, calibration
from aipm_cards.memory.statistics.hardest import Hardest, hardest
from aipm_cards.memory.statistics.load import Load, load
from aipm_cards.memory.statistics.readiness import Known, known, recalls
from aipm_cards.memory.statistics.reading import counted, standings
from aipm_cards.memory.statistics.retention import Retention, retention

Groups = Mapping[str, Iterable[str]]
"""Keys of cards by the name of what they are about."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a history says of some cards on a learner day. `readiness` has a list per sort of
    group, by its name; `whole` is of all cards."""

    today: int
    retention: list[Retention]
    calibration: Calibration
    load: Load
    activity: Activity
    hardest: Hardest
    whole: Known
    readiness: dict[str, list[Known]]


def statistics(
    history: History,
    order: list[str],
    groups: Mapping[str, Groups],
    today: int,
    preset_of: Callable[[str], Preset],
    only: bool = False,
) -> Statistics:
    """The statistics of the cards in `order` on learner day `today`.

    The past (retention, calibration, activity) is that of all cards that the history knows, also
    of those that have left the sources; `only` of these cards if it is true. Raises HistoryError.
    """
    wanted = frozenset(order)
    every = standings(history)
    here = [card for card in every if card.key in wanted]
    counts = counted(history, {card.card for card in here} if only else None)
    recall = recalls(here, today, preset_of)
    return Statistics(
        today,
        retention(counts.days, today),
        calibration(counts.bins),
        load(here, counts.days, today),
        activity(counts.days, today),
        hardest(here, counts.cards),
        known({"all": order}, recall)[0],
        {name: known(those, recall) for name, those in groups.items()},
    )
