"""What each key does in a mock interview."""

from __future__ import annotations

from aipm_cards.terminal.bindings import SCROLLING_KEYS, Binding, Phase

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
    *SCROLLING_KEYS,
    Binding(("?",), "help", "this help", _ALL, label="help"),
    Binding(("q", "esc"), "quit", "leave; the interview can go on later, or end here", _ALL, label="leave"),
)
PLACES = {"At the question": _Q, "At the rubric": _A, "At the question and at the end": _Q | _E, "Everywhere": _ALL}
