"""The interviews so far: their list, and one of them with its answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from aipm_cards.cli import drawing, person
from aipm_cards.cli.learner import Desk, desk
from aipm_cards.cli.machine import head, say, time_of
from aipm_cards.cli.where import shown
from aipm_cards.errors import AipmCardsError
from aipm_cards.kinds import ROUNDS
from aipm_cards.memory.days import Moment
from aipm_cards.memory.interviews import scoreboard
from aipm_cards.memory.interviews.log import Interviews
from aipm_cards.memory.interviews.mock import Mock, Result
from aipm_cards.terminal import spans
from aipm_cards.text import parse_inline, words
from aipm_cards.words import counted, percent

COLUMNS = 78  # that the table of the interviews takes
NUMBERED = 3  # cells from the number of an interview to its day, but for the indent
TICK = 4  # cells before a point of a rubric
NUMBER = re.compile(r"[0-9]{1,6}")


def interviews_of(opened: Desk) -> Interviews:
    """The log of the interviews of a collection."""
    namespace = opened.sources.collection.namespace
    return Interviews(opened.store, namespace, person.device(), person.token, opened.settings.day_start)


def listed(collection: Path | None, history: Path | None, show: str | None, as_json: bool) -> int:
    """Print the interviews of a collection, or the one that `show` names: by its number in the
    list, or by its id."""
    with desk(collection, history, may_be_empty=True) as opened:
        mocks = interviews_of(opened).all()
        if show is not None:
            number = _meant(mocks, show)
            mock = mocks[number]
            if as_json:
                answers = [_answer(mock, n) for n in mock.results]
                say({**head(opened, "interview"), **_as_json(mock, number), "answers": answers})
            else:
                for line in _printed(opened, mock, number):
                    drawing.say(line, hang=TICK if line.startswith("   [") else 0)
        elif as_json:
            found = [_as_json(mock, number) for number, mock in enumerate(mocks)]
            say({**head(opened, "interviews"), "interviews": found})
        else:
            for number, mock in enumerate(mocks):
                drawing.say(_line(opened, mock, number), hang=NUMBERED)
            click.echo(f"{shown(opened.root)}: {counted(len(mocks), 'interview')}")
    return 0


def _meant(mocks: list[Mock], name: str) -> int:
    """Which interview is meant, from 0."""
    number = int(name) - 1 if NUMBER.fullmatch(name) else -1
    found = next((at for at, mock in enumerate(mocks) if at == number or mock.id.hex() == name.casefold()), None)
    if found is None:
        raise AipmCardsError(f"there is no interview '{name}'; `aipm-cards interview --past` lists them by number")
    return found


def _local(opened: Desk, mock: Mock) -> str:
    return f"{Moment(mock.time, opened.history.zone(mock.zone)).local:%Y-%m-%d %H:%M}"


def _line(opened: Desk, mock: Mock, number: int) -> str:
    whole = scoreboard.in_all(mock)
    done = f"{whole.answers} of {counted(len(mock.asked), 'question')}"
    points = f"{whole.said} of {counted(whole.points, 'point')}" if whole.answers else "no answer"
    share = percent(whole.share) if whole.answers else ""
    state = "" if mock.ended else "  unfinished"
    if drawing.width() < COLUMNS:
        said = ", ".join(part for part in (_local(opened, mock), done, points, share, state.strip()) if part)
        return f"{number + 1:>3}  {said}"
    return f"{number + 1:>3}  {_local(opened, mock)}  {done:>18}  {points:>16}  {share:>5}{state}".rstrip()


def _printed(opened: Desk, mock: Mock, place: int) -> Iterator[str]:
    """An interview with its answers, line by line."""
    yield _line(opened, mock, place)
    for number, asked in enumerate(mock.asked):
        yield ""
        head_ = f"{number + 1}. {ROUNDS[asked.round]}, {asked.card}"
        result = mock.results.get(number)
        if result is None:
            yield f"{head_}: {mock.left_out.get(number) or ('not asked' if mock.ended else 'not answered yet')}"
            if mock.draft is not None and number == mock.turn and mock.draft.text:
                yield from _indented("Draft", mock.draft.text)
            continue
        yield f"{head_}: {_went(result, asked.seconds)}"
        yield f"   {result.asked}"
        yield from _indented("Answer", result.text or "said aloud")
        for at, point in enumerate(result.points):
            must = " (must)" if point.must else ""
            yield f"   [{'x' if at in result.said else ' '}] {words(parse_inline(point.text))}{must}"
        if number in mock.counted:
            counted_ = (
                "Counted as a review." if mock.counted[number] else "Not counted: it was answered otherwise since."
            )
            yield f"   {counted_}"


def _went(result: Result, seconds: int) -> str:
    time = f"{spans.clock(result.took / 1000)} of {spans.clock(seconds)}{', over time' if result.late else ''}"
    return f"{result.rating.name.capitalize()}, {len(result.said)} of {len(result.points)} points, {time}"


def _indented(label: str, text: str) -> Iterator[str]:
    first, *others = [line for line in text.split("\n") if line.strip()] or [""]
    yield f"   {label}: {first}"
    yield from (f"   {line}" for line in others)


def _as_json(mock: Mock, number: int) -> dict[str, object]:
    whole = scoreboard.in_all(mock)
    return {
        "number": number + 1,
        "interview": mock.id.hex(),
        "time": time_of(mock.time),
        "state": mock.ended or "unfinished",
        "questions": len(mock.asked),
        "answered": whole.answers,
        "passed": whole.passed,
        "points_said": whole.said,
        "points": whole.points,
        "seconds_taken": whole.took / 1000,
        "seconds_given": whole.given / 1000,
        "rounds": [_score(score) for score in scoreboard.by_round(mock)],
        "skills": [_score(score) for score in scoreboard.by_skill(mock)],
    }


def _score(score: scoreboard.Score) -> dict[str, object]:
    return {
        "name": score.name,
        "answers": score.answers,
        "passed": score.passed,
        "points_said": score.said,
        "points": score.points,
        "seconds_taken": score.took / 1000,
        "seconds_given": score.given / 1000,
    }


def _answer(mock: Mock, number: int) -> dict[str, object]:
    result = mock.results[number]
    return {
        "card": result.card,
        "round": mock.asked[number].round,
        "question": result.asked,
        "time": time_of(result.time),
        "text": result.text,
        "rating": int(result.rating),
        "points": [
            {"text": point.text, "must": point.must, "said": place in result.said}
            for place, point in enumerate(result.points)
        ],
        "late": result.late,
        "seconds_taken": result.took / 1000,
        "seconds_given": mock.asked[number].seconds,
        "skills": list(result.skills),
        "review": mock.counted.get(number) or None,
    }
