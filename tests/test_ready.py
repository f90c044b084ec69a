"""A process that was forked does what one does that began by itself."""

# ruff: noqa: E501

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import ready
from tests.ready import Ready

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks as Linux does")

PLAIN = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
TELLS = r"""
import atexit, gc, json, locale, os, resource, sys, threading, time
streams = [[s.name, s.mode, s.encoding, s.errors, s.newlines, s.line_buffering, s.isatty(), s.fileno()]
           for s in (sys.stdin, sys.stdout, sys.stderr)]
open_files = sorted(os.listdir("/proc/self/fd"))[:-1]
print(*map(json.dumps, [sys.argv, dict(os.environ), os.getcwd(), streams, len(open_files), time.tzname, gc.isenabled(),
    sys.flags.utf8_mode, sys.flags.dont_write_bytecode, locale.setlocale(locale.LC_CTYPE), os.getsid(0) == os.getpid(),
    os.getpgrp() == os.getpid(), threading.active_count(), [str(signal) for signal in map(__import__("signal").getsignal,
    (1, 2, 13, 15))], resource.getrlimit(resource.RLIMIT_AS), __name__, sys.stdin.read(), oct(os.umask(0))]), sep="\n")
print("é\udce9", file=sys.stderr)
atexit.register(print, "at the end")
threading.Timer(0.01, print, ["later"]).start()
"""


@contextmanager
def masked(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def ended(*command: str, at: Path, real: bool, **environment: str) -> tuple[int, list[bytes], list[bytes]]:
    env = {**PLAIN, "TZ": "Asia/Tokyo", "HOME": str(at), **environment}
    with masked(0o027), Ready(*command, cwd=at, env=env, real=real) as process:
        out, err = process.communicate(20)
    return process.wait(), out.splitlines(), err.splitlines()


def test_it_is_as_any_process(tmp_path: Path) -> None:
    for command in (("-c", TELLS, "one", "two"), (str(tmp_path / "script.py"), "one")):
        (tmp_path / "script.py").write_text(TELLS, encoding="utf-8")
        one, other = (ended(*command, at=tmp_path, real=real) for real in (False, True))
        assert one == other
        assert one[0] == 0
        assert one[1][-2:] == [b"later", b"at the end"]
        assert b'"0o27"' in one[1]


@pytest.mark.parametrize(
    "code",
    ["raise SystemExit(3)", "raise SystemExit(-1)", "raise SystemExit('words')", "1 / 0", "import os; os._exit(7)",
     "import os; os.kill(os.getpid(), 9)", "import signal; signal.raise_signal(2)", "print(1); raise SystemExit",
     "import os; os.close(1); print(1)", "import resource as r; r.setrlimit(r.RLIMIT_AS, (1 << 30,) * 2); bytes(1 << 31)"],
)  # fmt: skip
def test_it_ends_as_any_process(tmp_path: Path, code: str) -> None:
    one, other = (ended("-c", code, at=tmp_path, real=real) for real in (False, True))
    assert one[:2] == other[:2]
    assert one[2][-1:] == other[2][-1:]


def test_the_program(tmp_path: Path) -> None:
    (tmp_path / "collection.yaml").write_text("format: 1\nname: A\nnamespace: a\n")
    (tmp_path / "a.yaml").write_text("deck: A\nnotes:\n  - {id: one, front: a, back: b}\n  - {id: two, front: a}\n")
    for arguments in (
        ["--help"],
        ["check"],
        ["check", "--format", "json"],
        ["decks"],
        ["build"],
        ["nothing"],
        ["review"],
    ):
        one, other = (ended("-m", "aipm_cards", *arguments, at=tmp_path, real=real) for real in (False, True))
        assert one == other


def test_it_is_waited_for_as_any_child(tmp_path: Path) -> None:
    with Ready("-c", "import time; time.sleep(60)", cwd=tmp_path, env=PLAIN) as process:
        assert process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.01)
        with pytest.raises(subprocess.TimeoutExpired):
            process.communicate(0.01)
        assert Path(f"/proc/{process.pid}/status").read_text().split("PPid:\t")[1].split()[0] == str(os.getpid())
        process.kill()
        assert process.wait() == -signal.SIGKILL


def test_nothing_is_left_to_wait_for(tmp_path: Path) -> None:
    """A process that outlives the one that was asked for goes where orphans go."""
    code = "import os, time\nif os.fork(): os._exit(0)\ntime.sleep(0.05)"
    with Ready("-c", code, cwd=tmp_path, env=PLAIN) as process:
        process.wait(10)
    time.sleep(0.1)
    with pytest.raises(ChildProcessError):
        os.waitpid(-process.pid, os.WNOHANG)


def test_it_has_the_imports_already(tmp_path: Path) -> None:
    if ready.REAL:
        pytest.skip("every process begins by itself")
    code = "import sys, runpy; before = set(sys.modules); sys.argv = ['a', 'build', '--help']\ntry: {}\nexcept SystemExit: pass\n{}"
    said = "print(sorted(name for name in set(sys.modules) - before if 'aipm' in name))"
    code = code.format("runpy.run_module('aipm_cards', run_name='__main__')", said)
    assert ended("-c", code, at=tmp_path, real=False)[1][-1] == b"[]"
