"""`aipm-cards schema`: write a JSON Schema for editors."""

from __future__ import annotations

import time
from pathlib import Path

import click

from aipm_cards.cli.where import shown
from aipm_cards.errors import AipmCardsError
from aipm_cards.schema.files import SCHEMAS, schema_text
from aipm_cards.writing import replacing


@click.command()
@click.argument("name", type=click.Choice(list(SCHEMAS)), required=False, metavar=f"[{'|'.join(SCHEMAS)}]")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file.")
@click.option(
    "--dir", "directory", type=click.Path(path_type=Path, file_okay=False), help="Write all to this directory."
)
def command(name: str | None, output: Path | None, directory: Path | None) -> int:
    """Print the JSON Schema of a kind of source file, by default that of deck files.

    Editors with a YAML server complete keys with it, explain them and show mistakes while one
    types. They find it by the first line of a source, relative to its file:

    # yaml-language-server: $schema=schema/deck.json

    With --dir each is written as NAME.json; a directory that is not there is made.
    """
    if directory is not None:
        if output is not None:
            raise AipmCardsError("give either --output or --dir")
        directory.mkdir(parents=True, exist_ok=True)
        names = [name] if name else list(SCHEMAS)
        for each in names:
            _write(directory / f"{each}.json", each)
        click.echo(f"{shown(directory)}: {', '.join(f'{each}.json' for each in names)}")
    elif output is not None:
        _write(output, name or "deck")
        click.echo(shown(output))
    else:
        click.echo(schema_text(name or "deck"), nl=False)
    return 0


def _write(path: Path, name: str) -> None:
    with replacing(path, int(time.time())) as file:
        file.write(schema_text(name).encode("utf-8"))
