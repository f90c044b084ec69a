"""What a learner's commands read of the person and the machine: paths, clock, zone, editor."""

from __future__ import annotations

import os
import platform
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from aipm_cards.characters import one_line
from aipm_cards.cli.places import CACHE as CACHE
from aipm_cards.cli.places import CONFIG as CONFIG
from aipm_cards.cli.places import HISTORY as HISTORY
from aipm_cards.cli.places import cache_directory as cache_directory
from aipm_cards.cli.places import history_path as history_path
from aipm_cards.cli.places import plan_path as plan_path
from aipm_cards.cli.places import settings_path as settings_path
from aipm_cards.errors import AipmCardsError
from aipm_cards.memory.days import Moment
from aipm_cards.memory.goal import Goal, goal_text, parse_goal
from aipm_cards.memory.settings import Settings, SettingsError, is_zone, parse_settings

MAX_SETTINGS = 1024 * 1024  # bytes


def read_settings() -> Settings:
    """The settings of the person. Raises SettingsError."""
    path = settings_path()
    text = _read(path, "settings file")
    return Settings() if text is None else parse_settings(text, str(path))


def read_goal() -> Goal | None:
    """The plan that was put in force, be it past; None if there is none. Raises SettingsError."""
    path = plan_path()
    text = _read(path, "plan")
    return None if text is None else parse_goal(text, str(path))


def write_goal(goal: Goal) -> Path:
    """Put a plan in force, in place of the one before; returns its file. Raises OSError."""
    from aipm_cards.writing import replacing

    path = plan_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path, now_ms() // 1000) as file:
        file.write(goal_text(goal).encode())
    return path


def stop_goal() -> bool:
    """Take the plan away, whatever is in its file; whether there was one. Raises OSError."""
    try:
        plan_path().unlink()
    except FileNotFoundError:
        return False
    return True


def _read(path: Path, what: str) -> str | None:
    """The text of a file that a person may have written; None if it is not there."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_SETTINGS + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > MAX_SETTINGS:
        raise SettingsError(f"{path}: is larger than 1 MiB; that is no {what}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: is not UTF-8; save it as UTF-8") from None


def now_ms() -> int:
    """UTC milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def moment(zone: str = "") -> Moment:
    """Now, in `zone`, else in the zone of the system at this moment: a laptop travels."""
    return Moment(now_ms(), zone or _local_zone())


def _local_zone() -> str:
    """The IANA name of the local zone. Most systems say it in two ways that are quick to read."""
    name = os.environ.get("TZ", "").removeprefix(":")
    if not name:
        with suppress(OSError):  # no such link: not a system that has one
            name = os.readlink("/etc/localtime").rpartition("/zoneinfo/")[2]
    return name if is_zone(name) else _zone_of_the_system()


def _zone_of_the_system() -> str:
    from zoneinfo import ZoneInfoNotFoundError

    import tzlocal

    try:
        name: str | None = getattr(tzlocal.reload_localzone(), "key", None)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        reason = " ".join(str(error.args[0] if error.args else error).split())
        raise AipmCardsError(f"this system's time zone is not known ({reason}); set time_zone: {_how()}") from None
    if name is None:
        raise AipmCardsError(f"this system's time zone has no name; set time_zone: {_how()}")
    return name


def _how() -> str:
    return 'write time_zone = "Europe/Berlin", or yours, into the file that `aipm-cards config` names'


def stopwatch() -> float:
    """Seconds that only go on, whatever the clock is set to."""
    return time.monotonic()


def now_ns() -> int:
    """Nanoseconds since 1970, to compare with the times of files."""
    return time.time_ns()


def token() -> bytes:
    """Ten random bytes."""
    return os.urandom(10)


def device() -> str:
    """The name of this machine, for the history."""
    return one_line(platform.node())[:64] or "unknown"


_JUMPS = {"code": "-g {}:{}", "codium": "-g {}:{}", "subl": "{}:{}", "zed": "{}:{}", "hx": "{}:{}", "helix": "{}:{}"}


def edit(path: Path, line: int) -> str:
    """Open a file at a line in $VISUAL or $EDITOR and wait; says what went wrong, if it did."""
    editor = os.environ.get("VISUAL", "").strip() or os.environ.get("EDITOR", "").strip()
    if not editor:
        return "set EDITOR to open it from here"
    try:
        command = shlex.split(editor, posix=sys.platform != "win32")
    except ValueError as error:
        return f"EDITOR cannot be read: {error}"
    jump = _JUMPS.get(Path(command[0]).stem) if command else None
    where = shlex.split(jump.format(shlex.quote(str(path)), line)) if jump else [f"+{line}", str(path)]
    # Ctrl-C is for the editor, which would inherit SIG_IGN but not a handler that does nothing.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        code = subprocess.run([*command, *where], check=False).returncode
    except OSError as error:
        return f"{editor}: {error.strerror}"
    finally:
        signal.signal(signal.SIGINT, before)
    return f"{command[0]} ended with {code}" if code else ""
