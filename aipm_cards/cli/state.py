"""What `build` and `release` read beside the sources: the clock and the lock."""

from __future__ import annotations

import os
import time
from pathlib import Path

from aipm_cards.content.files import stays_inside
from aipm_cards.errors import LockError
from aipm_cards.release import LOCK, Lock, parse_lock

MAX_LOCK = 256 * 1024 * 1024  # bytes; a million notes need less


def clock() -> int:
    """The time in seconds since 1970: SOURCE_DATE_EPOCH if it is set, else now."""
    now = int(time.time())
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is None:
        return now
    if not given.isascii() or not given.isdigit() or int(given) == 0:
        raise LockError("SOURCE_DATE_EPOCH is no time in seconds since 1970")
    if int(given) > now:
        raise LockError("SOURCE_DATE_EPOCH lies in the future: Anki would refuse every update until then")
    return int(given)


def read_lock(root: Path) -> Lock | None:
    """The lock of a collection, None if there was no release. Raises LockError, OSError."""
    path = root / LOCK
    if not os.path.lexists(path):
        return None
    if not stays_inside(root, LOCK) or not path.is_file() or path.stat().st_size > MAX_LOCK:
        raise LockError(f"{path}: is no regular file of a sensible size inside the collection")
    try:
        return parse_lock(path.read_text(encoding="utf-8"), int(time.time()))
    except UnicodeDecodeError:
        raise LockError(f"{path}: is not UTF-8; restore it from version control") from None
