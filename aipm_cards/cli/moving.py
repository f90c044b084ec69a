"""What the commands that move due days have in common: what is shown before, and asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, TypeVar

import click

from aipm_cards.cli import drawing
from aipm_cards.cli.learner import Desk, back_up_daily
from aipm_cards.cli.machine import head, json_option, say
from aipm_cards.cli.where import shown
from aipm_cards.errors import StaleCard
from aipm_cards.memory.backlog.choice import Choice, Due, Shift, reviews
from aipm_cards.memory.days import date_of, learner_day
from aipm_cards.memory.scheduler import State
from aipm_cards.words import counted, percent

F = TypeVar("F", bound=Callable[..., Any])

DAYS = 14  # lines of the table
_OPTIONS = (
    click.option("--yes", "-y", is_flag=True, help="Do it without asking."),
    click.option("--dry-run", is_flag=True, help="Only show what would be done."),
    json_option,
)


def moving_options(command: F) -> F:
    """Whether a command asks, only shows, or does it at once; and JSON."""
    return reduce(lambda decorated, option: option(decorated), reversed(_OPTIONS), command)


def due_reviews(opened: Desk) -> tuple[list[Due], int, int]:
    """The reviews of the cards, today's learner day, and how many reviews of them it had."""
    today = learner_day(opened.clock(), opened.history.start)
    answers = opened.history.answered(today)
    done = sum(before == State.REVIEW and key in opened.cards for key, before, _ in answers)
    return reviews(opened.history, opened.cards, opened.settings), today, done


def carry_out(opened: Desk, choice: Choice, why: str, yes: bool, dry_run: bool, as_json: bool, note: str = "") -> int:
    """Show what moves and what that costs, then ask and do it. Without a yes nothing is written.
    `note` is said to people who are asked."""
    if not as_json:
        _show(opened, choice)
        if note and choice.shifts:
            drawing.say(note)
    batch = None
    if choice.shifts and not dry_run and (yes or (not as_json and _agreed(len(choice.shifts)))):
        back_up_daily(opened)
        try:
            batch = opened.history.move(choice.moves, why, opened.clock())
        except StaleCard as error:
            raise StaleCard(f"{error}; nothing was moved: do it again", error.revision) from None
    if as_json:
        say({**head(opened, "moves"), "why": why, "batch": batch, **_document(choice)})
    elif batch:
        click.echo(f"{shown(opened.root)}: moved {_cards(choice.shifts)}; `aipm-cards undo` takes it back")
    else:
        hint = "; --yes does it" if choice.shifts and not dry_run and not sys.stdin.isatty() else ""
        click.echo(f"{shown(opened.root)}: nothing was changed{hint}")
    return 0


def _agreed(number: int) -> bool:
    return sys.stdin.isatty() and click.confirm(f"Move {counted(number, 'card')}?", default=False)


def _cards(shifts: Sequence[Shift]) -> str:
    return counted(len(shifts), "card")


def _show(opened: Desk, choice: Choice) -> None:
    """The days that change, and what it costs."""
    shifts = choice.shifts
    if not shifts:
        click.echo("no review has to move")
        return
    early = sum(shift.day < shift.planned for shift in shifts)
    click.echo(f"{_cards(shifts)} would move{f', {early:,} of them to an earlier day' if early else ''}:")
    click.echo(f"{'reviews on':<12}{'before':>8}{'after':>8}")
    days = _changed(choice)
    for day in days[:DAYS]:
        click.echo(f"{date_of(day).isoformat():<12}{choice.before.get(day, 0):>8,}{choice.after.get(day, 0):>8,}")
    if rest := days[DAYS:]:
        most = max(choice.after.get(day, 0) for day in rest)
        click.echo(f"… and {counted(len(rest), 'day')} until {date_of(rest[-1]).isoformat()}, at most {most:,} a day")
    before, after = choice.recall
    drawing.say(f"expected recall at these reviews: {percent(before, 1)} as planned, {percent(after, 1)} then")
    later = len(shifts) - early
    if worst := choice.worst:
        drawing.say(f"costs {choice.lost:.1f} recalled reviews of {later:,} that come later")
        dates = f"{date_of(worst.planned).isoformat()} to {date_of(worst.day).isoformat()}"
        falls = f"recall on the day of its review falls from {percent(worst.before)} to {percent(worst.after)}"
        drawing.say(f"the worst: {worst.card.key} moves from {dates}, and its {falls}")


def _changed(choice: Choice) -> list[int]:
    """The days whose number of reviews changes."""
    days = sorted({*choice.before, *choice.after})
    return [day for day in days if choice.before.get(day, 0) != choice.after.get(day, 0)]


def _document(choice: Choice) -> dict[str, object]:
    before, after = choice.recall
    return {
        "cards": len(choice.shifts),
        "lost": round(choice.lost, 6),
        "recall_before": round(before, 6),
        "recall_after": round(after, 6),
        "worst": choice.worst.card.key if choice.worst else None,
        "days": [
            {"date": date_of(day).isoformat(), "before": choice.before.get(day, 0), "after": choice.after.get(day, 0)}
            for day in _changed(choice)
        ],
        "moves": [
            {
                "card": shift.card.key,
                "from": date_of(shift.planned).isoformat(),
                "to": date_of(shift.day).isoformat(),
                "recall_before": round(shift.before, 6),
                "recall_after": round(shift.after, 6),
            }
            for shift in choice.shifts
        ],
    }
