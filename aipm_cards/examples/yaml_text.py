"""Examples of YAML that bites."""

from __future__ import annotations

from aipm_cards.examples.example import ANSWER, NOTES, QUESTION, Example, answering, asking, differing, note

_OF_WHAT = "back: Of the fraud."
_DEPTH = 14  # a list in `extra:` of a note begins at the fourth level

EXAMPLES: dict[str, Example] = {
    "Y201": Example(
        note(QUESTION)[:-1] + f"\n {ANSWER}\n",
        note(QUESTION, ANSWER),
        NOTES,
    ),
    "Y202": asking("Recall: which share does it tell?", "'Recall: which share does it tell?'", _OF_WHAT),
    "Y203": asking('"Recall" tells which share?', "'\"Recall\" tells which share?'", _OF_WHAT),
    "Y204": asking("*Recall* is the share of what?", "'*Recall* is the share of what?'", _OF_WHAT),
    "Y205": asking(
        r'"What does \(p\) stand for in the toss of a coin?"', r"'What does \(p\) stand for in the toss of a coin?'"
    ),
    "Y206": Example(note(QUESTION)[:-1] + f"\n\t{ANSWER}\n", note(QUESTION, ANSWER), NOTES),
    "Y207": answering("It is metric #1 of the fraud team.", "'It is metric #1 of the fraud team.'"),
    "Y208": Example(note("front:" + QUESTION[7:], ANSWER), note(QUESTION, ANSWER), NOTES),
    "Y209": asking('"Which share of the fraud does a filter catch?', '"Which share of the fraud does a filter catch?"'),
    "Y301": answering("&recall Its recall.", "Its recall."),
    "Y302": differing("<<: {tier: 1}", "tier: 1"),
    "Y303": answering("!!str 80", "80"),
    "Y304": Example(note(QUESTION, ANSWER, "back: Its hit rate."), note(QUESTION, ANSWER), NOTES),
    "Y305": differing(f"extra: {'[' * _DEPTH}hit rate{']' * _DEPTH}", "extra: hit rate"),
    "Y306": Example(
        "deck: Concepts::Evaluation\nnotes:\n  - id: recall-of-a-filter\n"
        f"    {QUESTION}\n    {ANSWER}\n---\n"
        "deck: Concepts::Data\nnotes:\n  - id: label-noise\n    front: What is a wrong label called?\n"
        "    back: Noise.\n",
        f"deck: Concepts::Evaluation\nnotes:\n  - id: recall-of-a-filter\n    {QUESTION}\n    {ANSWER}\n",
        "metrics.yaml",
    ),
    "Y307": differing("? [recall, precision]\n  : Two shares.", "extra: Recall and precision are two shares."),
}
