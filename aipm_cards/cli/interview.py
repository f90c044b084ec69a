"""`aipm-cards interview`: a mock interview in the terminal."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aipm_cards.characters import one_line
from aipm_cards.cli import completing, person, seat
from aipm_cards.cli.interviews_past import interviews_of, listed
from aipm_cards.cli.learner import Desk, back_up_daily, desk, for_collection, for_history, history_option
from aipm_cards.cli.machine import for_programs, json_option
from aipm_cards.cli.where import collection_option, shown
from aipm_cards.errors import AipmCardsError, HistoryError
from aipm_cards.kinds import ROUNDS
from aipm_cards.memory.days import Moment, learner_day
from aipm_cards.memory.interviews import choice, counting, needs
from aipm_cards.memory.interviews.log import Interviews
from aipm_cards.memory.interviews.mock import Mock, Result
from aipm_cards.memory.queue import note_of
from aipm_cards.model import Note

if TYPE_CHECKING:
    from aipm_cards.terminal.faces import Section
    from aipm_cards.terminal.interviewer import Tools
    from aipm_cards.terminal.pages import View

_NAMES = ", ".join(f"{key} {name[0].lower()}{name[1:]} ({choice.MINUTES[key]} min)" for key, name in ROUNDS.items())


@click.command()
@click.option(
    "--round",
    "rounds",
    type=click.Choice(list(ROUNDS), case_sensitive=False),
    multiple=True,
    help=f"Only questions of this round; may be repeated: {_NAMES}.",
)
@click.option("--minutes", type=click.FloatRange(0, 24 * 60, min_open=True), help="How long it may take; usually 45.")
@click.option("--questions", type=click.IntRange(1, 100), help="At most so many questions; alone, however long.")
@click.option("--scenarios", is_flag=True, help="Also scenario cards, as questions of the round RA.")
@click.option("--tag", "tags", multiple=True, help="Only questions with this tag.", shell_complete=completing.tags)
@click.option("--tier", "tiers", type=click.IntRange(1, 3), multiple=True, help="Only questions of this tier.")
@click.option("--count", is_flag=True, help="Each result also counts as a review, with the rating that it earned.")
@click.option("--new", is_flag=True, help="Begin a new one, also if one is unfinished.")
@click.option("--seed", type=click.IntRange(0, 2**48), help="Draw with this number, not by chance.")
@click.option("--past", is_flag=True, help="List the interviews so far.")
@click.option("--show", metavar="NUMBER", help="Print an interview with its answers, by its number in --past.")
@click.option("--linear", is_flag=True, help="Labelled lines and no drawing, for screen readers.")
@collection_option
@history_option
@json_option
@for_programs
def command(
    rounds: tuple[str, ...],
    minutes: float | None,
    questions: int | None,
    scenarios: bool,
    tags: tuple[str, ...],
    tiers: tuple[int, ...],
    count: bool,
    new: bool,
    seed: int | None,
    past: bool,
    show: str | None,
    linear: bool,
    collection: Path | None,
    history: Path | None,
    as_json: bool,
) -> int:
    """Hold a mock interview: questions by round, a clock, your answers, and rubrics to tick.

    The questions fill the time, each with the minutes of a real round; without --round they are
    mixed. Those of weak and unseen topics come first, what was asked lately comes last.
    Answer aloud or type; what you type is shown beside your next answer to the same question.
    Everything is stored at once: after q, Ctrl-C or a crash, `aipm-cards interview` goes on.
    The schedule of the reviews is left alone, unless --count says otherwise.
    """
    if past or show is not None:
        return listed(collection, history, show, as_json)
    if as_json:
        raise click.UsageError("--json goes with --past or --show")
    if not seat.is_taken():
        raise AipmCardsError("interview needs a terminal; `aipm-cards interview --past` lists the interviews so far")
    wished = choice.Wished(tuple(dict.fromkeys(rounds)), minutes, questions)
    kinds = ("interview", "scenario") if scenarios else ("interview",)
    with desk(collection, history, tags=tags, tiers=tiers, kinds=kinds, may_be_empty=True) as opened:
        room = Room(opened, wished, kinds, count, for_collection(collection) + for_history(opened.store.path))
        with _backed_up(room):
            for line in _run(room, linear, new, _by_chance() if seed is None else seed):
                click.echo(one_line(line))
        click.echo(f"{shown(opened.root)}; history: {opened.store.path}")
    return 0


@dataclass
class Room:
    """What an interview works with: the cards it may ask, and all that tells which to ask."""

    opened: Desk
    wished: choice.Wished
    kinds: tuple[str, ...]
    counts: bool
    options: str

    @cached_property
    def interviews(self) -> Interviews:
        """The log of the interviews."""
        return interviews_of(self.opened)

    @cached_property
    def notes(self) -> list[Note]:
        """All notes that have cards."""
        ids = dict.fromkeys(note_of(card) for card in self.opened.sources.cards())
        return [note for id_ in ids if (note := self.opened.sources.note(id_)) is not None]

    @cached_property
    def field(self) -> needs.Field:
        """What the notes train."""
        questions = [note for note in self.notes if note.kind in ("interview", "scenario")]
        return needs.field_of(self.notes, questions, self.opened.sources.collection.topics)

    def recall(self) -> dict[str, float]:
        """What is recalled now."""
        settings, now = self.opened.settings, self.opened.clock()
        day = learner_day(now, settings.day_start)
        if not settings.decks:
            return needs.recall_of(self.opened.history, lambda card: settings.preset, day)
        decks = {note.id: note.deck for note in self.notes}
        return needs.recall_of(self.opened.history, lambda card: settings.preset_of(decks.get(note_of(card), "")), day)

    def begun(self, seed: int) -> Mock:
        """A new interview. Raises AipmCardsError if there is no such question."""
        mocks, recall = self.interviews.all(), self.recall()
        said, ago = needs.said_of(mocks), choice.asked_ago([asked.card for asked in mock.asked] for mock in mocks)
        found = [
            choice.Question(card, _round(note), needs.needed(card, note.id, self.field, recall, said), ago.get(card, 0))
            for note in self.notes
            if (card := f"{note.id}:0") in self.opened.cards and note.kind in self.kinds
        ]
        asked = choice.chosen(found, self.wished, seed)
        if not found:
            raise AipmCardsError("there is no such question: no interview card is in all of what was asked for")
        if not asked:
            rounds = ", ".join(sorted({question.round for question in found}))
            raise AipmCardsError(f"there is no question of such a round; there are some of {rounds}")
        for mock in mocks:  # what died before it could count
            for number in mock.to_count:
                mock, _ = self.count(mock, number)
        return self.interviews.begin(asked, self.opened.clock(), seed, self.wished.as_json(), self.counts)

    def count(self, mock: Mock, number: int) -> tuple[Mock, str]:
        """Let an answer count as a review."""
        preset = self.opened.settings.preset_of(self.opened.cards.deck(mock.results[number].card))
        return counting.count(self.opened.history, self.interviews, mock, number, preset, self.opened.clock())

    def moment(self, time: int, zone: int) -> Moment:
        """A moment from the log."""
        return Moment(time, self.opened.history.zone(zone))

    def earlier(self, mock: Mock) -> dict[str, tuple[Result, Moment]]:
        """The last answer to each card in the other interviews."""
        results = [r for other in self.interviews.all() if other.id != mock.id for r in other.results.values()]
        return {result.card: (result, self.moment(result.time, result.zone)) for result in results}


def _by_chance() -> int:
    """A number to draw with."""
    return int.from_bytes(person.token()[:6])


def _round(note: Note) -> str:
    return note.text("round") if note.kind == "interview" else "RA"


def _run(room: Room, linear: bool, new: bool, seed: int) -> list[str]:
    """The interview itself; returns how it went, unless that was read out at its end."""
    from aipm_cards.terminal.interview_pages import told
    from aipm_cards.terminal.interviewer import Interviewer

    unfinished = None if new else room.interviews.unfinished()
    begun = None if unfinished else room.begun(seed)
    view = seat.view_of(linear)
    with view:
        wanted = _wanted(room, view, unfinished) if unfinished else ""
        if wanted == "leave":
            return []
        mock = (unfinished if wanted == "go on" else begun) or room.begun(seed)
        notice = "It was begun without --count: its results do not count as reviews."
        notice = notice if wanted == "go on" and room.counts and not mock.counts else ""
        collection = room.opened.sources.collection
        interviewer = Interviewer(room.interviews, mock, collection, view, _tools(room), room.earlier(mock), notice)
        mock = interviewer.run()
    if view.spoken and interviewer.is_over:
        return []
    if not mock.ended:
        return [*told(mock), f"`aipm-cards interview{room.options}` goes on from here."]
    number = next(number for number, other in enumerate(room.interviews.all(), start=1) if other.id == mock.id)
    return [*told(mock), f"`aipm-cards interview --show {number}{room.options}` prints it again."]


def _wanted(room: Room, view: View, mock: Mock) -> str:
    """What to do about an unfinished interview: `go on`, `new` or `leave`."""
    if mock.turn is None:  # only the scoreboard is left
        return "go on"
    from aipm_cards.terminal.interview_pages import offered

    at = room.moment(mock.time, mock.zone).local
    done = len(mock.results) + len(mock.left_out)
    said = f"The interview of {at:%Y-%m-%d %H:%M} is unfinished: {done} of {len(mock.asked)} questions are done."
    return offered(view, "Mock interview", said)


def _tools(room: Room) -> Tools:
    from aipm_cards.terminal.interview_pages import Board, board
    from aipm_cards.terminal.interviewer import Tools
    from aipm_cards.terminal.sheet import date_in_words

    def day(mock: Mock) -> str:
        return date_in_words(room.moment(mock.time, mock.zone))

    def drawn(mock: Mock, spoken: bool) -> tuple[Section, ...]:
        return board(mock, Board(room.field, room.recall(), room.interviews.all(), day, room.options), spoken)

    return Tools(
        stopwatch=person.stopwatch,
        clock=room.opened.clock,
        note=room.opened.sources.note,
        revision=lambda card: room.opened.history.state(card).revision,
        skills=lambda note_id: tuple(skill.name for skill in room.field.skills.get(note_id, ())),
        compose=_compose,
        count=room.count,
        board=drawn,
        suspend=seat.stop,
    )


def _compose(text: str, keep: Callable[[str], None]) -> str:
    """A text in the editor; what was saved there is kept, also if the editor is killed."""
    with tempfile.TemporaryDirectory(prefix="aipm-cards-") as directory:
        path = Path(directory) / "answer.md"
        path.write_text(text, encoding="utf-8")
        try:
            return person.edit(path, 1)
        finally:
            keep(path.read_text(encoding="utf-8", errors="replace"))


@contextmanager
def _backed_up(room: Room) -> Iterator[None]:
    """Back up the history however an interview ends, unless the history itself failed."""
    try:
        yield
    except HistoryError:
        raise
    except BaseException:
        _back_up(room)
        raise
    _back_up(room)


def _back_up(room: Room) -> None:
    back_up_daily(room.opened, has_more=bool(room.interviews.all()))
