"""Diagnostics as text for people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aipm_cards.characters import one_line
from aipm_cards.cli.where import shown
from aipm_cards.diagnostics import Diagnostic
from aipm_cards.words import counted

if TYPE_CHECKING:
    from aipm_cards.content.fix import Fixed

WIDTH = 100  # of an excerpt; a longer line is cut around the place
AT_A_TIME = 100  # findings
_MAY_BE_WIDE = re.compile("[\u1100-\U0010ffff]")  # no character before them is
COLOURS = {"error": "red", "warning": "yellow"}


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
    return [before + after, " " * _columns(before) + click.style("^", bold=True)]


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return len(text) + sum(unicodedata.east_asian_width(c) in "WF" for c in _MAY_BE_WIDE.findall(text))


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


def print_text(problems: Sequence[Diagnostic], root: Path) -> None:
    """All findings, many at a time: each time the output is flushed."""
    for start in range(0, len(problems), AT_A_TIME):
        click.echo("\n".join(as_text(problem, root) for problem in problems[start : start + AT_A_TIME]))
