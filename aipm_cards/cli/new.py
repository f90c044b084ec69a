"""`aipm-cards new`: a note at its place, to be filled in or whole."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from aipm_cards import keys
from aipm_cards.characters import one_line
from aipm_cards.cli.adding import (
    Target,
    findings_of,
    note_text,
    page_of,
    placed,
    refuse_forbidden,
    refuse_shipped,
    target_of,
    write,
)
from aipm_cards.cli.report import as_text
from aipm_cards.cli.where import collection_option, root_of, shown
from aipm_cards.content.fields import is_list, value_of
from aipm_cards.content.files import nearest
from aipm_cards.content.shelf import Shelf, read_shelf
from aipm_cards.content.skeleton import Given
from aipm_cards.errors import AipmCardsError
from aipm_cards.kinds import KINDS
from aipm_cards.slugs import SLUG, slug, slug_of_note, unique

LIST = "list"


@click.command()
@click.argument("kind", required=False)
@click.option(
    "--topic", "topics", multiple=True, help="Topic of the curriculum, or `list` for those wanted; repeatable."
)
@click.option("--deck", default="", help="Deck file or deck to add to; a new FILE.yaml is made.")
@click.option("--deck-name", default="", help="The deck of a new deck file.")
@click.option("--front", default="", help="What is asked: the front, term, text, prompt, ... of the kind.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A key of the note; repeat for a list.")
@click.option("--id", "note_id", default="", help="The note's permanent name. Default: made from what it asks.")
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
    dry_run: bool,
    no_input: bool,
    collection: Path | None,
) -> int:
    """Add a note of a KIND: a skeleton at the right place, with what is given filled in.

    The file is the one of --deck, else the one whose notes teach most of the --topic. No other
    byte of it changes. At a terminal what is missing is asked for. Exits with 1 if `check` finds
    an error in a note that has all its keys.
    """
    root = root_of(None, collection)
    shelf = read_shelf(root)
    if LIST in topics:
        return _list(shelf, _kind(kind, False) if kind else "")
    if not dry_run:
        refuse_shipped(root)
    asking = sys.stdin.isatty() and sys.stdout.isatty() and not no_input
    kind = _kind(kind, asking)
    given = _given(kind, front, settings)
    if asking and not topics and not deck and "topics" not in given:
        from aipm_cards.cli.asking import ask_deck, ask_topic

        topic = ask_topic(shelf.collection, kind)
        topics = (topic,) if topic else ()
        deck = "" if topic else ask_deck(shelf.files)
    topics = with_topics(shelf, given, topics)
    target = target_of(shelf, deck, topics, kind, deck_name or _deck_name(shelf, deck, asking))
    if asking:
        from aipm_cards.cli.asking import ask_keys

        click.echo(f"a {kind} note for {shown(root, target.path)}{_why(target)}")
        given = ask_keys(kind, given)
    given["id"] = _id(shelf, kind, given, note_id, topics)
    return add(shelf, target, kind, given, topics, dry_run)


def add(shelf: Shelf, target: Target, kind: str, given: dict[str, Given], topics: Iterable[str], dry_run: bool) -> int:
    """Write a note, say where it stands and what comes next. Returns the exit code."""
    root = shelf.collection.root
    before = None if target.new else page_of(root, target.path).data
    made = placed(root, target, kind, given, tuple(topics))
    place = f"{shown(root, target.path)}:{made.first}"
    note_id = one_line(str(given["id"]))
    missing = [key.name for key in keys.note_keys(kind) if key.required and key.name not in given]
    if dry_run:
        for line in note_text(made):
            click.echo(line)
        click.echo(f"{place}: note '{note_id}' would be added{_why(target)}; nothing was written")
        return 0
    write(root, target.path, made.data, before)
    click.echo(f"{place}: note '{note_id}' added{_why(target)}")
    found = findings_of(root, target.path, made)
    shown_ones = [problem for problem in found if not (missing and problem.code == "N106")]
    for problem in shown_ones:
        click.echo(as_text(problem, root))
    click.echo(f"next: {_next(shown(root, target.path), missing, bool(shown_ones))}")
    return 1 if not missing and any(problem.severity == "error" for problem in found) else 0


def _next(path: str, missing: list[str], found: bool) -> str:
    from aipm_cards.cli.main import COMMANDS

    steps = [f"fill in {', '.join(missing)}"] if missing else []
    steps += ["mend what is said above"] if found else []
    steps.append(f"aipm-cards check {path}")
    steps += ["aipm-cards preview"] if "preview" in COMMANDS else []
    return "; ".join([*steps, "commit; the id is permanent once it is merged"])


def _why(target: Target) -> str:
    return f" ({one_line(target.why)})" if target.why else ""


def _list(shelf: Shelf, kind: str) -> int:
    from aipm_cards.cli.asking import wanted, wanted_line

    topics = [one for one in wanted(shelf.collection, kind) if not kind or kind in one.wanted]
    for one in topics:
        click.echo(wanted_line(one))
    click.echo(
        f"{shown(shelf.collection.root)}: {len(topics)} topics wanted; `aipm-cards new KIND --topic ID` adds a note"
    )
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
    asked = KINDS[kind].keys[0].name
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


def with_topics(shelf: Shelf, given: dict[str, Given], topics: tuple[str, ...]) -> tuple[str, ...]:
    """All topics of a note, known ones; they and their tier go into what is given."""
    own = given.get("topics", ())
    named = tuple(dict.fromkeys([*topics, *(str(topic) for topic in (own if isinstance(own, tuple) else (own,)))]))
    known = shelf.collection.topics
    for topic in named:
        refuse_forbidden("topic", topic)
        if known and topic not in known:
            hint = nearest(topic, known) or "`--topic list` shows those that are wanted"
            raise AipmCardsError(f"there is no topic '{one_line(topic)}' in curriculum.yaml; {hint}")
    if named:
        given["topics"] = named
    if named and "tier" not in given and named[0] in known:
        given["tier"] = str(known[named[0]].tier)
    return named


def _deck_name(shelf: Shelf, deck: str, asking: bool) -> str:
    """The deck of a new file, asked for at a terminal."""
    is_new = asking and deck.endswith((".yaml", ".yml")) and not (Path(deck).exists() or deck in shelf.files)
    is_new = is_new and not (shelf.collection.root / deck).exists()
    return str(click.prompt("deck of the new file (Name::Part)")) if is_new else ""


def _id(shelf: Shelf, kind: str, given: dict[str, Given], note_id: str, topics: tuple[str, ...]) -> str:
    """The id: the one given, or one made from what the note asks, else from kind and topic."""
    if not note_id:
        made = slug_of_note(kind, given) or slug(f"{kind} {topics[0] if topics else 'note'}") or f"{kind}-note"
        return unique(made, shelf.ids)
    if not SLUG.fullmatch(note_id):
        hint = f": {made}" if (made := slug(note_id, 64)) else ""
        raise AipmCardsError(f"the id '{one_line(note_id)}' is no slug; use 3 to 64 of a-z, 0-9 and hyphens{hint}")
    if note_id in shelf.ids:
        raise AipmCardsError(f"the id '{note_id}' is taken; '{unique(note_id, shelf.ids)}' is free")
    return note_id
