"""Sections drawn: never too wide, never dangerous, and nothing is lost."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from aipm_cards.characters import FORBIDDEN
from aipm_cards.model import Note
from aipm_cards.terminal.faces import Section, answer, question
from aipm_cards.terminal.paper import Look, draw
from aipm_cards.terminal.plain import spoken
from aipm_cards.text import parse, words
from tests.terminal.notes import NOTES, SOURCES, note
from tests.text.test_parsing import TEXTS

BARE = Look(colour=False, styled=False, unicode=True)
ASCII = Look(colour=False, styled=False, unicode=False)
STYLED = Look(colour=False, styled=True, unicode=True)
COLOURED = Look(colour=True, styled=True, unicode=True)
LOOKS = st.builds(Look, st.booleans(), st.booleans(), st.booleans())
CODE = re.compile(r"\x1b\[([0-9;]*)m")
CLOSED = re.compile(r"(?:[^\x1b]|\x1b\[[1-9][0-9;]*m[^\x1b]+\x1b\[0m)*")

MARKUP = ["# ", "- ", "1. ", "> ", "```\n", "|", "|a|b|\n|-|-|\n", "\n\n", "\n", "    ", "**", "*", "`", "[ ", "] "]
MARKUP += ["[x](https://y.z)", "![i](m.svg)", "---", "字", "\u0301", "\t", "👩\u200d🚀", "☎\ufe0f", "a" * 60, "word "]
MARKUP += [r"\(", r"\)", r"\[", r"\]", r"\frac{a}{b}", r"\begin{aligned}", "&", r"\\"]
ANY = st.lists(st.one_of(st.sampled_from(MARKUP), st.text(max_size=12)), max_size=25).map("".join) | TEXTS
LOOKS = st.builds(Look, st.booleans(), st.booleans(), st.booleans())
quick = settings(max_examples=150, deadline=None, database=None, derandomize=True)
CODE = re.compile(r"\x1b\[([0-9;]*)m")
CLOSED = re.compile(r"(?:[^\x1b]|\x1b\[[1-9][0-9;]*m[^\x1b]+\x1b\[0m)*")


def section(text: str) -> tuple[Section, ...]:
    return (Section("Question", parse(text)),)


def lines(text: str, width: int = 80, look: Look = BARE) -> list[str]:
    return draw((Section("Question", parse(text), heading=False),), width, look)


def bare(line: str) -> str:
    return CODE.sub("", line)


@given(ANY, st.integers(20, 200), LOOKS)
@quick
def test_no_line_is_too_wide_or_dangerous(text: str, width: int, look: Look) -> None:
    for quiet in (False, True):
        for line in draw((Section("Question", parse(text), quiet=quiet),), width, look):
            assert cell_len(bare(line)) <= width
            assert not FORBIDDEN.search(bare(line))
            assert "\n" not in line
            assert CLOSED.fullmatch(line)
            assert line == line.rstrip(" ")
            if not look.styled:
                assert not {"1", "2", "3", "4"} & set(";".join(CODE.findall(line)).split(";"))
            if not look.colour:
                assert not re.search(r"\x1b\[[0-9;]*[34]\d", line)


@given(ANY.map(lambda text: text.replace("\\", "")), st.integers(20, 200), LOOKS)
@quick
def test_nothing_is_lost(text: str, width: int, look: Look) -> None:
    said = Counter(filter(str.isalnum, words(parse(text))))
    drawn = Counter(filter(str.isalnum, bare("".join(draw(section(text), width, look)))))
    assert said <= drawn
    assert said <= Counter(filter(str.isalnum, "".join(spoken(section(text)))))


@pytest.mark.parametrize("which", NOTES, ids=lambda which: which.kind)
def test_words_stay_whole_where_there_is_room(which: Note) -> None:
    sections = (*question(which, 0), *answer(which, 0, SOURCES))
    wanted = [word for part in sections for word in re.findall(r"[^\W_]+", words(part.content)) if len(word) > 1]
    drawn = re.findall(r"[^\W_]+", "\n".join(draw(sections, 200, BARE)))
    assert set(wanted) - {"frac"} <= set(drawn)
    assert {part.label for part in sections if part.heading} <= {
        line.split(":")[0] for line in draw(sections, 40, BARE)
    }


@given(st.text(), st.text(), st.text())
@quick
def test_every_text_of_a_note_is_cleaned(cue: str, hint: str, place: str) -> None:
    which = note("cloze", {"text": "{{c1::a::" + hint.replace("}", "") + "}}"}, cue=cue, related=(place,))
    for line in (*draw(question(which, 0), 40, COLOURED), *draw(answer(which, 0, SOURCES), 40, COLOURED)):
        assert not FORBIDDEN.search(bare(line))
        assert cell_len(bare(line)) <= 40


@pytest.mark.parametrize(
    "text",
    [
        "\x1b]52;c;aGk=\x07 `\x1b[31m` [\x1b](https://x.org/\x1b) ![\x1b](m) \u202e",
        "```\x1b\n\x1b[2J\n\x9b\n```",
        "|\x1b|\n|-|\n|\x1b[1m|",
        r"\(\x1b \text{" + "\x1b}" + r"\)",
        "# \x1b\n> \u2066",
    ],
)
@pytest.mark.parametrize("look", [BARE, ASCII, STYLED, COLOURED])
def test_no_control_character_gets_through(text: str, look: Look) -> None:
    for line in lines(text, 40, look):
        assert not FORBIDDEN.search(bare(line))


def test_no_control_character_gets_through_code_with_gaps() -> None:
    which = note("cloze", {"text": "```\n\x1b{{c1::\x1b::\x1b}}{{c2::\x9b}}\n```"})
    for line in (*draw(question(which, 0), 40, COLOURED), *draw(answer(which, 0, {}), 40, BARE)):
        assert not FORBIDDEN.search(bare(line))


def test_marks_stand_for_styles() -> None:
    assert lines("a **b** *c* `d`") == ["a *b* _c_ `d`"]
    assert lines("a **b** *c* `d`", look=STYLED) == ["a \x1b[1mb\x1b[0m \x1b[3mc\x1b[0m `d`"]
    assert lines("## head") == ["## head"]
    assert lines("## head", look=STYLED) == ["\x1b[1mhead\x1b[0m"]


def test_gaps_carry_their_brackets_in_every_look() -> None:
    which = note("cloze", {"text": r"a {{c1::b}} {{c1::c::hint}} \(\frac{1}{ {{c1::n}} }\)"})
    assert draw(question(which, 0), 80, BARE) == ["a […] [hint] 1/[…]"]
    assert draw(question(which, 0), 80, ASCII) == ["a [...] [hint] 1/[...]"]
    assert bare(draw(question(which, 0), 80, COLOURED)[0]) == "a […] [hint] 1/[…]"
    assert draw(answer(which, 0, {})[:1], 80, BARE) == ["a *b* *c* *1/n*"]


@given(st.sampled_from(NOTES), st.integers(0, 1), st.integers(20, 200))
@quick
def test_ascii_alone_where_the_author_wrote_nothing_else(which: Note, ordinal: int, width: int) -> None:
    for line in (*draw(question(which, ordinal), width, ASCII), *draw(answer(which, ordinal, SOURCES), width, ASCII)):
        assert line.isascii()


def test_links_show_where_they_lead() -> None:
    assert lines("[a](https://x.org) <https://y.org> <me@x.org>") == ["a (https://x.org) https://y.org me@x.org"]
    assert lines("[a](javascript:alert)") == ["a"]


def test_images_say_what_they_show() -> None:
    assert lines("![a plot](media/x.svg)") == ["[image: a plot]"]


def test_lists() -> None:
    assert lines("- a\n- b\n  - c\n\n9. x\n10. y") == ["• a", "• b", "  • c", "", " 9. x", "10. y"]
    assert lines("- a\n\n- b", look=ASCII) == ["- a", "", "- b"]
    assert lines("- one two three four", 14) == ["• one two", "  three four"]
    assert lines("-\n- b") == ["•", "• b"]


def test_deep_nesting_runs_out_of_room_and_not_out_of_words() -> None:
    deep = "".join(f"{'> ' * depth}w{depth}\n\n" for depth in range(1, 16))
    drawn = lines(deep, 20)
    assert all(cell_len(line) <= 20 for line in drawn)
    assert all(f"w{depth}" in " ".join(drawn) for depth in range(1, 16))


def test_quotes_and_rules() -> None:
    assert lines("> a\n>\n> b\n\n---", 10, ASCII) == ["a", "", "b", "", "-" * 10]
    assert lines("> a\n>\n> b", 20) == ["│ a", "│", "│ b"]


TABLE = "| name | a | b |\n|---|--:|---|\n| one | 1 | some words in a cell |\n| two | 22 | x |"


def test_a_table_that_fits_has_columns() -> None:
    assert lines(TABLE, 40) == [
        "name │  a │ b",
        "─────┼────┼─────────────────────",
        "one  │  1 │ some words in a cell",
        "two  │ 22 │ x",
    ]


def test_a_table_that_does_not_fit_is_read_row_by_row() -> None:
    first, second = ["name: one", "  a: 1", "  b: some words in a cell"], ["name: two", "  a: 22", "  b: x"]
    assert lines(TABLE, 30) == [*first, "", *second]
    assert lines(TABLE, 24)[2:4] == ["  b: some words in a", "    cell"]
    assert lines(TABLE, 30, STYLED)[0] == "\x1b[1mname: \x1b[0mone"


def test_a_table_wraps_its_widest_column() -> None:
    drawn = lines("|k|v|\n|-|-|\n|x|" + "many words " * 8 + "|\n|y|z|", 40)
    assert drawn[2].startswith("x │ many words many words")
    assert drawn[3].startswith("  │ many")
    assert len({line.index(line[2]) for line in drawn}) == 1


def test_odd_tables() -> None:
    assert lines("|a|\n|-|") == ["a", "─"]
    assert lines("|" + "a|" * 60 + "\n|" + "-|" * 60, 40) == ["a"] * 60
    assert lines("|||\n|-|-|\n||b|", 80)[-1].endswith("b")


def test_long_lines_of_code_wrap_with_a_mark() -> None:
    drawn = lines("```\n" + "x" * 50 + "\n\n  y\n```", 22)
    assert drawn == ["  " + "x" * 20, "↪ " + "x" * 20, "↪ " + "x" * 10, "", "    y"]
    assert lines("```\n" + "x" * 30 + "\n```", 22, ASCII)[1] == "> " + "x" * 10
    assert lines("```\na\tb\n```") == ["  a   b"]


def test_code_is_coloured_only_where_colours_show() -> None:
    code = "```python\ndef f(): return 'x'  # y\n```"
    assert lines(code) == lines(code, look=STYLED) == ["  def f(): return 'x'  # y"]
    assert "\x1b[35mdef\x1b[0m" in lines(code, look=COLOURED)[0]
    assert bare(lines(code, look=COLOURED)[0]) == lines(code)[0]
    assert lines("```nonsense\nx\n```", look=COLOURED) == ["  x"]


def test_maths() -> None:
    assert lines(r"so \(x^2 \le y\) holds") == ["so x² ≤ y holds"]
    assert lines(r"so \(x^2 \le y\) holds", look=ASCII) == ["so x^2 <= y holds"]
    assert lines(r"so \[a = b\] holds") == ["so", "a = b", "holds"]


def test_prose_keeps_to_a_measure() -> None:
    assert max(map(len, lines("word " * 100, 200))) <= 92


def test_wide_and_combining_characters() -> None:
    assert lines("字" * 25, 20) == ["字" * 10, "字" * 10, "字" * 5]
    assert lines("e\u0301" * 30, 20) == ["e\u0301" * 20, "e\u0301" * 10]


def test_a_screen_of_almost_no_width() -> None:
    assert lines("```\n字字\n```\n\n字a", 1) == ["字", "字", "", "字", "a"]


def test_small_print_stands_close_together() -> None:
    small = [Section("A", parse("x"), quiet=True), Section("B", parse("- y\n- z"), quiet=True)]
    assert draw([Section("Q", parse("w")), *small], 40, BARE) == ["Q:", "w", "", "A: x", "B:", "• y", "• z"]
    assert draw(small[:1], 40, STYLED) == ["\x1b[2mA: x\x1b[0m"]


@pytest.mark.parametrize("piece", ["a", "字", "a ", "e\u0301", "👩\u200d", "\u0301", "*a*", "`a`"])
@pytest.mark.parametrize("around", ["{}", "`{}`", "|a|\n|-|\n|{}", "```python\n{}\n```", "> - {}"])
def test_long_lines_do_not_hang(piece: str, around: str) -> None:
    text = around.format(piece * (10_000 // len(piece)))
    start = time.perf_counter()
    drawn = lines(text, 40, COLOURED)
    assert time.perf_counter() - start < 2
    assert all(cell_len(bare(line)) <= 40 for line in drawn)


def test_drawing_a_card_is_quick() -> None:
    for which in NOTES:
        draw(answer(which, 0, SOURCES), 80, COLOURED)
    best = min(_seconds_for_all() for _ in range(5))
    assert best / len(NOTES) < 0.01


def _seconds_for_all() -> float:
    start = time.perf_counter()
    for which in NOTES:
        draw((*question(which, 0), *answer(which, 0, SOURCES)), 80, COLOURED)
    return time.perf_counter() - start


def test_what_is_seldom_used_is_imported_late() -> None:
    code = (
        "import sys, aipm_cards.terminal.paper as p, aipm_cards.terminal.plain\n"
        "p.draw((), 80, p.Look(True, True, True))\n"
        "print([m for m in ('rich.table', 'pygments', 'pylatexenc', 'pyromark', 'rich.markdown') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
