"""Arithmetic of calculation notes: exact, bounded, and with offsets for what is wrong."""

from __future__ import annotations

import ast
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aipm_cards.arithmetic import (
    MAX_BITS,
    MAX_DEPTH,
    MAX_LENGTH,
    ArithmeticProblem,
    evaluate,
    half_of_last_digit,
    is_name,
    number,
)

THIRD = {"third": Fraction(1, 3), "TP": Fraction(90), "e5": Fraction(7)}


def agrees(check: str, answer: str) -> bool:
    """Whether a check gives an answer, to half of the last digit written."""
    written = number(answer)
    assert written is not None
    return abs(evaluate(check, {}) - written) <= half_of_last_digit(answer)


def outcome(expression: str) -> tuple[Fraction | None, ArithmeticProblem | None]:
    """What an expression gives: a value, or what is wrong with it."""
    try:
        return evaluate(expression, {"a": Fraction(2), "x": Fraction(-1, 3)}), None
    except ArithmeticProblem as problem:
        return None, problem


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("13/200", Fraction(65, 1000)),
        ("0.1 + 0.2", Fraction(3, 10)),
        ("1/3 + 1/3 + 1/3", 1),
        ("third * 3", 1),
        ("TP/(TP + 10)", Fraction(9, 10)),
        (".5", Fraction(1, 2)),
        ("00.50", Fraction(1, 2)),
        ("99999999999999999999 + 1", 10**20),
    ],
)
def test_it_is_exact(expression: str, value: Fraction) -> None:
    assert evaluate(expression, THIRD) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2+3*4", 14),
        ("(2+3)*4", 20),
        ("1-2-3", -4),
        ("6/3/2", 1),
        ("6/(3/2)", 4),
        ("2**3**2", 512),
        ("(2**3)**2", 64),
        ("2*3**2", 18),
        ("-2**2", -4),
        ("(-2)**2", 4),
        ("2**-1", Fraction(1, 2)),
        ("2**-2**2", Fraction(1, 16)),
        ("2*-3", -6),
        ("1--1", 2),
        ("--1", 1),
        ("-+-1", 1),
        ("+3", 3),
        ("-3*-3", 9),
        ("-TP", -90),
        ("0**0", 1),
        ("0**0.5", 0),
        ("\t1\n+ 2 ", 3),
        ("((((1))))", 1),
    ],
)
def test_precedence(expression: str, value: Fraction) -> None:
    assert evaluate(expression, THIRD) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("sqrt(9/4)", Fraction(3, 2)),
        ("sqrt(0)", 0),
        ("sqrt(12345678901234567890123**2)", 12345678901234567890123),
        ("sqrt(sqrt(16))", 2),
        ("log2(8)", 3),
        ("log2(1/8)", -3),
        ("log2(1)", 0),
        ("4**0.5", 2),
        ("9**1.5", 27),
        ("3*log2(4)**2", 12),
    ],
)
def test_roots_and_logarithms_that_are_fractions_are_exact(expression: str, value: Fraction) -> None:
    assert evaluate(expression, {}) == value


@pytest.mark.parametrize(
    ("expression", "near"),
    [
        ("sqrt(2)", "1.41421356237309504880168872420969807857"),
        ("2**0.5", "1.41421356237309504880168872420969807857"),
        ("log2(3)", "1.58496250072115618145373894394781650876"),
        ("8**(1/3)", "2"),
    ],
)
def test_others_are_good_to_many_digits(expression: str, near: str) -> None:
    assert abs(evaluate(expression, {}) - Fraction(near)) < Fraction(1, 10**36)


@pytest.mark.parametrize(
    ("check", "answer", "same"),
    [
        ("13/200", "0.07", True),
        ("13/200", "0.065", True),
        ("13/200", "0.06", True),
        ("13/200", "0.0650", True),
        ("13/200", "0.066", False),
        ("1245/100", "12.5", True),
        ("1244999/100000", "12.5", False),
        ("1255/100", "12.5", True),
        ("12550001/1000000", "12.5", False),
        ("12.5", "12", True),
        ("12.5", "13", True),
        ("12.51", "12", False),
        ("1200.4", "1,200", True),
        ("-0.05", "-0.1", True),
        ("2/3", "0.67", True),
        ("2/3", "0.66", False),
    ],
)
def test_an_answer_counts_to_half_of_its_last_digit(check: str, answer: str, same: bool) -> None:
    assert agrees(check, answer) is same


@pytest.mark.parametrize(
    ("text", "half"),
    [("0.82", "0.005"), ("12", "0.5"), ("12.0", "0.05"), (".5", "0.05"), ("-3.10", "0.005"), ("1,200", "0.5")],
)
def test_half_of_the_last_digit(text: str, half: str) -> None:
    assert half_of_last_digit(text) == Fraction(half)


@pytest.mark.parametrize(
    ("expression", "offset", "said"),
    [
        ("", 0, "ends"),
        ("  ", 0, "ends"),
        ("1 +", 3, "ends"),
        ("sqrt(", 5, "ends"),
        ("(1", 2, "not closed"),
        ("(1 2)", 3, "not closed"),
        ("1)", 1, "one too many"),
        ("1 2", 2, "one too many"),
        ("1e5", 1, "one too many"),
        ("1.5.2", 3, "one too many"),
        ("1 + $", 4, "'$'"),
        ("2,5", 1, "','"),
        ("1 ÷ 2", 2, "'÷'"),
        ("1.", 1, "'.'"),
        ("1 // 2", 3, "before '/'"),
        ("2 * * 3", 4, "before '*'"),
        ("**2", 0, "before '**'"),
        ("()", 1, "before ')'"),
        ("1 + FP", 4, "'FP' is not in"),
        ("sqrt 4", 0, "'sqrt' is not in"),
        ("abs(1)", 0, "'abs' is not in"),
        ("__import__('os')", 11, "'"),
        ("1 / 0", 4, "divides by zero"),
        ("1 / (1 - 1)", 4, "divides by zero"),
        ("0 ** -1", 2, "divides by zero"),
        ("1 + sqrt(-1)", 4, "sqrt"),
        ("log2(0)", 0, "log2"),
        ("log2(-1)", 0, "log2"),
        ("(-8) ** (1/3)", 5, "negative"),
        ("2 ** 5000", 2, "beyond all bounds"),
        ("10 ** 10 ** 10", 3, "beyond all bounds"),
        ("1 + 2 ** 9999", 6, "beyond all bounds"),
    ],
)
def test_what_is_wrong_and_where(expression: str, offset: int, said: str) -> None:
    with pytest.raises(ArithmeticProblem) as problem:
        evaluate(expression, THIRD)
    assert said in str(problem.value)
    assert problem.value.offset == offset


@pytest.mark.parametrize(
    "value", ["9" * 400 + "*" + "9" * 90, "*".join(["9**999"] * 10), "/".join(["1"] + ["9**999"] * 9)]
)
def test_values_are_bounded(value: str) -> None:
    result, problem = outcome(value)
    if result is None:
        assert "beyond all bounds" in str(problem)
    else:
        assert max(result.numerator.bit_length(), result.denominator.bit_length()) <= MAX_BITS


def test_the_largest_value() -> None:
    largest = f"2**{MAX_BITS // 2 - 1} * 2**{MAX_BITS // 2}"
    assert evaluate(largest, {}) == 2 ** (MAX_BITS - 1)
    with pytest.raises(ArithmeticProblem, match="bounds"):
        evaluate(f"{largest} * 2", {})


def test_length_is_bounded() -> None:
    assert evaluate("1" + " " * (MAX_LENGTH - 1), {}) == 1
    with pytest.raises(ArithmeticProblem, match="longer"):
        evaluate("1" + "+1" * MAX_LENGTH, {})


def test_depth_is_bounded() -> None:
    assert evaluate("(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH, {}) == 1
    assert evaluate("-" * MAX_DEPTH + "1", {}) == 1
    for deep in ("(" * 200 + "1" + ")" * 200, "-" * 200 + "1", "1**" * 100 + "1", "sqrt(" * 80 + "1" + ")" * 80):
        with pytest.raises(ArithmeticProblem, match="deeper"):
            evaluate(deep, {})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.82", Fraction(41, 50)),
        ("-3", -3),
        ("\u22123", -3),
        ("+.5", Fraction(1, 2)),
        (" 7 ", 7),
        ("1,200", 1200),
        ("1,200,000.25", Fraction(480000100, 400)),
        ("1200", 1200),
    ],
)
def test_numbers(text: str, value: Fraction) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        ".",
        "5.",
        "12,34",
        "1,2000",
        ",200",
        "0,5",
        "1e3",
        "٣",
        "--1",
        "1 000",
        "80 %",
        "1/2",
        "nan",
        "inf",
        "9" * 101,
    ],
)
def test_what_is_no_number(text: str) -> None:
    assert number(text) is None


def test_names() -> None:
    assert all(map(is_name, ("TP", "_x1", "tin", "sqrt2")))
    assert not any(map(is_name, ("", "1x", "a b", "sqrt", "log2", "é", "a-b", "x" * 65)))


# Python reads the same grammar: an oracle for anything with + - * / and parentheses.
_NUMBERS = st.integers(0, 99).map(str)
_SUMS = st.recursive(
    _NUMBERS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map("".join),
        inner.map("({})".format),
        inner.map("-{}".format),
        st.tuples(inner, st.sampled_from(["**2", "**0", "**3"])).map("".join),
    ),
    max_leaves=8,
)


class _Exactly(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Call(ast.Name("Fraction", ast.Load()), [node], [])


def _python(expression: str) -> Fraction | None:
    tree = ast.fix_missing_locations(_Exactly().visit(ast.parse(expression, mode="eval")))
    try:
        return Fraction(eval(compile(tree, "oracle", "eval"), {"Fraction": Fraction}))
    except (ZeroDivisionError, OverflowError):
        return None


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(_SUMS)
def test_it_reads_like_python(expression: str) -> None:
    result, problem = outcome(expression)
    if problem and "divides" not in str(problem):
        assert "bounds" in str(problem) or "deeper" in str(problem)
    else:
        assert result == _python(expression)


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(st.text(st.sampled_from("0123456789.+-*/() absqrtlog2_,éx$"), max_size=30))
def test_any_text_is_worked_out_or_refused(text: str) -> None:
    _, problem = outcome(text)
    assert problem is None or 0 <= problem.offset <= len(text)
