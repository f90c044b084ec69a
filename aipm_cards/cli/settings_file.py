"""The settings file and, beside it, what `optimize` put into it, so that it can be taken back."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from aipm_cards.cli import person
from aipm_cards.errors import AipmCardsError
from aipm_cards.memory.settings import SettingsError, parse_settings
from aipm_cards.memory.settings_text import typed_parameters, with_parameters, without_parameters
from aipm_cards.writing import replacing

_BOM = "\ufeff"
KEPT = 100  # changes that can be taken back


class Change(NamedTuple):
    """Parameters that were put into the file for a deck (empty for the general ones): what was
    there before, as it was typed (None for nothing), and what was put in."""

    deck: str
    before: str | None
    put: str


def put_parameters(deck: str, value: str, read: bytes) -> Path:
    """Put parameters, as they are typed, into the settings file, which held the bytes `read`.

    What is needed to take them back is written first. Raises SettingsError, OSError.
    """
    path = person.settings_path()
    text, bom = _text(read)
    try:
        edit = with_parameters(text, deck, value)
        parse_settings(edit.text, str(path))
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from None
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_changes([*_changes(), Change(deck, edit.before, edit.put)])
    _write(path, (bom + edit.text).encode(), read)
    return path


def take_back_parameters(deck: str) -> tuple[Path, Change] | None:
    """Take the last parameters that were put in for a deck back; None if there are none. Raises
    SettingsError if they were edited since; OSError."""
    path, read = person.settings_path(), read_bytes()
    text, bom = _text(read)
    left = _changes()
    while change := next((one for one in reversed(left) if one.deck.casefold() == deck.casefold()), None):
        left = _without_last(left, change)
        if change.before != typed_parameters(text, deck) or change.put == change.before:
            break  # else it was never written: the process was killed between the two files
    else:
        return None
    try:
        after = without_parameters(text, deck, change.before, change.put)
        parse_settings(after, str(path))
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}; nothing was changed: edit them there") from None
    _write(path, (bom + after).encode(), read)
    _write_changes(left)
    return path, change


def read_bytes() -> bytes:
    """The settings file as it stands; empty if there is none."""
    try:
        return person.settings_path().read_bytes()
    except FileNotFoundError:
        return b""


def _text(read: bytes) -> tuple[str, str]:
    """The text of the file without its byte order mark, and the mark."""
    text = read.decode()
    return (text[1:], _BOM) if text.startswith(_BOM) else (text, "")


def _write(path: Path, data: bytes, read: bytes) -> None:
    if read_bytes() != read:
        raise AipmCardsError(f"{path}: was changed meanwhile, and left alone; do it again")
    mode = os.stat(path).st_mode & 0o777 if path.exists() else None
    with replacing(path, person.now_ms() // 1000, mode) as file:
        file.write(data)


def _kept() -> Path:
    path = person.settings_path()
    return path.with_name(f"{path.name}.optimized.json")


def _without_last(changes: Sequence[Change], change: Change) -> list[Change]:
    at = len(changes) - 1 - list(reversed(changes)).index(change)
    return [*changes[:at], *changes[at + 1 :]]


def _changes() -> list[Change]:
    """The changes that were kept, the oldest first. Raises SettingsError."""
    path = _kept()
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(map(_is_change, found)):
        raise SettingsError(f"{path}: is damaged; delete it, and `optimize --undo` knows of nothing before that")
    return [Change(*one) for one in found]


def _is_change(one: object) -> bool:
    match one:
        case [str(), str() | None, str()]:
            return True
    return False


def _write_changes(changes: Sequence[Change]) -> None:
    with replacing(_kept(), person.now_ms() // 1000) as file:
        file.write(json.dumps(changes[-KEPT:], indent=1).encode())
