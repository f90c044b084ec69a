"""Files of a collection: which there are, and their text. Everything here is untrusted."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from aipm_cards.characters import FORBIDDEN, describe, is_clean
from aipm_cards.content.repair import is_safe, without_forbidden
from aipm_cards.diagnostics import Diagnostic, Place, Repair, line_column, place
from aipm_cards.errors import CollectionNotFound

MAX_BYTES = 4 * 1024 * 1024
MAX_DIRECTORIES = 32  # levels of directories below the root
MAX_PER_FILE = 200  # findings of forbidden characters in one file
MAX_PER_LINE = 1000  # findings: a line may be 4 MiB of faults, and nobody reads them
MAX_SUGGESTIONS = 50  # each compares a name with all known ones, and nobody reads more

# These hold no notes; all other *.yaml and *.yml files below the root are deck files.
COLLECTION, SOURCES, CURRICULUM = "collection.yaml", "sources.yaml", "curriculum.yaml"
REGISTRY = (COLLECTION, SOURCES, CURRICULUM)


def nearest(name: str, known: Collection[str]) -> str:
    """A hint that names the nearest known word, or an empty one."""
    from difflib import get_close_matches

    likely = known if len(known) <= 2000 else sorted(word for word in known if word[:3] == name[:3])[:2000]
    close = get_close_matches(name[:64], likely, n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else ""


def find_root(path: Path | str) -> Path:
    """The root of the collection at `path`. Raises CollectionNotFound."""
    root = Path(path)
    if root.name == COLLECTION and root.is_file():
        root = root.parent
    try:
        if (root / COLLECTION).exists():
            return root
    except (OSError, ValueError) as error:
        raise CollectionNotFound(f"{root}: {getattr(error, 'strerror', None) or error}") from None
    raise CollectionNotFound(f"{root} holds no {COLLECTION}; `aipm-cards init DIR` makes a first one")


@dataclass
class Findings:
    """What is wrong with one file. `path` is relative to the root, with slashes."""

    path: str
    lines: list[str] = field(default_factory=list)
    found: list[Diagnostic] = field(default_factory=list)
    suggestions: int = 0
    in_line: tuple[int, int] = (0, 0)  # the line of the last finding, and how many there were in it

    def add(self, code: str, at: Place, message: str, hint: str = "", meant: str | None = None) -> None:
        """Record a finding at a place. `meant` is its line as it was meant, if that is known."""
        line, column = line_column(at)
        self.in_line = (line, self.in_line[1] + 1 if line == self.in_line[0] else 1)
        if self.in_line[1] > MAX_PER_LINE:
            return
        excerpt = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        repair = None if meant is None or meant == excerpt else Repair(line, (meant,))
        self.found.append(Diagnostic(code, self.path, line, column, message, hint, _window(excerpt, column), repair))

    def add_bite(self, code: str, at: Place, message: str, hint: str, meant: str) -> None:
        """Record that a line is no YAML, or another one than it seems. `meant` may not be all
        that was meant: then it is no more than a hint."""
        line = self.lines[line_column(at)[0] - 1]
        self.add(code, at, message, hint, meant if meant is not line and is_safe(code, line, meant) else None)

    def nearest(self, name: str, known: Collection[str]) -> str:
        """A hint that names the nearest known word; none after the first few in a file."""
        self.suggestions += 1
        return nearest(name, known) if self.suggestions <= MAX_SUGGESTIONS else ""

    def about_file(self, code: str, message: str, hint: str = "") -> None:
        """Record a finding about the file as a whole."""
        self.found.append(Diagnostic(code, self.path, 1, 1, message, hint))


def _window(line: str, column: int) -> str:
    """Of a very long line, its beginning as far as the finding: nobody reads 4 MiB."""
    return line if len(line) <= 2000 else line[: min(max(column, 1) + 500, 2000)]


def deck_files(root: Path, problems: list[Diagnostic]) -> list[str]:
    """The deck files below `root`, sorted; what is no regular file becomes a problem."""
    found = sorted(_walk(root, "", 0, problems))
    return [path for path in found if path not in REGISTRY]


def _walk(root: Path, below: str, depth: int, problems: list[Diagnostic]) -> Iterator[str]:
    try:
        with os.scandir(root / below) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        problems.append(_unreadable(below.rstrip("/") or ".", error))
        return
    for entry in inside:
        if entry.name.startswith((".", "_")):
            continue
        path = below + entry.name
        is_deck = entry.name.endswith((".yaml", ".yml"))
        if entry.is_dir(follow_symlinks=False):
            if is_deck:
                hint = "give the directory another name"
                problems.append(Diagnostic("Y101", path, 1, 1, "a directory with the name of a deck file", hint))
            elif depth < MAX_DIRECTORIES:
                yield from _walk(root, path + "/", depth + 1, problems)
            else:
                problems.append(Diagnostic("Y101", path, 1, 1, f"more than {MAX_DIRECTORIES} directories deep"))
        elif is_deck:
            yield path
        elif entry.is_symlink() and _leads_to_a_directory(entry):
            message = "a link to a directory is not followed"
            problems.append(Diagnostic("D204", path, 1, 1, message, "put the files themselves here"))


def _leads_to_a_directory(link: os.DirEntry[str]) -> bool:
    try:
        return link.is_dir()
    except OSError:  # a loop
        return False


def _unreadable(path: str, error: OSError) -> Diagnostic:
    reason = (error.strerror or type(error).__name__).lower()
    return Diagnostic("Y101", path, 1, 1, f"cannot be read: {reason}")


class NotReadable(Exception):
    """Why a file is not read: rule, message, hint."""


def stays_inside(root: Path, path: str) -> bool:
    """Whether no link on the way to `path` leads out of `root`."""
    at = root
    for part in path.split("/"):
        at = at / part
        if part == ".." or at.is_symlink():
            return (root / path).resolve().is_relative_to(root.resolve())
    return True


def read_bytes(root: Path, path: str, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a regular file inside `root` of at most `limit` bytes, or OSError, or
    NotReadable with (code, message, hint)."""
    target = root / path
    if not stays_inside(root, path):
        raise NotReadable("Y101", "a link that leaves the collection", "put the file itself here")
    # Without O_NONBLOCK, opening a FIFO would wait for a writer for ever.
    handle = os.open(target, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(handle, "rb", closefd=True) as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise NotReadable("Y101", "is not a regular file", "")
        data = b"" if status.st_size > limit else file.read(limit + 1)
    if status.st_size > limit or len(data) > limit:
        raise NotReadable("Y102", f"is larger than {limit // 1024 // 1024} MiB", "")
    return data


def read_text(root: Path, path: str, findings: Findings) -> str | None:
    """The text of a source, with `\\n` line ends and no BOM; None if it cannot be read.

    Forbidden characters are reported and replaced one for one, so columns stay right.
    """
    data = read_source(root, path, findings)
    return None if data is None else decode(data, findings)


def read_source(root: Path, path: str, findings: Findings) -> bytes | None:
    """The bytes of a source; None, after saying why, if it cannot be read."""
    try:
        return read_bytes(root, path)
    except NotReadable as problem:
        code, message, hint = problem.args
        findings.about_file(code, message, hint or ("split it into several files" if code == "Y102" else ""))
        return None
    except OSError as error:
        if error.errno == errno.ELOOP or (root / path).is_symlink():
            findings.about_file("Y101", "a link that leads nowhere", "put the file itself here")
        else:
            findings.found.append(_unreadable(path, error))
        return None
    except (RuntimeError, ValueError):  # a loop of links, before Python 3.13
        findings.about_file("Y101", "a link that leads nowhere", "put the file itself here")
        return None


def decode(data: bytes, findings: Findings) -> str | None:
    """The text in the bytes of a source: see `read_text`."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        findings.about_file("Y103", "is UTF-16, not UTF-8", "save it as UTF-8")
        return None
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    data = data.replace(b"\r\n", b"\n")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        byte = f"byte 0x{data[error.start]:02X} is not UTF-8"
        findings.found.append(Diagnostic("Y103", findings.path, line, column, byte, "save the file as UTF-8"))
        return None
    findings.lines = text.split("\n")
    if is_clean(data):
        return text
    if b"\r" in data:
        at = text.index("\r")
        line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        message = f"{describe(text[at])} may not stand here"
        findings.add("Y104", place(line, column), message, "end lines with \\n or \\r\\n")
        return None  # where its lines end cannot be told
    _report_forbidden(findings)
    return FORBIDDEN.sub("\ufffd", text)


def _report_forbidden(findings: Findings) -> None:
    """One finding per line that holds a forbidden character."""
    count = 0
    for number, line in enumerate(findings.lines, 1):
        match = FORBIDDEN.search(line)
        if match and (count := count + 1) <= MAX_PER_FILE:
            message = f"{describe(match[0])} may not stand here"
            meant = without_forbidden(line)
            findings.add("Y104", place(number, match.start() + 1), message, "delete it", meant)
