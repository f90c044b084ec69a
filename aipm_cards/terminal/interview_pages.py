"""What is shown around the questions of a mock interview: the offer to go on, the scoreboard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from aipm_cards.kinds import ROUNDS
from aipm_cards.memory.interviews import scoreboard
from aipm_cards.memory.interviews.mock import Mock, Result
from aipm_cards.memory.interviews.needs import Syllabus
from aipm_cards.memory.interviews.scoreboard import Score
from aipm_cards.terminal import spans
from aipm_cards.terminal.faces import Section
from aipm_cards.terminal.keys import END
from aipm_cards.terminal.pages import Hint, Page, View, items, lines, table
from aipm_cards.text import Block, parse_inline, words
from aipm_cards.words import counted, percent

NAMED = 5  # skills to review, and cards of one, that are named
PAST = 10  # interviews that are compared
BAR = 20  # cells of a full bar
_SHORT = 60  # characters of a question in a table


@dataclass(frozen=True)
class Board:
    """What the scoreboard needs beside the interview: the skills, what is recalled, all interviews
    up to this one, their days in words, and what a command needs to mean this collection."""

    syllabus: Syllabus
    recall: Mapping[str, float]
    past: Sequence[Mock]
    day: Callable[[Mock], str]
    options: str = ""


def offered(view: View, title: str, said: str) -> str:
    """Offer to go on with an unfinished interview: `go on`, `new` or `leave`."""
    hints = (
        Hint("space", "go on"),
        Hint("n", "a new one", "begin a new one; what was answered in the old one is kept"),
        Hint("q", "leave"),
    )
    view.show(Page(title, "", (Section("Unfinished", lines(said)),), hints))
    while True:
        key = view.key(None)
        if key in ("space", "enter"):
            return "go on"
        if key == "n":
            return "new"
        if key in ("q", "esc", "ctrl-d", END):
            return "leave"


def board(mock: Mock, about: Board, spoken: bool) -> tuple[Section, ...]:
    """How an interview went, what to review, and how it compares with those before."""
    sections = [Section("How it went", lines(*told(mock)))]
    if mock.results:
        rows = [_row(number, result, mock) for number, result in mock.results.items()]
        sections += [
            Section("Questions", table(("Question", "Round", "Points", "Rating", "Time"), rows)),
            Section("By round", _scores("Round", scoreboard.by_round(mock))),
            Section("By skill, the weakest first", _scores("Skill", scoreboard.by_skill(mock))),
            Section("Musts that were missed", items(_missed(mock)) or lines("None.")),
            Section("What to review", items(_to_review(mock, about)) or lines("Nothing: what it asked is known.")),
        ]
    past = scoreboard.progress(about.past)[-PAST:]
    if past:
        sections.append(Section("Progress", _progress(past, mock, about.day, spoken)))
    return tuple(sections)


def told(mock: Mock) -> list[str]:
    """An interview in a few sentences."""
    whole = scoreboard.in_all(mock)
    found = [f"{len(mock.results)} of {counted(len(mock.asked), 'question')} answered, {whole.passed} passed."]
    if mock.results:
        time = f"{spans.clock(whole.took / 1000)} taken of {spans.clock(whole.given / 1000)}"
        found.append(f"{whole.said} of {counted(whole.points, 'point')} said ({percent(whole.share)}); {time}.")
    if mock.counts:
        number = sum(bool(event) for event in mock.counted.values())
        found.append(f"{counted(number, 'answer')} counted as {'a review' if number == 1 else 'reviews'} as well.")
    return found


def short(text: str) -> str:
    """The beginning of a question, cut between words."""
    if len(text) <= _SHORT:
        return text
    return f"{text[:_SHORT].rpartition(' ')[0] or text[:_SHORT]} ..."


def _row(number: int, result: Result, mock: Mock) -> tuple[str, ...]:
    asked = mock.asked[number]
    late = ", over time" if result.late else ""
    return (
        short(result.asked),
        ROUNDS[asked.round],
        f"{len(result.said)} of {len(result.points)}",
        result.rating.name.capitalize(),
        f"{spans.clock(result.took / 1000)} of {spans.clock(asked.seconds)}{late}",
    )


def _scores(what: str, scores: Iterable[Score]) -> tuple[Block, ...]:
    rows = [
        (
            score.name,
            f"{score.passed} of {score.answers}",
            f"{score.said} of {score.points} ({percent(score.share)})",
            f"{spans.clock(score.took / 1000)} of {spans.clock(score.given / 1000)}",
        )
        for score in scores
    ]
    return table((what, "Passed", "Points", "Time"), rows)


def _missed(mock: Mock) -> list[str]:
    return [
        f"{words(parse_inline(point))} ({short(result.asked)})"
        for result in mock.results.values()
        for point in result.missed
    ]


def _to_review(mock: Mock, about: Board) -> list[str]:
    found = []
    for each in scoreboard.to_review(mock, about.syllabus, about.recall)[:NAMED]:
        state = each.learnt
        known = f"{counted(state.cards, 'card')}, {state.unseen} unseen, expected recall {percent(state.recall)}"
        way = f"`aipm-cards review --tag {each.skill.tag}{about.options}`" if each.skill.tag else _named(each.cards)
        found.append(f"{each.skill.name}: {counted(each.missed, 'point')} missed; {known}: {way}")
    related = scoreboard.related_to(mock, about.syllabus, about.recall)
    if related:
        found.append(f"Cards that these questions name: {_named(related)}")
    return found


def _named(cards: Sequence[str]) -> str:
    more = f" and {len(cards) - NAMED} more" if len(cards) > NAMED else ""
    return f"{', '.join(cards[:NAMED])}{more}"


def _progress(
    past: Sequence[tuple[Mock, Score]], mock: Mock, day: Callable[[Mock], str], spoken: bool
) -> tuple[Block, ...]:
    rows = []
    for other, score in past:
        name = f"{day(other)}{', this one' if other.id == mock.id else ''}"
        bar = () if spoken else ("#" * round(score.share * BAR),)
        rows.append((name, str(score.answers), f"{score.said} of {score.points}", percent(score.share), *bar))
    return table(("Day", "Questions", "Points", "Share", *(() if spoken else ("",))), rows)
