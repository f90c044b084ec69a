"""Every rule about style has a wrong and a right example, and both are what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from aipm_cards.content.examine import examine
from aipm_cards.diagnostics import STYLE
from aipm_cards.examples.style import EXAMPLES, examples_table
from tests.style.writing import TODAY, write_example


def test_every_rule_has_its_examples() -> None:
    assert list(EXAMPLES) == list(STYLE)


@pytest.mark.parametrize("code", STYLE)
def test_the_wrong_one_breaks_its_rule_and_no_other(code: str, tmp_path: Path) -> None:
    write_example(tmp_path, code, "wrong")
    assert [problem.code for problem in examine(tmp_path, today=TODAY)[1]] == [code]


@pytest.mark.parametrize("code", STYLE)
def test_the_right_one_breaks_none(code: str, tmp_path: Path) -> None:
    write_example(tmp_path, code, "right")
    collection, problems = examine(tmp_path, today=TODAY)
    assert problems == []
    assert len(collection.notes) == EXAMPLES[code].right.count("---\n") + 1


def test_the_documentation_shows_both() -> None:
    lines = examples_table().splitlines()[2:]
    assert len(lines) == len(STYLE)
    for code, line in zip(STYLE, lines, strict=True):
        _, rule, wrong, right, _ = line.replace("\\|", "/").split("|")
        assert rule.split()[0] == code
        assert wrong.strip()
        assert right.strip()
        assert wrong != right
