"""Everything that can be wrong with a collection: its sources, and the style of its cards."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from aipm_cards.content.files import COLLECTION, Findings, find_root, read_text
from aipm_cards.content.guarded import guarded
from aipm_cards.content.load import Progress, in_order, itself, load_each, with_excerpts
from aipm_cards.content.registry import read_registry
from aipm_cards.content.repair import without_exception
from aipm_cards.diagnostics import STYLE, Diagnostic, line_column, place
from aipm_cards.model import Collection, Note
from aipm_cards.style import Found, Trace, Wording, between, each_note, trace, unseparated

Styled = tuple[Note, tuple[Found, ...], Trace]


def check(path: Path | str, *, today: str = "", now: int | None = None, workers: int = 1) -> list[Diagnostic]:
    """Everything that is wrong with the collection at `path`: see `examine`."""
    return examine(path, today=today, now=now, workers=workers)[1]


def examine(
    path: Path | str,
    *,
    today: str = "",
    now: int | None = None,
    workers: int = 1,
    progress: Progress | None = None,
    asked: set[str] | None = None,
) -> tuple[Collection, list[Diagnostic]]:
    """Read a collection like `load`, look at the style of its sound notes, and hold them against
    the lock of the last release.

    The images that cards ask for go to `asked`, whether they were found or not. `today` is an ISO
    date; without it no review is overdue. `now` is in seconds since 1970; without it no time in the
    lock lies in the future. Raises CollectionNotFound.
    """
    collection, problems = _styled(path, today, workers, progress, asked)
    if found := guarded(collection, now):
        problems = sorted([*problems, *found], key=lambda problem: problem.order)
    return collection, problems


def _styled(
    path: Path | str, today: str, workers: int, progress: Progress | None, asked: set[str] | None
) -> tuple[Collection, list[Diagnostic]]:
    """What `load` gives, and what is wrong with the style. A collection that switches all rules
    about style off pays for none."""

    root = find_root(path)
    if read_registry(root, [], only_collection=True).style.off.issuperset(STYLE):
        collection, all_notes, problems = load_each(
            root, lambda _: itself, workers=workers, progress=progress, asked=asked
        )
        return replace(collection, notes=in_order(all_notes)), problems
    use = partial(look, today=today)
    collection, results, problems = load_each(root, use, workers=workers, progress=progress, asked=asked)
    problems += style_problems(collection, results)
    problems.sort(key=lambda problem: problem.order)
    return replace(collection, notes=in_order(note for note, _, _ in results)), problems


def look(collection: Collection, today: str) -> Callable[[Note], Styled]:
    """A function that looks at the style of one note of the collection."""
    style, sourced = collection.style, bool(collection.sources)
    english = collection.language.lower().partition("-")[0] == "en"

    def styled(note: Note) -> Styled:
        wording = Wording(note)
        found = () if note.retired else each_note(wording, style, english=english, sourced=sourced, today=today)
        return note, tuple(found), trace(wording, style)

    return styled


def style_problems(
    collection: Collection, results: Sequence[Styled], alike: Sequence[tuple[int, Found]] | None = None
) -> Iterator[Diagnostic]:
    """The findings about style, apart from those that the collection or the note allows. `alike` are
    the notes that ask what an earlier one asks, if that is known: it takes most of the time."""
    found = [list(mine) for _, mine, _ in results]
    traces = [mine for _, _, mine in results]
    for index, finding in between(traces) if alike is None else alike:
        found[index].append(finding)
    off = collection.style.off
    per_file: dict[str, list[tuple[Note, Found]]] = defaultdict(list)
    for (note, _, _), mine in zip(results, found, strict=True):
        for finding in [*mine, *_not_needed(note, mine, off)]:
            if finding.code not in off and finding.code not in note.allow:
                per_file[note.path].append((note, finding))
    for path, findings in per_file.items():
        yield from _placed(collection.root, path, findings)
    yield from with_excerpts(list(_pairs(collection, traces)), collection.root)


def _not_needed(note: Note, found: Sequence[Found], off: frozenset[str]) -> Iterator[Found]:
    broken = {finding.code for finding in found} - off
    for code in note.allow:
        if code not in broken:
            yield Found("S901", "allow", code, f"the note breaks no {code}", "take the exception out")


def _pairs(collection: Collection, traces: Sequence[Trace]) -> Iterator[Diagnostic]:
    if "S602" in collection.style.off:
        return
    for at, finding in unseparated(traces, collection.style):
        yield Diagnostic(finding.code, COLLECTION, *line_column(at), finding.message, finding.hint)


# --- where a finding stands ----------------------------------------------------------------

_LINES = 60  # of a text in which a quotation is looked for


def _placed(root: Path, path: str, findings: Sequence[tuple[Note, Found]]) -> Iterator[Diagnostic]:
    """The findings in one file, each at the words that it is about."""
    source = Findings(path)
    read_text(root, path, source)
    source.found.clear()  # what is wrong with the file itself is known
    for note, finding in findings:
        line, column = line_column(note.places.get(finding.key, note.place))
        line, column = _words_at(source.lines, line, column, finding.quote if finding.key in note.places else "")
        source.add(finding.code, place(line, column), finding.message, finding.hint)
        if finding.code == "S901":
            repair = without_exception(source.lines, line, finding.quote)
            source.found[-1] = replace(source.found[-1], repair=repair)
    yield from source.found


def _words_at(lines: Sequence[str], line: int, column: int, quote: str) -> tuple[int, int]:
    """Where a quotation stands in the text that begins at a place; else where its words begin."""
    if line > len(lines):
        return line, column
    begins = lines[line - 1][column - 1 :]
    in_block = begins.rstrip() in ("|", "|-", "|+", ">", ">-", ">+")
    words = quote.split()
    for part in (quote, " ".join(words[:3]), words[0]) if words else ():
        whole = re.compile(rf"(?<!\w){re.escape(part)}(?!\w)")
        for number in range(line, min(len(lines), line + _LINES) + 1):
            if match := whole.search(lines[number - 1], column - 1 if number == line else 0):
                return number, match.start() + 1
    if in_block:
        for number in range(line + 1, min(len(lines), line + _LINES) + 1):
            if stripped := lines[number - 1].lstrip():
                return number, len(lines[number - 1]) - len(stripped) + 1
    return line, column
