"""YAML text to nodes that know their places.

Built from libyaml's events rather than with its loader: no `no` that turns into False, no
date, no number, and every node keeps its line and column. Anchors, aliases, tags, merge
keys, duplicate keys and deep nesting are refused on the way, before they cost anything.
Where PyYAML has no C extension its own parser gives the same nodes, only slower.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Union

import yaml

from aipm_cards.characters import FORBIDDEN, describe
from aipm_cards.content.files import Findings
from aipm_cards.diagnostics import Place, place

MAX_DEPTH = 16

try:
    from yaml import CSafeLoader as _Parser
except ImportError:  # a PyYAML without libyaml
    from yaml import SafeLoader as _Parser  # type: ignore[assignment]


class Scalar(NamedTuple):
    """A text as its author typed it. `style` is empty for a plain one, else its sign."""

    value: str
    line: int  # from 0, as libyaml counts
    column: int
    end_line: int
    end_column: int
    style: str

    @property
    def place(self) -> Place:
        """Where it starts."""
        return place(self.line + 1, self.column + 1)

    @property
    def missing(self) -> bool:
        """Whether nothing, or `~`, stands there."""
        return not self.style and self.value in ("", "~")


class Sequence(NamedTuple):
    """A list."""

    items: list[Node]
    line: int
    column: int
    flow: bool

    @property
    def place(self) -> Place:
        """Where it starts."""
        return place(self.line + 1, self.column + 1)


class Mapping(NamedTuple):
    """A mapping: key name to the key and its value, in the order of the text."""

    entries: dict[str, tuple[Scalar, Node]]
    line: int
    column: int
    flow: bool

    @property
    def place(self) -> Place:
        """Where it starts."""
        return place(self.line + 1, self.column + 1)


class Refused(NamedTuple):
    """Something that was reported already; whoever meets it says nothing more."""

    line: int
    column: int

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
            end = event.end_mark
            scalar = Scalar(
                event.value, mark.line + self.first, mark.column, end.line + self.first, end.column, event.style or ""
            )
            # Other styles hold only what the file holds, and that was looked through.
            if scalar.style == '"' and FORBIDDEN.search(scalar.value):
                return self.refuse_character(scalar)
            return scalar
        if kind is yaml.AliasEvent:
            self.findings.add("Y301", self.at(event), "an alias", f'write the text out, or quote it: "*{event.anchor}"')
            return Refused(mark.line + self.first, mark.column)
        if depth > MAX_DEPTH:
            self.findings.add("Y305", self.at(event), f"more than {MAX_DEPTH} levels deep")
            raise TooDeep
        refused = event.anchor is not None or event.tag is not None
        if refused:
            self.refuse_properties(event)
        node = self.sequence(event, depth) if kind is yaml.SequenceStartEvent else self.mapping(event, depth)
        return Refused(node.line, node.column) if refused else node

    def refuse_properties(self, event: Any) -> Refused:
        if event.anchor is not None:
            hint = f'write texts out; quote a text that begins with "&": "&{event.anchor} ..."'
            self.findings.add("Y301", self.at(event), f"an anchor, '&{event.anchor}'", hint)
        else:
            hint = 'remove it; quote a text that begins with "!"'
            self.findings.add("Y303", self.at(event), f"a tag, '{event.tag}'", hint)
        return Refused(event.start_mark.line + self.first, event.start_mark.column)

    def refuse_character(self, scalar: Scalar) -> Refused:
        match = FORBIDDEN.search(scalar.value)
        assert match
        message = f"an escape stands for {describe(match[0])}"
        hint = "in single quotes, or below `key: |`, a backslash is only a backslash"
        self.findings.add("Y104", scalar.place, message, hint)
        return Refused(scalar.line, scalar.column)

    def sequence(self, event: Any, depth: int) -> Sequence:
        items: list[Node] = []
        mark, flow = event.start_mark, event.flow_style
        while type(event := self.next()) is not yaml.SequenceEndEvent:
            items.append(self.node(event, depth + 1))
        return Sequence(items, mark.line + self.first, mark.column, bool(flow))

    def mapping(self, event: Any, depth: int) -> Mapping:
        entries: dict[str, tuple[Scalar, Node]] = {}
        mark, flow = event.start_mark, event.flow_style
        while type(event := self.next()) is not yaml.MappingEndEvent:
            key = self.node(event, depth + 1)
            value = self.node(self.next(), depth + 1)
            if type(key) is not Scalar:
                if type(key) is not Refused:
                    hint = "quote a text that begins with `?`, `[` or `{`"
                    self.findings.add("Y307", key.place, "a key that is not a text", hint)
                entries.setdefault(f"\0{len(entries)}", (_no_key(key), Refused(key.line, key.column)))
            elif key.value == "<<" and not key.style:
                self.findings.add("Y302", key.place, "a merge key", "write the keys out")
                entries["\0<<"] = (key, Refused(key.line, key.column))
            elif key.value in entries:
                first = entries[key.value][0].line + 1
                hint = f"keep one; the other is in line {first}"
                self.findings.add("Y304", key.place, f"the key '{key.value}' stands here a second time", hint)
                entries[key.value] = (entries[key.value][0], Refused(key.line, key.column))
            else:
                entries[key.value] = (key, value)
        return Mapping(entries, mark.line + self.first, mark.column, bool(flow))


def _no_key(key: Node) -> Scalar:
    return Scalar("", key.line, key.column, key.line, key.column, "?")


def is_refused(node: Node) -> bool:
    """Whether something below `node` was reported while reading."""
    if type(node) is Refused:
        return True
    if type(node) is Sequence:
        return any(map(is_refused, node.items))
    if type(node) is Mapping:
        return any(is_refused(value) for _, value in node.entries.values())
    return False


def place_inside(node: Scalar, offset: int, lines: list[str]) -> Place:
    """Where character `offset` of a text stands in its file, as near as can be told."""
    if node.style == "|":
        before = node.value[:offset]
        row = before.count("\n")
        first = next((line for line in lines[node.line + 1 :] if line.strip()), "")
        indent = len(first) - len(first.lstrip(" "))
        return place(node.line + row + 2, indent + offset - (before.rfind("\n") + 1) + 1)
    if node.style != ">" and node.line == node.end_line:
        return place(node.line + 1, node.column + (1 if node.style else 0) + offset + 1)
    return node.place
