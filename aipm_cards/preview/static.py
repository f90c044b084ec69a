"""The preview as a directory that any file server can show."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aipm_cards.errors import PreviewError
from aipm_cards.preview.site import Site

MARKER = ".aipm-cards-preview"
"""A file that lists the others: by it a later run knows that the directory is its own."""


def write(site: Site, out: Path) -> int:
    """Write all files of the site to the directory `out`, and say how many.

    What is there is replaced as a whole, and only if it is an earlier preview and nothing else. A
    failure leaves it as it was. Raises PreviewError, OSError.
    """
    target = Path(os.path.realpath(out))
    _check(out, target)
    names = [*site.names()]
    with _replacing(target) as directory:
        for name in names:
            data = site.read(name)
            if data is None:
                raise PreviewError("an image changed while it was read; try again")
            file = directory / name
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(data)
        (directory / MARKER).write_text(json.dumps(names, indent=0) + "\n", encoding="utf-8", newline="\n")
    return len(names)


def _check(out: Path, target: Path) -> None:
    """Raises PreviewError if something would be lost."""
    if not target.exists():
        return
    if not target.is_dir():
        raise PreviewError(f"{out}: is no directory")
    if target.samefile(os.curdir):
        raise PreviewError(f"{out}: is where you are, and cannot be replaced; name another directory")
    there = {
        path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_symlink() or not path.is_dir()
    }
    if not there:
        return
    foreign = sorted(there - _own(target / MARKER))
    if foreign:
        raise PreviewError(f"{out}: holds {foreign[0]}, which is not of a preview; name a new or an empty directory")


def _own(marker: Path) -> set[str]:
    """The files of an earlier preview."""
    try:
        names = json.loads(marker.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    return {MARKER, *map(str, names)} if isinstance(names, list) else set()


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """A directory to fill; when the block ends well it takes the place of `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial, aside = (target.with_name(f".{target.name}.{os.getpid()}.{word}") for word in ("partial", "old"))
    os.mkdir(partial)
    try:
        yield partial
        if target.exists():
            os.rename(target, aside)
        try:
            os.rename(partial, target)
        except OSError:
            if aside.exists():
                os.rename(aside, target)
            raise
    finally:
        for left in (partial, aside):
            if left.exists():
                shutil.rmtree(left)
