"""Runs the real command line as a process of its own and looks at all that it did.

Most of these processes are forked from one that has made their imports (`tests/ready.py`). Where a
workplace is `real` the interpreter starts anew, and what the imports use is looked at too.

A `sitecustomize` module puts an audit hook into the process (and the workers that it forks):
it writes down every file that is opened, listed, moved or removed, and every command that is
run. The limits on time and memory are guards against a test that hangs the machine; no test
asserts a duration.
"""

# ruff: noqa: UP031

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import aipm_cards
from tests.ready import Ready

GUARD = 60  # seconds until a process counts as hanging
MEMORY = 4 << 30  # bytes of address space
PACKAGE = Path(aipm_cards.__file__).parent

COLLECTION = "format: 1\nname: Hostile\nnamespace: hostile\n"
HEADER = "deck: Concepts\nnotes:\n"
NOTE = "  - id: recall\n    front: Of what is recall the share?\n    back: Of the fraud.\n"

# Independent of `characters.py`: what no terminal may get.
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")

_HOOK = """
import os, sys
if "HOSTILE_PLAIN" in os.environ and os.geteuid() == 0:
    # Root without its capabilities: permissions count as for anybody else.
    import ctypes
    if ctypes.CDLL(None).capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()) != 0:
        os._exit(99)
_out = os.open(os.environ["HOSTILE_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
_files = {"open", "os.listdir", "os.scandir", "os.remove", "os.rename", "os.link", "os.symlink", "os.mkdir", "os.rmdir",
          "os.truncate", "os.chmod", "sqlite3.connect", "shutil.rmtree"}
_never = {"os.system", "os.exec", "os.posix_spawn", "os.spawn", "subprocess.Popen", "socket.connect", "ctypes.dlopen"}
def _hook(event, arguments):
    if event in _never:
        os.write(_out, ("!" + event + repr(arguments)[:500] + "\\n").encode("utf-8", "backslashreplace"))
    elif event in _files and arguments and isinstance(arguments[0], (str, bytes)):
        path = os.path.abspath(os.fsdecode(arguments[0]))
        os.write(_out, (event + " " + repr(path) + "\\n").encode("utf-8", "backslashreplace"))
sys.addaudithook(_hook)
import resource
resource.setrlimit(resource.RLIMIT_AS, (%d, %d))
""" % (MEMORY, MEMORY)


@dataclass
class Result:
    """What a process printed, how it ended and which files it used."""

    code: int
    out: str
    err: str
    files: list[str] = field(default_factory=list)

    @property
    def findings(self) -> list[tuple[str, str, int, int]]:
        """Code, path in the collection, line and column of each finding in a report in JSON, apart
        from those about style: hostile texts have none (`tests/style/test_hostile.py`)."""
        report = json.loads(self.out)
        start = len(report["collection"]["root"]) + 1
        found = [d for d in report["diagnostics"] if not d["code"].startswith("S")]
        return [(d["code"], d["path"][start:], d["line"], d["column"]) for d in found]


class Workplace:
    """A collection in an otherwise empty directory, a private temporary directory beside it,
    and a directory for packages. What lies in `outside` must never be touched."""

    real = False

    def __init__(self, base: Path) -> None:
        self.base = base
        self.root = base / "collection"
        self.temporary = base / "tmp"
        self.output = base / "output"
        self.outside = base / "outside"
        self.site = base / "site"
        self.cache = base / "cache"
        for directory in (self.root, self.temporary, self.output, self.outside, self.site, self.cache):
            directory.mkdir()
            directory.chmod(0o777)
        (self.site / "sitecustomize.py").write_text(_HOOK, encoding="utf-8")
        self.log = base / "log"
        self.write("collection.yaml", COLLECTION)

    def write(self, path: str, content: str | bytes, root: Path | None = None) -> Path:
        target = (root or self.root) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
        return target

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
        return {
            **kept,
            "HOME": str(self.temporary),
            "TMPDIR": str(self.temporary),
            "AIPM_CARDS_CACHE": str(self.cache),
            "PYTHONPATH": os.pathsep.join([str(self.site), str(PACKAGE.parent)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "1",
            "HOSTILE_LOG": str(self.log),
            **more,
        }

    def run(
        self,
        *arguments: str | Path,
        cwd: Path | None = None,
        plain: bool = False,
        env: Mapping[str, str] | None = None,
    ) -> Result:
        self.log.unlink(missing_ok=True)
        self.log.touch()
        self.log.chmod(0o666)
        more = {**(env or {}), **({"HOSTILE_PLAIN": "1"} if plain else {})}
        # In a session of its own, so that a hanging process takes its workers along.
        with Ready(
            "-m", "aipm_cards", *map(str, arguments), cwd=cwd or self.output, env=self.environment(**more),
            first=self.site / "sitecustomize.py", real=self.real or env is not None,
        ) as process:  # fmt: skip
            try:
                out, err = process.communicate(timeout=GUARD)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                pytest.fail(f"still running after {GUARD} s: {arguments}")
        files = self.log.read_text(encoding="utf-8").splitlines()
        if process.returncode == 99:
            pytest.skip("root reads everything, and cannot do without that here")
        result = Result(process.returncode, os.fsdecode(out), os.fsdecode(err), files)
        return self.looked_at(result)

    def looked_at(self, result: Result) -> Result:
        """What holds for every run, whatever the source."""
        assert "Traceback" not in result.err, result.err[-3000:]
        assert result.code in (0, 1, 2), (result.code, result.err[-3000:])
        for name, printed in (("stdout", result.out), ("stderr", result.err)):
            unsafe = UNSAFE.search(printed)
            assert not unsafe, (name, printed[max(0, unsafe.start() - 60) : unsafe.end() + 20])
        strange = strangers(result.files, self.root, self.output, self.temporary, self.site, self.cache, self.log)
        assert strange == [], strange
        assert sorted(self.temporary.iterdir()) == []
        return result

    def check(self, *options: str) -> Result:
        return self.run("check", self.root, *options)

    def build(self, *options: str | Path) -> Result:
        return self.run("build", self.root, *options)


_HOUSE = tuple(
    {
        os.path.realpath(path) + os.sep
        for path in (sys.prefix, sys.base_prefix, PACKAGE, PACKAGE.parent / "decks", os.path.dirname(os.__file__))
    }
    | {sys.prefix + os.sep, sys.base_prefix + os.sep, str(PACKAGE) + os.sep}
)


def strangers(log: list[str], *homes: Path) -> list[str]:
    """What was done with files that belong neither to Python, nor to the program, nor lie in
    one of the directories that are meant."""
    found = []
    inside = tuple(str(home) for home in homes)
    for line in log:
        if line.startswith("!"):
            found.append(line)
            continue
        event, _, path = line.partition(" ")
        path = path[1:-1]
        if path.startswith(inside) or path.startswith(_HOUSE) or f"{path}{os.sep}" in _HOUSE:
            continue
        if path.startswith(("/dev/null", "/proc/self/fd/", "/usr/share/zoneinfo/")):
            continue
        if event in ("os.listdir", "os.scandir", "open") and str(PACKAGE.parent) in (path, os.path.dirname(path)):
            continue  # looked through for modules
        found.append(line)
    return found
