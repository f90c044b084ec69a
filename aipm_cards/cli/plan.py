"""`aipm-cards plan`: what will be remembered on a day, what that costs, and what serves it best."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aipm_cards.characters import one_line
from aipm_cards.cli import drawing, person
from aipm_cards.cli.dates import a_date
from aipm_cards.cli.learner import Desk, desk, for_history, scope_of, scope_options, why_not_followed
from aipm_cards.cli.machine import for_programs, head, json_option, plan_of, say
from aipm_cards.cli.pace import usual_pace
from aipm_cards.cli.plan_scope import Part, decks_of, parts_of, typed_as
from aipm_cards.cli.progress import waiting
from aipm_cards.cli.where import shown
from aipm_cards.content.cache.sources import Scope
from aipm_cards.errors import AipmCardsError
from aipm_cards.memory.days import date_of, day_of, learner_day
from aipm_cards.memory.goal import Goal, InForce, told
from aipm_cards.words import counted

if TYPE_CHECKING:  # it takes numpy
    from aipm_cards.memory.planning.advice import Advice
    from aipm_cards.terminal.planned import Way

_UNSUSPEND = "`aipm-cards flags` lists them, and `flags --unsuspend CARD` lets one come again"
SEED = 1  # the same question gets the same answer
LONGEST = 366  # days ahead
MOST_MINUTES = 600  # a day


@click.command()
@scope_options
@click.option("--on", callback=a_date, metavar="DATE", help="The day on which the cards are to be remembered.")
@click.option(
    "--minutes",
    type=click.IntRange(1, MOST_MINUTES),
    help="Minutes a day, after which no card is begun; without it as many as are worth it.",
)
@click.option("--apply", "apply_", is_flag=True, help="Put the limits in force until then, in place of another plan.")
@click.option("--stop", is_flag=True, help="Take the plan in force away.")
@click.option("--linear", is_flag=True, help="Sentences and no drawing, for screen readers.")
@json_option
@for_programs
def command(
    on: date | None,
    minutes: int | None,
    apply_: bool,
    stop: bool,
    linear: bool,
    collection: Path | None,
    history: Path | None,
    as_json: bool,
    **scope: Any,
) -> int:
    """Say how many cards will be remembered on a day, what that takes, and which limits serve it best.

    The cards of DECK and the decks below it, or all. Your days until then are lived through many
    times, from your own history, by the rules of `review`. Without --on: the plan in force.
    """
    cards = Scope(*(tuple(dict.fromkeys(scope[name])) for name in Scope._fields))
    if stop:
        if on or minutes or apply_ or any(cards):
            raise click.UsageError("--stop stands alone")
        return _stop(as_json)
    if on is None and (minutes or apply_ or any(cards)):
        raise click.UsageError("say for which day: --on, with a day like 2026-12-20")
    with desk(collection, history) as opened:
        if on is None:
            return _show(opened, as_json)
        asked = _Asked(opened, cards, on, minutes)
        advice = asked.advice()
        before = person.read_goal() if apply_ else None
        in_force = asked.put_in_force(advice) if apply_ else None
        if as_json:
            from aipm_cards.cli.plan_said import as_said

            said = as_said(advice, asked.ways(advice))
            say({**head(opened, "plan"), **said, "suspended": len(asked.suspended), "applied": plan_of(in_force)})
            return 0
        asked.print(advice, linear)
        if not minutes:
            click.echo(
                f"No minutes were given; {advice.aim.minutes:g} a day seemed enough. --minutes M asks for others."
            )
        if asked.suspended:
            left = counted(len(asked.suspended), "more card")
            drawing.say(f"Not counted: {left} of these, suspended; {_UNSUSPEND}.")
        if in_force is None:
            click.echo(f"`{one_line(asked.command())} --apply` puts these limits in force until then.")
        else:
            _say_in_force(in_force.goal, before)
        click.echo(f"{shown(opened.root)}: {counted(len(opened.cards.order), 'card')}")
    return 0


def _say_in_force(goal: Goal, before: Goal | None) -> None:
    drawing.say(f"In force: {told(goal)}.")
    if before is not None:
        drawing.say(f"It takes the place of the {told(before)}.")
    if goal.minutes:
        click.echo(f"`aipm-cards review --minutes {goal.minutes:g}` keeps to the time.")
    click.echo("`aipm-cards plan --stop` ends it.")


def _stop(as_json: bool) -> int:
    """Without the history or the cards: it must work whatever is wrong with them."""
    path = one_line(str(person.plan_path()))
    stopped = person.stop_goal()
    if as_json:
        say({"type": "stopped", "stopped": stopped, "path": path})
    else:
        click.echo(f"the plan is taken away; it was {path}" if stopped else "no plan is in force")
    return 0


def _show(opened: Desk, as_json: bool) -> int:
    """The plan that was put in force."""
    goal = person.read_goal()
    if as_json:
        say({**head(opened, "in_force"), "plan": plan_of(opened.in_force)})
        return 0
    if goal is None:
        click.echo("no plan is in force; `aipm-cards plan --on DATE` makes one, with a day like 2026-12-20")
        return 0
    state = why_not_followed(goal, opened.sources.collection.namespace, opened.settings)
    drawing.say(f"{told(goal)}{f'; {state}' if state else ''}")
    if not state:
        again = typed_as(scope_of(goal), date_of(goal.day), int(min(goal.minutes or 0, MOST_MINUTES)))
        click.echo(f"`{one_line(again)}` tells how it stands now, and what would serve it best from here.")
    click.echo("`aipm-cards plan --stop` takes it away.")
    return 0


# --- what is asked -------------------------------------------------------------------------


@dataclass
class _Asked:
    """An aim as it was typed."""

    opened: Desk
    scope: Scope
    on: date
    minutes: int | None

    @cached_property
    def suspended(self) -> frozenset[str]:
        """Chosen cards that do not come: no plan can bring them back."""
        return frozenset(self.opened.chosen(self.scope)) & frozenset(self.opened.history.suspended())

    @cached_property
    def parts(self) -> list[Part]:
        """What might be chosen instead, if all is too much."""
        return parts_of(self.opened.sources, self.scope)

    def advice(self) -> Advice:
        """What is told. Raises AipmCardsError if there is nothing to tell."""
        opened, today = self.opened, learner_day(self.opened.clock(), self.opened.settings.day_start)
        chosen = frozenset(opened.chosen(self.scope)) - self.suspended
        self._check_date(today)
        if not chosen:
            raise AipmCardsError(f"all these cards are suspended; {_UNSUSPEND}")
        with waiting("living through the days until then, 200 times ..."):
            from aipm_cards.memory.planning.advice import Aim, advise, enough_minutes

            aim = Aim(chosen, today, day_of(self.on), float(self.minutes or 0))
            usual, parts = usual_pace(opened.sources), [part.keys & chosen for part in self.parts]
            if not self.minutes:
                enough = enough_minutes(opened.history, opened.cards, aim, opened.settings, usual, SEED)
                aim = replace(aim, minutes=enough)
            return advise(opened.history, opened.cards, aim, opened.settings, usual, SEED, parts)

    def _check_date(self, today: int) -> None:
        if day_of(self.on) <= today:
            what = "is today" if day_of(self.on) == today else "is past"
            raise AipmCardsError(f"{self.on} {what}; the first day to plan for is {date_of(today + 1)}")
        if day_of(self.on) > today + LONGEST:
            raise AipmCardsError(f"{self.on} is too far away; the last day to plan for is {date_of(today + LONGEST)}")

    def put_in_force(self, advice: Advice) -> InForce:
        """Write the plan."""
        namespace = self.opened.sources.collection.namespace
        goal = advice.goal(namespace=namespace, **self.scope._asdict())
        person.write_goal(goal)
        return InForce.of(goal, self.opened.sources.cards(self.scope))

    def ways(self, advice: Advice) -> list[Way]:
        """What is possible of an impossible aim, with the commands to ask for it."""
        from aipm_cards.terminal.planned import Way

        found = []
        for change in advice.nearest:
            if change.part is not None:
                part = self.parts[change.part]
                found.append(Way(change, part.which, self.command(part.scope)))
            else:
                command = self.command(on=date_of(change.date), minutes=round(change.minutes))
                found.append(Way(change, "", command))
        return found

    def print(self, advice: Advice, linear: bool) -> None:
        """Say it to a person."""
        from aipm_cards.terminal.planned import drawn, spoken

        left_out, ways = decks_of(self.opened.sources, advice.left_out).most_common(), self.ways(advice)
        if linear:
            lines = spoken(advice, left_out, ways)
        else:
            lines = drawn(advice, left_out, ways, drawing.width(), drawing.look())
        click.echo("\n".join(lines), color=True)

    def command(self, scope: Scope | None = None, on: date | None = None, minutes: int | None = None) -> str:
        """The command that asks so, or with another scope, date or minutes."""
        given = click.get_current_context()
        typed = typed_as(scope or self.scope, on or self.on, minutes or self.minutes or 0)
        if given.get_parameter_source("collection") is click.core.ParameterSource.COMMANDLINE:
            typed += f" --collection {shlex.quote(str(given.params['collection']))}"
        return typed + for_history(self.opened.store.path)
