"""What is seen of work that takes long, on a terminal only: a bar after a second, or a line."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

PATIENCE = 1.0  # seconds


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """A function to call with what is done, of how much; None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    started = time.monotonic()
    bar: Any = None
    shown = 0

    def step(done: int, total: int) -> None:
        nonlocal bar, shown
        if bar is None and time.monotonic() - started > PATIENCE and done < total:
            bar = click.progressbar(length=total, label=label, file=sys.stderr)
            bar.__enter__()
        if bar is not None:
            bar.update(done - shown)
            shown = done

    try:
        yield step
    finally:
        if bar is not None:
            bar.__exit__(None, None, None)


@contextmanager
def waiting(label: str) -> Iterator[None]:
    """A line about work of a few seconds, on a terminal only; it is gone when the work is done."""
    if not sys.stderr.isatty():
        yield
        return
    click.echo(label, err=True, nl=False)
    try:
        yield
    finally:
        click.echo(f"\r{' ' * len(label)}\r", err=True, nl=False)
