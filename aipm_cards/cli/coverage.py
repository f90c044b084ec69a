"""`aipm-cards coverage`: what the curriculum plans, what is written, what is wanted."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import click

from aipm_cards.characters import one_line
from aipm_cards.cli.where import collection_option, path_argument, root_of, shown
from aipm_cards.content.load import load
from aipm_cards.coverage import Covered, covered
from aipm_cards.errors import AipmCardsError
from aipm_cards.parallel import processors
from aipm_cards.words import counted


@click.command()
@path_argument
@collection_option
@click.option("--missing", is_flag=True, help="List only what is wanted, the core first.")
@click.option(
    "--tier", type=click.IntRange(1, 3), multiple=True, help="Topics of this tier (1 core, 2, 3); repeatable."
)
def command(path: Path | None, collection: Path | None, missing: bool, tier: tuple[int, ...]) -> int:
    """Hold the notes against the curriculum: per family and topic, planned, written and wanted.

    A note counts for each topic that it names, with its kind. With --missing, the list from which
    to pick a first card: the topic's id, its tier, the kinds still wanted, and the title.
    """
    root = root_of(path, collection)
    loaded, _ = load(root, workers=processors())
    if not loaded.topics:
        raise AipmCardsError(f"{shown(root)} has no curriculum.yaml with topics; there is nothing to cover")
    topics = [one for one in covered(loaded) if not tier or one.topic.tier in tier]
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for line in _wanted(topics) if missing else _all(topics):
        click.echo(line if not width or len(line) < width else line[: width - 2] + "…")
    errors = f"; {counted(loaded.errors, 'error')}, see `aipm-cards check`" if loaded.errors else ""
    click.echo(f"{shown(root)}: {_sum(topics)}{errors}")
    return 0


def _all(topics: Sequence[Covered]) -> Iterator[str]:
    for family, group in groupby(sorted(topics, key=lambda one: one.topic.family), key=lambda one: one.topic.family):
        members = list(group)
        yield f"{one_line(family) or 'without a family'}: {_sum(members)}"
        for one in members:
            beyond = sum(one.written.values()) - one.done
            more = f" and {beyond} more" if beyond > 0 else ""
            wanted = f"  wanted: {_kinds(one)}" if one.wanted else ""
            yield f"  {_head(one)}  {one.done} of {one.planned}{more}{wanted}  {one_line(one.topic.title)}"
        yield ""


def _wanted(topics: Sequence[Covered]) -> Iterator[str]:
    for one in sorted((one for one in topics if one.wanted), key=lambda one: one.topic.tier):
        yield f"{_head(one)}  {_kinds(one)}: {one_line(one.topic.title)}"


def _head(one: Covered) -> str:
    return f"{one_line(one.topic.id):<6}  tier {one.topic.tier}"


def _kinds(one: Covered) -> str:
    return ", ".join(f"{number} {kind}" for kind, number in one.wanted.items())


def _sum(topics: Sequence[Covered]) -> str:
    planned, done = sum(one.planned for one in topics), sum(one.done for one in topics)
    whole = sum(not one.wanted for one in topics)
    left = planned - done
    wanted = f"; {counted(left, 'note')} wanted" if left else ""
    written = f"{done:,} of {counted(planned, 'planned note')} written"
    return f"{written}, {whole:,} of {counted(len(topics), 'topic')} whole{wanted}"
