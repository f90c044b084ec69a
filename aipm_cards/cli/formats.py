"""The outcome of a check for people and for other programs: JSON, GitHub's annotations, SARIF."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import click

from aipm_cards.characters import one_line
from aipm_cards.cli.findings import as_fixed, print_text
from aipm_cards.cli.where import shown

if TYPE_CHECKING:
    from pathlib import Path

    from aipm_cards.content.cache.outcome import Outcome
    from aipm_cards.content.fix import Fixed


def print_for_people(outcome: Outcome, fixed: Sequence[Fixed] | None = None) -> None:
    """All repairs, then all findings."""
    for done in fixed or ():
        click.echo(as_fixed(done, outcome.root))
    print_text(outcome.problems, outcome.root)


def print_sarif(outcome: Outcome, fixed: Sequence[Fixed] | None = None) -> None:
    """A log of SARIF, which code scanning reads."""
    from aipm_cards.cli.sarif import sarif

    _print(sarif(outcome))


def print_json(outcome: Outcome, fixed: Sequence[Fixed] | None = None) -> None:
    """One object with everything; what was fixed too, if that was asked for."""
    problems = outcome.problems
    errors = sum(problem.severity == "error" for problem in problems)
    document: dict[str, object] = {
        "format": 1,
        "collection": {"root": shown(outcome.root), "name": outcome.name},
        "notes": outcome.notes,
        "errors": errors,
        "warnings": len(problems) - errors,
        "diagnostics": [
            {
                "code": problem.code,
                "severity": problem.severity,
                "path": shown(outcome.root, problem.path),
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
        document["fixed"] = [_fixed_as_json(done, outcome.root) for done in fixed]
    _print(document)


def _print(document: dict[str, object]) -> None:
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


def print_github(outcome: Outcome, fixed: Sequence[Fixed] | None = None) -> None:
    """Workflow commands, which GitHub shows on the lines of a pull request."""
    for problem in outcome.problems:
        name = shown(outcome.root, problem.path).replace("\\", "/")
        properties = {"file": name, "line": problem.line, "col": problem.column, "title": problem.code}
        joined = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
        message = one_line(problem.message) + (f"\nhint: {one_line(problem.hint)}" if problem.hint else "")
        click.echo(f"::{problem.severity} {joined}::{_data(message)}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(one_line(text)).replace(":", "%3A").replace(",", "%2C")


class Printer(Protocol):
    """Prints an outcome in one format. What was fixed is given if that was asked for."""

    def __call__(self, outcome: Outcome, fixed: Sequence[Fixed] | None = None) -> None:
        """Print it."""


PRINTERS: dict[str, Printer] = {
    "text": print_for_people,
    "json": print_json,
    "github": print_github,
    "sarif": print_sarif,
}
