"""What the commands for programs print: one JSON object in an envelope with a version."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import wraps
from typing import Any

import click

from aipm_cards.characters import one_line
from aipm_cards.cli.learner import Desk
from aipm_cards.errors import AipmCardsError, CollectionNotFound, HistoryBusy, HistoryDamaged, StaleCard
from aipm_cards.memory.days import Moment, date_of
from aipm_cards.memory.goal import InForce
from aipm_cards.memory.scheduler import Outcome, State
from aipm_cards.memory.session import Turn
from aipm_cards.memory.settings import SettingsError

FORMAT = 1  # of the envelope; a new number when something in it changes its meaning
NOTHING, STALE = 4, 5  # exit codes

_CODES: dict[type, str] = {
    StaleCard: "stale",
    HistoryBusy: "busy",
    HistoryDamaged: "damaged",
    SettingsError: "settings",
    CollectionNotFound: "collection",
    click.ClickException: "usage",
}

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object, errors included.")


def say(document: Mapping[str, object]) -> None:
    """Print an object in its envelope."""
    click.echo(json.dumps({"format": FORMAT, **document}))  # ASCII: safe in every terminal and pipe


def for_programs(command: Callable[..., int]) -> Callable[..., int]:
    """A command whose errors are JSON too with --json, and a stale revision exit code 5."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> int:
        try:
            return command(*args, **options)
        except (AipmCardsError, OSError) as error:
            if options["as_json"]:
                say_error(error)
            if isinstance(error, StaleCard):
                click.echo(f"aipm-cards: {one_line(str(error))}", err=True)
                return STALE
            raise

    return run


def say_error(error: Exception) -> None:
    """Print what went wrong as JSON."""
    code = next((code for type_, code in _CODES.items() if isinstance(error, type_)), "error")
    said: dict[str, object] = {"code": code, "message": one_line(message_of(error))}
    if isinstance(error, StaleCard):
        said["revision"] = error.revision
    say({"type": "error", "error": said})


def message_of(error: Exception) -> str:
    """What went wrong, as it is said to people."""
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, OSError):
        return ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
    return str(error)


def time_of(ms: int) -> str:
    """UTC milliseconds as an ISO time."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def outcome(rating: int, name: str, result: Outcome, now: Moment) -> dict[str, object]:
    """What a rating leads to."""
    in_days = result.memory.state is State.REVIEW
    return {
        "rating": rating,
        "name": name.lower(),
        "state": result.memory.state.name.lower(),
        "interval_days": result.memory.interval,
        "seconds": result.memory.interval * 86_400 if in_days else (result.due - now.ms) // 1000,
        "due": time_of(result.due),
        "due_day": date_of(result.due_day).isoformat(),
    }


def outcomes(turn: Turn) -> list[dict[str, object]]:
    """What each rating leads to."""
    return [outcome(int(r), r.name, result, turn.shown) for r, result in turn.outcomes.items()]


def left(counts: tuple[int, int, int]) -> dict[str, int]:
    """What is left today."""
    return dict(zip(("learning", "reviews", "new"), counts, strict=True))


def head(opened: Desk, type_: str) -> dict[str, object]:
    """What every answer begins with."""
    return {"type": type_, "collection": opened.sources.collection.namespace}


def plan_of(in_force: InForce | None) -> dict[str, object] | None:
    """The plan in force."""
    if in_force is None:
        return None
    goal = in_force.goal
    return {
        "until": date_of(goal.day).isoformat(),
        "new_per_day": goal.new_per_day,
        "desired_retention": goal.desired_retention,
        "last_looks_from": date_of(goal.last_looks_from).isoformat() if goal.last_days else None,
        "chosen": len(in_force.chosen),
    }
