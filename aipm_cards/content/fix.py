"""Puts right what was meant beyond doubt, and proves each repair before it is written.

A finding may carry its repair. The file is read again with it: the repair holds only if the
finding is gone, every note is still there with the same texts, and nothing new is wrong that the
repair could have caused. Whole files are written, honestly, or not at all.
"""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from aipm_cards.characters import FORBIDDEN
from aipm_cards.content.files import (
    REGISTRY,
    Findings,
    NotReadable,
    deck_files,
    decode,
    read_bytes,
    read_text,
)
from aipm_cards.content.notes import ID, read_deck_file
from aipm_cards.content.registry import Registry, read_registry
from aipm_cards.diagnostics import FILE_START, Diagnostic
from aipm_cards.errors import AipmCardsError
from aipm_cards.model import Note
from aipm_cards.release import LOCK
from aipm_cards.writing import replacing

ROUNDS = 20  # of one file; a line may have several faults, which show one after the other
MAX_REPAIRS = 200  # of one file in one round

_ID_LINE = re.compile(r" *- +id:")


@dataclass(frozen=True, slots=True)
class Fixed:
    """A repair that was made: of which finding, and the lines before and after."""

    code: str
    path: str
    line: int
    message: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a file is read as: its findings, its sound notes, and all names in it."""

    problems: list[Diagnostic]
    notes: dict[str, Note] = field(default_factory=dict)
    names: Counter[str] = field(default_factory=Counter)


def fix(root: Path, problems: Sequence[Diagnostic], now: int) -> list[Fixed]:
    """Repair the files that the findings are about, and say what was done.

    Only what these findings and their repairs name is touched. `now` is in seconds since 1970.
    Raises OSError, and AipmCardsError if somebody else writes a file meanwhile.
    """
    workshop = _Workshop(root, problems)
    fixed: list[Fixed] = []
    for path in sorted({problem.path for problem in problems if _is_repairable(problem)}):
        fixed += workshop.fix([problem for problem in problems if problem.path == path], path, now)
    return fixed


def _is_repairable(problem: Diagnostic) -> bool:
    return problem.repair is not None or problem.code in ("Y103", "Y104")


class _Workshop:
    """One pass over a collection."""

    def __init__(self, root: Path, problems: Sequence[Diagnostic]) -> None:
        self.root = root
        self.registry = read_registry(root, [])
        self.taken = _taken(root, self.registry) if any(p.code == "N102" for p in problems) else set()

    def fix(self, problems: list[Diagnostic], path: str, now: int) -> list[Fixed]:
        """Repair one file until nothing more of it can be repaired."""
        try:
            data = read_bytes(self.root, path)
        except (NotReadable, OSError, RuntimeError, ValueError):
            return []
        seen, text, fixed = self._see(path, data), data, list[Fixed]()
        if whole := self._whole(path, text, seen.problems):
            text, done = whole
            fixed.append(done)
            seen = self._see(path, text)
        problems = [*seen.problems, *_of_others(problems, text)]
        for _ in range(ROUNDS):
            before = text
            for group in _groups(problems):
                text, seen, done_now = self._try(path, text, seen, group)
                fixed += done_now
            if text == before:
                break
            problems = seen.problems
        if text != data:
            self._write(path, data, text, now)
            if path in REGISTRY:
                self.registry = read_registry(self.root, [])
        return sorted(fixed, key=lambda done: done.line)

    def _see(self, path: str, data: bytes) -> _Seen:
        """The file as it is read if these are its bytes."""
        findings = Findings(path)
        if path in REGISTRY:

            def text_of(root: Path, name: str, into: Findings) -> str | None:
                return decode(data, into) if name == path else read_text(root, name, into)

            problems: list[Diagnostic] = []
            registry = read_registry(self.root, problems, text_of=text_of)
            names = Counter([*registry.sources, *registry.topics, registry.namespace])
            return _Seen([problem for problem in problems if problem.path == path], {}, names)
        content = decode(data, findings)
        if content is None:
            return _Seen(findings.found)
        file, notes = read_deck_file(path, content, findings, self.registry)
        return _Seen(findings.found, {note.id: note for note in notes}, Counter(name for name, _ in file.ids))

    def _whole(self, path: str, data: bytes, problems: Sequence[Diagnostic]) -> tuple[bytes, Fixed] | None:
        """The file in another encoding, or with other line ends."""
        found = next((p for p in problems if p.code in ("Y103", "Y104") and p.repair is None), None)
        if found is None:
            return None
        if found.code == "Y103":
            text = _from_utf16(data)
            fixed = Fixed("Y103", path, 1, found.message, ("(UTF-16)",), ("(UTF-8)",))
        else:
            text = re.sub(rb"\r(?!\n)", b"\r\n" if b"\r\n" in data else b"\n", data) if b"\r" in data else None
            fixed = Fixed("Y104", path, found.line, found.message, ("(lines that end in CR)",), ("(in LF)",))
        if text is None or text == data:
            return None
        after = self._see(path, text)
        in_cr = found.code == "Y104" and any(p.code.startswith("Y") and not p.repair for p in after.problems)
        return None if in_cr else (text, fixed)

    def _try(
        self, path: str, data: bytes, seen: _Seen, group: Sequence[Diagnostic]
    ) -> tuple[bytes, _Seen, list[Fixed]]:
        """Make these repairs, all of them if that holds, else each that holds by itself: from
        below, since what a repair takes out moves the lines that follow."""
        group = sorted(self._allowed(group), key=lambda problem: -problem.line)
        fixed: list[Fixed] = []
        for part in [group, *([problem] for problem in group if len(group) > 1)]:
            made = _applied(data, part)
            if made is None:
                continue
            after = self._see(path, made[0])
            if not _holds(seen, after, part, made[0]):
                continue
            data, seen = made[0], after
            fixed += made[1]
            self.taken |= after.names.keys()
            if part is group:
                break
        return data, seen, fixed

    def _allowed(self, group: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
        """An id that was never valid was never released, so it may be put right: if nobody else
        has, had or wants that one."""
        wanted = Counter(map(_slug, group))
        for problem in group:
            slug = _slug(problem)
            if problem.code != "N102" or (slug and slug not in self.taken and wanted[slug] == 1):
                yield problem

    def _write(self, path: str, old: bytes, new: bytes, now: int) -> None:
        target = self.root / path
        mode = stat.S_IMODE(os.stat(target).st_mode)
        if not os.access(target, os.W_OK):
            raise PermissionError(13, "Permission denied", str(target))
        with replacing(target, now, mode) as file:
            file.write(new)
            if read_bytes(self.root, path) != old:
                raise AipmCardsError(f"{target} was changed meanwhile; it was left as it is")


def _slug(problem: Diagnostic) -> str:
    """The id that a repair gives to a note, empty if it gives none."""
    line = problem.repair.lines[0] if problem.code == "N102" and problem.repair else ""
    found = re.search(r"id: *['\"]?([a-z0-9-]+)", line)
    return found[1] if found else ""


def _taken(root: Path, registry: Registry) -> set[str]:
    """All ids that notes have, or had when they were released."""
    taken: set[str] = set()
    for path in deck_files(root, []):
        findings = Findings(path)
        if (content := read_text(root, path, findings)) is not None:
            taken.update(name for name, _ in read_deck_file(path, content, findings, registry)[0].ids)
    findings = Findings(LOCK)
    if (root / LOCK).exists() and (content := read_text(root, LOCK, findings)) is not None:
        taken.update(re.findall(ID.pattern, content))
    return taken


def _of_others(problems: Sequence[Diagnostic], data: bytes) -> Iterator[Diagnostic]:
    """The findings that reading a file alone does not give, if it still is the file they are about."""
    lines = data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    for problem in problems:
        if problem.code in ("D203", "S901") and lines[problem.line - 1 : problem.line] == [problem.excerpt]:
            yield problem


def _from_utf16(data: bytes) -> bytes | None:
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    try:
        text = data.decode("utf-16")
    except UnicodeDecodeError:
        return None
    return None if FORBIDDEN.search(text.replace("\r\n", "\n")) else text.encode("utf-8")


def _groups(problems: Sequence[Diagnostic]) -> Iterator[list[Diagnostic]]:
    """The findings to repair together: those of YAML, then each other one by itself. Of those
    of one line the first: the others were found in the line put right."""
    first: dict[int, Diagnostic] = {}
    for problem in problems:
        if problem.repair is not None and len(first) < MAX_REPAIRS:
            first.setdefault(problem.repair.line, problem)
    chosen = list(first.values())
    yield [problem for problem in chosen if problem.code.startswith("Y")]
    # One at a time: what a repair shortens moves the lines of the others.
    yield [problem for problem in chosen if not problem.code.startswith("Y")]


def _applied(data: bytes, problems: Sequence[Diagnostic]) -> tuple[bytes, list[Fixed]] | None:
    """The file with these repairs. None if there is nothing to do."""
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        return None
    bom = "\ufeff" if lines[0].startswith("\ufeff") else ""
    lines[0] = lines[0].removeprefix("\ufeff")
    fixed: list[Fixed] = []
    for problem in sorted(problems, key=lambda problem: -problem.line):
        repair = problem.repair
        if repair is None:
            continue
        start, stop = repair.line - 1, repair.line - 1 + repair.count
        if stop > len(lines):
            return None
        end = "\r" if lines[start].endswith("\r") else ""
        before = tuple(line.removesuffix("\r") for line in lines[start:stop])
        lines[start:stop] = [line + end for line in repair.lines]
        fixed.append(Fixed(problem.code, problem.path, repair.line, problem.message, before, repair.lines))
    return ((bom + "\n".join(lines)).encode("utf-8"), fixed) if fixed else None


# --- whether a repair holds ----------------------------------------------------------------

_STRICT = ("D101", "N105", "S901")  # a guess, if a good one: the note must be sound after it


def _holds(before: _Seen, after: _Seen, repaired: Sequence[Diagnostic], data: bytes) -> bool:
    """Whether the file is better with the repairs, and nothing in it is lost."""
    if before.names - after.names or any(n > 1 and n > before.names[name] for name, n in after.names.items()):
        return False
    codes = {problem.code for problem in repaired}
    for note_id, note in before.notes.items():
        same = after.notes.get(note_id)
        if same is None or _essence(same, codes) != _essence(note, codes):
            return False
    lines = {problem.repair.line: problem for problem in repaired if problem.repair}
    new = Counter(map(_what, after.problems)) - Counter(map(_what, before.problems))
    for problem in after.problems:
        of_line = lines.get(problem.line)
        if of_line is not None and problem.repair is None and problem.severity == "error":
            return False  # this line had another fault, or got one
        if of_line is not None and problem.code == of_line.code and problem.column <= of_line.column:
            return False  # it is still there
        if _what(problem) in new and codes & set(_STRICT):
            return False
    if repaired[0].path in REGISTRY:
        # What is left of a register, where all was lost, would make notes wrong that name the rest.
        return not any(problem.code.startswith("Y") or problem.code == "D103" for problem in after.problems)
    return not _leaves_no_yaml(after, lines, data)


def _leaves_no_yaml(after: _Seen, lines: dict[int, Diagnostic], data: bytes) -> bool:
    """Whether the note of a repaired line can still not be read, and nobody knows why."""
    stuck = [p.line for p in after.problems if p.code.startswith("Y2") and p.repair is None]
    if not stuck:
        return False
    begins = [n for n, line in enumerate(data.decode("utf-8").split("\n"), 1) if _ID_LINE.match(line)]

    def note_of(line: int) -> int:
        return sum(begin <= line for begin in begins)

    touched = {note_of(line) for line, problem in lines.items() if problem.code.startswith("Y")}
    return any(note_of(line) in touched for line in stuck)


def _what(problem: Diagnostic) -> tuple[str, str]:
    return problem.code, problem.message


def _essence(note: Note, codes: set[str]) -> Note:
    """A note apart from its place, and from what a repair of these findings changes."""
    if "Y104" in codes:  # what is forbidden is read as U+FFFD
        return Note(note.id, note.kind, note.deck, {})
    note = replace(note, place=FILE_START, allow={} if "S901" in codes else note.allow)
    return replace(note, deck="") if codes & {"D202", "D203"} else note
