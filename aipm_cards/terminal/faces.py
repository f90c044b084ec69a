"""A note to the two faces of a card, as sections of text trees.

The sections mirror the regions of the Anki cards (`anki/regions.py`), apart from the rubric,
which is ticked and not read. A gap that is asked is a `Cloze` without children.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from aipm_cards.kinds import ROUNDS
from aipm_cards.model import Citation, Note, Source
from aipm_cards.terminal.gaps import asked_cloze, filled_cloze
from aipm_cards.text import (
    Document,
    Emphasis,
    Inline,
    Link,
    List,
    Paragraph,
    Table,
    Text,
    is_web_address,
    parse,
    parse_inline,
    parse_plain,
)

Line = tuple[Inline, ...]

BETWEEN = Text(" · ")  # between parts of a line; each printer has its own sign for it


class Section(NamedTuple):
    """A part of a face. `quiet` is small print; without `heading` the screen shows no label,
    but the linear printer always says it. `signs` stand before the items of the list with which
    it begins, instead of bullets."""

    label: str
    content: Document
    quiet: bool = False
    heading: bool = True
    signs: tuple[str, ...] = ()


def question(note: Note, ordinal: int) -> tuple[Section, ...]:
    """The front of the card of `note` with Anki's `ordinal`."""
    cue = (_quiet("Cue", parse_inline(note.cue), heading=False),)
    retired = (Section("Retired", _paragraph(parse_inline(note.retired))),)
    return _that_say_something((*cue, *retired, *_FRONTS[note.kind](note, ordinal)))


def answer(note: Note, ordinal: int, sources: Mapping[str, Source]) -> tuple[Section, ...]:
    """What comes below the question once it is shown. `sources` are those of the collection."""
    extra = (Section("More", parse(note.extra)),)
    return _that_say_something((*_BACKS[note.kind](note, ordinal), *extra, *_small_print(note, sources)))


def _that_say_something(sections: Iterable[Section]) -> tuple[Section, ...]:
    return tuple(section for section in sections if section.content)


# --- building --------------------------------------------------------------------------------


def _paragraph(line: Line) -> Document:
    return (Paragraph(line),) if line else ()


def _strong(line: Line) -> Line:
    return (Emphasis(line, strong=True),) if line else ()


def _items(lines: Iterable[Line], start: int | None = None) -> Document:
    items = tuple((Paragraph(line, tight=True),) for line in lines)
    return (List(start, items),) if items else ()


def _inline_items(texts: Iterable[str], start: int | None = None) -> Document:
    return _items(map(parse_inline, texts), start)


def _table(head: Iterable[Line], rows: Iterable[Iterable[str]]) -> Document:
    cells = tuple(tuple(parse_inline(cell) for cell in row) for row in rows)
    return (Table((), tuple(head), cells),) if cells else ()


def _quiet(label: str, line: Line, heading: bool = True) -> Section:
    return Section(label, _paragraph(line), quiet=True, heading=heading)


def _bare(label: str, content: Document) -> Section:
    """What needs no label where it can be seen."""
    return Section(label, content, heading=False)


def _task(*line: Inline) -> Section:
    """What to do with what stands above."""
    return _bare("Task", _paragraph(line))


def _block(label: str, note: Note, key: str) -> Section:
    return Section(label, parse(note.text(key)))


# --- the small print -------------------------------------------------------------------------


def _small_print(note: Note, sources: Mapping[str, Source]) -> tuple[Section, ...]:
    cited = _items(_source(citation, sources) for citation in note.sources)
    related: Line = (Text(", ".join(note.related)),) if note.related else ()
    return (
        Section("Sources", cited, quiet=True),
        _quiet("As of", parse_plain(note.as_of)),
        _quiet("To be reviewed by", parse_plain(note.review_by)),
        _quiet("See also", related),
        _quiet("Card", (Text(note.id),)),
    )


def _source(citation: Citation, sources: Mapping[str, Source]) -> Line:
    source = sources.get(citation.key, Source(citation.key, title=citation.key))
    words: list[Inline] = [Text(part) for part in (source.title, source.publisher, citation.at) if part]
    if is_web_address(source.url):
        words.append(Link(source.url, (Text(source.url),)))
    return _apart(words)


def _apart(parts: Iterable[Inline]) -> Line:
    return tuple(node for part in parts for node in (BETWEEN, part))[1:]


# --- fronts ----------------------------------------------------------------------------------


def _front_of_basic(note: Note, ordinal: int) -> tuple[Section, ...]:
    return (_bare("Question", parse(note.text("front"))),)


def _term(note: Note) -> Section:
    return _bare("Term", _paragraph(_strong(parse_inline(note.text("term")))))


def _definition(note: Note) -> Section:
    return _bare("Definition", parse(note.text("definition")))


def _front_of_reversed(note: Note, ordinal: int) -> tuple[Section, ...]:
    if ordinal == 0:
        return (_term(note), _task(Text("What does this term mean?")))
    return (_definition(note), _task(Text("Which term is this?")))


def _front_of_cloze(note: Note, ordinal: int) -> tuple[Section, ...]:
    asked = asked_cloze(note.text("text"), ordinal + 1)
    return (_bare("Context", parse(note.text("context"))), _bare("Sentence with a gap", asked))


def _both(note: Note) -> tuple[Line, Line]:
    return parse_inline(note.text("a")), parse_inline(note.text("b"))


def _front_of_contrast(note: Note, ordinal: int) -> tuple[Section, ...]:
    a, b = map(_strong, _both(note))
    if ordinal == 0:
        return (_bare("Question", _paragraph((Text("What separates "), *a, Text(" from "), *b, Text("?")))),)
    case = _bare("Case", _paragraph(parse_inline(note.text("case"))))
    return (case, _task(*a, Text(" or "), *b, Text(", and what tells?")))


def _front_of_calculation(note: Note, ordinal: int) -> tuple[Section, ...]:
    ask = _bare("To work out", _paragraph(_strong(parse_plain(note.text("ask")))))
    return (_bare("Given", parse(note.text("given"))), ask)


def _front_of_interview(note: Note, ordinal: int) -> tuple[Section, ...]:
    name = note.text("round")
    frame = _apart((Text(ROUNDS.get(name, name)), Text(f"{note.number('minutes')} min")))
    return (_quiet("Round", frame, heading=False), _bare("Question", parse(note.text("prompt"))))


def _front_of_scenario(note: Note, ordinal: int) -> tuple[Section, ...]:
    return (
        _bare("Situation", parse(note.text("situation"))),
        _bare("Question", parse(note.text("question"))),
        _task(Text("Say your choice, and the strongest argument against it.")),
    )


# --- backs -----------------------------------------------------------------------------------


def _why(note: Note) -> Section:
    return _block("Why it matters", note, "why")


def _example(note: Note) -> Section:
    return _block("Example", note, "example")


def _back_of_basic(note: Note, ordinal: int) -> tuple[Section, ...]:
    return (_bare("Answer", parse(note.text("back"))), _why(note), _example(note))


def _back_of_reversed(note: Note, ordinal: int) -> tuple[Section, ...]:
    return (_definition(note) if ordinal == 0 else _term(note), _example(note), _why(note))


def _back_of_cloze(note: Note, ordinal: int) -> tuple[Section, ...]:
    return (_bare("Answer", filled_cloze(note.text("text"), ordinal + 1)), _why(note))


def _back_of_contrast(note: Note, ordinal: int) -> tuple[Section, ...]:
    a, b = _both(note)
    if ordinal == 0:
        split = _bare("Answer", _paragraph(parse_inline(note.text("split"))))
        rows = _bare("Side by side", _table(((Text("Dimension"),), a, b), note.rows()))
        return (split, rows, _why(note))
    verdict = _bare("Answer", _paragraph(_strong(a if note.text("verdict") == "a" else b)))
    return (verdict, _bare("What tells", parse(note.text("reason"))), _why(note))


def _back_of_calculation(note: Note, ordinal: int) -> tuple[Section, ...]:
    unit = parse_plain(note.text("unit"))
    result = (*parse_plain(note.text("answer")), *((Text(" "), *unit) if unit else ()))
    return (
        _bare("Answer", _paragraph(_strong(result))),
        _bare("Formula", _paragraph(parse_plain(note.text("formula")))),
        _bare("Steps", _items(map(parse_plain, note.lines("steps")), start=1)),
        _bare("Reading", parse(note.text("reading"))),
        _block("The usual slip", note, "slip"),
    )


def _back_of_interview(note: Note, ordinal: int) -> tuple[Section, ...]:
    return (
        Section("A good answer", _inline_items(note.lines("outline"))),
        Section("Mistakes", _inline_items(note.lines("mistakes"))),
        Section("What comes next", _inline_items(note.lines("follow_ups"))),
        Section("What it tests", _paragraph(parse_inline(note.text("tests")))),
        Section("Steps to think in", _inline_items(note.lines("framework"), start=1)),
    )


def _back_of_scenario(note: Note, ordinal: int) -> tuple[Section, ...]:
    laws = [f"{law.jurisdiction}: {law.law}" + (f" (as of {law.as_of})" if law.as_of else "") for law in note.laws()]
    head: tuple[Line, ...] = ((Text("Option"),), (Text("Gain"),), (Text("Harm"),))
    return (
        _block("Recommended", note, "recommend"),
        _block("Because", note, "because"),
        _block("Unless", note, "unless"),
        Section("Options", _table(head, note.options())),
        Section("Who is touched", _inline_items(note.lines("stakeholders"))),
        Section("Principles", _inline_items(note.lines("principles"))),
        Section("Law", _inline_items(laws)),
    )


_Side = Callable[[Note, int], tuple[Section, ...]]

_FRONTS: dict[str, _Side] = {
    "basic": _front_of_basic,
    "reversed": _front_of_reversed,
    "cloze": _front_of_cloze,
    "contrast": _front_of_contrast,
    "calculation": _front_of_calculation,
    "interview": _front_of_interview,
    "scenario": _front_of_scenario,
}
_BACKS: dict[str, _Side] = {
    "basic": _back_of_basic,
    "reversed": _back_of_reversed,
    "cloze": _back_of_cloze,
    "contrast": _back_of_contrast,
    "calculation": _back_of_calculation,
    "interview": _back_of_interview,
    "scenario": _back_of_scenario,
}
