"""A note as YAML text: what is given stands in it, what is missing is asked for in comments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from textwrap import dedent

from aipm_cards import keys
from aipm_cards.characters import one_line
from aipm_cards.content.layout.words import is_plain
from aipm_cards.content.repair import quoted
from aipm_cards.kinds import Form, Key

Item = str | Mapping[str, str] | tuple[str, ...]
Given = str | Mapping[str, str] | tuple[Item, ...]
"""A value on its way into YAML: a text (also a number, a choice or a date), names with values, or
a list of texts, of such records and of rows."""

WIDTH = 100  # characters up to which a record stands in braces
_USED = len("      - ")  # characters of its line before it, as notes are usually set
_BLOCKS = frozenset({Form.BLOCK, Form.CLOZE})
_FLOWS = frozenset({Form.NAMES, Form.VALUES, Form.REASONS, Form.PAIRS})
_NOT_OFFERED = frozenset({"kind", "allow", "retired"})  # nothing to begin a note with
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the notes of a file are set: columns before the dash and from there to the keys; and the
    kind and the cue that the file sets for all of them."""

    indent: int = 2
    step: int = 2
    default_kind: str = "basic"
    cue: str = ""


LAYOUT = Layout()


def note_lines(kind: str, given: Mapping[str, Given], layout: Layout = LAYOUT) -> list[str]:
    """The lines of a note of a kind, its keys in the order of the table.

    A required key that is not given stands there empty, below a comment that says what it is, so
    that `check` names it at its place; then the optional keys stand there as comments as well.
    """
    table = keys.note_keys(kind)
    whole = not any(key.required and key.name not in given for key in table)
    lines: list[str] = []
    for key in table:
        value: Given | None = given.get(key.name)
        if key.name == "kind":
            value = kind if kind != layout.default_kind else None
        if value is not None:
            lines += key_lines(key, value)
        elif key.required:
            lines += [f"# {_help(key)}", _empty(key)]
        elif not whole and key.name not in _NOT_OFFERED:
            lines += _offered(key, layout.cue if key.name == "cue" else "")
    first, *rest = lines
    before = " " * layout.indent
    inside = " " * (layout.indent + layout.step)
    return [f"{before}-".ljust(layout.indent + layout.step) + first, *(inside + line if line else "" for line in rest)]


def key_lines(key: Key, value: Given) -> list[str]:
    """The lines of a key and its value, not indented."""
    if isinstance(value, str):
        if key.form in _BLOCKS:
            return list(_block(key.name, value))
        return [f"{key.name}: {scalar(value)}".rstrip()]
    if key.form in _FLOWS or (key.form is Form.CITATIONS and all(isinstance(item, str) for item in value)):
        return [f"{key.name}: {_flow(value)}"]
    lines = [f"{key.name}:"]
    fits = all(_USED + len(_flow(item)) <= WIDTH for item in value)
    for item in value:
        lines += _item(item, flow=key.form is Form.ROWS or (key.form is Form.CITATIONS and fits))
    return lines


def scalar(value: str) -> str:
    """A text of one line, in quotes where YAML would read it as something else."""
    value = " ".join(value.split())
    return value if not value or _is_plain(value) else quoted(value)


def _in_flow(value: str) -> str:
    value = " ".join(value.split())
    return value if _is_plain(value, brackets=True) else quoted(value)


def _is_plain(value: str, brackets: bool = False) -> bool:
    return value != "~" and is_plain(value, brackets)


def _flow(value: Given | Item) -> str:
    if isinstance(value, str):
        return _in_flow(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_in_flow(name)}: {_in_flow(entry)}" for name, entry in value.items()) + "}"
    return "[" + ", ".join(_flow(item) for item in value) + "]"


def _item(item: Item, *, flow: bool) -> Iterator[str]:
    if isinstance(item, str):
        yield f"  - {scalar(item)}".rstrip()
    elif flow or not isinstance(item, Mapping):
        yield f"  - {_flow(item)}"
    else:
        for number, (name, value) in enumerate(item.items()):
            yield f"  {'- ' if number == 0 else '  '}{name}: {scalar(value)}".rstrip()


def _block(name: str, value: str) -> Iterator[str]:
    value = _INDENT.sub(lambda found: found[0].expandtabs(4), value)  # YAML indents by spaces only
    lines = dedent(value).strip("\n").rstrip().split("\n")
    if len(lines[0]) - len(lines[0].lstrip()) < 4:  # which Markdown passes over as well
        lines[0] = lines[0].lstrip()
    # Code at the beginning of a text would set the indentation of all: it is named then.
    yield f"{name}: |" + ("2" if lines[0].startswith(" ") else "")
    yield from (f"  {line}" if line.strip() else "" for line in lines if line or len(lines) > 1)


def _offered(key: Key, otherwise: str) -> list[str]:
    """An optional key as a comment, with what holds `otherwise`. What it is stands behind it, unless
    a comment there would be taken for a text that is cut short."""
    if key.form in (Form.INLINE, Form.PLAIN, Form.EXPRESSION):
        file_sets = f" The file sets `{one_line(otherwise)}`." if otherwise else ""
        return [f"# {_help(key)}{file_sets}", f"# {_empty(key)}"]
    return [f"# {_empty(key)}  # {_help(key)}"]


def _empty(key: Key) -> str:
    return f"{key.name}: |" if key.form in _BLOCKS else f"{key.name}:"


def one_of(key: Key) -> str:
    """The choices of a key as a sentence, each with what it stands for; empty if it has none."""
    told = [f"{word} ({meaning})" for word, meaning in zip(key.choices, key.meanings, strict=False)] or key.choices
    return f" One of {', '.join(told)}." if told else ""


def _help(key: Key) -> str:
    number = f" {key.at_least} to {key.at_most}." if key.form is Form.RUBRIC else ""
    return f"{key.help}{number}{one_of(key)}"
