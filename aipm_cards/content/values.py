"""Nodes to values: one reader per form a value can have. Each reports what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TypeVar

from aipm_cards.arithmetic import is_name, number
from aipm_cards.characters import one_line
from aipm_cards.content.files import Findings
from aipm_cards.content.reader import Mapping, Node, Refused, Scalar, Sequence
from aipm_cards.content.repair import corrected, put_right, quoted, renamed
from aipm_cards.diagnostics import place
from aipm_cards.kinds import TEXT_FORMS, Form, Key
from aipm_cards.model import Law, Option, Point, Row, Value

MAX_TEXT = 20_000
T = TypeVar("T")

_SHAPE = {Sequence: "a list", Mapping: "a mapping", Scalar: "a text"}


def shown(text: str) -> str:
    """A text from a source as a message quotes it: short and safe."""
    text = one_line(text.strip())
    return text if len(text) <= 40 else text[:39] + "…"


def wrong_shape(node: Node, key: str, wanted: str, findings: Findings, cell: bool = False) -> None:
    """Report a value of another shape than wanted, once."""
    if not isinstance(node, Scalar) and node.refused:
        return
    if "text" in wanted and not isinstance(node, (Scalar, Refused)) and _is_bitten(node, findings, cell):
        return
    findings.add("D103", node.place, f"'{key}' is {_SHAPE[type(node)]}", f"write {wanted}")


def _is_bitten(node: Sequence | Mapping, findings: Findings, cell: bool) -> bool:
    """Whether a text was meant that YAML reads as something else; it is reported then."""
    line = findings.lines[node.line]
    sign = line[node.column]
    if sign in "[{" or (sign == "-" and line[: node.column].strip()):
        message = f"a text begins with '{sign}', which YAML keeps for itself"
        meant = corrected(line, node.column, cell=cell)
        findings.add_bite("Y204", node.place, message, put_right(line, node.column, cell=cell), meant)
        return True
    colon = line.find(":", node.column)
    if isinstance(node, Mapping) and line[: node.column].strip() and len(node.entries) == 1 and colon >= 0:
        at = place(node.line + 1, colon + 1)
        message = "': ' stands inside a text that is not quoted"
        meant = corrected(line, node.column, cell=cell)
        findings.add_bite("Y202", at, message, put_right(line, node.column, cell=cell), meant)
        return True
    return False


def text(node: Node, key: str, findings: Findings) -> str | None:
    """A text of any length up to the limit; empty if missing."""
    if type(node) is not Scalar:
        wrong_shape(node, key, "a text", findings)
        return None
    value = node.value
    if len(value) > MAX_TEXT:
        message = f"'{key}' has {len(value):,} characters; {MAX_TEXT:,} are allowed"
        findings.add("D105", node.place, message, "split the note")
        return None
    return "" if value == "~" and not node.style else value.strip("\n")


def card_text(node: Node, key: str, findings: Findings, cell: bool = False) -> str | None:
    """A text for a card; a comment that cuts it short is reported. `cell` is one of a row."""
    if type(node) is not Scalar:
        wrong_shape(node, key, "a text", findings, cell)
        return None
    value = text(node, key, findings)
    if value is not None and not node.style:
        line, end = findings.lines[node.end_line], node.end.column
        if len(line) > end and _is_cut(line, end, value):
            _report_cut(node, value, findings)
            return None
    return value


def _is_cut(line: str, end: int, value: str) -> bool:
    """Whether a text goes on behind a `#`. Where nothing stands before it, only a `#` without
    a space behind it (`#1`) can be meant as text."""
    rest = line[end:].lstrip(": ")
    return rest.startswith("#") and (bool(value) or (len(rest) > 1 and rest[1] not in " #"))


def _report_cut(node: Scalar, value: str, findings: Findings) -> None:
    line = findings.lines[node.end_line]
    at = line.index("#", node.end.column)
    message = "' #' begins a comment and cuts the text short"
    where = place(node.end_line + 1, at + 1)
    if node.line == node.end_line:
        start = node.column if value else at
        hint = f"a comment goes on a line of its own; as text, {put_right(line, start)}"
        findings.add_bite("Y207", where, message, hint, corrected(line, start))
    else:
        hint = "write a text of several lines below `key: |`; a comment goes on a line of its own"
        findings.add("Y207", where, message, hint)


def in_its_place(node: Node, meant: str, findings: Findings) -> str | None:
    """The line of a text with another one in its place, if it stands in one line."""
    if not isinstance(node, Scalar) or node.line != node.end_line or node.style in ("|", ">") or not meant:
        return None
    line = findings.lines[node.line]
    return line[: node.column] + (quoted(meant) if node.style else meant) + line[node.end.column :]


def unknown_key(
    code: str, key: Scalar, what: str, known: Iterable[str], node: Mapping, findings: Findings, otherwise: str = ""
) -> None:
    """Report a key that is not known, with the one that it is a slip of, or `otherwise` as the hint."""
    names = tuple(known)
    line = findings.lines[key.line]
    meant = None if key.style else renamed(line, key.column, key.value, names, node.entries)
    hint = findings.nearest(key.value, names) or otherwise
    findings.add(code, key.place, f"{what} has no key '{shown(key.value)}'", hint, meant)


def names(node: Node, key: str, findings: Findings) -> tuple[str, ...] | None:
    """A list of names: ids, tags, topics. A comment behind one is a comment."""
    return _list(node, key, findings, text)


def texts(node: Node, key: str, findings: Findings) -> tuple[str, ...] | None:
    """A list of texts for a card. A single text counts as a list of one."""
    return _list(node, key, findings, card_text)


def _list(
    node: Node, key: str, findings: Findings, read: Callable[[Node, str, Findings], str | None]
) -> tuple[str, ...] | None:
    if type(node) is Scalar:
        value = read(node, key, findings)
        return None if value is None else (value,) if value else ()
    if type(node) is not Sequence:
        wrong_shape(node, key, "a list of texts", findings)
        return None
    return _all((read(item, key, findings) for item in node.items), node, key, findings)


def _all(values: Iterable[T | None], node: Sequence, key: str, findings: Findings) -> tuple[T, ...] | None:
    """The values, or None if one of them was refused."""
    found = list(values)
    good = tuple(value for value in found if value is not None)
    empty = next((i for i, value in enumerate(found) if value == ""), None)
    if empty is not None:
        findings.add("D103", node.items[empty].place, f"an item of '{key}' is empty", "write it or remove its line")
        return None
    return good if len(good) == len(found) else None


def count(node: Node, key: str, findings: Findings, at_most: int) -> int | None:
    """A whole number from 1."""
    value = text(node, key, findings)
    if value is None:
        return None
    if re.fullmatch("[0-9]{1,6}", value) and 1 <= int(value) <= at_most:
        return int(value)
    message = f"'{key}' is '{shown(value)}'"
    findings.add("D104", node.place, message, f"write a whole number from 1 to {at_most}")
    return None


def choice(
    node: Node, key: str, findings: Findings, choices: tuple[str, ...], meanings: tuple[str, ...] = ()
) -> str | None:
    """One of a few words; `meanings` say in a hint what each stands for."""
    value = text(node, key, findings)
    if value is None or value in choices:
        return value
    told = [f"{word} ({meaning})" for word, meaning in zip(choices, meanings, strict=True)] if meanings else choices
    hint = f"write one of: {', '.join(told)}"
    findings.add("D104", node.place, f"'{key}' is '{shown(value)}'", hint)
    return None


def iso_date(node: Node, key: str, findings: Findings) -> str | None:
    """A date as 2026-11-20."""
    value = text(node, key, findings)
    if not value:
        return value
    try:
        if date.fromisoformat(value).isoformat() == value:
            return value
    except ValueError:
        pass
    findings.add("D104", node.place, f"'{key}' is '{shown(value)}'", "write a date as 2026-11-20")
    return None


_WITH_UNIT = re.compile(r"([-+]?[0-9.]+) *([^\s0-9.,].*)")


def _number(node: Node, key: str, findings: Findings) -> str | None:
    value = text(node, key, findings)
    if value and number(value) is None:
        hint = "write the bare number"
        if key == "answer" and (parts := _WITH_UNIT.fullmatch(value)) and number(parts[1]) is not None:
            hint = f"write the bare number that `check` gives; a unit goes below it: `unit: {quoted(shown(parts[2]))}`"
        findings.add("N303", node.place, f"'{key}' is '{shown(value)}', not a number", hint)
        return None
    return value


def _values(node: Node, key: str, findings: Findings) -> dict[str, Fraction] | None:
    if type(node) is not Mapping:
        wrong_shape(node, key, "names and numbers: {TP: 90}", findings)
        return None
    values: dict[str, Fraction] = {}
    for name, (at, value_node) in node.entries.items():
        written = _number(value_node, name, findings)
        if not is_name(name):
            findings.add("D104", at.place, f"'{shown(name)}' cannot be a name in `check`", "use letters, digits, `_`")
            return None
        if written == "":
            findings.add("N303", at.place, f"'{name}' has no number", f"write `{name}: 90`, or remove it")
        if not written:
            return None
        values[name] = number(written) or Fraction(0)
    return values


def _rows(node: Node, key: str, findings: Findings) -> tuple[Row, ...] | None:
    if type(node) is not Sequence:
        wrong_shape(node, key, "a list of rows: [dimension, a, b]", findings)
        return None
    if node.items and all(isinstance(item, Scalar) for item in node.items):
        wrong_shape(node.items[0], key, "each row as [dimension, a, b]", findings)
        return None
    return _all((_row(item, findings) for item in node.items), node, key, findings)


def _row(node: Node, findings: Findings) -> Row | None:
    if type(node) is not Sequence:
        wrong_shape(node, "rows", "each row as [dimension, a, b]", findings)
        return None
    if len(node.items) != 3:
        hint = "write three cells: [dimension, a, b]"
        if len(node.items) > 3:
            hint = f"quote the cell that holds a comma{_instance(node)}"
        findings.add("N401", node.place, f"a row has {len(node.items)} cells", hint)
        return None
    cells = [card_text(cell, "rows", findings, cell=node.flow) for cell in node.items]
    if not all(cells):
        if all(cell is not None for cell in cells):
            findings.add("N401", node.place, "a row has an empty cell", "write all three cells")
        return None
    return Row(*(cell or "" for cell in cells))


def _instance(row: Sequence) -> str:
    """How a row of four cells might be meant, for a hint."""
    cells = [shown(cell.value) for cell in row.items if isinstance(cell, Scalar)]
    if len(row.items) != 4 or len(cells) != 4:
        return ": three cells, [dimension, a, b]"
    return f", for instance [{cells[0]}, {quoted(f'{cells[1]}, {cells[2]}')}, {cells[3]}]"


def _rubric(node: Node, key: str, findings: Findings) -> tuple[Point, ...] | None:
    if type(node) is not Sequence:
        wrong_shape(node, key, "a list of points", findings)
        return None
    return _all((_point(item, findings) for item in node.items), node, key, findings)


def _point(node: Node, findings: Findings) -> Point | None:
    must = False
    if type(node) is Mapping:
        if tuple(node.entries) != ("must",):
            hint = "write a point as a text or as `must: text`; quote a text with `: `"
            is_key = all(name.isidentifier() for name in node.entries)
            if node.flow or is_key or not _is_bitten(node, findings, cell=False):
                findings.add("D103", node.place, "a point of 'rubric' is a mapping", hint)
            return None
        must, node = True, node.entries["must"][1]
    value = card_text(node, "rubric", findings)
    if value == "":
        findings.add("D103", node.place, "a point of 'rubric' is empty", "write it or remove its line")
    return Point(value, must) if value else None


def _records(
    node: Node, key: str, findings: Findings, fields: tuple[str, ...], optional: tuple[str, ...] = ()
) -> list[list[str]] | None:
    """A list of mappings with the same keys, each as the list of its values."""
    wanted = f"a list of {', '.join(fields)}"
    if type(node) is not Sequence:
        wrong_shape(node, key, wanted, findings)
        return None
    records = _all((_record(item, key, findings, fields, optional) for item in node.items), node, key, findings)
    return None if records is None else list(records)


def _record(
    node: Node, key: str, findings: Findings, fields: tuple[str, ...], optional: tuple[str, ...]
) -> list[str] | None:
    if type(node) is not Mapping:
        wrong_shape(node, key, f"each entry as {', '.join(fields)}", findings)
        return None
    values: dict[str, str] = {}
    for name, (at, value_node) in node.entries.items():
        if name not in fields:
            meant = None if at.style else renamed(findings.lines[at.line], at.column, name, fields, node.entries)
            hint = findings.nearest(name, fields)
            findings.add("N105", at.place, f"'{shown(name)}' is no key of '{key}'", hint, meant)
            return None
        reader = iso_date if name == "as_of" else card_text
        value = reader(value_node, name, findings)
        if value is None:
            return None
        values[name] = value
    missing = [name for name in fields if name not in optional and not values.get(name)]
    if missing:
        findings.add("N106", node.place, f"an entry of '{key}' has no '{missing[0]}'", f"add `{missing[0]}:`")
        return None
    return [values.get(name, "") for name in fields]


def _options(node: Node, key: str, findings: Findings) -> tuple[Option, ...] | None:
    records = _records(node, key, findings, ("name", "gain", "harm"))
    return None if records is None else tuple(Option(*record) for record in records)


def _laws(node: Node, key: str, findings: Findings) -> tuple[Law, ...] | None:
    records = _records(node, key, findings, ("jurisdiction", "law", "as_of"), optional=("as_of",))
    return None if records is None else tuple(Law(*record) for record in records)


_READERS: dict[Form, Callable[[Node, str, Findings], Value | None]] = {
    Form.INLINE_LIST: texts,
    Form.PLAIN_LIST: texts,
    Form.NUMBER: _number,
    Form.VALUES: _values,
    Form.ROWS: _rows,
    Form.RUBRIC: _rubric,
    Form.OPTIONS: _options,
    Form.LAWS: _laws,
}

# By name, because looking a member up in a set or dictionary hashes it in Python: most values
# are texts, and there are a lot of them.
_TEXTS = frozenset(form.name for form in (*TEXT_FORMS, Form.EXPRESSION))


@dataclass(frozen=True)
class Missing:
    """Nothing stands there."""


MISSING = Missing()


def value_of(node: Node, key: Key, findings: Findings) -> Value | Missing | None:
    """The value of a key of a kind; MISSING if nothing stands there, None if it was refused."""
    form = key.form
    if form._name_ in _TEXTS:
        typed = card_text(node, key.name, findings)
        return MISSING if typed == "" else typed
    if type(node) is Scalar and node.missing:
        return MISSING
    if form is Form.CHOICE:
        return choice(node, key.name, findings, key.choices, key.meanings)
    if form is Form.COUNT:
        return count(node, key.name, findings, key.at_most)
    value = _READERS[form](node, key.name, findings)
    if value in ("", (), {}):
        return MISSING
    if isinstance(value, tuple) and not _fits(value, key, node, findings):
        return None
    return value


def _fits(value: tuple[object, ...], key: Key, node: Node, findings: Findings) -> bool:
    if key.at_least <= len(value) <= key.at_most:
        return True
    code = "N501" if key.form is Form.RUBRIC else "D104"
    message = f"'{key.name}' has {len(value)} {'point' if code == 'N501' else 'item'}{'s' * (len(value) != 1)}"
    hint = f"write {key.at_least} to {key.at_most}"
    if code == "N501":
        hint += ", one to three of them as `- must: text`"
    findings.add(code, node.place, message, hint)
    return False
