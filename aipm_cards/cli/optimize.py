"""`aipm-cards optimize`: FSRS parameters fitted to the learner's own history."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from aipm_cards.characters import one_line
from aipm_cards.cli import completing, drawing
from aipm_cards.cli.learner import Desk, desk, history_option
from aipm_cards.cli.machine import NOTHING, for_programs, head, json_option, say
from aipm_cards.cli.progress import progress
from aipm_cards.cli.settings_file import Change, put_parameters, read_bytes, take_back_parameters
from aipm_cards.cli.where import collection_option
from aipm_cards.errors import AipmCardsError
from aipm_cards.memory.days import Moment, date_of, learner_day
from aipm_cards.memory.fitting.optimizer import CUTS, FEW, FEWEST, Outcome, Reviews, optimize
from aipm_cards.memory.fitting.scoring import CONFIDENCE, FEWEST_CARDS, FEWEST_REVIEWS, Score
from aipm_cards.memory.queue import note_of
from aipm_cards.memory.reading import reviews_by_card
from aipm_cards.memory.settings import Preset
from aipm_cards.memory.settings_text import typed
from aipm_cards.words import counted


@click.command()
@click.option("--deck", metavar="DECK", help="Fit the parameters of this deck's own.", shell_complete=completing.decks)
@click.option("--dry-run", is_flag=True, help="Only show what would be taken.")
@click.option("--yes", is_flag=True, help="Take them without asking, if they are better.")
@click.option("--undo", is_flag=True, help="Bring back the parameters from before.")
@collection_option
@history_option
@json_option
@for_programs
def command(
    deck: str | None,
    dry_run: bool,
    yes: bool,
    undo: bool,
    collection: Path | None,
    history: Path | None,
    as_json: bool,
) -> int:
    """Fit the parameters of FSRS to your own history, and take them if they are better.

    Better is what predicts later reviews better than the parameters of today, by more than
    chance. They go into the settings file, every other byte of which is kept.
    """
    if undo + dry_run + yes > 1:
        raise click.UsageError("--undo, --dry-run and --yes exclude one another")
    if as_json and not (undo or dry_run or yes):
        raise click.UsageError("with --json nobody can be asked: add --yes or --dry-run")
    with desk(collection, history, (deck,) if deck else (), may_be_empty=not deck) as opened:
        table = _table(opened, deck) if deck else ""
        if undo:
            return _undo(opened, table, as_json)
        read = read_bytes()
        with progress("fitting") as step:
            outcome = optimize(_reviews(opened, table), _preset(opened, table), step or (lambda done, of: None))
        if not as_json:
            for line in _lines(outcome, opened, table):
                drawing.say(line, _NAME if line.startswith(_LISTS) else 0)
        taken = outcome.better and not dry_run and (yes or _agreed())
        path = put_parameters(table, typed(outcome.fit.parameters), read) if taken else None
        if as_json:
            say({**head(opened, "optimized"), **_document(outcome, opened, table, path)})
        elif path:
            click.echo(f"wrote {one_line(str(path))}; `aipm-cards optimize{_for(table)} --undo` takes it back")
    return 0


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise AipmCardsError("nothing was taken: there is no terminal to ask at; add --yes, or --dry-run")
    return click.confirm("Take them?", default=False)


def _undo(opened: Desk, table: str, as_json: bool) -> int:
    taken = take_back_parameters(table)
    if taken is None:
        of = f"those of the deck {table}" if table else "the general ones"
        if as_json:
            say(head(opened, "nothing"))
        else:
            click.echo(one_line(f"there is nothing to undo: no parameters that `optimize` wrote as {of} are in force"))
        return NOTHING
    path, change = taken
    if as_json:
        say(
            {
                **head(opened, "restored"),
                "deck": table or None,
                "path": one_line(str(path)),
                "parameters": change.before,
            }
        )
    else:
        drawing.say(f"restored {path}: {_restored(table, change)}")
    return 0


def _restored(table: str, change: Change) -> str:
    """What counts now."""
    of = f" for the deck {table}" if table else ""
    if change.before:
        return f"back to parameters = {' '.join(change.before.split())}{of}"
    return f"back to the parameters of {'the decks above' if table else 'FSRS-6'}{of}"


# --- which reviews -------------------------------------------------------------------------


def _table(opened: Desk, deck: str) -> str:
    """The name of a deck's table in the settings: as the sources spell it, below the root."""
    root = opened.sources.collection.name
    parts = deck.split("::")
    wanted = "::".join(" ".join(part.split()) for part in parts)
    for name in opened.sources.collection.decks:
        above = name.split("::")
        for depth in range(1, len(above) + 1):
            own = "::".join(above[:depth])
            if wanted.casefold() in (own.casefold(), f"{root}::{own}".casefold()):
                return own
    raise AipmCardsError(f"'{deck}' is all decks; leave --deck away for the general parameters")


def _preset(opened: Desk, table: str) -> Preset:
    return opened.settings.preset_of(table) if table else opened.settings.preset


def _reviews(opened: Desk, table: str) -> Reviews:
    """The reviews of the cards for which the parameters count: for the general ones those of
    decks without their own; for a deck those in it, but for decks in it that have their own."""
    cards = dict(reviews_by_card(opened.history))
    decks = opened.cards.deck_of({note_of(key) for key in cards})
    settings, wanted = opened.settings, table.casefold()
    found: Reviews = {}
    for key, reviews in cards.items():
        deck = decks.get(note_of(key), "")
        owner = settings.parameters_name(deck).casefold()
        inside = f"{deck}::".casefold().startswith(f"{wanted}::")
        if (inside and not owner.startswith(f"{wanted}::")) if table else not owner:
            found[key] = reviews
    return found


# --- what is said --------------------------------------------------------------------------


def _lines(outcome: Outcome, opened: Desk, table: str) -> Iterator[str]:
    counts = f"{counted(outcome.reviews, 'review')} on later days, of {counted(outcome.cards, 'card')}"
    yield f"history: {counts}{_when(outcome, opened)}"
    if outcome.in_steps:
        yield f"  {outcome.in_steps:,} of them to cards in learning steps, which `aipm-cards stats` does not count"
    if outcome.fit.outliers:
        yield f"  not fitted to {outcome.fit.outliers:,} of all: outliers, with a first interval that few cards had"
    yield f"  {_allows(outcome)}"
    if outcome.fit.reach == "nothing":
        yield _verdict(outcome)
        return
    if (score := outcome.score) is not None:
        yield (
            f"judged on {score.reviews:,} later reviews of {counted(score.cards, 'card')}, in {len(CUTS)} parts,"
            " each predicted by parameters fitted only to what came before it:"
        )
        yield f"  log-loss      {score.log_loss[0]:.4f} before, {score.log_loss[1]:.4f} after"
        yield f"  error in bins {score.rmse[0]:.4f} before, {score.rmse[1]:.4f} after"
        yield f"  log-loss is {_gain(score)}"
    yield _verdict(outcome)
    yield f"parameters of {f'the deck {table}' if table else 'all decks without their own'}:"
    for name, parameters in zip(_LISTS, (outcome.before, outcome.fit.parameters), strict=True):
        yield f"{name}{typed(parameters)}"


_LISTS = ("  before  ", "  fitted  ")  # of parameters
_NAME = 8  # cells before their first number, but for the indent


def _when(outcome: Outcome, opened: Desk) -> str:
    return ", {} to {}".format(*_days(outcome, opened)) if outcome.reviews else ""


def _days(outcome: Outcome, opened: Desk) -> list[str]:
    zone, start = opened.clock().zone, opened.settings.day_start
    return [date_of(learner_day(Moment(time, zone), start)).isoformat() for time in outcome.times]


def _allows(outcome: Outcome) -> str:
    match outcome.fit.reach:
        case "all":
            return "enough to fit all 21 parameters"
        case "initial stabilities":
            return f"enough for the four initial stabilities only; all 21 parameters need {FEW}, outliers not counted"
        case _:
            return (
                f"too little to fit anything: {FEWEST} are needed for a beginning, {FEW} for all; outliers do not count"
            )


def _gain(score: Score) -> str:
    way = "lower" if score.gain >= 0 else "higher"
    interval = f"{100 * CONFIDENCE:.0f} % interval of the gain: {score.low:+.4f} to {score.high:+.4f}"
    return f"{abs(score.gain):.4f} {way}; {interval}"


def _verdict(outcome: Outcome) -> str:
    if outcome.fit.reach == "nothing":
        return "nothing was fitted; the parameters stay as they are"
    if outcome.fit.parameters == outcome.before:
        return "the fitted parameters are those of today"
    if outcome.score is None:
        return (
            f"too few later reviews to judge by ({FEWEST_REVIEWS} of {FEWEST_CARDS} cards are needed);"
            " the parameters stay as they are"
        )
    if outcome.better:
        return "better, by more than chance"
    if outcome.score.high < 0:
        return "worse; the parameters stay as they are"
    return "not better by more than chance; the parameters stay as they are"


def _for(table: str) -> str:
    import shlex

    return f" --deck {shlex.quote(table)}" if table else ""


def _document(outcome: Outcome, opened: Desk, table: str, path: Path | None) -> dict[str, object]:
    score = outcome.score
    judged: dict[str, object] | None = score and {
        "reviews": score.reviews,
        "cards": score.cards,
        "log_loss": dict(zip(("before", "after"), score.log_loss, strict=True)),
        "rmse_bins": dict(zip(("before", "after"), score.rmse, strict=True)),
        "gain": {"mean": score.gain, "low": score.low, "high": score.high},
    }
    return {
        "deck": table or None,
        "reviews": outcome.reviews,
        "cards": outcome.cards,
        "in_steps": outcome.in_steps,
        "days": _days(outcome, opened) if outcome.reviews else None,
        "outliers": outcome.fit.outliers,
        "fitted": outcome.fit.reach,
        "judged": judged,
        "parameters": {"before": outcome.before, "fitted": outcome.fit.parameters},
        "better": outcome.better,
        "verdict": _verdict(outcome),
        "taken": path is not None,
        "path": one_line(str(path)) if path else None,
    }
