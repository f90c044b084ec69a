"""What cards are about, and groups of cards that are about the same: pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from aipm_cards.kinds import ROUNDS
from aipm_cards.model import Topic


class Subject(NamedTuple):
    """What a note is about: topics of the curriculum, and the round of an interview question."""

    topics: tuple[str, ...] = ()
    round: str = ""


def groups(
    order: Iterable[str], subjects: Mapping[str, Subject], topics: Mapping[str, Topic], decks: Mapping[str, str]
) -> dict[str, dict[str, list[str]]]:
    """Cards (`note-id:ordinal`) by `family`, `topic`, `round` and `deck`; `decks` by note.

    Topics, their families and rounds come in the order of the curriculum and of the table of
    kinds, decks in that of the cards. A card with several topics is in the group of each, but
    once in their family. Topics that the curriculum does not have are left out.
    """
    of_topic: dict[str, list[str]] = {topic: [] for topic in topics}
    of_family: dict[str, list[str]] = {topic.family: [] for topic in topics.values()}
    of_round: dict[str, list[str]] = {name: [] for name in ROUNDS}
    of_deck: dict[str, list[str]] = {}
    for key in order:
        note_id = key.rpartition(":")[0]
        subject = subjects.get(note_id, Subject())
        named = [topic for topic in subject.topics if topic in topics]
        for topic in named:
            of_topic[topic].append(key)
        for family in dict.fromkeys(topics[topic].family for topic in named):
            of_family[family].append(key)
        if subject.round:
            of_round[subject.round].append(key)
        of_deck.setdefault(decks.get(note_id, ""), []).append(key)
    return {"family": of_family, "round": of_round, "deck": of_deck, "topic": of_topic}
