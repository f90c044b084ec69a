"""Counts that are kept between runs, so that only the answers since need to be read.

One small file per history and collection beside the cache of the sources: sealed, safe to delete,
untrusted. What in it is not what was put there is a reason to count anew, and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from array import array
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from aipm_cards.memory.scheduler import VERSION
from aipm_cards.memory.statistics.counts import BINS, Bin, Counts, Day, OfCard

FORMAT = 1  # of the file, and of what is counted: another one is another file
MAX_BYTES = 256 * 1024 * 1024
_SEAL = 32  # bytes
_WIDTHS = (1, len(Day._fields), len(Bin._fields), 1, len(OfCard._fields))  # of rows: keys stand apart


class Kept(NamedTuple):
    """Counts of a log up to and with the event of that number and id."""

    seq: int
    id: bytes
    counts: Counts


class Shelf:
    """Where the counts of one collection in one history lie."""

    def __init__(self, directory: Path, history: Path, namespace: str) -> None:
        program = "".join(_stamp(Path(__file__).with_name(name)) for name in ("counts.py", "counting.py", "reading.py"))
        facts = (str(FORMAT), sys.byteorder, VERSION, program, os.path.abspath(history), namespace)
        self._identity = hashlib.sha256("\0".join(facts).encode("utf-8", "surrogateescape")).hexdigest()
        place = hashlib.sha256(f"{os.path.abspath(history)}\0{namespace}".encode("utf-8", "surrogateescape"))
        self.path = directory / f"{place.hexdigest()[:32]}.counts"

    def get(self) -> Kept | None:
        """What is kept; None if that is nothing, or not for this program. Does not raise."""
        try:
            if not stat.S_ISREG(os.lstat(self.path).st_mode):
                return None
            with open(self.path, "rb") as file:
                data = file.read(MAX_BYTES)
        except (OSError, ValueError):
            return None
        if hashlib.sha256(data[_SEAL:]).digest() != data[:_SEAL]:
            return None
        head, _, numbers = data[_SEAL:].partition(b"\n")
        try:
            identity, seq, id_, *sizes = json.loads(head)
            if identity != self._identity or type(seq) is not int:
                return None
            return Kept(seq, bytes.fromhex(id_), _counts(sizes, numbers))
        except (ValueError, TypeError, RecursionError):
            return None

    def put(self, kept: Kept) -> None:
        """Keep counts in the place of the former ones, as far as that is possible. No fsync: what
        a crash tears has no seal."""
        days, cards = kept.counts.days, kept.counts.cards
        rows: list[Collection[tuple[float, ...]]] = [days.values(), kept.counts.bins, cards.values()]
        flat = [chain.from_iterable(part) for part in rows]
        sizes = [len(days), len(days), BINS, len(cards), len(cards)]
        head = json.dumps([self._identity, kept.seq, kept.id.hex(), *sizes]).encode()
        numbers = array("d", chain(days, flat[0], flat[1], cards, flat[2]))
        content = head + b"\n" + numbers.tobytes()
        partial = self.path.with_suffix(".counting")
        with suppress(OSError, ValueError):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial.unlink(missing_ok=True)
            with open(partial, "xb") as file:
                file.write(hashlib.sha256(content).digest() + content)
            os.replace(partial, self.path)


def _counts(sizes: Sequence[int], data: bytes) -> Counts:
    """The counts that were packed. Raises ValueError or TypeError."""
    numbers = array("d")
    numbers.frombytes(data)
    parts, at = [], 0
    for size, width in zip(sizes, _WIDTHS, strict=True):
        parts.append(numbers[at : at + size * width])
        at += size * width
    if at != len(numbers) or sizes[2] != BINS:
        raise ValueError("another size than that of what was kept")
    days, of_days, bins, cards, of_cards = (_rows(part, width) for part, width in zip(parts, _WIDTHS, strict=True))
    return Counts(
        {int(day): values for (day,), values in zip(days, map(Day._make, of_days), strict=True)},
        [Bin._make(row) for row in bins],
        {int(card): values for (card,), values in zip(cards, map(OfCard._make, of_cards), strict=True)},
    )


def _rows(numbers: Iterable[float], width: int) -> Iterable[tuple[float, ...]]:
    return zip(*[iter(numbers)] * width, strict=True)


def _stamp(path: Path) -> str:
    """What another version of a module does not share; a word where it is not a file."""
    try:
        status = path.stat()
    except OSError:
        return "archive"
    return f"{status.st_size} {status.st_mtime_ns} "
