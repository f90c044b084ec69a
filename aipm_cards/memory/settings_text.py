"""The settings file as its author typed it, with other parameters in it and every other byte kept.

What is done to a text is proved by reading it again: nothing but the parameters may differ.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any, NamedTuple

from aipm_cards.memory.settings import SettingsError

KEY = "parameters"


class Statement(NamedTuple):
    """A header of a table or the value of a key: its full name, and where in the text it begins,
    where its value begins (of a header, as it does) and ends, and where its line ends."""

    name: tuple[str, ...]
    header: bool
    start: int
    value: int
    end: int
    line_end: int


class Edit(NamedTuple):
    """A text after a change: the value that was there before, as it was typed (None if there was
    none), and what was put in, whole lines if there was none."""

    text: str
    before: str | None
    put: str


def typed(values: tuple[float, ...]) -> str:
    """Parameters as one writes them into the file."""
    return f"[{', '.join(map(str, values))}]"


def with_parameters(text: str, deck: str, value: str) -> Edit:
    """Put parameters, as they are typed, into the text of a settings file: the general ones, or
    those of the table of a deck. Raises SettingsError if that cannot be done."""
    statements = list(_statements(text))
    table = _table(statements, deck)
    line = "\r\n" if "\r\n" in text else "\n"
    if (old := _found(statements, (*table, KEY))) is not None:
        edit = Edit(f"{text[: old.value]}{value}{text[old.end :]}", text[old.value : old.end], value)
    else:
        at = _place(text, statements, table)
        put = f"{KEY} = {value}{line}"
        if deck and _found(statements, table) is None:
            put = f"{line if text.strip() else ''}[decks.{json.dumps(table[1], ensure_ascii=False)}]{line}{put}"
        if at and text[at - 1] != "\n":
            put = line + put
        edit = Edit(text[:at] + put + text[at:], None, put)
    _prove(text, edit.text, table)
    return edit


def without_parameters(text: str, deck: str, before: str | None, put: str) -> str:
    """Take back what `with_parameters` did. Raises SettingsError if the text says something else
    now, or if that cannot be done."""
    statements = list(_statements(text))
    table = _table(statements, deck)
    old = _found(statements, (*table, KEY))
    if before is None:
        if text.count(put) != 1:
            raise SettingsError("the parameters were edited since")
        after = text.replace(put, "")
    else:
        if old is None or text[old.value : old.end] != put:
            raise SettingsError("the parameters were edited since")
        after = text[: old.value] + before + text[old.end :]
    _prove(text, after, table)
    return after


def typed_parameters(text: str, deck: str) -> str | None:
    """The parameters as they are typed in the file; None if they are not."""
    statements = list(_statements(text))
    old = _found(statements, (*_table(statements, deck), KEY))
    return None if old is None else text[old.value : old.end]


def _table(statements: list[Statement], deck: str) -> tuple[str, ...]:
    """The name of the table of a deck, spelled as the file does."""
    for one in statements:
        if deck and len(one.name) > 1 and one.name[0] == "decks" and one.name[1].casefold() == deck.casefold():
            return ("decks", one.name[1])
    return ("decks", deck) if deck else ()


def _found(statements: list[Statement], name: tuple[str, ...]) -> Statement | None:
    return next((one for one in statements if one.name == name), None)


_TEMPLATE = re.compile(rf"^#\s*{KEY}\s*=.*(?:\n|\Z)", re.MULTILINE)
_HEADER = re.compile(r"^[#\s]*\[", re.MULTILINE)


def _place(text: str, statements: list[Statement], table: tuple[str, ...]) -> int:
    """Where a line for a table belongs: after its last key, else after its header, else at the
    end. General ones stand after the commented line that `config --init` writes, else after the
    last general key, else at the beginning: no header may stand above them, not even one in a
    comment, which its author may take out of it."""
    if table:
        inside = [one for one in statements if one.name[: len(table)] == table and len(one.name) <= len(table) + 1]
        return max((one.line_end for one in inside), default=len(text))
    header = _HEADER.search(text)
    free = header.start() if header else len(text)
    template = _TEMPLATE.search(text, 0, free)
    if template:
        return template.end()
    return max((one.line_end for one in statements if one.line_end <= free), default=0)


def _prove(before: str, after: str, table: tuple[str, ...]) -> None:
    """Raise SettingsError unless only the parameters of a table differ."""
    if _without(before, table) != _without(after, table):
        name = f'[decks."{table[1]}"]' if table else "the file"
        raise SettingsError(f"is laid out so that {KEY} cannot be changed in it; write them into {name} yourself")


def _without(text: str, table: tuple[str, ...]) -> dict[str, Any] | None:
    """What a file says, but for the parameters of a table, and for the table if that is all it
    has; None if it is not TOML."""
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError):
        return None
    outer: list[tuple[dict[str, Any], str]] = []
    inner = document
    for name in table:
        outer.append((inner, name))
        inner = inner.get(name, {})
        if not isinstance(inner, dict):
            return None
    inner.pop(KEY, None)
    for of, name in reversed(outer):
        if not of.get(name, True):
            del of[name]
    return document


# --- the text, statement by statement --------------------------------------------------------

_SPACE = re.compile(r"(?:\s|#[^\n]*)*")
_STRING = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'', re.DOTALL)
_BLANK = re.compile(r"[ \t]*")
_LINE = re.compile(r"[^\n]*(?:\n|\Z)")


def _statements(text: str) -> Iterator[Statement]:
    """The statements of a text that is TOML."""
    table: tuple[str, ...] = ()
    at = _behind(_SPACE, text, 0)
    while at < len(text):
        header = text[at] == "["
        if header:
            value, end = at, _end(text, at)
            table = name = _names(f"{text[at:end]}\n")
        else:
            equals = _end(text, at, "=")
            value = _behind(_BLANK, text, equals + 1)
            end = _end(text, value)
            name = table + _names(f"{text[at:equals]} = 0\n")
        line_end = _behind(_LINE, text, end)
        yield Statement(name, header, at, value, end, line_end)
        at = _behind(_SPACE, text, line_end)


def _behind(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where a pattern, which may match nothing, ends if it begins at `at`."""
    found = pattern.match(text, at)
    return found.end() if found else at


def _end(text: str, at: int, until: str = "\n#") -> int:
    """Where what begins at `at` ends: before one of the characters `until` that stands in no
    string and no bracket, and before the white space there."""
    start, depth = at, 0
    while at < len(text):
        if string := _STRING.match(text, at):
            at = string.end()
            continue
        if not depth and text[at] in until:
            break
        if text[at] == "#":
            at = _behind(_LINE, text, at)
            continue
        depth += (text[at] in "[{") - (text[at] in "]}")
        at += 1
    return at if "=" in until else start + len(text[start:at].rstrip())


def _names(statement: str) -> tuple[str, ...]:
    """The parts of the name in a header or a key. Raises SettingsError."""
    found: list[str] = []
    try:
        inner: Any = tomllib.loads(statement)
    except (ValueError, RecursionError):
        raise SettingsError("is laid out in a way that cannot be edited") from None
    while isinstance(inner, (dict, list)) and inner:
        if isinstance(inner, list):
            inner = inner[0]
        else:
            ((name, inner),) = inner.items()
            found.append(name)
    return tuple(found)
