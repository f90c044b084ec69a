"""What a person types for a key, without care for YAML, to the value that stands in a note.

Lists come line by line, with or without dashes; records as `name: text` lines or with `|` between
their parts; and all of it may be in the brackets that deck files use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from aipm_cards import keys
from aipm_cards.content.files import Findings
from aipm_cards.content.insert import plain
from aipm_cards.content.reader import SyntaxProblem, TooDeep, read
from aipm_cards.content.skeleton import Given, Item
from aipm_cards.kinds import Form, Key

_RECORDS = {
    Form.OPTIONS: keys.names(keys.OPTION_KEYS),
    Form.LAWS: keys.names(keys.LAW_KEYS),
    Form.CITATIONS: keys.names(keys.CITATION_KEYS),
}
_LISTS = frozenset({Form.INLINE_LIST, Form.PLAIN_LIST, Form.RUBRIC, Form.ROWS, *_RECORDS})
_DASH = re.compile(r"^\s{0,3}(?:[-*+]|\d{1,2}[.)])\s+")
_MUST = re.compile(r"must\s*:\s*", re.IGNORECASE)


def is_list(key: Key) -> bool:
    """Whether more lines of a key are more items."""
    return key.form in _LISTS or key.form in (Form.NAMES, Form.VALUES, Form.REASONS)


def value_of(key: Key, typed: str) -> Given | None:
    """The value of a key as it was typed, or None if nothing was. What is wrong with it is said by
    `check`, not here: it goes into the note as it is."""
    typed = typed.replace("\r\n", "\n").strip("\n")
    if not typed.strip():
        return None
    if key.form in (Form.BLOCK, Form.CLOZE):
        return typed
    if not is_list(key):
        return _unwrapped(" ".join(typed.split()))
    bracketed = _bracketed(typed)
    if key.form in (Form.VALUES, Form.REASONS):
        return bracketed if isinstance(bracketed, dict) else dict(_pairs(typed, key))
    if key.form is Form.NAMES:
        return bracketed if isinstance(bracketed, tuple) else tuple(_names(typed))
    if isinstance(bracketed, tuple) and not (key.form is Form.ROWS and not _all_rows(bracketed)):
        return bracketed
    return tuple(_item(key, item) for item in _items(key, typed))


def _unwrapped(line: str) -> str:
    """A line without the quotes that are right in YAML, and which its author may have typed."""
    if len(line) > 1 and line[0] == line[-1] and line[0] in "\"'" and line[0] not in line[1:-1]:
        return line[1:-1]
    return line


def _bracketed(typed: str) -> Given | None:
    """What stands in the brackets of YAML, if the text is nothing else."""
    typed = typed.strip()
    if typed[:1] + typed[-1:] not in ("[]", "{}"):
        return None
    findings = Findings("")
    findings.lines = typed.split("\n")
    try:
        found = _frozen(plain(read(typed, findings)))
    except (SyntaxProblem, TooDeep):
        return None
    return None if findings.found or isinstance(found, str) else found


def _frozen(found: object) -> Given:
    if isinstance(found, dict):
        return {name: str(value) for name, value in found.items()}
    if isinstance(found, list):
        return tuple(_frozen_item(item) for item in found)
    return str(found)


def _frozen_item(item: object) -> Item:
    if isinstance(item, list):
        return tuple(str(cell) for cell in item)
    return {name: str(value) for name, value in item.items()} if isinstance(item, dict) else str(item)


def _all_rows(items: Given) -> bool:
    return all(isinstance(item, tuple) for item in items)


def _names(typed: str) -> Iterator[str]:
    for part in re.split(r"[,\n]", _undashed(typed)):
        if name := _unwrapped(part.strip().strip("`[]").strip()):
            yield name


def _undashed(typed: str) -> str:
    return "\n".join(_DASH.sub("", line) for line in typed.split("\n"))


def _pairs(typed: str, key: Key) -> Iterator[tuple[str, str]]:
    parts = re.split(r",\s*(?=[^\W\d])|\n" if key.form is Form.VALUES else r"\n", _undashed(typed))
    for part in parts:
        name, _, value = part.replace("=", ":", 1 if ":" not in part else 0).partition(":")
        if name.strip():
            yield name.strip(), _unwrapped(value.strip())


def _items(key: Key, typed: str) -> Iterator[str]:
    """The items of a list. Without dashes each line is one, or, of records, all lines up to the
    next that begins with the first name; with dashes, lines without one go on with theirs."""
    lines = [line for line in typed.split("\n") if line.strip()]
    record = _RECORDS.get(key.form)
    first = re.compile(rf"{record[0]}\s*:" if record else "")
    dashes = bool(lines and _DASH.match(lines[0]))
    item: list[str] = []
    for line in lines:
        begins = bool(_DASH.match(line))
        if not dashes and not begins:
            begins = not record or bool(first.match(line.strip())) or not re.match(r"\w+\s*:", line.strip())
        if begins and item:
            yield "\n".join(item)
            item = []
        item.append(_DASH.sub("", line, count=1).strip() if begins else line.strip())
    if item:
        yield "\n".join(item)


def _item(key: Key, item: str) -> Item:
    if key.form in (Form.ROWS, *_RECORDS) and (bracketed := _bracketed(item)) and not isinstance(bracketed, str):
        return bracketed if not isinstance(bracketed, tuple) else tuple(str(cell) for cell in bracketed)
    if key.form is Form.ROWS:
        cells = item.replace("\n", " ").strip().strip("|").split("|")
        return tuple(" ".join(cell.split()) for cell in cells)
    if names := _RECORDS.get(key.form):
        return _record(names, item)
    line = " ".join(item.split())
    if key.form is Form.RUBRIC and (must := _MUST.match(line)):
        return {"must": _unwrapped(line[must.end() :])}
    return _unwrapped(line)


def _record(names: tuple[str, ...], item: str) -> Item:
    """A record from its lines, or from parts with `|` between."""
    lines = item.split("\n")
    if not re.match(rf"(?:{'|'.join(names)})\s*:", lines[0]):
        parts = [" ".join(part.split()) for part in item.replace("\n", " ").strip("| ").split("|", len(names) - 1)]
        return parts[0] if names[0] == "ref" and len(parts) == 1 else dict(zip(names, parts, strict=False))
    record: dict[str, str] = {}
    name = ""
    for line in lines:
        if match := re.match(rf"({'|'.join(names)})\s*:\s*", line):
            name, line = match[1], line[match.end() :]
        record[name] = f"{record.get(name, '')} {line}".strip()
    return {name: _unwrapped(text) for name, text in record.items()}
