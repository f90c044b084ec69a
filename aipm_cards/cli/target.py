"""Where a new note goes, and by which name and topics: what was said, held against what there is."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

import aipm_cards
from aipm_cards.characters import FORBIDDEN, describe, one_line
from aipm_cards.cli.where import shown
from aipm_cards.content.files import REGISTRY, NotReadable, nearest, read_bytes, stays_inside
from aipm_cards.content.shelf import Shelf
from aipm_cards.content.skeleton import Given, scalar
from aipm_cards.errors import AipmCardsError
from aipm_cards.homes import home_of
from aipm_cards.slugs import SLUG, slug, slug_of_note, unique

_MODELINE = re.compile(r"# yaml-language-server: \$schema=(\S+)\s*")


@dataclass(frozen=True, slots=True)
class Target:
    """The deck file for a note, by its path from the root, and why that one; `new` if the file is
    still to be made, with its first lines in `header`."""

    path: str
    why: str = ""
    new: bool = False
    header: str = ""


def refuse_shipped(root: Path) -> None:
    """Refuse to write into an installed program: the next update would take the note away."""
    if Path(aipm_cards.__file__).resolve().parent in root.resolve().parents:
        raise AipmCardsError(f"{shown(root)} came with the program; name a collection of yours with --collection")


def refuse_forbidden(what: str, text: str) -> None:
    """Refuse a text with a character that no card may hold. Raises AipmCardsError."""
    if found := FORBIDDEN.search(text.replace("\r\n", "\n")):
        raise AipmCardsError(f"{what}: {describe(found[0])} may not stand in a card; take it out")


def target_of(shelf: Shelf, deck: str, topics: Sequence[str], kind: str, deck_name: str = "") -> Target:
    """The file for a note: the one named, the one of the deck named, or where its topic belongs.
    Raises AipmCardsError with the files that there are."""
    if deck:
        return _named(shelf, deck, topics, kind, deck_name)
    if topics and (home := home_of(shelf.collection, topics[0], kind)):
        return Target(home.path, home.why)
    if len(shelf.files) == 1:
        return Target(next(iter(shelf.files)), "the only deck file")
    files = "".join(f"\n  {one_line(path)}  {one_line(name)}" for path, name in shelf.files.items())
    wanted = f"no note is near {topics[0]}" if topics else "give --topic (`--topic list` shows what is wanted)"
    if topics:
        wanted += "; name the file with --deck"
    else:
        wanted += " or --deck"
    click.echo(f"deck files of {shown(shelf.collection.root)}:{files}", err=True)
    raise AipmCardsError(f"where to? {wanted}: one of the deck files above")


def _named(shelf: Shelf, deck: str, topics: Sequence[str], kind: str, deck_name: str) -> Target:
    root = shelf.collection.root
    if paths := shelf.of_deck(deck):
        home = home_of(shelf.collection, topics[0], kind) if topics else None
        path = home.path if home and home.path in paths else paths[-1]
        return Target(path, f"of the deck's {len(paths)} files" if len(paths) > 1 else "the deck's file")
    candidates = [_inside(root, Path.cwd() / deck), _inside(root, root / deck)]
    for path in candidates:
        if path in shelf.files:
            return Target(path)
    if not deck.endswith((".yaml", ".yml")):
        names = sorted({name for name in shelf.files.values() if name} | set(shelf.files))
        hint = nearest(deck, names) or "`aipm-cards decks` lists them; a new file ends in .yaml"
        raise AipmCardsError(f"there is no deck and no deck file '{one_line(deck)}'; {hint}")
    path = candidates[0] if candidates[0] and (Path.cwd() / deck).parent.is_dir() else candidates[1]
    return Target(path, "a new file", True, _header(shelf, path, deck, deck_name))


def _inside(root: Path, path: Path) -> str:
    """A path as seen from the root, or an empty text if it lies outside."""
    try:
        below = os.path.relpath(os.path.abspath(path), os.path.abspath(root)).replace(os.sep, "/")
    except ValueError:  # another drive
        return ""
    return "" if below == ".." or below.startswith("../") else below


def _header(shelf: Shelf, path: str, deck: str, deck_name: str) -> str:
    """The first lines of a new deck file. Raises AipmCardsError if it may not be made."""
    root = shelf.collection.root
    name = one_line(deck)
    try:
        inside = bool(path) and stays_inside(root, path)
    except (RuntimeError, OSError):  # a loop of links
        inside = False
    if not inside:
        raise AipmCardsError(f"{name}: a deck file lies inside {shown(root)}")
    if path in REGISTRY or any(part.startswith((".", "_")) for part in path.split("/")):
        raise AipmCardsError(f"{name}: no deck file can have this name; it may not begin with `.` or `_`")
    if os.path.lexists(root / path):
        raise AipmCardsError(f"{name} is there, but it is no deck file that can be read")
    if not deck_name:
        raise AipmCardsError(f"{name} would be a new file; name its deck with --deck-name 'Name::Part'")
    refuse_forbidden("--deck-name", deck_name)
    parts = [" ".join(part.split()) for part in deck_name.split("::")]
    if not all(parts) or '"' in deck_name:
        raise AipmCardsError(f"the deck name '{one_line(deck_name)}' has an empty part or a quote; write Name::Part")
    return f"{_modeline(shelf, path)}deck: {scalar(_spelled(shelf, parts))}\nnotes:\n"


def _spelled(shelf: Shelf, parts: list[str]) -> str:
    """A deck name, as far as there is such a deck in its spelling: Anki tells none apart by case."""
    for depth in range(len(parts), 0, -1):
        wanted = "::".join(parts[:depth]).casefold()
        for deck in shelf.files.values():
            known = "::".join(deck.split("::")[:depth])
            if known.casefold() == wanted:
                return "::".join([known, *parts[depth:]])
    return "::".join(parts)


def _modeline(shelf: Shelf, path: str) -> str:
    """The line by which editors find the schema, as a neighbour has it."""
    folder = os.path.dirname(path)
    for other in sorted(shelf.files, key=lambda name: (os.path.dirname(name) != folder, name)):
        try:
            first = read_bytes(shelf.collection.root, other).split(b"\n", 1)[0].decode("utf-8-sig", "replace")
        except (OSError, RuntimeError, NotReadable):
            continue
        if found := _MODELINE.fullmatch(first):
            schema = found[1]
            if "://" not in schema and not schema.startswith("/"):
                schema = os.path.relpath(os.path.join(os.path.dirname(other), schema), folder or ".")
            return f"# yaml-language-server: $schema={schema.replace(os.sep, '/')}\n"
    return ""


# --- topics and names ---------------------------------------------------------------------


def with_topics(shelf: Shelf, given: dict[str, Given], topics: tuple[str, ...]) -> tuple[str, ...]:
    """All topics of a note, known ones; they and their tier go into what is given."""
    own = given.get("topics", ())
    named = tuple(dict.fromkeys([*topics, *(str(topic) for topic in (own if isinstance(own, tuple) else (own,)))]))
    named = tuple(dict.fromkeys(part.strip() for topic in named for part in topic.split(",") if part.strip()))
    known = shelf.collection.topics
    for topic in named:
        refuse_forbidden("topic", topic)
        if known and topic not in known:
            hint = nearest(topic, known) or "`--topic list` shows those that are wanted"
            raise AipmCardsError(f"there is no topic '{one_line(topic)}' in curriculum.yaml; {hint}")
    if named:
        given["topics"] = named
    if named and "tier" not in given and named[0] in known:
        given["tier"] = str(known[named[0]].tier)
    return named


def id_for(shelf: Shelf, kind: str, given: dict[str, Given], note_id: str, topics: tuple[str, ...]) -> str:
    """The id: the one given, or one made from what the note asks, else from kind and topic."""
    if not note_id:
        return unique(slug_of_note(kind, given) or stopgap(kind, topics), shelf.ids)
    if not SLUG.fullmatch(note_id):
        hint = f": {made}" if (made := slug(note_id, 64)) else ""
        raise AipmCardsError(f"the id '{one_line(note_id)}' is no slug; use 3 to 64 of a-z, 0-9 and hyphens{hint}")
    if note_id in shelf.ids:
        raise AipmCardsError(f"the id '{note_id}' is taken; '{unique(note_id, shelf.ids)}' is free")
    return note_id


def stopgap(kind: str, topics: Sequence[str]) -> str:
    """An id for a note that asks nothing yet: its author is to give it another."""
    return slug(f"{kind} {topics[0]}") if topics else f"{kind}-note"
