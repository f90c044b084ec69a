"""FSRS parameters fitted to a learner's own history, and whether they predict better.

The engine is fsrs-rs through `fsrs_rs_python`, which is no dependency: it is imported when it is
used. It fits; it does not judge. Whether new parameters are better is worked out with our own
scheduler, on reviews that were later than all that they were fitted to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

from aipm_cards.errors import AipmCardsError
from aipm_cards.memory.fitting.scoring import Score, Scored, bin_of, score
from aipm_cards.memory.reading import Review, first_of_day, tells_recall
from aipm_cards.memory.scheduler import Memory, next_memory, retrievability
from aipm_cards.memory.settings import BOUNDS, DEFAULT_PARAMETERS, Preset
from aipm_cards.model import Rating

ENGINE = "fsrs-rs-python 0.9.3"
FEWEST, FEW = 8, 64  # reviews under which the engine fits nothing, and only the initial stabilities
LONGEST = 256  # reviews of a card; the engine fits to no longer sequence
# Shares of the reviews after which parameters are fitted, to be judged on what comes until the next.
CUTS = (0.4, 0.55, 0.7, 0.85)

Reviews = dict[str, list[Review]]
"""The reviews of cards by their keys, each in order."""
Place = tuple[str, int, Review]
"""A card, the number of one of its reviews, and that review."""
Reach = Literal["nothing", "initial stabilities", "all"]
Progress = Callable[[int, int], None]
"""Called with how many parts of the work are done, of how many."""


class EngineMissing(AipmCardsError):
    """The engine is not installed, or is broken."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Parameters, which of them the history was enough for, and how many reviews the engine left
    out as outliers: cards with a first interval that hardly any other card had."""

    parameters: tuple[float, ...]
    reach: Reach
    outliers: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of fitting: `reviews` are those that can be fitted to, of `cards` cards, between
    two times (UTC milliseconds), `in_steps` those of them to cards in learning steps, which tell nothing
    of what was predicted (`tells_recall`); `score` is None if there are too few later reviews to judge by."""

    reviews: int
    cards: int
    in_steps: int
    times: tuple[int, int]
    before: tuple[float, ...]
    fit: Fit
    score: Score | None

    @property
    def better(self) -> bool:
        """Whether the new parameters are others, and better by more than chance."""
        return self.score is not None and self.score.better and self.fit.parameters != self.before


def optimize(cards: Reviews, preset: Preset, progress: Progress = lambda done, of: None) -> Outcome:
    """Fit parameters to the reviews of cards and judge them against those of `preset`.

    Raises EngineMissing.
    """
    engine = _engine()
    usable = _usable(cards)
    times = [review.time for _, number, review in usable]
    steps = len(preset.relearning_steps)
    cuts = [*(times[int(len(times) * cut)] for cut in CUTS), times[-1] + 1] if usable else []
    old = _recall(cards, preset, cuts[0], cuts[-1]) if cuts else {}
    scored: list[Scored] = []
    for part, (start, stop) in enumerate(pairwise(cuts)):
        earlier = [item for item in usable if item[2].time < start]
        fit = _fitted(engine, cards, earlier, steps)
        if fit.reach != "nothing":
            new = _recall(cards, replace(preset, parameters=fit.parameters), start, stop)
            scored += [_scored(cards, place, old[place], after) for place, after in new.items()]
        progress(part + 1, len(CUTS) + 1)
    fit = _fitted(engine, cards, usable, steps)
    progress(len(CUTS) + 1, len(CUTS) + 1)
    span = (times[0], times[-1]) if times else (0, 0)
    of_cards = len({key for key, _, _ in usable})
    in_steps = sum(not tells_recall(cards[key], number) for key, number, _ in usable)
    return Outcome(len(usable), of_cards, in_steps, span, preset.parameters, fit, score(scored))


def _scored(cards: Reviews, place: tuple[str, int], before: float, after: float) -> Scored:
    """A review with what was predicted of it."""
    key, number = place
    return Scored(key, before, after, cards[key][number].rating != Rating.AGAIN, bin_of(cards[key], number))


def _usable(cards: Reviews) -> list[Place]:
    """The reviews that can be fitted to, in the order of time: the first of a card on a later day
    than the one before it."""
    found = [
        (key, number, review)
        for key, reviews in cards.items()
        for number, review in enumerate(reviews[:LONGEST])
        if first_of_day(reviews, number)
    ]
    return sorted(found, key=lambda item: item[2].time)


def _fitted(engine: Any, cards: Reviews, usable: Sequence[Place], steps: int) -> Fit:
    """What the engine makes of reviews and all that came before them."""
    sequences = {key: _sequence(engine, cards[key]) for key in {key for key, _, _ in usable}}
    items = [engine.FSRSItem(sequences[key][: number + 1]) for key, number, _ in usable]
    first = [item for item in items if item.long_term_review_cnt() == 1]
    outliers = len(items) - len(engine.filter_outlier(first, items)[1])
    try:
        found = engine.FSRS([]).compute_parameters(items, num_relearning_steps=steps)
    except ValueError:  # not one first interval is left that it could begin with
        return Fit(DEFAULT_PARAMETERS, "nothing", outliers)
    parameters = within_bounds(found)
    if parameters == DEFAULT_PARAMETERS:
        return Fit(parameters, "nothing", outliers)
    return Fit(parameters, "initial stabilities" if parameters[4:] == DEFAULT_PARAMETERS[4:] else "all", outliers)


def _sequence(engine: Any, reviews: Sequence[Review]) -> list[Any]:
    """The reviews of a card as the engine takes them: with whole learner days since the last."""
    days = [reviews[0].day, *(review.day for review in reviews)]
    return [
        engine.FSRSReview(review.rating, max(0, review.day - last))
        for review, last in zip(reviews[:LONGEST], days, strict=False)
    ]


def within_bounds(values: Sequence[float]) -> tuple[float, ...]:
    """Parameters with four decimals, within their bounds: 32-bit floats lie a hair beside them."""
    return tuple(min(max(round(value, 4), low), high) for value, (low, high) in zip(values, BOUNDS, strict=True))


def _recall(cards: Reviews, preset: Preset, start: int, stop: int) -> dict[tuple[str, int], float]:
    """What a preset predicts of the reviews between two times that tell recall, each from all that
    came before it; by the card and the number of the review."""
    found: dict[tuple[str, int], float] = {}
    for key, reviews in cards.items():
        if reviews[-1].time < start:
            continue
        memory = Memory()
        for number, review in enumerate(reviews):
            if review.time >= stop:
                break
            if review.time >= start and tells_recall(reviews, number):
                found[key, number] = retrievability(memory, review.day, preset)
            memory, _ = next_memory(memory, Rating(review.rating), review.day, preset)
    return found


def _engine() -> Any:
    try:
        import fsrs_rs_python
    except ImportError as error:
        why = "is not installed" if isinstance(error, ModuleNotFoundError) else f"cannot be loaded ({error})"
        raise EngineMissing(
            f"what fits parameters, {ENGINE}, {why}; `python -m pip install '{ENGINE.replace(' ', '==')}'` installs it."
            " It is no part of aipm-cards because its package names no license of its own"
        ) from None
    return fsrs_rs_python
