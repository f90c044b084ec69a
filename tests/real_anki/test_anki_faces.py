"""The sides of cards as `anki/faces.py` draws them are those that Anki draws."""

from __future__ import annotations

from pathlib import Path

from anki_learner import FIRST, KIND_EXAMPLES, Author, Learner, cloze
from test_anki_clozes import TRICKY

from aipm_cards.anki.faces import sides
from aipm_cards.anki.notetypes import style
from aipm_cards.anki.package import build
from aipm_cards.model import Collection

IN_MATHS = {
    "maths-gap": r"So \(x^{ {{c1::n}} } < {{c2::y::hint}}\) and \(a < b\).",
    "maths-gap-displayed": r"So \[ {{c1::a}} = {{c2::b}} \] *and* {{c2::c}}.",
    "attribute": 'The {{c1::"é" & ß_-.日😀 <i>}} and {{c2::`a\\b`}}.',
}


def assert_drawn_as_in_anki(learner: Learner, collection: Collection) -> int:
    """Every card of the collection is in Anki, and both draw the same sides; how many there are."""
    draw = sides(collection)
    live = [note for note in collection.notes if not note.retired]
    ours = {(f"{collection.namespace}:{note.id}", card.ordinal): card for note in live for card in draw(note)}
    styling = f"<style>{style()}</style>"
    for card in learner.cards():
        drawn = ours.pop((card.note().guid, card.ord))
        assert card.question() == styling + drawn.front
        assert card.answer() == styling + drawn.back
    assert not ours
    return len(learner.cards())


def test_every_card_that_ships(learner: Learner, shipped: Collection, shipped_package: Path) -> None:
    learner.imports(shipped_package)
    assert assert_drawn_as_in_anki(learner, shipped) > len(shipped.notes)


def test_every_kind_and_tricky_gap(learner: Learner, author: Author, tmp_path: Path) -> None:
    author.image("one.svg")
    author.sources({"page": {"title": "A <page> & more", "url": "https://example.org/?a=1&b=2"}})
    notes = [{**make(kind), "cue": "*cue* [sound:x.mp3]", "sources": ["page"]} for kind, make in KIND_EXAMPLES.items()]
    notes += [make(f"bare-{kind}") for kind, make in KIND_EXAMPLES.items()]
    notes += [cloze(name, text, extra="![one](media/one.svg)") for name, (text, _) in TRICKY.items()]
    notes += [cloze(name, text) for name, text in IN_MATHS.items()]
    author.file("a.yaml", "Deck", notes)
    collection = author.read()
    build(collection, tmp_path / "small.apkg", now=FIRST)
    learner.imports(tmp_path / "small.apkg")
    assert assert_drawn_as_in_anki(learner, collection) > len(notes)


def test_a_card_of_right_to_left_script(learner: Learner, author: Author, tmp_path: Path) -> None:
    registry = author.root / "collection.yaml"
    registry.write_text(registry.read_text(encoding="utf-8").replace("language: en", "language: ar"), encoding="utf-8")
    author.file("a.yaml", "Deck", [make(kind) for kind, make in KIND_EXAMPLES.items()])
    collection = author.read()
    build(collection, tmp_path / "small.apkg", now=FIRST)
    learner.imports(tmp_path / "small.apkg")
    assert_drawn_as_in_anki(learner, collection)
