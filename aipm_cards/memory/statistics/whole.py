"""Everything that the statistics say, from one reading of the history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from aipm_cards.memory.history import History
from aipm_cards.memory.settings import Preset
from aipm_cards.memory.statistics.activity import Activity, activity
from aipm_cards.memory.statistics.calibration import Calibration, calibration
from aipm_cards.memory.statistics.hardest import Hardest, hardest
from aipm_cards.memory.statistics.kept import Shelf
from aipm_cards.memory.statistics.load import Load, load
from aipm_cards.memory.statistics.periods import periods
from aipm_cards.memory.statistics.readiness import Known, known, recalls
from aipm_cards.memory.statistics.reading import Progress, counted, counted_of, standings
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
    order: Sequence[str],
    groups: Mapping[str, Groups],
    today: int,
    preset_of: Callable[[str], Preset],
    *,
    only: bool = False,
    shelf: Shelf | None = None,
    progress: Progress | None = None,
) -> Statistics:
    """The statistics of the cards in `order` on learner day `today`.

    The past (retention, calibration, activity) is that of all cards that the history knows, also
    of those that have left the sources; `only` of these cards if it is true. Else counts are kept
    on a shelf, if there is one. Raises HistoryError.
    """
    wanted = frozenset(order)
    every = standings(history)
    here = [card for card in every if card.key in wanted]
    cards = {card.card for card in here}
    counts = counted_of(history, cards, progress) if only else counted(history, shelf, progress)
    spans = periods(counts.days, today)
    recall = recalls(here, today, preset_of)
    return Statistics(
        today,
        retention(spans),
        calibration(counts.bins),
        load(here, counts.days, today),
        activity(counts.days, spans, today),
        hardest(here, counts.cards),
        known({"all": order}, recall)[0],
        {name: known(those, recall) for name, those in groups.items()},
    )
