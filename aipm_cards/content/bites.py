"""YAML that bites: what an author meant when a line is not YAML, and the line put right.

libyaml says where it lost its way, which is often not where the mistake is. So each line
near that place is looked at: if a mistake people make explains it, and the text with that
line put right gets further, that was it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from aipm_cards.content.files import Findings
from aipm_cards.content.reader import SyntaxProblem, TooDeep, read
from aipm_cards.content.repair import LONGEST, quoted
from aipm_cards.diagnostics import place
from aipm_cards.kinds import KINDS, Form

LOOK_BACK = 40  # lines above the one at which libyaml gave up
MAX_REPAIRS = 20  # in one piece of text; each costs a few readings of it
MAX_COLUMNS = 3  # that a key may have meant; each is tried
MAX_REPAIRABLE = 64 * 1024  # characters; in anything longer only the first mistake is explained

_LINE = re.compile(r"(?P<lead>[ ]*(?:- +)*)(?:(?P<key>[A-Za-z_][\w-]*):(?P<gap> +|$))?(?P<rest>.*)")
_GLUED = re.compile(r"(?P<lead>[ ]*(?:- +)*)(?P<key>[a-z_]+):(?P<rest>[^\s:/].*)")
_GLUED_DASH = re.compile(r"(?P<lead>[ ]*)-(?P<rest>[a-z_]+:(?: .*)?)")
_SPECIAL = re.compile(r"[*&!|>%@`{\[]|[-?](?: |$)")
_DOUBLE_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"\s*(?:#.*)?$')
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_ESCAPE = re.compile(r'\\[^"\\/xuU ]')

_KEYS = {key.name for kind in KINDS.values() for key in kind.keys}
_KEYS |= {"id", "kind", "deck", "description", "cue", "tier", "level", "as_of", "review_by", "extra", "retired"}
_KEYS |= {"must", "name", "gain", "harm", "jurisdiction", "law", "ref", "at", "title", "publisher", "url"}
_LISTS = {key.name for kind in KINDS.values() for key in kind.keys if key.form in (Form.INLINE_LIST, Form.PLAIN_LIST)}
_LISTS |= {"tags", "topics", "sources", "related", "rows"}


class Bite(NamedTuple):
    """A mistake in one line: its rule, its column (from 1), the fact, and the line put right."""

    code: str
    column: int
    message: str
    corrected: str


def bite(line: str) -> Bite | None:
    """The mistake that a line looks like, if it looks like one."""
    match = _LINE.fullmatch(line)
    assert match
    start = match.start("rest")
    if match["key"] and match["key"] not in _KEYS | _LISTS and "-" in match["lead"]:
        start = match.start("key")  # an item of a list that holds a colon
    rest, before = line[start:].rstrip(), line[:start]
    if rest[:1] in ('"', "'"):
        return _quote(rest, start + 1, before)
    if match["key"] is None:
        if dash := _GLUED_DASH.fullmatch(line):
            return Bite("Y208", dash.start("rest"), "no space after '-'", f"{dash['lead']}- {dash['rest']}")
        if glued := _GLUED.fullmatch(line):
            fixed = f"{glued['lead']}{glued['key']}: {glued['rest']}"
            return Bite("Y208", glued.start("rest"), f"no space after '{glued['key']}:'", fixed)
    if rest[:1] == "[" and (found := _brackets(rest, start + 1, before, match["key"] or "")):
        return found
    return _text(rest, start + 1, before)


def _text(rest: str, column: int, before: str) -> Bite | None:
    """What is wrong with a text that is not quoted."""
    if special := _SPECIAL.match(rest):
        message = f"a text begins with '{special[0].strip()}', which YAML keeps for itself"
        return Bite("Y204", column, message, before + quoted(rest))
    if (at := rest.find(": ")) >= 0 or (rest.endswith(":") and (at := len(rest) - 1) > 0):
        message = "': ' stands inside a text that is not quoted"
        return Bite("Y202", column + at, message, before + quoted(rest))
    return None


def _quote(rest: str, column: int, before: str) -> Bite | None:
    sign = rest[0]
    escape = _ESCAPE.search(rest) if sign == '"' else None
    if escape and (_DOUBLE_QUOTED.fullmatch(rest) or rest.count('"') == 2):
        inside = rest[1 : rest.rindex('"')].replace('\\"', '"')
        return Bite("Y205", column + escape.start(), "a backslash in double quotes", before + quoted(inside))
    closing = next(_closing(rest, sign), -1)
    if closing < 0:
        return Bite("Y209", column, "a quote is opened and not closed", before + quoted(rest[1:]))
    if rest[closing + 1 :].strip():
        message = "a text begins with a quote and goes on after it"
        return Bite("Y203", column, message, before + quoted(rest))
    if sign == "'" and _APOSTROPHE.search(rest[1:closing]):
        return Bite("Y203", column, "a quote ends at an apostrophe", before + quoted(rest[1:closing]))
    return None


def _closing(rest: str, sign: str) -> Iterator[int]:
    """Where a quote is closed: at no apostrophe inside a word, and at no quote that is doubled."""
    inside = rest[1:]
    if sign == "'":
        inside = _APOSTROPHE.sub(".", inside).replace("''", "..")
    return (match.start() + 1 for match in re.finditer(sign, inside))


def _brackets(rest: str, column: int, before: str, key: str) -> Bite | None:
    """A list in brackets that is not closed, or of which a cell bites."""
    if "]" not in rest:
        return Bite("Y209", column, "a bracket is opened and not closed", f"{before}{rest}]") if key in _LISTS else None
    if not rest.endswith("]") or "," not in rest:
        return None
    cells = rest[1:-1].split(",")
    first: Bite | None = None
    at = column + 1
    for index, cell in enumerate(cells):
        text = cell.strip()
        blank = len(cell) - len(cell.lstrip())
        found = _quote(text, at + blank, "") if text[:1] in ('"', "'") else _text(text, at + blank, "")
        if found is None and "#" in text:
            found = Bite("Y207", at + blank + text.index("#"), "' #' begins a comment and cuts the row", quoted(text))
        if found is not None:
            first = first or found
            cells[index] = cell[:blank] + found.corrected
        at += len(cell) + 1
    return first and first._replace(corrected=f"{before}[{','.join(cells)}]")


def hint_for(mistake: Bite) -> str:
    """The line put right, unless it is too long to read."""
    line = mistake.corrected.strip()
    if mistake.code in ("Y201", "Y206"):
        spaces = len(mistake.corrected) - len(mistake.corrected.lstrip())
        instead = "replace the tab: " if mistake.code == "Y206" else ""
        return f"{instead}indent the line with {spaces} spaces, like its neighbours"
    return f"write: {line}" if len(line) <= LONGEST else "quote the text, or write it below `key: |`"


def explain(text: str, findings: Findings, first_line: int) -> None:
    """Report each mistake in a text that is not YAML; put right as it goes on."""
    lines = text.split("\n")
    problem = _problem(lines, findings, first_line)
    for _ in range(MAX_REPAIRS if len(text) <= MAX_REPAIRABLE else 1):
        if problem is None:
            return
        found = _culprit(lines, findings, first_line, problem)
        if found is None:
            break
        index, mistake, problem = found
        at = place(first_line + index + 1, mistake.column)
        if mistake.code == "Y201":  # or does the line go on with the text above it? That its author knows.
            findings.add(mistake.code, at, mistake.message, hint_for(mistake))
        else:
            findings.add_bite(mistake.code, at, mistake.message, hint_for(mistake), mistake.corrected)
        lines[index] = mistake.corrected
    if problem is not None:
        _plainly(problem, findings)


def _problem(lines: list[str], findings: Findings, first_line: int) -> SyntaxProblem | None:
    """Why the lines are not YAML, or None if they are."""
    try:
        read("\n".join(lines), Findings(findings.path, findings.lines), first_line)
    except SyntaxProblem as problem:
        return problem
    except TooDeep:
        return None
    return None


def _culprit(
    lines: list[str], findings: Findings, first_line: int, problem: SyntaxProblem
) -> tuple[int, Bite, SyntaxProblem | None] | None:
    """The line whose repair brings the reader further: its index, the mistake, what is next."""
    stuck = min(problem.line - first_line, len(lines) - 1)
    nearby = [stuck, *range(stuck - 1, max(-1, stuck - LOOK_BACK), -1), stuck + 1]
    if problem.opened is not None:
        nearby.insert(0, problem.opened[0] - first_line)
    for index in nearby:
        if not 0 <= index < len(lines):
            continue
        further = []
        mistakes = _tabs(lines[index]) or [found] if (found := bite(lines[index])) else _misplaced(lines, index)
        for mistake in mistakes:
            corrected = [*lines[:index], mistake.corrected, *lines[index + 1 :]]
            after = _problem(corrected, findings, first_line)
            if after is None:
                return index, mistake, None
            if after.line > problem.line:
                further.append((index, mistake, after))
        if further:
            return further[0]
    return None


def _tabs(line: str) -> list[Bite]:
    """A tab in the indentation, with as many spaces for it as it may have meant."""
    indentation = line[: len(line) - len(line.lstrip())]
    if "\t" not in indentation:
        return []
    fixed = (indentation.replace("\t", " " * width) + line.lstrip() for width in (2, 4, 8, 6))
    return [Bite("Y206", indentation.index("\t") + 1, "a tab in the indentation", text) for text in fixed]


def _misplaced(lines: list[str], index: int) -> list[Bite]:
    """A key at another column than the keys above it, at each of the columns that it may have meant."""
    match = _LINE.fullmatch(lines[index])
    if not match or match["key"] not in _KEYS | _LISTS or "-" in match["lead"]:
        return []
    nearby = reversed(lines[max(0, index - LOOK_BACK) : index])
    columns = [above.start("key") for line in nearby if (above := _LINE.fullmatch(line)) and above["key"]]
    own = match.start("key")
    likely = [column for column in dict.fromkeys(columns) if column != own][:MAX_COLUMNS]
    rest = lines[index][own:]
    message = f"the key '{match['key']}' stands at another column than the keys above it"
    return [Bite("Y201", own + 1, message, " " * column + rest) for column in likely]


_SAYS = {
    "tab": ("Y206", "a tab in the indentation", "indent with spaces"),
    "expected <document start>": (
        "Y201",
        "this line stands at another column than the ones above",
        "indent it like its neighbours",
    ),
    "mapping values are not allowed": (
        "Y202",
        "a colon stands where no key can",
        "write a text of several lines below `key: |`, indented",
    ),
    "found unexpected end of stream": ("Y209", "a quote or bracket is never closed", "close it"),
    "did not find expected '-' indicator": (
        "Y201",
        "this line stands neither in the note above nor in a new one",
        "indent it like its neighbours, or begin a note with `- `",
    ),
    "did not find expected key": (
        "Y201",
        "a key is wanted here",
        "indent the line like the keys of its note; write long texts below `key: |`",
    ),
    "could not find expected ':'": (
        "Y201",
        "a line without `key:`",
        "write a text of several lines below `key: |`, indented",
    ),
    "did not find expected ',' or": ("Y209", "a bracket is not closed", "close it, or quote the text"),
}


def _plainly(problem: SyntaxProblem, findings: Findings) -> None:
    at = place(min(problem.line + 1, len(findings.lines)), problem.column + 1)
    if "could not find expected ':'" in problem.problem and problem.opened:
        at = place(problem.opened[0] + 1, problem.opened[1] + 1)
    for says, (code, message, hint) in _SAYS.items():
        if says in problem.problem:
            findings.add(code, at, message, hint)
            return
    findings.add("Y201", at, f"not YAML: {problem.problem}", "compare the line with its neighbours")
