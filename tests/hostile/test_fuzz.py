"""Properties that hold for every input, looked for with Hypothesis.

pytest tests/hostile/test_fuzz.py --long    many more examples
"""

# ruff: noqa: E501, PT017, SIM905

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tempfile
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import aipm_cards
from aipm_cards import text
from aipm_cards.anki.html import Printer
from aipm_cards.anki.package import build
from aipm_cards.arithmetic import ArithmeticProblem, evaluate
from aipm_cards.cli.findings import as_text
from aipm_cards.kinds import KINDS, ordinals
from tests.hostile.running import COLLECTION, UNSAFE

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)
NOW = 1_790_000_000


def fuzz(examples: int) -> settings:
    """So many examples; with --long, fifty times as many."""
    return settings(
        max_examples=examples * (50 if "HOSTILE_LONG" in os.environ else 1),
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


KIND_NOTES = {
    "basic": (
        "deck: A::B\ncue: c\ntags: [a, b::c]\nnotes:\n  - id: one-note\n    topics: [T1]\n    tier: 1\n    front: |\n"
        "      What is *this*, and `that`?\n\n      | a | b |\n      |---|--:|\n      | 1 | \\(x_1\\) |\n    back: '80 %'\n"
        "    why: |\n      - a\n      - b [c](https://example.org)\n    sources:\n      - {ref: one, at: \"p. 1\"}\n      - two\n"
        "    as_of: 2026-11-20\n    related: [one-note]\n"
    ),
    "reversed": (
        "deck: A\nkind: reversed\nnotes:\n  - id: two\n    term: a **b**\n    definition: \"c \\\"d\\\"\"\n    extra: |\n"
        "      ```python\n      x = 1\n      ```\n  - {id: three, term: t, definition: d, retired: gone}\n"
    ),
    "cloze": (
        "deck: A\nnotes:\n  - id: four\n    kind: cloze\n    context: >\n      folded\n      text\n    text: |\n"
        "      The {{c1::first::hint}} and the {{c2::*second*}}; \\({{c1::x}}\\), `{{c3::code}}`.\n"
    ),
    "contrast": (
        "deck: A\nnotes:\n  - id: five\n    kind: contrast\n    a: x\n    b: y\n    split: z\n    rows:\n      - [d, e, f]\n"
        "      - [g, 'h, i', \"j\"]\n    case: k\n    verdict: a\n    reason: l\n"
    ),
    "calculation": (
        "deck: A\nnotes:\n  - id: six\n    kind: calculation\n    given: a\n    ask: b\n    formula: TP / (TP + FP)\n"
        "    values: {TP: 80, FP: 20}\n    steps:\n      - TP + FP = 100\n      - 80 / 100\n    answer: 0.80\n"
        "    check: TP / (TP + FP) + sqrt(0) + log2(1)\n    unit: \"%\"\n    tolerance: 0.01\n"
    ),
    "interview": (
        "deck: A\nnotes:\n  - id: seven\n    kind: interview\n    prompt: a\n    round: PS\n    minutes: 5\n    rubric:\n"
        "      - must: b\n      - c\n      - must: d\n      - e\n    pass: 3\n    outline: [f, g]\n    mistakes:\n      - h\n"
        "    follow_ups: i\n"
    ),
    "scenario": (
        "deck: A\nnotes:\n  - id: eight\n    kind: scenario\n    situation: a\n    question: b\n    stakeholders: [c]\n"
        "    options:\n      - name: d\n        gain: e\n        harm: f\n      - {name: g, gain: h, harm: i}\n"
        "    recommend: j\n    because: k\n    unless: l\n    rubric: [{must: m}, n, o]\n    pass: 2\n"
        "    laws:\n      - {jurisdiction: EU, law: \"AI Act\", as_of: 2026-11-20}\n"
    ),
}  # fmt: skip
SOURCES = "one: {title: A page, url: https://example.org/one}\ntwo:\n  title: Another\n  evidence: law\n"
CURRICULUM = "T1: {title: a, tier: 1, planned: {basic: 2}}\n"

SIGNS = [": ", " #", "- ", "? ", "|", ">", "|-\n", "&a ", "*a", "!t ", "%", "@", "`", "``", "```\n", '"', "'", "[", "]", "{",
         "}", ",", "\\", "\t", "\r", "\r\n", "\n", "\n\n", "---\n", "...\n", "<<: ", "~", "\x00", "\x1b", "\x85", "\u2028",
         "\u202e", "\ufeff", "\ufdd0", "\ufdd2", "\ufdd3", "\ufdd4", "\ufdd5", "😀", "日", "{{c1::", "}}", "::", "{{c2::x}}",
         "{{C1::", "{{c0::", "\\(", "\\)", "\\[", "\\]", "**", "*", "_", "[a](b)", "![a](media/x.svg)", "![", "](", "<b>", "<!--",
         "&#27;", "&amp;", "> ", "1. ", "# ", "\n===\n", "|-|-|\n", "https://e.org ", "mailto:a@b", "(", ")", "**-", "9" * 50,
         "notes:", "id: ", "kind: cloze", "\\x1b", "\\u2028", "\\", "[sound:", "  ", "      "]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A valid deck file with a few things changed."""
    source = draw(st.sampled_from(list(KIND_NOTES.values())))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(source)))
        lines = source.split("\n")
        row = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from("delete insert insert insert double indent outdent swap cut replace".split())):
            case "delete":
                source = source[:at] + source[at + draw(st.integers(1, 6)) :]
            case "insert":
                source = source[:at] + draw(st.sampled_from(SIGNS)) + source[at:]
            case "double":
                source = "\n".join([*lines[: row + 1], *lines[row:]])
            case "indent":
                source = "\n".join([*lines[:row], " " * draw(st.integers(1, 5)) + lines[row], *lines[row + 1 :]])
            case "outdent":
                source = "\n".join([*lines[:row], lines[row][draw(st.integers(1, 4)) :], *lines[row + 1 :]])
            case "swap":
                other = draw(st.integers(0, len(lines) - 1))
                lines[row], lines[other] = lines[other], lines[row]
                source = "\n".join(lines)
            case "cut":
                source = source[:at]
            case "replace":
                key, _, _ = lines[row].partition(": ")
                lines[row] = f"{key}: {draw(marked_up)}"
                source = "\n".join(lines)
    return source


marked_up = st.lists(
    st.one_of(st.sampled_from(SIGNS), st.sampled_from("a b0-.\n"), st.text(max_size=4)), max_size=30
).map("".join)
block = st.lists(
    st.one_of(
        st.sampled_from([sign for sign in SIGNS if not FORBIDDEN.search(sign)]),
        st.sampled_from(["a", " ", "b c", "\n", "\n    ", "\n- ", "\n> ", "\n| a | b |\n|---|---|\n| c |", "\n```py\n", "`", "x"]),
        st.characters(blacklist_categories=("Cc", "Cs", "Cn")),
    ),
    max_size=40,
).map("".join).filter(lambda made: not FORBIDDEN.search(made))  # fmt: skip


class Desk:
    """A collection with one deck file, and what comes of it."""

    def __init__(self, directory: Path) -> None:
        self.root = directory
        for path, content in (
            ("collection.yaml", COLLECTION),
            ("sources.yaml", SOURCES),
            ("curriculum.yaml", CURRICULUM),
        ):
            (directory / path).write_text(content, encoding="utf-8")
        (directory / "media").mkdir()
        (directory / "media" / "x.svg").write_text("<svg/>", encoding="utf-8")

    def look(self, content: bytes, path: str = "x.yaml") -> aipm_cards.Collection:
        """Load the collection with this file, report on it and, if it is sound, build it."""
        (self.root / path).write_bytes(content)
        collection, problems = aipm_cards.load(self.root)
        lines = [line.removesuffix("\r") for line in content.decode("utf-8", "replace").split("\n")]
        for problem in problems:
            assert problem.code in aipm_cards.RULES
            if problem.path == path:
                assert 1 <= problem.line <= len(lines) + 1, problem
                line = lines[problem.line - 1] if problem.line <= len(lines) else ""
                assert 1 <= problem.column <= len(line) + 2, problem
            assert not UNSAFE.search(as_text(problem, self.root).replace("\x1b[", "").replace("\n", ""))
        assert collection.errors == sum(problem.severity == "error" for problem in problems)
        if not collection.errors and collection.notes:
            self.build(collection)
        return collection

    def build(self, collection: aipm_cards.Collection) -> None:
        target = self.root / "out.apkg"
        report = build(collection, target, now=NOW)
        expected = sorted(
            (note.id, ordinal) for note in collection.notes if not note.retired for ordinal in ordinals(note)
        )
        assert report.notes == len(collection.notes)
        assert report.cards == len(expected)
        with zipfile.ZipFile(target) as package:
            (self.root / "out.anki2").write_bytes(package.read("collection.anki2"))
        database = sqlite3.connect(self.root / "out.anki2")
        try:
            (cards,) = database.execute("SELECT count(*) FROM cards").fetchone()
            fields = [row for (row,) in database.execute("SELECT flds FROM notes")]
        finally:
            database.close()
        assert cards == len(expected)
        for row in fields:
            assert not FORBIDDEN.search(row.replace("\x1f", "").replace("\n", ""))
            for tag in re.findall(r"<[^>]*", row):
                assert re.fullmatch(r"</?[a-z][a-z0-9]*( [a-z-]+=\"[^\"<>]*\")*", tag), tag
            assert not re.search(r"(?:href|src)=\"(?!https?://|mailto:|hostile-)", row, re.IGNORECASE)


@pytest.fixture(scope="module")
def desk() -> Any:
    directory = Path(tempfile.mkdtemp(prefix="hostile-fuzz-"))
    yield Desk(directory)
    shutil.rmtree(directory)


def test_the_seeds_are_sound(desk: Desk) -> None:
    assert set(KIND_NOTES) == set(KINDS)
    for kind, source in KIND_NOTES.items():
        assert {note.kind for note in desk.look(source.encode()).notes} == {kind}


@pytest.mark.parametrize("content", ["{\n0", "deck: A\ntags: [a, b:", "deck: A\nnotes:\n  - id: [a"])
def test_no_place_lies_behind_the_end_of_the_file(desk: Desk, content: str) -> None:
    (desk.root / "x.yaml").write_text(content, encoding="utf-8")
    _, problems = aipm_cards.load(desk.root)
    assert problems
    assert max(problem.line for problem in problems) <= content.count("\n") + 1


@fuzz(120)
@given(content=st.binary(max_size=300))
def test_any_bytes_are_read(desk: Desk, content: bytes) -> None:
    desk.look(content)
    desk.look(b"deck: A\nnotes:\n  - id: one\n    front: " + content + b"\n    back: x\n")


@fuzz(120)
@given(content=st.one_of(st.text(max_size=300), marked_up))
def test_any_text_is_read(desk: Desk, content: str) -> None:
    data = content.encode("utf-8", "surrogatepass")
    desk.look(data)
    desk.look(b"deck: A\nnotes:\n  - id: one\n    kind: cloze\n    text: |\n      {{c1::x}} " + data + b"\n")


@fuzz(500)
@given(content=mutated())
def test_any_slip_in_a_deck_file_is_reported_or_harmless(desk: Desk, content: str) -> None:
    desk.look(content.encode("utf-8"))


@fuzz(100)
@given(
    content=marked_up,
    path=st.sampled_from(["collection.yaml", "sources.yaml", "curriculum.yaml"]),
    cut=st.integers(0, 200),
)
def test_any_slip_in_the_other_files(desk: Desk, content: str, path: str, cut: int) -> None:
    (desk.root / "x.yaml").write_text(KIND_NOTES["basic"], encoding="utf-8")
    whole = {"collection.yaml": COLLECTION, "sources.yaml": SOURCES, "curriculum.yaml": CURRICULUM}[path]
    try:
        desk.look((whole[:cut] + content + whole[cut:]).encode("utf-8"), path)
    finally:
        (desk.root / path).write_text(whole, encoding="utf-8")


@fuzz(150)
@given(content=block, kind=st.sampled_from(["basic", "contrast", "cloze", "calculation"]))
def test_any_markup_that_is_accepted_can_be_built(desk: Desk, content: str, kind: str) -> None:
    typed = "".join(f"      {line}\n" for line in f"w\n{content}".split("\n"))
    key, more = {
        "basic": ("front", "back: b"),
        "contrast": ("a", "{b: b, split: c, case: d, verdict: a, reason: e}"),
        "cloze": ("text", "context: a {{c1::b}}"),
        "calculation": ("given", "{ask: a, steps: b, answer: 1, check: 1}"),
    }[kind]
    more = "\n    ".join(more.strip("{}").split(", ")) if more.startswith("{") else more
    desk.look(f"deck: A\nnotes:\n  - id: one\n    kind: {kind}\n    {more}\n    {key}: |\n{typed}".encode())


# --- text ----------------------------------------------------------------------------------


@fuzz(800)
@given(content=st.one_of(block, marked_up, st.text(max_size=200)).map(lambda made: FORBIDDEN.sub("\ufffd", made)))
def test_any_text_is_parsed(content: str) -> None:
    """Any that a source can hold; what no source can, `content.files` replaces the same way."""
    printer = Printer({"media/x.svg": "hostile-1.svg"})
    text.is_too_deep(content)
    text.forbidden_entity(content)
    text.cloze_numbers(content)
    for parse, show in (
        (text.parse, printer.block),
        (text.parse_inline, printer.inline),
        (text.parse_plain, printer.plain),
    ):
        tree = parse(content)
        list(text.walk(tree))
        said = text.words(tree)
        assert not FORBIDDEN.search(said)
        assert not FORBIDDEN.search(show(content).replace("\n", ""))


@fuzz(800)
@given(content=block)
def test_gaps_without_faults_are_parsed_and_none_is_lost(content: str) -> None:
    assume(not text.cloze_faults(content))
    numbers = text.cloze_numbers(content)
    assert numbers == tuple(sorted(set(numbers)))
    assert all(1 <= number <= 499 for number in numbers)
    try:
        tree = text.parse_cloze(content)
    except text.ClozeCutsMarkup:
        return
    assert {node.number for node in text.walk(tree) if isinstance(node, text.Cloze)} <= set(numbers)
    assert not FORBIDDEN.search(text.words(tree))
    html = Printer({}).cloze(content)
    assert not FORBIDDEN.search(html.replace("\n", ""))


# --- arithmetic ----------------------------------------------------------------------------

numbers = st.one_of(
    st.integers(0, 99).map(str),
    st.decimals(0, 99, places=2).map(lambda value: f"{value:f}"),
    st.sampled_from(["TP", "FP", "x_1"]),
)
VALUES = {"TP": Fraction(80), "FP": Fraction(41, 2), "x_1": Fraction(-3)}


def _joined(parts: tuple[str, str, str, str]) -> str:
    left, blank, sign, right = parts
    return f"{left}{blank}{sign}{blank}{right}"


expressions = st.recursive(
    numbers,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["", " "]), st.sampled_from("+-*/"), inner).map(_joined),
        inner.map(lambda one: f"({one})"),
        st.tuples(st.sampled_from("+-"), inner).map("".join),
        st.tuples(inner, st.integers(-3, 4)).map(lambda pair: f"({pair[0]})**{pair[1]}"),
        st.tuples(inner, st.integers(0, 2)).map(lambda pair: f"{pair[0]}**{pair[1]}"),
    ),
    max_leaves=8,
)
_LITERAL = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)")


def by_python(expression: str) -> Fraction:
    """The same by Python's grammar, every number a fraction."""
    return Fraction(eval(_LITERAL.sub(r"F('\1')", expression), {"__builtins__": {}, "F": Fraction}, dict(VALUES)))


@fuzz(800)
@given(expression=expressions)
def test_arithmetic_is_that_of_fractions(expression: str) -> None:
    assume(len(expression) <= 500)
    try:
        found: Fraction | None = evaluate(expression, VALUES)
    except ArithmeticProblem as problem:
        assert 0 <= problem.offset <= len(expression)
        found = None
        if "zero" not in str(problem):
            assert "bounds" in str(problem) or "levels" in str(problem), problem
            return
    try:
        expected: Fraction | None = by_python(expression)
    except ZeroDivisionError:
        expected = None
    assert found == expected


@fuzz(600)
@given(expression=st.lists(st.one_of(st.sampled_from(["(", ")", "+", "-", "*", "/", "**", "sqrt", "log2", "TP", "9", ".5", "0", " ",
       "1e5", "9" * 40, "x", "'", "²", "٣"]), st.text(max_size=2)), max_size=25).map("".join))  # fmt: skip
def test_any_arithmetic_ends_in_a_fraction_or_a_problem(expression: str) -> None:
    try:
        assert isinstance(evaluate(expression, VALUES), Fraction)
    except ArithmeticProblem as problem:
        assert 0 <= problem.offset <= len(expression)
