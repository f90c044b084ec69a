from __future__ import annotations

import gc
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from aipm_cards.cli.main import main
from tests.packages.sample import write


class Result(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def closing(self) -> str:
        """The last line of the output."""
        return self.out.splitlines()[-1]


class Keyboard(io.StringIO):
    """A terminal at which somebody types."""

    def isatty(self) -> bool:
        return True


Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Commands start in an empty directory, and nothing in the environment is meant for them."""
    for name in ("AIPM_CARDS_COLLECTION", "SOURCE_DATE_EPOCH", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `aipm-cards` with arguments; `typed` is what somebody types at a terminal."""

    def run(*arguments: object, typed: str | None = None) -> Result:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["aipm-cards", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO() if typed is None else Keyboard(typed))
        with pytest.raises(SystemExit) as ended:
            main()
        gc.enable()
        return Result(int(ended.value.code or 0), *capsys.readouterr())

    return run


@pytest.fixture
def sample(nowhere: Path) -> Path:
    """The sample in `sample`, by a path from here."""
    write(nowhere / "sample")
    return Path("sample")
