"""The words in which two texts differ, line by line."""

from __future__ import annotations

import pytest

from aipm_cards.differing import MAX_WORDS, are_too_long, differing


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("one two", "one two", [[("stayed", "one two")]]),
        ("one two", "one 2", [[("stayed", "one"), ("went", "two"), ("came", "2")]]),
        ("a\nb", "a\nc\nd", [[("stayed", "a")], [("went", "b"), ("came", "c")], [("came", "d")]]),
        ("a b", "b", [[("went", "a"), ("stayed", "b")]]),
        ("", "new words", [[("came", "new words")]]),
        ("a  b", "a b", [[("stayed", "a b")]]),
    ],
)
def test_lines_and_pieces(before: str, after: str, lines: list[list[tuple[str, str]]]) -> None:
    assert differing(before, after) == lines


def test_texts_that_are_too_long() -> None:
    half = "word " * (MAX_WORDS // 2)
    assert not are_too_long(half, half)
    assert are_too_long(half, half + "more")
