"""`aipm-cards build`: compile the cards into an Anki package."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import click

from aipm_cards import __version__
from aipm_cards.anki.notetypes import look
from aipm_cards.anki.package import build, check_name, receipt
from aipm_cards.anki.rows import Order, Rendered, renderer
from aipm_cards.anki.tables import Report
from aipm_cards.cli import completing
from aipm_cards.cli.findings import print_text, tally
from aipm_cards.cli.progress import progress
from aipm_cards.cli.state import clock, read_lock
from aipm_cards.cli.where import collection_option, path_argument, root_of, shown
from aipm_cards.content.guarded import breaches
from aipm_cards.content.load import fingerprint, load_each, namespace_of
from aipm_cards.diagnostics import Diagnostic
from aipm_cards.guard import Trace, tracer
from aipm_cards.model import Collection, Note
from aipm_cards.parallel import processors
from aipm_cards.release import CLOCK_SKEW, Lock, format_lock
from aipm_cards.words import counted

T = TypeVar("T")


@click.command()
@path_argument
@collection_option
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The package to write, or a directory for it.")
@click.option("--deck", default="", help="Only this deck and those below it.", shell_complete=completing.decks)
def command(path: Path | None, collection: Path | None, output: Path | None, deck: str) -> int:
    """Compile the cards of a collection into one Anki package.

    With an error in the sources nothing is written. A package whose sources did not change
    stays as it is.
    """
    root = root_of(path, collection)
    lock = read_lock(root)
    target = _target(output, root)
    key = _key(root, lock, deck)
    known = receipt(target)
    if known is not None and known[0] == key:
        click.echo(f"{shown(target)}: {_sums(known[1], root)}; nothing changed since it was built")
        return 0
    with progress("reading") as step:
        loaded, results, problems = load_each(
            root, partial(_render_and_trace, lock=lock, deck=deck), workers=processors(), progress=step
        )
    notes = [rendered for rendered, _ in results]
    if lock is not None:
        problems += _guarded(loaded, lock, [trace for _, trace in results if trace is not None])
    del results  # `build` gives each note up when it was written
    if any(problem.severity == "error" for problem in problems):
        print_text([p for p in problems if p.severity == "error"], root)
        click.echo(f"{shown(root)}: {tally(problems)}: nothing was written")
        return 1
    now = _now(known[1] if known else None)
    with progress("building") as step:
        report = build(
            loaded, target, now=now, lock=lock, deck=deck, key=key, rendered=_handing_over(notes), progress=step
        )
    if problems:
        click.echo(f"{tally(problems)}; `aipm-cards check` shows them", err=True)
    click.echo(f"{shown(target)}: {_sums(report, root)}")
    return 0


def _render_and_trace(
    collection: Collection, lock: Lock | None, deck: str
) -> Callable[[Note], tuple[Rendered | Order, Trace | None]]:
    """A function that renders a note, and holds it against the lock if there is one."""
    render = renderer(collection, lock, deck)
    trace = tracer(lock) if lock is not None else None
    return lambda note: (render(note), trace(note) if trace else None)


def _guarded(collection: Collection, lock: Lock, traces: Sequence[Trace]) -> list[Diagnostic]:
    return [breach.finding for breach in breaches(collection, lock, traces)]


def _handing_over(notes: list[T]) -> Iterator[T]:
    """The items of a list, which is empty at the end: there may be a lot of them."""
    notes.reverse()
    while notes:
        yield notes.pop()


def _target(output: Path | None, root: Path) -> Path:
    """The file to write: as asked, or named after the collection in the directory asked or here."""
    if output is not None and not output.is_dir():
        return check_name(output)
    return check_name((output or Path()) / f"{namespace_of(root) or 'cards'}.apkg")


def _now(known: Report | None) -> int:
    """The time of what is not released: newer than the package that is replaced.

    Anki compares times in whole seconds, so of two builds within one the second would not
    reach the learner.
    """
    now = clock()
    if known is None or "SOURCE_DATE_EPOCH" in os.environ or known.newest > now + CLOCK_SKEW:
        return now
    return max(now, known.newest + 1)


def _key(root: Path, lock: Lock | None, deck: str) -> str:
    """A hash over everything that decides what the package holds, but for the clock."""
    parts = (
        __version__,
        look(),
        fingerprint(root),
        format_lock(lock) if lock else "",
        deck,
        os.environ.get("SOURCE_DATE_EPOCH", ""),
    )
    return sha256("\0".join(parts).encode()).hexdigest()


def _sums(report: Report, root: Path) -> str:
    what = (
        f"{counted(report.notes, 'note')}, {counted(report.cards, 'card')} in {counted(report.decks, 'deck')}, "
        f"{counted(report.media, 'image')} from {shown(root)}"
    )
    if not report.released:
        return f"{what}; not released yet, so every note counts as new"
    return f"{what}; since the last release {report.new:,} new, {report.changed:,} changed; {report.retired:,} retired"
