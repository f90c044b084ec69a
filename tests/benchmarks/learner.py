"""A generated history: years of reviews of a collection, as the program itself would have kept them.

    python tests/benchmarks/learner.py COLLECTION HISTORY REVIEWS

Some card lives are worked out by the scheduler, answer by answer; each card then has one of
them, moved by whole days so that the due days lie around today. Nine cards in ten were seen.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from aipm_cards import load
from aipm_cards.kinds import ordinals
from aipm_cards.meaning import meaning
from aipm_cards.memory.days import DAY_MS, Moment, learner_day
from aipm_cards.memory.doctor import rebuild
from aipm_cards.memory.history import Content, scheduler_text
from aipm_cards.memory.log import Event, EventKind
from aipm_cards.memory.scheduler import Memory, Outcome, State, outcomes, retrievability
from aipm_cards.memory.settings import Preset
from aipm_cards.memory.store import Store
from aipm_cards.model import Rating

ZONE = "UTC"  # no clock changes: a life moved by whole days stays one
START = 240  # minutes after midnight
PRESET = replace(Preset(), leech_threshold=0)
BEGIN = 15_000  # the learner day on which each life begins before it is moved
YEARS = 10 * 365  # days that a life may last; who answers more often studies ahead
WORKED_OUT = 30_000  # answers of all lives together
NEW, STEP = (20, 10, 60, 10), (8, 7, 80, 5)  # weights of the ratings
RECALLED = (0, 12, 78, 10)
SEEN = 0.9


class Step(NamedTuple):
    """Something that happens in a life. An undo takes back the step before it."""

    kind: EventKind
    ms: int
    day: int
    rating: Rating | None = None
    took: int | None = None
    before: State | None = None
    outcome: Outcome | None = None


def life(chance: random.Random, answers: int) -> list[Step]:
    """At least so many answers, until the card is out of its learning steps."""
    most = max(1, 2 * YEARS // answers)
    memory, ms, steps = Memory(), BEGIN * DAY_MS + chance.randrange(7 * 3_600_000, 22 * 3_600_000), list[Step]()
    while len(steps) < answers or memory.state is not State.REVIEW:
        now = Moment(ms, ZONE)
        day, found = learner_day(now, START), outcomes(memory, now, PRESET, START, f"{ms}/{len(steps)}")
        rating, took = _rated(chance, memory, day), int(chance.lognormvariate(8.8, 0.7))
        if chance.random() < 0.003:  # the wrong key
            slip = chance.choice(list(Rating))
            steps.append(Step(EventKind.ANSWER, ms - 6000, day, slip, took, memory.state, found[slip]))
            steps.append(Step(EventKind.UNDO, ms - 4000, day))
        outcome = found[rating]
        steps.append(Step(EventKind.ANSWER, ms, day, rating, took, memory.state, outcome))
        memory = outcome.memory
        if memory.state is State.REVIEW:
            wait = min(memory.interval, chance.randint(most // 2, most) or 1) + (chance.random() < 0.2)
            ms = (day + wait) * DAY_MS + chance.randrange(7 * 3_600_000, 22 * 3_600_000)
        else:
            ms = outcome.due + chance.randrange(2000, 200_000)
    return [*steps, *_beside(chance, steps[-1])]


def _rated(chance: random.Random, memory: Memory, day: int) -> Rating:
    if memory.state is State.REVIEW:
        forgot = chance.random() > retrievability(memory, day, PRESET)
        return Rating.AGAIN if forgot else chance.choices(list(Rating), RECALLED)[0]
    return chance.choices(list(Rating), NEW if memory.state is State.NEW else STEP)[0]


def _beside(chance: random.Random, last: Step) -> Iterator[Step]:
    """What is no answer."""
    for share, kind in ((0.01, EventKind.FLAG), (0.02, EventKind.BURY), (0.005, EventKind.SUSPEND)):
        if chance.random() < share:
            yield Step(kind, last.ms + 1000 * kind, last.day)


def _lives(chance: random.Random, cards: int, reviews: int) -> Iterator[tuple[int, int, Step]]:
    """Moved steps of all cards: card, days moved, step."""
    mean = reviews / cards
    lives = min(cards, round(WORKED_OUT / mean))
    known = [life(chance, max(2, round(chance.gammavariate(2, mean / 2)))) for _ in range(lives)]
    for card in range(1, cards + 1):
        steps = known[(card - 1) % len(known)]
        interval = max(1, next(s.outcome.memory.interval for s in reversed(steps) if s.outcome is not None))
        back = chance.randint(1, interval + 1 + interval // 10)
        for step in steps:
            yield card, -back - steps[-1].day, step


def _events(
    moved: Sequence[tuple[int, int, Step]], today: int, chance: random.Random, content: Mapping[int, Sequence[int]]
) -> Iterator[Event]:
    """The rows of the log; `content` has the numbers of the texts of a card, the newest last."""
    newest: dict[int, bytes] = {}
    for seq, (card, days, step) in enumerate(moved, 1):
        shift = today + days
        time_ = step.ms + shift * DAY_MS
        id_ = time_.to_bytes(6) + chance.randbytes(10)
        event = Event(seq, id_, step.kind, card, time_, 1, step.day + shift, 2)
        if step.kind == EventKind.UNDO:
            event = event._replace(voids=newest[card])
        elif step.kind == EventKind.FLAG:
            event = event._replace(detail="the number is another one in the newest report")
        elif step.outcome is not None:
            memory, due, due_day = step.outcome
            texts = content[card]
            event = Event(
                *event[:8], step.rating, step.took, step.before, memory.state, memory.step, memory.stability,
                memory.difficulty, due + shift * DAY_MS, due_day + shift, memory.interval, 0,
                texts[0] if days < -200 else texts[-1], 3,
            )  # fmt: skip
        newest[card] = id_
        yield event


def write(path: Path, namespace: str, cards: Mapping[str, str], reviews: int, now_ms: int, seed: int = 1) -> int:
    """Write a history of about `reviews` reviews of cards (key to what it says), ending the day
    before `now_ms`; returns how many events it has. The same seed and time give the same rows."""
    chance = random.Random(seed)
    seen = list(cards.items())[: max(1, round(len(cards) * SEEN))]
    moved = list(_lives(chance, len(seen), reviews))
    moved.sort(key=lambda item: (item[1] * DAY_MS + item[2].ms, item[0]))
    texts: dict[str, int] = {}  # two cards of a note may say the same
    content: dict[int, list[int]] = {}
    for card, (_, text) in enumerate(seen, 1):
        versions = [f"{text} (as it was)", text] if chance.random() < 0.1 else [text]
        content[card] = [texts.setdefault(version, len(texts) + 1) for version in versions]
    today = learner_day(Moment(now_ms, ZONE), START)
    marks = ", ".join("?" * len(Event._fields))
    with Store(path) as store:
        with store.writing() as rows:
            rows.execute("INSERT INTO collection (id, namespace) VALUES (1, ?)", (namespace,))
            words = (ZONE, "benchmark", scheduler_text(PRESET, START))
            rows.executemany("INSERT INTO word (text) VALUES (?)", ((word,) for word in words))
            rows.executemany("INSERT INTO card (collection, key) VALUES (1, ?)", ((key,) for key, _ in seen))
            contents = map(Content.of, texts)
            rows.executemany("INSERT INTO content (digest, text) VALUES (?, ?)", contents)
            sql = f"INSERT INTO event ({', '.join(Event._fields)}) VALUES ({marks})"
            rows.executemany(sql, _events(moved, today, chance, content))
        rebuild(store)
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return len(moved)


def cards_of(root: Path) -> tuple[str, dict[str, str]]:
    """The namespace of a collection, and what each of its cards says, by key, in order."""
    collection, _ = load(root)
    found = {f"{note.id}:{n}": meaning(note, n) for note in collection.notes for n in ordinals(note)}
    return collection.namespace, found


if __name__ == "__main__":
    print(write(Path(sys.argv[2]), *cards_of(Path(sys.argv[1])), int(sys.argv[3]), time.time_ns() // 1_000_000))
