"""A tree to lines: one canonical layout.

Two spaces a level, items indented below their key. A text that was typed below `key: |` stays
there, with its lines as they are: a line break in Markdown can be meaning, so nothing is wrapped.
The text of a block key that was typed on the line stays there if it fits without quotes. Lists of
names stand in brackets, short records too; lists of texts have an item a line.
"""

from __future__ import annotations

from collections.abc import Iterable

from aipm_cards.content.files import REGISTRY
from aipm_cards.content.layout.tree import Block, Entry
from aipm_cards.content.layout.words import on_a_line, plain, stays_plain, text_of
from aipm_cards.content.reader import Scalar
from aipm_cards.kinds import Form

WIDTH = 100  # characters, however wide they are drawn: that differs between terminals

_TEXTS = frozenset({Form.BLOCK, Form.CLOZE})
_NAMES = frozenset({Form.NAMES, Form.CITATIONS})  # in brackets
_PAIRS = frozenset({Form.VALUES, Form.PLANNED, Form.REASONS, Form.CITATIONS})  # in braces, if they fit
_BLOCKS = frozenset({Form.INLINE_LIST, Form.PLAIN_LIST, Form.RUBRIC, Form.OPTIONS, Form.LAWS, Form.NOTES, Form.STYLE})
_TABLES = frozenset({Form.ROWS, Form.PAIRS})  # lists of short lists, which stand in brackets
_WRAPPED = _NAMES | _TABLES  # at a comma, if it is longer than a line

_WORDS = frozenset({Form.SLUG, Form.COUNT, Form.CHOICE, Form.NUMBER, Form.DATE, *_NAMES})  # on their line

# Behind these, ` #` begins a comment and cuts no text.
_LABELS = _WORDS | {None}


def lay_out(root: Block, path: str) -> str:
    """The text of a file, from its tree as `order.arrange` left it."""
    writer = _Writer()
    writer.comments(_paragraphs([*root.head, ""], first=True), 0)
    writer.block(root, 0, "", loose=path in REGISTRY)
    return "\n".join(writer.lines) + "\n"


def _paragraphs(comments: Iterable[str], first: bool) -> list[str]:
    """Comments with at most one blank line in a row, and none above the first entry or at the end."""
    kept: list[str] = []
    for text in comments:
        if text or (kept[-1] if kept else not first):
            kept.append(text)
    return kept


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def comments(self, comments: Iterable[str], indent: int) -> None:
        self.lines += [" " * indent + text if text else "" for text in comments]

    def block(self, block: Block, indent: int, lead: str, loose: bool = False, notes: bool = False) -> None:
        """The entries of a block at an indentation. `lead` stands before the first one, whose
        comments are written; `loose` keeps blank lines, `notes` puts one between entries."""
        upright = any(_outgrows(entry, indent + 2) for entry in block.entries)
        for number, entry in enumerate(block.entries):
            first = number == 0
            if loose or notes:
                before = _paragraphs(entry.before, first or notes)
                before = ["", *before] if notes and not first else before
            else:
                before = [text for text in entry.before if text]
            self.entry(entry, indent, lead if first and lead else " " * indent, before, block.flow, upright)
        outermost = notes or indent == 0
        end = _paragraphs(block.end, first=False) if outermost else [text for text in block.end if text]
        self.comments(end, indent)

    def entry(self, entry: Entry, indent: int, lead: str, before: list[str], in_brackets: bool, upright: bool) -> None:
        """A key or an item, its comments first. They stand above the line, not behind `lead`.
        `in_brackets`: it was typed so; `upright`: it is to have a line a key."""
        start = lead + ("-" if entry.key is None else f"{_key(entry.key)}:")
        value = entry.value
        below: list[str] = []
        if isinstance(value, Scalar):
            line, below = _scalar(value, entry.form, len(start))
            stays = _may_have_comment(entry, value, line, in_brackets)
        else:
            line = "" if upright else _flow(value, entry.form, len(start) + 1)
            stays = bool(line) or entry.key is not None
            if not line and _has_comments(value):
                value.end, entry.after = [*value.end, *entry.after], []  # they stay below the others
        comments = [*entry.beside, *entry.after]
        beside = comments.pop() if comments and stays else ""
        self.comments([*before, *comments], len(lead) - len(lead.lstrip(" ")))
        written = " ".join(filter(None, (start, line, beside)))
        if isinstance(value, Scalar) or line:
            self.lines += [written, *(" " * (indent + 2) + text if text else "" for text in below)]
        elif entry.key is None:
            self.block(value, indent + 2, f"{start} ")
        else:
            self.lines.append(written)
            self.block(value, indent + 2, "", notes=entry.form is Form.NOTES)


def _key(key: Scalar, brackets: bool = False) -> str:
    text = on_a_line(key, brackets)
    assert text is not None  # the tree refuses keys of several lines
    return text


# --- texts ---------------------------------------------------------------------------------


def _scalar(node: Scalar, form: Form | None, used: int) -> tuple[str, list[str]]:
    """What stands on the line of a text, and the lines below it. `used`: characters before it."""
    text = text_of(node)
    if stays_plain(node):
        return node.value, []
    if _stands_below(node, text, form, used):
        sign = "|2" if text[:1] in (" ", "\t") else "|"
        return sign, text.split("\n") if text else []
    line = on_a_line(node)
    assert line is not None
    return line, []


def _stands_below(node: Scalar, text: str, form: Form | None, used: int) -> bool:
    """Whether a text stands below its key: where it was typed, or because the line does not hold it."""
    if "\n" in text:
        return True
    if text and not text.strip():
        return False  # blanks alone need quotes
    if node.style in ("|", ">"):
        return form not in _WORDS  # an empty one is to be filled in
    if form not in _TEXTS or not text:
        return False
    line = plain(node)
    return line is None or used + 1 + len(line) > WIDTH


def _may_have_comment(entry: Entry, node: Scalar, line: str, in_brackets: bool) -> bool:
    """Whether a comment can stand behind the text without looking like its end."""
    if line == "" or line[0] in "'\"|" or entry.form in _LABELS:
        return True
    return not node.style and not in_brackets  # then it stood there already


# --- lists and mappings in brackets --------------------------------------------------------


def _flow(block: Block, form: Form | None, used: int) -> str:
    """The block in brackets, if it is to be laid out so; empty if not."""
    if not block.entries:
        return "[]" if block.is_list else "{}"
    if not _wants_flow(block, form) or not _fits_brackets(block):
        return ""
    parts = [_part(entry) for entry in block.entries]
    signs = "[]" if block.is_list else "{}"
    line = f"{signs[0]}{', '.join(parts)}{signs[1]}"
    if used + len(line) <= WIDTH:
        return line
    return _wrapped(parts, used + 1) if block.is_list and form in _WRAPPED else ""


def _wants_flow(block: Block, form: Form | None) -> bool:
    if block.is_list and (form in _NAMES or form in _TABLES):
        return all(isinstance(entry.value, Scalar) for entry in block.entries)
    if form in _BLOCKS:
        return False
    return block.flow or (not block.is_list and form in _PAIRS)


def _has_comments(block: Block) -> bool:
    """Whether there is a comment inside."""
    if any(block.end):
        return True
    for entry in block.entries:
        if any(entry.before) or entry.beside or entry.after:
            return True
        if isinstance(entry.value, Block) and _has_comments(entry.value):
            return True
    return False


def _fits_brackets(block: Block) -> bool:
    """Whether nothing in it needs a line of its own: no comment, no empty or longer text."""
    return not _has_comments(block) and _is_short(block)


def _is_short(block: Block) -> bool:
    for entry in block.entries:
        value = entry.value
        if isinstance(value, Block):
            if not _is_short(value):
                return False
        elif "\n" in text_of(value) or (value.value == "" and not value.style):
            return False
    return True


def _outgrows(entry: Entry, used: int) -> bool:
    """Whether an item is a citation that does not fit: then those beside it stand upright too."""
    if entry.form is not Form.CITATIONS or entry.key is not None or not isinstance(entry.value, Block):
        return False
    return not _has_comments(entry.value) and not _flow(entry.value, entry.form, used)


def _part(entry: Entry) -> str:
    key = "" if entry.key is None else f"{_key(entry.key, brackets=True)}: "
    if isinstance(entry.value, Scalar):
        return f"{key}{on_a_line(entry.value, brackets=True)}"
    signs = "[]" if entry.value.is_list else "{}"
    return f"{key}{signs[0]}{', '.join(_part(inner) for inner in entry.value.entries)}{signs[1]}"


def _wrapped(parts: list[str], column: int) -> str:
    """A list in brackets that begins at a column, on as many lines as it needs."""
    lines = [""]
    for number, part in enumerate(parts):
        piece = part + ("]" if number == len(parts) - 1 else ",")
        if lines[-1] and column + len(lines[-1]) + 1 + len(piece) > WIDTH:
            lines.append(piece)
        else:
            lines[-1] = f"{lines[-1]} {piece}" if lines[-1] else piece
    return "[" + ("\n" + " " * column).join(lines)
