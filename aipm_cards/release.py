"""The lock of released notes: pure functions over notes and lock.

Anki takes a note from a package only if the note's time is newer than the one it has, and
then replaces all of it, the learner's edits and tags included. So a note keeps the time of
the release in which it last changed, and the lock remembers it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from aipm_cards import text
from aipm_cards.errors import LockError
from aipm_cards.kinds import ordinals
from aipm_cards.model import Collection, Media, Note, Source

Standing = Literal["new", "changed", "same"]
"""How a note stands to the last release."""

FORMAT = 1
LOCK = "release.lock"
ASKED = 100  # characters of what a note asks that its line keeps
ASKS = ("front", "term", "text", "prompt", "situation", "given")  # the keys under which notes ask
CLOCK_SKEW = 300  # seconds by which another machine's clock may be ahead of this one's
_HEADER = "# The released state, written by `aipm-cards release`: commit it, do not edit it."


@dataclass(frozen=True, slots=True)
class LockedNote:
    """A note as last released. `time` is in seconds since 1970; `line` is its line in the file.

    Without ordinals it is gone from the sources, which was accepted; its line stays, so that
    nobody gives its id to another question.
    """

    id: str
    kind: str
    ordinals: tuple[int, ...]
    time: int
    hash: str
    deck: str
    asked: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class LockedType:
    """A note type as last released: its templates and styling by hash."""

    kind: str
    time: int
    hash: str


@dataclass(frozen=True, slots=True)
class Lock:
    """What was released. A larger `rendering` sends every note to learners anew."""

    rendering: int = 1
    notes: Mapping[str, LockedNote] = field(default_factory=dict)
    types: Mapping[str, LockedType] = field(default_factory=dict)

    @property
    def newest(self) -> int:
        """The newest time in the lock, 0 if it is empty."""
        entries: Iterable[LockedNote | LockedType] = [*self.notes.values(), *self.types.values()]
        return max((entry.time for entry in entries), default=0)


# --- what the lock remembers ---------------------------------------------------------------


def note_hash(note: Note, collection: Collection, rendering: int) -> str:
    """A hash over everything of a note that its cards show, before rendering; not over its
    deck, file or layout."""
    resolved = [
        rendering,
        note.kind,
        dict(note.content),
        [note.cue, note.extra, note.as_of, note.review_by, note.retired],
        [sorted(note.tags), sorted(note.topics), note.tier, note.level, list(note.related)],
        [_source(collection.sources.get(cited.key), cited.key, cited.at) for cited in note.sources],
        [_digest(collection.media.get(path)) for path in note.images],
        [collection.namespace, collection.language],
    ]
    return hashlib.sha256(_canonical(resolved).encode()).hexdigest()[:32]


_canonical = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode


def _source(source: Source | None, key: str, at: str) -> list[str]:
    return [source.title, source.publisher, source.url, at] if source else [key, at]


def _digest(media: Media | None) -> str:
    return media.digest if media else ""


def asked(note: Note) -> str:
    """The first characters of what a note asks, as plain words in one line."""
    return all_asked(note)[:ASKED].rstrip()


def shortened(words: str, most: int) -> str:
    """The first whole words of a text, of at most so many characters and a sign that it goes on."""
    if len(words) <= most:
        return words
    end = words.rfind(" ", 0, most + 1)
    return words[: end if end > 0 else most].rstrip() + "…"


def all_asked(note: Note) -> str:
    """What a note asks, as plain words in one line."""
    for key in ASKS:
        if value := note.text(key):
            tree = text.parse_cloze(value) if note.kind == "cloze" else text.parse(value)
            return " ".join(text.words(tree).split())
    a, b = (text.words(text.parse_inline(note.text(key))) for key in "ab")
    return f"{a} / {b}"


# --- reading and writing -------------------------------------------------------------------


def parse_lock(content: str, now: int) -> Lock:
    """Read a lock. Of two lines for one note, as a merge leaves them, the newer counts.

    Raises LockError if a line cannot be read, or if a time lies in the future (seconds
    since 1970, compared with `now`): learners who import it would get no update until then.
    """
    rendering = 1
    notes: dict[str, LockedNote] = {}
    types: dict[str, LockedType] = {}
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        try:
            if cells[0] == "note":
                note = _read_note(cells, number)
                if note.id not in notes or note.time >= notes[note.id].time:
                    notes[note.id] = note
                newest = note.time
            elif cells[0] == "notetype":
                _, kind, time, hash_ = cells
                locked = LockedType(kind, int(time), hash_)
                if kind not in types or locked.time >= types[kind].time:
                    types[kind] = locked
                newest = locked.time
            else:
                name, value = cells
                rendering, newest = _read_number(name, int(value), rendering)
        except ValueError:
            hint = "end the merge, keeping both sides" if line[:7] in _CONFLICT else "restore it from version control"
            raise _unusable(number, "this line cannot be read", hint) from None
        if newest > now + CLOCK_SKEW:
            raise _unusable(
                number, f"the time {str(newest)[:20]} lies in the future", "set the clock, or restore the lock"
            )
    return Lock(rendering, notes, types)


_CONFLICT = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")


def _unusable(line: int, fact: str, hint: str) -> LockError:
    return LockError(f"{LOCK}:{line}: {fact}; {hint}", line, fact, hint)


def _read_note(cells: list[str], line: int) -> LockedNote:
    _, note_id, kind, ordinals_, time, hash_, deck, asked_ = cells
    numbers = tuple(int(number) for number in ordinals_.split(",") if number)
    return LockedNote(note_id, kind, numbers, int(time), hash_, deck, asked_, line)


def _read_number(name: str, value: int, rendering: int) -> tuple[int, int]:
    if name == "rendering":
        return max(value, rendering), 0
    if name != "format":
        raise ValueError(name)
    if value > FORMAT:
        raise LockError(f"{LOCK} has format {value}, which this version does not know; update aipm-cards")
    return rendering, 0


def format_lock(lock: Lock) -> str:
    """The lock as text: a line a note, sorted by id, so that a change is a changed line."""
    lines = [_HEADER, f"format\t{FORMAT}", f"rendering\t{lock.rendering}"]
    lines += [f"notetype\t{t.kind}\t{t.time}\t{t.hash}" for t in sorted(lock.types.values(), key=lambda t: t.kind)]
    for note in sorted(lock.notes.values(), key=lambda note: note.id):
        cells = (
            note.id,
            note.kind,
            ",".join(map(str, note.ordinals)),
            str(note.time),
            note.hash,
            note.deck,
            note.asked,
        )
        lines.append("\t".join(("note", *(cell.replace("\t", " ") for cell in cells))))
    return "\n".join(lines) + "\n"


# --- stamping ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clock:
    """Gives notes and note types the time (seconds since 1970) at which they last changed:
    the locked time if the hash is the locked one, else the one time of this build."""

    lock: Lock | None
    now: int

    @property
    def rendering(self) -> int:
        """The rendering number that every hash contains."""
        return self.lock.rendering if self.lock else 1

    @property
    def build_time(self) -> int:
        """The time of what is not released: now, but newer than anything released."""
        return max(self.now, self.lock.newest + 1) if self.lock else self.now

    def note(self, note_id: str, hash_: str) -> tuple[int, Standing]:
        """The time of a note, and how it stands to the last release."""
        locked = self.lock.notes.get(note_id) if self.lock else None
        if locked is None:
            return self.build_time, "new"
        return (locked.time, "same") if locked.hash == hash_ else (self.build_time, "changed")

    def type(self, kind: str, hash_: str) -> int:
        """The time of a note type."""
        locked = self.lock.types.get(kind) if self.lock else None
        return locked.time if locked and locked.hash == hash_ else self.build_time


def next_lock(
    collection: Collection, type_hashes: Mapping[str, str], lock: Lock | None, now: int, rerender: bool = False
) -> tuple[Lock, Counter[Standing]]:
    """The lock of a release made now, and how many notes are new, changed and the same.

    A note that is gone from the sources keeps its line, without ordinals: the guard has let it
    go, and learners still have its cards. With `rerender` every note goes to learners anew.
    """
    if rerender and lock:
        lock = replace(lock, rendering=lock.rendering + 1)
    clock = Clock(lock, now)
    notes = {note.id: replace(note, ordinals=()) for note in lock.notes.values()} if lock else {}
    standings: Counter[Standing] = Counter()
    for note in collection.notes:
        hash_ = note_hash(note, collection, clock.rendering)
        time, standing = clock.note(note.id, hash_)
        standings[standing] += 1
        notes[note.id] = LockedNote(note.id, note.kind, ordinals(note), time, hash_, note.deck, asked(note))
    types = {kind: LockedType(kind, clock.type(kind, hash_), hash_) for kind, hash_ in type_hashes.items()}
    return Lock(clock.rendering, notes, types), standings
