"""What `build` and `release` read beside the sources: the clock and the lock."""

from __future__ import annotations

import os
import time
from pathlib import Path

from aipm_cards.content import guarded
from aipm_cards.errors import LockError
from aipm_cards.release import Lock


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
    return guarded.read_lock(root, int(time.time()))
