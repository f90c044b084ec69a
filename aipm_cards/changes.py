"""What a release would bring to learners: two states of the notes compared. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from aipm_cards.guard import Breach, guard, tracer
from aipm_cards.keys import note_keys
from aipm_cards.kinds import KINDS, ordinals
from aipm_cards.meaning import meaning
from aipm_cards.model import Collection, Note
from aipm_cards.release import ASKS, Lock, LockedNote, all_asked, next_lock, note_hash, shortened

What = Literal["added", "corrected", "retired", "moved"]
"""What happened to a note: the first of these that did."""

WHAT: tuple[What, ...] = ("added", "corrected", "retired", "moved")
TITLE = 80  # characters of a note's title


@dataclass(frozen=True, slots=True)
class Change:
    """A note that is another than before. `moved_from` is the deck that it left, if it did.

    `before` is the note as it was, and `parts` what of it is another, where that is known.
    """

    what: What
    note: Note
    moved_from: str = ""
    before: Note | None = None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What a release would bring: the changes by deck, and what it would cost learners.

    `anew` counts the notes that are sent again though nothing in them is another. `namespace` is
    the one that they had before, if it is another.
    """

    decks: Mapping[str, tuple[Change, ...]]
    breaks: tuple[Breach, ...]
    anew: int
    namespace: str = ""

    def count(self, what: What) -> int:
        """How many notes changed in one way."""
        return sum(change.what == what for changes in self.decks.values() for change in changes)


def title(note: Note) -> str:
    """What people call a note: the first words that it asks."""
    return shortened(all_asked(note), TITLE)


def lock_of(collection: Collection) -> Lock:
    """A lock as if the collection had been released as it stands."""
    return next_lock(collection, {}, None, 0)[0]


def compare(lock: Lock, collection: Collection, before: Collection | None = None, anew: bool = False) -> Changes:
    """What a release of `collection` would bring to those who have what `lock` names.

    `before` is that older state, if it is known. `anew` if every note is rendered anew since.
    """
    breaks = tuple(guard(lock, list(map(tracer(lock), collection.notes)), collection.decks))
    broken = {breach.name for breach in breaks}
    old = {note.id: note for note in before.notes} if before else {}
    decks: dict[str, list[Change]] = {name: [] for name in collection.decks}
    again = 0
    for note in collection.notes:
        locked = lock.notes.get(note.id)
        if note.id in broken:
            continue
        if (change := _change(note, locked, old.get(note.id), lock.rendering, broken, collection)) is None:
            again += anew and locked is not None
            continue
        if change.before is not None and before is not None:
            change = replace(change, parts=_parts(change.before, note, before, collection))
        decks[note.deck].append(change)
    namespace = before.namespace if before and before.namespace != collection.namespace else ""
    return Changes({name: tuple(those) for name, those in decks.items() if those}, breaks, again, namespace)


def _change(
    note: Note, locked: LockedNote | None, before: Note | None, rendering: int, broken: set[str], collection: Collection
) -> Change | None:
    if locked is None or not locked.ordinals:
        return None if note.retired else Change("added", note)
    moved = locked.deck if locked.deck.casefold() != note.deck.casefold() and locked.deck not in broken else ""
    if note_hash(note, collection, rendering) != locked.hash:
        retired = note.retired and not (before and before.retired)
        return Change("retired" if retired else "corrected", note, moved, before)
    return Change("moved", note, moved, before) if moved else None


# --- what of a note is another -------------------------------------------------------------

_PARTS = {"sources": "sources", "as_of": "dates", "review_by": "dates"} | dict.fromkeys(
    ("topics", "tier", "level", "tags"), "tags"
)
_BESIDE = frozenset({"id", "kind", "allow", "retired"})
_ANSWERS = frozenset({"back", "definition", "split", "verdict", "reason", "steps", "answer", "check", "outline"})


def _parts(old: Note, new: Note, before: Collection, after: Collection) -> tuple[str, ...]:
    """What of a note is another, in the order in which a note is laid out."""
    found = dict.fromkeys(_parts_of(old, new))
    if _cited(old, before) != _cited(new, after):
        found["sources"] = None
    if _shown(old, before) != _shown(new, after):
        found["images"] = None
    for name in ("namespace", "language"):
        if getattr(before, name) != getattr(after, name):
            found[name] = None
    return tuple(found)


def _parts_of(old: Note, new: Note) -> Iterator[str]:
    for key in note_keys(new.kind):
        name = key.name
        if name in _BESIDE:
            continue
        of_kind = KINDS[new.kind].key(name) is not None
        was, is_ = (note.content.get(name) if of_kind else getattr(note, name) for note in (old, new))
        if was != is_:
            yield _PARTS.get(name) or ("question" if name in _ASKED else "answer" if name in _ANSWERS else name)
    if old.retired and not new.retired:
        yield "no longer retired"


_ASKED = frozenset({*ASKS, "ask", "question", "context", "a", "b", "case"})


def _cited(note: Note, collection: Collection) -> list[tuple[object, ...]]:
    sources = [(collection.sources.get(cited.key), cited) for cited in note.sources]
    return [(source.title, source.publisher, source.url, cited.at) if source else cited for source, cited in sources]


def _shown(note: Note, collection: Collection) -> list[str]:
    return [media.digest if (media := collection.media.get(path)) else "" for path in note.images]


def meanings(change: Change) -> tuple[str, str]:
    """What the cards of a note ask and answer, before and now: a line a region.

    Of the cards of a cloze note only the first that is another: the others have the same words.
    """
    old, new = change.before, change.note
    if old is None or old.kind != new.kind:
        return "", ""
    pairs = [(meaning(old, n), meaning(new, n)) for n in ordinals(new) if n in ordinals(old)]
    pairs = [(was, is_) for was, is_ in pairs if was != is_]
    if new.kind == "cloze":
        pairs = pairs[:1]
    was, is_ = ("\n".join(dict.fromkeys(line for pair in pairs for line in pair[side].split("\n"))) for side in (0, 1))
    return was, is_
