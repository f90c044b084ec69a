"""Diagnostics as text for people, as JSON, and as annotations for GitHub."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from aipm_cards.characters import one_line
from aipm_cards.cli.where import shown
from aipm_cards.diagnostics import Diagnostic
from aipm_cards.model import Collection

if TYPE_CHECKING:
    from aipm_cards.content.fix import Fixed

WIDTH = 100  # of an excerpt; a longer line is cut around the place
COLOURS = {"error": "red", "warning": "yellow"}


def counted(number: int, what: str) -> str:
    """`1 note`, `2 notes`, `1,200 notes`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def tally(problems: Sequence[Diagnostic]) -> str:
    """`2 errors and 1 warning`, or `no problems`."""
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    parts = [counted(n, what) for n, what in ((errors, "error"), (warnings, "warning")) if n]
    return " and ".join(parts) or "no problems"


def as_text(problem: Diagnostic, root: Path) -> str:
    """A finding as people read it: place, rule, fact; the line and a mark below it; the hint."""
    place = f"{shown(root, problem.path)}:{problem.line}:{problem.column}"
    rule = click.style(f"{problem.severity}[{problem.code}]", fg=COLOURS[problem.severity], bold=True)
    lines = [f"{place}: {rule} {one_line(problem.message)}"]
    if problem.excerpt.strip():
        lines += _excerpt(problem)
    if problem.hint:
        lines.append(f"  hint: {one_line(problem.hint)}")
    return "\n".join(lines)


def _excerpt(problem: Diagnostic) -> list[str]:
    line, at = one_line(problem.excerpt).rstrip(), problem.column - 1
    start = max(0, at - WIDTH * 2 // 3) if len(line) > WIDTH else 0
    before, after = line[start:at], line[at : start + WIDTH]
    if start:
        before = "…" + before[1:]
    if len(line) > start + WIDTH:
        after = after[:-1] + "…"
    blank = "".join("  " if unicodedata.east_asian_width(c) in "WF" else " " for c in before)
    return [before + after, blank + click.style("^", bold=True)]


def as_fixed(fixed: Fixed, root: Path) -> str:
    """A repair as people read it: place, rule, fact; the lines before and after."""
    rule = click.style(f"fixed[{fixed.code}]", fg="green", bold=True)
    lines = [f"{shown(root, fixed.path)}:{fixed.line}: {rule} {one_line(fixed.message)}"]
    for sign, those in (("-", fixed.before), ("+", fixed.after)):
        lines += [f"  {sign} {_short(line)}" for line in those]
    return "\n".join(lines)


def _short(line: str) -> str:
    line = one_line(line.rstrip())
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"


def print_text(problems: Sequence[Diagnostic], collection: Collection, fixed: Sequence[Fixed] | None = None) -> None:
    """All repairs, then all findings."""
    for done in fixed or ():
        click.echo(as_fixed(done, collection.root))
    for problem in problems:
        click.echo(as_text(problem, collection.root))


def print_json(problems: Sequence[Diagnostic], collection: Collection, fixed: Sequence[Fixed] | None = None) -> None:
    """One object with everything; what was fixed too, if that was asked for."""
    errors = sum(problem.severity == "error" for problem in problems)
    document: dict[str, object] = {
        "format": 1,
        "collection": {"root": shown(collection.root), "name": collection.name},
        "notes": len(collection.notes),
        "errors": errors,
        "warnings": len(problems) - errors,
        "diagnostics": [
            {
                "code": problem.code,
                "severity": problem.severity,
                "path": shown(collection.root, problem.path),
                "line": problem.line,
                "column": problem.column,
                "message": one_line(problem.message),
                "hint": one_line(problem.hint),
                "excerpt": one_line(problem.excerpt),
            }
            for problem in problems
        ],
    }
    if fixed is not None:
        document["fixed"] = [_fixed_as_json(done, collection.root) for done in fixed]
    # Line by line: a closed pipe is noticed only by the write after the one that it cut.
    for line in json.dumps(document, indent=2, ensure_ascii=False).split("\n"):
        click.echo(line)


def _fixed_as_json(fixed: Fixed, root: Path) -> dict[str, object]:
    return {
        "code": fixed.code,
        "path": shown(root, fixed.path),
        "line": fixed.line,
        "message": one_line(fixed.message),
        "before": [one_line(line) for line in fixed.before],
        "after": [one_line(line) for line in fixed.after],
    }


def print_github(problems: Sequence[Diagnostic], collection: Collection, fixed: Sequence[Fixed] | None = None) -> None:
    """Workflow commands, which GitHub shows on the lines of a pull request."""
    for problem in problems:
        name = shown(collection.root, problem.path).replace("\\", "/")
        properties = {"file": name, "line": problem.line, "col": problem.column, "title": problem.code}
        joined = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
        message = one_line(problem.message) + (f"\nhint: {one_line(problem.hint)}" if problem.hint else "")
        click.echo(f"::{problem.severity} {joined}::{_data(message)}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(one_line(text)).replace(":", "%3A").replace(",", "%2C")


class Printer(Protocol):
    """Prints findings in one format. What was fixed is given if that was asked for."""

    def __call__(
        self, problems: Sequence[Diagnostic], collection: Collection, fixed: Sequence[Fixed] | None = None
    ) -> None:
        """Print them."""


PRINTERS: dict[str, Printer] = {
    "text": print_text,
    "json": print_json,
    "github": print_github,
}
