"""`aipm-cards new --from-form`: the note that somebody proposed in an issue."""

from __future__ import annotations

import os
import re

import click

from aipm_cards.characters import one_line
from aipm_cards.cli.adding import Change, add, page_of
from aipm_cards.cli.target import id_for, target_of, with_topics
from aipm_cards.content.files import SOURCES
from aipm_cards.content.insert import insert_key
from aipm_cards.content.proposal import (
    FormFaults,
    Proposal,
    citations,
    key_of,
    known_source,
    read_proposal,
    source_lines,
)
from aipm_cards.content.shelf import Shelf
from aipm_cards.issue_form import MAX_BYTES


def add_form(
    shelf: Shelf, path: str, topics: tuple[str, ...], deck: str, deck_name: str, note_id: str, dry_run: bool
) -> int:
    """Add the note of a filled form (`-` is standard input), and its source. Returns the exit
    code. Raises AipmCardsError after saying what is wrong with which field."""
    with click.open_file(path, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    try:
        proposal = read_proposal(data)
    except FormFaults as faults:
        for fault in faults.faults:
            click.echo(f"form: {one_line(fault)}")
        raise
    given = proposal.given
    if not topics and not deck:
        topics, deck = place_of(shelf, proposal)
        if not topics and not deck and proposal.place:
            click.echo(f"the form says of the place: {one_line(proposal.place)}", err=True)
    topics = with_topics(shelf, given, topics)
    target = target_of(shelf, deck, topics, proposal.kind, deck_name)
    key = known_source(proposal.source, shelf.collection.sources)
    before = () if key else (_new_source(shelf, proposal),)
    given["sources"] = citations(given, key or key_of(proposal.source, shelf.collection.sources), proposal.at)
    given["id"] = id_for(shelf, proposal.kind, given, note_id or str(given.get("id", "")), topics)
    return add(shelf, target, proposal.kind, given, topics, dry_run, before)


def place_of(shelf: Shelf, proposal: Proposal) -> tuple[tuple[str, ...], str]:
    """The topics that the form names by id, or the one by its title; or else the deck or the file,
    also by the last part of its name, if only one has it."""
    known = {id_.casefold(): id_ for id_ in shelf.collection.topics}
    words = re.findall(r"[\w.-]+", proposal.place.casefold())
    topics = tuple(dict.fromkeys(known[word] for word in words if word in known))
    named = proposal.place.strip("`")
    titled = [topic.id for topic in shelf.collection.topics.values() if topic.title.casefold() == named.casefold()]
    if topics or len(titled) == 1:
        return topics or tuple(titled), ""
    if named in shelf.files or shelf.of_deck(named):
        return (), named
    ending = {deck for deck in shelf.files.values() if deck.casefold().endswith(f"::{named.casefold()}")}
    return (), ending.pop() if named and len(ending) == 1 else ""


def _new_source(shelf: Shelf, proposal: Proposal) -> Change:
    """`sources.yaml` with the source of the form in it."""
    root, sources = shelf.collection.root, shelf.collection.sources
    key = key_of(proposal.source, sources)
    lines = source_lines(key, proposal.source)
    page = page_of(root, SOURCES, or_none=True)
    return Change(SOURCES, insert_key(page, key, lines), page.data if os.path.lexists(root / SOURCES) else None)
