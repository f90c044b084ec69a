"""The decks that ship, in Anki: every note, every card, every face."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from anki_learner import Learner, media_of, rows, shown

from aipm_cards.anki.rows import tags
from aipm_cards.kinds import KINDS, ordinals
from aipm_cards.model import Collection
from aipm_cards.text import Cloze, Math, parse_cloze, walk, words


@pytest.fixture
def owner(learner: Learner, shipped_package: Path) -> Learner:
    learner.imports(shipped_package)
    return learner


def test_import_gives_our_notes_and_cards(learner: Learner, shipped: Collection, shipped_package: Path) -> None:
    assert learner.imports(shipped_package) == {"new": len(shipped.notes)}
    expected = {f"{shipped.namespace}:{n.id}": () if n.retired else ordinals(n) for n in shipped.notes}
    assert learner.ordinals() == expected


def test_anki_finds_nothing_wrong(owner: Learner) -> None:
    owner.assert_sound()


def test_note_types_are_one_per_kind(owner: Learner, shipped: Collection) -> None:
    kinds = {note.kind for note in shipped.notes}
    names = [entry.name for entry in owner.col.models.all_names_and_ids() if entry.name.startswith(shipped.name)]
    assert sorted(names) == sorted(f"{shipped.name} {kind}" for kind in kinds)
    assert kinds <= set(KINDS)


def test_decks_and_descriptions(owner: Learner, shipped: Collection) -> None:
    found = {deck["name"]: deck["desc"] for deck in owner.col.decks.all() if deck["name"] != "Default"}
    assert set(found) >= {f"{shipped.name}::{note.deck}" for note in shipped.notes} | {shipped.name}
    for name, deck in shipped.decks.items():
        assert html.unescape(found[f"{shipped.name}::{name}"]) == deck.description.strip()
    assert shipped.license in found[shipped.name]
    by_card = {card.note().guid: owner.col.decks.name(card.did) for card in owner.cards()}
    decks = {f"{shipped.namespace}:{n.id}": f"{shipped.name}::{n.deck}" for n in shipped.notes if not n.retired}
    assert by_card == decks


def test_new_cards_come_in_the_authors_order(owner: Learner, shipped: Collection) -> None:
    expected = [f"{shipped.namespace}:{note.id}" for note in shipped.notes if not note.retired]
    due = {card.note().guid: card.due for card in owner.cards()}
    assert sorted(due, key=lambda guid: due[guid]) == expected
    first_cards = [guid for guid, ordinal in owner.queue() if ordinal == 0]
    starts_at_zero = [f"{shipped.namespace}:{n.id}" for n in shipped.notes if not n.retired and 0 in ordinals(n)]
    assert first_cards == starts_at_zero


def test_tags(owner: Learner, shipped: Collection) -> None:
    found = {note.guid: sorted(note.tags) for note in owner.notes()}
    expected = {f"{shipped.namespace}:{n.id}": sorted(tags(shipped.namespace, n).split()) for n in shipped.notes}
    assert found == expected


def test_media(owner: Learner, shipped_package: Path) -> None:
    files = {path.name: path.read_bytes() for path in Path(owner.col.media.dir()).iterdir()}
    assert files == media_of(shipped_package)
    check = owner.col.media.check()
    assert not list(check.missing)
    assert not list(check.unused)


def test_second_import_changes_nothing(owner: Learner, shipped: Collection, shipped_package: Path) -> None:
    before = owner.state()
    assert owner.imports(shipped_package) == {"duplicate": len(shipped.notes)}
    assert owner.state() == before


def test_no_duplicate_or_empty_note_is_reported(owner: Learner) -> None:
    assert owner.col.find_dupes("Asked", "") == []
    assert {note.guid: note.fields_check() for note in owner.notes() if note.fields_check()} == {}


def test_sort_field_and_checksum_are_those_anki_works_out(
    owner: Learner, shipped_package: Path, tmp_path: Path
) -> None:
    query = "SELECT guid, sfld, csum FROM notes"
    ours = {guid: row for guid, *row in rows(shipped_package, f"{query} WHERE flds NOT LIKE '%<img%'", tmp_path)}
    owner.col.after_note_updates(list(owner.col.find_notes("")), mark_modified=False)
    anki = {guid: row for guid, *row in owner.col.db.all(query)}
    assert {guid: row for guid, row in anki.items() if guid in ours} == ours


def _broken(side: str) -> bool:
    return not shown(side) or "{{" in side or "has a problem" in side or "Found '" in side or "unknown field" in side


def test_every_side_of_every_card_is_whole(owner: Learner) -> None:
    cards = owner.cards()
    assert cards
    assert [f"{c.note().guid}:{c.ord}" for c in cards if _broken(c.question()) or _broken(c.answer())] == []


def test_no_card_plays_or_typesets_anything_by_accident(owner: Learner) -> None:
    for card in owner.cards():
        assert not card.question_av_tags(), card.note().guid
        assert not card.answer_av_tags(), card.note().guid
        assert "[latex]" not in card.answer(), card.note().guid
        assert 'class="latex"' not in card.answer(), card.note().guid


def test_every_answer_adds_to_its_question(owner: Learner) -> None:
    for card in owner.cards():
        question, answer = shown(card.question()), shown(card.answer())
        assert question != answer, card.note().guid
        if "cloze" not in card.note_type()["name"]:
            assert len(answer) > len(question), card.note().guid


def test_every_cloze_hides_its_words_and_shows_them_in_the_answer(owner: Learner, shipped: Collection) -> None:
    checked = 0
    for note in shipped.notes:
        if note.kind != "cloze" or note.retired:
            continue
        tree = parse_cloze(note.text("text"))
        hidden: dict[int, list[str]] = {}
        for node in walk(tree):
            if isinstance(node, Cloze) and not any(isinstance(inner, Math) for inner in walk(node.children)):
                hidden.setdefault(node.number, []).append(" ".join(words(node.children).split()))
        for ordinal in ordinals(note):
            card = owner.card(shipped.namespace, note.id, ordinal)
            question, answer = card.question(), card.answer()
            gaps = re.findall(r'(?s)<span class="cloze" data-cloze="(.*?)" data-ordinal="(\d+)">(.*?)</span>', question)
            assert all(int(number) == ordinal + 1 and text.startswith("[") for _, number, text in gaps), note.id
            shown_there = re.findall(rf'(?s)<span class="cloze" data-ordinal="{ordinal + 1}">(.*?)</span>', answer)
            assert len(gaps) == len(shown_there), note.id
            assert gaps or r"\(" in question or r"\[" in question, note.id
            missing = Counter(hidden.get(ordinal + 1, [])) - Counter(shown(text) for text in shown_there)
            assert not missing, (note.id, missing)
            assert "[...]" not in shown(answer), note.id
            checked += 1
    assert checked == sum(
        len(owner.ordinals()[f"{shipped.namespace}:{n.id}"]) for n in shipped.notes if n.kind == "cloze"
    )


def test_the_id_stands_on_the_answer(owner: Learner, shipped: Collection) -> None:
    for card in owner.cards():
        note_id = card.note().guid.removeprefix(f"{shipped.namespace}:")
        assert shown(card.answer()).endswith(note_id)


def test_part_packages_after_the_whole_change_nothing(
    owner: Learner, shipped: Collection, tmp_path: Path, build_part: Callable[[str, Path], Path]
) -> None:
    before = owner.state()
    for deck in sorted({note.deck.split("::")[0] for note in shipped.notes}):
        log = owner.imports(build_part(deck, tmp_path / f"{deck}.apkg"))
        assert set(log) == {"duplicate"}, deck
    assert owner.state() == before
