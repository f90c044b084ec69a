"""`aipm-cards check`: find every problem in the sources."""

from __future__ import annotations

import os
from pathlib import Path

import click

from aipm_cards.cli.progress import progress
from aipm_cards.cli.report import PRINTERS, counted, tally
from aipm_cards.cli.where import collection_option, path_argument, root_of, shown
from aipm_cards.content.load import load
from aipm_cards.diagnostics import Diagnostic
from aipm_cards.kinds import ordinals
from aipm_cards.parallel import processors


@click.command()
@path_argument
@collection_option
@click.option("--format", "format_", type=click.Choice(sorted(PRINTERS)), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
def command(path: Path | None, collection: Path | None, format_: str, strict: bool) -> int:
    """Find every problem in the sources of a collection.

    PATH is a collection, or a file or directory in one, of which only the findings are shown.
    Exits with 1 on an error (with --strict on any finding), with 2 if it cannot run.
    """
    root = root_of(path, collection)
    with progress("checking") as step:
        loaded, problems = load(root, workers=processors(), progress=step)
    problems = _below(problems, root, path)
    PRINTERS[format_](problems, loaded)
    if format_ == "text":
        cards = sum(len(ordinals(note)) for note in loaded.notes if not note.retired)
        what = f"{counted(len(loaded.notes), 'note')}, {counted(cards, 'card')}"
        click.echo(f"{shown(root)}: {what}: {tally(problems)}")
    failing = [problem for problem in problems if strict or problem.severity == "error"]
    return 1 if failing else 0


def _below(problems: list[Diagnostic], root: Path, path: Path | None) -> list[Diagnostic]:
    """The findings in a file or directory of the collection, if one was named."""
    if path is None:
        return problems
    below = os.path.relpath(os.path.abspath(path), os.path.abspath(root)).replace(os.sep, "/")
    if below in (".", "collection.yaml"):
        return problems
    return [p for p in problems if p.path == below or p.path.startswith(f"{below}/")]
