"""Values on their way into YAML, and from what a person types."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aipm_cards.characters import FORBIDDEN
from aipm_cards.content.fields import value_of
from aipm_cards.content.insert import plain, read_page
from aipm_cards.content.skeleton import Given, Layout, key_lines, note_lines
from aipm_cards.keys import note_keys
from aipm_cards.kinds import KINDS, TEXT_FORMS, Key

KEYS = {key.name: key for kind in KINDS for key in note_keys(kind)}


def read_back(key: Key, value: Given) -> object:
    """What a reader finds where a value was written."""
    return plain(read_page("x.yaml", "\n".join([*key_lines(key, value), ""]).encode()).root.entries[key.name][1])


LINE = st.text(st.characters(codec="utf-8"), max_size=60).map(lambda text: " ".join(FORBIDDEN.sub("", text).split()))
BITING = """- x|a: b|a #b|'x' y|"x|[x]|{x|*x*|&x|!x|%x|@x|`x`|> x|? x|x:|#x|~|yes|1.5|\\(x\\)|-|---|..."""
BITING += "|a, b|it's|=|<<|x ]|a  b"
SOME_LINE = st.sampled_from([*BITING.split("|"), "| x"])
TEXT = (LINE | SOME_LINE).filter(bool)


@given(TEXT)
@settings(max_examples=80, deadline=None)
def test_a_line_comes_back(text: str) -> None:
    assert read_back(KEYS["term"], text) == " ".join(text.split())


@given(st.lists(TEXT, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_lists_come_back(texts: list[str]) -> None:
    lines = [" ".join(text.split()) for text in texts]
    assert read_back(KEYS["outline"], tuple(texts)) == lines
    assert read_back(KEYS["tags"], tuple(texts)) == lines
    assert read_back(KEYS["rows"], (tuple(texts),)) == [lines]
    assert read_back(KEYS["rubric"], ({"must": texts[0]}, *texts)) == [{"must": lines[0]}, *lines]
    assert read_back(KEYS["options"], tuple({"name": text, "gain": text} for text in texts)) == [
        {"name": line, "gain": line} for line in lines
    ]
    assert read_back(KEYS["sources"], ({"ref": "key", "at": texts[0]}, "key")) == [
        {"ref": "key", "at": lines[0]},
        "key",
    ]
    assert read_back(KEYS["values"], {"TP": "90", "x": texts[0]}) == {"TP": "90", "x": lines[0]}


@given(st.lists(LINE | SOME_LINE | st.sampled_from(["", "  x", "\tx", "    code"]), min_size=1, max_size=6))
@settings(max_examples=80, deadline=None)
def test_blocks_come_back_but_for_blank_space_at_their_ends(lines: list[str]) -> None:
    text = "\n".join(["first", *lines])
    wanted = "\n".join(line if line.strip() else "" for line in text.replace("\t", "    ").split("\n"))
    assert read_back(KEYS["front"], text) == wanted.rstrip()


BLOCKS = {
    "two of equal indentation": ("  a\n  b", "a\nb"),
    "a first line a little in": ("  a\nb", "a\nb"),
    "code at the beginning": ("    x = 1\ntext", "    x = 1\ntext"),
    "blank lines around": ("\n\na\n\n\n", "a"),
    "a line of blanks": ("a\n   \nb", "a\n\nb"),
}


@pytest.mark.parametrize(("text", "read"), BLOCKS.values(), ids=BLOCKS)
def test_how_blocks_are_set(text: str, read: str) -> None:
    assert read_back(KEYS["front"], text) == read


def test_how_a_note_is_set() -> None:
    given: dict[str, Given] = {"id": "one", "back": "B", "front": "A", "tier": "1", "topics": ("T1",)}
    whole = ["id: one", "topics: [T1]", "tier: 1", "front: |", "  A", "back: |", "  B"]
    assert note_lines("basic", given, Layout(0, 2)) == ["- " + whole[0], *("  " + line for line in whole[1:])]
    assert note_lines("basic", given, Layout(2, 4, "cloze"))[:2] == ["  -   id: one", "      kind: basic"]
    assert "    kind: cloze" not in note_lines("cloze", {"id": "one"}, Layout(default_kind="cloze"))


def test_a_long_place_in_a_source_stands_on_a_line_of_its_own() -> None:
    short, long = {"ref": "gdpr", "at": "Art. 22(1)"}, {"ref": "book", "at": "a chapter, " * 9 + "here"}
    assert key_lines(KEYS["sources"], (short, "key")) == ["sources:", "  - {ref: gdpr, at: Art. 22(1)}", "  - key"]
    assert key_lines(KEYS["sources"], (short, long))[:4] == [
        "sources:",
        "  - ref: gdpr",
        "    at: Art. 22(1)",
        "  - ref: book",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_stands_in_a_skeleton_once_and_in_order(kind: str) -> None:
    lines = [line.strip() for line in note_lines(kind, {"id": "one"})]
    names = [line.removeprefix("- ").removeprefix("# ").partition(":")[0] for line in lines if ":" in line]
    wanted = [key.name for key in note_keys(kind) if key.name not in ("allow", "retired")]
    if kind == "basic":
        wanted.remove("kind")
    assert [name for name in names if name in wanted] == wanted
    for key in KINDS[kind].keys:
        assert any(line.startswith("# ") and key.help in line for line in lines)


TYPED = {
    "a text in quotes": ("term", '"precision"', "precision"),
    "quotes inside": ("term", '"a" and "b"', '"a" and "b"'),
    "names": ("tags", "a, `b`\n- c", ("a", "b", "c")),
    "names in brackets": ("topics", "[T1, T2]", ("T1", "T2")),
    "lines": ("outline", "One, two.\n\nThree: four # five", ("One, two.", "Three: four # five")),
    "dashes and what goes on": ("outline", "- One\n  more\n* Two\n3. Three", ("One more", "Two", "Three")),
    "signs inside": ("steps", "2000 * 2 * 0.5 = 2000\n2 - 3 - 4", ("2000 * 2 * 0.5 = 2000", "2 - 3 - 4")),
    "a must with dashes": ("rubric", "must: Asks - first - why", ({"must": "Asks - first - why"},)),
    "a rubric": ("rubric", "MUST: a\n- b\n- must : c", ({"must": "a"}, "b", {"must": "c"})),
    "brackets that are text": ("outline", "[a] is b", ("[a] is b",)),
    "brackets that are no YAML": ("outline", "[a: [b]", ("[a: [b]",)),
    "brackets that would cut": ("outline", "[a #b]", ("[a #b]",)),
    "values": ("values", "TP = 90, FP: 10", {"TP": "90", "FP": "10"}),
    "values, line by line": ("values", "- TP: 90\n- FP: 1,000", {"TP": "90", "FP": "1,000"}),
    "values in braces": ("values", "{TP: 90}", {"TP": "90"}),
    "a table": ("rows", "| a | b, c | d |\n|x|y|z|", (("a", "b, c", "d"), ("x", "y", "z"))),
    "one row in brackets": ("rows", "[a, b, c]", (("a", "b", "c"),)),
    "rows in brackets": ("rows", "[[a, b, c], [d, e, f]]", (("a", "b", "c"), ("d", "e", "f"))),
    "options": ("options", "a | b\nname: c\nharm: d: e", ({"name": "a", "gain": "b"}, {"name": "c", "harm": "d: e"})),
    "sources": ("sources", "gdpr\nbook | p. 1", ("gdpr", {"ref": "book", "at": "p. 1"})),
    "reasons": ("allow", "S202: four: named", {"S202": "four: named"}),
    "blanks": ("front", " \n\n", None),
}


@pytest.mark.parametrize(("name", "typed", "value"), TYPED.values(), ids=TYPED)
def test_what_is_typed(name: str, typed: str, value: Given | None) -> None:
    assert value_of(KEYS[name], typed) == value
    assert value_of(KEYS[name], typed.replace("\n", "\r\n")) == value


@given(st.sampled_from(sorted(KEYS)), st.text(alphabet="abc:-|#[]{}'\"=,\n \tmust", max_size=40))
@settings(max_examples=150, deadline=None)
def test_anything_typed_becomes_yaml(name: str, typed: str) -> None:
    """Whatever is typed, the value can be written, and no text is lost."""
    value = value_of(KEYS[name], typed)
    if KEYS[name].form in TEXT_FORMS:
        assert (value is None) == (not typed.strip())
    if value:
        read_back(KEYS[name], value)
