"""A small collection with every kind, imported into an empty Anki."""

from __future__ import annotations

from pathlib import Path

import pytest
from anki_learner import (
    FIRST,
    KIND_EXAMPLES,
    PIXEL,
    SECOND,
    Author,
    Learner,
    basic,
    calculation,
    cloze,
    contrast,
    interview,
    media_of,
    reversed_,
    rows,
    scenario,
)

from aipm_cards.kinds import KINDS, ordinals

NS = "small-cards"


@pytest.fixture
def every_kind(author: Author) -> Author:
    for kind, make in KIND_EXAMPLES.items():
        author.file(f"{kind}.yaml", f"Kinds::{kind.title()}", [make(f"the-{kind}-one"), make(f"the-{kind}-two")])
    return author


def test_import_gives_our_notes_and_no_others(every_kind: Author, learner: Learner, tmp_path: Path) -> None:
    log = learner.imports(every_kind.build(tmp_path / "small.apkg", FIRST))
    expected = {f"{NS}:{note.id}" for note in every_kind.read().notes}
    assert log == {"new": len(expected)}
    assert {note.guid for note in learner.notes()} == expected
    assert len(learner.notes()) == len(expected) == 14


@pytest.mark.parametrize("kind", KINDS)
def test_cards_of_a_kind_are_those_anki_asks_for(kind: str, author: Author, learner: Learner, tmp_path: Path) -> None:
    author.file("a.yaml", "Kinds", [KIND_EXAMPLES[kind]("the-note")])
    learner.imports(author.build(tmp_path / "small.apkg", FIRST))
    (note,) = author.read().notes
    assert learner.ordinals() == {f"{NS}:the-note": ordinals(note)}
    cards = KINDS[kind].cards
    assert [card.template()["name"] for card in learner.cards()] == list(cards or ("Cloze",) * 2)
    learner.assert_sound()


@pytest.mark.parametrize("kind", KINDS)
def test_note_type_of_a_kind(kind: str, author: Author, learner: Learner, tmp_path: Path) -> None:
    author.file("a.yaml", "Kinds", [KIND_EXAMPLES[kind]("the-note")])
    learner.imports(author.build(tmp_path / "small.apkg", FIRST))
    assert learner.our_types("Small") == [f"Small {kind}"]
    assert all(card.question() != card.answer() for card in learner.cards())


def test_every_kind_together_is_sound(every_kind: Author, learner: Learner, tmp_path: Path) -> None:
    learner.imports(every_kind.build(tmp_path / "small.apkg", FIRST))
    assert learner.our_types("Small") == sorted(f"Small {kind}" for kind in KINDS)
    learner.assert_sound()


def test_decks_have_their_descriptions_on_every_level(author: Author, learner: Learner, tmp_path: Path) -> None:
    author.file("a.yaml", "Top", [basic("top-note")], description="The top & its <b>bold</b> claim.")
    author.file("b.yaml", "Top::Middle", [basic("middle-note")], description="The middle.")
    author.file("c.yaml", "Top::Middle::Leaf", [basic("leaf-note")], description="The leaf.")
    author.file("d.yaml", "Other::Deep::Deeper", [basic("deep-note")], description="Deeper.")
    learner.imports(author.build(tmp_path / "small.apkg", FIRST))
    found = {deck["name"]: deck["desc"] for deck in learner.col.decks.all() if deck["name"] != "Default"}
    assert found == {
        "Small": "License: CC-BY-4.0",
        "Small::Top": "The top &amp; its &lt;b&gt;bold&lt;/b&gt; claim.",
        "Small::Top::Middle": "The middle.",
        "Small::Top::Middle::Leaf": "The leaf.",
        "Small::Other": "",
        "Small::Other::Deep": "",
        "Small::Other::Deep::Deeper": "Deeper.",
    }


def test_cards_lie_in_the_decks_of_their_files(author: Author, learner: Learner, tmp_path: Path) -> None:
    author.file("a.yaml", "Top::Leaf", [reversed_("leaf-note")])
    author.file("b.yaml", "Top", [basic("top-note")])
    learner.imports(author.build(tmp_path / "small.apkg", FIRST))
    decks = {(card.note().guid, card.ord): learner.col.decks.name(card.did) for card in learner.cards()}
    assert decks == {
        (f"{NS}:leaf-note", 0): "Small::Top::Leaf",
        (f"{NS}:leaf-note", 1): "Small::Top::Leaf",
        (f"{NS}:top-note", 0): "Small::Top",
    }


def test_new_cards_come_by_tier_then_file_then_place(author: Author, learner: Learner, tmp_path: Path) -> None:
    author.file("b.yaml", "Deck", [basic("b-two", tier="2"), basic("b-one", tier="1"), basic("b-one-too", tier="1")])
    author.file("a.yaml", "Deck", [basic("a-three", tier="3"), reversed_("a-one", tier="1"), basic("a-two")])
    learner.imports(author.build(tmp_path / "small.apkg", FIRST))
    order = ["a-one", "b-one", "b-one-too", "a-two", "b-two", "a-three"]
    due = {card.note().guid: card.due for card in learner.cards()}
    assert sorted(due, key=lambda guid: due[guid]) == [f"{NS}:{name}" for name in order]
    assert len(set(due.values())) == len(order), "each note has a position of its own"
    assert all(card.type == card.queue == 0 for card in learner.cards())
    queue = [guid for guid, ordinal in learner.queue() if ordinal == 0]
    assert queue == [f"{NS}:{name}" for name in order]


def test_order_is_kept_with_a_note_inserted_by_the_next_release(
    author: Author, learner: Learner, tmp_path: Path
) -> None:
    notes = [basic(f"note-{number}") for number in range(6)]
    author.file("a.yaml", "Deck", notes)
    learner.imports(author.released(tmp_path / "one.apkg", FIRST))
    notes.insert(3, basic("inserted"))
    author.file("a.yaml", "Deck", notes)
    learner.imports(author.released(tmp_path / "two.apkg", SECOND))
    queue = [guid.partition(":")[2] for guid, _ in learner.queue()]
    old = [name for name in queue if name != "inserted"]
    assert old == [f"note-{number}" for number in range(6)]
    assert queue.index("inserted") in (3, 4), "beside the note it pushes"


def test_newcomer_to_the_next_release_gets_its_order(author: Author, learner: Learner, tmp_path: Path) -> None:
    author.file("a.yaml", "Deck", [basic("first"), basic("third")])
    author.release(FIRST)
    author.file("a.yaml", "Deck", [basic("first"), basic("second"), basic("third")])
    learner.imports(author.released(tmp_path / "two.apkg", SECOND))
    assert [guid.partition(":")[2] for guid, _ in learner.queue()] == ["first", "second", "third"]


def test_tags_lie_below_the_namespace(author: Author, learner: Learner, tmp_path: Path) -> None:
    (author.root / "curriculum.yaml").write_text("T1:\n  title: A topic\n", encoding="utf-8")
    note = basic("tagged", tags=["metrics", "a::b"], topics=["T1"], tier="1", level="3")
    author.file("a.yaml", "Deck", [note, basic("plain")], tags=["of-the-file"])
    learner.imports(author.build(tmp_path / "small.apkg", FIRST))
    tags = set(learner.note(NS, "tagged").tags)
    expected = {"metrics", "a::b", "of-the-file", "topic::T1", "tier::1", "level::3"}
    assert tags == {f"{NS}::{tag}" for tag in expected}
    assert set(learner.note(NS, "plain").tags) == {f"{NS}::{tag}" for tag in ("of-the-file", "tier::2", "level::1")}
    assert all(tag.split("::")[0] == NS for tag in learner.col.tags.all())


def test_media_arrive_whole_under_the_name_the_field_has(author: Author, learner: Learner, tmp_path: Path) -> None:
    one, two = author.image("one.svg"), author.image("ein Bild & mehr.PNG", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    author.file(
        "a.yaml",
        "Deck",
        [
            basic("with-one", f"See ![one]({one}) here?"),
            basic("with-two", f"See ![two](<{two}>) here?"),
            cloze("with-hidden", f"It is {{{{c1::![one]({one})}}}} and {{{{c2::more}}}}."),
        ],
    )
    package = author.build(tmp_path / "small.apkg", FIRST)
    learner.imports(package)
    directory = Path(learner.col.media.dir())
    files = {path.name: path.read_bytes() for path in directory.iterdir()}
    assert files == media_of(package)
    assert sorted(files.values()) == sorted([PIXEL, (author.root / two).read_bytes()])
    for note in learner.notes():
        named = learner.col.media.files_in_str(note.mid, note.joined_fields())
        assert len(named) == 1
        assert set(named) <= set(files)
    check = learner.col.media.check()
    assert not list(check.missing)
    assert not list(check.unused)


def test_changed_image_reaches_the_learner(author: Author, learner: Learner, tmp_path: Path) -> None:
    path = author.image("one.svg")
    author.file("a.yaml", "Deck", [basic("with-one", f"See ![one]({path}) here?"), basic("without")])
    learner.imports(author.released(tmp_path / "one.apkg", FIRST))
    changed = PIXEL.replace(b"pixel", b"other")
    author.image("one.svg", changed)
    assert learner.imports(author.released(tmp_path / "two.apkg", SECOND)) == {"updated": 1, "duplicate": 1}
    note = learner.note(NS, "with-one")
    (name,) = learner.col.media.files_in_str(note.mid, note.fields[0])
    assert (Path(learner.col.media.dir()) / name).read_bytes() == changed


def test_sort_field_and_checksum_are_those_anki_works_out(author: Author, learner: Learner, tmp_path: Path) -> None:
    image = author.image("one.svg")
    author.file(
        "a.yaml",
        "Deck",
        [
            basic("entities", "Is a < b && c > d, *really* `x<y>`?"),
            basic("maths", r"What is \(\frac{a}{b} < 1\)?"),
            basic("lists", "Which?\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |"),
            basic("code", "What prints?\n\n```python\nprint('a')\n\nprint(1 < 2)\n```"),
            basic("number-only", "42"),
            basic("nbsp", "a&nbsp;b\u00a0c"),
            basic("with-image", f"Which ![is it]({image}) now?"),
            cloze("gaps", "The {{c1::one::hint}} and {{c2::`b`}}."),
            reversed_("rev"),
            contrast("con"),
            calculation("cal"),
            interview("int"),
            scenario("sce"),
        ],
    )
    package = author.build(tmp_path / "small.apkg", FIRST)
    ours = {guid: row for guid, *row in rows(package, "SELECT guid, sfld, csum FROM notes", tmp_path)}
    learner.imports(package)
    query = "SELECT guid, sfld, csum FROM notes"
    imported = {guid: row for guid, *row in learner.col.db.all(query)}
    learner.col.after_note_updates(list(learner.col.find_notes("")), mark_modified=False)
    assert imported == {guid: row for guid, *row in learner.col.db.all(query)}, "as Anki would write them"
    images = {f"{NS}:with-image"}  # Anki keeps the name of the file
    assert {g: r for g, r in ours.items() if g not in images} == {g: r for g, r in imported.items() if g not in images}


def test_anki_reports_no_duplicates_or_empty_notes(every_kind: Author, learner: Learner, tmp_path: Path) -> None:
    image, other = every_kind.image("one.svg"), every_kind.image("two.svg", PIXEL + b"<!-- 2 -->")
    pictures = [basic("picture-one", f"![what]({image})"), basic("picture-two", f"![what]({other})")]
    every_kind.file("z.yaml", "Pictures", pictures)
    learner.imports(every_kind.build(tmp_path / "small.apkg", FIRST))
    assert learner.col.find_dupes("Asked", "") == []
    assert {note.guid: note.fields_check() for note in learner.notes() if note.fields_check()} == {}
