"""`aipm-cards check`: find every problem in the sources."""

from __future__ import annotations

import os
import sys
import time
from datetime import date
from pathlib import Path

import click

from aipm_cards.cli.progress import progress
from aipm_cards.cli.report import PRINTERS, counted, tally
from aipm_cards.cli.where import collection_option, path_argument, root_of, shown
from aipm_cards.content.examine import examine
from aipm_cards.diagnostics import CALENDAR, Diagnostic
from aipm_cards.kinds import ordinals
from aipm_cards.parallel import processors


@click.command()
@path_argument
@collection_option
@click.option("--format", "format_", type=click.Choice(sorted(PRINTERS)), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
@click.option("--overdue", is_flag=True, help="Fail on notes whose review_by has passed.")
def command(path: Path | None, collection: Path | None, format_: str, strict: bool, overdue: bool) -> int:
    """Find every problem in the sources of a collection.

    PATH is a collection, or a file or directory in one, of which only the findings are shown.
    Exits with 1 on an error (with --strict on any finding, with --overdue on a review that is
    overdue, which alone depends on the day), with 2 if it cannot run.
    """
    root = root_of(path, collection)
    with progress("checking") as step:
        today = date.today().isoformat()
        loaded, problems = examine(root, today=today, now=int(time.time()), workers=processors(), progress=step)
    problems = _below(problems, root, path)
    PRINTERS[format_](problems, loaded)
    if format_ == "text":
        cards = sum(len(ordinals(note)) for note in loaded.notes if not note.retired)
        what = f"{counted(len(loaded.notes), 'note')}, {counted(cards, 'card')}"
        click.echo(f"{shown(root)}: {what}: {tally(problems)}")
        if problems and sys.stdout.isatty():
            click.echo(f"`aipm-cards explain {problems[0].code}` tells more")
    return 1 if any(_fails(problem, strict, overdue) for problem in problems) else 0


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
