"""A learner with the real Anki, and an author with a small collection: what the tests of this directory share."""

from __future__ import annotations

import json
import sqlite3
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import anki.collection  # before anki.cards, which cannot be imported first
import anki.lang
import yaml
from anki.cards import Card
from anki.collection import ImportAnkiPackageOptions, ImportAnkiPackageRequest
from anki.import_export_pb2 import ImportAnkiPackageUpdateCondition as Update
from anki.notes import Note as AnkiNote

from aipm_cards.anki.notetypes import type_hashes
from aipm_cards.anki.package import build
from aipm_cards.anki.tables import Report
from aipm_cards.content.load import load
from aipm_cards.model import Collection
from aipm_cards.release import Lock, format_lock, next_lock, parse_lock

DECKS = Path(__file__).parents[2] / "decks"
MONTH = 30 * 86_400
FIRST = 1_750_000_000  # June 2025, when release 1 was made
SECOND = FIRST + MONTH
THIRD = SECOND + MONTH
PIXEL = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><title>pixel</title></svg>'

# --- the author ----------------------------------------------------------------------------


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


def dump(data: object) -> str:
    return yaml.dump(data, Dumper=_NoAliases, sort_keys=False, allow_unicode=True, width=10**6)


class Author:
    """A collection on disk: deck files as data, written as YAML."""

    def __init__(self, root: Path, name: str = "Small", namespace: str = "small-cards") -> None:
        self.root = root
        self.namespace = namespace
        self.lock: Lock | None = None
        root.mkdir(parents=True, exist_ok=True)
        registry = {"format": 1, "name": name, "namespace": namespace, "license": "CC-BY-4.0", "language": "en"}
        (root / "collection.yaml").write_text(dump(registry), encoding="utf-8")

    def file(self, name: str, deck: str, notes: Iterable[Mapping[str, Any]], **common: Any) -> None:
        data = {"deck": deck, **common, "notes": [dict(note) for note in notes]}
        (self.root / name).write_text(dump(data), encoding="utf-8")

    def image(self, name: str, data: bytes = PIXEL) -> str:
        path = self.root / "media" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return f"media/{name}"

    def sources(self, entries: Mapping[str, Any]) -> None:
        (self.root / "sources.yaml").write_text(dump(dict(entries)), encoding="utf-8")

    def read(self) -> Collection:
        collection, problems = load(self.root)
        assert not collection.errors, [f"{p.path}:{p.line} {p.code} {p.message}" for p in problems]
        return collection

    def release(self, now: int) -> None:
        """What `aipm-cards release` does, at a time of our own."""
        collection = self.read()
        lock, _ = next_lock(collection, type_hashes(collection), self.lock, now)
        self.lock = parse_lock(format_lock(lock), now)

    def build(self, output: Path, now: int, deck: str = "") -> Path:
        report = build(self.read(), output, now=now, lock=self.lock, deck=deck)
        assert isinstance(report, Report)
        return output

    def released(self, output: Path, now: int) -> Path:
        """Release and build."""
        self.release(now)
        return self.build(output, now)


# --- one note of every kind ----------------------------------------------------------------

Data = dict[str, Any]


def basic(note_id: str, front: str = "", **more: Any) -> Data:
    return {"id": note_id, "front": front or f"What is {note_id}?", "back": f"It is {note_id}.", **more}


def cloze(note_id: str, text: str, **more: Any) -> Data:
    return {"id": note_id, "kind": "cloze", "text": text, **more}


def reversed_(note_id: str, **more: Any) -> Data:
    return {"id": note_id, "kind": "reversed", "term": f"Term {note_id}", "definition": f"Means {note_id}.", **more}


def contrast(note_id: str, **more: Any) -> Data:
    return {
        "id": note_id,
        "kind": "contrast",
        "a": f"Precision {note_id}",
        "b": f"Recall {note_id}",
        "split": "Which errors the share is taken over",
        "case": f"Of the flagged mails of {note_id}, nine in ten are spam.",
        "verdict": "a",
        "reason": "The share is over what was flagged.",
        "rows": [["Asks", "Were the flags right?", "Were all found?"]],
        **more,
    }


def calculation(note_id: str, **more: Any) -> Data:
    return {
        "id": note_id,
        "kind": "calculation",
        "given": f"Of 100 flagged payments of {note_id}, 80 are fraud.",
        "ask": "What is the precision, in percent?",
        "steps": [r"\(80 / 100 = 0.8\)", "times 100"],
        "answer": "80",
        "unit": "%",
        "check": "TP / (TP + FP) * 100",
        "values": {"TP": "80", "FP": "20"},
        "formula": r"\(\frac{TP}{TP + FP}\)",
        **more,
    }


def interview(note_id: str, **more: Any) -> Data:
    return {
        "id": note_id,
        "kind": "interview",
        "prompt": f"How would you launch {note_id}?",
        "round": "PS",
        "minutes": "5",
        "rubric": [{"must": "Names a user"}, "Names a metric", "Names a risk", "Names a first step"],
        "pass": "3",
        "outline": ["I would begin with the user.", "Then the metric."],
        "mistakes": ["Begins with the model."],
        "follow_ups": ["What if it fails?"],
        **more,
    }


def scenario(note_id: str, **more: Any) -> Data:
    return {
        "id": note_id,
        "kind": "scenario",
        "situation": f"The model of {note_id} refuses more loans in one district.",
        "question": "Do you launch?",
        "stakeholders": ["People who apply", "The bank"],
        "options": [
            {"name": "Launch", "gain": "Revenue", "harm": "Refusals"},
            {"name": "Wait", "gain": "Time to look", "harm": "A quarter late"},
        ],
        "recommend": "Wait.",
        "because": "The harm cannot be undone.",
        "unless": "The gap is explained.",
        "rubric": [{"must": "Says who is harmed"}, "Names the other side", "Says what would change it"],
        "pass": "2",
        **more,
    }


KIND_EXAMPLES: dict[str, Callable[..., Data]] = {
    "basic": basic,
    "reversed": reversed_,
    "cloze": lambda note_id: cloze(note_id, f"The {{{{c1::first}}}} of {note_id} and the {{{{c2::second::hint}}}}."),
    "contrast": contrast,
    "calculation": calculation,
    "interview": interview,
    "scenario": scenario,
}


# --- the learner ---------------------------------------------------------------------------


class Learner:
    """A fresh Anki collection, and what a person does with it."""

    def __init__(self, path: Path) -> None:
        anki.lang.set_lang("en")
        path.parent.mkdir(parents=True, exist_ok=True)
        self.col = anki.collection.Collection(str(path))

    def imports(self, package: Path) -> dict[str, int]:
        """Import with the defaults a person sees; how many notes went which way."""
        options = ImportAnkiPackageOptions(
            merge_notetypes=False,
            update_notes=Update.IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_IF_NEWER,
            update_notetypes=Update.IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_IF_NEWER,
            with_scheduling=False,
            with_deck_configs=False,
        )
        request = ImportAnkiPackageRequest(package_path=str(package), options=options)
        log = self.col.import_anki_package(request).log
        self.col.models._clear_cache()  # as the program does after every change; else old looks are read
        counts = {name: len(getattr(log, name)) for name in ("new", "updated", "duplicate", "conflicting")}
        counts |= {name: len(getattr(log, name)) for name in ("missing_notetype", "missing_deck", "empty_first_field")}
        assert sum(counts.values()) == log.found_notes
        return {name: count for name, count in counts.items() if count}

    def note(self, namespace: str, note_id: str) -> AnkiNote:
        (row,) = self.col.db.list("SELECT id FROM notes WHERE guid = ?", f"{namespace}:{note_id}")
        return self.col.get_note(row)

    def card(self, namespace: str, note_id: str, ordinal: int = 0) -> Card:
        (found,) = [card for card in self.note(namespace, note_id).cards() if card.ord == ordinal]
        return found

    def cards(self) -> list[Card]:
        return [self.col.get_card(card) for card in sorted(self.col.find_cards(""))]

    def notes(self) -> list[AnkiNote]:
        return [self.col.get_note(note) for note in sorted(self.col.find_notes(""))]

    def ordinals(self) -> dict[str, tuple[int, ...]]:
        """The ordinals of the cards there are, by guid."""
        return {note.guid: tuple(sorted(card.ord for card in note.cards())) for note in self.notes()}

    def our_types(self, *names: str) -> list[str]:
        """The names of note types that belong to collections of the names given, sorted."""
        all_ = [entry.name for entry in self.col.models.all_names_and_ids()]
        return sorted(name for name in all_ if name.split(" ")[0] in names)

    def answer(self, card: Card, rating: int) -> None:
        # Anki numbers reviews by their milliseconds, and moves on to the next that is free. Ten answers in
        # one would reach into the next second, and its check would find them later than their cards say.
        time.sleep(0.002)
        self.col.decks.select(card.did)
        card.start_timer()
        self.col.sched.answerCard(card, rating)  # type: ignore[arg-type]

    def queue(self) -> list[tuple[str, int]]:
        """The new cards in the order Anki shows them, by position: (guid, ordinal)."""
        for config in self.col.decks.all_config():
            config["new"]["perDay"] = config["rev"]["perDay"] = 9999
            config["newGatherPriority"] = 1  # lowest position
            config["newSortOrder"] = 1  # as gathered
            self.col.decks.update_config(config)
        roots = {deck.name.split("::")[0]: deck for deck in self.col.decks.all_names_and_ids() if deck.id != 1}
        (root,) = roots
        found = self.col.decks.id_for_name(root)
        assert found is not None
        self.col.decks.select(found)
        queued = self.col.sched.get_queued_cards(fetch_limit=10_000).cards
        cards = [self.col.get_card(entry.card.id) for entry in queued]
        return [(card.note().guid, card.ord) for card in cards]

    def assert_sound(self) -> None:
        """Anki's own checks find nothing: no broken row, no empty card, no card that is missing."""
        before = self.ordinals()
        report, ok = self.col.fix_integrity()
        assert ok, report
        assert report == self.col.tr.database_check_rebuilt(), report
        assert not self.col.get_empty_cards().notes
        self.col.after_note_updates(list(self.col.find_notes("")), mark_modified=False)  # makes cards that are missing
        assert self.ordinals() == before

    def state(self) -> dict[str, list[Any]]:
        """Everything in the collection but for the times at which Anki itself last wrote."""
        return {
            "notes": self.col.db.all("SELECT id, guid, mid, mod, tags, flds, sfld, csum FROM notes ORDER BY id"),
            "cards": self.col.db.all(
                "SELECT id, nid, did, ord, mod, type, queue, due, ivl, reps, flags, data FROM cards ORDER BY id"
            ),
            "types": sorted(
                (type_["id"], type_["name"], type_["mod"], type_["css"]) for type_ in self.col.models.all()
            ),
            "decks": sorted((deck["id"], deck["name"], deck["desc"]) for deck in self.col.decks.all()),
            "revlog": self.col.db.all("SELECT * FROM revlog ORDER BY id"),
            "media": sorted(path.name for path in Path(self.col.media.dir()).iterdir()),
        }


# --- looking at packages and cards ---------------------------------------------------------


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.skipping += tag in ("style", "script")
        self.pieces += [value or "" for name, value in attrs if tag == "img" and name == "alt"]

    def handle_endtag(self, tag: str) -> None:
        self.skipping -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.pieces.append(data)


def shown(html: str) -> str:
    """The words of a page as a reader sees them, alternative texts included, white space single."""
    parser = _Words()
    parser.feed(html)
    parser.close()
    return " ".join("".join(parser.pieces).split())


def rows(package: Path, query: str, tmp_path: Path) -> list[tuple[Any, ...]]:
    """What a query finds in the database of a package."""
    path = tmp_path / f"{package.stem}-opened.anki2"
    with zipfile.ZipFile(package) as zipped:
        path.write_bytes(zipped.read("collection.anki2"))
    database = sqlite3.connect(path)
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


def media_of(package: Path) -> dict[str, bytes]:
    """The media of a package: name to bytes."""
    with zipfile.ZipFile(package) as zipped:
        names = json.loads(zipped.read("media"))
        return {name: zipped.read(index) for index, name in names.items()}
