"""What a rule is for, with a wrong and a right example: for `aipm-cards explain` and the documentation.

Data only, and tests hold every rule against it: the wrong example breaks that rule and no other,
the right one none. `EXAMPLES` and `REASONS` name each rule of `diagnostics.RULES`, in its order.
"""

from __future__ import annotations

from aipm_cards.diagnostics import RULES
from aipm_cards.examples import cards, files, media, notes, released, structure, style, yaml_text
from aipm_cards.examples.example import BARE, LISTING, NOTES, RELEASED, Example
from aipm_cards.examples.reasons import REASONS

__all__ = ["BARE", "EXAMPLES", "LISTING", "NOTES", "REASONS", "RELEASED", "Example"]

_ALL: dict[str, Example] = {
    **files.EXAMPLES,
    **yaml_text.EXAMPLES,
    **structure.EXAMPLES,
    **notes.EXAMPLES,
    **cards.EXAMPLES,
    **media.EXAMPLES,
    **released.EXAMPLES,
    **style.EXAMPLES,
}

EXAMPLES: dict[str, Example] = {code: _ALL[code] for code in RULES if code in _ALL}
"""The example of each rule."""
