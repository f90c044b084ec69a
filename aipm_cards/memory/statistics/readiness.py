"""A map of what is known today: by topic, family, deck and interview round."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from aipm_cards.memory.scheduler import State, recall
from aipm_cards.memory.settings import Preset
from aipm_cards.memory.statistics.reading import Standing

WELL_KNOWN = 0.9


class Known(NamedTuple):
    """Cards of one subject: how many, how many were seen, and the sum of their recall today, in
    which an unseen card counts nothing."""

    name: str
    cards: int
    seen: int
    recall: float

    @property
    def share_seen(self) -> float:
        """The share of cards that were seen."""
        return self.seen / self.cards

    @property
    def share_known(self) -> float:
        """The share of cards that would be recalled today."""
        return self.recall / self.cards


def recalls(standings: Iterable[Standing], today: int, preset_of: Callable[[str], Preset]) -> dict[str, float]:
    """The probability of recall today (`scheduler.retrievability`) of each card that was seen, by
    its key; `preset_of` gives the settings of a card."""
    found: dict[str, float] = {}
    for card in standings:
        if card.state != State.NEW:
            found[card.key] = recall(card.stability, today - card.last_day, preset_of(card.key))
    return found


def weakest(those: Iterable[Known], tiers: Mapping[str, int], most: int = 10) -> list[Known]:
    """What to begin with: of the lowest tier first that of which the least is known; nothing that
    would be recalled in nine of ten cases."""
    wanted = [one for one in those if one.share_known < WELL_KNOWN]
    return sorted(wanted, key=lambda one: (tiers[one.name], one.share_known))[:most]


def known(groups: Mapping[str, Iterable[str]], recall: Mapping[str, float]) -> list[Known]:
    """What is known of each group of cards (keys by a name), in their order; none of a group
    without cards."""
    return [_known(name, list(keys), recall) for name, keys in groups.items() if keys]


def _known(name: str, keys: list[str], recall: Mapping[str, float]) -> Known:
    seen = [recall[key] for key in keys if key in recall]
    return Known(name, len(keys), len(seen), sum(seen))
