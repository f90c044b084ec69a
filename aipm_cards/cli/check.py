"""`aipm-cards check`: find every problem in the sources."""

from __future__ import annotations

import os
import sys
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aipm_cards.cli.progress import progress
from aipm_cards.cli.report import PRINTERS, counted, tally
from aipm_cards.cli.where import collection_option, path_argument, root_of, shown
from aipm_cards.content.examine import examine
from aipm_cards.diagnostics import CALENDAR, Diagnostic
from aipm_cards.kinds import ordinals
from aipm_cards.model import Collection
from aipm_cards.parallel import processors

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
    overdue, which alone depends on the day), with 2 if it cannot run.
    """
    root = root_of(path, collection)
    loaded, problems = _examined(root)
    fixed: list[Fixed] | None = None
    if fix_:
        fixed, loaded, problems = _fixed(root, path, loaded, problems)
    problems = _below(problems, root, path)
    PRINTERS[format_](problems, loaded, fixed)
    if format_ == "text":
        cards = sum(len(ordinals(note)) for note in loaded.notes if not note.retired)
        what = f"{counted(len(loaded.notes), 'note')}, {counted(cards, 'card')}"
        repaired = f"; {counted(len(fixed), 'repair')}" if fixed else ""
        click.echo(f"{shown(root)}: {what}: {tally(problems)}{repaired}")
        if problems and sys.stdout.isatty():
            click.echo(f"`aipm-cards explain {problems[0].code}` tells more")
    return 1 if any(_fails(problem, strict, overdue) for problem in problems) else 0


def _examined(root: Path) -> tuple[Collection, list[Diagnostic]]:
    with progress("checking") as step:
        today, now = date.today().isoformat(), int(time.time())
        return examine(root, today=today, now=now, workers=processors(), progress=step)


def _fixed(
    root: Path, path: Path | None, loaded: Collection, problems: list[Diagnostic]
) -> tuple[list[Fixed], Collection, list[Diagnostic]]:
    """What was repaired, and the collection and its findings after that."""
    from aipm_cards.content.fix import fix

    fixed: list[Fixed] = []
    for _ in range(ROUNDS):
        done = fix(root, _below(problems, root, path), int(time.time()))
        if not done:
            break
        fixed += done
        loaded, problems = _examined(root)
    return fixed, loaded, problems


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
