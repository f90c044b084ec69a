"""YAML text to nodes that know their places.

Built from libyaml's events rather than with its loader: no `no` that turns into False, no
date, no number, and every node keeps its line and column. Anchors, aliases, tags, merge
keys, duplicate keys and deep nesting are refused on the way, before they cost anything.
Where PyYAML has no C extension its own parser gives the same nodes, only slower.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple, Union, final

import yaml

from aipm_cards.characters import FORBIDDEN, describe, one_line
from aipm_cards.content.files import Findings
from aipm_cards.content.repair import corrected, put_right, quoted
from aipm_cards.diagnostics import Place, place

MAX_DEPTH = 16

try:
    from yaml import CSafeLoader as _Parser
except ImportError:  # a PyYAML without libyaml
    from yaml import SafeLoader as _Parser  # type: ignore[assignment]


@final
class Scalar(NamedTuple):
    """A text as its author typed it. `style` is empty for a plain one, else its sign.

    The marks are libyaml's, which count from 0; `first` is the line at which they begin.
    """

    value: str
    style: str
    start: Any
    end: Any
    first: int

    @property
    def line(self) -> int:
        """The line it starts in, from 0."""
        return int(self.start.line) + self.first

    @property
    def column(self) -> int:
        """The column it starts at, from 0."""
        return int(self.start.column)

    @property
    def end_line(self) -> int:
        """The line it ends in, from 0."""
        return int(self.end.line) + self.first

    @property
    def place(self) -> Place:
        """Where it starts."""
        return place(self.start.line + self.first + 1, self.start.column + 1)

    @property
    def missing(self) -> bool:
        """Whether nothing, or `~`, stands there."""
        return not self.style and self.value in ("", "~")


@final
class Sequence(NamedTuple):
    """A list. `refused` if something in it was reported already."""

    items: list[Node]
    line: int
    column: int
    flow: bool
    refused: bool

    @property
    def place(self) -> Place:
        """Where it starts."""
        return place(self.line + 1, self.column + 1)


@final
class Mapping(NamedTuple):
    """A mapping: key name to the key and its value, in the order of the text. `refused` if
    something in it was reported already."""

    entries: dict[str, tuple[Scalar, Node]]
    line: int
    column: int
    flow: bool
    refused: bool

    @property
    def place(self) -> Place:
        """Where it starts."""
        return place(self.line + 1, self.column + 1)


@final
class Refused(NamedTuple):
    """Something that was reported already; whoever meets it says nothing more."""

    line: int
    column: int
    refused: bool = True

    @property
    def place(self) -> Place:
        """Where it starts."""
        return place(self.line + 1, self.column + 1)


Node = Union[Scalar, Sequence, Mapping, Refused]


class SyntaxProblem(Exception):
    """The text is not YAML: what the parser says, at which line and column (from 0)."""

    def __init__(self, problem: str, line: int, column: int, opened: tuple[int, int] | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.column = column
        self.opened = opened  # where the thing began that was being read


class TooDeep(Exception):
    """The text nests too deep to go on; it was reported."""


def read(text: str, findings: Findings, first_line: int = 0) -> Node | None:
    """The node in a YAML text, or None if there is none.

    `first_line` is the line (from 0) of the file at which `text` begins. Raises
    SyntaxProblem, and TooDeep after reporting it.
    """
    return _Builder(text, findings, first_line).document()


class _Builder:
    def __init__(self, text: str, findings: Findings, first_line: int) -> None:
        self.next = _Parser(text).get_event
        self.findings = findings
        self.first = first_line

    def document(self) -> Node | None:
        try:
            self.next()  # the start of the stream
            event = self.next()
            if type(event) is yaml.StreamEndEvent:
                return None
            node = self.node(self.next(), 1)
            self.next()  # the end of the document
            event = self.next()
            if type(event) is not yaml.StreamEndEvent:
                at = self.at(event)
                self.findings.add("Y306", at, "a second document begins here", "a deck file holds one document")
            return node
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            opened = error.context_mark
            if "maximum nesting depth" in str(error.problem):  # libyaml has a limit of its own
                at = place((mark.line if mark else 0) + self.first + 1, (mark.column if mark else 0) + 1)
                self.findings.add("Y305", at, f"more than {MAX_DEPTH} levels deep")
                raise TooDeep from None
            raise SyntaxProblem(
                str(error.problem or error.context),
                (mark.line if mark else 0) + self.first,
                mark.column if mark else 0,
                (opened.line + self.first, opened.column) if opened else None,
            ) from None
        except yaml.YAMLError as error:
            raise SyntaxProblem(str(error).split("\n")[0], self.first, 0) from None

    def at(self, event: Any) -> Place:
        mark = event.start_mark
        return place(mark.line + self.first + 1, mark.column + 1)

    def node(self, event: Any, depth: int) -> Node:
        kind = type(event)
        mark = event.start_mark
        if kind is yaml.ScalarEvent:
            if event.anchor is not None or event.tag is not None:
                return self.refuse_properties(event)
            style = event.style
            if style == '"' and (bitten := self.refused_escape(event)):
                return bitten
            return Scalar(event.value, style, mark, event.end_mark, self.first)
        if kind is yaml.AliasEvent:
            message = f"an alias, '*{one_line(event.anchor)}': write texts out"
            self.findings.add("Y301", self.at(event), message, self.put_right(mark))
            return Refused(mark.line + self.first, mark.column)
        if depth > MAX_DEPTH:
            self.findings.add("Y305", self.at(event), f"more than {MAX_DEPTH} levels deep")
            raise TooDeep
        if refused := event.anchor is not None or event.tag is not None:
            self.refuse_properties(event)
        node = self.sequence(event, depth) if kind is yaml.SequenceStartEvent else self.mapping(event, depth)
        return Refused(node.line, node.column) if refused else node

    def put_right(self, mark: Any) -> str:
        """The line at a mark with the text from there on in quotes."""
        return put_right(self.findings.lines[mark.line + self.first], mark.column)

    def refuse_properties(self, event: Any) -> Refused:
        mark = event.start_mark
        if event.anchor is not None:
            message = f"an anchor, '&{one_line(event.anchor)}': write texts out"
            self.findings.add("Y301", self.at(event), message, self.put_right(mark))
        else:
            self.findings.add("Y303", self.at(event), "a YAML tag: remove it, or quote the text", self.put_right(mark))
        return Refused(mark.line + self.first, mark.column)

    def refused_escape(self, event: Any) -> Refused | None:
        """Report an escape that makes something else of a LaTeX command, or a character that
        no card may hold. Other styles hold only what the file holds, which was looked through."""
        mark, end = event.start_mark, event.end_mark
        lines = self.findings.lines[mark.line + self.first : end.line + self.first + 1]
        for number, line in enumerate(lines):
            start, stop = mark.column if number == 0 else 0, end.column if number == len(lines) - 1 else len(line)
            if match := _BITING_ESCAPE.search(line, start, stop):
                column = match.start(1) + 1
                at = place(mark.line + self.first + number + 1, column)
                if len(lines) == 1:
                    inside = line[mark.column + 1 : end.column - 1].replace('\\"', '"')
                    fixed = line[: mark.column] + quoted(inside) + line[end.column :]
                    hint = f"write: {fixed.strip()}"
                    self.findings.add_bite("Y205", at, "a backslash in double quotes", hint, fixed)
                else:
                    hint = "in single quotes, or below `key: |`, a backslash is only a backslash"
                    self.findings.add("Y205", at, "a backslash in double quotes", hint)
                return Refused(mark.line + self.first, mark.column)
        if bad := FORBIDDEN.search(event.value):
            hint = "in single quotes, or below `key: |`, a backslash is only a backslash"
            self.findings.add("Y104", self.at(event), f"an escape stands for {describe(bad[0])}", hint)
            return Refused(mark.line + self.first, mark.column)
        return None

    def sequence(self, event: Any, depth: int) -> Sequence:
        items: list[Node] = []
        mark, flow, refused = event.start_mark, event.flow_style, False
        while type(event := self.next()) is not yaml.SequenceEndEvent:
            item = self.node(event, depth + 1)
            if type(item) is not Scalar and item.refused:
                refused = True
            items.append(item)
        return Sequence(items, mark.line + self.first, mark.column, bool(flow), refused)

    def mapping(self, event: Any, depth: int) -> Mapping:
        entries: dict[str, tuple[Scalar, Node]] = {}
        mark, flow, refused = event.start_mark, event.flow_style, False
        found = self.findings.found
        before = len(found)
        while type(event := self.next()) is not yaml.MappingEndEvent:
            key = self.node(event, depth + 1)
            at_key = len(found)
            value = self.node(self.next(), depth + 1)
            if type(key) is not Scalar or key.value in entries or (key.value == "<<" and not key.style):
                if not (refused and flow):
                    del found[at_key:]  # what is wrong with the value does not matter any more
                    self.refuse_key(key, entries, mark if flow else None, before)
                refused = True
                continue
            if type(value) is not Scalar and value.refused:
                refused = True
            entries[key.value] = (key, value)
        return Mapping(entries, mark.line + self.first, mark.column, bool(flow), refused)

    def refuse_key(self, key: Node, entries: dict[str, tuple[Scalar, Node]], flow: Any, before: int) -> None:
        """Report a key that is no text, a merge key, or one that stands there already. `flow`
        is where the mapping begins if it is in braces; `before`, how much was found by then."""
        found = self.findings.found
        if type(key) is not Scalar:
            if flow is not None:
                del found[before:]
                at = place(flow.line + self.first + 1, flow.column + 1)
                message = "a text begins with '{', which YAML keeps for itself"
                meant = corrected(self.findings.lines[flow.line + self.first], flow.column)
                self.findings.add_bite("Y204", at, message, self.put_right(flow), meant)
            elif type(key) is not Refused:
                hint = "quote a text that begins with `?`, `[` or `{`"
                self.findings.add("Y307", key.place, "a key that is not a text", hint)
        elif key.value in entries:
            first, _ = entries[key.value]
            if first.value != "id" and isinstance(entries.get("id", (0, 0))[1], Refused):
                return  # a second note was begun without its dash: that was said
            hint = f"keep one; the other is in line {first.line + 1}"
            if key.value == "id":
                hint = "begin each note with a dash, two columns further left: `- id: its-name`"
            self.findings.add("Y304", key.place, f"the key '{one_line(key.value)}' stands here a second time", hint)
            entries[key.value] = (first, Refused(key.line, key.column))
        else:
            self.findings.add("Y302", key.place, "a merge key", "write the keys out")


_BITING_ESCAPE = re.compile(r'(?:^|[^\\])(?:\\\\)*(\\[^"\\/xuU ])')


def place_inside(node: Scalar, offset: int, lines: list[str]) -> Place:
    """Where character `offset` of a text stands in its file, as near as can be told. The text
    is the node's value without line breaks at its ends."""
    value = node.value
    blank = len(value) - len(value.lstrip("\n"))
    before = value[: blank + offset]
    if node.style == "|":
        row, column = before.count("\n"), len(before) - (before.rfind("\n") + 1)
        first = next((i for i, line in enumerate(value.split("\n")) if line.strip()), 0)
        typed = lines[node.line + 1 + first]
        indent = len(typed) - len(value.split("\n")[first])
        return place(node.line + row + 2, indent + column + 1)
    if node.style == ">" or node.line != node.end_line:
        return node.place
    column = node.column + len(before) + 1
    if node.style == "'":
        column += 1 + before.count("'")
    elif node.style == '"':
        typed = lines[node.line][node.column + 1 : node.end.column]
        column = node.column + 2 + _typed_length(typed, len(before))
    return place(node.line + 1, column)


_ESCAPES = {"x": 4, "u": 6, "U": 10}  # characters typed for one; two for all others


def _typed_length(typed: str, characters: int) -> int:
    """How many characters were typed in double quotes for the first so many of the text."""
    at = 0
    for _ in range(characters):
        at += _ESCAPES.get(typed[at + 1], 2) if typed[at] == "\\" else 1
    return at
