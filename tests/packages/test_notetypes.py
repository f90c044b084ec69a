"""Anki's note types, which may never change: learners' notes hang on these names and numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aipm_cards.anki.identity import guid, number
from aipm_cards.anki.notetypes import look, note_type, type_hashes
from aipm_cards.anki.regions import REGIONS
from aipm_cards.kinds import KINDS, Kind
from aipm_cards.model import Collection

OURS = Collection(Path(), "AI PM", "aipm-cards")

# Per kind: the note type, its fields and its templates, with their ids, for the namespace of the
# decks that ship. A line of this that has to be changed is a mistake in the program: with another
# field, order or id, the cards of every learner would come a second time or lose their progress.
FROZEN: dict[str, tuple[int, list[tuple[str, int]], list[tuple[str, int]]]] = {
    "basic": (
        1596457336900,
        [
            ("Asked", 1270070348054),
            ("Answer", 1478392233461),
            ("More", 1543785691414),
            ("Sources", 1618807816334),
            ("Cue", 2178872727258),
            ("ID", 2151905840657),
            ("Spare 1", 1923551811407),
            ("Spare 2", 2003537086449),
        ],
        [("Question", 2020517921763)],
    ),
    "reversed": (
        2093609958005,
        [
            ("Asked", 1315943925362),
            ("Answer", 1652508773277),
            ("Asked 2", 2148216862782),
            ("Answer 2", 1303000983852),
            ("More", 2149074034485),
            ("Sources", 1360259363647),
            ("Cue", 1365808204177),
            ("ID", 2014253325676),
            ("Spare 1", 1145871961354),
            ("Spare 2", 1376822859515),
        ],
        [("Term to definition", 1684743992228), ("Definition to term", 1214096124084)],
    ),
    "cloze": (
        1935384572517,
        [
            ("Asked", 1729729082251),
            ("More", 1531780744598),
            ("Sources", 1450794340759),
            ("Cue", 1825879763035),
            ("ID", 2078338072189),
            ("Spare 1", 1222050452788),
            ("Spare 2", 1789258642774),
        ],
        [("Cloze", 1262574838551)],
    ),
    "contrast": (
        1946258537973,
        [
            ("Asked", 1851268469499),
            ("Answer", 1236420947792),
            ("Asked 2", 1104996454774),
            ("Answer 2", 1759390712009),
            ("More", 1107748167375),
            ("Sources", 1637498438979),
            ("Cue", 1348167623136),
            ("ID", 1678338094887),
            ("Spare 1", 1758826247864),
            ("Spare 2", 1120733095374),
        ],
        [("What separates them", 1515590160555), ("Which one is it", 1884895040799)],
    ),
    "calculation": (
        1728671833631,
        [
            ("Asked", 1935060985036),
            ("Answer", 1340319719115),
            ("More", 1939864626807),
            ("Sources", 1308012482041),
            ("Cue", 1147110488033),
            ("ID", 2156238496108),
            ("Spare 1", 1244240570120),
            ("Spare 2", 1468597771633),
        ],
        [("Question", 1488971292938)],
    ),
    "interview": (
        1233763107738,
        [
            ("Asked", 2035977341039),
            ("Frame", 2053301222269),
            ("Rubric", 1580646012306),
            ("Answer", 1837229992242),
            ("More", 1515258776015),
            ("Sources", 1930028924150),
            ("Cue", 1179277276013),
            ("ID", 2117307628256),
            ("Spare 1", 1102031664455),
            ("Spare 2", 1171923073210),
        ],
        [("Question", 1456687314668)],
    ),
    "scenario": (
        1896484386790,
        [
            ("Asked", 1571118201053),
            ("Rubric", 1414852203403),
            ("Answer", 1485633324132),
            ("More", 1421324559675),
            ("Sources", 1530663325630),
            ("Cue", 1626218630199),
            ("ID", 2161652629015),
            ("Spare 1", 2023017105394),
            ("Spare 2", 1461430627310),
        ],
        [("Question", 1630674367314)],
    ),
}


def described(kind: str, collection: Collection = OURS) -> dict[str, Any]:
    return note_type(KINDS[kind], collection, 1_750_000_000)


@pytest.mark.parametrize("kind", FROZEN)
def test_the_note_types_are_frozen(kind: str) -> None:
    found = described(kind)
    fields = [(field["name"], field["id"]) for field in found["flds"]]
    templates = [(template["name"], template["id"]) for template in found["tmpls"]]
    assert (int(found["id"]), fields, templates) == FROZEN[kind]
    assert [field["ord"] for field in found["flds"]] == [*range(len(fields))]
    assert [template["ord"] for template in found["tmpls"]] == [*range(len(templates))]
    assert found["type"] == (1 if kind == "cloze" else 0)
    assert found["sortf"] == 0
    assert found["mod"] == 1_750_000_000


def test_every_kind_is_frozen() -> None:
    assert list(FROZEN) == list(KINDS) == list(REGIONS)


def test_identities_are_frozen() -> None:
    assert guid("aipm-cards", "a-note") == "aipm-cards:a-note"
    assert number("aipm-cards", "notetype", "basic") == 1596457336900
    assert number("aipm-cards", "deck", "") == 1881428545658
    assert number("aipm-cards", "deck", "Concepts") == 1488640221114
    assert number("other", "deck", "Concepts") == 1457356582165


def test_no_two_things_share_an_id() -> None:
    ids = [
        one
        for type_, fields, templates in FROZEN.values()
        for one in (type_, *dict(fields).values(), *dict(templates).values())
    ]
    assert len(ids) == len(set(ids))
    assert all(2**40 <= one < 2**41 for one in ids)
    other = described("basic", replace(OURS, namespace="other"))
    assert int(other["id"]) not in ids
    assert number("a", "b", "c") != number("a", "bc") != number("ab", "c")


def test_the_name_of_a_collection_is_no_part_of_an_identity() -> None:
    renamed = described("basic", replace(OURS, name="Other"))
    assert renamed["id"] == described("basic")["id"]
    assert (renamed["name"], described("basic")["name"]) == ("Other basic", "AI PM basic")


@pytest.mark.parametrize("kind", KINDS)
def test_templates_use_their_fields_and_every_field_is_used(kind: str) -> None:
    found = described(kind)
    names = {field["name"] for field in found["flds"]}
    used: set[str] = set()
    for template in found["tmpls"]:
        for side in (template["qfmt"], template["afmt"]):
            used |= set(re.findall(r"\{\{[#/^]?(?:cloze:)?([^}]+)\}\}", side))
            assert len(re.findall(r"\{\{#", side)) == len(re.findall(r"\{\{/", side))
        assert "{{FrontSide}}" not in template["afmt"]
    assert used == {name for name in names if not name.startswith("Spare")}


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_the_question_side_shows_no_answer(kind: Kind) -> None:
    for index, template in enumerate(described(kind.name)["tmpls"]):
        front, back = template["qfmt"], template["afmt"]
        assert "Answer" not in front
        assert "Rubric" not in front
        assert "More" not in front
        asked = "Asked" if index == 0 else "Asked 2"
        shown = f"{{{{cloze:{asked}}}}}" if kind.name == "cloze" else f"{{{{{asked}}}}}"
        assert shown in front
        assert shown in back
        answer = "Answer" if index == 0 else "Answer 2"
        assert (f"{{{{{answer}}}}}" in back) is (kind.name != "cloze")
        assert "{{ID}}" in back
        assert ("<script>" in front) is (kind.name == "interview")
        assert ("<script>" in back) is (kind.name in ("interview", "scenario"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_card_exists_by_its_first_field(kind: str) -> None:
    found = described(kind)
    assert found["req"][0] == [0, "any", [0]]
    for ordinal, _, (field,) in found["req"]:
        assert found["flds"][field]["name"] == ("Asked", "Asked 2")[ordinal]


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl"), ("he-IL", "rtl"), ("pt-BR", "ltr")])
def test_language_and_direction(language: str, direction: str) -> None:
    template = described("basic", replace(OURS, language=language))["tmpls"][0]
    for side in (template["qfmt"], template["afmt"]):
        assert f'lang="{language}" dir="{direction}"' in side


def test_nothing_comes_from_the_network() -> None:
    assert not re.search(r"https?:|@import|url\(", look())


def test_a_hash_is_of_the_look_and_not_of_the_time() -> None:
    assert type_hashes(OURS) == type_hashes(OURS)
    assert set(type_hashes(OURS)) == set(KINDS)
    assert len(set(type_hashes(OURS).values())) == len(KINDS)
    assert not set(type_hashes(OURS).values()) & set(type_hashes(replace(OURS, language="de")).values())
