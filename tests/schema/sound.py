"""A sound note of each kind with all its keys, made from the tables."""

from __future__ import annotations

from typing import Any

from aipm_cards.keys import note_keys
from aipm_cards.kinds import KINDS, Form, Key

_RECORDS = {
    Form.OPTIONS: {"name": "wait", "gain": "time", "harm": "a month"},
    Form.LAWS: {"jurisdiction": "EU", "law": "GDPR", "as_of": "2026-11-20"},
}
_VALUES: dict[Form, Any] = {
    Form.BLOCK: "Some text.",
    Form.INLINE: "some words",
    Form.PLAIN: "a formula",
    Form.CLOZE: "Some {{c1::text}}.",
    Form.INLINE_LIST: ["one", "two"],
    Form.PLAIN_LIST: ["one", "two"],
    Form.NUMBER: 2,
    Form.COUNT: 2,
    Form.EXPRESSION: "1 + 1",
    Form.VALUES: {"TP": 90, "NO": "1,200"},
    Form.ROWS: [["cost", "high", "low"]],
    Form.SLUG: "a-name",
    Form.DATE: "2026-11-20",
    Form.CITATIONS: ["page", {"ref": "page", "at": 22}],
    Form.REASONS: {"S202": "a reason"},
}


def sound_value(key: Key) -> Any:
    if key.form is Form.CHOICE:
        return key.choices[0]
    if key.form is Form.RUBRIC:
        return [{"must": "It is said."}, *["So is this."] * (key.at_least - 1)]
    if key.form in _RECORDS:
        return [dict(_RECORDS[key.form]) for _ in range(key.at_least)]
    if key.name == "related":
        return ["a-name"]
    return ["T001"] if key.form is Form.NAMES else _VALUES[key.form]


def sound_note(kind: str) -> dict[str, Any]:
    return {key.name: sound_value(key) for key in note_keys(kind)} | {"kind": kind}


def deck_of(*notes: Any, **header: Any) -> dict[str, Any]:
    return {"deck": "Deck", **header, "notes": list(notes)}


def required(kind: str) -> list[str]:
    return [key.name for key in KINDS[kind].keys if key.required]
