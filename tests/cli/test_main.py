"""How the program starts and ends, in processes of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import aipm_cards
from aipm_cards.cli.main import COMMANDS
from tests.cli.conftest import Run
from tests.packages.sample import write

MANY = "deck: One\nnotes:\n" + "".join(f"  - id: Bad {n}\n    front: Q\n    back: A\n" for n in range(3000))
POSIX = pytest.mark.skipif(os.name == "nt", reason="no such thing there")


def process(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


def imported(*arguments: str) -> set[str]:
    """The modules that a command has imported at its end."""
    code = (
        "import json, sys\nfrom aipm_cards.cli.main import main\n"
        "try: main()\nexcept SystemExit as end: assert end.code == 0, end.code\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = process(code, *arguments)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


# --- help ----------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ("check", "--help"), ("build", "-h"), ("--version",)])
def test_help_and_version(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(("Usage: aipm-cards", f"aipm-cards, version {aipm_cards.__version__}"))


def test_help_lists_every_command(run: Run) -> None:
    lines = run("--help").out.splitlines()
    for name, about in COMMANDS.items():
        assert any(line.split() == [name, *about.split()] for line in lines)
        assert run(name, "--help").code == 0


@pytest.mark.parametrize("arguments", [(), ("no-such-command",), ("--no-such-option",), ("build", "a", "b"), ("init",)])
def test_a_wrong_use(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert "Usage: aipm-cards" in result.err


def test_python_m(sample: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "aipm_cards", "check", "sample"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "sample: 8 notes, 10 cards: no problems\n", "")


# --- what is imported ----------------------------------------------------------------------

HEAVY = {"yaml", "genanki", "pyromark", "rich", "pygments", "sqlite3", "fsrs", "anki", "multiprocessing"}


def test_help_imports_nothing_heavy() -> None:
    modules = imported("--help")
    assert not modules & HEAVY
    assert not any(name.startswith(("aipm_cards.content", "aipm_cards.anki")) for name in modules)


def test_check_imports_nothing_of_anki(sample: Path) -> None:
    modules = imported("check", "sample")
    assert not modules & {"genanki", "pygments", "sqlite3", "rich", "fsrs", "anki"}
    assert not any(name.startswith("aipm_cards.anki") for name in modules)


def test_the_library_costs_nothing() -> None:
    done = process("import sys, aipm_cards; print([m for m in sys.modules if m.startswith('aipm_cards.')])")
    assert done.stdout == "[]\n"


# --- ends ----------------------------------------------------------------------------------


@POSIX
@pytest.mark.parametrize(
    "arguments", [("check", "many"), ("check", "many", "--format", "json"), ("check", "many", "--format", "github")]
)
def test_a_closed_pipe_is_no_mistake(nowhere: Path, arguments: tuple[str, ...]) -> None:
    write(nowhere / "many", many=MANY)
    reading, writing = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-m", "aipm_cards", *arguments], stdout=writing, stderr=subprocess.PIPE, text=True
    ) as running:
        os.close(writing)
        os.read(reading, 100)
        os.close(reading)
        _, err = running.communicate()
    assert err == ""
    assert running.returncode == 141  # what a shell says of a program that wrote to a closed pipe


def test_ctrl_c(run: Run, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    import aipm_cards.content.examine as examining

    monkeypatch.setattr(examining, "examine", interrupted)
    result = run("check", sample)
    assert result.code == 130
    assert result.err.split() == ["aipm-cards:", "interrupted"]


@POSIX
def test_a_real_ctrl_c(sample: Path) -> None:
    code = (
        "import os, signal, time\nimport aipm_cards.content.examine as examining\n"
        "from aipm_cards.cli.main import main\n"
        "def load(*_, **__):\n    os.kill(os.getpid(), signal.SIGINT)\n    time.sleep(60)\n"
        "examining.examine = load\nmain()"
    )
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        done = process(code, "check", "sample")
    finally:
        signal.signal(signal.SIGINT, before)
    assert done.returncode == 130
    assert "Traceback" not in done.stderr


def test_a_bug_has_a_traceback(run: Run, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    import aipm_cards.content.examine as examining

    monkeypatch.setattr(examining, "examine", wrong)
    result = run("check", sample)
    assert result.code == 3
    assert "Traceback" in result.err
    assert result.err.splitlines()[-1].startswith("aipm-cards: this is a bug")


# --- colours -------------------------------------------------------------------------------


def on_a_terminal(arguments: list[str], **environment: str) -> str:
    """What a command prints on a terminal."""
    leader, follower = os.openpty()
    env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with subprocess.Popen(
        [sys.executable, "-m", "aipm_cards", *arguments],
        stdin=subprocess.DEVNULL, stdout=follower, stderr=follower, env={**env, "TERM": "xterm", **environment},
    ) as running:  # fmt: skip
        os.close(follower)
        pieces = []
        try:
            while piece := os.read(leader, 65536):
                pieces.append(piece)
        except OSError:  # how Linux says that the other end was closed
            pass
        running.wait()
    os.close(leader)
    return b"".join(pieces).decode()


@POSIX
def test_colours_on_a_terminal_unless_they_are_not_wanted(sample: Path) -> None:
    write(sample, {}, bad="deck: One\nnotes:\n  - id: Bad id\n    front: Q\n    back: A\n")
    coloured = on_a_terminal(["check", "sample"])
    assert "\x1b[31m" in coloured
    plain = on_a_terminal(["check", "sample"], NO_COLOR="1")
    assert "\x1b[" not in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_no_colours_in_a_file(run: Run, sample: Path) -> None:
    write(sample, {}, bad="deck: One\nnotes:\n  - id: Bad id\n")
    assert "\x1b" not in run("check", sample).out
