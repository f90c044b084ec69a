"""`aipm-cards completion`: print the completion script of a shell."""

from __future__ import annotations

import click

from aipm_cards.cli.shells import SCRIPTS


@click.command()
@click.argument("shell", type=click.Choice(list(SCRIPTS)))
def command(shell: str) -> int:
    """Print the script that completes commands, options, decks, tags and codes in SHELL.

    \b
    bash, in ~/.bashrc:   eval "$(aipm-cards completion bash)"
    zsh, in ~/.zshrc:     eval "$(aipm-cards completion zsh)"
    fish, once:           aipm-cards completion fish \\
                            > ~/.config/fish/completions/aipm-cards.fish

    It also completes a program that is called by its path, as .venv/bin/aipm-cards is.
    """
    click.echo(SCRIPTS[shell], nl=False)
    return 0
