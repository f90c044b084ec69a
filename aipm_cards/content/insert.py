"""A note put into a deck file at its place, with every other byte as it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aipm_cards.content.files import Findings, decode
from aipm_cards.content.reader import Mapping, Node, Refused, Scalar, Sequence, SyntaxProblem, TooDeep, read
from aipm_cards.content.skeleton import Layout
from aipm_cards.errors import AipmCardsError

_EMPTY = re.compile(rb"\[(?:\s|#[^\n]*\n)*\]|~")
_DOCUMENT_END = re.compile(r"(?:\.\.\.|---)(?:\s|$)")


class Unreadable(AipmCardsError):
    """A file that no note can be put into before it is mended; `findings` say what is wrong."""

    def __init__(self, message: str, findings: Findings) -> None:
        super().__init__(message)
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Inserted:
    """The new bytes of a file, and the lines (from 1) at which the new note begins and ends."""

    data: bytes
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Page:
    """A file of sources that was read: its bytes, its lines as text, and what it holds."""

    path: str
    data: bytes
    lines: list[str]
    root: Mapping

    @property
    def newline(self) -> bytes:
        """How most of its lines end."""
        return b"\r\n" if self.data.count(b"\r\n") * 2 > self.data.count(b"\n") else b"\n"


def read_page(path: str, data: bytes, *, may_be_empty: bool = False) -> Page:
    """A file from its bytes. Raises Unreadable if it is not YAML through and through, or holds
    nothing though it may not."""
    findings = Findings(path)
    content = decode(data, findings)
    root: Node | None = None
    if content is not None and not findings.found:
        try:
            root = read(content, findings)
        except TooDeep:
            pass
        except SyntaxProblem as problem:
            from aipm_cards.content import bites

            bites.explain(content, findings, 0)
            if not findings.found:
                findings.about_file("Y201", str(problem))
    if root is None and may_be_empty:
        root = Mapping({}, 0, 0, False, False)
    if findings.found:
        raise Unreadable(f"{path} cannot be read as it stands; nothing was written", findings)
    if not isinstance(root, Mapping) or root.flow:
        raise Unreadable(f"{path} is no list of keys, each on a line of its own; nothing was written", findings)
    return Page(path, data, findings.lines, root)


# --- deck files ----------------------------------------------------------------------------


def layout_of(page: Page) -> Layout:
    """How the notes of a deck file are set."""
    default, cue = _text_of(page, "kind") or "basic", _text_of(page, "cue")
    notes = _notes(page)
    if not isinstance(notes, Sequence) or notes.flow:
        return Layout(default_kind=default, cue=cue)
    first = notes.items[0]
    beside = isinstance(first, Mapping) and first.line == notes.line and first.column > notes.column
    return Layout(
        notes.column, first.column - notes.column if isinstance(first, Mapping) and beside else 2, default, cue
    )


def _text_of(page: Page, key: str) -> str:
    """A text of the file itself, empty if there is none."""
    value = page.root.entries.get(key, (None, None))[1]
    return value.value if isinstance(value, Scalar) and not value.missing else ""


def insert_note(page: Page, lines: list[str], topics: tuple[str, ...] = ()) -> Inserted:
    """A deck file with a note more, given as lines: behind the last note that names one of the
    topics, else behind all. Raises Unreadable."""
    notes = _notes(page)
    if isinstance(notes, Scalar) or not notes.items:
        return _checked(page, _first_note(page, lines, notes), 0)
    bounds = [*(_dash_line(page, notes, item) for item in notes.items), _end_of(page, notes)]
    same = [index for index, item in enumerate(notes.items) if set(topics) & set(_names(item, "topics"))]
    behind = same[-1] if same else len(notes.items) - 1
    ends = [_content_end(page, notes, index, bounds) for index in range(len(notes.items))]
    apart = len(ends) < 2 or any(end < begin for end, begin in zip(ends, bounds[1:-1], strict=False))
    return _checked(page, _with_lines(page, ends[behind], ["", *lines] if apart else lines, int(apart)), behind + 1)


def _notes(page: Page) -> Sequence | Scalar:
    notes = page.root.entries.get("notes", (None, None))[1]
    if isinstance(notes, Scalar) and notes.missing:
        return notes
    if isinstance(notes, Sequence) and (not notes.flow or not notes.items):
        return notes
    findings = Findings(page.path)
    what = "writes its notes in brackets" if isinstance(notes, Sequence) else "has no list below `notes:`"
    raise Unreadable(f"{page.path} {what}: begin each note with `- id:` on a line of its own", findings)


def _first_note(page: Page, lines: list[str], notes: Sequence | Scalar) -> Inserted:
    """The file with its first note, in the place of `[]` or `~`."""
    key = page.root.entries["notes"][0]
    line, data = key.line, page.data
    if isinstance(notes, Sequence) or notes.value:
        at = _offset(page, notes.line, notes.column)
        sign = _EMPTY.match(data, at)
        assert sign is not None
        # Two bytes that have to go, and the blanks before them: no note could stand behind them.
        start = len(data[:at].rstrip(b" "))
        line += data.count(b"\n", _offset(page, line, 0), start)
        data = data[:start] + data[sign.end() :]
    return _with_lines(Page(page.path, data, page.lines, page.root), line + 1, lines, 0)


def _with_lines(page: Page, line: int, lines: list[str], blank: int) -> Inserted:
    """The page with lines put before a line (from 0); `blank` of them come before the note."""
    data, newline = page.data, page.newline
    starts = [0, *(match.end() for match in re.finditer(b"\n", data))]
    at = starts[line] if line < len(starts) else len(data)
    open_end = newline if data and at == len(data) and not data.endswith(b"\n") else b""
    text = newline.join(one.encode() for one in lines) + newline
    first = (data[:at] + open_end).count(b"\n") + 1 + blank
    return Inserted(data[:at] + open_end + text + data[at:], first, first + len(lines) - 1 - blank)


def _offset(page: Page, line: int, column: int) -> int:
    """Where a character (both from 0) stands in the bytes of a page."""
    start = 0
    for _ in range(line):
        start = page.data.index(b"\n", start) + 1
    bom = 3 if line == 0 and page.data.startswith(b"\xef\xbb\xbf") else 0
    return start + bom + len(page.lines[line][:column].encode())


def _dash_line(page: Page, notes: Sequence, item: Node) -> int:
    """The line (from 0) of the dash of a note: its keys may begin below it."""
    line = item.line
    while not page.lines[line][notes.column :].startswith("-") or page.lines[line][: notes.column].strip():
        line -= 1
    return line


def _end_of(page: Page, notes: Sequence) -> int:
    """The line (from 0) at which the list of notes ends at the latest."""
    below = [key.line for key, _ in page.root.entries.values() if key.line > notes.line]
    limit = min(below, default=len(page.lines))
    for line in range(_last_scalar(notes) + 1, limit):
        if _DOCUMENT_END.match(page.lines[line]):
            return line
    return limit


def _content_end(page: Page, notes: Sequence, index: int, bounds: list[int]) -> int:
    """The line behind the last one of a note. Blank lines and comments before the next note that
    stand no deeper than its dash belong to that one."""
    line, least = bounds[index + 1], max(_last_scalar(notes.items[index]), bounds[index]) + 1
    while line > least:
        text = page.lines[line - 1]
        indent = len(text) - len(text.lstrip())
        if text.strip() and not (text.lstrip().startswith("#") and indent <= notes.column):
            break
        line -= 1
    return line


def _last_scalar(node: Node) -> int:
    """The last line (from 0) of which it is sure that it belongs to a node."""
    if isinstance(node, Scalar):
        return node.line if node.style in ("|", ">") else node.end_line
    if isinstance(node, Sequence):
        return max((_last_scalar(item) for item in node.items), default=node.line)
    if isinstance(node, Mapping):
        return max((_last_scalar(part) for entry in node.entries.values() for part in entry), default=node.line)
    return node.line


def _names(node: Node, key: str) -> Iterator[str]:
    if isinstance(node, Mapping) and key in node.entries:
        value = node.entries[key][1]
        for item in value.items if isinstance(value, Sequence) else [value]:
            if isinstance(item, Scalar):
                yield item.value


# --- keys of sources.yaml ------------------------------------------------------------------


def insert_key(page: Page, name: str, lines: list[str]) -> Inserted:
    """A mapping with a key more: where the order of the others wants it, else behind all.
    Raises Unreadable."""
    keys = [(key.value, key.line) for key, _ in page.root.entries.values()]
    ordered = [value for value, _ in keys] == sorted(value for value, _ in keys)
    line = next((line for value, line in keys if value > name), None) if ordered else None
    if line is None:
        line = len(page.lines)
        while line > 0 and not page.lines[line - 1].strip():
            line -= 1
    else:
        while page.lines[line - 1].startswith("#") and line > 1 and page.lines[line - 2].strip():
            line -= 1  # a comment above a key belongs to it
    return _confirmed(page, _with_lines(page, line, lines, 0), lambda old, new: new == {**old, name: new.get(name)})


# --- a last look ---------------------------------------------------------------------------


def plain(node: Node | None) -> object:
    """What a node holds, without its places: texts, lists and dictionaries."""
    if isinstance(node, Scalar):
        return node.value.strip("\n")
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    if isinstance(node, Mapping):
        return {name: plain(value) for name, (_, value) in node.entries.items()}
    return node if node is None or not isinstance(node, Refused) else (node.line, node.column)


def _checked(page: Page, made: Inserted, index: int) -> Inserted:
    """What was made, if it holds all that the page held, and one note more at an index."""

    def grown(old: dict[str, object], new: dict[str, object]) -> bool:
        before, after = old.pop("notes"), new.pop("notes")
        if not isinstance(after, list) or len(after) <= index:
            return False
        del after[index]
        return old == new and after == (before if isinstance(before, list) else [])

    return _confirmed(page, made, grown)


def _confirmed(page: Page, made: Inserted, grown: Callable[[dict[str, object], dict[str, object]], bool]) -> Inserted:
    after = read_page(page.path, made.data)
    old, new = plain(page.root), plain(after.root)
    assert isinstance(old, dict)
    assert isinstance(new, dict)
    if not grown(old, new):
        message = f"{page.path}: no place was found that leaves the rest as it is; nothing was written"
        raise Unreadable(message, Findings(page.path))
    return made
