"""What a release would bring, as text, as Markdown for release notes, and as JSON."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aipm_cards.changes import WHAT, Change, Changes, What, meanings, title
from aipm_cards.characters import one_line
from aipm_cards.cli.markdown import plain
from aipm_cards.cli.where import shown
from aipm_cards.diagnostics import line_column
from aipm_cards.differing import Piece, are_too_long, differing
from aipm_cards.model import Collection
from aipm_cards.words import counted

_SAID: dict[What, str] = {w: w for w in WHAT} | {"moved": "moved to another deck for newcomers"}


@dataclass(frozen=True, slots=True)
class Report:
    """What is printed: the changes; the kinds whose cards look otherwise (`types`); and what was
    compared with: its kind (`lock`, `revision`, `nothing`), its name, and both in words."""

    collection: Collection
    changes: Changes
    types: tuple[str, ...]
    since_kind: str
    since: str
    told: str
    words: bool


def _counts(report: Report) -> str:
    """`3 notes added, 1 corrected`, or that there is nothing."""
    counts = [(report.changes.count(what), _SAID[what]) for what in WHAT]
    parts = [f"{number:,} {said}" for number, said in counts if number]
    if not parts:
        return "no note is another" if _remarks(report) else "nothing that learners would notice"
    first, *others = parts
    number, _, said = first.partition(" ")
    return ", ".join([f"{number} {'note' if number == '1' else 'notes'} {said}", *others])


def _remarks(report: Report) -> list[str]:
    """What is to be said of the whole: what would be lost, and what is sent without a change."""
    remarks = [one_line(breach.finding.message) for breach in report.changes.breaks]
    if report.changes.namespace:
        message = (
            f"the namespace was '{report.changes.namespace}': to Anki every note is a new one, and the old ones stay"
        )
        remarks.insert(0, one_line(message))
    if report.changes.anew:
        remarks.append(f"{counted(report.changes.anew, 'other note')} sent anew, since the rendering is another")
    if report.types:
        kinds = ", ".join(report.types)
        remarks.append(f"cards of these kinds look otherwise, whatever learners changed of their look: {kinds}")
    return remarks


def _about(change: Change) -> str:
    """What else there is to say of a change, in a few words."""
    parts = [", ".join(change.parts)] if change.parts else []
    if change.what == "retired":
        parts.append(change.note.retired)
    if change.moved_from:
        parts.append(f"from {change.moved_from}")
    return one_line("; ".join(parts))


def _lines(change: Change) -> list[list[Piece]]:
    """The lines of what a note means in which a word is another, if they can be compared."""
    before, after = meanings(change)
    if are_too_long(before, after):
        return []
    return [line for line in differing(before, after) if any(piece.how != "stayed" for piece in line)]


# --- text ----------------------------------------------------------------------------------

_MARKS = {"stayed": "{}", "went": "[-{}-]", "came": "{{+{}+}}"}


def as_text(report: Report) -> Iterator[str]:
    """Lines for people: the counts, what it costs, each deck with its notes, and what was compared."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    yield _counts(report)
    for remark in _remarks(report):
        yield from _wrapped(f"  ! {remark}", 4, width)
    for deck, changes in report.changes.decks.items():
        yield ""
        yield one_line(deck)
        for change in sorted(changes, key=lambda change: WHAT.index(change.what)):
            about = _about(change)
            said = f"  {change.what:<9}  {one_line(title(change.note))}{f' ({about})' if about else ''}"
            yield from _wrapped(said, 13, width)
            for line in _lines(change) if report.words else ():
                words = " ".join(_MARKS[piece.how].format(one_line(piece.words)) for piece in line)
                yield from _wrapped(f"{'':13}{words}", 13, width)
    if report.changes.decks:
        yield ""
    yield f"{shown(report.collection.root)}: {one_line(report.told)}"


def _wrapped(line: str, indent: int, width: int) -> list[str]:
    if not width or len(line) <= width:
        return [line]
    return textwrap.wrap(line, max(width, indent + 20), subsequent_indent=" " * indent, break_on_hyphens=False)


# --- Markdown ------------------------------------------------------------------------------

_TAGS = {"stayed": "{}", "went": "<del>{}</del>", "came": "<ins>{}</ins>"}


def as_markdown(report: Report) -> Iterator[str]:
    """Release notes. What cards say is escaped: it is text, never markup, a link or a mention."""
    yield f"**{_counts(report)}.**"
    if remarks := _remarks(report):
        yield ""
        yield "> [!WARNING]"
        yield from (f"> - {plain(remark)}" for remark in remarks)
    for deck, changes in report.changes.decks.items():
        yield ""
        yield f"### {plain(deck)}"
        for what in WHAT:
            those = [change for change in changes if change.what == what]
            if those:
                yield ""
                yield f"**{_SAID[what].capitalize()}**"
                yield ""
            for change in those:
                yield from _item(change)
    yield ""
    yield f"<sub>{plain(report.told)}</sub>"


def _item(change: Change) -> Iterator[str]:
    about = _about(change)
    yield f"- {plain(title(change.note), begins=True)}{f' ({plain(about)})' if about else ''}"
    if lines := _lines(change):
        yield "  <details><summary>what changed</summary>"
        yield ""
        for line in lines:
            marked = (plain(piece.words, n == 0 and piece.how == "stayed") for n, piece in enumerate(line))
            yield "  " + " ".join(map(str.format, (_TAGS[piece.how] for piece in line), marked))
            yield ""
        yield "  </details>"


# --- JSON ----------------------------------------------------------------------------------


def as_json(report: Report) -> Iterator[str]:
    """One object with everything."""
    changes = [change for deck in report.changes.decks.values() for change in deck]
    counts = {what: report.changes.count(what) for what in WHAT}
    document = {
        "format": 1,
        "collection": {"root": shown(report.collection.root), "name": one_line(report.collection.name)},
        "since": {"kind": report.since_kind, "name": one_line(report.since)},
        "counts": counts,
        "changes": [_object(change, report) for change in changes],
        "breaks": [
            {"code": one.finding.code, "name": one_line(one.name), "message": one_line(one.finding.message)}
            for one in report.changes.breaks
        ],
        "anew": report.changes.anew,
        "namespace_before": one_line(report.changes.namespace),
        "note_types": list(report.types),
    }
    # Line by line: a closed pipe is noticed only by the write after the one that it cut.
    yield from json.dumps(document, indent=2, ensure_ascii=False).split("\n")


def _object(change: Change, report: Report) -> dict[str, object]:
    note = change.note
    found: dict[str, object] = {
        "what": change.what,
        "id": note.id,
        "deck": one_line(note.deck),
        "title": one_line(title(note)),
        "path": shown(report.collection.root, note.path),
        "line": line_column(note.place)[0],
        "parts": list(change.parts),
        "moved_from": one_line(change.moved_from),
        "retired": one_line(note.retired),
    }
    if report.words:
        found["words"] = [[[piece.how, one_line(piece.words)] for piece in line] for line in _lines(change)]
    return found


PRINTERS: dict[str, Callable[[Report], Iterator[str]]] = {
    "text": as_text,
    "markdown": as_markdown,
    "json": as_json,
}
