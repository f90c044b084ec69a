"""The sources held against the lock: the guard's findings, with their lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from aipm_cards.content.files import Findings, NotReadable, deck_files, read_bytes, read_text
from aipm_cards.content.load import with_excerpts
from aipm_cards.diagnostics import Diagnostic
from aipm_cards.errors import LockError
from aipm_cards.guard import Breach, Trace, guard, tracer
from aipm_cards.model import Collection
from aipm_cards.release import LOCK, Lock, parse_lock

MAX_LOCK = 256 * 1024 * 1024  # bytes; a million notes need less


def read_lock(root: Path, now: int, name: str = LOCK) -> Lock | None:
    """The lock of a collection, None if there was no release. `now` is in seconds since 1970.

    Raises LockError, OSError.
    """
    path = root / name
    if not os.path.lexists(path):
        return None
    try:
        return parse_lock(read_bytes(root, name, MAX_LOCK).decode("utf-8-sig"), now)
    except NotReadable as problem:
        raise LockError(f"{path}: {problem.args[1]}", fact=problem.args[1], hint=problem.args[2]) from None
    except RuntimeError:  # a loop of links, before Python 3.13
        fact, hint = "a link that leads nowhere", "put the file itself here"
        raise LockError(f"{path}: {fact}; {hint}", fact=fact, hint=hint) from None
    except UnicodeDecodeError:
        fact, hint = "is not UTF-8", "restore it from version control"
        raise LockError(f"{path}: {fact}; {hint}", fact=fact, hint=hint) from None


def guarded(collection: Collection, now: int | None = None) -> list[Diagnostic]:
    """What the guard finds in the sound notes of a collection, or what is wrong with its lock.

    Without `now` (seconds since 1970) no time in the lock lies in the future.
    """
    try:
        lock = read_lock(collection.root, sys.maxsize if now is None else now)
    except LockError as error:
        finding = Diagnostic("D301", LOCK, error.line or 1, 1, error.fact, error.hint)
        return list(with_excerpts([finding], collection.root)) if error.line else [finding]
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        return [Diagnostic("D301", LOCK, 1, 1, f"cannot be read: {reason}")]
    if lock is None:
        return []
    traces = list(map(tracer(lock), collection.notes))
    return [breach.finding for breach in breaches(collection, lock, traces)]


def breaches(collection: Collection, lock: Lock, traces: Sequence[Trace]) -> list[Breach]:
    """What the guard finds, in the order of files and places, each with its line."""
    left_out = _texts(collection.root) if collection.errors else ""
    found = sorted(guard(lock, traces, collection.decks, left_out), key=lambda one: one.finding.order)
    placed = with_excerpts([breach.finding for breach in found], collection.root)
    return [Breach(breach.name, finding) for breach, finding in zip(found, placed, strict=True)]


def _texts(root: Path) -> str | None:
    """All deck files in one text, in which stands what an error left out; None if not all of it
    can be read as it was meant."""
    problems: list[Diagnostic] = []
    texts: list[str] = []
    for path in deck_files(root, problems):
        findings = Findings(path)
        texts.append(read_text(root, path, findings) or "")
        problems += findings.found
    return None if problems else "\n".join(texts)
