"""A whole note of a kind to fill in, as editors offer it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from aipm_cards.keys import ID, OPTION_KEYS
from aipm_cards.kinds import KINDS, Form, Key


def note_snippet(kind: str, named: bool) -> dict[str, Any]:
    """A note with the required keys of a kind; `named` writes the kind as well."""
    stops = (f"${number}" for number in count(1))
    body: dict[str, Any] = {ID.name: next(stops)}
    if named:
        body["kind"] = kind
    for key in KINDS[kind].keys:
        if key.required:
            body[key.name] = _blank(key, stops)
    return {"label": f"{kind} note", "description": KINDS[kind].help, "body": body}


def _blank(key: Key, stops: Iterator[str]) -> Any:
    if key.form is Form.OPTIONS:
        return [{option.name: next(stops) for option in OPTION_KEYS} for _ in range(key.at_least)]
    if key.form is Form.RUBRIC:
        return [{"must": next(stops)}, *(next(stops) for _ in range(key.at_least - 1))]
    if key.form is Form.CLOZE:  # a text that began with braces would have to be quoted
        return f"{next(stops)} {{{{c1::{next(stops)}}}}}"
    stop = next(stops)
    if key.form is Form.CHOICE:
        return f"${{{stop[1:]}|{','.join(key.choices)}|}}"
    return [stop] if key.form in (Form.INLINE_LIST, Form.PLAIN_LIST) else stop
