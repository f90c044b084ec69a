"""The keys that stand beside those of a kind: of every note, of a deck file and of the other sources.

With `kinds.py` these tables say what may be written where, and in which order it is laid out.
"""

from __future__ import annotations

from aipm_cards.kinds import CUE, EXTRA, KINDS, Form, Key

EVIDENCE = ("primary", "law", "standard", "study", "practice", "opinion")


def _optional(name: str, form: Form, help_: str, choices: tuple[str, ...] = (), at_most: int = 100) -> Key:
    return Key(name, form, help_, required=False, choices=choices, at_most=at_most)


ID = Key("id", Form.SLUG, "Its permanent name: 3 to 64 of a-z, 0-9 and hyphens. Learners keep their progress by it.")
KIND = _optional("kind", Form.CHOICE, "The kind of the note; `basic` if left out.", choices=tuple(KINDS))
TOPICS = _optional("topics", Form.NAMES, "Topics of `curriculum.yaml` that it teaches, by id.")
TIER = _optional("tier", Form.COUNT, "1 core, 2 standard (if left out), 3 optional.", at_most=3)
LEVEL = _optional("level", Form.COUNT, "1 state it (if left out), 2 use it, 3 weigh it.", at_most=3)
TAGS = _optional("tags", Form.NAMES, "Tags in Anki, below the collection's namespace.")
AS_OF = _optional("as_of", Form.DATE, "The day on which its facts were true, as 2026-11-20.")
REVIEW_BY = _optional("review_by", Form.DATE, "The day by which to look at it again, as 2027-11-20.")
SOURCES = _optional("sources", Form.CITATIONS, "What it rests on: keys of `sources.yaml`, or `{ref: key, at: where}`.")

# In the order in which they are laid out: those above the keys of the kind, and those below.
NOTE_HEAD: tuple[Key, ...] = (ID, KIND, TOPICS, TIER, LEVEL, TAGS, CUE)
NOTE_FOOT: tuple[Key, ...] = (
    EXTRA,
    AS_OF,
    REVIEW_BY,
    SOURCES,
    _optional("related", Form.NAMES, "Notes to see as well, by id."),
    _optional("allow", Form.REASONS, "Rules of style that it breaks, each with the reason: `{S202: why}`."),
    _optional("retired", Form.INLINE, "Why it is retired. Learners keep their cards, newcomers get none."),
)

# A deck file sets `DEFAULTS` for its notes, where a note's own value wins, and adds `ADDED`.
DEFAULTS: tuple[Key, ...] = (KIND, CUE, TIER, LEVEL, SOURCES, AS_OF, REVIEW_BY)
ADDED: tuple[Key, ...] = (TAGS, TOPICS)
DECK_KEYS: tuple[Key, ...] = (
    Key("deck", Form.INLINE, "The deck that its notes belong to, below the collection's: `Concepts::Evaluation`."),
    _optional("description", Form.BLOCK, "What one will be able to do; Anki shows it with the deck."),
    KIND,
    CUE,
    TIER,
    LEVEL,
    TAGS,
    TOPICS,
    AS_OF,
    REVIEW_BY,
    SOURCES,
    Key("notes", Form.NOTES, "The notes, in the order in which to meet them."),
)

COLLECTION_KEYS: tuple[Key, ...] = (
    Key("format", Form.CHOICE, "The version of this format.", choices=("1",)),
    Key("name", Form.PLAIN, "The name of the root deck in Anki."),
    Key("namespace", Form.SLUG, "The identity of every note in Anki and in every history; it never changes."),
    _optional("license", Form.PLAIN, "The licence of the cards, as CC-BY-4.0."),
    _optional("language", Form.PLAIN, "The language of the cards, as en or pt-BR."),
    _optional("style", Form.STYLE, "What the rules about style have to know of this collection."),
)
STYLE_KEYS: tuple[Key, ...] = (
    _optional("off", Form.NAMES, "Rules about style that this collection does not want."),
    _optional("short_forms", Form.NAMES, "Short forms that its learners know without explanation."),
    _optional("confusable", Form.PAIRS, "Pairs of terms that want a contrast note: `[precision, recall]`."),
)
SOURCE_KEYS: tuple[Key, ...] = (
    Key("title", Form.INLINE, "The title of the page, as it gives it."),
    _optional("publisher", Form.INLINE, "Who published it."),
    _optional("url", Form.PLAIN, "Its address, https://…"),
    _optional("opened", Form.DATE, "The day on which its author opened it, as 2026-11-20."),
    _optional("evidence", Form.CHOICE, "What kind of evidence it is.", choices=EVIDENCE),
)
TOPIC_KEYS: tuple[Key, ...] = (
    Key("title", Form.INLINE, "What is to be learned."),
    _optional("family", Form.PLAIN, "The family of topics that it belongs to."),
    _optional("tier", Form.COUNT, "1 core, 2 standard (if left out), 3 optional.", at_most=3),
    _optional("planned", Form.PLANNED, "How many notes of each kind are wanted: `{basic: 2}`."),
)

CITATION_KEYS: tuple[Key, ...] = (
    Key("ref", Form.PLAIN, "A key of `sources.yaml`."),
    _optional("at", Form.INLINE, "Where in it the fact stands."),
)
OPTION_KEYS: tuple[Key, ...] = (
    Key("name", Form.INLINE, "The option in a few words."),
    Key("gain", Form.INLINE, "What it brings."),
    Key("harm", Form.INLINE, "What it costs, and whom."),
)
LAW_KEYS: tuple[Key, ...] = (
    Key("jurisdiction", Form.INLINE, "Where it holds."),
    Key("law", Form.INLINE, "The law, and where in it."),
    _optional("as_of", Form.DATE, "The day on which it was looked up, as 2026-11-20."),
)


def names(keys: tuple[Key, ...]) -> tuple[str, ...]:
    """The names of some keys."""
    return tuple(key.name for key in keys)


def note_keys(kind: str) -> tuple[Key, ...]:
    """All keys of a note of a kind, in the order in which they are laid out."""
    return (*NOTE_HEAD, *KINDS[kind].keys, *NOTE_FOOT)
