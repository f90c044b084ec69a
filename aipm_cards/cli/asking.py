"""Asks at the terminal for what a new note needs: its kind, its topic, its keys one by one."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Container, Mapping, Sequence

import click

from aipm_cards import arithmetic, keys, model
from aipm_cards.characters import FORBIDDEN, describe, one_line
from aipm_cards.content.fields import is_list, value_of
from aipm_cards.content.files import nearest
from aipm_cards.content.skeleton import Given, one_of
from aipm_cards.coverage import Covered, covered
from aipm_cards.kinds import KINDS, Form, Key
from aipm_cards.slugs import SLUG, unique

SHOWN = 15  # topics at a time: more would push the question off the screen
EDITOR = ":e"
_LINES = frozenset({Form.BLOCK, Form.CLOZE})


def tell(text: str) -> None:
    """A line for the person at the terminal, broken between words."""
    click.echo(click.wrap_text(text, width=shutil.get_terminal_size().columns - 1, subsequent_indent="  "))


def ask_kind() -> str:
    """The kind of the note."""
    for kind in KINDS.values():
        click.echo(f"  {kind.name:<12} {kind.help}")
    answer: str = click.prompt("kind", default="basic", type=click.Choice(tuple(KINDS)), show_choices=False)
    return answer


def wanted(collection: model.Collection, kind: str = "") -> list[Covered]:
    """The topics with notes still wanted: those that want this kind first, then by tier."""
    topics = [one for one in covered(collection) if one.wanted]
    return sorted(topics, key=lambda one: (kind not in one.wanted, one.topic.tier))


def wanted_line(one: Covered) -> str:
    """A wanted topic in a line."""
    kinds = ", ".join(f"{number} {kind}" for kind, number in one.wanted.items())
    return one_line(f"{one.topic.id:<6} tier {one.topic.tier}  {kinds}: {one.topic.title}")


def matching(topics: Sequence[Covered], words: str) -> list[Covered]:
    """The topics in whose id, family, kinds or title all words stand."""
    terms = words.casefold().split()
    return [
        one
        for one in topics
        if all(
            term in f"{one.topic.id} {one.topic.family} {' '.join(one.wanted)} {one.topic.title}".casefold()
            for term in terms
        )
    ]


def ask_topic(collection: model.Collection, kind: str) -> str:
    """A topic of the curriculum, from the list of what is wanted; empty if none is chosen."""
    everything = wanted(collection, kind)
    listed = everything
    width = shutil.get_terminal_size().columns
    while collection.topics:
        for number, one in enumerate(listed[:SHOWN], 1):
            click.echo(f"{number:>3}  {wanted_line(one)}"[: width - 1])
        if len(listed) > SHOWN:
            click.echo(f"     … and {len(listed) - SHOWN} more: type words, a family or a kind to see fewer")
        typed: str = click.prompt("topic (number, id or words; empty for none)", default="", show_default=False)
        typed = typed.strip()
        if not typed:
            break
        if typed.isdigit() and 1 <= int(typed) <= min(len(listed), SHOWN):
            return listed[int(typed) - 1].topic.id
        for id_ in collection.topics:
            if id_.casefold() == typed.casefold():
                return id_
        listed = matching(everything, typed)
        if not listed:
            click.echo("nothing that is wanted has these words")
            listed = everything
    return ""


def ask_deck(files: Mapping[str, str]) -> str:
    """A deck file, from the list of all."""
    paths = list(files)
    for number, path in enumerate(paths, 1):
        click.echo(f"{number:>3}  {one_line(path)}  {one_line(files[path])}")
    while True:
        typed: str = click.prompt("deck file (number, deck or file)").strip()
        if typed.isdigit() and 1 <= int(typed) <= len(paths):
            return paths[int(typed) - 1]
        if typed and not typed.isdigit():
            return typed


def ask_keys(kind: str, given: Mapping[str, Given], sources: Collection[str]) -> dict[str, Given]:
    """`given` and what was typed for the required keys of a kind and, if there are any to name, for
    its sources, then for others by name."""
    values = dict(given)
    tell(f"An empty line ends a text, or leaves it for later; {EDITOR} opens your editor; Ctrl-C writes nothing.")
    asked = [key for key in KINDS[kind].keys if key.required] + ([keys.SOURCES] if sources else [])
    for key in asked:
        if key.name not in values and (value := ask_key(key, sources)) is not None:
            values[key.name] = value
    names = [
        key.name for key in keys.note_keys(kind) if key.name not in values and key not in asked and not key.required
    ]
    others = [name for name in names if name not in ("kind", "allow", "retired")]
    table = {key.name: key for key in keys.note_keys(kind)}
    tell(f"optional keys: {', '.join(others)}")
    while name := click.prompt("one more key (empty to finish)", default="", show_default=False).strip():
        if name not in others:
            click.echo(nearest(name, others) or f"no key '{one_line(name)}' is left")
        else:
            others.remove(name)
            if (value := ask_key(table[name], sources)) is not None:
                values[name] = value
    return values


def ask_key(key: Key, sources: Collection[str] = ()) -> Given | None:
    """What was typed for a key, asked for until it can be one; None if nothing was. `sources` are
    the keys that can be cited."""
    lines: list[str] = []
    while True:
        lines = _typed(key, lines)
        typed = "\n".join(lines)
        value = value_of(key, typed)
        if value is None:
            return None
        found = FORBIDDEN.search(typed)
        fault = f"{describe(found[0])} may not stand in a card" if found else fault_of(key, value, sources)
        if not fault:
            return value
        click.echo(f"  {fault}")
        if found or isinstance(value, str) or len(value) >= key.at_least:
            lines = []  # begin again; else go on with the list


def ask_id(made: str, taken: Container[str]) -> str:
    """The id of the note; one that can be is proposed."""
    while True:
        typed: str = click.prompt("id (permanent once it is merged)", default=made)
        if not SLUG.fullmatch(typed):
            click.echo("  use 3 to 64 of a-z, 0-9 and hyphens")
        elif typed in taken:
            click.echo(f"  it is taken; '{unique(typed, taken)}' is free")
        else:
            return typed


def _typed(key: Key, lines: list[str]) -> list[str]:
    """The lines that were typed for a key, behind those from before."""
    about = key.help + one_of(key)
    if key.form is Form.RUBRIC:
        about += f" {key.at_least} to {key.at_most}, a line each; begin one to three with `must: `."
    elif key.form is Form.CITATIONS:
        about = f"What it rests on. {_HOW[key.form]}"
    elif is_list(key):
        about += f" {_HOW.get(key.form, 'A line each.')}"
    tell(f"{key.name}: {about}")
    sign = "  - " if is_list(key) else "  "
    several = key.form in _LINES or is_list(key)
    while line := _line(sign):
        if line.strip() == EDITOR:
            if (edited := _edited(lines)) is not None:
                return edited
            continue
        lines = [*lines, line]
        if not several:
            break
    return lines


def _edited(lines: list[str]) -> list[str] | None:
    """The lines as they come back from the person's editor; None if it cannot be opened, or
    nothing was saved."""
    try:
        text = click.edit("\n".join(lines), extension=".md")
    except click.ClickException as error:
        click.echo(f"  {one_line(error.message)}")
        return None
    return None if text is None else text.rstrip().split("\n")


_HOW = {
    Form.OPTIONS: "A line each: name | gain | harm.",
    Form.LAWS: "A line each: jurisdiction | law | as_of.",
    Form.ROWS: "A line each: dimension | a | b.",
    Form.CITATIONS: "A line each: a key of sources.yaml, or key | where in it.",
    Form.VALUES: "A line each: NAME: number.",
    Form.NAMES: "With commas between.",
}


def _line(sign: str) -> str:
    line: str = click.prompt(sign, default="", show_default=False, prompt_suffix="")
    return line.rstrip()


_NO_SOURCE = "add it to sources.yaml first, or leave this empty for later"


def _cited(value: Given) -> list[str]:
    """The keys in what was typed for sources."""
    return [item.get("ref", "") if isinstance(item, Mapping) else str(item) for item in value]


def fault_of(key: Key, value: Given, sources: Collection[str]) -> str:
    """What is wrong with a value at first sight; `check` sees the rest."""
    if isinstance(value, str):
        if key.choices and value not in key.choices:
            return f"write one of{one_of(key).removeprefix(' One of').removesuffix('.')}"
        if key.form is Form.COUNT and not (value.isdigit() and 1 <= int(value) <= key.at_most):
            return f"write a whole number from 1 to {key.at_most}"
        if key.form is Form.NUMBER and arithmetic.number(value) is None:
            return "write the bare number"
    elif key.form is Form.ROWS and any(len(row) != 3 for row in value):
        return "a row has three cells: dimension | a | b"
    elif key.form is Form.CITATIONS and (unknown := [name for name in _cited(value) if name not in sources]):
        return f"there is no source '{one_line(unknown[0])}'; {nearest(unknown[0], sources) or _NO_SOURCE}"
    elif not key.at_least <= len(value) <= key.at_most:
        return f"write {key.at_least} to {key.at_most}; it has {len(value)}"
    return ""
