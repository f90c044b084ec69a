"""`aipm-cards interview`: a mock interview in the terminal."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aipm_cards.characters import one_line
from aipm_cards.cli import completing, drawing, person, seat
from aipm_cards.cli.interview_room import Room
from aipm_cards.cli.interviews_past import listed
from aipm_cards.cli.learner import back_up_daily, desk, for_collection, for_history, history_option
from aipm_cards.cli.machine import for_programs, json_option
from aipm_cards.cli.where import collection_option, shown
from aipm_cards.errors import AipmCardsError, HistoryError
from aipm_cards.kinds import ROUNDS
from aipm_cards.memory.interviews import choice, counting
from aipm_cards.memory.interviews.mock import Mock
from aipm_cards.words import counted, dated

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
@click.option(
    "--minutes",
    type=click.FloatRange(0, 24 * 60, min_open=True),
    callback=seat.minutes,
    help="How long it may take; usually 45.",
)
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
                drawing.say(line)
        click.echo(f"{shown(opened.root)}; history: {opened.store.path}")
    return 0


def _by_chance() -> int:
    """A number to draw with."""
    return int.from_bytes(person.token()[:6])


def _run(room: Room, linear: bool, new: bool, seed: int) -> list[str]:
    """The interview itself; returns how it went, unless that was read out at its end."""
    from aipm_cards.terminal.interview_pages import told
    from aipm_cards.terminal.interviewer import Interviewer

    unfinished = None if new else room.interviews.unfinished()
    begun = None if unfinished else room.begun(seed)
    tools = _tools(room)
    view = seat.view_of(linear)
    with _ready_to_go_on(room), view:
        wanted = _wanted(room, view, unfinished) if unfinished else ""
        if wanted == "leave":
            return []
        mock = (unfinished if wanted == "go on" else begun) or room.begun(seed)
        notice = "It was begun without --count: its results do not count as reviews."
        notice = notice if wanted == "go on" and room.counts and not mock.counts else ""
        collection = room.opened.sources.collection
        interviewer = Interviewer(room.interviews, mock, collection, view, tools, room.earlier(mock), notice)
        mock = interviewer.run()
    if view.spoken and interviewer.is_over:
        return []
    if not mock.ended:
        return [*told(mock), _goes_on(room)]
    number = next(number for number, other in enumerate(room.interviews.all(), start=1) if other.id == mock.id)
    return [*told(mock), f"`aipm-cards interview --show {number}{room.options}` prints it again."]


def _goes_on(room: Room) -> str:
    return f"`aipm-cards interview{room.options}` goes on from here."


@contextmanager
def _ready_to_go_on(room: Room) -> Iterator[None]:
    """Say after Ctrl-C how it goes on, once the terminal is put back."""
    try:
        yield
    except KeyboardInterrupt:
        if room.interviews.unfinished():
            with suppress(OSError):  # of a terminal that is gone
                click.echo(one_line(_goes_on(room)), err=True)
        raise


def _wanted(room: Room, view: View, mock: Mock) -> str:
    """What to do about an unfinished interview: `go on`, `new` or `leave`."""
    if mock.turn is None:  # only the scoreboard is left
        return "go on"
    from aipm_cards.terminal.interview_pages import offered

    at = room.moment(mock.time, mock.zone).local
    done = len(mock.results) + len(mock.left_out)
    of = f"{counted(len(mock.asked), 'question')} {'is' if len(mock.asked) == 1 else 'are'}"
    said = f"The interview of {at:%Y-%m-%d %H:%M} is unfinished: {done} of {of} done."
    return offered(view, "Mock interview", said)


def _tools(room: Room) -> Tools:
    from aipm_cards.terminal.interview_pages import Board, board
    from aipm_cards.terminal.interviewer import Tools

    syllabus = room.syllabus  # read before a view hides that it takes a while

    def day(mock: Mock) -> str:
        return dated(room.moment(mock.time, mock.zone).local)

    def drawn(mock: Mock, spoken: bool) -> tuple[Section, ...]:
        return board(mock, Board(syllabus, room.recall(), room.interviews.all(), day, room.options), spoken)

    return Tools(
        stopwatch=person.stopwatch,
        clock=room.opened.clock,
        note=room.opened.sources.note,
        revision=lambda card: room.opened.history.state(card).revision,
        skills=lambda note_id: tuple(skill.name for skill in syllabus.skills.get(note_id, ())),
        compose=_compose,
        count=room.count,
        take_back=lambda mock: counting.take_back(room.opened.history, room.interviews, mock, room.opened.clock()),
        board=drawn,
        suspend=seat.stop,
    )


def _compose(text: str, keep: Callable[[str], None]) -> str:
    """A text in the editor; what was saved there is kept, also if the editor is killed."""
    with tempfile.TemporaryDirectory(prefix="aipm-cards-") as directory:
        path = Path(directory) / "answer.md"
        path.write_text(text, encoding="utf-8", errors="replace")  # a history may hold half a character
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
