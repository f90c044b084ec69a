"""The words of a note as a reader meets them, and what the rules say of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from aipm_cards import text
from aipm_cards.kinds import EXTRA, KINDS, Form, Key
from aipm_cards.model import Note


class Found(NamedTuple):
    """A finding of rule `code` under `key` of a note (empty: the note itself). `quote` is the
    word or phrase it is about, as typed, if it is about one."""

    code: str
    key: str
    quote: str
    message: str
    hint: str


# What a card of each kind asks, and what it answers, by key.
ASKED = {
    "basic": ("front",),
    "reversed": ("term",),
    "cloze": ("context", "text"),
    "contrast": ("a", "b", "case"),
    "calculation": ("given", "ask"),
    "interview": ("prompt",),
    "scenario": ("situation", "question"),
}
ANSWERED = {
    "basic": ("back",),
    "reversed": ("definition",),
    "contrast": ("split", "reason"),
}

_WORD = re.compile(r"[^\W_]+(?:[-'’.,/][^\W_]+)*%?")
_QUOTED = re.compile(r"“[^”]{0,400}”|\"[^\"]{0,400}\"|(?<!\w)'[^']{0,400}'(?!\w)|‘[^’]{0,400}’")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+(?=\S)")
_MARKUP = re.compile(r"[\\`*_\[<&|]|\{\{|://")


def count_words(plain: str) -> int:
    """How many words a text has; a number is a word."""
    return len(_WORD.findall(plain))


def may_have_more_words(plain: str, most: int) -> bool:
    """Whether a text could have more than `most` words: a quick look, never wrong with no."""
    return len(plain) > 2 * most


def words_of(plain: str) -> list[str]:
    """The words of a text, in lower case."""
    return _WORD.findall(plain.lower())


def sentences(plain: str) -> list[str]:
    """The sentences of a text; a line break between blocks ends one too."""
    return [part for line in plain.split("\n\n") for part in _SENTENCE_END.split(line) if part]


def without_quotations(plain: str) -> str:
    """The text with whatever stands in quotation marks taken out: it is not the card that says it.

    Where a sentence was quoted to its end, that is still an end.
    """
    return _QUOTED.sub(lambda quoted: "…" if quoted[0][-2] in ".!?…" else "“”", plain)


class Wording:
    """The texts of a note as plain words, each worked out when it is first asked for."""

    def __init__(self, note: Note) -> None:
        self.note = note
        self._plain: dict[str, str] = {}
        self._stems: dict[str, dict[str, None]] = {}
        self._trees: dict[str, Sequence[Any]] = {}

    def plain(self, key: str) -> str:
        """The words under a key of one text, without markup; gaps are filled."""
        if key not in self._plain:
            self._plain[key] = self._read(key)
        return self._plain[key]

    def _read(self, key: str) -> str:
        value = self.note.extra if key == "extra" else self.note.text(key)
        if not value or (text.is_one_paragraph(value) and "{{" not in value):
            return value
        tree = self._tree(value, EXTRA.form if key == "extra" else _FORMS[self.note.kind][key].form)
        said = text.words(tree)
        for node in text.walk(tree) if "![" in value else ():
            if isinstance(node, text.Image):
                said = said.replace(node.alt, "", 1)  # words for those who do not see the picture
        return said

    def _tree(self, value: str, form: Form) -> Sequence[Any]:
        if (tree := self._trees.get(value)) is None:
            tree = self._trees[value] = _PARSERS.get(form, text.parse)(value)
        return tree

    def stems(self, *keys: str) -> dict[str, None]:
        """The stems of the words that carry meaning under some keys, each once, in their order."""
        for key in keys:
            if key not in self._stems:
                self._stems[key] = content_stems(self.plain(key))
        first, *others = (self._stems[key] for key in keys)
        return first if not others else dict.fromkeys(stem for some in (first, *others) for stem in some)

    @cached_property
    def question(self) -> str:
        """The sentence of the front that asks, without quotations: the last one with a question mark."""
        asking = [part for part in sentences(without_quotations(self.plain("front"))) if "?" in part]
        return " ".join(asking[-1].split()) if asking else ""

    @cached_property
    def prose(self) -> list[tuple[str, str]]:
        """Key and text, without markup, code and maths, of every text on the cards."""
        return list(self._prose())

    @cached_property
    def everything(self) -> str:
        """All of the prose in one text: most rules find nothing in it and need not look closer."""
        return "\n".join(text for _, text in self.prose)

    @cached_property
    def lowered(self) -> str:
        """All of the prose in lower case."""
        return self.everything.lower()

    def _prose(self) -> Iterator[tuple[str, str]]:
        for key in KINDS[self.note.kind].keys:
            if key.form not in _OF_NUMBERS:
                for value in texts_under(self.note, key):
                    yield key.name, self._prose_of(value, key.form)
        if self.note.extra:
            yield "extra", self._prose_of(self.note.extra, EXTRA.form)

    def _prose_of(self, value: str, form: Form) -> str:
        if not _MARKUP.search(value):
            return value
        return " ".join(node.text for node in text.walk(self._tree(value, form)) if type(node) is text.Text)


_FORMS = {name: {key.name: key for key in kind.keys} for name, kind in KINDS.items()}
_OF_NUMBERS = frozenset({Form.NUMBER, Form.COUNT, Form.CHOICE, Form.EXPRESSION, Form.VALUES})
_PARSERS: dict[Form, Callable[[str], Sequence[Any]]] = {
    Form.CLOZE: text.parse_cloze,
    Form.PLAIN: text.parse_plain,
    Form.PLAIN_LIST: text.parse_plain,
    Form.INLINE: text.parse_inline,
    Form.INLINE_LIST: text.parse_inline,
    Form.ROWS: text.parse_inline,
    Form.RUBRIC: text.parse_inline,
    Form.OPTIONS: text.parse_inline,
    Form.LAWS: text.parse_inline,
}


def texts_under(note: Note, key: Key) -> Iterator[str]:
    """Every text that stands under a key: itself, or those in its list, rows, points or options."""
    value = note.content.get(key.name)
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            if isinstance(item, str):
                yield item
            else:
                yield from (part for part in item if isinstance(part, str))


# --- words that carry meaning --------------------------------------------------------------

STOP_WORDS = frozenset(
    """
    a about above after again against all also am an and any are as at be because been before being below between
    both but by can could did do does doing down during each either else even ever every few for from further get
    gets give gives had has have having he her here hers him his how i if in into is it its itself just less like
    made make makes many may me might more most much must my no nor not now of off on once one only onto or other
    our out over own per same say says she should since so some still such take takes than that the their them then
    there these they this those though through to too two under until up upon us use used uses using very was we
    were what when where whether which while who whom whose why will with within without would yet you your
    """.split()  # noqa: SIM905
)
_ENDINGS = re.compile(r"(?:'s|’s|ations?|ings?|ions?|ies|ers?|ed|ly|es|s|y|e)$")


@lru_cache(maxsize=1 << 18)
def stem(word: str) -> str:
    """A word without its ending, roughly: enough to see that two are the same word."""
    if len(word) < 4 or not word.isascii():
        return word
    cut = _ENDINGS.sub("", word)
    return cut if len(cut) >= 3 else word


def are_kin(one: str, other: str) -> bool:
    """Whether two stems are of one family, as parasit(e) and parasitism are."""
    shorter = min(len(one), len(other))
    return (
        one == other
        or (shorter >= 5 and one[: shorter - 1] == other[: shorter - 1])
        or (shorter == 4 and one[:4] == other[:4])
    )


def kin_of(some: Collection[str], others: Collection[str]) -> set[str]:
    """Those of some stems that have kin among others."""
    return {one for one in some if one in others or any(are_kin(one, other) for other in others)}


def content_stems(plain: str) -> dict[str, None]:
    """The stems of the words that carry meaning, each once, in their order."""
    return dict.fromkeys(stem(word) for word in words_of(plain) if word not in STOP_WORDS)
