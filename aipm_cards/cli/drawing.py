"""What is known of the terminal that a command draws in: its width, and what it can show."""

from __future__ import annotations

import os
import shutil
import sys

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


def is_dumb() -> bool:
    """Whether the terminal can only print lines. Windows says nothing of its terminals, which can draw."""
    return os.environ.get("TERM", "dumb") in ("dumb", "unknown") and sys.platform != "win32"


def _speaks_unicode() -> bool:
    """Whether signs beyond ASCII can be printed."""
    return (sys.stdout.encoding or "").lower().replace("-", "") in ("utf8", "cp65001")
