"""`aipm-cards explain`: what a rule is for, with a wrong and a right example."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from textwrap import wrap

import click

from aipm_cards.characters import one_line
from aipm_cards.cli import completing
from aipm_cards.cli.findings import COLOURS
from aipm_cards.diagnostics import RULES, Rule
from aipm_cards.errors import AipmCardsError
from aipm_cards.examples import BARE, EXAMPLES, LISTING, NOTES, REASONS, RELEASED

NARROW, WIDE = 60, 100  # columns between which texts are wrapped

FAMILIES = {
    "Y": "YAML text",
    "D": "structure",
    "N": "notes and identity",
    "M": "media",
    "S": "style of a good card",
}


@click.command()
@click.argument("code", required=False, shell_complete=completing.rules)
def command(code: str | None) -> int:
    """Print a rule, with a wrong and a right example.

    CODE is what `aipm-cards check` prints in brackets, as N204. Without one all rules are listed.
    """
    if code is None:
        for line in _list():
            click.echo(line)
        return 0
    rule = RULES.get(code.strip().upper())
    if rule is None:
        raise AipmCardsError(_unknown(code))
    for line in _explained(rule, min(max(shutil.get_terminal_size((80, 24)).columns, NARROW), WIDE)):
        click.echo(line)
    return 0


def _unknown(code: str) -> str:
    from aipm_cards.content.files import nearest

    hint = nearest(code.strip().upper(), RULES)
    return f"there is no rule '{one_line(code)[:40]}'; {hint or '`aipm-cards explain` lists all rules'}"


def _list() -> Iterator[str]:
    """All rules, a line each, by family."""
    for letter, family in FAMILIES.items():
        yield click.style(f"{letter}: {family}", bold=True)
        for rule in RULES.values():
            if rule.code.startswith(letter):
                yield f"  {_coloured(rule, rule.code)}  {rule.severity:<7}  {rule.title}"


def _coloured(rule: Rule, text: str) -> str:
    return click.style(text, fg=COLOURS[rule.severity], bold=True)


def _explained(rule: Rule, width: int) -> Iterator[str]:
    """A rule in full."""
    yield f"{_coloured(rule, f'{rule.severity}[{rule.code}]')} {rule.title}"
    for text in (REASONS[rule.code], f"What to do: {rule.way_out}"):
        yield ""
        yield from wrap(text, width, break_on_hyphens=False)
    example = EXAMPLES[rule.code]
    for title, typed in (("Not so", example.wrong), ("But so", example.right)):
        yield ""
        yield click.style(f"{title}{_where(example.form)}:", bold=True)
        for line in typed.splitlines():
            yield f"    {_visible(line)}"
    if example.beside:
        yield ""
        yield f"where the collection holds {', '.join(example.beside)}."


def _where(form: str) -> str:
    if form == LISTING:
        return ", in the collection's directory"
    if form == RELEASED:
        return ", in a deck that was released"
    return "" if form in (NOTES, BARE) else f", in {form}"


def _visible(line: str) -> str:
    """A line of an example; `---` parts two notes, and a tab shows."""
    return "(and)" if line == "---" else one_line(line.replace("\t", "→"))
