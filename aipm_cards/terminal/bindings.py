"""What each key does: one table for the loop, the hints below a card, and the help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, auto
from typing import NamedTuple

from aipm_cards.model import Rating


class Phase(Enum):
    """Where a session is."""

    QUESTION = auto()
    ANSWER = auto()
    END = auto()


class Binding(NamedTuple):
    """Keys and the action that they call in some phases. `only` names what a card must have:
    a rubric, a clock, a number to type, or a changed text; such a binding has a `label` for the
    hints below the card."""

    keys: tuple[str, ...]
    action: str
    help: str
    phases: frozenset[Phase]
    only: str = ""
    label: str = ""

    @property
    def told(self) -> str:
        """What its keys do, as a line of the help."""
        return f"{' or '.join(self.keys)}: {self.help}"


_Q, _A, _E = Phase.QUESTION, Phase.ANSWER, Phase.END
_CARD, _ALL = frozenset({_Q, _A}), frozenset({_Q, _A, _E})

SCROLLING_KEYS = (
    Binding(("up", "k"), "up", "scroll up a line", _ALL),
    Binding(("down", "j"), "down", "scroll down a line", _ALL),
    Binding(("page up",), "page up", "scroll up a page", _ALL),
    Binding(("page down",), "page down", "scroll down a page", _ALL),
    Binding(("home", "g"), "top", "to the top", _ALL),
    Binding(("end", "G"), "bottom", "to the end", _ALL),
)
SCROLLING = tuple(binding.action for binding in SCROLLING_KEYS)
BINDINGS = (
    Binding(("space", "enter"), "show", "show the answer", frozenset({_Q})),
    Binding(("space", "enter"), "accept", "Good, or what the rubric proposes", frozenset({_A})),
    Binding(("space", "enter"), "look", "look for due cards again", frozenset({_E})),
    *(Binding((str(r.value),), r.name.lower(), f"rate it {r.name.capitalize()}", frozenset({_A})) for r in Rating),
    Binding(("t",), "type", "on a calculation: type an answer, to be compared", frozenset({_Q}), "number", "type it"),
    Binding(("tab",), "next point", "with a rubric: its next point", frozenset({_A}), "rubric", "next point"),
    Binding(
        ("shift-tab",),
        "previous point",
        "with a rubric: its previous point",
        frozenset({_A}),
        "rubric",
    ),
    Binding(("x",), "tick", "with a rubric: tick or untick the point", frozenset({_A}), "rubric", "tick"),
    Binding(("p",), "pause", "on an interview question: pause the clock", frozenset({_Q}), "clock", "pause or go on"),
    Binding(("a",), "afresh", "start the changed card afresh", frozenset({_A}), "changed", "start afresh"),
    Binding(("u",), "undo", "undo", _ALL),
    Binding(("b",), "bury", "bury the card until tomorrow", _CARD),
    Binding(("s",), "suspend", "suspend the card", _CARD),
    Binding(("f",), "flag", "flag the card, with a remark", _CARD),
    Binding(("e",), "source", "show the card's source, and open it in $EDITOR", _CARD),
    Binding(("i",), "info", "card information", _CARD),
    Binding(("a",), "ahead", "study ahead: the next day on which a card is due", frozenset({_E})),
    Binding(("c",), "cram", "cram: study without changing the schedule", frozenset({_E})),
    *SCROLLING_KEYS,
    Binding(("?",), "help", "this help", _ALL),
    Binding(("q",), "quit", "leave", _ALL),
)
Places = Mapping[str, frozenset[Phase]]
PLACES: Places = {
    "At the question": frozenset({_Q}),
    "At the answer": frozenset({_A}),
    "At both": _CARD,
    "At the end": frozenset({_E}),
    "Everywhere": _ALL,
}
"""Where keys work, as the help says it."""
CONTROLS = (
    ("ctrl-c", "leave at once; all answers are stored"),
    ("ctrl-z", "stop; `fg` goes on"),
    ("ctrl-l", "draw the screen anew"),
)
"""Keys that the terminal itself gives a meaning to, wherever one is."""


def action_of(key: str, phase: Phase, has: Iterable[str] = (), bindings: Sequence[Binding] = BINDINGS) -> str:
    """What a key does in a phase, on a card that `has` such things; empty for nothing."""
    for binding in usable(phase, has, bindings):
        if key in binding.keys:
            return binding.action
    return ""


def usable(phase: Phase, has: Iterable[str] = (), bindings: Sequence[Binding] = BINDINGS) -> list[Binding]:
    """The bindings of a phase, on a card that `has` such things."""
    having = {"", *has}
    return [binding for binding in bindings if phase in binding.phases and binding.only in having]
