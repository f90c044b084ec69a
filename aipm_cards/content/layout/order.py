"""The keys in their order, as the tables of keys and kinds give it, each with its form."""

from __future__ import annotations

from aipm_cards import keys
from aipm_cards.content.files import COLLECTION, CURRICULUM, SOURCES
from aipm_cards.content.layout.tree import Block, Entry
from aipm_cards.content.layout.words import text_of
from aipm_cards.content.reader import Scalar
from aipm_cards.kinds import KINDS, Form, Key

_REGISTRY = {SOURCES: keys.SOURCE_KEYS, CURRICULUM: keys.TOPIC_KEYS}

# How an item of a list is laid out; where it differs from the list itself.
_ITEMS: dict[Form, Form] = {Form.INLINE_LIST: Form.INLINE, Form.PLAIN_LIST: Form.PLAIN, Form.NAMES: Form.SLUG}
_RECORD = Form.STYLE  # a mapping with a line a key

# The keys of a mapping, or of the mappings in a list.
_RECORDS: dict[Form, tuple[Key, ...]] = {
    Form.OPTIONS: keys.OPTION_KEYS,
    Form.LAWS: keys.LAW_KEYS,
    Form.CITATIONS: keys.CITATION_KEYS,
    Form.RUBRIC: (Key("must", Form.INLINE, ""),),
    Form.STYLE: keys.STYLE_KEYS,
}


def arrange(root: Block, path: str) -> None:
    """Give every entry of a file its form, and put keys in order: known ones first, others behind
    them as they stood. Notes, items, sources and topics keep the order of their author."""
    if path in _REGISTRY:
        for entry in root.entries:
            if isinstance(entry.value, Block) and not entry.value.is_list:
                entry.form = _RECORD
                _sort(entry.value, _REGISTRY[path])
    elif path == COLLECTION:
        _sort(root, keys.COLLECTION_KEYS)
    else:
        _sort(root, keys.DECK_KEYS)
        for entry in root.entries:
            if entry.form is Form.NOTES and isinstance(entry.value, Block):
                for note in entry.value.entries:
                    _arrange_note(note, _text(root, "kind"))
    _hoist(root)


def _arrange_note(note: Entry, default: str) -> None:
    if isinstance(note.value, Block) and not note.value.is_list:
        note.form = _RECORD
        kind = _text(note.value, "kind") or default or "basic"
        _sort(note.value, keys.note_keys(kind) if kind in KINDS else keys.NOTE_HEAD)


def _text(block: Block, name: str) -> str:
    """The text of a key, empty if there is none."""
    for entry in block.entries:
        if entry.key is not None and entry.key.value == name and isinstance(entry.value, Scalar):
            return "" if entry.value.missing else text_of(entry.value)
    return ""


def _sort(block: Block, known: tuple[Key, ...]) -> None:
    places = {key.name: place for place, key in enumerate(known)}
    block.entries.sort(key=lambda entry: places.get(entry.key.value if entry.key else "", len(known)))
    for entry in block.entries:
        place = places.get(entry.key.value if entry.key else "")
        if place is not None:
            entry.form = known[place].form
            _arrange_value(entry.value, entry.form)


def _arrange_value(value: Scalar | Block, form: Form) -> None:
    if not isinstance(value, Block):
        return
    records = _RECORDS.get(form)
    if not value.is_list and records is not None:
        _sort(value, records)
    for entry in value.entries:
        if value.is_list:
            entry.form = _ITEMS.get(form, form)
            _arrange_value(entry.value, form)
        elif records is None:
            entry.form = Form.INLINE if form is Form.REASONS else Form.COUNT


def _hoist(block: Block) -> None:
    """What stands above the first key of an item goes above its dash."""
    for entry in block.entries:
        if isinstance(entry.value, Block):
            _hoist(entry.value)
            if entry.key is None and entry.value.entries:
                first = entry.value.entries[0]
                if any(first.before):
                    entry.before += [*entry.beside, *(text for text in first.before if text)]
                    entry.beside, first.before = [], []
