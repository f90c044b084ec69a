"""Examples of the rules about notes and their identity."""

from __future__ import annotations

from aipm_cards.examples.example import ANSWER, NOTES, QUESTION, Example, answering, differing, note

_RECALL = note(QUESTION, ANSWER)
_OTHER = ("front: Which share of its alarms is true?", "back: Its precision.")

EXAMPLES: dict[str, Example] = {
    "N101": Example(f"- {QUESTION}\n  {ANSWER}\n", _RECALL, NOTES),
    "N102": Example(note(QUESTION, ANSWER, id_="Recall of a filter"), _RECALL, NOTES),
    "N103": Example(
        _RECALL + note(*_OTHER),
        _RECALL + note(*_OTHER, id_="precision-of-a-filter"),
        NOTES,
    ),
    "N104": differing("kind: basics", "kind: basic"),
    "N105": differing("exampel: Of ten frauds, it flags eight.", "example: Of ten frauds, it flags eight."),
    "N106": Example(note(QUESTION), _RECALL, NOTES),
    "N107": answering("'***'", "Its recall."),
    "N108": differing("sources: [pages]", "sources: [page]"),
    "N109": differing("topics: [T01]", "topics: [T001]"),
    "N110": Example(
        note(QUESTION, ANSWER, "related: [precision-of-filter]") + note(*_OTHER, id_="precision-of-a-filter"),
        note(QUESTION, ANSWER, "related: [precision-of-a-filter]") + note(*_OTHER, id_="precision-of-a-filter"),
        NOTES,
    ),
    "N111": differing("tags: [fraud queue]", "tags: [fraud-queue]"),
    "N601": answering("See [the course](../course.html).", "See [the course](https://example.org/course)."),
    "N602": answering(f"'{'> ' * 20}Its recall.'", "'> Its recall.'"),
}
