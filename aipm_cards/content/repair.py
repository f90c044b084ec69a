"""A line put right: for hints, and for `check --fix`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from aipm_cards.characters import FORBIDDEN
from aipm_cards.diagnostics import Repair

LONGEST = 500  # characters of a line that a hint repeats
REPAIRABLE = 5_000  # characters of a line that is written anew: each fault in it costs its length
LIKE = 0.75  # how like two names are of which one is a slip of the other

_COMMENT = re.compile(r"\s#(?:\s|$)")  # `#7` is a text, `# ...` may be a comment
_MEANT = re.compile(r"\\[xuU\\/\"]")  # an escape that was meant as one
_ESCAPES = {"Y203": _MEANT, "Y205": re.compile(r"\\[xuU\\/]"), "Y209": _MEANT}
_MISREAD = re.compile("[\x80-\x84\x86-\x9f]")  # letters of another encoding, more often than controls
_CODE = re.compile(r"\b[A-Z][0-9]{3}(?=:)")
_BREAK = re.compile("(?<=\\S)[\x0b\x0c\x85\u2028\u2029](?=\\S)")


def quoted(text: str) -> str:
    """`text` in quotes in which it means itself."""
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def corrected(line: str, column: int, *, cell: bool = False) -> str:
    """The line with the text that begins at `column` (from 0) in quotes: all to the end of the
    line, or, of a cell, all to the next comma or bracket. A line too long for that stays as it is."""
    if len(line) > REPAIRABLE:
        return line
    rest = line[column:].rstrip()
    ends = [at for at in (rest.find(","), rest.find("]")) if at >= 0] if cell else []
    end = min(ends, default=len(rest))
    return line[:column] + quoted(rest[:end].strip()) + rest[end:]


def put_right(line: str, column: int, *, cell: bool = False) -> str:
    """The line as `corrected` makes it, as a hint."""
    if len(line) > LONGEST:
        return "quote the text, or write it below `key: |`"
    return f"write: {corrected(line, column, cell=cell).strip()}"


def is_safe(code: str, line: str, meant: str) -> bool:
    """Whether a line with something quoted is what its author meant: nothing that was typed is
    lost, nothing in it may have been a comment, and no escape was meant as one."""
    if _COMMENT.search(line) or (code in _ESCAPES and _ESCAPES[code].search(line)):
        return False
    return _letters(line) == _letters(meant)


def _letters(line: str) -> str:
    return re.sub(r"[\s'\"\\\]]", "", line)


def without_forbidden(line: str) -> str | None:
    """The line without the characters that no card may hold, a blank where one of them parted
    two words; None where they may be letters that were misread."""
    return None if _MISREAD.search(line) else FORBIDDEN.sub("", _BREAK.sub(" ", line))


def renamed(line: str, column: int, name: str, known: Collection[str], taken: Collection[str]) -> str | None:
    """The line with the one name in the place of `name`, at `column` (from 0), that it is a slip
    of; None if there is none, or more than one, or it is `taken`."""
    from difflib import SequenceMatcher

    if line[column : column + len(name)] != name or len(name) > 64 or len(line) > REPAIRABLE:
        return None
    likeness = sorted(((SequenceMatcher(None, other, name).ratio(), other) for other in known), reverse=True)
    (best, meant), (second, _) = [*likeness, (0.0, ""), (0.0, "")][:2]
    if best < LIKE or best == second or meant in taken:
        return None
    return line[:column] + meant + line[column + len(name) :]


def without_exception(lines: Sequence[str], number: int, code: str) -> Repair | None:
    """Line `number` (from 1), in `allow:`, without the exception for a rule; with the key if it
    was the only one. None where it is not plain to see where the exception ends."""
    line = lines[number - 1]
    codes = _CODE.findall(line)
    if "#" in line or codes.count(code) != 1:
        return None
    if re.fullmatch(rf" *allow: *\{{ *{code}: .*\}} *", line) and len(codes) == 1:
        return Repair(number, ())
    if len(codes) > 1 and "'" not in line and '"' not in line:
        shorter = re.sub(rf"(?<=\{{) *{code}: [^,{{}}]*, *|, *{code}: [^,{{}}]*(?=[,}}])", "", line)
        return Repair(number, (shorter,)) if shorter != line else None
    return _without_line(lines, number, code)


def _without_line(lines: Sequence[str], number: int, code: str) -> Repair | None:
    """The exception is a line of its own, below `allow:`."""
    line = lines[number - 1]
    indent = len(line) - len(line.lstrip())
    if not re.fullmatch(rf" *{code}: +[^\s|>'\"].*", line) or _indent(lines[number : number + 1]) > indent:
        return None
    alone = re.fullmatch(r" *allow: *", lines[number - 2]) and _indent(lines[number : number + 1]) < indent
    return Repair(number - 1, (), 2) if alone else Repair(number, ())


def _indent(lines: Sequence[str]) -> int:
    return len(lines[0]) - len(lines[0].lstrip()) if lines and lines[0].strip() else -1
