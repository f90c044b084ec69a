"""A note to the two sides of each of its cards, as Anki draws them from fields and templates."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from aipm_cards.anki.html import Printer
from aipm_cards.anki.notetypes import templates
from aipm_cards.anki.regions import REGIONS, Renderer
from aipm_cards.anki.rows import MediaNames
from aipm_cards.kinds import KINDS, ordinals
from aipm_cards.model import Collection, Note


class Sides(NamedTuple):
    """A card's question and answer side: what Anki puts into its page, but for the styling."""

    ordinal: int
    front: str
    back: str


def sides(collection: Collection) -> Callable[[Note], list[Sides]]:
    """A function that draws the cards of a note of the collection, in the order of their ordinals.

    It needs the collection's own keys, sources and media, not its notes.
    """
    regions = Renderer(collection.sources, Printer(MediaNames(collection)))
    of_kind = {name: templates(kind, collection.language) for name, kind in KINDS.items()}

    def draw(note: Note) -> list[Sides]:
        fields = dict(zip(REGIONS[note.kind], regions.fields(note), strict=True))
        found = []
        for ordinal in ordinals(note):
            front, back = of_kind[note.kind][0 if note.kind == "cloze" else ordinal]
            found.append(
                Sides(
                    ordinal,
                    filled(front, fields, partial(revealed, number=ordinal + 1, question=True)),
                    filled(back, fields, partial(revealed, number=ordinal + 1, question=False)),
                )
            )
        return found

    return draw


# --- templates -----------------------------------------------------------------------------

_SECTION = re.compile(r"\{\{#([^{}]+)\}\}(.*?)\{\{/\1\}\}", re.DOTALL)
_FIELD = re.compile(r"\{\{(cloze:)?([^{}#/^]+)\}\}")
_EMPTY = re.compile(r"(?:\s|</?(?:br|div) ?/?>)*", re.IGNORECASE)  # as Anki counts a field as empty


def filled(template: str, fields: Mapping[str, str], gaps: Callable[[str], str]) -> str:
    """A template with its fields in their places.

    It knows what our templates use: fields, sections that stand only if a field holds something,
    and fields with gaps, which `gaps` draws. Raises KeyError for a field that there is not.
    """
    kept = _SECTION.sub(lambda found: "" if _EMPTY.fullmatch(fields[found[1]]) else found[2], template)
    return _FIELD.sub(lambda found: gaps(fields[found[2]]) if found[1] else fields[found[2]], kept)


# --- gaps ----------------------------------------------------------------------------------

_GAP = re.compile(r"\{\{c([0-9]+)::(.*?)\}\}", re.DOTALL)
_FORMULA = re.compile(r"\\\(.*?\\\)|\\\[.*?\\\]", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_NAMED = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;"}


def revealed(field: str, number: int, question: bool) -> str:
    """A field with gaps, as it stands on a side of the card of a number (from 1)."""

    def gap(found: re.Match[str]) -> str:
        inside, _, hint = found[2].partition("::")
        ordinal = int(found[1])
        if ordinal != number:
            return f'<span class="cloze-inactive" data-ordinal="{ordinal}">{inside}</span>'
        if not question:
            return f'<span class="cloze" data-ordinal="{ordinal}">{inside}</span>'
        hint = hint if "::" in found[2] else "..."
        return f'<span class="cloze" data-cloze="{_encoded(inside)}" data-ordinal="{ordinal}">[{hint}]</span>'

    # A formula is text to MathJax: Anki takes all markup out of it, that of gaps too.
    return _FORMULA.sub(lambda formula: _TAG.sub("", formula[0]), _GAP.sub(gap, field))


def _encoded(html: str) -> str:
    """What a gap hides, in an attribute, written as Anki writes it."""
    return "".join([c if (c.isascii() and c.isalnum()) or ord(c) > 255 else _entity(c) for c in html])


def _entity(character: str) -> str:
    return _NAMED.get(character) or f"&#x{ord(character):02X};"
