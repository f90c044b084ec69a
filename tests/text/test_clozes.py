"""Gaps: where they may stand, what they hide, and what Anki would read otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aipm_cards.text import (
    Cloze,
    ClozeCutsMarkup,
    Code,
    CodeBlock,
    Emphasis,
    Heading,
    Image,
    Link,
    List,
    Math,
    Paragraph,
    Quote,
    Table,
    Text,
    cloze_faults,
    cloze_numbers,
    is_lopsided,
    parse,
    parse_cloze,
    read_gaps,
    walk,
    words,
)
from tests.text.test_parsing import TEXTS


def line(text: str) -> tuple[Any, ...]:
    (only,) = parse_cloze(text)
    assert isinstance(only, Paragraph)
    return only.children


def gap(*children: Any, number: int = 1, hint: str = "") -> Cloze:
    return Cloze(number, tuple(Text(c) if isinstance(c, str) else c for c in children), hint)


def test_a_gap_in_words() -> None:
    assert line("A {{c1::gap}}.") == (Text("A "), gap("gap"), Text("."))
    assert line("{{c1::a}}{{c2::b}}") == (gap("a"), gap("b", number=2))
    assert line("a\n{{c1::b}}") == (Text("a\n"), gap("b"))
    assert line("{{c499::b}}") == (gap("b", number=499),)


def test_hints() -> None:
    assert line("{{c1::a::hint}}") == (gap("a", hint="hint"),)
    assert line("{{c1::std::vector::x}}") == (gap("std", hint="vector::x"),)
    assert line(r"{{c1::a::*as* \(typed\)}} *b*")[0] == gap("a", hint=r"*as* \(typed\)")


@pytest.mark.parametrize("hidden", ["# h", "- a", "1. x", "> q", "    code", "---", "|a|"])
def test_what_is_hidden_begins_no_block(hidden: str) -> None:
    assert words(parse_cloze(f"{{{{c1::{hidden}}}}}")) == hidden.strip()
    assert isinstance(parse_cloze(f"{{{{c1::{hidden}}}}}")[0], Paragraph)


def test_markup_inside_a_gap() -> None:
    assert line("{{c1::*a* `b` <i> \\(c\\) ![d](e.svg) [f](https://x.org)}}") == (
        gap(
            Emphasis((Text("a"),), False),
            " ",
            Code("b"),
            " <i> ",
            Math("c", False),
            " ",
            Image("e.svg", "d"),
            " ",
            Link("https://x.org", (Text("f"),)),
        ),
    )


def test_a_gap_inside_markup() -> None:
    assert line("*{{c1::a}}*") == (Emphasis((gap("a"),), False),)
    assert line("[x {{c1::a}}](https://x.org)") == (Link("https://x.org", (Text("x "), gap("a"))),)
    assert line("<i>{{c1::a}}</i>") == (Text("<i>"), gap("a"), Text("</i>"))


def test_a_gap_in_every_block() -> None:
    tree = parse_cloze(
        "# {{c1::a}}\n\n> {{c2::b}}\n\n- {{c3::c}}\n- x\n\n| {{c4::d}} |\n|---|\n| {{c5::e}} |\n\n<p>{{c6::f}}</p>\n"
    )
    assert [type(node) for node in tree] == [Heading, Quote, List, Table, Paragraph]
    gaps = [node for node in walk(tree) if isinstance(node, Cloze)]
    assert gaps == [gap(letter, number=number) for number, letter in enumerate("abcdef", 1)]


def test_a_gap_in_code() -> None:
    assert line("`x {{c1::y}} z`") == (Code("x "), gap(Code("y")), Code(" z"))
    assert line("`a {{c1::b` c}}") == (Code("a "), gap(Code("b"), " c"))
    assert parse_cloze("```py\na {{c1::b\nc}} *d*\n```") == (CodeBlock("py", (Text("a "), gap("b\nc"), Text(" *d*"))),)


def test_a_gap_in_a_formula_stays_as_typed() -> None:
    assert line(r"\({{c1::x}} + 1\)") == (Math("{{c1::x}} + 1", False, gaps=True),)
    assert cloze_numbers(r"\({{c1::x}} + {{c2::y}}\)") == (1, 2)


def test_the_braces_of_a_formula_close_no_gap() -> None:
    assert line(r"{{c1::\(\frac{1}{2_{3}}\)}}") == (gap(Math(r"\frac{1}{2_{3}}", False)),)
    assert line(r"\({{a}}\) {{c1::b}}") == (Math("{{a}}", False), Text(" "), gap("b"))
    assert cloze_numbers(r"{{c1::\(a}}b\)}} {{c2::c}}") == (1, 2)
    assert cloze_faults(r"{{c1::\(a}}b\)}}") == []


@pytest.mark.parametrize(
    "text",
    [
        "*a {{c1::b* c}}",
        "{{c1::a\n\nb}}",
        "{{c1::a\n- b}}",
        "[a {{c1::b](https://x.org) c}}",
        "| {{c1::a | b}} |\n|---|---|\n| c | d |",
        "- {{c1::a\n- b}}",
        "# {{c1::a\nb}}",
    ],
)
def test_a_gap_that_cuts_through_markup(text: str) -> None:
    assert cloze_faults(text) == []
    with pytest.raises(ClozeCutsMarkup):
        parse_cloze(text)


def test_numbers() -> None:
    assert cloze_numbers("{{c3::a}} {{c1::b}} {{c3::c}}") == (1, 3)
    assert cloze_numbers("nothing {{C1::c}} {{c 1::d}} { {c1::e} }") == ()


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ("ab {{C1::x}}", "N201", 3),
        ("{{c 1::x}}", "N201", 0),
        ("{{ c1::x}}", "N201", 0),
        ("{{c1:x}}", "N201", 0),
        ("{{c1,2::x}}", "N201", 0),
        ("{{c0::x}}", "N201", 0),
        ("a {{c500::x}}", "N201", 2),
        ("a {{c1::x}", "N201", 2),
        ("a {{c1::x {{c2::y}} z}}", "N202", 10),
        ("a {{c1::}}", "N205", 2),
        ("a {{c1:: ::hint}}", "N205", 2),
    ],
)
def test_faults(text: str, code: str, offset: int) -> None:
    assert [(fault.code, fault.offset) for fault in cloze_faults(text)] == [(code, offset)]


def test_all_faults_are_found_in_their_order() -> None:
    assert [(f.code, f.offset) for f in cloze_faults("{{C1::a}} {{c1::}} {{c2::b")] == [
        ("N201", 0),
        ("N205", 10),
        ("N201", 19),
    ]


@pytest.mark.parametrize("text", ["no gap", "{{c1::a}}", "{{c1::a::b}} {{c1::c}}", "{{a}} }} {{", r"\(a}}\) {{c1::b}}"])
def test_no_faults(text: str) -> None:
    assert cloze_faults(text) == []


@pytest.mark.parametrize(
    ("text", "offsets"),
    [
        ("{{c1::{a}}}", [0]),
        ("x {{c1::`a}} `", [2]),
        ("{{c1::{a} }}", []),
        ("{{c1::`a`}}", []),
        (r"{{c1::\(\frac{1}{{2}}\)}}", []),
        (r"{{c1::\(\left\{ x \right.\)}}", []),
        (r"\(\frac{ {{c1::a_{b}}} }{c}\)", [9]),
    ],
)
def test_gaps_that_end_too_early(text: str, offsets: list[int]) -> None:
    assert [found.start for found in read_gaps(text)[0] if is_lopsided(found, text)] == offsets


def test_forbidden_entities_are_mended_here_too() -> None:
    assert words(parse_cloze("{{c1::a}} &#27; {{c2::&#x202e;}}")) == "a \ufffd \ufffd"


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(TEXTS, st.sampled_from(["{{c1::a}}", "{{c2::*b*::hint}}", ""]), TEXTS)
def test_any_text_without_faults_is_read_or_cuts(before: str, inside: str, after: str) -> None:
    text = before + inside + after
    if not text.strip() or cloze_faults(text):
        return
    try:
        tree = parse_cloze(text)
    except ClozeCutsMarkup:
        return
    if not cloze_numbers(text):
        assert tree == parse(text)
    assert {node.number for node in walk(tree) if isinstance(node, Cloze)} <= set(cloze_numbers(text))
