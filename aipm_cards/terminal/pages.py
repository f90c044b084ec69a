"""What a session shows: a card's question and answer, information, help, the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from aipm_cards.memory.days import Moment, date_of
from aipm_cards.memory.log import Event, EventKind
from aipm_cards.memory.scheduler import Outcome, State, retrievability
from aipm_cards.memory.session import Session, Turn
from aipm_cards.model import Rating
from aipm_cards.terminal import spans
from aipm_cards.terminal.bindings import BINDINGS, Phase
from aipm_cards.terminal.faces import Section
from aipm_cards.text import Block, List, Paragraph, Table, Text

MAX_EVENTS = 20  # of a card's history on one page


class Hint(NamedTuple):
    """A key, what it does, and more of it for a screen reader."""

    key: str
    label: str
    spoken: str = ""


class Page(NamedTuple):
    """What is to be seen. `turn` numbers the cards of a session; the sections from `new` on are
    those that this page adds to the one before; `clock` is shown beside the counts."""

    title: str
    counts: str
    sections: tuple[Section, ...]
    hints: tuple[Hint, ...]
    turn: int = 0
    new: int = 0
    clock: str = ""
    notice: str = ""


class View(Protocol):
    """Shows pages and reads keys: on the whole screen, or line by line."""

    spoken: bool

    def show(self, page: Page) -> None:
        """Show a page."""

    def say(self, line: str) -> None:
        """Say something that is not on the page."""

    def scroll(self, action: str) -> None:
        """Move over a long page."""

    def key(self, timeout: float | None) -> str | None:
        """The next key; None after `timeout` seconds."""

    def ask(self, prompt: str) -> str | None:
        """A line that is typed; None if it was left with Esc."""

    def leave(self) -> None:
        """Give the terminal to another program, until `enter`."""

    def enter(self) -> None:
        """Take the terminal back."""


def counted(counts: tuple[int, int, int]) -> str:
    """What is left, in words."""
    named = zip(counts, ("learning", "reviews", "new"), strict=True)
    return ", ".join(f"{number} {name}" for number, name in named)


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


def help_page() -> tuple[Section, ...]:
    """The help, from the bindings themselves."""
    titles = {Phase.QUESTION: "At the question", Phase.ANSWER: "At the answer", Phase.END: "At the end"}
    everywhere = [b for b in BINDINGS if len(b.phases) == len(Phase)]
    sections = []
    for phase, title in titles.items():
        here = [b for b in BINDINGS if phase in b.phases and b not in everywhere]
        sections.append(Section(title, items(f"{' or '.join(b.keys)}: {b.help}" for b in here)))
    sections.append(Section("Everywhere", items(f"{' or '.join(b.keys)}: {b.help}" for b in everywhere)))
    return tuple(sections)


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
            f"Retrievability now: {recall:.1%}, desired: {preset.desired_retention:.0%}",
            f"Due: {date_of(state.due_day).isoformat()}",
        ]
    known.append(f"Answers: {state.reps}, lapses: {state.lapses}, flags: {state.flags}")
    outcomes = session.history.preview(turn.key, state, now, preset)
    dates = [
        (rating.name.capitalize(), spans.long(span(outcome, now)), _due(outcome, now))
        for rating, outcome in outcomes.items()
    ]
    past = [_told(event, session) for event in reversed(events[-MAX_EVENTS:])]
    return (
        Section("Card", lines(f"{turn.key} in {session.cards.deck(turn.key)}")),
        Section("Memory", lines(*known)),
        Section("Next dates", table(("Rating", "Interval", "Due"), dates)),
        Section("History", table(("When", "What", "Interval", "Took"), past) or lines("Nothing yet.")),
    )


def _due(outcome: Outcome, now: Moment) -> str:
    if outcome.memory.state is State.REVIEW:
        return date_of(outcome.due_day).isoformat()
    return f"{Moment(outcome.due, now.zone).local:%Y-%m-%d %H:%M}"


def _told(event: Event, session: Session) -> tuple[str, str, str, str]:
    when = f"{Moment(event.time, session.history.zone(event.zone)).local:%Y-%m-%d %H:%M}"
    if event.kind != EventKind.ANSWER or event.rating is None:
        return when, " ".join(filter(None, (EventKind(event.kind).name.lower(), event.detail))), "", ""
    interval = ""
    if event.due is not None:
        seconds = event.interval * 86_400 if event.interval else (event.due - event.time) / 1000
        interval = spans.short(seconds)
    return when, Rating(event.rating).name.capitalize(), interval, f"{(event.took or 0) / 1000:.0f}s"


def end_page(session: Session, now: Moment, note: str) -> tuple[Section, ...]:
    """What was done, how it went, and when the next card comes."""
    said = [*([note] if note else []), *_next_card(session, now)]
    sections = [Section("Finished" if session.done else "Nothing is due", lines(*said))]
    if session.done:
        sections.append(Section("This session", lines(*told(session))))
    days = session.upcoming(7)
    if any(days):
        rows = [
            (f"{date_of(session.day + 1 + number):%a %d %b}", str(count), "#" * -(-count * 20 // max(days)))
            for number, count in enumerate(days)
        ]
        sections.append(Section("Reviews of the next days", table(("Day", "Due", ""), rows)))
    ahead = [
        "To study ahead, with the schedule taking it into account: a, or `aipm-cards review --ahead DAYS`.",
        "To cram, without changing the schedule: c, or `aipm-cards review --cram`.",
    ]
    sections.append(Section("More", items(ahead)))
    return tuple(sections)


def told(session: Session) -> list[str]:
    """How a session went, a line a fact."""
    summary = session.summary()
    if not summary.answers:
        return []
    by_rating = ", ".join(f"{count} {rating.name.capitalize()}" for rating, count in summary.ratings.items() if count)
    each = summary.took / summary.answers / 1000
    found = [
        f"{_count(summary.answers, 'answer')} to {_count(summary.cards, 'card')}, {summary.new} of them new, "
        f"in {spans.long(summary.took / 1000)} ({each:.0f} s each): {by_rating}."
    ]
    if summary.reviews:
        share = summary.recalled / summary.reviews
        found.append(
            f"Recalled {summary.recalled} of {_count(summary.reviews, 'review')} ({share:.0%}). "
            f"Desired: {summary.desired:.0%}; FSRS expected {summary.expected:.1f}."
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
        found.append(f"The next card comes {'tomorrow' if days == 1 else f'in {days} days'}: {date}.")
    return found or ["No review is scheduled yet."]


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
