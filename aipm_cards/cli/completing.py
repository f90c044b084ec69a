"""What a shell may offer for an argument: functions for click's `shell_complete`.

Names come from the cache of the sources, so Tab waits for no YAML as long as no source changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from aipm_cards.characters import one_line

if TYPE_CHECKING:
    from aipm_cards.content.cache.sources import Sources

Items = list[CompletionItem]


def kinds(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """The kinds of notes, each with what it is."""
    from aipm_cards.kinds import KINDS

    return _beginning(incomplete, ((kind.name, kind.help) for kind in KINDS.values()))


def rules(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """The codes of the rules, in either case, each with what is wrong."""
    from aipm_cards.diagnostics import RULES

    return _beginning(incomplete.upper(), ((rule.code, rule.title) for rule in RULES.values()))


def decks(ctx: click.Context, _: click.Parameter, incomplete: str) -> Items:
    """The decks of the collection and those above them."""
    with _sources(ctx) as sources:
        names = sorted(sources.collection.decks)
    parts = [name.split("::") for name in names]
    parents = dict.fromkeys("::".join(part[:depth]) for part in parts for depth in range(1, len(part) + 1))
    return _beginning(incomplete, ((name, "") for name in parents))


def decks_and_files(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """The decks of the collection, and what files there are."""
    return [*decks(ctx, parameter, incomplete), CompletionItem(incomplete, type="file")]


def tags(ctx: click.Context, _: click.Parameter, incomplete: str) -> Items:
    """The tags of the collection's cards."""
    with _sources(ctx) as sources:
        return _beginning(incomplete, ((tag, "") for tag in sources.known_tags()))


def topics(ctx: click.Context, _: click.Parameter, incomplete: str) -> Items:
    """The topics of the collection's curriculum, each with its title."""
    with _sources(ctx) as sources:
        return _beginning(incomplete, ((topic.id, topic.title) for topic in sources.collection.topics.values()))


def _beginning(incomplete: str, items: Iterable[tuple[str, str]]) -> Items:
    return [CompletionItem(name, help=what or None) for name, what in items if name.startswith(incomplete)]


def _sources(ctx: click.Context) -> Sources:
    """The sources that the command would work on. Raises AipmCardsError."""
    from aipm_cards.cli import person
    from aipm_cards.cli.where import root_of
    from aipm_cards.content.cache.sources import open_sources

    root = root_of(None, ctx.params.get("collection"))
    return open_sources(root, person.cache_directory(), person.now_ns())


def as_line(item: CompletionItem) -> str:
    """An item for the scripts in `shells.py`: what it is, its text and its help, with tabs
    between. Empty for a text that no command line should hold."""
    text = str(item.value)
    if item.type != "plain":
        return str(item.type)
    safe = text and one_line(text) == text
    return f"plain\t{text}\t{one_line(item.help or '')}" if safe else ""
