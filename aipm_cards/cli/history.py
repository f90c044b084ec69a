"""`aipm-cards history`: examine, back up, restore and export the history."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import click

from aipm_cards.characters import one_line
from aipm_cards.cli import person
from aipm_cards.cli.learner import backup_offer, for_history, history_option, offering_a_backup, open_store
from aipm_cards.cli.progress import progress
from aipm_cards.errors import HistoryDamaged, HistoryError
from aipm_cards.words import counted


@click.group()
def command() -> None:
    """Examine, back up, restore and export the history of the reviews."""


@command.command()
@history_option
def path(history: Path | None) -> int:
    """Print where the history file is."""
    click.echo(str(person.history_path(history)))
    return 0


@command.command()
@history_option
@click.option("--repair", is_flag=True, help="Make the state of the cards anew from the log, after a backup.")
def doctor(history: Path | None, repair: bool) -> int:
    """Prove the history sound; exits with 1 if it is not.

    The file is whole, the state of every card is what its log comes to, and every memory state
    follows from the one before.
    """
    from aipm_cards.memory import backups
    from aipm_cards.memory.doctor import examine, rebuild

    file = _existing(history)
    try:
        with offering_a_backup(file), open_store(file, read_only=not repair) as store:
            if repair:
                with progress("backing up") as step:
                    kept = backups.back_up(store, person.now_ms(), step)
                rebuild(store)
                click.echo(f"made the state anew from the log; before that: {one_line(str(kept))}")
            with progress("examining") as step:
                diagnosis = examine(store, step)
    except HistoryDamaged as error:
        click.echo(one_line(str(error)))
        return 1
    name = one_line(str(file))
    for problem in diagnosis.problems:
        click.echo(f"{name}: {one_line(problem)}")
    if diagnosis.problems:
        click.echo(f"hint: {'' if repair else _repair(file)}{one_line(backup_offer(file))}")
    if diagnosis.elsewhere:
        what = "by another version of the scheduler, not worked out again"
        click.echo(f"{counted(diagnosis.elsewhere, 'answer')} {what}")
    found = counted(len(diagnosis.problems), "problem") if diagnosis.problems else "sound"
    mocks = f", {counted(diagnosis.interviews, 'interview')}" if diagnosis.interviews else ""
    click.echo(f"{name}: {counted(diagnosis.events, 'event')}, {counted(diagnosis.cards, 'card')}{mocks}: {found}")
    return 1 if diagnosis.problems else 0


@command.command()
@history_option
def backup(history: Path | None) -> int:
    """Write a verified backup beside the history."""
    from aipm_cards.memory.backups import back_up

    file = _existing(history)
    with offering_a_backup(file), open_store(file) as store, progress("backing up") as step:
        written = back_up(store, person.now_ms(), step)
    click.echo(f"wrote {one_line(str(written))}")
    return 0


@command.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@history_option
@click.option("--list", "list_", is_flag=True, help="List the backups and whether they are good.")
def restore(file: Path | None, history: Path | None, list_: bool) -> int:
    """Bring back a backup: FILE, else the newest good one.

    The file that was there is kept under another name.
    """
    from aipm_cards.memory.backups import backups, fault, newest_good
    from aipm_cards.memory.backups import restore as put_back

    target = person.history_path(history)
    if list_:
        for backup_ in backups(target):
            click.echo(f"{one_line(str(backup_))}: {fault(backup_) or 'good'}")
        if not backups(target):
            click.echo(f"{one_line(str(target))}: there is no backup of it yet")
        return 0
    source = file or newest_good(target)
    if source is None:
        raise HistoryError(f"{target}: there is no good backup of it; name a file to restore")
    kept = put_back(target, source, person.now_ms())
    click.echo(one_line(f"restored {target} from {source}" + (f"; the file before: {kept}" if kept else "")))
    return 0


@command.command()
@history_option
@click.option("--format", "format_", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file to write.")
def export(history: Path | None, format_: str, output: Path | None) -> int:
    """Write the history for other programs.

    csv: the reviews in the columns of FSRS tools, without what was undone or crammed. jsonl:
    every event, an object a line; then the rows of the mock interviews, whose kinds begin with
    `interview_`.
    """
    from aipm_cards.memory.export import write_csv, write_jsonl
    from aipm_cards.writing import replacing

    write = write_csv if format_ == "csv" else write_jsonl
    file = _existing(history)
    with offering_a_backup(file), open_store(file, read_only=True) as store:
        if output is None:
            write(store, sys.stdout)
            return 0
        _refuse_the_history_itself(file, output)
        with replacing(output, person.now_ms() // 1000) as raw:
            text = io.TextIOWrapper(raw, encoding="utf-8", newline="")
            count = write(store, text)
            text.flush()
            text.detach()
    click.echo(f"wrote {one_line(str(output))}: {counted(count, 'line')}")
    return 0


def _refuse_the_history_itself(file: Path, output: Path) -> None:
    for own in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm", "-journal"))):
        if output.absolute() == own.absolute() or (output.exists() and own.exists() and output.samefile(own)):
            raise HistoryError(f"{output}: is the history itself; choose another file")


def _repair(file: Path) -> str:
    return f"`aipm-cards history doctor --repair{for_history(file)}` makes states anew from the log; "


def _existing(history: Path | None) -> Path:
    """The history file, which must be there: these commands make none."""
    file = person.history_path(history)
    if not file.exists():
        raise HistoryError(f"{file}: there is no history yet; `aipm-cards review` begins one")
    return file
