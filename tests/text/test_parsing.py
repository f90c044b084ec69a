"""Markdown to the tree: what is markup, what is typed, what is maths."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aipm_cards.characters import FORBIDDEN
from aipm_cards.text import (
    MAX_DEPTH,
    Break,
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
    Rule,
    Table,
    Text,
    forbidden_entity,
    is_one_paragraph,
    is_too_deep,
    is_web_address,
    parse,
    parse_inline,
    parse_plain,
    walk,
    words,
)
from aipm_cards.text import reader as engine

# Pieces that are markup somewhere, and words between them.
PIECES = [
    "*",
    "**",
    "_",
    "`",
    "```",
    "~~~",
    "[",
    "](",
    ")",
    "!",
    "<",
    ">",
    "<b>",
    "&",
    "&amp;",
    "&#27;",
    "#",
    "-",
    "- ",
    "1. ",
    "> ",
    "|",
    "|-|",
    "\\",
    "\\(",
    "\\)",
    "\\[",
    "\\]",
    "\n",
    "\n\n",
    " ",
    "  \n",
    "    ",
    "\t",
    "=",
    "---",
    "{{c1::",
    "::",
    "}}",
    "https://a.org",
    "word",
    "x",
    "0",
    "é",
    "\u00a0",
    "日本",
    "$",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=16).map("".join)
quick = settings(max_examples=150, deadline=None, database=None, derandomize=True)


def line(text: str) -> tuple[Any, ...]:
    """What the one paragraph of a text holds."""
    (only,) = parse(text)
    assert isinstance(only, Paragraph)
    return only.children


def depth(nodes: Any) -> int:
    """The levels of containers in a tree."""
    deepest = 0
    for node in nodes:
        inner: list[Any] = [*getattr(node, "children", ())]
        if isinstance(node, List):
            deepest = max([deepest, *(2 + depth([c for c in item if not is_tight(c)]) for item in node.items)])
            continue
        deepest = max(deepest, 1 + depth(inner) if not isinstance(node, (Text, Code, Math, Break, Rule)) else 0)
    return deepest


def is_tight(node: Any) -> bool:
    return isinstance(node, Paragraph) and node.tight


def test_words_are_a_paragraph() -> None:
    assert parse("Half of the alarms are false.") == (Paragraph((Text("Half of the alarms are false."),)),)
    assert parse("") == parse("\n\n") == parse("  ") == ()
    assert parse("\none\ntwo \n") == (Paragraph((Text("one\ntwo"),)),)
    assert parse("one\n\ntwo") == (Paragraph((Text("one"),)), Paragraph((Text("two"),)))


def test_emphasis_code_links_and_images() -> None:
    assert line("*a **b*** `c*` [d](https://x.org 'title') ![e *f*](media/x.svg)") == (
        Emphasis((Text("a "), Emphasis((Text("b"),), strong=True)), strong=False),
        Text(" "),
        Code("c*"),
        Text(" "),
        Link("https://x.org", (Text("d"),)),
        Text(" "),
        Image("media/x.svg", "e f"),
    )


@pytest.mark.parametrize(
    "typed",
    [
        "~~struck~~",
        "$x$ and $$y$$",
        "[ ] to do",
        "http://bare.org",
        "snake_case_name",
        "a * b * c",
        ":smile:",
        "{{c1::x}}",
        "2 ^ 3",
        "[no link]",
        '"quoted" -- it\'s...',
    ],
)
def test_what_is_no_commonmark_is_words(typed: str) -> None:
    assert line(typed) == (Text(typed),)


def test_escapes() -> None:
    assert line(r"\*not\* \{ \_ \# \` \[a](b)") == (Text("*not* { _ # ` [a](b)"),)
    assert line(r"C:\new") == (Text(r"C:\new"),)


def test_blocks() -> None:
    tree = parse("## H *e*\n\n> q\n\n- a\n  - b\n\n3. x\n4. y\n\n---\n\n```py x\ncode *x*\n```\n\n    more\n")
    assert tree == (
        Heading(2, (Text("H "), Emphasis((Text("e"),), strong=False))),
        Quote((Paragraph((Text("q"),)),)),
        List(None, ((Paragraph((Text("a"),), True), List(None, ((Paragraph((Text("b"),), True),),))),)),
        List(3, ((Paragraph((Text("x"),), True),), (Paragraph((Text("y"),), True),))),
        Rule(),
        CodeBlock("py", (Text("code *x*"),)),
        CodeBlock("", (Text("more"),)),
    )


def test_a_loose_list_has_paragraphs() -> None:
    (read,) = parse("- a\n\n- b")
    assert read == List(None, ((Paragraph((Text("a"),)),), (Paragraph((Text("b"),)),)))


def test_tables() -> None:
    (table,) = parse("| a | b *c* | d | e |\n|:--|:-:|--:|---|\n| 1 | `x` | \\| |\n")
    assert table == Table(
        ("left", "center", "right", ""),
        ((Text("a"),), (Text("b "), Emphasis((Text("c"),), strong=False)), (Text("d"),), (Text("e"),)),
        (((Text("1"),), (Code("x"),), (Text("|"),), ()),),
    )


def test_maths_in_a_cell_may_hold_a_bar() -> None:
    (table,) = parse("| p |\n|---|\n| \\(P(a|b)\\) |")
    assert isinstance(table, Table)
    assert table.rows == (((Math("P(a|b)", False),),),)


@pytest.mark.parametrize(
    "html",
    [
        "a <b>bold</b> word",
        "List<int> and Map<K, V>",
        "<script>alert(1)</script>",
        "<!-- a comment -->",
        "x <br> y",
        "<img src=x onerror=alert(1)>",
        "</p>",
        "<?php ?>",
    ],
)
def test_html_is_shown_as_typed(html: str) -> None:
    assert words(parse(html)) == html
    assert words(parse_inline(html)) == html
    assert all(isinstance(node, Text) for node in line(html))


def test_a_block_of_html_keeps_its_lines() -> None:
    assert parse("<div>\nhello *x*\n</div>\n\nafter") == (
        Paragraph((Text("<div>"), Break(), Text("hello *x*"), Break(), Text("</div>"))),
        Paragraph((Text("after"),)),
    )


def test_line_breaks() -> None:
    assert line("a  \nb\\\nc\nd") == (Text("a"), Break(), Text("b"), Break(), Text("c\nd"))


def test_autolinks() -> None:
    assert line("<https://x.org/a_b_c> <me@x.org>") == (
        Link("https://x.org/a_b_c", (Text("https://x.org/a_b_c"),)),
        Text(" "),
        Link("mailto:me@x.org", (Text("me@x.org"),)),
    )


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://a.org", True),
        ("HTTP://a.org", True),
        ("mailto:a@b.org", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("media/x.svg", False),
        ("//a.org", False),
        ("https://a\u202e.org", False),
        (" https://a.org", False),
        ("", False),
    ],
)
def test_web_addresses(url: str, good: bool) -> None:
    assert is_web_address(url) is good


def test_entities() -> None:
    assert line("&lt;b&gt; &amp; &copy; &#65;&#x42; &nope; AT&T") == (Text("<b> & © AB &nope; AT&T"),)
    assert parse_plain("&amp;") == (Text("&amp;"),)


@pytest.mark.parametrize("entity", ["&#27;", "&#x1b;", "&#X202E;", "&#xFDD0;", "&#x110000;", "&#99999999;"])
def test_an_entity_for_a_forbidden_character_is_found_and_never_decoded(entity: str) -> None:
    found = forbidden_entity(f"ab {entity}")
    assert found is not None
    assert found[0] == 3
    assert FORBIDDEN.search(found[1])
    for tree in (parse(f"a {entity} b"), parse_inline(f"a {entity} b")):
        assert words(tree) == "a \ufffd b"


def test_an_entity_for_a_good_character_is_none() -> None:
    assert forbidden_entity("&#65; &#x200d; &amp; &#; AT&T") is None


# --- maths ---------------------------------------------------------------------------------


def test_maths_is_not_eaten_by_markdown() -> None:
    assert line(r"a \(x_1 * y_2 * \{z\} \\ <b> & `\) *b* \[\frac{1}{2}\]") == (
        Text("a "),
        Math(r"x_1 * y_2 * \{z\} \\ <b> & `", False),
        Text(" "),
        Emphasis((Text("b"),), strong=False),
        Text(" "),
        Math(r"\frac{1}{2}", True),
    )


def test_maths_may_span_lines() -> None:
    assert line("\\[\na +\nb\n\\]") == (Math("a +\nb", True),)


def test_maths_in_a_heading_a_list_and_a_quote() -> None:
    tree = parse("# \\(a\\)\n\n- \\(b\\)\n\n> \\(c\\)")
    assert [node.tex for node in walk(tree) if isinstance(node, Math)] == ["a", "b", "c"]


def test_maths_does_not_cross_a_blank_line() -> None:
    assert parse("a \\(x\n \ny\\) b") == (Paragraph((Text("a (x"),)), Paragraph((Text("y) b"),)))


def test_maths_does_not_cross_code() -> None:
    assert line(r"a \(b `c\)` d\)") == (Text("a (b "), Code(r"c\)"), Text(" d)"))


@pytest.mark.parametrize("code", [r"`\(x\)`", r"``a ` \(x\)``"])
def test_maths_in_code_is_code(code: str) -> None:
    assert line(code) == (Code(code.strip("`")),)


@pytest.mark.parametrize("fence", ["```", "~~~", "````"])
@pytest.mark.parametrize("code", [r"\(x\) + 1", r"\( x \)", "a \\[\n  y\n\\]"])
def test_maths_in_a_block_of_code_is_code(fence: str, code: str) -> None:
    assert parse(f"{fence}\n{code}\n{fence}") == (CodeBlock("", (Text(code),)),)


@pytest.mark.parametrize("code", [r"\(x\) + 1", r"\( x \)", "a \\[\n  y\n\\]"])
def test_maths_in_indented_code_is_code(code: str) -> None:
    indented = "".join(f"    {each}\n" for each in code.split("\n"))
    assert parse(indented) == (CodeBlock("", (Text(code),)),)


def test_maths_in_a_quote_does_not_hold_the_marks_of_the_quote() -> None:
    (quote,) = parse("> \\[\n> a + b\n> \\]")
    assert [node.tex.split() for node in walk((quote,)) if isinstance(node, Math)] == [["a", "+", "b"]]


def test_maths_does_not_join_two_items_of_a_list() -> None:
    (read,) = parse("- an open \\( here\n- and its \\) there")
    assert isinstance(read, List)
    assert len(read.items) == 2


def test_a_doubled_backslash_is_literal() -> None:
    assert line(r"write \\(x\\) for maths") == (Text(r"write \(x\) for maths"),)


@pytest.mark.parametrize(("typed", "said"), [(r"\(  \)", "(  )"), (r"\(x", "(x"), (r"x\)", "x)"), (r"\(x\]", "(x]")])
def test_what_is_no_formula_is_words(typed: str, said: str) -> None:
    assert line(typed) == (Text(said),)


def test_an_address_with_what_looks_like_maths() -> None:
    assert line(r"[a](https://x.org/\(y\))") == (Link(r"https://x.org/\(y\)", (Text("a"),)),)


# --- the other forms -----------------------------------------------------------------------


@pytest.mark.parametrize("text", ["# 5", "1. x", "- x", "> q", "| a |", "---", "[a]: http://x", "a. b", "```", "~~~"])
def test_an_inline_text_has_no_blocks(text: str) -> None:
    assert parse_inline(text) == (Text(text),)


def test_an_inline_text() -> None:
    assert parse_inline(" a\n*b* `c` \\(d\\) ![e](f.svg) ") == (
        Text("a "),
        Emphasis((Text("b"),), strong=False),
        Text(" "),
        Code("c"),
        Text(" "),
        Math("d", False),
        Text(" "),
        Image("f.svg", "e"),
    )
    assert parse_inline("") == parse_inline(" \n ") == ()
    assert parse_inline("*a*") == (Emphasis((Text("a"),), strong=False),)
    assert parse_inline(r"\(x\)") == (Math("x", False),)


def test_in_a_plain_text_only_maths_is_special() -> None:
    assert parse_plain("a*b* `\\(c\\)` &amp; <b> # [x](y)\n2 \\\\(d\\\\)") == (
        Text("a*b* `"),
        Math("c", False),
        Text("` &amp; <b> # [x](y)"),
        Break(),
        Text(r"2 \\(d\\)"),
    )
    assert parse_plain(" ") == ()


# --- depth ---------------------------------------------------------------------------------


@pytest.mark.parametrize("levels", [MAX_DEPTH - 1, MAX_DEPTH, 40, 400])
def test_quotes_nested_deeper_are_flattened(levels: int) -> None:
    text = "> " * levels + "x"
    tree = parse(text)
    assert depth(tree) == min(levels, MAX_DEPTH) + 1
    assert words(tree) == "x"
    assert is_too_deep(text) is (levels >= MAX_DEPTH)


@pytest.mark.parametrize(
    "text", ["- " * 60 + "x", "*a " * 60 + "x" + "*" * 60, "> - " * 40 + "**x**", "[" * 500 + "]" * 500]
)
def test_anything_nested_is_read(text: str) -> None:
    assert "x" in words(parse(text)) or "[" in words(parse(text))
    assert depth(parse(text)) <= MAX_DEPTH + 2


def test_the_depth_of_ordinary_text() -> None:
    assert not is_too_deep("plain")
    assert not is_too_deep("- a\n  - b\n    - **c** `d`")


# --- any text ------------------------------------------------------------------------------


@quick
@given(TEXTS)
def test_any_text_is_read(text: str) -> None:
    for tree in (parse(text), parse_inline(text), parse_plain(text)):
        assert not FORBIDDEN.search(words(tree))
        assert all(not isinstance(node, str) for node in walk(tree))


@quick
@given(TEXTS)
def test_the_short_way_for_plain_words_is_what_the_engine_says(text: str) -> None:
    text = text.strip("\n").rstrip()
    if text and is_one_paragraph(text):
        assert engine._tree(text, engine._Taken((), ())) == (Paragraph((Text(text),)),)
