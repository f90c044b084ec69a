"""Sources as an editor sees them: values of YAML's own types, held against the schemas."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from aipm_cards.schema.files import SCHEMAS

_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Editor(_BASE):
    """YAML's types, but a date stays a text and a key what was typed, as editors have it."""


def _typed(loader: Any, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[str, Any]:
    return {key.value: loader.construct_object(value, deep=True) for key, value in node.value}


Editor.add_constructor("tag:yaml.org,2002:timestamp", _typed)
Editor.add_constructor("tag:yaml.org,2002:map", _mapping)


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(SCHEMAS[name]())


def schema_of(path: Path) -> str:
    """The schema that a file of a collection is to follow."""
    return path.stem if path.name in ("collection.yaml", "sources.yaml", "curriculum.yaml") else "deck"


def as_values(text: str) -> Any:
    return yaml.load(text, Editor)


def complaints(value: Any, name: str = "deck") -> list[str]:
    """What a schema has to say against a value."""
    return [f"{error.json_path}: {error.message}" for error in validator(name).iter_errors(value)]
