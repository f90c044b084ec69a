"""`aipm-cards diff`: what a release would bring to learners."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from aipm_cards.changes import compare, lock_of
from aipm_cards.cli.findings import print_text, tally
from aipm_cards.cli.progress import progress
from aipm_cards.cli.release_notes import PRINTERS, Report
from aipm_cards.cli.where import collection_option, path_argument, root_of, shown
from aipm_cards.content.guarded import read_lock
from aipm_cards.content.load import load
from aipm_cards.diagnostics import Diagnostic
from aipm_cards.errors import AipmCardsError, LockError
from aipm_cards.kinds import ordinals
from aipm_cards.model import Collection
from aipm_cards.parallel import processors
from aipm_cards.release import LOCK, Lock
from aipm_cards.words import counted


@dataclass(frozen=True, slots=True)
class _Base:
    """What is compared with: a lock, and the state that it names if that is known; `released` is
    the lock of the release that was then the last. `kind` and `name` say what it is, `told` in words."""

    kind: str
    name: str
    told: str
    lock: Lock
    released: Lock | None
    before: Collection | None = None


@click.command()
@path_argument
@collection_option
@click.option(
    "--since", metavar="RELEASE", help="What to compare with: a git revision, or a lock file. [default: release.lock]"
)
@click.option("--format", "format_", type=click.Choice(sorted(PRINTERS)), default="text", show_default=True)
@click.option("--words", is_flag=True, help="Show which words changed. Wants a git revision; Markdown always does.")
def command(path: Path | None, collection: Path | None, since: str | None, format_: str, words: bool) -> int:
    """Tell what a release would bring to learners: release notes.

    By deck: what is added, corrected, retired, and moved to another deck; and what it would cost
    them. Compared with the last release, or with --since, by the same hash that decides which
    cards an update reaches. A git revision tells also what of each note is another.
    """
    root = root_of(path, collection)
    with progress("reading") as step:
        loaded, problems = load(root, workers=processors(), progress=step)
    if loaded.errors:
        _print_errors(loaded, [problem for problem in problems if problem.severity == "error"], format_)
        return 1
    with _base(root, since) as base:
        current = base.released if base.kind == "lock" and since is None else _read_lock(root)
        anew = base.released is not None and base.released.rendering != (current.rendering if current else 1)
        changes = compare(base.lock, loaded, base.before, anew)
        told = base.told
        if words and base.before is None:
            told += "; which words changed can be told only --since a git revision"
        report = Report(loaded, changes, _other_types(loaded, base.released), base.kind, base.name, told, words)
        for line in PRINTERS[format_](report):
            click.echo(line)
    return 0


def _print_errors(collection: Collection, errors: list[Diagnostic], format_: str) -> None:
    if format_ == "json":
        from aipm_cards.cli.formats import print_json
        from aipm_cards.content.cache.outcome import Outcome

        cards = sum(len(ordinals(note)) for note in collection.notes if not note.retired)
        print_json(Outcome(collection.root, collection.name, len(collection.notes), cards, errors))
    else:
        print_text(errors, collection.root)
        click.echo(f"{shown(collection.root)}: {tally(errors)}: nothing was compared")


def _read_lock(root: Path, name: str = LOCK) -> Lock | None:
    return read_lock(root, int(time.time()), name)


def _other_types(collection: Collection, lock: Lock | None) -> tuple[str, ...]:
    """The kinds whose cards look otherwise than when the lock was written."""
    if lock is None or not lock.types:
        return ()
    from aipm_cards.anki.notetypes import type_hashes

    hashes = type_hashes(collection)
    return tuple(kind for kind in hashes if kind in lock.types and lock.types[kind].hash != hashes[kind])


@contextmanager
def _base(root: Path, since: str | None) -> Iterator[_Base]:
    """What to compare with. Raises AipmCardsError."""
    if since is None:
        lock = _read_lock(root)
        if lock is None:
            told = f"there is no {LOCK} yet, so every note counts as added; --since compares with a git revision"
            yield _Base("nothing", "", told, Lock(), None)
        else:
            yield _Base("lock", shown(root, LOCK), f"compared with the lock {shown(root, LOCK)}", lock, lock)
    elif (lock := _lock_at(Path(since))) is not None:
        yield _Base("lock", shown(Path(since)), f"compared with the lock {shown(Path(since))}", lock, lock)
    else:
        from aipm_cards.cli.revision import sources_at

        with sources_at(root, since) as (directory, commit):
            before, _ = load(directory, workers=processors())
            told = f"compared with the git revision {since} ({commit})"
            if before.errors:
                told += f"; {counted(before.errors, 'error')} in its sources left notes out, which count as added"
            try:
                released = _read_lock(directory)
            except LockError:
                released = None
                told += f"; its {LOCK} cannot be read"
            yield _Base("revision", since, told, lock_of(before), released, before)


def _lock_at(path: Path) -> Lock | None:
    """The lock in a file, None if it is none. Raises LockError for one whose name says that it is."""
    named = path.name.endswith(".lock")
    try:
        if not path.is_file():
            return None
        file = Path(os.path.realpath(path))
        lock = _read_lock(file.parent, file.name)
    except (LockError, OSError) as error:
        if not named:
            return None
        at = f":{error.line}" if isinstance(error, LockError) and error.line else ""
        said = "; ".join(filter(None, (error.fact, error.hint))) if isinstance(error, LockError) else str(error)
        raise AipmCardsError(f"{shown(path)}{at}: {said}") from None
    return lock if named or (lock and (lock.notes or lock.types)) else None
