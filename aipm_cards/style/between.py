"""Rules that need all notes: cards that ask the same, and terms that are confused."""

from __future__ import annotations

import re
from array import array
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple
from zlib import crc32

from aipm_cards.diagnostics import Place
from aipm_cards.model import Style
from aipm_cards.style.similar import like_an_earlier
from aipm_cards.style.wording import ANSWERED, ASKED, Found, Wording, kin_of, words_of

LIKE = 0.55  # the likeness of question and answer together from which on two notes teach the same
NEARLY_ALL = 0.8  # where the answers share no word
_LEAST = 5  # words that carry meaning, below which two cards are alike by chance
_MOST = 40  # of them that are compared: the cases of long notes differ long before


class Trace(NamedTuple):
    """What the rules between notes need to know of one: the words that carry its meaning, as
    numbers, those of its question as a digest (empty for a short one), those of its answer, the
    terms of confusable pairs that it uses, and the two that it separates."""

    note_id: str
    path: str
    place: Place
    words: array[int]
    question: bytes
    answer: frozenset[str]
    terms: frozenset[str]
    separates: tuple[str, ...]


def trace(wording: Wording, style: Style) -> Trace:
    """The trace of a note, from its wording."""
    note = wording.note
    asks, answers = ASKED[note.kind], ANSWERED.get(note.kind, ())
    asked = _numbers(() if note.retired else wording.stems(*asks))
    words = _numbers(() if note.retired else wording.stems(*asks, *answers))
    question = blake2b(array("I", sorted(asked)).tobytes(), digest_size=8).digest() if asked else b""
    separates = tuple(_normal(wording.plain(side)) for side in ("a", "b")) if note.kind == "contrast" else ()
    answer = frozenset(wording.stems(*answers) if answers and len(words) else ())
    return Trace(note.id, note.path, note.place, words, question, answer, _terms(wording, style), separates)


def _numbers(words: Collection[str]) -> array[int]:
    return array("I", map(_number, words) if len(words) >= _LEAST else ())[:_MOST]


@lru_cache(maxsize=1 << 18)
def _number(word: str) -> int:
    return crc32(word.encode())


def _normal(term: str) -> str:
    return " ".join(words_of(term))


def _terms(wording: Wording, style: Style) -> frozenset[str]:
    kind = wording.note.kind
    if not style.confusable or kind in ("interview", "scenario"):
        return frozenset()
    said = " ".join(map(wording.plain, (*ASKED[kind], *ANSWERED.get(kind, ()))))
    return frozenset(map(_normal, _pattern(style).findall(said.lower())))


@lru_cache(maxsize=8)
def _pattern_of(terms: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, terms)) + r")(?!\w)")


def _pattern(style: Style) -> re.Pattern[str]:
    terms = {term.lower() for pair in style.confusable for term in (pair.a, pair.b)}
    return _pattern_of(tuple(sorted(terms, key=lambda term: (-len(term), term))))


def between(traces: Sequence[Trace]) -> Iterator[tuple[int, Found]]:
    """Cards that ask nearly what an earlier one asks, with the index of each."""
    alike = like_an_earlier([trace.words for trace in traces], LIKE)
    alike = {later: earlier for later, earlier in alike.items() if not _are_opposites(traces[later], traces[earlier])}
    first: dict[bytes, int] = {}
    for index, trace_ in enumerate(traces):  # the same question, whatever the answer
        if trace_.question and first.setdefault(trace_.question, index) != index:
            alike.setdefault(index, first[trace_.question])
    for later, earlier in sorted(alike.items()):
        other = traces[earlier]
        message = f"asks nearly what '{other.note_id}' asks ({other.path})"
        hint = "keep the better one; or `allow: {S601: why both}` if they differ where it matters"
        yield later, Found("S601", "", "", message, hint)


def _are_opposites(one: Trace, other: Trace) -> bool:
    """Whether two notes ask in nearly the same words for different things: what flows in, what out."""
    if not one.answer or not other.answer or kin_of(one.answer, other.answer):
        return False
    words, others = set(one.words), set(other.words)
    return len(words & others) < NEARLY_ALL * len(words | others)


def unseparated(traces: Sequence[Trace], style: Style) -> Iterator[tuple[Place, Found]]:
    """Confusable pairs of which both are taught and no contrast note tells them apart, with the
    place of each pair in collection.yaml."""
    users: dict[str, str] = {}
    separated = [trace.separates for trace in traces if trace.separates]
    for trace_ in traces:
        for term in trace_.terms:
            users.setdefault(term, trace_.note_id)
    for pair in style.confusable:
        a, b = _normal(pair.a), _normal(pair.b)
        if a in users and b in users and not any(_tells_apart(sides, a, b) for sides in separated):
            message = (
                f"'{pair.a}' ({users[a]}) and '{pair.b}' ({users[b]}) are taught, and no contrast note separates them"
            )
            yield pair.place, Found("S602", "", "", message, f"write a contrast note with a: {pair.a}, b: {pair.b}")


def _tells_apart(sides: tuple[str, ...], a: str, b: str) -> bool:
    """Whether a contrast note is about the two terms; it may say more of each."""
    left, right = (f" {side} " for side in sides)
    return (f" {a} " in left and f" {b} " in right) or (f" {b} " in left and f" {a} " in right)
