"""Lines for people in the width of a terminal; for programs they stay whole."""

from __future__ import annotations

import sys

import pytest

from aipm_cards.cli import drawing

LINE = "   Question: why is decks/concepts/a-deck-with-a-long-name.yaml:42 so well known, and what is it for?"


def test_a_line_keeps_its_indent_and_breaks_no_path() -> None:
    assert drawing.folded(LINE, 60) == [
        "   Question: why is",
        "   decks/concepts/a-deck-with-a-long-name.yaml:42 so well",
        "   known, and what is it for?",
    ]
    assert drawing.folded(LINE, 200)[1] == "   is it for?"  # a line of prose that one can read
    assert drawing.folded("   short", 60) == ["   short"]


def test_what_follows_a_name_stands_below_what_it_names() -> None:
    numbers = ", ".join(["0.1234"] * 12)
    first, second = drawing.folded(f"  before  {numbers}", 60, hang=8)
    assert first.startswith("  before  0.1234,")
    assert second.startswith(" " * 10 + "0.1234")


@pytest.mark.parametrize("language", ["so well", "schön"])
def test_no_line_is_wider(language: str) -> None:
    lines = drawing.folded(f"  a line … {language}, " * 20, 60, hang=4)
    assert max(map(len, lines)) <= 60
    assert all(line.startswith("      ") for line in lines[1:])


def test_only_a_terminal_has_a_width(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    drawing.say(LINE)
    assert capsys.readouterr().out == f"{LINE}\n"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(drawing, "width", lambda: 60)
    drawing.say(LINE)
    assert len(capsys.readouterr().out.splitlines()) == 3
