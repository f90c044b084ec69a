"""A deck file to its notes: defaults, additions, places, and one message per mistake."""

from __future__ import annotations

import random

import pytest

from aipm_cards.diagnostics import line_column
from aipm_cards.kinds import KINDS
from aipm_cards.model import Citation
from tests.content.reading import HEADER, basic, deck, found, note

SOURCES = ("mlcc", "gdpr")


def test_the_least_a_note_has() -> None:
    read = note(basic())
    assert (read.id, read.kind, read.deck) == ("recall-of-a-fraud-queue", "basic", "Concepts::Evaluation")
    assert read.content == {"front": "Of what is recall the share?", "back": "Of the fraud."}
    assert (read.tier, read.level, read.cue, read.topics, read.tags, read.sources) == (2, 1, "", (), (), ())
    assert (read.as_of, read.review_by, read.extra, read.related, read.retired) == ("", "", "", (), "")
    assert line_column(read.place) == (3, 5)
    assert {key: line_column(at) for key, at in read.places.items()} == {"front": (4, 12), "back": (5, 11)}


FILE = HEADER + (
    "cue: metrics\ntier: 1\nlevel: 3\nsources: [mlcc]\nas_of: 2026-01-01\nreview_by: 2027-01-01\n"
    "tags: [evaluation, fraud]\ntopics: T082\n"
)


def test_a_note_takes_over_what_its_file_sets() -> None:
    read = note(basic(), FILE, sources=SOURCES)
    assert (read.cue, read.tier, read.level, read.sources) == ("metrics", 1, 3, (Citation("mlcc", ""),))
    assert (read.as_of, read.review_by) == ("2026-01-01", "2027-01-01")
    assert (read.tags, read.topics) == (("evaluation", "fraud"), ("T082",))


def test_a_note_overrides() -> None:
    lines = ("cue: recall", "tier: 3", "level: 1", 'sources: {ref: gdpr, at: "Art. 22(1)"}', "as_of: 2026-02-02",
             "review_by: 2027-02-02")  # fmt: skip
    read = note(basic(*lines), FILE, sources=SOURCES)
    assert (read.cue, read.tier, read.level, read.sources) == ("recall", 3, 1, (Citation("gdpr", "Art. 22(1)"),))
    assert (read.as_of, read.review_by) == ("2026-02-02", "2027-02-02")


def test_tags_and_topics_are_added_and_none_is_there_twice() -> None:
    read = note(basic("tags: [fraud, recall]", "topics: [T083, T082]"), FILE, sources=SOURCES)
    assert read.tags == ("evaluation", "fraud", "recall")
    assert read.topics == ("T082", "T083")


@pytest.mark.parametrize("nothing", ["", " ~"])
def test_nothing_overrides_nothing(nothing: str) -> None:
    keys = ("cue", "tier", "level", "sources", "as_of", "review_by", "tags", "topics", "extra", "related", "kind")
    read = note(basic(*(f"{key}:{nothing}" for key in keys)), FILE, sources=SOURCES)
    assert (read.cue, read.tier, read.level, read.sources) == ("metrics", 1, 3, (Citation("mlcc", ""),))
    assert (read.as_of, read.review_by, read.tags) == ("2026-01-01", "2027-01-01", ("evaluation", "fraud"))
    assert (read.kind, read.related, read.extra) == ("basic", (), "")


def test_an_empty_text_and_an_empty_list_override() -> None:
    read = note(basic("cue: ''", "sources: []", "as_of: ''"), FILE, sources=SOURCES)
    assert (read.cue, read.sources, read.as_of) == ("", (), "")


def test_the_kind_of_a_file() -> None:
    file = deck(f"{HEADER}kind: cloze\nnotes:\n  - id: one-gap\n    text: A {{{{c1::gap}}}}.\n{basic('kind: basic')}")
    assert file.findings.found == []
    assert [(read.id, read.kind) for read in file.notes] == [("one-gap", "cloze"), ("recall-of-a-fraud-queue", "basic")]


def test_a_single_text_counts_as_a_list_of_one() -> None:
    one = note(basic("tags: fraud", "topics: T082", "sources: mlcc", "related: a-b"), sources=SOURCES)
    many = note(basic("tags: [fraud]", "topics: [T082]", "sources: [mlcc]", "related: [a-b]"), sources=SOURCES)
    assert one == many
    assert (one.tags, one.topics, one.related) == (("fraud",), ("T082",), ("a-b",))


@pytest.mark.parametrize("typed", ["no", "yes", "null", "2026-11-20", "007", "1e3", "true", "80"])
def test_a_text_never_becomes_anything_else(typed: str) -> None:
    body = f"  - id: one-note\n    front: {typed}\n    back: {typed}\n    cue: {typed}\n    extra: {typed}\n"
    read = note(body)
    assert (read.content["front"], read.content["back"], read.cue, read.extra) == (typed,) * 4


def test_ids_that_look_like_numbers_and_dates_are_texts() -> None:
    for note_id in ("007", "2026-11-20", "yes", "null", "---"):
        assert note(basic(note_id=note_id)).id == note_id


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Concepts::Data", "Concepts::Data"),
        ("'  Concepts ::  Data  '", "Concepts::Data"),
        ("A   B", "A B"),
        ("2026", "2026"),
    ],
)
def test_deck_names_are_trimmed(name: str, shown: str) -> None:
    assert note(basic(), f"deck: {name}\n").deck == shown


@pytest.mark.parametrize("name", ["'::'", "'A::'", "'::A'", "'A::  ::B'", "' '"])
def test_deck_names_without_a_part(name: str) -> None:
    assert found(f"deck: {name}\nnotes:\n{basic()}") == [("D202", 1, 7)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", ["frontt", "titel", "zzz"])
def test_an_unknown_key_is_reported_with_the_nearest(kind: str, key: str) -> None:
    file = deck(f"{HEADER}notes:\n  - id: one-note\n    kind: {kind}\n    {key}: x\n")
    (problem,) = (problem for problem in file.findings.found if problem.code == "N105")
    a = "an" if kind == "interview" else "a"
    assert (problem.line, problem.column, problem.message) == (5, 5, f"{a} {kind} note has no key '{key}'")
    assert problem.hint == ("did you mean 'front'?" if (key, kind) == ("frontt", "basic") else problem.hint)


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("bakc", "did you mean 'back'?"),
        ("source", "did you mean 'sources'?"),
        ("review-by", "did you mean 'review_by'?"),
        ("Tags", "did you mean 'tags'?"),
        ("definition", "'definition' is a key of kind reversed; a basic note has front, back, why, example"),
        ("rubric", "'rubric' is a key of kind interview and scenario; a basic note has front, back, why, example"),
        ("explanation", "write `why:` for it"),
        ("zzz", "a basic note has front, back, why, example"),
    ],
)
def test_unknown_key_hints(key: str, hint: str) -> None:
    (problem,) = deck(f"{HEADER}notes:\n{basic(f'{key}: x')}").findings.found
    assert (problem.code, problem.line, problem.column, problem.hint) == ("N105", 6, 5, hint)


def test_keys_of_another_kind_are_one_finding() -> None:
    file = deck(f"{HEADER}notes:\n  - id: a-term\n    term: recall\n    definition: A share.\n")
    (problem,) = file.findings.found
    assert (problem.code, problem.line, problem.message) == ("N105", 4, "a basic note has no key 'term'")
    assert problem.hint == "'term', 'definition' are keys of kind reversed: add `kind: reversed` below the id"


@pytest.mark.parametrize("key", ["descripton", "tag", "note_s"])
def test_an_unknown_key_of_the_file_is_no_fault_of_its_notes(key: str) -> None:
    file = deck(f"{HEADER}{key}: x\nnotes:\n{basic()}")
    assert [(problem.code, problem.line) for problem in file.findings.found] == [("D101", 2)]
    assert file.findings.found[0].hint.startswith("did you mean '")
    assert len(file.notes) == 1


@pytest.mark.parametrize(
    ("lines", "code", "line", "column"),
    [
        (("tier: 4",), "D104", 6, 11),
        (("level: x",), "D104", 6, 12),
        (("as_of: soon",), "D104", 6, 12),
        (("cue: x", "review_by: 2026-13-01"), "D104", 7, 16),
        (("tags: [a, b c]",), "N111", 6, 15),
        (("topics: [T1, T9]",), "N109", 6, 18),
        (("sources: [mlcc, gpdr]",), "N108", 6, 21),
        (("sources:", "  - {ref: gpdr, at: x}"), "N108", 7, 15),
        (("kind: basics",), "N104", 6, 11),
        (("tags:", "  a: b"), "D103", 7, 7),
        (("'再現率': x",), "N105", 6, 5),
        (("extra: '[x](ftp://a)'",), "N601", 6, 17),
        (("extra: |", "  one", "  [x](ftp://a)"), "N601", 8, 11),
        (("extra: |", "  再現率 ![x](y.pdf)"), "M103", 7, 16),
    ],
)
def test_one_mistake_gives_one_message_at_its_place(lines: tuple[str, ...], code: str, line: int, column: int) -> None:
    text = f"{HEADER}notes:\n{basic(*lines)}"
    assert found(text, sources=SOURCES, topics=("T1",)) == [(code, line, column)]
    windows = ("\ufeff" + text).replace("\n", "\r\n").encode()
    assert found(windows, sources=SOURCES, topics=("T1",)) == [(code, line, column)]


def test_a_crlf_file_holds_the_same_notes() -> None:
    text = f"{HEADER}notes:\n{basic('extra: |', '  one', '', '  two')}"
    assert deck(("\ufeff" + text).replace("\n", "\r\n")).notes == deck(text).notes
    assert deck(text).notes[0].extra == "one\n\ntwo"


def test_every_missing_key_is_named() -> None:
    for name, kind in KINDS.items():
        problems = deck(f"{HEADER}notes:\n  - id: one-note\n    kind: {name}\n").findings.found
        required = [key.name for key in kind.keys if key.required]
        a = "an" if name == "interview" else "a"
        assert [problem.message for problem in problems] == [f"{a} {name} note has no '{key}'" for key in required]
        assert {(problem.code, problem.line, problem.column) for problem in problems} == {("N106", 3, 5)}


def test_a_note_with_a_mistake_is_left_out_and_its_neighbours_are_not() -> None:
    text = (
        HEADER
        + "notes:\n"
        + basic(note_id="one-note")
        + basic("tier: 9", note_id="two-note")
        + basic(note_id="three-note")
    )
    file = deck(text)
    assert [read.id for read in file.notes] == ["one-note", "three-note"]
    assert [note_id for note_id, _ in file.ids] == ["one-note", "two-note", "three-note"]
    assert len(file.findings.found) == 1


def test_after_a_syntax_error_the_other_notes_are_read() -> None:
    text = HEADER + "notes:\n" + basic(note_id="one-note") + basic("extra: a: b", note_id="two-note") + basic(
        "tier: 9", note_id="three-note"
    ) + basic(note_id="four-note")  # fmt: skip
    assert found(text) == [("Y202", 9, 13), ("D104", 13, 11)]
    file = deck(text)
    assert [read.id for read in file.notes] == ["one-note", "four-note"]
    assert [line_column(read.place) for read in file.notes] == [(3, 5), (14, 5)]
    assert [note_id for note_id, _ in file.ids] == ["one-note", "two-note", "three-note", "four-note"]


def test_notes_without_indentation_after_a_syntax_error() -> None:
    text = "deck: A\nnotes:\n- id: one-note\n  front: a: b\n  back: c\n- id: two-note\n  front: a\n  back: b\n"
    assert found(text) == [("Y202", 4, 11)]
    assert [read.id for read in deck(text).notes] == ["two-note"]


def test_two_mistakes_of_yaml_in_one_note_are_both_found() -> None:
    text = f"{HEADER}notes:\n{basic('why: a: b', 'extra: *x* y', 'example: z')}"
    assert found(text) == [("Y202", 6, 11), ("Y204", 7, 12)]


@pytest.mark.parametrize(
    "text",
    ["", "\n", "~\n", "# nothing\n", "one\n", "- one\n", "deck: A\n", "deck: A\nnotes:\n", "deck: A\nnotes: []\n"],
)
def test_a_file_that_is_no_deck_is_an_error(text: str) -> None:
    (code, *_), *others = found(text)
    assert code == "D201"
    assert others == []


def test_a_deck_file_without_a_deck_says_so_once() -> None:
    file = deck("notes:\n" + basic(note_id="one-note") + basic(note_id="two-note"))
    assert [problem.code for problem in file.findings.found] == ["D102"]
    assert file.notes == []


def test_a_mistake_in_the_header_is_said_once() -> None:
    file = deck(HEADER + "tier: core\nnotes:\n" + basic(note_id="one-note") + basic(note_id="two-note"))
    assert [(problem.code, problem.line) for problem in file.findings.found] == [("D104", 2)]


def test_a_comment_behind_a_label_is_a_comment() -> None:
    lines = ("cue: metrics # label", "tier: 1 # core", "as_of: 2026-11-20 # checked", "kind: basic # yes")
    read = note(basic(*lines))
    assert (read.cue, read.tier, read.as_of, read.kind) == ("metrics", 1, "2026-11-20", "basic")


SCRAPS = [*"'\"\n\t{}[]!|>%@`~\\é再\r\u202e\x85"]
SCRAPS += [": ", " #", "- ", "&a ", "*a", "{{c1::", "}}", "::", "? ", "<<", "---\n", "  ", "![](", "]("]


@pytest.mark.parametrize("seed", range(8))
def test_no_text_stops_the_reader_and_every_place_exists(seed: int) -> None:
    chance = random.Random(seed)
    sound = FILE + "notes:\n" + basic("extra: |", "  one", "  two") + (
        "  - id: one-gap\n    kind: cloze\n    text: A {{c1::gap}}.\n    tags: [a, b]\n"
        "  - id: a-number\n    kind: calculation\n    given: TP is 8.\n    ask: Half\n    values: {TP: 8}\n"
        "    steps: [halve it]\n    answer: 4\n    check: \"TP / 2\"\n"
    )  # fmt: skip
    assert len(deck(sound, sources=SOURCES).notes) == 3
    for _ in range(150):
        text = sound
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(text))
            text = text[:at] + chance.choice(SCRAPS) + text[at + chance.randrange(3) :]
        file = deck(text, sources=SOURCES)
        lines = text.replace("\r\n", "\n").split("\n")
        for problem in file.findings.found:
            assert 1 <= problem.line <= len(lines) + 1
            assert 1 <= problem.column <= max(map(len, lines)) + 1
            assert "\n" not in problem.message
