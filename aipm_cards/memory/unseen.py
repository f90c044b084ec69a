"""The cards of a collection that are still new: quickly, also among 100,000 that are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from aipm_cards.errors import HistoryError
from aipm_cards.memory.history import History
from aipm_cards.memory.rows import whole

MANY = 2000  # cards; after so many that were looked up one by one, all are read
CHUNK = 250  # keys in one question


def unseen(history: History, order: Sequence[str], name: str = "") -> Iterator[str]:
    """Those keys of `order` that are new, in that order; suspended ones are left out.

    `name` is a digest of the order, if it has one. How many cards at the beginning of it are
    known is remembered under it: the log forgets no card, so that stays true, and they need not
    be looked at again for the next few new ones. Raises HistoryError.
    """
    start = _begun(history, name)
    untouched = _untouched(history)
    if untouched:
        yield from (key for key in order[:start] if untouched.get(key) == 0)
    known: set[str] | None = None
    for at in range(start, len(order), CHUNK):
        if known is None and at - start >= MANY:  # so many in one go are quicker than one by one
            known = _known(history)
            _remember(history, name, order, known, start)
        chunk = order[at : at + CHUNK]
        here = _known_of(history, chunk) if known is None else known
        yield from (key for key in chunk if key not in here or untouched.get(key) == 0)


def _untouched(history: History) -> dict[str, int]:
    """Cards that the history knows but that are new, as after an undo: are they suspended?"""
    sql = "SELECT c.key, s.suspended FROM state s JOIN card c ON c.id = s.card WHERE s.collection = ? AND s.state = 0"
    with history.store.reading() as connection:
        return dict(connection.execute(sql, (history.collection_id,)))


def _known(history: History) -> set[str]:
    """All cards that the history knows."""
    # One long text costs a third of a row for each of 100,000 cards.
    sql = "SELECT group_concat(key, char(10)) FROM card WHERE collection = ?"
    with history.store.reading() as connection:
        (joined,) = connection.execute(sql, (history.collection_id,)).fetchone()
    return set(str(joined).split("\n")) if joined else set()


def _known_of(history: History, keys: Sequence[str]) -> set[str]:
    sql = f"SELECT key FROM card WHERE collection = ? AND key IN ({', '.join('?' * len(keys))})"
    with history.store.reading() as connection:
        return {key for (key,) in connection.execute(sql, (history.collection_id, *keys))}


def _begun(history: History, name: str) -> int:
    """How many cards at the beginning of the order called `name` are known."""
    sql = "SELECT begun_cards FROM collection WHERE id = ? AND begun = ?"
    with history.store.reading() as connection:
        found = connection.execute(sql, (history.collection_id, name)).fetchone() if name else None
        return whole(found[0], "seq") if found else 0


def _remember(history: History, name: str, order: Sequence[str], known: set[str], start: int) -> None:
    begun = next((at for at in range(start, len(order)) if order[at] not in known), len(order))
    if name and begun - start > MANY:
        with suppress(HistoryError), history.store.writing() as connection:  # it is only quicker next time
            sql = "UPDATE collection SET begun = ?, begun_cards = ? WHERE id = ?"
            connection.execute(sql, (name, begun, history.collection_id))
