"""The note kinds, in one table: keys, forms, what is required, cards, rubric to rating.

The checks, the cards and their ordinals all read this table, so each fact stands here once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from aipm_cards.model import Note, Rating
from aipm_cards.text import cloze_numbers


class Form(Enum):
    """What the value of a key looks like in YAML, and how its text is read."""

    BLOCK = auto()  # paragraphs, lists, tables, code
    INLINE = auto()  # one line with emphasis, code, links
    PLAIN = auto()  # a star is a star; only maths
    CLOZE = auto()  # a block with {{c1::gaps}}
    INLINE_LIST = auto()
    PLAIN_LIST = auto()
    NUMBER = auto()  # a decimal number, kept as written
    COUNT = auto()  # a whole number from 1
    CHOICE = auto()
    EXPRESSION = auto()  # arithmetic for `check`
    VALUES = auto()  # {name: number}
    ROWS = auto()  # [[dimension, a, b], ...]
    RUBRIC = auto()
    OPTIONS = auto()
    LAWS = auto()
    # Of the keys that stand beside those of a kind, see `keys.py`:
    SLUG = auto()
    DATE = auto()
    NAMES = auto()  # ids, tags, topics
    CITATIONS = auto()
    REASONS = auto()  # {rule: reason}
    NOTES = auto()
    STYLE = auto()
    PAIRS = auto()  # [[term, term], ...]
    PLANNED = auto()  # {kind: number}


TEXT_FORMS = frozenset({Form.BLOCK, Form.INLINE, Form.PLAIN, Form.CLOZE})


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a kind: `at_least` and `at_most` bound the length of a list, `meanings` say what each
    of the `choices` stands for."""

    name: str
    form: Form
    help: str
    required: bool = True
    choices: tuple[str, ...] = ()
    at_least: int = 1
    at_most: int = 100
    meanings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A note kind. `cards` names its cards in the order of their ordinals; a cloze note has
    one card per number instead."""

    name: str
    help: str
    cards: tuple[str, ...]
    keys: tuple[Key, ...]

    def key(self, name: str) -> Key | None:
        """The key called `name`, if this kind has it."""
        return next((key for key in self.keys if key.name == name), None)


ROUNDS = {
    "PS": "Product sense",
    "SD": "System design",
    "TD": "Technical depth",
    "EX": "Execution and metrics",
    "ST": "Strategy",
    "RA": "Responsible AI",
    "BH": "Behavioural",
    "HM": "Hiring manager",
    "PR": "Practical",
}

_WHY = Key("why", Form.BLOCK, "Why it matters at work, in a sentence or two.", required=False)
_EXAMPLE = Key("example", Form.BLOCK, "A case that makes it concrete.", required=False)
_PASS = Key("pass", Form.COUNT, "How many points of the rubric a good answer has.")

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "basic",
            "One question, one answer.",
            ("Question",),
            (
                Key("front", Form.BLOCK, "The question."),
                Key("back", Form.BLOCK, "The answer."),
                _WHY,
                _EXAMPLE,
            ),
        ),
        Kind(
            "reversed",
            "A term and its definition, asked both ways.",
            ("Term to definition", "Definition to term"),
            (
                Key("term", Form.INLINE, "The term."),
                Key("definition", Form.BLOCK, "What it means; fits this term only."),
                _EXAMPLE,
                _WHY,
            ),
        ),
        Kind(
            "cloze",
            "A sentence with gaps: one card per number.",
            (),
            (
                Key("context", Form.BLOCK, "A line above the sentence.", required=False),
                Key("text", Form.CLOZE, "The sentence, with `{{c1::hidden}}` or `{{c1::hidden::hint}}`."),
                _WHY,
            ),
        ),
        Kind(
            "contrast",
            "Two things that are confused: what separates them, and which one a case is.",
            ("What separates them", "Which one is it"),
            (
                Key("a", Form.INLINE, "The first of the two."),
                Key("b", Form.INLINE, "The second of the two."),
                Key("split", Form.INLINE, "The one test that separates them."),
                Key("rows", Form.ROWS, "Lines of a table: `[dimension, a, b]`.", required=False),
                Key("case", Form.INLINE, "A case that is one of the two."),
                Key(
                    "verdict",
                    Form.CHOICE,
                    "Which one the case is.",
                    choices=("a", "b"),
                    meanings=("the first", "the second"),
                ),
                Key("reason", Form.BLOCK, "What tells."),
                _WHY,
            ),
        ),
        Kind(
            "calculation",
            "A number worked out from a case.",
            ("Question",),
            (
                Key("given", Form.BLOCK, "The case and its figures."),
                Key("ask", Form.PLAIN, "What to work out, and how exactly."),
                Key("formula", Form.PLAIN, "The formula in general.", required=False),
                Key("values", Form.VALUES, "Names for `check`: `{TP: 90}`.", required=False),
                Key("steps", Form.PLAIN_LIST, "The way to the answer, a line a step."),
                Key("answer", Form.NUMBER, "The number, without its unit."),
                Key("unit", Form.PLAIN, "The unit of the answer.", required=False),
                Key("check", Form.EXPRESSION, "Arithmetic that must give the answer."),
                Key("tolerance", Form.NUMBER, "How far `check` may be off.", required=False),
                Key("reading", Form.BLOCK, "What the number says about the product.", required=False),
                Key("slip", Form.BLOCK, "The usual mistake.", required=False),
            ),
        ),
        Kind(
            "interview",
            "A question to answer aloud, with a rubric to tick.",
            ("Question",),
            (
                Key("prompt", Form.BLOCK, "The question as it is asked."),
                Key(
                    "round",
                    Form.CHOICE,
                    "The interview round.",
                    choices=tuple(ROUNDS),
                    meanings=tuple(ROUNDS.values()),
                ),
                Key("minutes", Form.COUNT, "The time for the answer.", at_most=120),
                Key("tests", Form.INLINE, "What the question is after.", required=False),
                Key("framework", Form.INLINE_LIST, "Steps to think in.", required=False),
                Key(
                    "rubric",
                    Form.RUBRIC,
                    "Points to mark yes or no; one to three as `must: text`.",
                    at_least=4,
                    at_most=7,
                ),
                _PASS,
                Key("outline", Form.INLINE_LIST, "A good answer, line by line, as spoken."),
                Key("mistakes", Form.INLINE_LIST, "What people get wrong."),
                Key("follow_ups", Form.INLINE_LIST, "What is asked next."),
            ),
        ),
        Kind(
            "scenario",
            "A dilemma to decide, with a rubric to tick.",
            ("Question",),
            (
                Key("situation", Form.BLOCK, "The case."),
                Key("question", Form.BLOCK, "What to decide."),
                Key("stakeholders", Form.INLINE_LIST, "Who is touched by it."),
                Key("options", Form.OPTIONS, "What a decent team might choose.", at_least=2),
                Key("recommend", Form.BLOCK, "The choice."),
                Key("because", Form.BLOCK, "The reason."),
                Key("unless", Form.BLOCK, "What would change it."),
                Key("principles", Form.INLINE_LIST, "Values at stake.", required=False),
                Key("laws", Form.LAWS, "Laws it touches.", required=False),
                Key(
                    "rubric",
                    Form.RUBRIC,
                    "Points to mark yes or no; one to three as `must: text`.",
                    at_least=3,
                    at_most=5,
                ),
                _PASS,
            ),
        ),
    )
}

EXTRA = Key("extra", Form.BLOCK, "More, on the back only; never needed for the answer.", required=False)
CUE = Key("cue", Form.INLINE, "A small line on the front, so that the card stands alone.", required=False)


def ordinals(note: Note) -> tuple[int, ...]:
    """Anki's ordinals of the cards that the sources ask for, ascending from 0."""
    if note.kind == "cloze":
        return tuple(number - 1 for number in cloze_numbers(note.text("text")))
    return tuple(range(len(KINDS[note.kind].cards)))


def rating_earned(ticked: int, must_missing: bool, pass_: int, late_or_hint: bool, fresh: bool) -> Rating:
    """The rating that a ticked rubric earns.

    Again if a `must` point is missing or fewer than `pass_` points are ticked; Hard if it
    passed over time or after a hint; Easy if it would be said the same way tomorrow with a
    fresh example; Good otherwise. The script on the Anki cards follows the same rule.
    """
    if must_missing or ticked < pass_:
        return Rating.AGAIN
    if late_or_hint:
        return Rating.HARD
    return Rating.EASY if fresh else Rating.GOOD
