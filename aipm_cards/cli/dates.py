"""A date that is typed: year-month-day, and nothing else."""

from __future__ import annotations

import re
from datetime import date

import click

from aipm_cards.characters import one_line


def a_date(_ctx: click.Context, _option: click.Parameter, value: str | None) -> date | None:
    """A day as it was typed; None for none. Raises click.BadParameter."""
    if value is None:
        return None
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value, re.ASCII):
            return date.fromisoformat(value)
    except ValueError:
        pass  # no such day
    raise click.BadParameter(f"'{one_line(value)}' is no day; write year-month-day, like 2026-12-20")
