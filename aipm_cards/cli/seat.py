"""The seat at the terminal: how a view of it is made, and what a signal does to who sits there."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from aipm_cards.terminal.pages import View


_LEAVING = (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM))


def minutes(_ctx: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    """Minutes as they were typed: "nan" is no number of them, but lies in every range of click's."""
    if value is not None and value != value:
        raise click.BadParameter("'nan' is no number of minutes")
    return value


def is_taken() -> bool:
    """Whether somebody sits at a terminal: whether both ends are one."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def view_of(linear: bool) -> View:
    """A view of this terminal: labelled lines if asked for or if it cannot draw, else the whole
    screen. It is a context manager: the terminal is put back at its end. SIGTERM and SIGHUP then
    raise KeyboardInterrupt, as Ctrl-C does."""
    from aipm_cards.cli import drawing
    from aipm_cards.terminal.keys import Keys

    keys = Keys(sys.stdin.fileno())
    for number in _LEAVING:
        signal.signal(number, _leave)
    if linear or drawing.is_dumb():
        from aipm_cards.terminal.linear import Linear

        return Linear(keys, _write)
    from aipm_cards.terminal.screen import Screen

    return Screen(keys, _write, _size, drawing.look())


def stop() -> None:
    """Stop until `fg`, where there is such a thing."""
    if sys.platform != "win32":
        os.kill(os.getpid(), signal.SIGSTOP)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    for number in _LEAVING:  # a second one must not break off what the first one leads to
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt  # the terminal is put back on the way out; every answer is stored


def _write(text: str) -> None:
    data = text.encode(sys.stdout.encoding or "utf-8", "replace")
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _size() -> tuple[int, int]:
    try:
        size = os.get_terminal_size(sys.stdout.fileno())
    except OSError:
        return 80, 24
    return size.columns or 80, size.lines or 24
