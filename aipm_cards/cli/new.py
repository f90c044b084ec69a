"""`aipm-cards new`: a note at its place, to be filled in or whole."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aipm_cards import keys
from aipm_cards.characters import one_line
from aipm_cards.cli import completing
from aipm_cards.cli.adding import add, page_of, why
from aipm_cards.cli.target import id_for, refuse_forbidden, refuse_shipped, target_of, with_topics
from aipm_cards.cli.where import collection_option, root_of, shown
from aipm_cards.content.fields import is_list, value_of
from aipm_cards.content.files import nearest
from aipm_cards.content.shelf import Shelf, read_shelf
from aipm_cards.content.skeleton import Given
from aipm_cards.errors import AipmCardsError
from aipm_cards.kinds import KINDS
from aipm_cards.words import counted

LIST = "list"


@click.command()
@click.argument("kind", required=False, shell_complete=completing.kinds)
@click.option(
    "--topic",
    "topics",
    multiple=True,
    help="Topic of the curriculum, or `list` for those wanted; repeatable.",
    shell_complete=completing.topics,
)
@click.option(
    "--deck",
    default="",
    help="Deck file or deck to add to; a new FILE.yaml is made.",
    shell_complete=completing.decks_and_files,
)
@click.option("--deck-name", default="", help="The deck of a new deck file.")
@click.option("--front", default="", help="What is asked: the front, term, text, prompt, ... of the kind.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A key of the note; repeat for a list.")
@click.option("--id", "note_id", default="", help="The note's permanent name. Default: made from what it asks.")
@click.option("--from-form", type=click.Path(allow_dash=True), help="Make the note of a filled issue form; - is stdin.")
@click.option("--dry-run", is_flag=True, help="Print the note and where it would go; write nothing.")
@click.option("--no-input", is_flag=True, help="Ask nothing, even at a terminal.")
@collection_option
def command(
    kind: str | None,
    topics: tuple[str, ...],
    deck: str,
    deck_name: str,
    front: str,
    settings: tuple[str, ...],
    note_id: str,
    from_form: str | None,
    dry_run: bool,
    no_input: bool,
    collection: Path | None,
) -> int:
    """Add a note of a KIND: a skeleton at the right place, with what is given filled in.

    The file is the one of --deck, else the one whose notes teach most of the --topic. No other
    byte of it changes. At a terminal what is missing is asked for (not with --no-input). Exits with
    1 if `check` finds an error in a note that has all its keys.

    Lists, such as a rubric, are given by --set more than once, or with a line an item; the parts of
    an option or a row with `|` between.
    """
    root = root_of(None, collection)
    shelf = read_shelf(root)
    if LIST in topics:
        return _list(shelf, _kind(kind, False) if kind else "")
    if not dry_run:
        refuse_shipped(root)
    if from_form is not None:
        from aipm_cards.cli.new_form import add_form

        if kind or front or settings:
            raise AipmCardsError("--from-form takes the kind and the texts from the form; leave the others out")
        return add_form(shelf, from_form, topics, deck, deck_name, note_id, dry_run)
    asking = sys.stdin.isatty() and sys.stdout.isatty() and not no_input
    kind = _kind(kind, asking)
    given = _given(kind, front, settings)
    if asking and not topics and not deck and "topics" not in given:
        from aipm_cards.cli.asking import ask_deck, ask_topic

        topic = ask_topic(shelf.collection, kind)
        topics = (topic,) if topic else ()
        deck = "" if topic else ask_deck(shelf.files)
    named = bool(note_id)
    topics = with_topics(shelf, given, topics)
    target = target_of(shelf, deck, topics, kind, deck_name or _deck_name(shelf, deck, asking))
    asking = asking and any(key.required and key.name not in given for key in KINDS[kind].keys)
    if asking:
        from aipm_cards.cli.asking import ask_keys, tell

        if not target.new:
            page_of(root, target.path)  # refused before anything was typed, not after
        tell(f"kind {kind}, for {shown(root, target.path)}{why(target)}")
        given = ask_keys(kind, given, shelf.collection.sources)
    note_id = id_for(shelf, kind, given, note_id, topics)
    if asking and not named:
        from aipm_cards.cli.asking import ask_id

        note_id = ask_id(note_id, shelf.ids)
    given["id"] = note_id
    return add(shelf, target, kind, given, topics, dry_run)


def _list(shelf: Shelf, kind: str) -> int:
    from aipm_cards.cli.asking import wanted, wanted_line

    topics = [one for one in wanted(shelf.collection, kind) if not kind or kind in one.wanted]
    for one in topics:
        click.echo(wanted_line(one))
    number = counted(len(topics), "topic")
    click.echo(f"{shown(shelf.collection.root)}: {number} wanted; `aipm-cards new KIND --topic ID` adds a note")
    return 0


def _kind(kind: str | None, asking: bool) -> str:
    if kind in KINDS:
        return kind
    if kind is None and asking:
        from aipm_cards.cli.asking import ask_kind

        return ask_kind()
    hint = nearest(kind, KINDS) if kind else ""
    what = f"there is no kind '{one_line(kind)}'" if kind else "a kind is missing"
    raise AipmCardsError(f"{what}; {hint or 'write one of: ' + ', '.join(KINDS)}")


def _given(kind: str, front: str, settings: tuple[str, ...]) -> dict[str, Given]:
    """The values of the command line, by key. Raises AipmCardsError."""
    table = {key.name: key for key in keys.note_keys(kind) if key.name not in ("id", "kind")}
    typed: dict[str, list[str]] = {}
    asked = next(key.name for key in KINDS[kind].keys if key.required)
    for setting in [*([f"{asked}={front}"] if front else []), *settings]:
        name, equals, value = setting.partition("=")
        name = name.strip()
        if not equals or name not in table:
            hint = nearest(name, table) or f"a {kind} note has: {', '.join(table)}"
            raise AipmCardsError(f"--set '{one_line(name)}': write KEY=VALUE with a key of the kind; {hint}")
        refuse_forbidden(name, value)
        typed.setdefault(name, []).append(value)
    given: dict[str, Given] = {}
    for name, values in typed.items():
        if len(values) > 1 and not is_list(table[name]):
            raise AipmCardsError(f"'{name}' is given twice")
        value_given = value_of(table[name], "\n".join(values))
        if value_given is not None:
            given[name] = value_given
    return given


def _deck_name(shelf: Shelf, deck: str, asking: bool) -> str:
    """The deck of a new file, asked for at a terminal."""
    is_new = asking and deck.endswith((".yaml", ".yml")) and not (Path(deck).exists() or deck in shelf.files)
    is_new = is_new and not (shelf.collection.root / deck).exists()
    return str(click.prompt("deck of the new file (Name::Part)")) if is_new else ""
