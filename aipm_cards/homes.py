"""Where a new note belongs: the deck file whose notes teach most of its topic, or what is near."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aipm_cards.model import Collection, Note, Topic

NEAR = 12  # topics to look through for a file that holds notes of the same kind


@dataclass(frozen=True, slots=True)
class Home:
    """A deck file of the collection, and in a few words why a note belongs there."""

    path: str
    why: str


def home_of(collection: Collection, topic: str, kind: str) -> Home | None:
    """The deck file for a note of a kind on a topic of the curriculum; None if no note is near.

    Files that hold notes of the kind come first: interviews and scenarios have files of their own.
    """
    same_kind = {note.path for note in collection.notes if note.kind == kind}
    near_ones = _nearest(collection.topics, topic)
    for notes, reach in (
        ([note for note in collection.notes if note.path in same_kind], NEAR),
        (collection.notes, None),
    ):
        per_topic = _per_topic(notes)
        if found := _most(per_topic.get(topic)):
            path, number = found
            return Home(path, f"it has {number} of the notes on {topic}")
        for near in near_ones[:reach]:
            if found := _most(per_topic.get(near)):
                return Home(
                    found[0], f"it has the notes on {near}, the nearest topic that has any; --deck names another"
                )
    return None


def _per_topic(notes: Sequence[Note]) -> dict[str, Counter[str]]:
    """How many notes each file has on each topic."""
    counts: dict[str, Counter[str]] = {}
    for note in notes:
        for topic in note.topics:
            counts.setdefault(topic, Counter())[note.path] += 1
    return counts


def _most(counts: Counter[str] | None) -> tuple[str, int] | None:
    """The file with the most notes; of equals the first by name."""
    return min(counts.items(), key=lambda entry: (-entry[1], entry[0])) if counts else None


def _nearest(topics: Mapping[str, Topic], topic: str) -> list[str]:
    """The other topics of a topic's family, those that stand next to it first."""
    if topic not in topics:
        return []
    order = list(topics)
    at = order.index(topic)
    family = [id_ for id_ in order if topics[id_].family == topics[topic].family and id_ != topic]
    return sorted(family, key=lambda id_: abs(order.index(id_) - at))
