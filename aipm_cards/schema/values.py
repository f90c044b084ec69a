"""What may stand behind a key, by its form.

Only words that the YAML servers of editors know, and one shape with several types rather than
a choice between shapes: their messages are about the value then, not about the choice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aipm_cards.arithmetic import FUNCTIONS
from aipm_cards.diagnostics import ALLOWABLE, RULES, STYLE
from aipm_cards.keys import CITATION_KEYS, LAW_KEYS, OPTION_KEYS, STYLE_KEYS
from aipm_cards.kinds import KINDS, ROUNDS, Form, Key

Schema = dict[str, Any]

# YAML makes a number of `80` and a boolean of `no`; to `check` both are the text that was typed.
SCALAR = ["string", "number", "boolean"]

_SLUG = "[a-z0-9-]{3,64}"
_SOURCE = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_PART = r'(?:(?!::)[^"\s])(?:(?!::)[^"])*'
# Letters of all scripts, without `\w` or `\p{L}`: Python and JavaScript agree on neither.
_TAG = r"[^\x00-\x20!-%'-*,:;<-@\[-^`{-\x7f]+"
_NUMBER = r"[-+\u2212]?(?:(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?|\.[0-9]+)"
_GAP = r"\{\{c0{0,6}(?:[1-9][0-9]?|[1-4][0-9]{2})::(?!\}\})[\s\S]*\}\}"
_ARITHMETIC = r"^\s*[0-9A-Za-z_.+*/()-][\s0-9A-Za-z_.+*/()-]*$"
_UP_TO_29 = "(?:0[1-9]|[12][0-9]"
_DATE = f"[0-9]{{4}}-(?:(?:0[13578]|1[02])-{_UP_TO_29}|3[01])|(?:0[469]|11)-{_UP_TO_29}|30)|02-{_UP_TO_29}))"

# What a text must look like and what to say otherwise, where the form alone does not tell.
PATTERNS: dict[tuple[str, Form], tuple[str, str]] = {
    ("id", Form.SLUG): (_SLUG, "Write 3 to 64 of a-z, 0-9 and hyphens."),
    ("namespace", Form.SLUG): (
        "[a-z0-9][a-z0-9-]{1,62}[a-z0-9]",
        "Write 3 to 64 of a-z, 0-9 and hyphens, not at the ends.",
    ),
    ("deck", Form.INLINE): (rf"{_PART}(?:::\s*{_PART})*", "Write Name::Part, without quotes inside."),
    ("name", Form.PLAIN): (_PART, "Write a plain name, without `::` and quotes inside."),
    ("language", Form.PLAIN): ("[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*", "Write a code such as en or pt-BR."),
    ("url", Form.PLAIN): (r"[Hh][Tt][Tt][Pp][Ss]?://\S*", "Write the address of the page, https://…"),
    ("ref", Form.PLAIN): (_SOURCE, "Write a key of sources.yaml."),
    ("tags", Form.NAMES): (f"{_TAG}(?:::{_TAG})*", "Use letters, digits, `-`, `_` and `::`."),
    ("topics", Form.NAMES): (f"{_TAG}(?:::{_TAG})*", "Use letters, digits, `-` and `_`."),
    ("related", Form.NAMES): (_SLUG, "Write the id of a note: 3 to 64 of a-z, 0-9 and hyphens."),
}
_NOT_EMPTY = "[^\\n]"
SOURCE_KEY = f"^{_SOURCE}$"

_CHOICES = {name: kind.help for name, kind in KINDS.items()} | {name: f"{what}." for name, what in ROUNDS.items()}


def value_of(key: Key) -> Schema:
    """What may stand behind a key, with what it is; nothing at all if it is not required."""
    value = _FORMS[key.form](key)
    if not key.required:
        types = value["type"]
        value["type"] = [*types, "null"] if isinstance(types, list) else [types, "null"]
        if "enum" in value:
            value["enum"] = [*value["enum"], None]
    return described(key.help) | value


def described(help_: str) -> Schema:
    """The help that an editor shows on hover, plain and with its marks."""
    plain = help_.replace("`", "")
    return {"description": plain} if plain == help_ else {"description": plain, "markdownDescription": help_}


def record(keys: tuple[Key, ...]) -> Schema:
    """A mapping with these keys and no others."""
    return {
        "type": "object",
        "properties": {key.name: value_of(key) for key in keys},
        "required": [key.name for key in keys if key.required],
        "additionalProperties": False,
    }


def _whole(pattern: str, required: bool) -> str:
    """A pattern that a text must match as a whole, blanks at its ends aside."""
    return rf"^\s*(?:{pattern}){'' if required else '?'}\s*$"


def _pattern(key: Key, required: bool) -> Schema:
    """How a text that YAML takes for one must look."""
    if found := PATTERNS.get((key.name, key.form)):
        return {"pattern": _whole(found[0], required), "patternErrorMessage": found[1]}
    return {"pattern": r"\S", "patternErrorMessage": "Write the text."} if required else {}


def _some(shape: Schema) -> Schema:
    """A text of a list, which may be blank unless its shape says otherwise, but not empty."""
    return {"pattern": _NOT_EMPTY, "patternErrorMessage": "Write the text, or remove its line."} | shape


def _text(key: Key) -> Schema:
    return {"type": list(SCALAR), "errorMessage": "Write a text.", **_pattern(key, key.required)}


def _cloze(_: Key) -> Schema:
    message = "Write what the card hides as {{c1::words}}."
    return {"type": "string", "pattern": _GAP, "patternErrorMessage": message}


def _expression(_: Key) -> Schema:
    message = "Write arithmetic: numbers, names of `values`, + - * / ** ( ) sqrt and log2."
    return {"type": list(SCALAR), "pattern": _ARITHMETIC, "patternErrorMessage": message}


def _bounds(key: Key) -> Schema:
    at_least = {"minItems": key.at_least} if key.required else {}
    return at_least | {"maxItems": key.at_most}


def _texts(key: Key) -> Schema:
    """A list of texts; one text by itself counts as a list of one."""
    item = _some({"type": list(SCALAR), **_pattern(key, key.required)})
    return {"type": ["array", *SCALAR], "items": item, **_bounds(key), **_pattern(key, key.required)}


def _names(key: Key) -> Schema:
    item = _some({"type": list(SCALAR), **_pattern(key, True)})
    if key.name == "off":
        item = {"enum": list(STYLE), "enumDescriptions": [RULES[code].title for code in STYLE]}
    return {"type": ["array", *SCALAR], "items": item, **_pattern(key, False)}


def _number(key: Key) -> Schema:
    return _a_number(key.required)


def _a_number(required: bool) -> Schema:
    message = "Write the bare number; its unit goes to `unit`."
    return {"type": ["number", "string"], "pattern": _whole(_NUMBER, required), "patternErrorMessage": message}


def _count(key: Key) -> Schema:
    return count(key.at_most)


def count(at_most: int) -> Schema:
    """A whole number from 1, quoted or not."""
    message = f"Write a whole number from 1 to {at_most}."
    digits = f"0{{0,5}}[1-{at_most}]" if at_most < 10 else "[0-9]{1,6}"
    return {
        "type": ["integer", "string"],
        "minimum": 1,
        "maximum": at_most,
        "pattern": _whole(digits, True),
        "patternErrorMessage": message,
        "examples": list(range(1, min(at_most, 3) + 1)),  # an editor offers them
    }


def _choice(key: Key) -> Schema:
    allowed: list[str | int] = [int(word) if word.isdecimal() else word for word in key.choices]
    allowed += [word for word in key.choices if word.isdecimal()]  # in quotes
    schema: Schema = {"type": ["string", "integer"] if len(allowed) > len(key.choices) else "string", "enum": allowed}
    if all(word in _CHOICES for word in key.choices):
        schema["enumDescriptions"] = [_CHOICES[word] for word in key.choices]
    return schema


def _values(_: Key) -> Schema:
    name = rf"^(?!(?:{'|'.join(FUNCTIONS)})$)[A-Za-z_][A-Za-z_0-9]{{0,63}}$"
    return {"type": "object", "patternProperties": {name: _a_number(True)}, "additionalProperties": False}


def _rows(key: Key) -> Schema:
    cell = _some({"type": list(SCALAR)})
    return {"type": "array", "items": {"type": "array", "items": cell, "minItems": 3, "maxItems": 3}, **_bounds(key)}


def _rubric(key: Key) -> Schema:
    text = _some({"type": list(SCALAR)})
    must = described("A point without which the answer has failed; one to three are.") | text
    point = text | {
        "type": [*SCALAR, "object"],
        "properties": {"must": must},
        "required": ["must"],
        "additionalProperties": False,
    }
    some_must = {"type": "object", "required": ["must"]}
    return {
        "type": "array",
        "items": point,
        **_bounds(key),
        "contains": some_must,
        "minContains": 1,
        "maxContains": 3,
    }


def _options(key: Key) -> Schema:
    return _records(key, OPTION_KEYS)


def _laws(key: Key) -> Schema:
    return _records(key, LAW_KEYS)


def _records(key: Key, keys: tuple[Key, ...]) -> Schema:
    entry = record(keys) | {"title": ", ".join(inner.name for inner in keys)}
    for inner in keys:
        if inner.required:
            entry["properties"][inner.name]["pattern"] = _NOT_EMPTY
    return {"type": "array", "items": entry, **_bounds(key)}


def _slug(key: Key) -> Schema:
    return {"type": list(SCALAR), **_pattern(key, True)}


def _date(key: Key) -> Schema:
    message = "Write a date as 2026-11-20."
    return {"type": "string", "pattern": _whole(_DATE, key.required), "patternErrorMessage": message}


def _citations(_: Key) -> Schema:
    one = record(CITATION_KEYS) | {
        "type": [*SCALAR, "object"],
        "pattern": _whole(_SOURCE, True),
        "patternErrorMessage": "Write a key of sources.yaml.",
    }
    return one | {"type": ["array", *one["type"]], "items": one}


def _reasons(_: Key) -> Schema:
    reason = _some({"type": list(SCALAR)})
    codes = [code for code in STYLE if code in ALLOWABLE]
    return {
        "type": "object",
        "properties": {code: described(f"Why it may be {RULES[code].title}.") | reason for code in codes},
        "additionalProperties": False,
    }


def _style(_: Key) -> Schema:
    return record(STYLE_KEYS)


def _pairs(_: Key) -> Schema:
    term = _some({"type": list(SCALAR)})
    return {"type": "array", "items": {"type": "array", "items": term, "minItems": 2, "maxItems": 2}}


def _planned(_: Key) -> Schema:
    kinds = {name: described(kind.help) | count(1000) for name, kind in KINDS.items()}
    return {"type": "object", "properties": kinds, "additionalProperties": False}


def _notes(_: Key) -> Schema:
    return {"type": "array", "minItems": 1}  # of what, depends on the kind that the file sets


_FORMS: dict[Form, Callable[[Key], Schema]] = {
    Form.BLOCK: _text,
    Form.INLINE: _text,
    Form.PLAIN: _text,
    Form.CLOZE: _cloze,
    Form.INLINE_LIST: _texts,
    Form.PLAIN_LIST: _texts,
    Form.NUMBER: _number,
    Form.COUNT: _count,
    Form.CHOICE: _choice,
    Form.EXPRESSION: _expression,
    Form.VALUES: _values,
    Form.ROWS: _rows,
    Form.RUBRIC: _rubric,
    Form.OPTIONS: _options,
    Form.LAWS: _laws,
    Form.SLUG: _slug,
    Form.DATE: _date,
    Form.NAMES: _names,
    Form.CITATIONS: _citations,
    Form.REASONS: _reasons,
    Form.NOTES: _notes,
    Form.STYLE: _style,
    Form.PAIRS: _pairs,
    Form.PLANNED: _planned,
}
