"""A sound note of every kind, and what is left of it after one change: `check` and the schema
agree about each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from aipm_cards.keys import note_keys
from aipm_cards.kinds import KINDS, TEXT_FORMS, Form, Key
from tests.content.reading import deck
from tests.schema.reading import as_values, complaints
from tests.schema.sound import deck_of, required, sound_note

_TEXT: tuple[Any, ...] = (["a"], {"a": "b"})
_LIST: tuple[Any, ...] = ({"a": "b"}, [["a"]], [""], ["a", None])
_LIST_ONLY: tuple[Any, ...] = ("a", 1, {"a": "b"}, [[]], [{"a": "b"}], [None], ["a"] * 101)
_MAPPING: tuple[Any, ...] = ("a", 1, ["a"], {"a b": 1}, {"TP": None}, {"S202": None})

# What may not stand behind a key.
WRONG: dict[Form, tuple[Any, ...]] = {
    **dict.fromkeys((*TEXT_FORMS, Form.EXPRESSION), _TEXT),
    **dict.fromkeys((Form.INLINE_LIST, Form.PLAIN_LIST, Form.NAMES), _LIST),
    **dict.fromkeys((Form.ROWS, Form.RUBRIC, Form.OPTIONS), _LIST_ONLY),
    **dict.fromkeys((Form.VALUES, Form.REASONS), _MAPPING),
    Form.LAWS: (*_LIST_ONLY, [{"jurisdiction": "EU", "law": "GDPR", "as_of": "soon"}], [{"jurisdiction": "EU"}]),
    Form.CHOICE: ("zz", 1, ["a"], {"a": "b"}),
    Form.COUNT: (0, -1, 1.5, "many", "", [1], True),
    Form.DATE: ("2026-1-1", "2026-13-01", "2026-04-31", "20 May 2026", 2026, ["2026-11-20"], True),
    Form.SLUG: ("A name", "ab", "a" * 65, "", ["a-name"]),
    Form.NUMBER: ("two", "1e5", "1,20", ["2"], {"a": 2}, True),
    Form.CITATIONS: ({"at": "x"}, {"ref": "page", "on": "x"}, ["page", ["page"]], "a b", ""),
}


# Each key once: those that every note may have, on a basic one.
KEYS = [("basic", key) for key in note_keys("basic")]
KEYS += [(kind, key) for kind in KINDS if kind != "basic" for key in KINDS[kind].keys]


def written(source: Any) -> str:
    """A source as YAML. What is missing is a tilde: `null` is a word to `check`."""
    return json.dumps(source).replace("null", "~")


def verdicts(source: Any) -> tuple[bool, bool]:
    """Whether `check` and whether the schema takes a deck file."""
    text = written(source)
    read = deck(text, sources=("page",), topics=("T001",))
    errors = [problem for problem in read.findings.found if problem.severity == "error"]
    assert errors or len(read.notes) == len(source["notes"])
    return not errors, not complaints(as_values(text))


def wrong_values(key: Key) -> Iterator[Any]:
    yield from WRONG[key.form]
    if key.form is Form.COUNT:
        yield key.at_most + 1
    if key.required:
        yield None
        yield [] if WRONG[key.form] is _LIST_ONLY else ""


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_note_is_taken_with_all_its_keys_and_with_the_required_ones(kind: str) -> None:
    note = sound_note(kind)
    assert verdicts(deck_of(note)) == (True, True)
    least = {name: note[name] for name in ("id", "kind", *required(kind))}
    assert verdicts(deck_of(least)) == (True, True)
    unnamed = {name: value for name, value in least.items() if name != "kind"}
    assert verdicts(deck_of(unnamed, kind=kind)) == (True, True)
    assert verdicts(deck_of(unnamed | {"kind": None}, kind=kind)) == (True, True)
    assert verdicts(deck_of(least, kind="reversed" if kind != "reversed" else "cloze")) == (True, True)
    assert verdicts(deck_of(unnamed)) == ((True, True) if kind == "basic" else (False, False))


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_too_few_or_too_many_is_refused(kind: str) -> None:
    note = sound_note(kind)
    for name in ("id", *required(kind)):
        assert verdicts(deck_of({key: value for key, value in note.items() if key != name})) == (False, False), name
    others = {key.name for other in KINDS.values() for key in other.keys} - note.keys()
    for name in ("frnt", "notes", "deck", *others):
        assert verdicts(deck_of(note | {name: "x"})) == (False, False), name


@pytest.mark.parametrize(("kind", "key"), KEYS)
def test_a_wrong_value_is_refused(kind: str, key: Key) -> None:
    for value in wrong_values(key):
        assert verdicts(deck_of(sound_note(kind) | {key.name: value})) == (False, False), (key.name, value)


@pytest.mark.parametrize(("kind", "key"), KEYS)
def test_what_is_missing_may_be_missing(kind: str, key: Key) -> None:
    if not key.required and key.name != "kind":
        assert verdicts(deck_of(sound_note(kind) | {key.name: None})) == (True, True)


@pytest.mark.parametrize("name", ["interview", "scenario"])
def test_points_of_a_rubric(name: str) -> None:
    key = KINDS[name].key("rubric")
    assert key is not None
    for musts in range(5):
        for points in range(key.at_least - 1, key.at_most + 2):
            rubric = [*[{"must": "a"}] * musts, *["b"] * (points - musts)]
            sound = 1 <= musts <= 3 and key.at_least <= len(rubric) <= key.at_most
            assert verdicts(deck_of(sound_note(name) | {"rubric": rubric, "pass": max(musts, 1)})) == (sound, sound)


@pytest.mark.parametrize(
    "header",
    [{"kind": "basc"}, {"tier": 4}, {"tag": ["a"]}, {"deck": "A::"}, {"deck": 'A "b"'}, {"deck": " "}, {"deck": None},
     {"notes": []}, {"notes": None}, {"notes": {}}, {"notes": ["a"]}, {"as_of": "soon"}, {"description": ["a"]}],
)  # fmt: skip
def test_a_wrong_header_is_refused(header: dict[str, Any]) -> None:
    text = written(deck_of(sound_note("basic")) | header)
    assert deck(text, sources=("page",), topics=("T001",)).findings.found != []
    assert complaints(as_values(text)) != []


@pytest.mark.parametrize("name", ["A", "A::B", "A: B", " A :: B ", "A:::B", "A:::", "a::b::c", "9", "été::Übung"])
def test_deck_names(name: str) -> None:
    assert verdicts(deck_of(sound_note("basic"), deck=name)) == (True, True)
