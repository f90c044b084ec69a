"""Where a person's data, settings and caches lie on this machine."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from platformdirs import PlatformDirs

HISTORY, CONFIG, CACHE = "AIPM_CARDS_HISTORY", "AIPM_CARDS_CONFIG", "AIPM_CARDS_CACHE"


def history_path(given: Path | None) -> Path:
    """The history file: the one given (by --history or its variable), else the platform's place."""
    if given is not None:
        return given
    return platform().user_data_path / "history.db"


def settings_path() -> Path:
    """The settings file: that of AIPM_CARDS_CONFIG, else the platform's place."""
    given = os.environ.get(CONFIG)
    return Path(given) if given else platform().user_config_path / "config.toml"


def plan_path() -> Path:
    """The file of the plan in force, beside the settings: `plan.toml`; where AIPM_CARDS_CONFIG
    names the settings `mine.toml`, `mine.plan.toml`."""
    settings = settings_path()
    return settings.with_name(f"{settings.stem}.plan.toml" if os.environ.get(CONFIG) else "plan.toml")


def cache_directory() -> Path:
    """Where the cache of the sources lies: AIPM_CARDS_CACHE, else the platform's place."""
    given = os.environ.get(CACHE)
    return Path(given) if given else platform().user_cache_path


@cache
def platform() -> PlatformDirs:
    """The places that this system has for such things."""
    from platformdirs import PlatformDirs

    return PlatformDirs("aipm-cards", appauthor=False)
