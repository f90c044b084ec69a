"""`aipm-cards check`: find every problem in the sources."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aipm_cards.cli.findings import tally
from aipm_cards.cli.formats import PRINTERS
from aipm_cards.cli.places import cache_directory
from aipm_cards.cli.where import collection_option, path_argument, root_of, shown
from aipm_cards.content.cache.outcome import LastCheck, Outcome, holds_until
from aipm_cards.diagnostics import CALENDAR, Diagnostic
from aipm_cards.words import counted

if TYPE_CHECKING:
    from aipm_cards.content.fix import Fixed

ROUNDS = 5  # a repair may bring to light what another file has to do with it


@click.command()
@path_argument
@collection_option
@click.option("--format", "format_", type=click.Choice(sorted(PRINTERS)), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
@click.option("--overdue", is_flag=True, help="Fail on notes whose review_by has passed.")
@click.option("--fix", "fix_", is_flag=True, help="Repair what was meant beyond doubt, and report the rest.")
def command(path: Path | None, collection: Path | None, format_: str, strict: bool, overdue: bool, fix_: bool) -> int:
    """Find every problem in the sources of a collection.

    PATH is a collection, or a file or directory in one, of which only the findings are shown.
    Exits with 1 on an error (with --strict on any finding, with --overdue on a review that is
    overdue, which alone depends on the day), with 2 if it cannot run. Where nothing changed since
    the last check, it says again what it said.
    """
    root = root_of(path, collection)
    fixed: list[Fixed] | None = [] if fix_ else None
    outcome = _checked(root, remembered=fixed is None)
    if fixed is not None:
        outcome = _repaired(root, path, outcome, fixed)
    outcome = replace(outcome, problems=_below(outcome.problems, root, path))
    PRINTERS[format_](outcome, fixed)
    if format_ == "text":
        what = f"{counted(outcome.notes, 'note')}, {counted(outcome.cards, 'card')}"
        repaired = f"; {counted(len(fixed), 'repair')}" if fixed else ""
        click.echo(f"{shown(root)}: {what}: {tally(outcome.problems)}{repaired}")
        if outcome.problems and sys.stdout.isatty():
            click.echo(f"`aipm-cards explain {outcome.problems[0].code}` tells more")
    return 1 if any(_fails(problem, strict, overdue) for problem in outcome.problems) else 0


def _checked(root: Path, remembered: bool) -> Outcome:
    """What a check finds; what the last one found, if nothing changed and it may be `remembered`."""
    today = date.today().isoformat()
    last = LastCheck(root, cache_directory(), time.time_ns(), today)
    known = last.outcome() if remembered else None
    return known or _examined(root, last, today)


def _examined(root: Path, last: LastCheck, today: str) -> Outcome:
    from aipm_cards.cli.progress import progress
    from aipm_cards.content.examine import examine
    from aipm_cards.kinds import ordinals
    from aipm_cards.parallel import processors

    images: set[str] = set()
    with progress("checking") as step:
        now = int(time.time())
        loaded, problems = examine(root, today=today, now=now, workers=processors(), progress=step, asked=images)
    shown_notes = [note for note in loaded.notes if not note.retired]
    cards = sum(len(ordinals(note)) for note in shown_notes)
    outcome = Outcome(root, loaded.name, len(loaded.notes), cards, problems)
    if all(problem.code != "D301" for problem in problems):  # a time in the future passes
        last.keep(outcome, holds_until(today, (note.review_by for note in shown_notes)), images)
    return outcome


def _repaired(root: Path, path: Path | None, outcome: Outcome, fixed: list[Fixed]) -> Outcome:
    """The outcome after what can be repaired was repaired; that goes to `fixed`."""
    from aipm_cards.content.fix import fix

    for _ in range(ROUNDS):
        done = fix(root, _below(outcome.problems, root, path), int(time.time()))
        if not done:
            break
        fixed += done
        outcome = _checked(root, remembered=False)
    return outcome


def _fails(problem: Diagnostic, strict: bool, overdue: bool) -> bool:
    if problem.code in CALENDAR:
        return overdue
    return strict or problem.severity == "error"


def _below(problems: list[Diagnostic], root: Path, path: Path | None) -> list[Diagnostic]:
    """The findings in a file or directory of the collection, if one was named."""
    if path is None:
        return problems
    below = os.path.relpath(os.path.abspath(path), os.path.abspath(root)).replace(os.sep, "/")
    if below in (".", "collection.yaml"):
        return problems
    return [p for p in problems if p.path == below or p.path.startswith(f"{below}/")]
