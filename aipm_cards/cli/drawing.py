"""What is known of the terminal that a command draws in: its width, and what it can show."""

from __future__ import annotations

import os
import shutil
import sys

import click

from aipm_cards.terminal.look import Look

NARROWEST, WIDEST = 60, 200


def look() -> Look:
    """What can be shown on standard output; in a file or a pipe no escape sequences."""
    styled = sys.stdout.isatty() and not is_dumb()
    return Look(styled and not os.environ.get("NO_COLOR"), styled, _speaks_unicode())


def width() -> int:
    """Columns to draw in: those of the terminal, within what can be read; 80 without one."""
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else 80
    return min(max(columns, NARROWEST), WIDEST)


def say(words: str, hang: int = 0) -> None:
    """Print a line for people: at a terminal in its width, where what follows the first line stands
    below its first word, or `hang` cells further; without one, as for a program, the line stays whole."""
    from aipm_cards.characters import one_line

    words = one_line(words)
    if not sys.stdout.isatty():
        click.echo(words)
        return
    for line in folded(words, width(), hang):
        click.echo(line)


def folded(words: str, columns: int, hang: int = 0) -> list[str]:
    """A line in lines of at most `columns` cells: see `say`."""
    from aipm_cards.terminal.figures import MEASURE, cells, wrapped

    if cells(words) <= min(columns, MEASURE):
        return [words]
    text = words.lstrip(" ")
    indent = len(words) - len(text)
    first, room = text[:hang], min(columns, MEASURE) - indent - hang
    lines = wrapped(text[hang:], room)
    return [" " * indent + (first if not number else " " * hang) + line for number, line in enumerate(lines)]


def is_dumb() -> bool:
    """Whether the terminal can only print lines. Windows says nothing of its terminals, which can draw."""
    return os.environ.get("TERM", "dumb") in ("dumb", "unknown") and sys.platform != "win32"


def _speaks_unicode() -> bool:
    """Whether signs beyond ASCII can be printed."""
    return (sys.stdout.encoding or "").lower().replace("-", "") in ("utf8", "cp65001")
