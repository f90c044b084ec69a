"""What a session shows: a card's question and answer, information, help, the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, Protocol, Self

from aipm_cards.memory.days import Moment, date_of
from aipm_cards.memory.goal import told as plan_told
from aipm_cards.memory.log import Event, EventKind
from aipm_cards.memory.scheduler import Outcome, State, retrievability
from aipm_cards.memory.session import Session, Turn
from aipm_cards.model import Rating
from aipm_cards.terminal import spans
from aipm_cards.terminal.bindings import BINDINGS, CONTROLS, PLACES, SCROLLING, Binding, Phase, Places, action_of
from aipm_cards.terminal.faces import Section
from aipm_cards.terminal.rubric import Rubric
from aipm_cards.terminal.timer import Timer
from aipm_cards.text import Block, List, Paragraph, Table, Text
from aipm_cards.words import counted, percent

MAX_EVENTS = 20  # of a card's history on one page
DAYS = 7  # that the end looks ahead
BAR = 20  # cells of the longest bar of the forecast


class Hint(NamedTuple):
    """A key, what it does, and more of it for a screen reader."""

    key: str
    label: str
    spoken: str = ""


class Page(NamedTuple):
    """What is to be seen. `turn` numbers the cards of a session; the sections from `new` on are
    those that this page adds to the one before; `clock` is shown beside the counts, which are
    `brief` where there is little room. A page `above` another lies on it for a while, and then
    the other is there again as it was."""

    title: str
    counts: str
    sections: tuple[Section, ...]
    hints: tuple[Hint, ...]
    turn: int = 0
    new: int = 0
    clock: str = ""
    notice: str = ""
    above: bool = False
    brief: str = ""


END_HINTS = (
    Hint("space", "look again", "look for due cards again"),
    Hint("u", "undo"),
    Hint("a", "ahead", "study ahead"),
    Hint("c", "cram"),
    Hint("?", "help"),
    Hint("q", "leave"),
)


class View(Protocol):
    """Shows pages and reads keys: on the whole screen, or line by line. `typing` is the line that
    is being typed, also after an interruption or Esc."""

    spoken: bool
    typing: str

    def __enter__(self) -> Self:
        """Take the terminal."""

    def __exit__(self, *_: object) -> None:
        """Give it back as it was."""

    def show(self, page: Page) -> None:
        """Show a page."""

    def say(self, line: str) -> None:
        """Say something that is not on the page."""

    def scroll(self, action: str) -> None:
        """Move over a long page."""

    def key(self, timeout: float | None) -> str | None:
        """The next key; None after `timeout` seconds."""

    def ask(self, prompt: str, enter: str) -> str | None:
        """A line that is typed; None if it was left with Esc. `enter` is what Enter does."""

    def leave(self) -> None:
        """Give the terminal to another program, until `enter`."""

    def enter(self) -> None:
        """Take the terminal back."""


def in_words(counts: tuple[int, int, int], cram: bool = False) -> str:
    """What is left, in words: learning cards, reviews and new cards, or cards to cram."""
    learning, reviews, new = counts
    return counted(reviews, "card") if cram else f"{learning} learning, {counted(reviews, 'review')}, {new} new"


def ratings(turn: Turn) -> tuple[Hint, ...]:
    """The keys of the ratings, each with the interval that it leads to."""
    if turn.cram:
        return tuple(Hint(str(r.value), r.name.capitalize()) for r in Rating)
    found = []
    for rating, outcome in turn.outcomes.items():
        seconds = span(outcome, turn.shown)
        name = rating.name.capitalize()
        found.append(Hint(str(rating.value), f"{name} {spans.short(seconds)}", f"{name}, in {spans.long(seconds)}"))
    return tuple(found)


def span(outcome: Outcome, now: Moment) -> float:
    """Seconds from now until a card is due again; whole days if it left its steps."""
    if outcome.memory.state is State.REVIEW:
        return outcome.memory.interval * 86_400.0
    return (outcome.due - now.ms) / 1000


def lines(*texts: str) -> tuple[Block, ...]:
    """Texts as paragraphs without space between them."""
    return tuple(Paragraph((Text(text),), tight=True) for text in texts if text)


def items(texts: Iterable[str]) -> tuple[Block, ...]:
    """Texts as a list."""
    found = tuple((Paragraph((Text(text),), tight=True),) for text in texts)
    return (List(None, found),) if found else ()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> tuple[Block, ...]:
    """Texts as a table."""
    cells = tuple(tuple((Text(cell),) for cell in row) for row in rows)
    return (Table(("",) * len(head), tuple((Text(cell),) for cell in head), cells),) if cells else ()


def help_page(bindings: Sequence[Binding] = BINDINGS, places: Places = PLACES) -> tuple[Section, ...]:
    """The help, from the bindings themselves: each once, below where it works."""
    told = {title: [b.told for b in bindings if b.phases == phases] for title, phases in places.items()}
    told["Everywhere"] += [f"{key}: {help_}" for key, help_ in CONTROLS]
    return tuple(Section(title, items(texts)) for title, texts in told.items())


def above(view: View, page: Page, bindings: Sequence[Binding] = BINDINGS) -> str:
    """A page above the others, until a key that does not scroll it; that key."""
    view.show(page._replace(above=True))
    while True:
        key = view.key(None) or ""
        action = action_of(key, Phase.END, (), bindings)
        if action not in SCROLLING:
            return key
        view.scroll(action)


def ticked(view: View, rubric: Rubric, change: Callable[[Rubric], Rubric]) -> Rubric:
    """A rubric after a key that moves over it or ticks; it is said aloud where nothing is drawn."""
    after = change(rubric)
    view.say(after.in_words(after.at or 0))
    if after.ticks != rubric.ticks:
        view.say(after.proposal())
    return after


@contextmanager
def away(view: View, stopwatch: Callable[[], float], timer: Timer | None) -> Iterator[None]:
    """The terminal is another program's; that time is no time of the card that is shown."""
    since = stopwatch()
    view.leave()
    try:
        yield
    finally:
        if timer is not None:
            timer.away(since, stopwatch())
        view.enter()


def info_page(session: Session, turn: Turn, now: Moment) -> tuple[Section, ...]:
    """The history of a card, its memory state, and the dates that each rating leads to."""
    state, preset = turn.state, session.preset(turn.key)
    events = session.history.standing_events(turn.key)
    if state.state == State.NEW:
        known = ["It is new: there is no memory state yet."]
    else:
        recall = retrievability(state.memory, session.day, preset)
        known = [
            f"State: {State(state.state).name.lower()}",
            f"Stability: {state.stability:.2f} days",
            f"Difficulty: {state.difficulty:.2f} of 10",
            f"Retrievability now: {percent(recall, 1)}, desired: {percent(preset.desired_retention)}",
            f"Due: {_due(state.state, state.due, state.due_day, now)}",
        ]
    known.append(f"Answers: {state.reps}, lapses: {state.lapses}, flags: {state.flags}")
    outcomes = session.history.preview(turn.key, state, now, preset)
    dates = [
        (rating.name.capitalize(), spans.long(span(outcome, now)), _due_of(outcome, now))
        for rating, outcome in outcomes.items()
    ]
    past = [_told(event, session) for event in reversed(events[-MAX_EVENTS:])]
    return (
        Section("Card", lines(f"{turn.key} in {session.cards.deck(turn.key)}")),
        Section("Memory", lines(*known)),
        Section("Next dates", table(("Rating", "Interval", "Due"), dates)),
        Section("History", table(("When", "What", "Interval", "Took"), past) or lines("Nothing yet.")),
    )


def _due(state: int, due: int, due_day: int, now: Moment) -> str:
    """The day on which a card is due; in its steps the minute, too."""
    if state == State.REVIEW:
        return date_of(due_day).isoformat()
    return f"{Moment(due, now.zone).local:%Y-%m-%d %H:%M}"


def _due_of(outcome: Outcome, now: Moment) -> str:
    return _due(outcome.memory.state, outcome.due, outcome.due_day, now)


def _told(event: Event, session: Session) -> tuple[str, str, str, str]:
    when = f"{Moment(event.time, session.history.zone(event.zone)).local:%Y-%m-%d %H:%M}"
    if event.kind != EventKind.ANSWER or event.rating is None:
        return when, " ".join(filter(None, (EventKind(event.kind).name.lower(), event.detail))), "", ""
    interval = ""
    if event.due is not None:
        seconds = event.interval * 86_400 if event.interval else (event.due - event.time) / 1000
        interval = spans.short(seconds)
    return when, Rating(event.rating).name.capitalize(), interval, f"{(event.took or 0) / 1000:.0f}s"


def end_page(session: Session, now: Moment, spoken: bool) -> tuple[Section, ...]:
    """What was done, how it went, what is left, and when the next card comes."""
    said = [*_left(session), *_next_card(session, now), *plan_in_force(session)]
    sections = [Section("Finished" if session.done else "Nothing is due", lines(*said))]
    if session.done:
        sections.append(Section("This session", lines(*told(session))))
    days = session.upcoming(DAYS)
    if any(days):
        sections.append(Section("Reviews of the next days", lines(*_forecast(session.day, days, spoken))))
    ahead = [
        "To study ahead, with the schedule taking it into account: a, or `aipm-cards review --ahead DAYS`.",
        "To cram, without changing the schedule: c, or `aipm-cards review --cram`.",
    ]
    sections.append(Section("More", items(ahead)))
    return tuple(sections)


def plan_in_force(session: Session) -> list[str]:
    """The plan that the session follows, in one line."""
    if session.in_force is None:
        return []
    said = plan_told(session.in_force.goal)
    return [f"{said[0].upper()}{said[1:]}."]


def _left(session: Session) -> list[str]:
    """What a bound of the session left of today."""
    queue = session.queue
    if not (queue.reviews or queue.new):
        return []
    counts = len(queue.learning), len(queue.reviews), len(queue.new)
    return [f"Left today: {in_words(counts, session.wish.cram)}. Space goes on."]


def _forecast(today: int, days: Sequence[int], spoken: bool) -> list[str]:
    """A line for each of the next days, with a bar for the eye; the ear skips empty days."""
    found = []
    for number, due in enumerate(days, start=1):
        day = f"{date_of(today + number):%a %d %b}: {due:>{len(str(max(days)))}}"
        if not spoken:
            found.append(f"{day} {'#' * -(-due * BAR // max(days))}".rstrip())
        elif due:
            found.append(day)
    return found


def told(session: Session) -> list[str]:
    """How a session went, a line a fact."""
    summary = session.summary()
    if not summary.answers:
        return []
    by_rating = ", ".join(f"{count} {rating.name.capitalize()}" for rating, count in summary.ratings.items() if count)
    each = summary.took / summary.answers / 1000
    found = [
        f"{counted(summary.answers, 'answer')} to {counted(summary.cards, 'card')}, {summary.new} of them new, "
        f"in {spans.long(summary.took / 1000)} ({each:.0f} s each): {by_rating}."
    ]
    if summary.reviews:
        share = summary.recalled / summary.reviews
        found.append(
            f"Recalled {summary.recalled} of {counted(summary.reviews, 'review')} ({percent(share)}). "
            f"Desired: {percent(summary.desired)}; FSRS expected {summary.expected:.1f}."
        )
    return found


def _next_card(session: Session, now: Moment) -> list[str]:
    found = []
    learning = session.next_learning()
    if learning is not None:
        local = Moment(learning, now.zone).local
        found.append(
            f"The next learning card comes in {spans.long(max(0, learning - now.ms) / 1000)}, at {local:%H:%M}."
        )
    day = session.next_due_day()
    if day is not None:
        days = day - session.day
        date = f"{date_of(day):%A, %d %B %Y}"
        found.append(f"The next review comes {'tomorrow' if days == 1 else f'in {days} days'}: {date}.")
    if session.counts[2] == 0 and session.more_new():
        found.append("More new cards come tomorrow; `aipm-cards review --new N` gives some now.")
    return found or ["No review is scheduled yet."]
