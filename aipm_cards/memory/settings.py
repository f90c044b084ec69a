"""A learner's settings: their defaults, their ranges, and the TOML file that changes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from aipm_cards.errors import AipmCardsError

# The defaults of FSRS-6, as fsrs 6.3.2 ships them.
DEFAULT_PARAMETERS = (
    *(0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796),
    *(1.4835, 0.0614, 0.2629, 1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542),
)


class SettingsError(AipmCardsError):
    """The settings file says something that cannot be; the message names the place."""


@dataclass(frozen=True, slots=True)
class Preset:
    """The settings that a deck may have of its own."""

    desired_retention: float = 0.9
    learning_steps: tuple[int, ...] = (60, 600)  # seconds
    relearning_steps: tuple[int, ...] = (600,)  # seconds
    maximum_interval: int = 36_500  # days
    new_per_day: int = 20
    reviews_per_day: int = 200
    leech_threshold: int = 8  # lapses; 0 for never
    parameters: tuple[float, ...] = DEFAULT_PARAMETERS


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. `decks` holds the presets of decks, by full name below the root deck; a
    deck takes what is set for it, else for the deck above, else the general preset.

    `said` has the line of each value that the file sets, by its key (`decks."A".new_per_day`).
    """

    preset: Preset = Preset()
    decks: Mapping[str, Preset] = field(default_factory=dict)
    day_start: int = 240  # minutes after midnight
    time_zone: str = ""  # IANA; empty for the system's
    learn_ahead: int = 1200  # seconds that a learning card may come early when nothing else is due
    bury_siblings: bool = True
    said: Mapping[str, int] = field(default_factory=dict)

    def preset_of(self, deck: str) -> Preset:
        """The preset of a deck."""
        name = self.preset_name(deck)
        return self.decks[name] if name else self.preset

    def preset_name(self, deck: str) -> str:
        """The deck whose preset counts for `deck`: itself or the nearest above; empty for none."""
        return self._nearest(deck, self.decks)

    def parameters_name(self, deck: str) -> str:
        """The deck whose own parameters count for `deck`, likewise."""
        return self._nearest(deck, [name for name in self.decks if f'decks."{name}".parameters' in self.said])

    def _nearest(self, deck: str, names: Iterable[str]) -> str:
        known = {name.casefold(): name for name in names}
        parts = deck.split("::")
        for depth in range(len(parts), 0, -1):
            if (name := known.get("::".join(parts[:depth]).casefold())) is not None:
                return name
        return ""


# --- reading values ------------------------------------------------------------------------


class Wrong(Exception):
    """What a value should be."""


def a_number(low: float, high: float) -> Callable[[object], float]:
    """Reads a number within bounds. Raises Wrong."""

    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise Wrong(f"a number from {low:g} to {high:g}")
        return float(value)

    return read


def a_whole(low: int, high: int) -> Callable[[object], int]:
    """Reads a whole number within bounds. Raises Wrong."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Wrong(f"a whole number from {low:,} to {high:,}")
        return value

    return read


def a_truth(value: object) -> bool:
    """A value that is true or false, as a setting has it. Raises Wrong."""
    if not isinstance(value, bool):
        raise Wrong("true or false")
    return value


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_MAX_STEPS = 10
_STEP = 'a list of at most 10 delays like ["30s", "10m", "1h", "1d"], none over 30 days'


def _delay(value: object, what: str = 'a delay like "20m", at most 30 days') -> int:
    match = re.fullmatch(r"(\d{1,7})\s*([smhd])", value.strip()) if isinstance(value, str) else None
    seconds = int(match[1]) * _UNITS[match[2]] if match else -1
    if not 0 <= seconds <= 30 * 86_400:
        raise Wrong(what)
    return seconds


def _steps(value: object) -> tuple[int, ...]:
    if not isinstance(value, list) or len(value) > _MAX_STEPS:
        raise Wrong(_STEP)
    steps = tuple(_delay(step, _STEP) for step in value)
    if 0 in steps:
        raise Wrong(_STEP)
    return steps


def _clock_time(value: object) -> int:
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", value) if isinstance(value, str) else None
    if not match:
        raise Wrong('a time of day like "04:00"')
    return int(match[1]) * 60 + int(match[2])


def _zone(value: object) -> str:
    if value != "" and not (isinstance(value, str) and is_zone(value)):
        raise Wrong('an IANA time zone like "Europe/Berlin", or "" for that of the system')
    return str(value)


def is_zone(name: str) -> bool:
    """Whether `name` is an IANA time zone that this machine knows."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return name not in ("", "localtime")


def _parameters(value: object) -> tuple[float, ...]:
    numbers = value if isinstance(value, list) else []
    if len(numbers) != len(BOUNDS) or any(isinstance(n, bool) or not isinstance(n, (int, float)) for n in numbers):
        raise Wrong("the 21 parameters of FSRS-6, as Anki's optimizer shows them")
    for place, (number, (low, high)) in enumerate(zip(numbers, BOUNDS, strict=True), 1):
        if not low <= number <= high:
            raise Wrong(f"21 parameters within their bounds: number {place} is not from {low:g} to {high:g}")
    return tuple(map(float, numbers))


# The bounds that fsrs 6.3.2 accepts, written here so that settings need not import it.
BOUNDS = (
    *((0.001, 100.0),) * 4,
    *((1.0, 10.0), (0.001, 4.0), (0.001, 4.0), (0.001, 0.75), (0.0, 4.5), (0.0, 0.8), (0.001, 3.5)),
    *((0.001, 5.0), (0.001, 0.25), (0.001, 0.9), (0.0, 4.0), (0.0, 1.0), (1.0, 6.0)),
    *((0.0, 2.0), (0.0, 2.0), (0.0, 0.8), (0.1, 0.8)),
)


class Setting(NamedTuple):
    """A setting: its name in the file and in the dataclass, how it is read, and what it is."""

    name: str
    read: Callable[[object], Any]
    help: str


OF_DECKS = (
    Setting("desired_retention", a_number(0.70, 0.99), "Share of reviews to be recalled, 0.70 to 0.99."),
    Setting("learning_steps", _steps, "Delays while a card is learned."),
    Setting("relearning_steps", _steps, "Delays after a review card was forgotten."),
    Setting("maximum_interval", a_whole(1, 36_500), "Most days between two reviews."),
    Setting("new_per_day", a_whole(0, 9999), "New cards a day."),
    Setting("reviews_per_day", a_whole(0, 9999), "Reviews a day."),
    Setting("leech_threshold", a_whole(0, 99), "Lapses until a card is suspended as a leech; 0 for never."),
    Setting("parameters", _parameters, "The 21 parameters of FSRS-6."),
)
OF_ALL = (
    Setting("day_start", _clock_time, "When a day begins, local time."),
    Setting("time_zone", _zone, "IANA time zone; empty for that of the system."),
    Setting("learn_ahead", _delay, "How early a learning card may come when nothing else is due."),
    Setting("bury_siblings", a_truth, "At most one card of a note a day."),
)


def parse_settings(text: str, where: str) -> Settings:
    """The settings in the text of a TOML file, called `where` in messages.

    Raises SettingsError with everything that is wrong with it.
    """
    document = toml_of(text, where)
    file = SettingsFile(where, text.split("\n"))
    general = {key: value for key, value in document.items() if key != "decks"}
    values = file.read(general, (*OF_DECKS, *OF_ALL), "")
    of_decks = {setting.name for setting in OF_DECKS}
    preset = replace(Preset(), **{key: value for key, value in values.items() if key in of_decks})
    tables = document.get("decks", {})
    decks: dict[str, Preset] = {}
    if not isinstance(tables, dict):
        file.wrong("", "decks", 'decks are tables: [decks."Name"]')
        tables = {}
    for name, table in sorted(tables.items(), key=lambda item: item[0].count("::")):
        if not isinstance(table, dict):
            file.wrong("", name, f'write [decks."{name}"] and the settings below it', inside="decks")
            continue
        if name.casefold() in {other.casefold() for other in decks}:
            file.wrong(name, "", f"the deck '{name}' has two tables that differ in case only")
        decks[name] = replace(_above(name, decks, preset), **file.read(table, OF_DECKS, name))
    if file.problems:
        raise SettingsError("; ".join(file.problems))
    return Settings(preset, decks, said=file.said, **{k: v for k, v in values.items() if k not in of_decks})


def toml_of(text: str, where: str) -> dict[str, Any]:
    """What the text of a TOML file holds. Raises SettingsError."""
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also a number with thousands of digits
        raise SettingsError(f"{_place(where, str(error))}: this is not TOML: {error}") from None


def _above(name: str, decks: Mapping[str, Preset], preset: Preset) -> Preset:
    """What a deck takes where it sets nothing: the preset of the nearest deck above."""
    return Settings(preset, decks).preset_of(name.rpartition("::")[0])


@dataclass
class SettingsFile:
    """A settings file while it is read."""

    where: str
    lines: list[str]
    problems: list[str] = field(default_factory=list)
    said: dict[str, int] = field(default_factory=dict)

    def read(self, table: Mapping[str, object], settings: tuple[Setting, ...], deck: str) -> dict[str, Any]:
        """The values of a table: of a deck, or the general ones. What is wrong goes to `problems`."""
        known = {setting.name: setting for setting in settings}
        found: dict[str, Any] = {}
        for key, value in table.items():
            if key not in known:
                self.wrong(deck, key, f"there is no setting '{key}'{_nearest(key, known)}")
                continue
            try:
                found[key] = known[key].read(value)
            except Wrong as wrong:
                self.wrong(deck, key, f"{key} must be {wrong}")
            self.said[f'decks."{deck}".{key}' if deck else key] = self.line(deck, key)
        return found

    def line(self, deck: str, key: str, inside_of: str = "") -> int:
        """The line of a key, 0 where it is not written in the usual way."""
        headers = (f'decks."{deck}"', f"decks.'{deck}'", f"decks.{deck}") if deck else (inside_of,)
        inside = headers == ("",)
        for number, line in enumerate(self.lines, 1):
            if header := re.match(r"\s*\[(.*)\]", line):
                inside = header[1].strip() in headers
                if inside and not key:
                    return number
            elif inside and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line):
                return number
        return 0

    def wrong(self, deck: str, key: str, message: str, inside: str = "") -> None:
        """Note a problem with a key."""
        line = self.line(deck, key, inside)
        self.problems.append(f"{self.where}{f':{line}' if line else ''}: {message}")


def _place(where: str, message: str) -> str:
    """The place that an error of the TOML reader names, as others do."""
    found = re.search(r"at line (\d+), column (\d+)", message)
    return f"{where}:{found[1]}:{found[2]}" if found else where


def _nearest(key: str, known: Mapping[str, object]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(key, known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; there are {', '.join(known)}"


def shown(name: str, settings: Preset | Settings) -> str:
    """The value of a setting as one would write it in the file."""
    value = getattr(settings, name)
    if name == "day_start":
        return f'"{value // 60:02}:{value % 60:02}"'
    if name in ("learning_steps", "relearning_steps"):
        return "[" + ", ".join(f'"{delay(step)}"' for step in value) + "]"
    if name == "learn_ahead":
        return f'"{delay(value)}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    return f"[{', '.join(map(str, value))}]" if isinstance(value, tuple) else str(value)


def delay(seconds: int) -> str:
    """Seconds in the largest unit that leaves no rest: `10m`."""
    for unit, size in reversed(_UNITS.items()):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
