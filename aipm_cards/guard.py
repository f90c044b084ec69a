"""The guard: what learners would lose by the next release. Pure functions over notes and lock.

Learners keep their progress by a note's id and its cards' ordinals, and Anki never deletes, never
moves and never changes the note type of what it has. So what was released stays, or costs them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from shlex import quote
from typing import NamedTuple

from aipm_cards.diagnostics import Diagnostic, Place, line_column
from aipm_cards.kinds import ordinals
from aipm_cards.model import Deck, Note
from aipm_cards.release import ASKED, ASKS, LOCK, Lock, LockedNote, all_asked, shortened

SAME = 0.35
"""The share of a released question's groups of three letters that stand in a rewording of it.

Measured on our decks: of 157 rewordings of a card, made while they were corrected, none shares
less; of two cards of one deck 94 in 100 do, of any two cards 99 in 100.
"""

NAMED_AGAIN = 0.8  # the share from which a new note asks what a note did that is gone
TITLE = 60  # characters of a question that a message quotes
HINTS = 50  # notes that are gone for which a new note is looked for: each is compared with all
_ID_COLUMN = len("note\t") + 1


class Breach(NamedTuple):
    """What the guard found about a released note or deck: `name` is its id, or its name."""

    name: str
    finding: Diagnostic


class Trace(NamedTuple):
    """What the guard keeps of a note: `asks` only if it was not released yet."""

    id: str
    deck: str
    path: str
    place: Place
    asks: str
    breaches: tuple[Breach, ...]


def tracer(lock: Lock) -> Callable[[Note], Trace]:
    """A function that holds a note against the lock. It needs no other note, so it can be used
    while they are read."""

    def trace(note: Note) -> Trace:
        locked = lock.notes.get(note.id)
        asks = all_asked(note) if locked is None else ""
        return Trace(note.id, note.deck, note.path, note.place, asks, tuple(_breaches(note, locked)) if locked else ())

    return trace


def guard(
    lock: Lock, traces: Sequence[Trace], decks: Mapping[str, Deck], left_out: str | None = ""
) -> Iterator[Breach]:
    """What learners would lose by a release of these notes.

    `left_out` is the text in which notes stand that an error left out. What it names is not gone;
    None if that text is not known, so that nothing is.
    """
    for trace in traces:
        yield from trace.breaches
    if left_out is not None:
        by_id = {trace.id: trace for trace in traces}
        yield from _gone(lock, by_id, _names_in(left_out))
        yield from _renamed(lock, by_id, decks, left_out.casefold())


def _names_in(text: str) -> set[str]:
    """All that may be an id in a text, also one that is written in the wrong way."""
    return set(re.findall(r"[\w-]{3,}", text.casefold().replace("_", "-")))


# --- one note ------------------------------------------------------------------------------


def _breaches(note: Note, locked: LockedNote) -> Iterator[Breach]:
    """What is wrong with a note that was released. Another kind asks otherwise and has other cards."""
    if note.kind != locked.kind:
        message = (
            f"'{note.id}' was released as {locked.kind} and is {note.kind} now: "
            "Anki would never update it again, and learners keep the old card"
        )
        hint = f"make it {locked.kind} again; or retire it, and write a new note with an id of its own"
        yield _at(note, "kind", "N703", message, hint)
    elif not note.retired:
        if not _asks_the_same(note, locked.asked):
            yield _asks_another(note, locked)
        if dropped := sorted(set(locked.ordinals).difference(ordinals(note))):
            yield _drops(note, dropped)


def _asks_another(note: Note, locked: LockedNote) -> Breach:
    message = (
        f"'{note.id}' was released with another question ('{shortened(locked.asked, TITLE)}'): "
        "the schedule that learners built on it would go on with this one"
    )
    hint = (
        f"give this note an id of its own and put '{note.id}' back, with `retired: reason` if it should go; "
        f"if it is only worded anew, {_accepting(note.id)}"
    )
    return _at(note, "", "N702", message, hint)


def _drops(note: Note, dropped: Sequence[int]) -> Breach:
    cards = " and ".join(f"c{n + 1}" if note.kind == "cloze" else f"card {n + 1}" for n in dropped)
    message = f"'{note.id}' was released with {cards}: an empty card would stay in the collection of every learner"
    again = f"hide something as {{{{c{dropped[0] + 1}::words}}}} again; or " if note.kind == "cloze" else ""
    return _at(note, "text", "N704", message, again + _accepting(note.id))


def _at(note: Note, key: str, code: str, message: str, hint: str) -> Breach:
    line, column = line_column(note.places.get(key, note.place))
    return Breach(note.id, Diagnostic(code, note.path, line, column, message, hint))


def _accepting(name: str) -> str:
    return f"`aipm-cards release --accept {quote(name)}` accepts that"


def _asks_the_same(note: Note, asked: str) -> bool:
    """Whether a note still asks what was asked. Most do so letter by letter, which costs nothing."""
    typed = next((value for key in ASKS if (value := note.text(key))), "")
    if " ".join(typed[: 2 * ASKED].split())[:ASKED].rstrip() == asked:
        return True
    return _share(_threes(asked), _threes(all_asked(note))) >= SAME


def _threes(words: str) -> set[str]:
    """The groups of three neighbouring letters or digits of a text, words apart."""
    plain = f" {' '.join(''.join(c if c.isalnum() else ' ' for c in words.casefold()).split())} "
    return {plain[i : i + 3] for i in range(len(plain) - 2)}


def _share(some: set[str], others: set[str]) -> float:
    return len(some & others) / len(some) if some else 1.0


# --- between notes -------------------------------------------------------------------------


def _gone(lock: Lock, by_id: Mapping[str, Trace], named: Set[str]) -> Iterator[Breach]:
    """Released notes that are nowhere, and were not let go before."""
    gone = [note for note in lock.notes.values() if note.ordinals and note.id not in by_id and note.id not in named]
    new = [(trace, _threes(trace.asks)) for trace in by_id.values() if trace.asks] if gone else []
    for number, locked in enumerate(gone):
        hint = "put it back with `retired: reason`"
        if number < HINTS and (trace := _named_again(locked, new)):
            at = f"{trace.path}:{line_column(trace.place)[0]}"
            hint = f"'{trace.id}' in {at} asks the same: give it back the id '{locked.id}'"
        message = (
            f"the released note '{locked.id}' is gone ('{shortened(locked.asked, TITLE)}'): "
            "learners keep its cards for ever, uncorrected, and are told nothing"
        )
        finding = Diagnostic("N701", LOCK, locked.line, _ID_COLUMN, message, f"{hint}; or {_accepting(locked.id)}")
        yield Breach(locked.id, finding)


def _named_again(locked: LockedNote, new: Iterable[tuple[Trace, set[str]]]) -> Trace | None:
    """The new note that asks what a note did that is gone."""
    threes = _threes(locked.asked)
    share, _, trace = max(
        ((_share(threes, others), -number, trace) for number, (trace, others) in enumerate(new)),
        default=(0.0, 0, None),
    )
    return trace if share >= NAMED_AGAIN else None


def _renamed(lock: Lock, by_id: Mapping[str, Trace], decks: Mapping[str, Deck], left_out: str) -> Iterator[Breach]:
    """Released decks without a note, whose notes stand in other decks. Anki takes names that
    differ only in case for one."""
    standing = {trace.deck.casefold() for trace in by_id.values()}
    moved: dict[str, list[Trace]] = defaultdict(list)
    for locked in lock.notes.values():
        name = locked.deck.casefold()
        if locked.id in by_id and name not in standing and not (left_out and name in left_out):
            moved[locked.deck].append(by_id[locked.id])
    for name, traces in moved.items():
        to = Counter(trace.deck for trace in traces)
        most = max(to.values())
        deck, *others = (deck for deck, number in to.items() if number == most)
        now = " and ".join(f"'{deck}'" for deck in (deck, *others))
        message = (
            f"the released deck '{name}' is {now} now: "
            "the cards that learners have stay in the old one, only new cards go to the new one"
        )
        path, place = decks[deck].path, decks[deck].place
        there = [trace for trace in traces if trace.deck == deck]
        if all(trace.path != path for trace in there):  # another file names the deck first
            path, place = there[0].path, there[0].place
        hint = f"write {name} again; or {_accepting(name)}"
        yield Breach(name, Diagnostic("N705", path, *line_column(place), message, hint))
