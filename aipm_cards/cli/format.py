"""`aipm-cards format`: lay the sources out in one way."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path

import click

from aipm_cards.characters import one_line
from aipm_cards.cli.findings import as_text
from aipm_cards.cli.progress import progress
from aipm_cards.cli.where import collection_option, root_of, shown
from aipm_cards.content.layout.files import LaidOut, lay_out_files, sources_of
from aipm_cards.diagnostics import Diagnostic
from aipm_cards.errors import AipmCardsError
from aipm_cards.parallel import processors
from aipm_cards.words import counted
from aipm_cards.writing import replacing

MOST_LINES = 10_000  # of a file whose difference is shown: finding it takes the square of that


class LayoutBug(Exception):
    """The proof found that the layout of some files would change what they say."""


@dataclass(slots=True)
class _Done:
    """What came of the files of a collection."""

    problems: list[Diagnostic]
    others: list[LaidOut] = field(default_factory=list)  # laid out otherwise
    unwritten: list[str] = field(default_factory=list)  # path and reason
    bugs: list[str] = field(default_factory=list)


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@collection_option
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit with 1 if a file would change.")
@click.option("--diff", "show_diff", is_flag=True, help="Write nothing; show what would change.")
def command(paths: tuple[Path, ...], collection: Path | None, only_check: bool, show_diff: bool) -> int:
    """Lay the sources of a collection out in one way: keys in order, the same quotes, brackets and
    blank lines everywhere. What they say, and every comment, stays.

    PATH is a collection, or a file or directory in one; several may be named. A file that is not
    sound YAML is left as it is, and what is wrong with it is shown. Exits with 1 then, and with
    --check if a file would change.
    """
    writes = not (only_check or show_diff)
    total = 0
    finished: list[_Done] = []
    for root, names, problems in _chosen(paths, collection):
        done = _lay_out(root, names, problems, writes)
        for problem in done.problems:
            click.echo(as_text(problem, root), err=show_diff)
        for file in done.others:
            if only_check:
                click.echo(f"{shown(root, file.path)}:{_first_difference(file)}: would be laid out otherwise")
            if show_diff:
                _print_diff(shown(root, file.path), file)
        total += len(names)
        finished.append(done)
    changed = sum(len(done.others) for done in finished)
    click.echo(f"{counted(changed, 'file')} of {total:,} {'changed' if writes else 'would change'}", err=show_diff)
    if bugs := [bug for done in finished for bug in done.bugs]:
        raise LayoutBug("; ".join(bugs))
    if unwritten := [reason for done in finished for reason in done.unwritten]:
        raise AipmCardsError("; ".join(unwritten))
    return 1 if any(done.problems for done in finished) or (only_check and changed) else 0


def _lay_out(root: Path, names: list[str], problems: list[Diagnostic], writes: bool) -> _Done:
    """Lay the files of a collection out; each is written at once, if wanted."""
    done = _Done(problems)
    with progress("formatting") as step:
        for number, file in enumerate(lay_out_files(root, names, processors()), 1):
            done.problems += file.problems
            if file.bug:
                done.bugs.append(f"{shown(root, file.path)}: {file.bug}")
            elif file.new != file.old:
                if not writes:
                    done.others.append(file)
                elif reason := _write(root, file):
                    done.unwritten.append(f"{shown(root, file.path)} {reason}")
                else:
                    done.others.append(LaidOut(file.path))
            if step is not None:
                step(number, len(names))
    return done


def _chosen(paths: Sequence[Path], collection: Path | None) -> Iterator[tuple[Path, list[str], list[Diagnostic]]]:
    """Each collection that is meant, the files in it, and what is wrong with them as files."""
    meant: dict[str, tuple[Path, list[Path]]] = {}
    for path in paths:
        root = root_of(path, collection)
        meant.setdefault(os.path.abspath(root), (root, []))[1].append(path)
    if not paths:
        root = root_of(None, collection)
        meant[os.path.abspath(root)] = (root, [root])
    for root, named in meant.values():
        found: list[Diagnostic] = []
        names = sources_of(root, found)
        below = [os.path.relpath(os.path.abspath(path), os.path.abspath(root)).replace(os.sep, "/") for path in named]
        for path, at in zip(named, below, strict=True):
            if at != "." and path.is_file() and at not in names:
                click.echo(f"{one_line(str(path))}: no source of a collection; passed over", err=True)
        yield (
            root,
            [name for name in names if any(_is_below(name, at) for at in below)],
            [p for p in found if p.severity == "error" and any(_is_below(p.path, at) for at in below)],
        )


def _is_below(name: str, at: str) -> bool:
    return at in (".", name) or name.startswith(f"{at}/")


def _write(root: Path, file: LaidOut) -> str:
    """Put the new layout in the place of the old one. Returns why that cannot be, or nothing."""
    target = root / file.path
    try:
        now = target.read_bytes()
        if now == file.new:
            return ""  # another name of a file that was written already
        if now != file.old:
            return "was changed meanwhile; try again"
        if not os.access(target, os.W_OK):
            return "may not be written"
        with replacing(target, int(time.time()), stat.S_IMODE(target.stat().st_mode)) as out:
            out.write(file.new)
    except OSError as error:
        return f"was not written: {error.strerror or error}"
    return ""


# --- what would change ---------------------------------------------------------------------


def _lines(data: bytes) -> list[str]:
    """The lines as people see them; a line end that changes shows as one."""
    return data.decode().split("\n")


def _first_difference(file: LaidOut) -> int:
    """The first line (from 1) that would change."""
    old, new = _lines(file.old), _lines(file.new)
    for number, (before, after) in enumerate(zip(old, new, strict=False), 1):
        if before != after:
            return number
    return min(len(old), len(new))


def _print_diff(name: str, file: LaidOut) -> None:
    old, new = _lines(file.old), _lines(file.new)
    if max(len(old), len(new)) > MOST_LINES:
        click.echo(f"{name}:{_first_difference(file)}: would be laid out otherwise, in too many lines to show")
        return
    for line in unified_diff(old, new, name, name, lineterm=""):
        click.echo(one_line(line.removesuffix("\r")))
