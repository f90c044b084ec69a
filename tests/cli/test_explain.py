"""`aipm-cards explain`: one rule in full, or all of them in a line each."""

from __future__ import annotations

import os
import subprocess
import sys

import click
import pytest

from aipm_cards.diagnostics import RULES
from aipm_cards.examples import EXAMPLES, REASONS
from tests.cli.conftest import Run


def test_a_rule_in_full(run: Run) -> None:
    result = run("explain", "N204")
    assert result.code == 0
    assert result.out.splitlines()[0] == "error[N204] a cloze note that hides nothing"
    assert REASONS["N204"] in result.out
    assert "What to do: Write what the card hides as `{{c1::words}}`." in result.out
    for typed in (EXAMPLES["N204"].wrong, EXAMPLES["N204"].right):
        assert "".join(f"    {line}\n" for line in typed.splitlines()) in result.out
    assert run("explain", "n204").out == result.out


@pytest.mark.parametrize("code", RULES)
def test_every_rule_fits_and_is_safe_to_print(run: Run, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    result = run("explain", code)
    assert result.code == 0
    assert result.out.isprintable() or set(result.out) - {"\n"} == {c for c in result.out if c.isprintable()}
    prose = [line for line in result.out.splitlines()[1:] if not line.startswith("    ")]
    assert max(map(len, prose)) <= 70


def test_all_rules_in_a_line_each(run: Run) -> None:
    lines = run("explain").out.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")] == list(RULES)
    assert [line for line in lines if not line.startswith("  ")] == [
        "Y: YAML text", "D: structure", "N: notes and identity", "M: media", "S: style of a good card",
    ]  # fmt: skip


def test_an_unknown_rule(run: Run) -> None:
    result = run("explain", "N20")
    assert (result.code, result.out) == (2, "")
    assert "did you mean 'N20" in result.err
    assert "lists all rules" in run("explain", "id").err
    assert "\x1b" not in run("explain", "\x1b[31m").err


@pytest.mark.parametrize(("columns", "widest"), [("20", 60), ("500", 100)])
def test_neither_too_narrow_nor_too_wide(run: Run, monkeypatch: pytest.MonkeyPatch, columns: str, widest: int) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    lines = run("explain", "S305").out.splitlines()
    assert widest - 20 < max(len(line) for line in lines if not line.startswith("    ")) <= widest


def test_colours_are_those_of_check(monkeypatch: pytest.MonkeyPatch) -> None:
    from aipm_cards.cli.explain import _explained

    first = next(_explained(RULES["S101"], 80))
    assert first == f"{click.style('warning[S101]', fg='yellow', bold=True)} a long question"


def test_it_reads_no_yaml() -> None:
    code = "import sys, aipm_cards.cli.explain; print([m for m in ('yaml', 'aipm_cards.style') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=dict(os.environ), capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
