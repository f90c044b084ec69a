"""The commands of a learner, killed, at the same time, without room, and with broken histories."""

# ruff: noqa: F401, F811

from __future__ import annotations

import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pexpect
import pytest

from aipm_cards.memory import backups
from tests.hostile.history_desk import (
    DAMAGES,
    STRANGERS,
    Entry,
    assert_kept,
    assert_sound,
    digest,
    edited,
    long,
    studied,
    where,
)
from tests.hostile.history_session import (
    BERLIN,
    Job,
)
from tests.hostile.running import COLLECTION, GUARD, PACKAGE, UNSAFE
from tests.ready import Ready
from tests.seated import seated

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and processes as Linux has them")

_LIMITED = (
    "import resource, runpy, sys; limit = int(sys.argv.pop(1));"
    " resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY));"
    " runpy.run_module('aipm_cards', run_name='__main__')"
)


class Learner:
    """The commands of the program, with a collection, a home and a history of their own."""

    def __init__(self, base: Path) -> None:
        self.home = base / "home"
        self.collection = base / "collection"
        self.path = base / "history" / "history.db"
        self.home.mkdir()
        self.collection.mkdir()
        (self.collection / "collection.yaml").write_text(COLLECTION)
        notes = (f"  - {{id: note-{number}, front: What is {number}?, back: It is.}}\n" for number in range(300))
        (self.collection / "deck.yaml").write_text("deck: Concepts\nnotes:\n" + "".join(notes))
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
            "HOME": str(self.home),
            "TZ": BERLIN,
            "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TERM": "xterm",
            "PYTHONPATH": str(PACKAGE.parent),
            "AIPM_CARDS_HISTORY": str(self.path),
            "AIPM_CARDS_COLLECTION": str(self.collection),
            "AIPM_CARDS_CONFIG": str(base / "config.toml"),
        }
        (base / "config.toml").write_text("new_per_day = 9999\n")

    def start(self, *arguments: str, command: tuple[str, ...] = ("-m", "aipm_cards"), real: bool = False) -> Ready:
        return Ready(*command, *arguments, cwd=self.home, env=self.environment, text=True, real=real)

    def run(self, *arguments: str, **more: Any) -> tuple[int, str, str]:
        """Exit code, stdout and stderr; a bug is none of them."""
        with self.start(*arguments, **more) as process:
            out, err = process.communicate(timeout=GUARD)
            code = process.wait()
        if "Traceback" in err:
            told = err[: err.rindex("aipm-cards:")]
            pytest.fail(f"{' '.join(arguments)}: {where([told])[0]}")
        assert code in (0, 1, 2, 4, 5), (arguments, err)
        if arguments[:2] != ("history", "export"):  # whose lines are data
            assert not UNSAFE.search(out + err), (arguments, out, err)
        return code, out, err

    def asked(self, *arguments: str) -> tuple[int, Job]:
        """Exit code, and the object that was printed."""
        code, out, _ = self.run(*arguments, "--json")
        return code, json.loads(out)


@pytest.fixture
def learner(tmp_path: Path) -> Learner:
    return Learner(tmp_path)


def test_commands_that_are_killed(learner: Learner, long: bool) -> None:
    """What `answer` printed is stored, once; what it did not print perhaps."""
    learner.run("answer", "note-39:0", "4", "--revision", "0")  # reads the sources, and makes the backup of the day
    started = time.monotonic()
    learner.run("answer", "note-38:0", "4", "--revision", "0")
    takes = time.monotonic() - started
    log = assert_sound(learner.path)
    ends: Counter[str] = Counter()
    for seed in range(200 if long else 14):
        chance = random.Random(seed)
        _, turn = learner.asked("next")
        process = learner.start("answer", turn["card"], "4", "--revision", str(turn["revision"]), "--json")
        with suppress(subprocess.TimeoutExpired):
            process.wait(GUARD if seed % 4 == 3 else chance.uniform(0.1, 0.9) * takes)
        process.kill()
        out, err = process.communicate()
        assert "Traceback" not in err, err
        said = [("a", json.loads(out)["event"])] if out else []
        ended = {"lines": [" ".join(entry) for entry in said]}
        found = assert_kept(learner.path, log, ended)
        ends["said" if said else "stored" if found != log else "nothing"] += 1
        log = found
    assert ends["said"] > 0, ends
    assert ends["nothing"] > 0, ends
    assert learner.run("history", "doctor")[1].endswith(": sound\n")


def test_two_commands_answer_a_card(learner: Learner) -> None:
    learner.run("next")
    for number in range(4):
        card = f"note-{number}:0"
        both = [learner.start("answer", card, rating, "--revision", "0", "--json") for rating in ("1", "4")]
        ends = sorted((process.wait(GUARD), *process.communicate()) for process in both)
        assert [code for code, _, _ in ends] == [0, 5], ends
        assert [err.count("\n") <= 1 for _, _, err in ends] == [True, True]
        error = json.loads(ends[1][1])["error"]
        assert error["code"] == "stale"
        assert error["revision"] == json.loads(ends[0][1])["revision"]
        assert len(assert_sound(learner.path)) == number + 1


def test_a_command_while_another_program_writes(learner: Learner) -> None:
    learner.run("answer", "note-1:0", "good", "--revision", "0")
    log = assert_sound(learner.path)
    with closing(sqlite3.connect(learner.path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        code, said = learner.asked("answer", "note-2:0", "3", "--revision", "0")
        assert (code, said["error"]["code"]) == (2, "busy")
        assert learner.asked("next")[0] == 0
    assert assert_sound(learner.path) == log
    assert learner.run("answer", "note-2:0", "3", "--revision", "0")[0] == 0


def test_commands_without_room(learner: Learner) -> None:
    learner.run("answer", "note-1:0", "3", "--revision", "0")
    log = assert_sound(learner.path)
    for limit in (0, 4096, 30_000, learner.path.stat().st_size):
        limited = ("-c", _LIMITED, str(limit))
        code, out, err = learner.run("answer", "note-2:0", "3", "--revision", "0", command=limited)
        if code == 0:
            code, out, err = learner.run("undo")
            log = assert_sound(learner.path)
            continue
        assert (code, out) == (2, "")
        assert re.fullmatch("aipm-cards: [^\n]+ was not stored[^\n]*\n", err), err
        assert assert_sound(learner.path) == log
    assert learner.run("answer", "note-2:0", "3", "--revision", "0")[0] in (0, 5)


def test_a_backup_without_room(learner: Learner) -> None:
    """Its message is about the backup: no answer was refused."""
    learner.run("answer", "note-1:0", "3", "--revision", "0")
    before = backups.backups(learner.path)
    code, out, err = learner.run("history", "backup", command=("-c", _LIMITED, "33000"))
    assert (code, out) == (2, "")
    assert re.fullmatch("aipm-cards: [^\n]+\n", err)
    assert sorted(backups.directory_of(learner.path).glob("*")) == sorted(before)
    assert "backup" in err.replace(str(learner.path), ""), err
    assert "the last answer" not in err, err


COMMANDS = (
    ("next", "--json"),
    ("answer", "note-1:0", "3", "--revision", "0"),
    ("undo",),
    ("flags",),
    ("history", "doctor"),
    ("history", "export"),
)


@pytest.mark.parametrize("name", ["text", "another program's", "newer"])
def test_commands_with_a_file_that_is_no_history(learner: Learner, name: str) -> None:
    learner.path.parent.mkdir()
    STRANGERS[name][0](learner.path)
    before = digest(learner.path)
    for command in COMMANDS:
        code, out, err = learner.run(*command)
        assert code in (1, 2), (command, out, err)
        assert str(learner.path) in out + err
        assert err.count("\n") <= 1, (command, out, err)
        assert digest(learner.path) == before


@pytest.mark.parametrize("seed", range(3))
def test_commands_with_a_damaged_file(learner: Learner, studied: Path, seed: int) -> None:
    """They work or say what is wrong; then a restore brings everything back."""
    learner.path.parent.mkdir()
    shutil.copy(studied, learner.path)
    log = assert_sound(learner.path)
    assert learner.run("history", "backup")[0] == 0
    data = bytearray(learner.path.read_bytes())
    DAMAGES[3 + seed % 6](data, random.Random(seed))
    learner.path.write_bytes(data)
    for command in COMMANDS:
        learner.run(*command)
    assert learner.run("history", "restore")[0] == 0
    assert assert_sound(learner.path)[: len(log)] == log  # the damage may have been none
    assert learner.run("history", "doctor")[0] == 0


@pytest.mark.parametrize(
    "name",
    [
        "state.last_day is huge",
        "event.day is text",
        "card.key is bytes",
        "zones that lead elsewhere",
        "event.time is huge",
        "a view of nothing",
    ],
)
def test_commands_with_a_history_that_somebody_changed(learner: Learner, studied: Path, name: str) -> None:
    learner.path.parent.mkdir()
    shutil.copy(studied, learner.path)
    assert edited(learner.path, name)
    wrong = []
    for command in (*COMMANDS, ("history", "doctor", "--repair")):
        try:
            learner.run(*command)
        except (AssertionError, pytest.fail.Exception) as error:
            wrong.append(str(error))
    assert not wrong, "\n".join(wrong)


def test_a_review_that_is_killed(learner: Learner) -> None:
    """At the moment at which the next card stands there, the answer before it is stored."""
    learner.run("next")
    log: list[Entry] = []
    for answers in (0, 1, 2, 5):
        terminal = seated(
            [sys.executable, "-m", "aipm_cards", "review", "--linear"], env=learner.environment, cwd=learner.home,
            encoding="utf-8", timeout=GUARD,
        )  # fmt: skip
        terminal.expect("show the answer")
        for _ in range(answers):
            terminal.send(" ")
            terminal.expect("3: Good")
            terminal.send("3")
            terminal.expect("show the answer")
        os.kill(terminal.pid, 9)
        terminal.expect(pexpect.EOF)
        terminal.close(force=True)
        found = assert_sound(learner.path)
        assert found[: len(log)] == log
        assert len(found) == len(log) + answers
        log = found
