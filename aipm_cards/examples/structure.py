"""Examples of the rules about collections and deck files."""

from __future__ import annotations

from aipm_cards.examples.example import ANSWER, QUESTION, Example, answering, differing

_COLLECTION = "format: 1\nname: My cards\nnamespace: my-cards\n"
_DECK = f"deck: {{}}\nnotes:\n  - id: recall-of-a-filter\n    {QUESTION}\n    {ANSWER}\n"

EXAMPLES: dict[str, Example] = {
    "D101": Example(f"{_COLLECTION}licence: CC-BY-4.0\n", f"{_COLLECTION}license: CC-BY-4.0\n", "collection.yaml"),
    "D102": Example("format: 1\nname: My cards\n", _COLLECTION, "collection.yaml"),
    "D103": answering("\n    - Its recall.\n    - Not its precision.", "Its recall, not its precision."),
    "D104": differing("tier: core", "tier: 1"),
    "D106": Example("format: 2\nname: My cards\nnamespace: my-cards\n", _COLLECTION, "collection.yaml"),
    "D201": Example("deck: Concepts::Evaluation\n", _DECK.format("Concepts::Evaluation"), "metrics.yaml"),
    "D202": Example(_DECK.format("Concepts::::Evaluation"), _DECK.format("Concepts::Evaluation"), "metrics.yaml"),
}
