"""The result of a mock interview as a review: once, whatever comes between the two logs."""

from __future__ import annotations

import json
from typing import Any

from aipm_cards.errors import StaleCard
from aipm_cards.memory.days import Moment
from aipm_cards.memory.history import Answer, Content, History
from aipm_cards.memory.interviews.folding import ticks_of
from aipm_cards.memory.interviews.log import Interviews
from aipm_cards.memory.interviews.mock import Mock
from aipm_cards.memory.log import Event
from aipm_cards.memory.rows import text_of
from aipm_cards.memory.settings import Preset


def count(
    history: History, interviews: Interviews, mock: Mock, number: int, preset: Preset, now: Moment
) -> tuple[Mock, str]:
    """Let an answer count as a review of its card, at the time at which it was given.

    The review is stored first, with the interview and the row of the answer in its detail, and
    then marked in the log of the interviews. So a process that dies between the two leaves a
    review that is found the next time, also if it was undone meanwhile; it is never counted
    twice. Returns the interview, and a sentence if there is something to know: it does not count
    if the card was answered otherwise since it was shown. Raises HistoryError.
    """
    result, leech = mock.results[number], ""
    mark = {"interview": mock.id.hex(), "answer": result.id.hex()}
    event = next((event for event in history.events(result.card) if _is_marked(event, mark)), None)
    if event is None:
        detail = json.dumps({"ticks": ticks_of(result), **mark})
        content = _content(history, result.content)
        given = Answer(result.card, result.rating, result.revision, result.took, content, detail)
        try:
            event = history.answer(given, Moment(result.time, history.zone(result.zone)), preset)
        except StaleCard as error:
            said = f"It does not count as a review: {error}."
            return interviews.counted(mock, number, "", now, str(error)), said
        if event.leech:
            leech = f"{result.card} was forgotten often: it is a leech, and suspended in the reviews now."
    return interviews.counted(mock, number, event.id.hex(), now), leech


def take_back(history: History, interviews: Interviews, mock: Mock, now: Moment) -> Mock:
    """Take back what was answered or left out last, and the review that it counted as. Raises
    StaleCard if that card was answered since: nothing is taken back then."""
    event = mock.counted.get(mock.last, "") if mock.last is not None else ""
    if event:
        history.undo(now, bytes.fromhex(event))  # None if that was done elsewhere already
    return interviews.take_back(mock, now)


def _is_marked(event: Event, mark: dict[str, str]) -> bool:
    try:
        said: Any = json.loads(event.detail or "null")
    except (ValueError, RecursionError):  # a remark
        return False
    return isinstance(said, dict) and mark.items() <= said.items()


def _content(history: History, digest: bytes) -> Content | None:
    """What the card said when it was asked."""
    with history.store.reading() as connection:
        found = connection.execute("SELECT text FROM content WHERE digest = ?", (digest,)).fetchone()
        return Content(digest, text_of(found[0])) if found else None
