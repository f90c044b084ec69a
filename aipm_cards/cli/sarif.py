"""The outcome of a check as SARIF 2.1.0, which code scanning and editors read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from aipm_cards import __version__
from aipm_cards.characters import one_line
from aipm_cards.diagnostics import RULES, Diagnostic, Rule
from aipm_cards.examples import BARE, EXAMPLES, LISTING, REASONS

if TYPE_CHECKING:
    from aipm_cards.content.cache.outcome import Outcome

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"
MOST = 25_000  # results that GitHub takes of one run
LONGEST = 2000  # characters of an excerpt, of which a longer line is only the beginning

Json = dict[str, object]

_INDEX = {code: index for index, code in enumerate(RULES)}


def sarif(outcome: Outcome) -> Json:
    """The log of one run. The same findings give the same log on every machine."""
    below = _below(outcome.root)
    chosen = _chosen(outcome.problems)
    run: Json = {
        "tool": {
            "driver": {
                "name": "aipm-cards",
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in RULES.values()],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(len(chosen), len(outcome.problems))],
        "results": [_result(problem, below) for problem in chosen],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _chosen(problems: Sequence[Diagnostic]) -> Sequence[Diagnostic]:
    """As many as may be reported, errors before warnings, in the order of a report."""
    if len(problems) <= MOST:
        return problems
    worst = sorted(problems, key=lambda problem: problem.severity)[:MOST]
    return sorted(worst, key=lambda problem: problem.order)


def _invocation(listed: int, found: int) -> Json:
    notice: Json = {"level": "warning", "message": {"text": f"{listed:,} of {found:,} findings are listed"}}
    return {"executionSuccessful": True, **({"toolExecutionNotifications": [notice]} if listed < found else {})}


def _below(root: Path) -> str:
    """The collection's path from the root of its repository; else from here, if it lies below;
    else it is a root itself. With a slash at its end, unless it is empty."""
    place = Path(os.path.abspath(root))
    repository = next((above for above in (place, *place.parents) if os.path.lexists(above / ".git")), None)
    for base in (repository, Path.cwd()):
        if base is not None and place.is_relative_to(base):
            path = place.relative_to(base).as_posix()
            return "" if path == "." else f"{path}/"
    return ""


def _rule(rule: Rule) -> Json:
    example = EXAMPLES[rule.code]
    language = "text" if example.form == LISTING else "yaml"
    where = "" if example.form in (BARE, LISTING, "notes") else f" (`{example.form}`)"
    shown = "\n\n".join(
        f"{title}{where}:\n\n```{language}\n{typed}```"
        for title, typed in (("Not so", example.wrong), ("But so", example.right))
    )
    return {
        "id": rule.code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": REASONS[rule.code]},
        "help": {"text": rule.way_out, "markdown": f"{REASONS[rule.code]}\n\n**{rule.way_out}**\n\n{shown}\n"},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(problem: Diagnostic, below: str) -> Json:
    hint = f"\nhint: {one_line(problem.hint)}" if problem.hint else ""
    place = {"uri": _uri(below + problem.path), "uriBaseId": ROOT}
    region = {"startLine": problem.line, "startColumn": problem.column}
    result: Json = {
        "ruleId": problem.code,
        "ruleIndex": _INDEX[problem.code],
        "level": problem.severity,
        "message": {"text": one_line(problem.message) + hint},
        "locations": [{"physicalLocation": {"artifactLocation": place, "region": region}}],
    }
    if replacement := _replacement(problem):
        change = {"artifactLocation": place, "replacements": [replacement]}
        result["fixes"] = [{"description": {"text": RULES[problem.code].way_out}, "artifactChanges": [change]}]
    return result


def _replacement(problem: Diagnostic) -> Json | None:
    """The repair of a finding, if it is known where its line ends."""
    repair = problem.repair
    if repair is None:
        return None
    if not repair.lines:
        end = {"endLine": repair.line + repair.count, "endColumn": 1}
        return {"deletedRegion": {"startLine": repair.line, "startColumn": 1, **end}, "insertedContent": {"text": ""}}
    if repair.count != 1 or repair.line != problem.line or len(problem.excerpt) >= LONGEST:
        return None
    end = {"endLine": repair.line, "endColumn": len(problem.excerpt) + 1}
    text = {"text": "\n".join(repair.lines)}
    return {"deletedRegion": {"startLine": repair.line, "startColumn": 1, **end}, "insertedContent": text}


def _uri(path: str) -> str:
    """A path as a reference, with everything encoded that means something there."""
    return PurePosixPath(f"/{one_line(path)}").as_uri().removeprefix("file:///")
