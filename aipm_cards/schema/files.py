"""The schema of each kind of source file."""

from __future__ import annotations

import json
from collections.abc import Callable

from aipm_cards.keys import COLLECTION_KEYS, DECK_KEYS, KIND, NOTE_FOOT, NOTE_HEAD, SOURCE_KEYS, TOPIC_KEYS, note_keys
from aipm_cards.kinds import KINDS, Key
from aipm_cards.schema.snippets import note_snippet
from aipm_cards.schema.values import SOURCE_KEY, Schema, record, value_of

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_USUAL = "basic"
DIRECTORY = "schema"  # below the root of a collection


def schema_text(name: str) -> str:
    """A schema as its file holds it. `name` is one of `SCHEMAS`."""
    return json.dumps(SCHEMAS[name](), indent=1, ensure_ascii=False) + "\n"


def modeline(path: str) -> str:
    """The first line of a source, by which an editor finds its schema. `path` is that of the
    source from the collection's root, with slashes; the schemas lie in `DIRECTORY` there."""
    stem = path.removesuffix(".yaml")
    name = stem if stem in SCHEMAS and stem != path else "deck"
    return f"# yaml-language-server: $schema={'../' * path.count('/')}{DIRECTORY}/{name}.json\n"


def deck_schema() -> Schema:
    """The schema of a deck file. Which keys a note may have depends on its kind, and without
    one on the kind that the file sets."""
    deck = record(DECK_KEYS)
    by_file = [_if_kind(kind, {"properties": {"notes": {"items": _ref(f"note-{kind}")}}}) for kind in KINDS]
    return _file("A deck file", deck | {"allOf": by_file, "$defs": _definitions()})


def collection_schema() -> Schema:
    """The schema of `collection.yaml`."""
    return _file("The collection", record(COLLECTION_KEYS))


def sources_schema() -> Schema:
    """The schema of `sources.yaml`."""
    return _file("The sources that notes rest on", _table(record(SOURCE_KEYS)))


def curriculum_schema() -> Schema:
    """The schema of `curriculum.yaml`."""
    return _file("The curriculum", _table(record(TOPIC_KEYS)))


SCHEMAS: dict[str, Callable[[], Schema]] = {
    "deck": deck_schema,
    "collection": collection_schema,
    "sources": sources_schema,
    "curriculum": curriculum_schema,
}


def _file(title: str, schema: Schema) -> Schema:
    about = "Written by `aipm-cards schema` from the tables of its checks."
    return {"$schema": _DRAFT, "title": f"{title} of aipm-cards", "$comment": about, **schema}


def _table(entry: Schema) -> Schema:
    """Names of one's own, each with an entry; a file without any is none of our business."""
    return {"type": ["object", "null"], "patternProperties": {SOURCE_KEY: entry}, "additionalProperties": False}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _if_kind(kind: str, then: Schema) -> Schema:
    """What holds where `kind` says so; the usual kind also where nothing is said."""
    if kind == _USUAL:
        return {"if": {"properties": {"kind": {"enum": [kind, None]}}}, "then": then}
    return {"if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]}, "then": then}


def _definitions() -> Schema:
    common = NOTE_HEAD + NOTE_FOOT
    shared = {f"key-{key.name}": value_of(key) for key in common}
    kinds = {f"{kind}-keys": _keys_of(kind) for kind in KINDS}
    files = {f"note-{kind}": _note_where(kind) for kind in KINDS}
    return {**files, "note": _note(), **kinds, **shared}


def _note() -> Schema:
    """A note that names its kind."""
    return {
        "type": "object",
        "properties": {KIND.name: _ref("key-kind")},
        "allOf": [
            {"if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]}, "then": _ref(f"{kind}-keys")}
            for kind in KINDS
        ],
    }


def _note_where(kind: str) -> Schema:
    """A note in a file whose notes are of a kind unless they say otherwise."""
    unnamed = {"if": {"properties": {"kind": {"type": "null"}}}, "then": _ref(f"{kind}-keys")}
    snippets = [note_snippet(name, named=name != kind) for name in KINDS]
    return {"allOf": [_ref("note"), unnamed], "defaultSnippets": snippets}


def _keys_of(kind: str) -> Schema:
    """All keys of a note of a kind."""
    own = {key.name for key in KINDS[kind].keys}
    keys = note_keys(kind)
    rubric = KINDS[kind].key("rubric")
    return {
        "type": "object",
        "title": f"{kind} keys",  # the heading of help, and the name by which an editor offers them
        "description": KINDS[kind].help,
        "properties": {key.name: value_of(key) if key.name in own else _ref(f"key-{key.name}") for key in keys},
        "required": [key.name for key in keys if key.required],
        "additionalProperties": False,
        **({"allOf": _pass_of(rubric)} if rubric else {}),
    }


def _pass_of(rubric: Key) -> list[Schema]:
    """That `pass` asks for no more points than there are."""
    return [
        {
            "if": {
                "properties": {rubric.name: {"type": "array", "minItems": points, "maxItems": points}},
                "required": [rubric.name],
            },
            "then": {"properties": {"pass": {"maximum": points}}},
        }
        for points in range(rubric.at_least, rubric.at_most + 1)
    ]
