"""The files of the preview, by name: the same for the server and for a static site.

index.html  app.js  app.css   what is shown, and how
index.json                    an entry per note and per file with findings
cards/NUMBER.json             the cards of a slice of the entries
media/NAME.json               an image as a `data:` address: cards load nothing else
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from aipm_cards.anki.faces import Sides, sides
from aipm_cards.anki.notetypes import scripts, style
from aipm_cards.anki.rows import media_name
from aipm_cards.characters import clean, one_line
from aipm_cards.content.files import NotReadable, read_bytes
from aipm_cards.content.live import Examined
from aipm_cards.diagnostics import Diagnostic
from aipm_cards.kinds import KINDS
from aipm_cards.model import Collection, Media, Note
from aipm_cards.preview.entries import Entry, entries, id_in
from aipm_cards.preview.maths import drawn
from aipm_cards.release import ASKED, asked

SLICE = 40  # entries whose cards are fetched at once
MAX_IMAGE = 4 * 1024 * 1024
_ASSETS = ("index.html", "app.css", "app.js")
_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "json": "application/json"}
_IMAGES = {
    ".svg": "svg+xml", ".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".gif": "gif", ".webp": "webp", ".avif": "avif",
}  # fmt: skip


@dataclass(frozen=True)
class Site:
    """One state of a collection, as files by their names. `live` if a server tells of the next."""

    collection: Collection
    entries: Sequence[Entry]
    media: Mapping[str, Media]
    listed: Sequence[str]  # of each entry, what the index says
    draw: Callable[[Note], list[Sides]]
    version: str
    live: bool

    def names(self) -> Iterator[str]:
        """The names of all files."""
        yield from _ASSETS
        yield "index.json"
        yield from (f"cards/{number}.json" for number in range(-(-len(self.entries) // SLICE)))
        yield from (f"media/{name}.json" for name in sorted(self.media))

    def read(self, name: str) -> bytes | None:
        """A file by its name; None if there is none."""
        if name in _ASSETS:
            return page() if name == "index.html" else _asset(name).encode()
        if name == "index.json":
            return self._index()
        directory, _, file = name.partition("/")
        key = file.removesuffix(".json")
        if not file.endswith(".json"):
            return None
        if directory == "media" and key in self.media:
            return self._image(self.media[key])
        if directory == "cards" and key.isascii() and key.isdigit() and len(key) < 8:
            some = self.entries[int(key) * SLICE : (int(key) + 1) * SLICE]
            return _json({entry.key: self._cards(entry) for entry in some}) if some else None
        return None

    def _index(self) -> bytes:
        head = {
            "version": self.version,
            "live": self.live,
            "name": one_line(self.collection.name),
            "slice": SLICE,
            "style": style() + "\n" + _asset("frame.css"),
            "script": _asset("frame.js"),
            "policy": _card_policy(),
        }
        return _json(head)[:-1] + b',"entries":[' + ",".join(self.listed).encode() + b"]}"

    def _cards(self, entry: Entry) -> dict[str, Any]:
        note = entry.note
        cards = [] if note is None else [_card(note, card) for card in self.draw(note)]
        media = self.collection.media
        images = [media_name(self.collection.namespace, media[path]) for path in note.images] if note else []
        return {"cards": cards, "images": images, "source": clean(entry.source)}

    def _image(self, media: Media) -> bytes | None:
        path = str(media.path)
        try:
            data = read_bytes(self.collection.root, path, MAX_IMAGE)
        except (NotReadable, OSError, RuntimeError, ValueError):
            return None
        if hashlib.sha256(data).hexdigest() != media.digest:
            return None  # it changed a moment ago: the next state will know it
        kind = _IMAGES[media.path.suffix.lower()]
        return _json(f"data:image/{kind};base64,{base64.b64encode(data).decode()}")


def site(examined: Examined, *, below: str = "", live: bool = False, before: Site | None = None) -> Site:
    """The preview of a collection, or of a file or directory in it; `before` is an earlier state,
    of which is taken over what did not change."""
    collection = examined.collection
    found = entries(examined, below)
    used = sorted({path for entry in found if entry.note for path in entry.note.images})
    media = {media_name(collection.namespace, collection.media[path]): collection.media[path] for path in used}
    known = {each.key: (each, text) for each, text in zip(before.entries, before.listed, strict=True)} if before else {}
    listed = [_still(entry, *known.get(entry.key, (None, ""))) or _json(_listed(entry)).decode() for entry in found]
    return Site(collection, found, media, listed, sides(collection), _version(examined, below), live)


def _still(entry: Entry, before: Entry | None, text: str) -> str:
    """What the index said of an entry, if it is still the same."""
    if before is None or entry.note is not before.note:
        return ""
    return text if replace(entry, note=None) == replace(before, note=None) else ""


def content_type(name: str) -> str:
    """The media type of a file of the site."""
    return f"{_TYPES[name.rpartition('.')[2]]}; charset=utf-8"


def _version(examined: Examined, below: str) -> str:
    """A digest that changes when anything on any page changes."""
    digest = hashlib.sha256(below.encode("utf-8", "surrogateescape"))
    collection = examined.collection
    facts: list[object] = [collection.name, collection.namespace, collection.language]
    facts += [*collection.sources.values(), *collection.media.items(), *examined.problems]
    for fact in [*map(repr, facts), *(line for lines in examined.lines.values() for line in ("", *lines))]:
        digest.update(fact.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()[:16]


# --- what stands in the files --------------------------------------------------------------


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _listed(entry: Entry) -> dict[str, Any]:
    """An entry as the list shows, filters and searches it."""
    note = entry.note
    listed: dict[str, Any] = {
        "key": entry.key,
        "path": one_line(entry.path),
        "line": entry.line,
        "findings": [_finding(problem) for problem in entry.findings],
        "text": " ".join(clean(entry.source).split()),
    }
    if note is None:
        return {**listed, "id": id_in(entry.source), "state": "left out" if entry.source else "file"}
    title = asked(note)
    title += "…" if len(title) >= ASKED - 1 else ""
    tags = [*note.tags, *note.topics, *(["retired"] if note.retired else [])]
    listed |= {"id": note.id, "kind": note.kind, "deck": one_line(note.deck), "title": one_line(title)}
    return {**listed, "tier": note.tier, "tags": tags}


def _finding(problem: Diagnostic) -> dict[str, Any]:
    return {
        "code": problem.code,
        "severity": problem.severity,
        "line": problem.line,
        "column": problem.column,
        "message": one_line(problem.message),
        "hint": one_line(problem.hint),
        "excerpt": one_line(problem.excerpt[:500]),
    }


def _card(note: Note, card: Sides) -> dict[str, Any]:
    names = KINDS[note.kind].cards
    name = names[card.ordinal] if names else f"Gap c{card.ordinal + 1}"
    return {"ordinal": card.ordinal, "name": name, "front": drawn(card.front), "back": drawn(card.back)}


# --- the page, and who may run on it -------------------------------------------------------


@cache
def _asset(name: str) -> str:
    return resources.files("aipm_cards.preview").joinpath("assets", name).read_text(encoding="utf-8")


def page() -> bytes:
    """The page itself, with its policy in it: a file server sends none."""
    return _asset("index.html").replace("POLICY", page_policy(), 1).encode()


def page_policy() -> str:
    """What the page may run and load: its own files. A card's frame inherits this, so the scripts
    and the styling of cards are named too."""
    return (
        f"default-src 'none'; script-src 'self' {_of_scripts()}; style-src 'self' {_of_style()}; "
        "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'"
    )


def _card_policy() -> str:
    """What a card may run and load: the scripts and the styling of our templates, to the byte, and
    images that the page put into it."""
    return (
        f"default-src 'none'; script-src {_of_scripts()}; style-src {_of_style()}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


@cache
def _of_scripts() -> str:
    return " ".join(map(_hash, [*scripts(), _asset("frame.js")]))


@cache
def _of_style() -> str:
    return _hash(style() + "\n" + _asset("frame.css"))


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
