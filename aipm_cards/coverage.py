"""How far the notes of a collection cover its curriculum: pure functions over both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from aipm_cards.model import Collection, Topic


@dataclass(frozen=True, slots=True)
class Covered:
    """A topic with the notes per kind that name it and those that are still wanted."""

    topic: Topic
    written: Mapping[str, int]
    wanted: Mapping[str, int]

    @property
    def planned(self) -> int:
        """How many notes the curriculum plans."""
        return sum(self.topic.planned.values())

    @property
    def done(self) -> int:
        """How many of the planned notes are written; notes beyond the plan do not count."""
        return self.planned - sum(self.wanted.values())


def covered(collection: Collection) -> list[Covered]:
    """Each topic of the curriculum, in its order. Retired notes do not count."""
    written: dict[str, Counter[str]] = {topic: Counter() for topic in collection.topics}
    for note in collection.notes:
        if not note.retired:
            for topic in note.topics:
                if topic in written:
                    written[topic][note.kind] += 1
    return [
        Covered(
            topic,
            written[id_],
            {
                kind: number - written[id_][kind]
                for kind, number in topic.planned.items()
                if number > written[id_][kind]
            },
        )
        for id_, topic in collection.topics.items()
    ]
