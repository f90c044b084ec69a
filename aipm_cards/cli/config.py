"""`aipm-cards config`: the settings, and where they come from."""

from __future__ import annotations

import json
from pathlib import Path

import click

from aipm_cards.characters import one_line
from aipm_cards.cli import drawing, person
from aipm_cards.cli.where import collection_option, root_of
from aipm_cards.errors import AipmCardsError
from aipm_cards.memory.settings import OF_ALL, OF_DECKS, Setting, Settings, shown


@click.command()
@click.option("--init", "make", is_flag=True, help="Write a file with all settings in comments, to be edited.")
@collection_option
def command(make: bool, collection: Path | None) -> int:
    """Show every setting with its value and where that comes from, and the file to edit."""
    path = person.settings_path()
    if make:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "x", encoding="utf-8") as file:
                file.write(_template())
        except FileExistsError as error:
            if error.filename != str(path):
                raise AipmCardsError(f"{error.filename}: is no directory") from None
            raise AipmCardsError(f"{path}: is there already; edit it") from None
        click.echo(f"wrote {one_line(str(path))}")
        return 0
    settings = person.read_settings()
    plan = _plan(settings, collection)
    for setting in (*OF_DECKS, *OF_ALL):
        _show("", setting, settings)
    for deck in sorted(settings.decks):
        click.echo(f"\n[decks.{json.dumps(one_line(deck), ensure_ascii=False)}]")
        for setting in OF_DECKS:
            _show(deck, setting, settings)
    if plan is not None:
        click.echo()
        drawing.say(plan)
        click.echo(f"its file: {one_line(str(person.plan_path()))}")
    state = "" if path.exists() else " (not there yet; `aipm-cards config --init` makes it)"
    click.echo(f"\nfile: {one_line(str(path))}{state}")
    return 0


def _plan(settings: Settings, collection: Path | None) -> str | None:
    """The plan that was put in force, and whether it is."""
    goal = person.read_goal()
    if goal is None:
        return None
    from aipm_cards.cli.learner import read_sources, why_not_followed
    from aipm_cards.memory.goal import told

    with read_sources(root_of(None, collection)) as sources:
        here = sources.collection.namespace
    state = why_not_followed(goal, here, settings) or "stop it with `aipm-cards plan --stop`"
    return f"{told(goal)}; {state}"


def _show(deck: str, setting: Setting, settings: Settings) -> None:
    of_deck = any(setting.name == other.name for other in OF_DECKS)
    key = f'decks."{deck}".{setting.name}' if deck else setting.name
    line = settings.said.get(key)
    if deck and line is None:
        return  # as above
    holder = settings.decks[deck] if deck else settings.preset if of_deck else settings
    default = setting.name == "parameters" and line is None
    value = "those of FSRS-6" if default else shown(setting.name, holder)
    origin = "default" if line is None else f"line {line}" if line else "from the file"
    click.echo(f"{f'{setting.name} = {value}':<42}  # {origin}. {setting.help}")


def _template() -> str:
    """The file with the defaults, each commented out."""
    settings = Settings()
    lines = ["# Settings of aipm-cards. Take the # off a line to change it.", ""]
    for setting in OF_DECKS:
        lines += [f"# {setting.help}", f"# {setting.name} = {shown(setting.name, settings.preset)}", ""]
    for setting in OF_ALL:
        lines += [f"# {setting.help}", f"# {setting.name} = {shown(setting.name, settings)}", ""]
    lines += ["# What stands above day_start may also be set for a deck and those below it:", ""]
    return "\n".join([*lines, '# [decks."Concepts::Evaluation"]', "# desired_retention = 0.85", ""])
