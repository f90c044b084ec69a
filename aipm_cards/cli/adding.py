"""A note on its way into a collection: how it is written, what `check` says, what comes next."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from aipm_cards import keys
from aipm_cards.characters import one_line
from aipm_cards.cli.findings import as_text
from aipm_cards.cli.target import Target, stopgap
from aipm_cards.cli.where import shown
from aipm_cards.content.examine import examine
from aipm_cards.content.files import NotReadable, read_bytes
from aipm_cards.content.insert import Inserted, Page, Unreadable, insert_note, layout_of, read_page
from aipm_cards.content.shelf import Shelf
from aipm_cards.content.skeleton import Given, note_lines
from aipm_cards.coverage import covered
from aipm_cards.diagnostics import Diagnostic
from aipm_cards.errors import AipmCardsError
from aipm_cards.parallel import processors
from aipm_cards.writing import replacing


def page_of(root: Path, path: str, *, or_none: bool = False) -> Page:
    """A file of the collection as it is now; with `or_none`, there may be none. Raises
    AipmCardsError after saying what is wrong."""
    data = None if or_none and not os.path.lexists(root / path) else _bytes(root, path)
    try:
        return read_page(path, data or b"", may_be_empty=or_none)
    except Unreadable as problem:
        for found in problem.findings.found:
            click.echo(as_text(found, root))
        raise


def _bytes(root: Path, path: str) -> bytes:
    try:
        return read_bytes(root, path)
    except NotReadable as problem:
        raise AipmCardsError(f"{shown(root, path)}: {problem.args[1]}; nothing was written") from None
    except (RuntimeError, ValueError):  # a loop of links, before Python 3.13
        raise AipmCardsError(f"{shown(root, path)}: a link that leads nowhere; nothing was written") from None


@dataclass(frozen=True, slots=True)
class Change:
    """A file with lines put in, and its bytes from before (None if there was no file)."""

    path: str
    made: Inserted
    before: bytes | None


def note_in(root: Path, target: Target, kind: str, given: Mapping[str, Given], topics: Sequence[str]) -> Change:
    """The target with the note in it. Raises AipmCardsError."""
    page = read_page(target.path, target.header.encode()) if target.new else page_of(root, target.path)
    made = insert_note(page, note_lines(kind, given, layout_of(page)), tuple(topics))
    return Change(target.path, made, None if target.new else page.data)


def write(root: Path, changes: Sequence[Change]) -> None:
    """Put files into their places, whole, one after the other, if they still are what they were
    when they were read. Raises AipmCardsError, OSError."""
    for change in changes:
        path = root / change.path
        now = _bytes(root, change.path) if os.path.lexists(path) else None
        if now != change.before:
            raise AipmCardsError(f"{shown(root, change.path)} was changed meanwhile; nothing was written, try again")
    for change in changes:
        (root / change.path).parent.mkdir(parents=True, exist_ok=True)
        with replacing(root / change.path, int(time.time())) as file:
            file.write(change.made.data)


def findings_of(root: Path, changes: Sequence[Change]) -> list[Diagnostic]:
    """What `check` finds in the lines that were put in."""
    _, problems = examine(root, today=date.today().isoformat(), workers=processors())
    # Of a new file its first lines as well.
    firsts = {change.path: change.made.first if change.before is not None else 1 for change in changes}
    lines = {change.path: range(firsts[change.path], change.made.last + 1) for change in changes}
    return [problem for problem in problems if problem.line in lines.get(problem.path, ())]


def findings_in_a_copy(root: Path, changes: Sequence[Change]) -> list[Diagnostic]:
    """What `check` would find there, without writing into the collection."""

    def passed_over(folder: str, names: list[str]) -> list[str]:
        paths = {name: os.path.join(folder, name) for name in names}
        kept = {name for name, path in paths.items() if os.path.isdir(path) or os.path.isfile(path)}
        return [name for name in names if name.startswith(".") or name not in kept]

    with TemporaryDirectory(prefix="aipm-cards-") as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(root, copy, symlinks=True, ignore=passed_over)
        write(copy, changes)
        return findings_of(copy, changes)


def _print(changes: Sequence[Change]) -> None:
    """The lines that are put in."""
    for change in changes:
        lines = change.made.data.decode("utf-8-sig").split("\n")
        for line in lines[change.made.first - 1 : change.made.last]:
            click.echo(one_line(line.rstrip("\r")))


def add(
    shelf: Shelf,
    target: Target,
    kind: str,
    given: dict[str, Given],
    topics: tuple[str, ...],
    dry_run: bool,
    before: tuple[Change, ...] = (),
) -> int:
    """Write a note, and the changes that come before it; say where it stands, what `check` finds
    and what comes next. Returns the exit code."""
    root = shelf.collection.root
    note = note_in(root, target, kind, given, topics)
    changes = (*before, note)
    missing = [key.name for key in keys.note_keys(kind) if key.required and key.name not in given]
    if dry_run:
        _print(changes)
        found = [] if missing else findings_in_a_copy(root, changes)
    else:
        try:
            write(root, changes)
        except (AipmCardsError, OSError):
            _print(changes)  # what was typed is not lost
            raise
        found = findings_of(root, changes)
    for change in before:
        click.echo(f"{shown(root, change.path)}:{change.made.first}: source {'would be ' * dry_run}added")
    path = shown(root, target.path)
    done = "would be added" if dry_run else "added"
    click.echo(f"{path}:{note.made.first}: note '{one_line(str(given['id']))}' {done}{why(target)}")
    for line in _to_know(shelf, target, given, topics):
        click.echo(line)
    told = [problem for problem in found if not (missing and problem.code == "N106")]
    for problem in told:
        click.echo(as_text(problem, root))
    steps = [f"fill in {', '.join(missing)}"] if missing else []
    steps += ["take its comments out"] if missing else []
    steps += ["mend what is said above"] if told else []
    steps += ["name its sources"] if shelf.collection.sources and "sources" not in given else []
    steps += ["give it an id that says what it teaches"] if str(given["id"]).startswith(stopgap(kind, topics)) else []
    click.echo("nothing was written" if dry_run else f"next: {'; '.join([*steps, *_always(path)])}")
    return 1 if not missing and any(problem.severity == "error" for problem in found) else 0


def _to_know(shelf: Shelf, target: Target, given: Mapping[str, Given], topics: Sequence[str]) -> Iterator[str]:
    """What its author may not have seen: the cue that the file gives it, a topic that has its notes."""
    if not target.new and "cue" not in given and (cue := layout_of(page_of(shelf.collection.root, target.path)).cue):
        yield f"its front will say '{one_line(cue)}', the cue of the file; `cue:` on the note says otherwise"
    for one in covered(shelf.collection):
        if one.topic.id in topics[:1] and one.planned and not one.wanted:
            yield f"the curriculum has all the notes that it wants on {one.topic.id}; `--topic list` shows the others"


def _always(path: str) -> Iterator[str]:
    """What comes next after any note."""
    yield f"aipm-cards format {path}"
    yield f"aipm-cards check {path}"
    yield "aipm-cards preview"
    yield "commit; the id is permanent once it is merged"


def why(target: Target) -> str:
    """Why a note goes where it goes, in brackets behind its place."""
    return f" ({one_line(target.why)})" if target.why else ""
