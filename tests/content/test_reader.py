"""YAML text to nodes: values as typed, and places that are right."""

from __future__ import annotations

import pytest

from aipm_cards.content.files import Findings
from aipm_cards.content.reader import (
    MAX_DEPTH,
    Mapping,
    Node,
    Refused,
    Scalar,
    Sequence,
    SyntaxProblem,
    TooDeep,
    place_inside,
    read,
)
from aipm_cards.diagnostics import line_column
from tests.content.reading import item, node_of, places, scalar


@pytest.mark.parametrize(
    "typed",
    ["no", "No", "yes", "on", "off", "true", "False", "null", "Null", "NULL", "2026-11-20", "12:30:45", "080", "0x1F",
     "1_000", "1e3", "-.5", ".inf", ".NaN", "=", "80 %", "3.10", "+1"],
)  # fmt: skip
def test_a_scalar_is_what_was_typed(typed: str) -> None:
    value = scalar(f"front: {typed}\n")
    assert value.value == typed
    assert not value.missing


@pytest.mark.parametrize("typed", ["", " ~", " ", "  # only a comment"])
def test_nothing_and_a_tilde_are_missing(typed: str) -> None:
    assert scalar(f"front:{typed}\nback: x\n").missing


@pytest.mark.parametrize("typed", ["''", '""', "'~'", '"~"', "~~", "null", "|\n  ~"])
def test_quoted_emptiness_and_a_quoted_tilde_are_texts(typed: str) -> None:
    assert not scalar(f"front: {typed}\n").missing


@pytest.mark.parametrize(
    ("typed", "value", "style"),
    [
        ("two words", "two words", ""),
        ("one line\n  and another", "one line and another", ""),
        ("'it''s: quoted'", "it's: quoted", "'"),
        (r'"a \"b\" \u00e9 \\"', 'a "b" \u00e9 \\', '"'),
        ("|\n  one\n\n  two\n", "one\n\ntwo\n", "|"),
        ("|-\n  one\n  two\n", "one\ntwo", "|"),
        (">\n  one\n  two\n", "one two\n", ">"),
    ],
)
def test_styles(typed: str, value: str, style: str) -> None:
    node = scalar(f"front: {typed}\n")
    assert (node.value, node.style) == (value, style)


def test_every_node_has_its_place() -> None:
    text = "deck: A\nnotes:\n  - id: one\n    tags: [x, 'y']\n    values: {TP: 1}\n  -  id: two\n"
    root = node_of(text)
    assert isinstance(root, Mapping)
    assert places([root, item(root, "deck"), item(root, "notes")]) == [(1, 1), (1, 7), (3, 3)]
    assert places([item(root, "notes", 0), item(root, "notes", 0, "id")]) == [(3, 5), (3, 9)]
    assert places([item(root, "notes", 0, "tags"), item(root, "notes", 0, "tags", 0)]) == [(4, 11), (4, 12)]
    assert places([item(root, "notes", 0, "tags", 1), item(root, "notes", 0, "values")]) == [(4, 15), (5, 13)]
    assert places([item(root, "notes", 0, "values", "TP"), item(root, "notes", 1)]) == [(5, 18), (6, 6)]
    notes = item(root, "notes", 0)
    assert isinstance(notes, Mapping)
    assert places([notes.entries["tags"][0], notes.entries["values"][0]]) == [(4, 5), (5, 5)]


def test_flow_and_block_are_told_apart() -> None:
    root = node_of("a: [x]\nb:\n  - x\nc: {x: y}\nd:\n  x: y\n")
    flows = [item(root, key).flow for key in "abcd"]  # type: ignore[union-attr]
    assert flows == [True, False, True, False]


@pytest.mark.parametrize(
    ("before", "column"),
    [("front: ", 8), ("'再現率': ", 8), ("'é\U0001f600e\u0301': ", 9)],
    ids=["ascii", "wide", "astral"],
)
def test_columns_count_characters(before: str, column: int) -> None:
    root = node_of(f"{before}x\n")
    assert isinstance(root, Mapping)
    ((_, value),) = root.entries.values()
    assert line_column(value.place) == (1, column)


def flat(node: Node) -> object:
    """A tree as plain data: values, styles and places."""
    if isinstance(node, Mapping):
        return {name: (flat(key), flat(value)) for name, (key, value) in node.entries.items()}
    if isinstance(node, Sequence):
        return [line_column(node.place), *map(flat, node.items)]
    assert isinstance(node, Scalar)
    return node.value, node.style, line_column(node.place)


def test_carriage_returns_and_a_byte_order_mark_do_not_move_anything() -> None:
    text = "deck: A\nnotes:\n  - id: one\n    front: |\n      a\n      b\n    back: c\n"
    assert flat(node_of("\ufeff" + text.replace("\n", "\r\n"))) == flat(node_of(text))


def test_the_lines_of_a_piece_are_those_of_its_file() -> None:
    findings = Findings("metrics.yaml", ["", "", "", "- a: 1", "  a: 2"])
    node = read("- a: 1\n  a: 2\n", findings, first_line=3)
    assert isinstance(node, Sequence)
    assert line_column(node.items[0].place) == (4, 3)
    assert [(p.code, p.line, p.column, p.excerpt) for p in findings.found] == [("Y304", 5, 3, "  a: 2")]
    with pytest.raises(SyntaxProblem) as problem:
        read("- a: 1\n  b: c: d\n", findings, first_line=3)
    assert (problem.value.line, problem.value.column) == (4, 6)


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_no_document_is_none(text: str) -> None:
    assert read(text, Findings("metrics.yaml")) is None


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: &x y\n", "Y301", 1, 4),
        ("a: &x\n  b: c\n", "Y301", 1, 4),
        ("a: *x\n", "Y301", 1, 4),
        ("a: !!int 1\n", "Y303", 1, 4),
        ("a: !!python/object/apply:os.system [ls]\n", "Y303", 1, 4),
        ("a: !x [b]\n", "Y303", 1, 4),
        ("b: 1\n<<: {a: 1}\n", "Y302", 2, 1),
        ("a: 1\nb: 2\na: 3\n", "Y304", 3, 1),
        ("a: 1\n'a': 3\n", "Y304", 2, 1),
        ("a: 1\n? [b]\n: c\n", "Y307", 2, 3),
        ("a: 1\n--- \na: 2\n", "Y306", 2, 1),
        ('a: "\\x1b[31m"\n', "Y104", 1, 4),
        ('a: "\\eta"\n', "Y205", 1, 5),
        ("é: 1\n'é': 3\n", "Y304", 2, 1),
    ],
)
def test_what_is_refused_is_reported_once_at_its_place(text: str, code: str, line: int, column: int) -> None:
    findings = Findings("metrics.yaml")
    node_of(text, findings)
    assert [(p.code, p.line, p.column) for p in findings.found] == [(code, line, column)]


@pytest.mark.parametrize("text", ["a: &x y\n", "a: *x\n", "a: !!int 1\n", "a: 1\na: 2\n", "b: {a: [c, &x d]}\n"])
def test_whoever_meets_it_again_is_told(text: str) -> None:
    node = node_of(text, Findings("metrics.yaml"))
    assert isinstance(node, Mapping)
    assert node.refused


def test_a_sound_tree_is_not_refused() -> None:
    node = node_of("a: [b, {c: d}]\ne: ~\n")
    assert isinstance(node, Mapping)
    assert not node.refused


def test_the_first_of_two_values_is_not_taken() -> None:
    root = node_of("a: 1\na: 2\n", Findings("metrics.yaml"))
    assert isinstance(item(root, "a"), Refused)


def test_a_quoted_merge_sign_is_a_key() -> None:
    assert scalar("'<<': x\n", "<<").value == "x"


def test_depth() -> None:
    node_of("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    findings = Findings("metrics.yaml")
    with pytest.raises(TooDeep):
        node_of("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), findings)
    assert [(p.code, p.line, p.column) for p in findings.found] == [("Y305", 1, MAX_DEPTH + 1)]


def test_depth_is_refused_before_it_costs_anything() -> None:
    with pytest.raises(TooDeep):
        node_of("[" * 1_000_000, Findings("metrics.yaml"))


# --- place_inside ---------------------------------------------------------------------------


def inside(text: str, what: str) -> tuple[int, int]:
    """Where `what` is said to stand in the value of `front`."""
    value = scalar(text)
    return line_column(place_inside(value, value.value.index(what), text.split("\n")))


def stands(text: str, what: str) -> tuple[int, int]:
    """Where `what` stands in a text."""
    before = text[: text.index(what)]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


@pytest.mark.parametrize(
    "text",
    [
        "front: a HERE b\n",
        "front:    a HERE b # comment\n",
        "front: HERE\n",
        "front: 'a HERE b'\n",
        'front: "a HERE b"\n',
        "front: 再現率 HERE\n",
        "front: '\U0001f600 HERE'\n",
        "front: |\n  HERE\n",
        "front: |\n  one\n  a HERE b\n",
        "front: |\n  one\n\n  two\n    HERE\n",
        "front: |\n  再現率\n  再現 HERE\n",
        "front: |-\n      one\n      a HERE\nback: x\n",
        "front: | # comment\n  one\n  HERE\n",
        "{front: a HERE}\n",
        "{x: y, front: 'HERE'}\n",
    ],
)
def test_a_character_inside_a_text_has_its_place(text: str) -> None:
    assert inside(text, "HERE") == stands(text, "HERE")


@pytest.mark.parametrize("text", ["front: >\n  one\n  HERE\n", "front: one\n  HERE\n", "front: 'one\n  HERE'\n"])
def test_a_text_that_was_folded_is_placed_at_its_beginning(text: str) -> None:
    assert inside(text, "HERE") == (1, 8)
