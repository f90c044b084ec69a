"""A line put right, for hints."""

from __future__ import annotations

LONGEST = 500  # characters of a line that a hint repeats


def quoted(text: str) -> str:
    """`text` in quotes in which it means itself."""
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def put_right(line: str, column: int, *, cell: bool = False) -> str:
    """The line with the text that begins at `column` (from 0) in quotes: all to the end of the
    line, or, of a cell, all to the next comma or bracket."""
    if len(line) > LONGEST:
        return "quote the text, or write it below `key: |`"
    rest = line[column:].rstrip()
    ends = [at for at in (rest.find(","), rest.find("]")) if at >= 0] if cell else []
    end = min(ends, default=len(rest))
    return f"write: {(line[:column] + quoted(rest[:end].strip()) + rest[end:]).strip()}"
