"""A note to the fields of its Anki note: the regions of its cards, as HTML.

A region is a place on a card, not a key of the YAML, so a new key never needs a new field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from aipm_cards.anki.html import Printer, attribute, escape
from aipm_cards.kinds import ROUNDS
from aipm_cards.model import Citation, Note, Source

ASKED, ANSWER, ASKED_2, ANSWER_2 = "Asked", "Answer", "Asked 2", "Answer 2"
RUBRIC, FRAME, MORE, SOURCES, CUE, ID = "Rubric", "Frame", "More", "Sources", "Cue", "ID"
_LAST = (MORE, SOURCES, CUE, ID, "Spare 1", "Spare 2")

# The fields of each note type, in their order: frozen from the first release on, because a
# field that is added or moved makes every existing note conflict (hence the spare ones).
REGIONS: dict[str, tuple[str, ...]] = {
    "basic": (ASKED, ANSWER, *_LAST),
    "reversed": (ASKED, ANSWER, ASKED_2, ANSWER_2, *_LAST),
    "cloze": (ASKED, *_LAST),
    "contrast": (ASKED, ANSWER, ASKED_2, ANSWER_2, *_LAST),
    "calculation": (ASKED, ANSWER, *_LAST),
    "interview": (ASKED, FRAME, RUBRIC, ANSWER, *_LAST),
    "scenario": (ASKED, RUBRIC, ANSWER, *_LAST),
}


@dataclass(frozen=True)
class Renderer:
    """Renders notes of one collection: with its sources, and the names of its images."""

    sources: Mapping[str, Source]
    printer: Printer

    def fields(self, note: Note) -> list[str]:
        """The HTML of each field of the note's type, in order."""
        regions = _KINDS[note.kind](note, self.printer)
        regions[MORE] = regions.get(MORE, "") + _section("More", self.printer.block(note.extra))
        regions[SOURCES] = self._sources(note)
        regions[CUE] = _cue(note, self.printer)
        regions[ID] = escape(note.id)
        return [regions.get(name, "") for name in REGIONS[note.kind]]

    def _sources(self, note: Note) -> str:
        cited = "".join([f"<li>{self._source(citation)}</li>" for citation in note.sources])
        dates = [f"As of {note.as_of}"] if note.as_of else []
        if note.review_by:
            dates.append(f"To be reviewed by {note.review_by}")
        if note.related:
            dates.append(f"See also {', '.join(note.related)}")
        listed = f"<ul>{cited}</ul>" if cited else ""
        return listed + (f"<p>{escape(' · '.join(dates))}</p>" if dates else "")

    def _source(self, citation: Citation) -> str:
        source = self.sources.get(citation.key)
        if source is None:
            return escape(citation.key)
        title = escape(source.title)
        linked = f'<a href="{attribute(source.url)}">{title}</a>' if source.url else title
        return " · ".join(part for part in (linked, escape(source.publisher), escape(citation.at)) if part)


def _cue(note: Note, printer: Printer) -> str:
    cue = printer.inline(note.cue)
    if note.retired:
        banner = f'<span class="retired">Retired: {printer.inline(note.retired)}</span>'
        return f"{banner} {cue}".strip()
    return cue


def _section(label: str, inside: str) -> str:
    return f"<section><h2>{label}</h2>{inside}</section>" if inside else ""


def _items(lines: Iterable[str], show: Callable[[str], str], tag: str = "ul") -> str:
    inside = "".join([f"<li>{show(line)}</li>" for line in lines])
    return f"<{tag}>{inside}</{tag}>" if inside else ""


def _task(text: str) -> str:
    """A line that says what to do with what stands above."""
    return f'<p class="task">{text}</p>'


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table whose cells are HTML already, with a heading at the side."""
    top = "".join([f"<th>{cell}</th>" for cell in head])
    lines = []
    for row in rows:
        first, *others = row
        lines.append(f"<tr><th>{first}</th>{''.join([f'<td>{cell}</td>' for cell in others])}</tr>")
    return f'<div class="table"><table><thead><tr>{top}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'


def _why(note: Note, printer: Printer) -> str:
    return _section("Why it matters", printer.block(note.text("why")))


def _example(note: Note, printer: Printer) -> str:
    return _section("Example", printer.block(note.text("example")))


def _basic(note: Note, printer: Printer) -> dict[str, str]:
    return {
        ASKED: printer.block(note.text("front")),
        ANSWER: printer.block(note.text("back")),
        MORE: _why(note, printer) + _example(note, printer),
    }


def _reversed(note: Note, printer: Printer) -> dict[str, str]:
    term = f'<p class="term">{printer.inline(note.text("term"))}</p>'
    definition = printer.block(note.text("definition"))
    return {
        ASKED: term + _task("What does this term mean?"),
        ANSWER: definition,
        ASKED_2: definition + _task("Which term is this?"),
        ANSWER_2: term,
        MORE: _example(note, printer) + _why(note, printer),
    }


def _cloze(note: Note, printer: Printer) -> dict[str, str]:
    context = printer.block(note.text("context"))
    above = f'<div class="context">{context}</div>' if context else ""
    return {ASKED: above + printer.cloze(note.text("text")), MORE: _why(note, printer)}


def _contrast(note: Note, printer: Printer) -> dict[str, str]:
    a, b = printer.inline(note.text("a")), printer.inline(note.text("b"))
    split = f"<p>{printer.inline(note.text('split'))}</p>"
    rows = [[printer.inline(cell) for cell in row] for row in note.rows()]
    verdict = a if note.text("verdict") == "a" else b
    return {
        ASKED: f"<p>What separates <strong>{a}</strong> from <strong>{b}</strong>?</p>",
        ANSWER: split + (_table(("", a, b), rows) if rows else ""),
        ASKED_2: f"<p>{printer.inline(note.text('case'))}</p>"
        + _task(f"<strong>{a}</strong> or <strong>{b}</strong>, and what tells?"),
        ANSWER_2: f'<p class="term">{verdict}</p>' + printer.block(note.text("reason")),
        MORE: _why(note, printer),
    }


def _calculation(note: Note, printer: Printer) -> dict[str, str]:
    unit = printer.plain(note.text("unit"))
    result = f'<p class="result">{escape(note.text("answer"))}{f" <small>{unit}</small>" if unit else ""}</p>'
    formula = printer.plain(note.text("formula"))
    return {
        ASKED: printer.block(note.text("given")) + f'<p class="ask">{printer.plain(note.text("ask"))}</p>',
        ANSWER: result
        + (f'<p class="formula">{formula}</p>' if formula else "")
        + _items(note.lines("steps"), printer.plain, "ol")
        + printer.block(note.text("reading")),
        MORE: _section("The usual slip", printer.block(note.text("slip"))),
    }


def _rubric(note: Note, printer: Printer) -> str:
    """A plain list; the script of the template makes it tickable."""
    points = "".join(
        [
            f'<li class="must">{printer.inline(p.text)} <small>must</small></li>'
            if p.must
            else f"<li>{printer.inline(p.text)}</li>"
            for p in note.points()
        ]
    )
    passing = note.number("pass")
    return _section(
        "Did you say it?",
        f'<ul class="rubric" data-pass="{passing}">{points}</ul>'
        f'<p class="grading"><b>Again</b> if a must is missing or fewer than {passing} points. '
        "<b>Hard</b> if over time or after a hint. <b>Good</b> otherwise. "
        "<b>Easy</b> if you would say it the same way tomorrow, with a fresh example.</p>",
    )


def _interview(note: Note, printer: Printer) -> dict[str, str]:
    minutes = note.number("minutes")
    tests = printer.inline(note.text("tests"))
    return {
        ASKED: printer.block(note.text("prompt")),
        FRAME: f'<span data-minutes="{minutes}">{ROUNDS[note.text("round")]} · {minutes} min</span>',
        RUBRIC: _rubric(note, printer),
        ANSWER: _section("A good answer", _items(note.lines("outline"), printer.inline)),
        MORE: _section("Mistakes", _items(note.lines("mistakes"), printer.inline))
        + _section("What comes next", _items(note.lines("follow_ups"), printer.inline))
        + _section("What it tests", f"<p>{tests}</p>" if tests else "")
        + _section("Steps to think in", _items(note.lines("framework"), printer.inline, "ol")),
    }


def _scenario(note: Note, printer: Printer) -> dict[str, str]:
    options = [[printer.inline(cell) for cell in option] for option in note.options()]
    laws = [f"{law.jurisdiction}: {law.law}" + (f" (as of {law.as_of})" if law.as_of else "") for law in note.laws()]
    return {
        ASKED: printer.block(note.text("situation"))
        + f'<div class="ask">{printer.block(note.text("question"))}</div>'
        + _task("Say your choice, and the strongest argument against it."),
        RUBRIC: _rubric(note, printer),
        ANSWER: _section("Recommended", f'<div class="choice">{printer.block(note.text("recommend"))}</div>')
        + _section("Because", printer.block(note.text("because")))
        + _section("Unless", printer.block(note.text("unless"))),
        MORE: _section("Options", _table(("", "Gain", "Harm"), options))
        + _section("Who is touched", _items(note.lines("stakeholders"), printer.inline))
        + _section("Principles", _items(note.lines("principles"), printer.inline))
        + _section("Law", _items(laws, printer.inline)),
    }


_KINDS: dict[str, Callable[[Note, Printer], dict[str, str]]] = {
    "basic": _basic,
    "reversed": _reversed,
    "cloze": _cloze,
    "contrast": _contrast,
    "calculation": _calculation,
    "interview": _interview,
    "scenario": _scenario,
}
