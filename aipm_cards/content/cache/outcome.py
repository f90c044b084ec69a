"""The outcome of the last check: with nothing changed, a check says again what it said.

One small file per collection beside the cache of the sources: sealed, safe to delete, untrusted,
never pickled. It holds how each file stood that the check depended on; another byte, name, link,
image, program or a day on which more is overdue is a reason to check again, and nothing else is
read. Nothing here imports the reader of YAML or the rules about style.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aipm_cards.content.cache.index import Damaged, doubting, pack, unpack, want
from aipm_cards.content.cache.stamps import Stamp, digest_of, image_stamp, look, program, settled, stamp
from aipm_cards.content.files import COLLECTION, CURRICULUM, SOURCES, deck_files
from aipm_cards.content.media import MEDIA, images
from aipm_cards.diagnostics import RULES, Diagnostic, Repair

FORMAT = 1  # of the file: another one is another identity
MAX_BYTES = 64 * 1024 * 1024
LOCK = "release.lock"  # as in `release.py`, which would cost its import

_SEAL = 64  # hexadecimal digits at the beginning of the file


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found: the findings, in the order of a report, and what it counted."""

    root: Path
    name: str
    notes: int
    cards: int
    problems: list[Diagnostic]


@dataclass(frozen=True, slots=True)
class Standing:
    """How everything stands on the disk that a check depends on, apart from images that cards
    show: per file its stamp, whether that tells of every later write, and the digest of its
    bytes; what is wrong with directories; the names of all images in the directory for them."""

    files: dict[str, tuple[Stamp, bool, str]]
    walked: list[Any]
    media: str


class LastCheck:
    """The outcome that is remembered of a collection, and how the collection stands now.

    `now_ns` are nanoseconds since 1970, `today` is an ISO date. Without a `directory`, or where it
    cannot be used, nothing is remembered. Nothing here raises.
    """

    def __init__(self, root: Path, directory: Path | None, now_ns: int, today: str) -> None:
        self.root, self.now_ns, self.today = root, now_ns, today
        place = os.fsencode(os.path.abspath(root))
        known = program()
        self.identity = known and digest_of(b"check %d\0%s\0%s" % (FORMAT, known.encode(), place))
        self.path = directory / f"{digest_of(place)[:32]}.check" if directory and self.identity else None
        self._value: Any = self._read()
        self.standing = self._look_round()

    def outcome(self) -> Outcome | None:
        """The outcome, if a check would find the same now."""
        if self._value is None:
            return None
        try:
            with doubting():
                return self._outcome(self._value)
        except Damaged:
            self._throw_away()
            return None

    def keep(self, outcome: Outcome, until: str, shown: Iterable[str]) -> None:
        """Remember an outcome that was found after this was made. It holds to the day `until`, if
        there is one; `shown` are the images that cards ask for, whether they were found or not."""
        if self.path is None:
            return
        files = self.standing.files
        if any(stamp(f"{self.root}/{path}") != row[0] for path, row in files.items()):
            return  # somebody writes meanwhile
        self._write({
            "identity": self.identity,
            "days": [self.today, until],
            "files": files,
            "walked": self.standing.walked,
            "media": self.standing.media,
            "shown": {path: image_stamp(self.root, path) for path in sorted(shown)},
            "counted": [outcome.name, outcome.notes, outcome.cards],
            "problems": [_as_list(problem) for problem in outcome.problems],
        })  # fmt: skip

    # --- whether it still holds ---

    def _outcome(self, value: Any) -> Outcome | None:
        if value["identity"] != self.identity or not self._is_valid_today(*value["days"]):
            return None
        now = self.standing
        if {path: row[2] for path, row in value["files"].items()} != {path: row[2] for path, row in now.files.items()}:
            return None
        if value["walked"] != now.walked or value["media"] != now.media:
            return None
        if any(image_stamp(self.root, path) != seen for path, seen in value["shown"].items()):
            return None
        name, notes, cards = value["counted"]
        want(type(name) is str and type(notes) is type(cards) is int and min(notes, cards) >= 0)
        problems = [_from_list(problem) for problem in value["problems"]]
        if now.files != {path: (row[0], row[1], row[2]) for path, row in value["files"].items()}:
            self._write({**value, "files": now.files})  # the next time no file need be read
        return Outcome(self.root, name, notes, cards, problems)

    def _is_valid_today(self, since: str, until: str) -> bool:
        want(type(since) is type(until) is str)
        return since <= self.today and (not until or self.today <= until)

    def _look_round(self) -> Standing:
        """One walk. A file is read only if its stamp is not known to tell of every write."""
        walked: list[Diagnostic] = []
        known = self._known_files()
        files: dict[str, tuple[Stamp, bool, str]] = {}
        for path in (COLLECTION, SOURCES, CURRICULUM, LOCK, *deck_files(self.root, walked)):
            seen, row = stamp(f"{self.root}/{path}"), known.get(path)
            if row is not None and row[1] is True and row[0] == seen:
                files[path] = seen, True, row[2]
            else:
                files[path] = seen, settled(seen, self.now_ns), look(self.root, path)[1]
        names = digest_of("\0".join(images(self.root, MEDIA)).encode("utf-8", "surrogatepass"))
        return Standing(files, [_as_list(problem) for problem in walked], names)

    def _known_files(self) -> dict[str, Any]:
        try:
            with doubting():
                rows = {} if self._value is None else self._value["files"]
                want(type(rows) is dict and all(type(row) is list and len(row) == 3 for row in rows.values()))
                want(all(type(row[2]) is str for row in rows.values()))
                return dict(rows)
        except Damaged:
            self._value = None
            return {}

    # --- the file ---

    def _read(self) -> Any:
        """What the file holds; None if there is none, or one that was damaged."""
        if self.path is None:
            return None
        try:
            if not stat.S_ISREG(os.lstat(self.path).st_mode):
                return None
            with open(self.path, "rb") as file:
                data = file.read(MAX_BYTES)
        except (OSError, ValueError):
            return None
        sealed, content = data[:_SEAL], data[_SEAL:]
        if hashlib.sha256(content).hexdigest().encode() != sealed:
            return None
        try:
            value = unpack(content)
        except Damaged:
            return None
        return value if type(value) is dict else None

    def _write(self, value: dict[str, Any]) -> None:
        """Put it in the place of the former one. No fsync: what a crash tears has no seal."""
        assert self.path is not None
        content = pack(value)
        partial = self.path.with_suffix(".partial")
        with suppress(OSError, ValueError):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial.unlink(missing_ok=True)
            with open(partial, "xb") as file:
                file.write(hashlib.sha256(content).hexdigest().encode() + content)
            os.replace(partial, self.path)

    def _throw_away(self) -> None:
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink()


def _as_list(problem: Diagnostic) -> list[Any]:
    repair = problem.repair and [problem.repair.line, list(problem.repair.lines), problem.repair.count]
    place = [problem.path, problem.line, problem.column]
    return [problem.code, *place, problem.message, problem.hint, problem.excerpt, repair]


def _from_list(value: Any) -> Diagnostic:
    """The finding that was such a list. Raises Damaged."""
    with doubting():
        code, path, line, column, message, hint, excerpt, repair = value
        want(code in RULES and all(type(text) is str for text in (path, message, hint, excerpt)))
        want(type(line) is type(column) is int and min(line, column) >= 1)
        if repair is not None:
            first, lines, count = repair
            want(type(first) is type(count) is int and all(type(text) is str for text in lines))
            repair = Repair(first, tuple(lines), count)
        return Diagnostic(code, path, line, column, message, hint, excerpt, repair)


def holds_until(today: str, review_by: Iterable[str]) -> str:
    """The last day on which no more is overdue than today, if there is one: of the days on which
    notes want to be looked at again, the first that has not passed."""
    return min((day for day in review_by if day >= today), default="")
