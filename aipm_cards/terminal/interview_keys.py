"""What each key does in a mock interview."""

from __future__ import annotations

from aipm_cards.terminal.bindings import CONTROLS, Binding, Phase
from aipm_cards.terminal.faces import Section
from aipm_cards.terminal.pages import items

_Q, _A, _E = frozenset({Phase.QUESTION}), frozenset({Phase.ANSWER}), frozenset({Phase.END})
_ALL = _Q | _A | _E

BINDINGS = (
    Binding(("space", "enter"), "show", "you have answered: show the rubric", _Q, label="answered"),
    Binding(("t",), "type", "type the answer, line by line; an empty line ends it", _Q, label="type"),
    Binding(("e",), "write", "write the answer in $EDITOR", _Q, label="editor"),
    Binding(("p",), "pause", "pause the clock, or go on", _Q, label="pause"),
    Binding(("c",), "clock", "say how much time is left", _Q),
    Binding(("n",), "skip", "leave this question out", _Q, label="leave out"),
    Binding(("tab",), "next point", "the next point of the rubric", _A, label="next point"),
    Binding(("shift-tab",), "previous point", "the previous point of the rubric", _A),
    Binding(("x",), "tick", "tick or untick the point", _A, label="tick"),
    Binding(("space", "enter"), "store", "store the result, and go on", _A, label="store"),
    Binding(("space", "enter"), "quit", "leave", _E),
    Binding(("u",), "undo", "take back the last result, to tick it anew", _Q | _E),
    Binding(("up", "k"), "up", "scroll up a line", _ALL),
    Binding(("down", "j"), "down", "scroll down a line", _ALL),
    Binding(("page up",), "page up", "scroll up a page", _ALL),
    Binding(("page down",), "page down", "scroll down a page", _ALL),
    Binding(("home", "g"), "top", "to the top", _ALL),
    Binding(("end", "G"), "bottom", "to the end", _ALL),
    Binding(("?",), "help", "this help", _ALL, label="help"),
    Binding(("q", "esc"), "quit", "leave; the interview can go on later, or end here", _ALL, label="leave"),
)
_PLACES = {"At the question": _Q, "At the rubric": _A, "At the question and at the end": _Q | _E, "Everywhere": _ALL}


def help_page() -> tuple[Section, ...]:
    """The help, from the bindings themselves."""
    told = {title: [_told(b) for b in BINDINGS if b.phases == phases] for title, phases in _PLACES.items()}
    told["Everywhere"] += [f"{key}: {help_}" for key, help_ in CONTROLS]
    return tuple(Section(title, items(texts)) for title, texts in told.items())


def _told(binding: Binding) -> str:
    return f"{' or '.join(binding.keys)}: {binding.help}"
