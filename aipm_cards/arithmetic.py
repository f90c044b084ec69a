"""Arithmetic of calculation notes: a small language, read and worked out exactly.

    sum     = product (("+" | "-") product)*
    product = sign (("*" | "/") sign)*
    sign    = ("+" | "-") sign | power
    power   = atom ("**" sign)?
    atom    = number | name | ("sqrt" | "log2") "(" sum ")" | "(" sum ")"

Values are fractions, so 13/200 is 0.065 and not something near it. Roots and logarithms
that are no fractions are taken to 40 digits. Sources are untrusted: length, depth and the
size of every value are bounded, and nothing else can be called.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, localcontext
from fractions import Fraction

MAX_LENGTH = 500
MAX_DEPTH = 32
MAX_BITS = 4096  # of a numerator or denominator: far beyond any figure on a card
_DIGITS = 40

_TOKEN = re.compile(r"\s*(?:([0-9]+(?:\.[0-9]+)?|\.[0-9]+)|([A-Za-z_][A-Za-z_0-9]*)|(\*\*|[-+*/()]))")
_NUMBER = re.compile(r"([-+\u2212]?)((?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))?|\.([0-9]+))")
_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]{0,63}")
FUNCTIONS = ("sqrt", "log2")


class ArithmeticProblem(ValueError):
    """The expression cannot be worked out: why, and at which offset in it."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.offset = offset


def is_name(text: str) -> bool:
    """Whether `text` can name a value in an expression."""
    return _NAME.fullmatch(text) is not None and text not in FUNCTIONS


def number(text: str) -> Fraction | None:
    """The decimal number that `text` is (`0.82`, `-3`, `1,200`), or None."""
    match = _NUMBER.fullmatch(text.strip()) if len(text) <= 100 else None
    if not match:
        return None
    value = Fraction(match[2].replace(",", ""))
    return -value if match[1] in ("-", "\u2212") else value


def half_of_last_digit(text: str) -> Fraction:
    """Half a unit of the last digit written: 0.005 for `0.82`, 1/2 for `12`."""
    match = _NUMBER.fullmatch(text.strip())
    decimals = len((match[3] or match[4] or "") if match else "")
    return Fraction(1, 2 * 10**decimals)


def evaluate(expression: str, values: Mapping[str, Fraction]) -> Fraction:
    """The value of an expression with names from `values`. Raises ArithmeticProblem."""
    if len(expression) > MAX_LENGTH:
        raise ArithmeticProblem(f"the expression is longer than {MAX_LENGTH} characters")
    parser = _Parser(_tokens(expression), values, len(expression.rstrip()))
    result = parser.sum(0)
    parser.expect_end()
    return result


def _tokens(expression: str) -> list[tuple[str, str, int]]:
    """(`number`, `name` or `sign`; text; offset) of each token."""
    tokens = []
    at, end = 0, len(expression.rstrip())
    while at < end:
        match = _TOKEN.match(expression, at)
        if not match:
            at += len(expression[at:]) - len(expression[at:].lstrip())
            raise ArithmeticProblem(f"'{expression[at]}' is not part of arithmetic", at)
        kind = ("number", "name", "sign")[(match.lastindex or 1) - 1]
        tokens.append((kind, match[match.lastindex or 1], match.start(match.lastindex or 1)))
        at = match.end()
    return tokens


class _Parser:
    """Recursive descent over the grammar above; each method reads one rule of it."""

    def __init__(self, tokens: list[tuple[str, str, int]], values: Mapping[str, Fraction], end: int) -> None:
        self.tokens = tokens
        self.values = values
        self.end = end
        self.at = 0

    def sum(self, depth: int) -> Fraction:
        result = self.product(depth)
        while sign := self.take("+", "-"):
            operand = self.product(depth)
            result = _bounded(result + operand if sign == "+" else result - operand)
        return result

    def product(self, depth: int) -> Fraction:
        result = self.sign(depth)
        while sign := self.take("*", "/"):
            offset = self.offset()
            operand = self.sign(depth)
            if sign == "/" and operand == 0:
                raise ArithmeticProblem("it divides by zero", offset)
            result = _bounded(result * operand if sign == "*" else result / operand)
        return result

    def sign(self, depth: int) -> Fraction:
        if depth > MAX_DEPTH:
            raise ArithmeticProblem(f"it is nested deeper than {MAX_DEPTH} levels", self.offset())
        if sign := self.take("+", "-"):
            operand = self.sign(depth + 1)
            return -operand if sign == "-" else operand
        return self.power(depth)

    def power(self, depth: int) -> Fraction:
        base = self.atom(depth)
        offset = self.offset()
        if self.take("**"):
            return _power(base, self.sign(depth + 1), offset)
        return base

    def atom(self, depth: int) -> Fraction:
        offset = self.offset()
        if self.at == len(self.tokens):
            raise ArithmeticProblem("it ends where a number is wanted", offset)
        kind, text, _ = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return _bounded(Fraction(text))
        if kind == "name" and text in FUNCTIONS and self.take("("):
            return _function(text, self.inside(depth), offset)
        if kind == "name":
            if text in self.values:
                return self.values[text]
            raise ArithmeticProblem(f"'{text}' is not in `values`", offset)
        if text == "(":
            return self.inside(depth)
        raise ArithmeticProblem(f"a number is wanted before '{text}'", offset)

    def inside(self, depth: int) -> Fraction:
        result = self.sum(depth + 1)
        if not self.take(")"):
            raise ArithmeticProblem("a parenthesis is not closed", self.offset())
        return result

    def take(self, *signs: str) -> str:
        if self.at < len(self.tokens):
            kind, text, _ = self.tokens[self.at]
            if kind == "sign" and text in signs:
                self.at += 1
                return text
        return ""

    def offset(self) -> int:
        return self.tokens[self.at][2] if self.at < len(self.tokens) else self.end

    def expect_end(self) -> None:
        if self.at < len(self.tokens):
            raise ArithmeticProblem(f"'{self.tokens[self.at][1]}' is one too many", self.offset())


def _bounded(value: Fraction) -> Fraction:
    if value.numerator.bit_length() > MAX_BITS or value.denominator.bit_length() > MAX_BITS:
        raise ArithmeticProblem("a value grows beyond all bounds")
    return value


def _power(base: Fraction, exponent: Fraction, offset: int) -> Fraction:
    size = max(base.numerator.bit_length(), base.denominator.bit_length())
    if abs(exponent) > MAX_BITS or size * abs(exponent) > MAX_BITS + 1:
        raise ArithmeticProblem("a power grows beyond all bounds", offset)
    if base == 0 and exponent < 0:
        raise ArithmeticProblem("it divides by zero", offset)
    if exponent.denominator == 1:
        return base**exponent.numerator
    if base < 0:
        raise ArithmeticProblem("a negative number has no such root", offset)
    if base == 0:
        return Fraction(0)
    with localcontext() as context:
        context.prec = _DIGITS
        return Fraction(_decimal(base) ** _decimal(exponent))


def _function(name: str, operand: Fraction, offset: int) -> Fraction:
    if operand < 0 or (name == "log2" and operand == 0):
        raise ArithmeticProblem(f"{name} is not defined there", offset)
    with localcontext() as context:
        context.prec = _DIGITS
        root = _decimal(operand).sqrt() if name == "sqrt" else _decimal(operand).ln() / Decimal(2).ln()
        result = Fraction(root)
    # A root or logarithm that is a fraction after all comes out as that fraction.
    near = result.limit_denominator(10**12)
    exact = near * near == operand if name == "sqrt" else near.denominator == 1 and _two_to(near) == operand
    return near if exact else result


def _two_to(exponent: Fraction) -> Fraction:
    return Fraction(2) ** exponent.numerator


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
