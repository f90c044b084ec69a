"""The plan in force: what a learner works towards, the limits until then, and the file that holds it.

`aipm-cards plan --apply` writes the file; a session follows what it says until the day. See
`last_looks.py` for the last days.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from aipm_cards.characters import one_line
from aipm_cards.kinds import KINDS
from aipm_cards.memory.days import date_of, day_of
from aipm_cards.memory.settings import (
    Preset,
    Setting,
    SettingsError,
    SettingsFile,
    Wrong,
    a_number,
    a_truth,
    a_whole,
    toml_of,
)
from aipm_cards.words import counted


@dataclass(frozen=True, slots=True)
class Goal:
    """What a learner works towards: cards to be remembered on a day, and the limits until then."""

    day: int  # the learner day on which they are to be remembered; in force on the days before it
    new_per_day: int
    desired_retention: float  # of the chosen cards, 0.70 to 0.99
    last_days: int  # on so many days before `day` each chosen card is shown once more; 0 for none
    minutes: float | None = None  # a day, that it was worked out for; only shown
    decks: tuple[str, ...] = ()  # which cards are chosen: as in a Scope of the sources
    tags: tuple[str, ...] = ()
    tiers: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    namespace: str = ""  # of the collection
    new_first: bool = False  # new cards come before reviews, not between them

    def in_force(self, day: int) -> bool:
        """Whether it says what happens on learner day `day`."""
        return day < self.day

    @property
    def last_looks_from(self) -> int:
        """The first of the last days; `day` itself if there are none."""
        return self.day - self.last_days


@dataclass(frozen=True, slots=True)
class InForce:
    """A goal with the cards that were chosen for it: their keys, and the place of each in the
    author's order."""

    goal: Goal
    chosen: Mapping[str, int]

    @classmethod
    def of(cls, goal: Goal, keys: Iterable[str]) -> InForce:
        """A goal for the cards `keys`, which are in the author's order."""
        return cls(goal, {key: place for place, key in enumerate(keys)})

    def preset(self, key: str, preset: Preset) -> Preset:
        """The preset of a card, which without a plan has `preset`."""
        if key not in self.chosen or preset.desired_retention == self.goal.desired_retention:
            return preset
        return replace(preset, desired_retention=self.goal.desired_retention)


def told(goal: Goal) -> str:
    """A plan in one line, safe to print."""
    said = [f"{counted(goal.new_per_day, 'new card')} a day"]
    if goal.new_first:
        said[0] += ", before reviews"
    said.append(f"desired retention {goal.desired_retention:g}")
    if goal.last_days:
        said.append(f"last looks from {date_of(goal.last_looks_from).isoformat()}")
    if goal.minutes is not None:
        said.append(f"for {goal.minutes:g} minutes a day")
    return f"plan until {date_of(goal.day).isoformat()}: {', '.join(said)}; chosen: {chosen(goal)}"


def chosen(goal: Goal) -> str:
    """Which cards are chosen, in words that are safe to print."""
    named: tuple[tuple[str, tuple[object, ...]], ...] = (
        ("deck", goal.decks), ("tag", goal.tags), ("tier", goal.tiers), ("kind", goal.kinds)
    )  # fmt: skip
    said = [f"{what} {' or '.join(one_line(str(value)) for value in values)}" for what, values in named if values]
    return ", ".join(said) or "all cards"


# --- the file ------------------------------------------------------------------------------

MAX_DAYS = 366  # of last looks
_LATEST = date(9998, 12, 31)


def _date(value: object) -> int:
    if type(value) is not date or not date(1970, 1, 2) <= value <= _LATEST:  # a datetime is a date, too
        raise Wrong("a date like 2026-12-20")
    return day_of(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value or len(value) > 200:
        raise Wrong("a text")
    return value


def _listed(one: Callable[[object], Any], what: str) -> Callable[[object], Any]:
    def read(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) > 1000:
            raise Wrong(what)
        try:
            return tuple(map(one, value))
        except Wrong:
            raise Wrong(what) from None

    return read


def _kind(value: object) -> str:
    if not isinstance(value, str) or value not in KINDS:
        raise Wrong("a kind")
    return value


_KEYS = (
    Setting("on", _date, "The day for which the cards are to be remembered. From then on this file says nothing."),
    Setting("namespace", _text, "The collection. In reviews of another one this file says nothing."),
    Setting("new_per_day", a_whole(0, 9999), "New cards a day in all, and only chosen ones."),
    Setting("desired_retention", a_number(0.70, 0.99), "Share of reviews of chosen cards to be recalled."),
    Setting("last_days", a_whole(0, MAX_DAYS), "On so many days before, each chosen card comes once more; 0 for none."),
    Setting("new_first", a_truth, "Whether new cards come before reviews; else they come between them."),
    Setting("minutes", a_number(0, 1440), "Minutes a day for which this was worked out; they bound nothing."),
    Setting("decks", _listed(_text, 'a list of decks like ["Concepts"]'), "Which cards are chosen: those in all of"
            " what is listed here; all cards if nothing is."),
    Setting("tags", _listed(_text, 'a list of tags like ["evaluation"]'), ""),
    Setting("tiers", _listed(a_whole(1, 3), "a list of tiers like [1, 2]"), ""),
    Setting("kinds", _listed(_kind, f"a list of kinds, of {', '.join(KINDS)}"), ""),
)  # fmt: skip
_NEEDED = ("on", "namespace", "new_per_day", "desired_retention")
_WAY_OUT = "`aipm-cards plan --stop` takes this plan away"
_HEAD = """\
# The plan in force, written by `aipm-cards plan --apply`. Until the day below, `aipm-cards review`
# follows it in place of the limits of the settings, which stay as they are.
# `aipm-cards plan --stop` ends it, as does deleting this file. It may be edited.
"""


def goal_text(goal: Goal) -> str:
    """A plan as the text of its TOML file."""
    lines = [_HEAD]
    for key in _KEYS:
        value = date_of(goal.day).isoformat() if key.name == "on" else _toml(getattr(goal, key.name))
        if value:
            lines += [f"# {key.help}"] if key.help else []
            lines.append(f"{key.name} = {value}")
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    """A value as TOML; nothing for None."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return "" if value is None else repr(value)


def parse_goal(text: str, where: str) -> Goal:
    """The plan in the text of a TOML file, called `where` in messages.

    Raises SettingsError with everything that is wrong with it.
    """
    try:
        document = toml_of(text, where)
    except SettingsError as error:
        raise SettingsError(f"{error}; {_WAY_OUT}") from None
    file = SettingsFile(where, text.split("\n"))
    values = file.read(document, _KEYS, "")
    for name in _NEEDED:
        if name not in document:
            file.problems.append(f"{where}: {name} is missing")
    if file.problems:
        raise SettingsError(f"{'; '.join(file.problems)}; {_WAY_OUT}")
    return Goal(values.pop("on"), last_days=values.pop("last_days", 0), **values)
