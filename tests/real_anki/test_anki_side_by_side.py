"""Collections that share one Anki, and parts of one collection."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from anki_learner import FIRST, KIND_EXAMPLES, SECOND, Author, Learner, basic, rows

from aipm_cards.kinds import KINDS


def with_every_kind(author: Author) -> Author:
    author.file("a.yaml", "Deck::Sub", [make(f"a-{kind}") for kind, make in KIND_EXAMPLES.items()])
    return author


@pytest.fixture
def two_authors(tmp_path: Path) -> tuple[Author, Author]:
    """The same notes under two names and namespaces."""
    return (
        with_every_kind(Author(tmp_path / "a", "Small", "small-cards")),
        with_every_kind(Author(tmp_path / "b", "Large", "large-cards")),
    )


def ids(package: Path, tmp_path: Path) -> set[str]:
    """Every id in a package: note types, fields, templates, decks (but Anki's own), notes."""
    ((models, decks),) = rows(package, "SELECT models, decks FROM col", tmp_path)
    found = {f"deck {key}" for key in json.loads(decks) if key != "1"}
    for model in json.loads(models).values():
        found.add(f"type {model['id']}")
        found |= {f"field {field['id']}" for field in model["flds"]}
        found |= {f"template {template['id']}" for template in model["tmpls"]}
    return found | {f"note {guid}" for (guid,) in rows(package, "SELECT guid FROM notes", tmp_path)}


def test_packages_of_two_namespaces_share_no_id(two_authors: tuple[Author, Author], tmp_path: Path) -> None:
    one, two = (author.build(tmp_path / f"{author.namespace}.apkg", FIRST) for author in two_authors)
    assert not ids(one, tmp_path) & ids(two, tmp_path)


def test_ids_within_a_package_are_all_different(two_authors: tuple[Author, Author], tmp_path: Path) -> None:
    package = two_authors[0].build(tmp_path / "small.apkg", FIRST)
    ((models,),) = rows(package, "SELECT models FROM col", tmp_path)
    fields = [field["id"] for model in json.loads(models).values() for field in model["flds"]]
    assert len(fields) == len(set(fields))


def test_two_namespaces_in_one_anki(two_authors: tuple[Author, Author], learner: Learner, tmp_path: Path) -> None:
    one, two = (author.build(tmp_path / f"{author.namespace}.apkg", FIRST) for author in two_authors)
    assert learner.imports(one) == {"new": 7}
    assert learner.imports(two) == {"new": 7}
    assert learner.our_types("Small", "Large") == sorted(
        f"{name} {kind}" for name in ("Small", "Large") for kind in KINDS
    )
    types: dict[str, set[int]] = {}
    for note in learner.notes():
        types.setdefault(note.guid.split(":")[0], set()).add(note.mid)
    assert not types["small-cards"] & types["large-cards"]
    for card in learner.cards():
        name = {"small-cards": "Small", "large-cards": "Large"}[card.note().guid.split(":")[0]]
        assert learner.col.decks.name(card.did) == f"{name}::Deck::Sub"
    learner.assert_sound()


def test_update_of_one_namespace_leaves_the_other(
    two_authors: tuple[Author, Author], learner: Learner, tmp_path: Path
) -> None:
    small, large = two_authors
    learner.imports(small.released(tmp_path / "small.apkg", FIRST))
    learner.imports(large.released(tmp_path / "large.apkg", FIRST))
    before = {note.guid: note.fields for note in learner.notes()}
    small.file("a.yaml", "Deck::Sub", [{**make(f"a-{kind}"), "extra": "More."} for kind, make in KIND_EXAMPLES.items()])
    assert learner.imports(small.released(tmp_path / "two.apkg", SECOND)) == {"updated": 7}
    after = {note.guid: note.fields for note in learner.notes()}
    changed = {guid for guid in after if after[guid] != before[guid]}
    assert changed == {guid for guid in after if guid.startswith("small-cards:")}


def test_same_name_and_other_namespace_share_decks_but_no_notes_or_types(learner: Learner, tmp_path: Path) -> None:
    one = with_every_kind(Author(tmp_path / "a", "Same", "one-cards"))
    two = with_every_kind(Author(tmp_path / "b", "Same", "two-cards"))
    learner.imports(one.released(tmp_path / "one.apkg", FIRST))
    assert learner.imports(two.released(tmp_path / "two.apkg", FIRST)) == {"new": 7}
    types: dict[str, set[int]] = {}
    for note in learner.notes():
        types.setdefault(note.guid.split(":")[0], set()).add(note.mid)
    assert not types["one-cards"] & types["two-cards"]
    for author in (one, two):
        notes = [{**make(f"a-{kind}"), "extra": "More."} for kind, make in KIND_EXAMPLES.items()]
        author.file("a.yaml", "Deck::Sub", notes)
        assert learner.imports(author.released(tmp_path / "later.apkg", SECOND)) == {"updated": 7}
    assert len(learner.our_types("Same")) == 2 * len(KINDS)
    learner.assert_sound()


@pytest.fixture
def parted(author: Author) -> Author:
    author.file("a.yaml", "One", [basic("a-one"), basic("a-two", tier="1")], description="One.")
    author.file("b.yaml", "Two::Sub", [basic("b-one"), basic("b-two", tier="1")], description="Two sub.")
    author.file("c.yaml", "Two", [make(f"c-{kind}") for kind, make in KIND_EXAMPLES.items()], description="Two.")
    author.file("d.yaml", "Twofold", [basic("d-one")])
    author.release(FIRST)
    return author


@pytest.mark.parametrize("deck", ["One", "Two", "Two::Sub", "Small::Two", "Twofold"])
def test_part_after_the_whole_changes_nothing(deck: str, parted: Author, learner: Learner, tmp_path: Path) -> None:
    learner.imports(parted.build(tmp_path / "whole.apkg", SECOND))
    before = learner.state()
    assert set(learner.imports(parted.build(tmp_path / "part.apkg", SECOND + 5, deck))) == {"duplicate"}
    assert learner.state() == before


def test_part_holds_its_deck_and_those_below(parted: Author, learner: Learner, tmp_path: Path) -> None:
    learner.imports(parted.build(tmp_path / "part.apkg", SECOND, "Two"))
    decks = {deck.name for deck in learner.col.decks.all_names_and_ids()} - {"Default"}
    assert decks == {"Small", "Small::Two", "Small::Two::Sub"}
    assert len(learner.notes()) == 9
    learner.assert_sound()


def test_whole_after_its_parts_brings_the_rest(
    parted: Author, new_learner: Callable[[], Learner], tmp_path: Path
) -> None:
    whole = parted.build(tmp_path / "whole.apkg", SECOND)
    in_parts, at_once = new_learner(), new_learner()
    for deck in ("Two", "One"):
        in_parts.imports(parted.build(tmp_path / "part.apkg", SECOND, deck))
    assert in_parts.imports(whole) == {"new": 1, "duplicate": 11}
    at_once.imports(whole)
    assert in_parts.ordinals() == at_once.ordinals()
    fields = [{note.guid: (note.fields, note.tags) for note in one.notes()} for one in (in_parts, at_once)]
    assert fields[0] == fields[1]
    assert in_parts.our_types("Small") == at_once.our_types("Small")
    in_parts.assert_sound()


def test_whole_after_a_part_keeps_the_authors_order(parted: Author, learner: Learner, tmp_path: Path) -> None:
    """A card has the same position in a part as in the whole."""
    learner.imports(parted.build(tmp_path / "part.apkg", SECOND, "Two"))
    learner.imports(parted.build(tmp_path / "whole.apkg", SECOND))
    expected = [f"{parted.namespace}:{note.id}" for note in parted.read().notes]
    assert [guid for guid, ordinal in learner.queue() if ordinal == 0] == expected
