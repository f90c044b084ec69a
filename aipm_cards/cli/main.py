"""The command `aipm-cards`: which commands there are, and how the program ends.

Exit codes: 0; 1 problems in the sources; 2 it cannot run; 3 a bug; 130 interrupted.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from aipm_cards import __version__
from aipm_cards.characters import one_line
from aipm_cards.errors import AipmCardsError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# Name, and what it does in a line. A command's module is imported when it is called: `--help`
# and completion must not wait for YAML or genanki.
COMMANDS = {
    "build": "Compile the cards into an Anki package.",
    "review": "Review in the terminal.",
    "plan": "Plan for a date: what will be remembered, at what cost.",
    "due": "Count what is due, today and on the next days.",
    "stats": "Retention, calibration, the load ahead, and what is known.",
    "interview": "Hold a mock interview: a clock, your answers, rubrics to tick.",
    "decks": "List decks, notes and cards.",
    "flags": "List the remarks on cards, with their places.",
    "report": "Report flags, leeches and failing cards to their authors.",
    "postpone": "Move reviews of today to the next days, by least harm.",
    "flatten": "Spread reviews so that no day has too many.",
    "break": "Move reviews out of days without study.",
    "optimize": "Fit the parameters of FSRS to your history.",
    "history": "Examine, back up, restore and export the history.",
    "config": "Show the settings, and where they come from.",
    "new": "Add a note: a skeleton at the right place.",
    "check": "Find every problem in the sources.",
    "explain": "Print a rule, with a wrong and a right example.",
    "format": "Lay the sources out in one way.",
    "preview": "Look at the cards in a browser, as Anki will show them.",
    "coverage": "Hold the notes against the curriculum.",
    "diff": "What a release would bring to learners: release notes.",
    "release": "Write release.lock: what learners get from now on.",
    "init": "Make a first collection of one's own.",
    "schema": "Write a JSON Schema for editors.",
    "completion": "Print the completion script of a shell.",
    "next": "The next card, for programs.",
    "answer": "Answer a card, for programs.",
    "undo": "Take back the last answer, for programs.",
}
_MODULES = {"break": "break_"}  # whose names Python keeps for itself


class Interrupted(Exception):
    """Ctrl-C. Click would answer it with an empty line of its own."""


class Commands(click.Group):
    """A group that imports a command only when it runs."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            result: object = super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted from None
        return result

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name; its module is imported now."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"aipm_cards.cli.{_MODULES.get(cmd_name, cmd_name)}").command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands that begin so, from the table, and options."""
        from click.shell_completion import CompletionItem

        named = [CompletionItem(name, help=what) for name, what in COMMANDS.items() if name.startswith(incomplete)]
        return named + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Their list for the help, from the table."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="aipm-cards")
def cli() -> None:
    """Flashcards from YAML: check them, compile them into an Anki package, review them here.

    A collection is any directory with a `collection.yaml`. A command works on its PATH, else
    on --collection or AIPM_CARDS_COLLECTION, else on the one here, above or in ./decks, else
    on the decks that come with the program.
    """


def main() -> None:
    """Run the command line and leave the process with its exit code."""
    # One short run makes few cycles and many objects: collecting would cost a third of it.
    gc.disable()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal of one code page, cards of all languages
    if "_AIPM_CARDS_COMPLETE" in os.environ:
        from aipm_cards.cli.shells import answer

        sys.exit(answer(cli))
    try:
        code = cli.main(standalone_mode=False, color=False if os.environ.get("NO_COLOR") else None)
        sys.stdout.flush()
    except click.ClickException as error:
        if "--json" in sys.argv:
            from aipm_cards.cli.machine import say_error

            say_error(error)
        error.show()
        code = error.exit_code
    except (Interrupted, KeyboardInterrupt, click.Abort):
        _say("interrupted")
        code = 130
    except AipmCardsError as error:
        _say(str(error))
        code = 2
    except (BrokenPipeError, SystemExit):
        # The reader of our output left, as `head` does; click says so by leaving. What is still
        # unwritten must not be tried again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    except OSError as error:
        _say(": ".join(str(part) for part in (error.filename, error.strerror or error) if part))
        code = 2
    except Exception:
        import traceback

        traceback.print_exc()
        _say("this is a bug in aipm-cards; please report it with the lines above")
        code = 3
    sys.exit(code if isinstance(code, int) else 0)


def _say(message: str) -> None:
    click.echo(f"aipm-cards: {one_line(message)}", err=True)
