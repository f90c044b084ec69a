"""Plain words of a tree, and the walk through it."""

from __future__ import annotations

from aipm_cards.text import Break, Cloze, Emphasis, List, Paragraph, Table, Text, parse, parse_cloze, walk, words

EVERYTHING = (
    "# H *e*\n\n- a\n- b\n\n| x | y |\n|---|---|\n| 1 | **2** |\n\n![alt](a.svg) \\(m_1\\) `c*`  \nz\n\n---\n> q\n"
)


def test_words_have_no_markup() -> None:
    said = words(parse(EVERYTHING)).split("\n")
    assert said == ["H e", "a", "b", "x", "y", "1", "2", "alt m_1 c*", "z", "q"]


def test_words_fill_gaps_and_leave_hints_out() -> None:
    assert words(parse_cloze("A {{c1::*gap*::hint}} and {{c2::`x`}}.")) == "A gap and x."


def test_words_of_nothing() -> None:
    assert words(()) == words(parse("---")) == ""


def test_words_of_code_keep_its_lines() -> None:
    assert words(parse("```\na\n  b\n```\n\nc")) == "a\n  b\nc"


def test_the_walk_reaches_every_node_once_in_the_order_of_the_text() -> None:
    seen = list(walk(parse(EVERYTHING)))
    assert len(seen) == len({id(node) for node in seen}) or seen.count(Break()) == 1
    assert "".join(node.text for node in seen if isinstance(node, Text)) == "H eabxy12  zq"
    assert [type(node) for node in seen if isinstance(node, (List, Table))] == [List, Table]
    assert [node.strong for node in seen if isinstance(node, Emphasis)] == [False, True]


def test_the_walk_looks_into_gaps() -> None:
    tree = parse_cloze("- {{c1::a *b*}}")
    assert [type(node) for node in walk(tree) if not isinstance(node, List)] == [Paragraph, Cloze, Text, Emphasis, Text]
