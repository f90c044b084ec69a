"""Nodes to values: what each form takes, and what it says to the rest."""

from __future__ import annotations

from fractions import Fraction

import pytest

from aipm_cards.content.bites import bite, quoted
from aipm_cards.content.files import Findings, decode, nearest
from aipm_cards.content.reader import Mapping, read
from aipm_cards.content.values import MAX_TEXT, MISSING, card_text, choice, count, iso_date, shown, texts
from aipm_cards.content.values import value_of as read_value
from aipm_cards.kinds import KINDS, Form, Key
from aipm_cards.model import Law, Option, Point, Row


class Reading:
    """The node in the value of a key, and the findings about it."""

    def __init__(self, typed: str) -> None:
        self.findings = Findings("metrics.yaml")
        content = decode(f"key: {typed}\n".encode(), self.findings)
        assert content is not None
        root = read(content, self.findings)
        assert isinstance(root, Mapping)
        self.node = root.entries["key"][1]

    @property
    def found(self) -> list[tuple[str, int, int]]:
        return [(problem.code, problem.line, problem.column) for problem in self.findings.found]


def value_of(form: Form, typed: str, **bounds: int) -> tuple[object, list[tuple[str, int, int]]]:
    reading = Reading(typed)
    return read_value(reading.node, Key("key", form, "", **bounds), reading.findings), reading.found  # type: ignore[arg-type]


@pytest.mark.parametrize("form", [Form.BLOCK, Form.INLINE, Form.PLAIN, Form.CLOZE])
@pytest.mark.parametrize("typed", ["no", "2026-11-20", "1_000", "true", "1e3", "null", "1:30"])
def test_a_text_stays_a_text(form: Form, typed: str) -> None:
    assert value_of(form, typed) == (typed, [])


@pytest.mark.parametrize("form", [form for form in Form if form not in (Form.CHOICE, Form.COUNT)])
@pytest.mark.parametrize("typed", ["", "~"])
def test_nothing_is_missing_whatever_is_wanted(form: Form, typed: str) -> None:
    assert value_of(form, typed) == (MISSING, [])


@pytest.mark.parametrize("typed", ["''", "|\n\n"])
def test_a_text_without_a_character_is_missing(typed: str) -> None:
    assert value_of(Form.BLOCK, typed) == (MISSING, [])


def test_a_quoted_tilde_is_a_text() -> None:
    assert value_of(Form.BLOCK, "'~'") == ("~", [])


def test_line_ends_around_a_text_are_dropped_and_blanks_are_kept() -> None:
    assert value_of(Form.BLOCK, "|2\n\n    code\n  a\n\n") == ("  code\na", [])


def test_the_longest_text() -> None:
    assert value_of(Form.BLOCK, "x" * MAX_TEXT) == ("x" * MAX_TEXT, [])
    assert value_of(Form.BLOCK, "x" * (MAX_TEXT + 1)) == (None, [("D105", 1, 6)])
    assert value_of(Form.BLOCK, "é" * MAX_TEXT)[1] == []


@pytest.mark.parametrize(
    ("form", "typed", "value"),
    [
        (Form.INLINE_LIST, "one", ("one",)),
        (Form.INLINE_LIST, "[one, two]", ("one", "two")),
        (Form.PLAIN_LIST, "|\n  one\n  two\n", ("one\ntwo",)),
        (Form.INLINE_LIST, "[]", MISSING),
        (Form.NUMBER, "0.82", "0.82"),
        (Form.NUMBER, "'1,200'", "1,200"),
        (Form.NUMBER, "-3", "-3"),
        (Form.COUNT, "7", 7),
        (Form.EXPRESSION, "TP / 2", "TP / 2"),
        (Form.VALUES, "{TP: 80, rate: 0.5}", {"TP": Fraction(80), "rate": Fraction(1, 2)}),
        (Form.VALUES, "{}", MISSING),
        (Form.ROWS, "[[whole, all real, all flagged]]", (Row("whole", "all real", "all flagged"),)),
        (Form.ROWS, "[[whole, 'real, all', no]]", (Row("whole", "real, all", "no"),)),
        (Form.RUBRIC, "[{must: one}, two]", (Point("one", True), Point("two", False))),
        (Form.OPTIONS, "[{name: a, gain: b, harm: c}]", (Option("a", "b", "c"),)),
        (Form.OPTIONS, "[{harm: c, name: a, gain: no}]", (Option("a", "no", "c"),)),
        (Form.LAWS, "[{jurisdiction: EU, law: GDPR}]", (Law("EU", "GDPR", ""),)),
        (Form.LAWS, "[{jurisdiction: EU, law: GDPR, as_of: 2026-11-20}]", (Law("EU", "GDPR", "2026-11-20"),)),
    ],
)
def test_sound_values(form: Form, typed: str, value: object) -> None:
    assert value_of(form, typed) == (value, [])


@pytest.mark.parametrize(
    ("form", "typed", "code", "column"),
    [
        (Form.BLOCK, "\n  - one", "D103", 3),
        (Form.BLOCK, "\n  one: two", "D103", 3),
        (Form.BLOCK, "[one]", "Y204", 6),
        (Form.BLOCK, "{one: two}", "Y204", 6),
        (Form.INLINE_LIST, "\n  one: two", "D103", 3),
        (Form.INLINE_LIST, "[one, '']", "D103", 12),
        (Form.INLINE_LIST, "[one, ~]", "D103", 12),
        (Form.NUMBER, "80 %", "N303", 6),
        (Form.NUMBER, "eighty", "N303", 6),
        (Form.NUMBER, ".nan", "N303", 6),
        (Form.NUMBER, "1e3", "N303", 6),
        (Form.COUNT, "0", "D104", 6),
        (Form.COUNT, "-1", "D104", 6),
        (Form.COUNT, "1.5", "D104", 6),
        (Form.COUNT, "101", "D104", 6),
        (Form.COUNT, "\uff11", "D104", 6),
        (Form.COUNT, "true", "D104", 6),
        (Form.VALUES, "80", "D103", 6),
        (Form.VALUES, "{TP: eighty}", "N303", 11),
        (Form.VALUES, "{T P: 80}", "D104", 7),
        (Form.VALUES, "{sqrt: 80}", "D104", 7),
        (Form.ROWS, "one", "D103", 6),
        (Form.ROWS, "[[one, two]]", "N401", 7),
        (Form.ROWS, "[[one, two, three, four]]", "N401", 7),
        (Form.ROWS, "[[one, '', three]]", "N401", 7),
        (Form.RUBRIC, "one", "D103", 6),
        (Form.RUBRIC, "[{never: one}]", "D103", 7),
        (Form.RUBRIC, "[{must: one, may: two}]", "D103", 7),
        (Form.OPTIONS, "[{name: a, gain: b}]", "N106", 7),
        (Form.OPTIONS, "[{name: a, gain: b, harm: ~}]", "N106", 7),
        (Form.OPTIONS, "[{name: a, gain: b, harms: c}]", "N105", 26),
        (Form.OPTIONS, "[one]", "D103", 7),
        (Form.LAWS, "[{law: GDPR}]", "N106", 7),
    ],
)  # fmt: skip
def test_what_is_refused_is_said_once_and_where(form: Form, typed: str, code: str, column: int) -> None:
    value, found = value_of(form, typed)
    assert value is None
    assert found == [(code, 2 if typed.startswith("\n") else 1, column)]


def test_the_length_of_a_list_is_bounded() -> None:
    assert value_of(Form.RUBRIC, "[a, b]", at_least=2)[1] == []
    assert value_of(Form.RUBRIC, "[a]", at_least=2) == (None, [("N501", 1, 6)])
    assert value_of(Form.INLINE_LIST, "[a, b, c]", at_most=2) == (None, [("D104", 1, 6)])


def test_a_comment_behind_a_text_would_cut_it() -> None:
    reading = Reading("issue #1 # really")
    assert card_text(reading.node, "front", reading.findings) is None
    assert reading.found == [("Y207", 1, 12)]
    assert reading.findings.found[0].hint.endswith("write: key: 'issue #1 # really'")


@pytest.mark.parametrize("typed", ["C# and F#", "'one' # two", "|  # two\n  one # one\n", "#", "a#b", '"one"   # two'])
def test_no_text_is_cut(typed: str) -> None:
    reading = Reading(typed)
    card_text(reading.node, "front", reading.findings)
    assert reading.found == []


def test_a_single_text_counts_as_a_list_of_one() -> None:
    for typed in ("one", "[one]", "\n  - one"):
        reading = Reading(typed)
        assert texts(reading.node, "tags", reading.findings) == ("one",)
        assert reading.found == []


@pytest.mark.parametrize(("typed", "value"), [("1", 1), ("3", 3), ("4", None), ("0", None), ("x", None), ("'2'", 2)])
def test_count(typed: str, value: int | None) -> None:
    reading = Reading(typed)
    assert count(reading.node, "tier", reading.findings, 3) == value
    assert len(reading.found) == (value is None)


@pytest.mark.parametrize(
    ("typed", "sound"),
    [("2026-11-20", True), ("2024-02-29", True), ("2026-02-29", False), ("20261120", False), ("2026-W47-5", False),
     ("2026-11-20T10:00", False), ("20.11.2026", False), ("2026-1-2", False)],
)  # fmt: skip
def test_dates(typed: str, sound: bool) -> None:
    reading = Reading(typed)
    assert iso_date(reading.node, "as_of", reading.findings) == (typed if sound else None)
    assert reading.found == ([] if sound else [("D104", 1, 6)])


def test_choice() -> None:
    reading = Reading("A")
    assert choice(reading.node, "verdict", reading.findings, ("a", "b")) is None
    assert reading.findings.found[0].hint == "write one of: a, b"
    assert choice(Reading("b").node, "verdict", reading.findings, ("a", "b")) == "b"


@pytest.mark.parametrize(
    ("name", "hint"),
    [("frnt", "did you mean 'front'?"), ("Back", "did you mean 'back'?"), ("zzz", ""), ("", "")],
)
def test_nearest(name: str, hint: str) -> None:
    assert nearest(name, [key.name for key in KINDS["basic"].keys]) == hint


def test_shown_is_short_and_safe() -> None:
    assert shown("  a\x1b[31m\nb\t") == "a\ufffd[31m\ufffdb"
    assert shown("x" * 40) == "x" * 40
    assert shown("x" * 41) == "x" * 39 + "…"


@pytest.mark.parametrize(
    "text", ["a: b", "'a' b", '"a" b', "it's #1", 'it\'s "so"', "\\(p\\)", "it's \\(p\\)", "*a*", "%", "- a", "''"]
)
def test_quoted_means_the_text(text: str) -> None:
    reading = Reading(quoted(text))
    assert card_text(reading.node, "front", reading.findings) == text
    assert reading.found == []


@pytest.mark.parametrize(
    ("line", "code", "column", "corrected"),
    [
        ("    front: a: b", "Y202", 13, "    front: 'a: b'"),
        ("  - a: b: c", "Y202", 9, "  - a: 'b: c'"),
        ("    front: it's a: b", "Y202", 18, '    front: "it\'s a: b"'),
        ('    front: "a" b', "Y203", 12, "    front: '\"a\" b'"),
        ("      - 'a' b", "Y203", 9, "      - \"'a' b\""),
        ("    front: *a* b", "Y204", 12, "    front: '*a* b'"),
        ("    front: `a`", "Y204", 12, "    front: '`a`'"),
        ("      - %", "Y204", 9, "      - '%'"),
        ("    front:a b", "Y208", 10, "    front: a b"),
        ("    front: 'a", "Y209", 12, "    front: 'a'"),
        (r'    front: "a \(b\)"', "Y205", 15, r"    front: 'a \(b\)'"),
        (r'    front: "a \(b\)" # c', "Y205", 15, r"    front: 'a \(b\)'"),
    ],
)
def test_bites(line: str, code: str, column: int, corrected: str) -> None:
    found = bite(line)
    assert found is not None
    assert (found.code, found.column, found.corrected) == (code, column, corrected)


@pytest.mark.parametrize(
    "line", ["", "  ", "    front: a", "    front:", "  - id: a", "# a", "    front: 'a: b'", "notes:"]
)
def test_lines_that_bite_nobody(line: str) -> None:
    assert bite(line) is None
