"""`aipm-cards report`: what a learner's reviews tell the authors of the cards, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from aipm_cards.characters import one_line
from aipm_cards.cli import person
from aipm_cards.cli.learner import Desk, desk, history_option
from aipm_cards.cli.machine import for_programs, head, json_option, say, time_of
from aipm_cards.cli.markdown import code, plain
from aipm_cards.cli.where import collection_option
from aipm_cards.diagnostics import line_column
from aipm_cards.memory.history import Content, Flag
from aipm_cards.memory.queue import note_of, ordinal_of
from aipm_cards.memory.statistics.failing import SHARE, Failing, failing
from aipm_cards.memory.statistics.predicted import predictions
from aipm_cards.words import counted
from aipm_cards.writing import replacing

TITLE = 120  # characters of what a card asks


@dataclass
class Entry:
    """What there is to say of a card. `lapses` are those of a leech since it was last started
    afresh; `changed` if the card says something else than the learner saw."""

    key: str
    path: str = ""
    line: int = 0
    asks: str = ""
    remarks: list[Flag] = field(default_factory=list)
    leech: bool = False
    lapses: int = 0
    changed: bool = False
    failing: Failing | None = None

    @property
    def place(self) -> tuple[bool, str, int, str]:
        """Where it comes in the report: by files, and last what is in none."""
        return not self.path, self.path, self.line, self.key


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file to write.")
@collection_option
@history_option
@json_option
@for_programs
def command(output: Path | None, collection: Path | None, history: Path | None, as_json: bool) -> int:
    """Report flags, remarks, leeches and cards that fail far more than predicted, for an issue.

    Markdown, a heading for each deck file, each card with its line. Nothing in it is about you
    but your remarks.
    """
    if output is not None and as_json:
        raise click.UsageError("--json goes to the standard output; leave --output away")
    with desk(collection, history, may_be_empty=True) as opened:
        entries, looked_at = _entries(opened)
        if as_json:
            say({**head(opened, "report"), "cards": list(map(_object, entries)), "looked_at": looked_at})
            return 0
        report = "\n".join(_markdown(opened, entries, looked_at)) + "\n"
    if output is None:
        click.echo(report, nl=False)
        return 0
    with replacing(output, person.now_ms() // 1000) as file:
        file.write(report.encode())
    click.echo(f"wrote {one_line(str(output))}: {counted(len(entries), 'card')}")
    return 0


# --- what there is to report ---------------------------------------------------------------


def _entries(opened: Desk) -> tuple[list[Entry], int]:
    """The cards to report by their places, and how many were looked at for failures."""
    entries: dict[str, Entry] = {}
    for flag in opened.history.flags():
        entry = entries.setdefault(flag.key, _entry(opened, flag.key))
        if flag.leech:
            entry.leech, entry.lapses = True, opened.history.state(flag.key).lapses
        else:
            entry.remarks.append(flag)
    found = failing(predictions(opened.history))
    for card in found.failing:
        entries.setdefault(card.key, _entry(opened, card.key)).failing = card
    return sorted(entries.values(), key=lambda entry: entry.place), found.cards


def _entry(opened: Desk, key: str) -> Entry:
    from aipm_cards.meaning import meaning
    from aipm_cards.release import all_asked, shortened

    note = opened.sources.note(note_of(key))
    if note is None:
        return Entry(key)
    entry = Entry(key, _path(opened.root, note.path), line_column(note.place)[0], all_asked(note))
    if key in opened.cards:  # else it is retired, or a gap that is gone
        says = meaning(note, ordinal_of(key))
        seen = opened.history.content_seen(opened.history.state(key))
        entry.changed = seen is not None and seen.digest != Content.of(says).digest
        if note.kind == "cloze":
            entry.asks = says  # with the gap of this card marked
    entry.asks = one_line(shortened(entry.asks, TITLE))
    return entry


def _path(root: Path, path: str) -> str:
    """The path of a deck file as its repository names it, whose root is looked for a little above
    that of the collection; else as the collection does. Where on a machine it lies is not told."""
    root = root.resolve()
    top = next((above for above in (root, *root.parents[:2]) if (above / ".git").exists()), root)
    return one_line((root / path).relative_to(top).as_posix())


# --- Markdown ------------------------------------------------------------------------------


def _markdown(opened: Desk, entries: Sequence[Entry], looked_at: int) -> Iterator[str]:
    yield f"## Cards to look at: {plain(opened.sources.collection.name)}"
    yield ""
    yield f"{_counts(entries)}."
    path: str | None = None
    for entry in entries:
        here = entry.path or "No longer in the sources"
        if here != path:
            path = here
            yield ""
            yield f"### {plain(here)}"
            yield ""
        yield from _item(entry)
    if any(entry.failing for entry in entries):
        yield ""
        yield (
            f"<sub>Failures are first reviews of a day rated Again; expected is what the schedule predicted of the"
            f" same reviews, fitted to how much is recalled overall; p is the chance of so many or more. Of"
            f" {counted(looked_at, 'card')} looked at, those are listed among which at most {100 * SHARE:.0f} % are"
            " expected to be there by chance.</sub>"
        )


def _counts(entries: Sequence[Entry]) -> str:
    """`2 flagged cards, 1 leech`, or that there is nothing."""
    kinds = (
        (sum(bool(entry.remarks) for entry in entries), "flagged card", "flagged cards"),
        (sum(entry.leech for entry in entries), "leech", "leeches"),
        (
            sum(entry.failing is not None for entry in entries),
            "card that fails far more than predicted",
            "cards that fail far more than predicted",
        ),
    )
    parts = [f"{number:,} {one if number == 1 else many}" for number, one, many in kinds if number]
    return ", ".join(parts) or "Nothing to report"


def _item(entry: Entry) -> Iterator[str]:
    where = f"{code(f'{entry.path}:{entry.line}')} " if entry.path else ""
    yield f"- {where}{code(entry.key)}{f': {plain(entry.asks)}' if entry.asks else ''}"
    for flag in entry.remarks:
        said = f"“{plain(flag.remark)}”" if flag.remark.strip() else "without a remark"
        yield f"  - flagged on {time_of(flag.time)[:10]}: {said}"
    if entry.leech:
        yield f"  - a leech: {counted(entry.lapses, 'lapse') if entry.lapses else 'started afresh since'}"
    if entry.failing:
        card = entry.failing
        yield (
            f"  - failed {card.failures} of {counted(card.reviews, 'review')}, {card.expected:.1f} expected,"
            f" p = {card.probability:.2g}"
        )
    if entry.changed:
        yield "  - the card was changed since it was seen"


# --- JSON ----------------------------------------------------------------------------------


def _object(entry: Entry) -> dict[str, object]:
    card = entry.failing
    return {
        "card": entry.key,
        "path": entry.path or None,
        "line": entry.line or None,
        "asks": entry.asks or None,
        "flags": [{"time": time_of(flag.time), "remark": flag.remark} for flag in entry.remarks],
        "leech": {"lapses": entry.lapses} if entry.leech else None,
        "changed": entry.changed,
        "failing": card
        and {
            "reviews": card.reviews,
            "failures": card.failures,
            "expected": card.expected,
            "probability": card.probability,
        },
    }
