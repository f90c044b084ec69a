"""A YAML text as a tree that keeps its comments, each with the key or item that it belongs to.

The reader's nodes say where the texts are. Between them stand only signs, spaces and comments,
so the first `#` there begins a comment. A comment on a line of its own belongs to the key or
item below it, or to the end of the block at whose column it stands; a comment behind something,
to the key or item on its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from aipm_cards.content.reader import Mapping, Node, Refused, Scalar, Sequence
from aipm_cards.kinds import Form

LONGEST_KEY = 128  # characters; YAML has a limit for keys that stand on one line


@dataclass(slots=True)
class Entry:
    """A key with its value, or an item (without key). An empty comment in `before` is a blank line."""

    key: Scalar | None
    value: Scalar | Block
    form: Form | None = None
    before: list[str] = field(default_factory=list)  # comments above it
    beside: list[str] = field(default_factory=list)  # comments on its line
    after: list[str] = field(default_factory=list)  # comments behind its closing bracket


@dataclass(slots=True)
class Block:
    """A list or a mapping. `flow` if it was typed in brackets; `end` are comments at its end;
    `head`, those of the file that a blank line parts from its first key."""

    entries: list[Entry]
    is_list: bool
    flow: bool
    end: list[str] = field(default_factory=list)
    head: list[str] = field(default_factory=list)


# Signs of YAML that belong to no entry; a comment behind them stands as on a line of its own.
_BESIDE_NOTHING = ("", "---", "...", "?")


class UnfitKey(Exception):
    """A key that cannot be laid out: the scalar."""

    def __init__(self, key: Scalar) -> None:
        super().__init__(key.value)
        self.key = key


class _Comment(NamedTuple):
    text: str  # empty for a blank line
    column: int  # at which its line begins
    own: bool  # on a line of its own


def tree_of(root: Mapping, lines: list[str]) -> Block:
    """The tree of a mapping read from `lines`, whose comments at the end of the text are its own.

    Raises UnfitKey.
    """
    walk = _Walk(lines)
    owner = Entry(None, Block([], False, False))  # of the comments around the braces, if it has some
    block = walk.block(root, owner)
    inside = len(block.end)
    walk.closed.append((block, 0))
    walk.give(walk.gap(len(lines), 0), None, -1)
    block.end[inside:inside] = owner.after
    if block.entries:
        block.entries[0].before[:0] = [*owner.before, *owner.beside]
    first = block.entries[0].before if block.entries else []
    if "" in first:
        cut = len(first) - first[::-1].index("")
        block.head, first[:cut] = first[:cut], []
    return block


def comments_of(root: Block) -> Iterator[tuple[str, str]]:
    """Each comment with the path to what it belongs to, in the order in which they are laid out."""
    yield from (("head", text) for text in root.head if text)
    yield from _comments(root, "", None)


def _comments(block: Block, path: str, above: str | None) -> Iterator[tuple[str, str]]:
    for number, entry in enumerate(block.entries):
        at = f"{path}/{number if entry.key is None else entry.key.value}"
        if number == 0 and above is not None:
            at = above  # what stands above the first key of an item stands above the item
        yield from ((at, text) for text in (*entry.before, *entry.beside) if text)
        if isinstance(entry.value, Block):
            yield from _comments(entry.value, at, at if entry.key is None else None)
        yield from ((at, text) for text in entry.after)
    yield from ((path, text) for text in block.end if text)


class _Walk:
    """Goes through the text once; `line` and `column` (from 0) say how far it was read."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.line = 0
        self.column = 0
        self.behind: list[str] | None = None  # where a comment behind something goes
        self.closed: list[tuple[Block, int]] = []  # blocks that ended since, inner ones first

    # --- from one place to the next --------------------------------------------------------

    def gap(self, line: int, column: int) -> list[_Comment]:
        """The comments up to a place."""
        found: list[_Comment] = []
        while self.line < line:
            found += self.rest_of_line()
        if self.line == line:
            self.column = max(self.column, column)
        return found

    def rest_of_line(self) -> list[_Comment]:
        """The comment in what is left of the line, and on to the next."""
        typed = self.lines[self.line]
        at = typed.find("#", self.column)
        found = []
        if at >= 0:
            begins = len(typed) - len(typed.lstrip())
            found.append(_Comment(typed[at:].rstrip(), begins, typed[:at].strip() in _BESIDE_NOTHING))
        elif not typed.strip():
            found.append(_Comment("", 0, True))
        self.line, self.column = self.line + 1, 0
        return found

    def sign(self, signs: str) -> list[_Comment]:
        """The comments up to one of some signs, and on behind it."""
        found: list[_Comment] = []
        while True:
            typed = self.lines[self.line]
            match = re.compile(f"[#{re.escape(signs)}]").search(typed, self.column)
            if match and match[0] != "#":
                self.column = match.end()
                return found
            found += self.rest_of_line()

    # --- whose comment it is ---------------------------------------------------------------

    def give(self, comments: list[_Comment], entry: Entry | None, column: int) -> None:
        """Hand out comments that stand before an entry (or the end) at a column."""
        ended: list[tuple[Block, int]] = []
        for block, at in self.closed:
            if at > column or entry is None:
                if ended and ended[-1][1] == at:
                    ended.pop()  # a list at the column of its key: what stands there belongs further out
                ended.append((block, at))
        self.closed.clear()
        blank: list[str] = []
        for text, at, own in comments:
            if not own and self.behind is not None:
                self.behind.append(text)
            elif not text:
                blank = [""]
            else:
                while ended and (at <= column or ended[0][1] > at) and (len(ended) > 1 or entry is not None):
                    ended.pop(0)  # once one belongs further out, so do those below it
                home = ended[0][0].end if ended else entry.before if entry is not None else []
                home += [*blank, text]
                blank = []
        if entry is not None:
            entry.before += blank

    def begin(self, comments: list[_Comment], entry: Entry, column: int) -> None:
        self.give(comments, entry, column)
        self.behind = entry.beside

    # --- nodes -----------------------------------------------------------------------------

    def block(self, node: Mapping | Sequence, owner: Entry) -> Block:
        """A list or a mapping that begins here, as the value of `owner`."""
        braces = node.flow and self.lines[node.line][node.column] in "[{"  # `[a: b]` holds a mapping without any
        block = Block([], isinstance(node, Sequence), bool(node.flow))
        if braces:
            self.above(self.gap(node.line, node.column + 1), owner, keep_beside=owner.key is not None)
        column = -1 if node.flow else node.column
        if isinstance(node, Mapping):
            for key, value in node.entries.values():
                if "\n" in key.value or len(key.value) > LONGEST_KEY or not (key.value or key.style):
                    raise UnfitKey(key)
                entry = Entry(key, Block([], False, False))
                self.begin(self.gap(key.line, key.column), entry, column)
                self.gap(key.end_line, key.end.column)
                entry.value = self.value(value, entry)
                block.entries.append(entry)
        else:
            for item in node.items:
                entry = Entry(None, Block([], False, False))
                if node.flow:
                    self.begin(self.gap(item.line, item.column), entry, column)
                else:
                    self.begin(self.sign("-"), entry, column)
                entry.value = self.value(item, entry)
                block.entries.append(entry)
        if braces:
            self.close(block, owner, "]" if block.is_list else "}")
        elif not node.flow:
            self.closed.append((block, column))
        return block

    def close(self, block: Block, owner: Entry, sign: str) -> None:
        """The end of a list or mapping in brackets."""
        comments = self.sign(sign)
        if not block.entries:  # nothing inside could hold them
            inside = [comment.text for comment in comments if comment.text]
            if inside:
                owner.before += [*owner.beside, *inside]
                owner.beside = []
        else:
            self.closed = [(block, -1)]
            self.give(comments, None, -1)
        self.behind = owner.after

    def value(self, node: Node, entry: Entry) -> Scalar | Block:
        """The value of an entry whose key or dash was read."""
        assert not isinstance(node, Refused)
        if isinstance(node, Scalar):
            self.above(self.gap(node.line, node.column), entry)
            if node.style and node.style in "|>":
                self.give(self.rest_of_line(), entry, -1)  # a comment behind the sign
                if node.end_line >= self.line:
                    self.line, self.column = node.end_line, node.end.column
            else:
                self.line, self.column = node.end_line, node.end.column
            return node
        if entry.key is None and not node.flow:
            # Behind the dash, and above the first key.
            first = next(iter(node.entries.values()))[0] if isinstance(node, Mapping) else node
            self.above(self.gap(first.line, first.column), entry)
        return self.block(node, entry)

    def above(self, comments: list[_Comment], entry: Entry, keep_beside: bool = False) -> None:
        """Comments between a key or dash and its value."""
        kept = [comment.text for comment in comments if comment.text]
        if keep_beside and len(kept) == 1 and not all(comment.own for comment in comments if comment.text):
            entry.beside += kept
        else:
            entry.before += kept
