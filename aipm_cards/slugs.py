"""Names made from words: the id of a note from what it asks, the key of a source from its title."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Mapping

from aipm_cards import text
from aipm_cards.kinds import KINDS, Form, Key

SLUG = re.compile(r"[a-z0-9-]{3,64}")
USUAL = 40  # characters of an id that one still reads at a glance

_SMALL = """a an and are as at be been but by can could did do does for from had has have he her his how i if in into
is it its may me might more most must my of on one or our out over she should so some such than that the
their them then there these they this those to two under up us was we were what when where which while who whom whose
why will with would you your"""
_STOP = frozenset(_SMALL.split())


def words_of(key: Key, value: str) -> str:
    """What a text of a key says, without gaps, markup and maths commands."""
    match key.form:
        case Form.CLOZE:
            return text.words(text.parse_cloze(value))
        case Form.PLAIN:
            return text.words(text.parse_plain(value))
        case Form.INLINE:
            return text.words(text.parse_inline(value))
        case _:
            return text.words(text.parse(value))


def slug(words: str, longest: int = USUAL) -> str:
    """A slug of at most `longest` characters that ends at a whole word, or an empty text if the
    words hold nothing to make one of."""
    folded = unicodedata.normalize("NFKD", words.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    folded = re.sub(r"(?<=\d),(?=\d{3})", "", folded)
    folded = re.sub(r"\\[a-z]+|(?<=\w)'(?:s\b)?", " ", folded)
    found = re.findall("[a-z0-9]+", folded)
    telling = [word for word in found if word not in _STOP] or found
    made = ""
    for word in telling:
        longer = f"{made}-{word}" if made else word[:longest]
        if len(longer) > longest:
            break
        made = longer
    return made if SLUG.fullmatch(made) else ""


def slug_of_note(kind: str, given: Mapping[str, object]) -> str:
    """A slug from what a note asks, or an empty text. Of a contrast, from both its terms."""
    keys = [key for key in KINDS[kind].keys if key.required][: 2 if kind == "contrast" else 1]
    asked = [words_of(key, value) for key in keys if isinstance(value := given.get(key.name), str)]
    return slug(" ".join(asked))


def unique(name: str, taken: Container[str], longest: int = 64) -> str:
    """`name`, or with `-2`, `-3`, … behind it the first that is not taken."""
    made, number = name, 1
    while made in taken:
        number += 1
        end = f"-{number}"
        made = name[: longest - len(end)].rstrip("-") + end
    return made
