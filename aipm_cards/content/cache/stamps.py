"""Whether a file is still the one that was read: by size, times and inode, else by its bytes.

Nothing here imports YAML, so that a start which finds all files unchanged does not pay for it.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from importlib.machinery import PathFinder
from pathlib import Path, PurePosixPath

from aipm_cards.content.files import NotReadable, read_bytes

Stamp = list[int]
"""Size in bytes, times of the last write and of the last change in nanoseconds, and inode of
a regular file. Empty for anything else: that is compared by its bytes."""

GRAIN = 2_000_000_000  # nanoseconds: the coarsest clock of a file system in use (FAT)


def stamp(path: str) -> Stamp:
    """The stamp of a file, without following a link."""
    try:
        status = os.lstat(path)
    except (OSError, ValueError):
        return []
    if not stat.S_ISREG(status.st_mode):
        return []
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def settled(seen: Stamp, now_ns: int) -> bool:
    """Whether a stamp seen at `now_ns` (nanoseconds since 1970) tells of every later write.

    A write within the same tick of the file system's clock would leave the stamp as it is.
    """
    return bool(seen) and max(seen[1], seen[2]) < now_ns - GRAIN


def digest_of(data: bytes) -> str:
    """A digest of some bytes, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def look(root: Path, path: str) -> tuple[bytes | None, str]:
    """The bytes of a source and their digest; no bytes, and a digest of the reason, if it
    cannot be read."""
    try:
        data = read_bytes(root, path)
    except (NotReadable, OSError, RuntimeError, ValueError) as error:
        # What is reported depends on these two, see `files.read_text`.
        return None, "!" + digest_of(f"{error!r} {(root / path).is_symlink()}".encode("utf-8", "surrogateescape"))
    return data, digest_of(data)


def is_inside(path: str) -> bool:
    """Whether a path, as a card names an image, leads nowhere outside of the collection."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and not set(path) & set("\\:\0")


def image_stamp(root: Path, path: str) -> Stamp | str:
    """The stamp of an image, or a word for why there is none to read."""
    if not is_inside(path):
        return "refused"
    try:
        if any((root / above).is_symlink() for above in PurePosixPath(path).parents[:-1]):
            return "below a link"
        if not os.path.lexists(root / path):
            return "absent"
    except (OSError, ValueError):
        return "absent"
    return stamp(f"{root}/{path}")


def program() -> str:
    """A digest that another version of this program's reader, or of what it reads with, does
    not share; empty if that cannot be told."""
    package = Path(__file__).parents[2]
    parts = ("", "content", "content/cache", "text", "style")
    facts = [sys.version]
    try:
        for part in (package / name for name in parts):
            with os.scandir(part) as entries:
                for entry in sorted(entries, key=lambda entry: entry.name):
                    if entry.name.endswith(".py"):
                        status = entry.stat()
                        facts.append(f"{entry.name} {status.st_size} {status.st_mtime_ns}")
        for name in ("yaml", "_yaml", "pyromark"):
            found = PathFinder.find_spec(name)
            facts.append(f"{name} {os.stat(found.origin).st_mtime_ns if found and found.origin else ''}")
    except OSError:  # it runs from an archive
        return ""
    return digest_of("\n".join(facts).encode("utf-8", "surrogateescape"))
