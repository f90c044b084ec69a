"""Examples of the guard's rules: a deck file as it was released, and what became of it."""

from __future__ import annotations

from aipm_cards.examples.example import ANSWER, QUESTION, RELEASED, Example, note

_RECALL = note(QUESTION, ANSWER)
_COST = note("front: Whom does a false alarm cost time?", "back: Those who open it.", id_="cost-of-an-alarm")
_GAPS = "Fit on the {{c1::training}} set, compare on the {{c2::validation}} set."


def _deck(*notes: str, name: str = "Metrics") -> str:
    items = "".join(f"  {line}\n" for one in notes for line in one.splitlines())
    return f"deck: {name}\nnotes:\n{items}"


def _cloze(text: str) -> str:
    return _deck(note("kind: cloze", f"text: {text}", id_="sets-of-data"))


EXAMPLES: dict[str, Example] = {
    "D301": Example(
        "format\t1\n<<<<<<< ours\nrendering\t1\n=======\nrendering\t2\n>>>>>>> theirs\n",
        "format\t1\nrendering\t1\nrendering\t2\n",
        "release.lock",
    ),
    "N701": Example(
        _deck(_COST), _deck(_COST, note(QUESTION, ANSWER, "retired: The filter is explained elsewhere.")), RELEASED
    ),
    "N702": Example(
        _deck(note("front: What do users of a slow chat assistant do?", "back: They leave.")), _deck(_RECALL), RELEASED
    ),
    "N703": Example(
        _deck(note("kind: cloze", "text: The share of the fraud that a filter catches is its {{c1::recall}}.")),
        _deck(_RECALL),
        RELEASED,
    ),
    "N704": Example(_cloze(_GAPS.replace("{{c2::validation}}", "validation")), _cloze(_GAPS), RELEASED),
    "N705": Example(_deck(_RECALL, name="Measures"), _deck(_RECALL), RELEASED),
}
