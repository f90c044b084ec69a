"""Honest writing: a file is the old one or the new one, whole, whatever happens meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EEXIST
from glob import escape
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

_PARTIAL = ".partial"
_STALE = 600  # seconds after which a temporary file belongs to no running build


@contextmanager
def replacing(target: Path, now: int, mode: int | None = None) -> Iterator[BinaryIO]:
    """A file to write; when the block ends well it takes the place of `target`.

    On Linux the file has no name until it is whole, so that not even a killed process leaves
    anything behind. Elsewhere it stands beside the target and is removed on an error; what a
    killed process left is removed later, by the age that it has at `now` (seconds since
    1970). `mode` are the permissions that it gets, the usual ones if None. Raises OSError, also for
    a target that is there and is no file: a device would be gone, and what reads a pipe get nothing.
    """
    target = Path(os.path.realpath(target))
    if target.exists() and not target.is_file() and not target.is_dir():  # a directory says so itself
        raise FileExistsError(EEXIST, "is no file, so none can take its place", str(target))
    _sweep(target, now)
    try:
        with _file_for(target, mode) as file:
            yield file
    except OSError as error:
        if error.filename is None or str(error.filename).endswith(_PARTIAL):
            error.filename, error.filename2 = str(target), None  # a full disk names no file
        raise


@contextmanager
def _file_for(target: Path, mode: int | None) -> Iterator[BinaryIO]:
    try:
        handle = os.open(target.parent, os.O_TMPFILE | os.O_RDWR, 0o666)
    except (AttributeError, OSError):  # not Linux, or a file system without nameless files
        with _named(target, mode) as file:
            yield file
        return
    with open(handle, "w+b") as file:
        yield file
        if mode is not None:
            os.fchmod(handle, mode)
        _settle(file)
        temporary = target.with_name(f".{target.name}.{os.getpid()}{_PARTIAL}")
        # Only linkat() follows /proc/self/fd to the nameless file, hence the directory handle.
        directory = os.open(target.parent, os.O_RDONLY)
        try:
            os.link(f"/proc/self/fd/{handle}", temporary.name, dst_dir_fd=directory, follow_symlinks=True)
            os.replace(temporary, target)
            os.fsync(directory)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(temporary)
            os.close(directory)


@contextmanager
def _named(target: Path, mode: int | None) -> Iterator[BinaryIO]:
    handle, name = mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=_PARTIAL)
    try:
        with open(handle, "w+b") as file:
            yield file
            _settle(file)
        os.chmod(name, 0o666 & ~_umask() if mode is None else mode)  # mkstemp() lets only the owner read
        os.replace(name, target)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sweep(target: Path, now: int) -> None:
    """Remove what a killed process left beside the target."""
    for stale in target.parent.glob(f".{escape(target.name)}.*{_PARTIAL}"):
        with suppress(OSError):
            if now - stale.stat().st_mtime > _STALE:
                stale.unlink()
