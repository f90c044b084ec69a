"""`aipm-cards next`: the card whose turn it is, for programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from aipm_cards.cli.learner import Desk, desk, scope_options
from aipm_cards.cli.machine import NOTHING, for_programs, head, json_option, left, outcomes, say, time_of
from aipm_cards.cli.where import shown
from aipm_cards.diagnostics import line_column
from aipm_cards.memory.days import date_of
from aipm_cards.memory.queue import Wish, note_of, ordinal_of
from aipm_cards.memory.scheduler import State
from aipm_cards.memory.session import Session, Turn
from aipm_cards.model import Note
from aipm_cards.terminal.faces import Section, answer, question
from aipm_cards.terminal.pages import in_words, ratings
from aipm_cards.terminal.plain import spoken


@click.command()
@scope_options
@click.option("--ahead", type=click.IntRange(1, 3650), metavar="DAYS", help="Also what is due in the next days.")
@json_option
@for_programs
def command(collection: Path | None, history: Path | None, ahead: int | None, as_json: bool, **scope: Any) -> int:
    """Print the card whose turn it is: both faces, its revision, and what each rating leads to.

    Answer it with `aipm-cards answer CARD RATING --revision R`. Exits with 4 if nothing is due.
    """
    with desk(collection, history, **scope) as opened:
        session = opened.session(Wish(ahead=ahead or 0))
        turn = session.next()
        if turn is None:
            _nothing(opened, session, as_json)
            return NOTHING
        note = opened.sources.note(note_of(turn.key))
        assert note is not None, turn.key  # the keys come from the notes
        if as_json:
            say({**head(opened, "card"), **_card(opened, turn, note), "left": left(session.counts)})
        else:
            _print(opened, session, turn, note)
    return 0


def _card(opened: Desk, turn: Turn, note: Note) -> dict[str, object]:
    ordinal = ordinal_of(turn.key)
    rubric = [{"text": point.text, "must": point.must} for point in note.points()]
    return {
        "card": turn.key,
        "revision": turn.revision,
        "kind": note.kind,
        "deck": note.deck,
        "tags": list(note.tags),
        "tier": note.tier,
        "state": State(turn.state.state).name.lower(),
        "path": shown(opened.root, note.path),
        "line": line_column(note.place)[0],
        "question": _sections(question(note, ordinal)),
        "answer": _sections(answer(note, ordinal, opened.sources.collection.sources)),
        "rubric": {"points": rubric, "pass": note.number("pass")} if rubric else None,
        "outcomes": outcomes(turn),
    }


def _sections(sections: tuple[Section, ...]) -> list[dict[str, object]]:
    return [{"label": s.label, "lines": [line.removeprefix(f"{s.label}: ") for line in spoken([s])]} for s in sections]


def _print(opened: Desk, session: Session, turn: Turn, note: Note) -> None:
    ordinal = ordinal_of(turn.key)
    click.echo(f"{turn.key}, revision {turn.revision} ({in_words(session.counts)})")
    for line in spoken((*question(note, ordinal), *answer(note, ordinal, opened.sources.collection.sources))):
        click.echo(line)
    click.echo(". ".join(f"{hint.key}: {hint.spoken}" for hint in ratings(turn)))


def _nothing(opened: Desk, session: Session, as_json: bool) -> None:
    learning, day = session.next_learning(), session.next_due_day()
    review = None if day is None else date_of(day).isoformat()
    if as_json:
        upcoming = {"learning": None if learning is None else time_of(learning), "review": review}
        say({**head(opened, "nothing"), "next": upcoming, "left": left(session.counts)})
        return
    soon = "" if learning is None else f"; the next learning card at {time_of(learning)}"
    click.echo(f"nothing is due{soon}{f'; the next review on {review}' if review else ''}")
