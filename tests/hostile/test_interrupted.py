"""Builds that are killed, interrupted, or run out of room.

Whatever happens, the package that was there before stays byte for byte, or the new one stands
in its place, whole; no temporary file is left; one line says what happened; no worker process
goes on alone.

    pytest tests/hostile/test_interrupted.py --long     kills it many times
"""

# ruff: noqa: UP031

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.benchmarks.generate import write
from tests.hostile.running import COLLECTION, GUARD, HEADER, NOTE, UNSAFE, Workplace
from tests.ready import Ready

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and processes as Linux has them")

OLD = b"PK, but not really: the package of yesterday"
NOTES = 2000  # in 40 files: enough for a second process, and for half a second or so of work
FEW = 100  # in 20 files: enough for a second process

# Put into the build by the environment: its first process stops at a point and says so by a
# file, then waits to be ended, or for the file to be removed.
_STOP = """
import os, sys, time
_first, _met = os.getpid(), []
def _arrived():
    mark = os.environ["HOSTILE_MARK"]
    if os.getpid() != _first or _met:
        return
    _met.append(open(mark, "w").close())
    while os.path.exists(mark):
        time.sleep(0.01)
def _before(module, name):
    real = getattr(module, name)
    def stopped(*arguments, **more):
        _arrived()
        return real(*arguments, **more)
    setattr(module, name, stopped)
def _after(module, name):
    real = getattr(module, name)
    def stopped(*arguments, **more):
        result = real(*arguments, **more)
        _arrived()
        return result
    setattr(module, name, stopped)
where = os.environ.get("HOSTILE_STOP", "")
if where == "reading":
    import aipm_cards.content.load as module
    _after(module, "read_deck_file")
elif where == "waiting for a worker":
    import multiprocessing.connection as module
    _before(module.Connection, "recv")
elif where == "filling":
    import aipm_cards.writing as module, aipm_cards.anki.package as package
    _before(package, "replacing")
elif where == "writing":
    import zipfile as module
    _before(module.ZipFile, "writestr")
elif where == "settling":
    _before(os, "fsync")
elif where == "replacing":
    _before(os, "replace")
elif where == "replaced":
    _after(os, "replace")
import runpy
sys.argv = ["aipm-cards", *sys.argv[1:]]
runpy.run_module("aipm_cards", run_name="__main__")
"""
STOPS = ("reading", "waiting for a worker", "filling", "writing", "settling", "replacing", "replaced")


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("generated") / "collection"
    write(directory, NOTES)
    return directory


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("few") / "collection"
    write(directory, FEW, per_file=5)
    return directory


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    place = Workplace(tmp_path)
    (place.site / "sitecustomize.py").unlink()  # its hook is for `test_input.py`
    (tmp_path / "stop.py").write_text(_STOP, encoding="utf-8")
    return place


class Build:
    """A build that runs, in a session and a directory of its own, by which its workers are known."""

    def __init__(
        self, place: Workplace, root: Path, target: Path, *, stop: str = "", epoch: str = "", real: bool = False
    ) -> None:
        self.place = place
        self.target = target
        self.mark = place.base / f"mark-{random.getrandbits(64):x}"
        self.stop = stop
        more = {"HOSTILE_MARK": str(self.mark), "HOSTILE_STOP": stop}
        if epoch:
            more["SOURCE_DATE_EPOCH"] = epoch
        command = [str(place.base / "stop.py")] if stop else ["-m", "aipm_cards"]
        self.process = Ready(
            *command, "build", str(root), "-o", str(target), cwd=place.output, env=place.environment(**more),
            text=True, real=real,
        )  # fmt: skip

    def arrive(self) -> None:
        """Wait until it stands still at its stop."""
        until = time.monotonic() + GUARD
        while not self.mark.exists():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < until, f"never came to {self.stop}"
            time.sleep(0.005)

    def end(self) -> tuple[int, str, str]:
        """Wait until it is over: exit code, stdout, stderr."""
        try:
            out, err = self.process.communicate(timeout=GUARD)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()
            pytest.fail("hangs")
        return self.process.returncode, out, err

    def go_on(self) -> None:
        self.mark.unlink()

    def kill(self) -> None:
        """Kill it as the system would; whoever survives that is killed after a while."""
        self.process.kill()
        self.process.wait()
        alone = not self.all_gone()
        self.process.communicate()
        assert not alone, "a worker outlived the build"

    def processes(self) -> list[int]:
        """All processes of this build that are alive."""
        alive = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with suppress(OSError):
                state, _, _, session = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[:4]
                ours = int(session) == self.process.pid or os.readlink(f"/proc/{pid}/cwd") == str(self.place.output)
                if ours and state != "Z":
                    alive.append(int(pid))
        return alive

    def all_gone(self) -> bool:
        """Whether no process is left, after a moment for those that are about to end."""
        until = time.monotonic() + 5
        while left := self.processes():
            if time.monotonic() > until:
                for pid in left:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                return False
            time.sleep(0.02)
        return True


def is_whole(target: Path, notes: int = NOTES) -> bool:
    with zipfile.ZipFile(target) as package:
        return package.testzip() is None and json.loads(package.comment)["report"]["notes"] == notes


@pytest.fixture
def built(generated: Path, few: Path, stop: str) -> tuple[Path, int]:
    """The collection for a stop, and its notes: large while there are workers, which should be at work."""
    return (generated, NOTES) if stop in STOPS[:2] else (few, FEW)


def left_in(place: Workplace) -> list[str]:
    return sorted(path.name for path in [*place.output.iterdir(), *place.temporary.iterdir()])


def one_line(printed: str) -> bool:
    return bool(re.fullmatch("aipm-cards: [^\n]+\n", printed)) and not UNSAFE.search(printed)


def old_package(place: Workplace, name: str = "cards.apkg") -> Path:
    target = place.output / name
    target.write_bytes(OLD)
    return target


# --- killed --------------------------------------------------------------------------------


@pytest.mark.parametrize("stop", STOPS)
def test_killed_at_a_certain_point(place: Workplace, built: tuple[Path, int], stop: str) -> None:
    root, notes = built
    target = old_package(place)
    build = Build(place, root, target, stop=stop)
    build.arrive()
    build.kill()
    if stop == "replacing":  # the one moment at which the new file has a name of its own
        (partial,) = (path for path in place.output.iterdir() if path != target)
        assert re.fullmatch(r"\.cards\.apkg\.\w+\.partial", partial.name)
        partial.unlink()
    assert left_in(place) == ["cards.apkg"]
    assert is_whole(target, notes) if stop == "replaced" else target.read_bytes() == OLD


def test_killed_at_any_moment(place: Workplace, generated: Path, pytestconfig: pytest.Config) -> None:
    chance = random.Random()
    started = time.monotonic()
    whole = Build(place, generated, place.output / "first.apkg", real=True)
    assert whole.end()[0] == 0
    takes = time.monotonic() - started
    (place.output / "first.apkg").unlink()
    for _ in range(200 if pytestconfig.getoption("--long") else 3):
        target = old_package(place)
        build = Build(place, generated, target, real=True)
        time.sleep(chance.uniform(0.05, takes))
        build.kill()
        assert target.read_bytes() == OLD or is_whole(target)
        assert [name for name in left_in(place) if name != "cards.apkg"] == []


def test_what_a_killed_build_left_does_not_hinder_the_next(place: Workplace, few: Path) -> None:
    target = old_package(place)
    build = Build(place, few, target, stop="replacing")
    build.arrive()
    build.kill()
    for path in place.output.glob(".*.partial"):
        os.utime(path, (time.time() - 86_400,) * 2)
    assert Build(place, few, target).end()[0] == 0
    assert left_in(place) == ["cards.apkg"]
    assert is_whole(target, FEW)


def test_a_worker_that_is_killed_stops_the_build_in_one_line(place: Workplace, generated: Path) -> None:
    target = old_package(place)
    build = Build(place, generated, target, stop="waiting for a worker")
    build.arrive()
    workers = [pid for pid in build.processes() if pid != build.process.pid]
    if not workers:
        pytest.skip("one processor, one process")
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    build.go_on()
    code, out, err = build.end()
    assert (code, out) == (2, ""), err
    assert one_line(err), err
    assert target.read_bytes() == OLD
    assert left_in(place) == ["cards.apkg"]


# --- interrupted ---------------------------------------------------------------------------


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("group", [True, False], ids=["all", "only the first process"])
def test_interrupted_at_a_certain_point(place: Workplace, built: tuple[Path, int], stop: str, group: bool) -> None:
    root, notes = built
    target = old_package(place)
    build = Build(place, root, target, stop=stop)
    build.arrive()
    if group:
        os.killpg(build.process.pid, signal.SIGINT)  # as Ctrl-C does
    else:
        os.kill(build.process.pid, signal.SIGINT)
    code, out, err = build.end()
    assert (code, out) == (130, "")
    assert err.lstrip("\n") == "aipm-cards: interrupted\n"  # the first ends the line of ^C
    assert build.all_gone(), "a worker outlived the build"
    assert left_in(place) == ["cards.apkg"]
    assert is_whole(target, notes) if stop == "replaced" else target.read_bytes() == OLD


def test_interrupted_at_any_moment(place: Workplace, generated: Path, pytestconfig: pytest.Config) -> None:
    """Once the program has begun: before that, Ctrl-C is Python's own to answer."""
    chance = random.Random()
    for _ in range(200 if pytestconfig.getoption("--long") else 3):
        target = old_package(place)
        build = Build(place, generated, target, real=True)
        time.sleep(chance.uniform(0.25, 1.2))
        with suppress(ProcessLookupError):
            os.killpg(build.process.pid, signal.SIGINT)
        code, _, err = build.end()
        assert code in (0, 130, -signal.SIGINT), err
        if code == 130:
            assert err.lstrip("\n") == "aipm-cards: interrupted\n"
        assert build.all_gone(), "a worker outlived the build"
        assert target.read_bytes() == OLD or is_whole(target)
        assert left_in(place) == ["cards.apkg"]


# --- no room -------------------------------------------------------------------------------

_FULL = """
import errno, os, sys
import aipm_cards.anki.package as package, aipm_cards.writing as writing
where = os.environ["HOSTILE_STOP"]
def full(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
if where == "fsync":
    os.fsync = full
elif where == "link":
    os.link = os.replace = full
elif where == "zip":
    import zipfile
    zipfile.ZipFile.writestr = full
elif where == "open":
    real = os.open
    os.open = lambda path, flags, *more, **named: full() if flags & os.O_RDWR else real(path, flags, *more, **named)
import runpy
sys.argv = ["aipm-cards", *sys.argv[1:]]
runpy.run_module("aipm_cards", run_name="__main__")
"""


@pytest.mark.parametrize("where", ["fsync", "link", "zip", "open"])
def test_a_full_disk_at_a_certain_point(place: Workplace, few: Path, where: str) -> None:
    (place.base / "stop.py").write_text(_FULL, encoding="utf-8")
    target = old_package(place)
    code, out, err = Build(place, few, target, stop=where).end()
    assert (code, out) == (2, "")
    assert one_line(err), err
    assert target.read_bytes() == OLD
    assert left_in(place) == ["cards.apkg"]


@pytest.mark.parametrize("room", [10, 200, 1500])
def test_files_may_not_grow(place: Workplace, generated: Path, room: int) -> None:
    """The database or the package reaches the limit on the size of a file, in kilobytes."""
    script = place.base / "stop.py"
    script.write_text(
        "import resource, runpy, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room * 1024}, {room * 1024}))\n"
        "runpy.run_module('aipm_cards', run_name='__main__')\n",
        encoding="utf-8",
    )
    target = old_package(place)
    code, out, err = Build(place, generated, target, stop="nowhere").end()
    assert (code, out) == (2, ""), err
    assert one_line(err), err
    assert target.read_bytes() == OLD
    assert left_in(place) == ["cards.apkg"]


_MOUNTED = """
import json, os, subprocess, sys
disk, kilobytes, output, temporary, *command = sys.argv[1:]
for directory in filter(None, (output, temporary)):
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", directory], check=True)
with open(os.path.join(output or disk, "cards.apkg"), "wb") as file:
    file.write(%r)
ended = subprocess.run(command, capture_output=True, text=True)
with open(os.path.join(output or disk, "cards.apkg"), "rb") as file:
    kept = file.read() == %r
left = [name for directory in (output or disk, temporary or os.environ["TMPDIR"]) for name in os.listdir(directory)]
print(json.dumps([ended.returncode, ended.stdout, ended.stderr, kept, left]))
""" % (OLD, OLD)


@pytest.mark.parametrize("full", ["output", "temporary"])
@pytest.mark.parametrize("room", [64, 1024])
def test_a_disk_that_is_full(place: Workplace, generated: Path, full: str, room: int) -> None:
    """A small disk of its own, which only the build sees."""
    unshare = shutil.which("unshare")
    probe = ["mount", "-t", "tmpfs", "tmpfs", str(place.outside)]
    if not unshare or subprocess.run([unshare, "-m", *probe], capture_output=True, check=False).returncode:
        pytest.skip("may not mount")
    small = {"output": str(place.output), "temporary": str(place.temporary)}[full]
    command = [sys.executable, "-m", "aipm_cards", "build", str(generated), "-o", str(place.output / "cards.apkg")]
    (place.base / "mounted.py").write_text(_MOUNTED, encoding="utf-8")
    done = subprocess.run(
        [unshare, "-m", sys.executable, place.base / "mounted.py", str(place.output), str(room),
         small if full == "output" else "", small if full == "temporary" else "", *command],
        capture_output=True, text=True, check=True, env=place.environment(), timeout=GUARD,
    )  # fmt: skip
    code, out, err, kept, left = json.loads(done.stdout)
    assert (code, out) == (2, ""), err
    assert one_line(err), err
    assert kept
    assert left == ["cards.apkg"]


# --- nowhere to write ----------------------------------------------------------------------


@contextmanager
def read_only(directory: Path) -> Iterator[None]:
    directory.chmod(0o555)
    try:
        yield
    finally:
        directory.chmod(0o755)


@pytest.fixture
def small(tmp_path: Path) -> Workplace:
    """With a collection of one note, and the audit hook that can do without root's powers."""
    place = Workplace(tmp_path)
    place.write("x.yaml", HEADER + NOTE)
    return place


@pytest.mark.parametrize("there", [True, False], ids=["over an old one", "anew"])
def test_a_directory_that_may_not_be_written(small: Workplace, there: bool) -> None:
    if there:
        old_package(small)
    with read_only(small.output):
        result = small.run("build", small.root, "-o", "cards.apkg", plain=True)
    assert (result.code, result.out) == (2, "")
    assert one_line(result.err), result.err
    assert left_in(small) == (["cards.apkg"] if there else [])
    assert not there or (small.output / "cards.apkg").read_bytes() == OLD


@pytest.mark.parametrize(
    "name", ["collection.apkg", "Collection.APKG", "backup-2026.apkg", "backup-.apkg", "cards.zip", "cards", ".apkg"]
)
def test_names_that_anki_would_misunderstand(small: Workplace, name: str) -> None:
    old_package(small, name)
    result = small.run("build", small.root, "-o", name)
    assert (result.code, result.out) == (2, "")
    assert one_line(result.err), result.err
    assert (small.output / name).read_bytes() == OLD
    assert left_in(small) == [name]


def test_a_name_that_the_collection_gives(small: Workplace) -> None:
    small.write("collection.yaml", COLLECTION.replace("namespace: hostile", "namespace: collection"))
    result = small.run("build", small.root)
    assert (result.code, result.out, left_in(small)) == (2, "", [])
    assert one_line(result.err), result.err


def test_the_target_is_a_directory(small: Workplace) -> None:
    (small.output / "hostile.apkg").mkdir()
    result = small.run("build", small.root)
    assert (result.code, result.out) == (2, "")
    assert one_line(result.err), result.err
    assert left_in(small) == ["hostile.apkg"]
    assert list((small.output / "hostile.apkg").iterdir()) == []


@pytest.mark.parametrize("target", ["missing/cards.apkg", "file/cards.apkg", "x" * 300 + ".apkg"], ids=len)
def test_a_target_that_cannot_be(small: Workplace, target: str) -> None:
    (small.output / "file").write_text("a file")
    result = small.run("build", small.root, "-o", target)
    assert (result.code, result.out) == (2, "")
    assert one_line(result.err), result.err
    assert left_in(small) == ["file"]


@pytest.mark.parametrize("name", ["collection.apkg", "backup-2026.apkg", "collection.anki2", "notes.txt"])
def test_a_link_to_what_is_no_package_of_ours(small: Workplace, name: str) -> None:
    """The name that counts is that of the file which would be replaced."""
    precious = small.base / "precious"
    precious.mkdir()
    (precious / name).write_bytes(OLD)
    (small.output / "cards.apkg").symlink_to(precious / name)
    small.outside.rmdir()
    with Ready(
        "-m", "aipm_cards", "build", str(small.root), "-o", "cards.apkg", cwd=small.output, env=small.environment(),
        text=True,
    ) as process:  # fmt: skip
        _, err = process.communicate(GUARD)
    assert (precious / name).read_bytes() == OLD
    assert process.returncode == 2
    assert one_line(err), err


def test_a_pipe_in_the_place_of_the_package(small: Workplace) -> None:
    """It is not waited for."""
    os.mkfifo(small.output / "hostile.apkg")
    result = small.run("build", small.root)
    assert result.code in (0, 2)
    assert result.code == 0 or one_line(result.err)


def test_a_reader_that_leaves(small: Workplace) -> None:
    """`aipm-cards check | head -1` ends in silence."""
    for number in range(2000):
        small.write(f"{number}.yaml", "")
    command = f"{sys.executable} -m aipm_cards check {small.root} | head -1"
    ended = subprocess.run(command, shell=True, env=small.environment(), capture_output=True, text=True, check=False)
    assert ended.stdout.count("\n") == 1
    assert ended.stderr == ""


# --- two at once ---------------------------------------------------------------------------


def test_two_builds_into_one_target(place: Workplace, few: Path, pytestconfig: pytest.Config) -> None:
    other = place.base / "other"
    write(other, FEW, seed=2, per_file=5)
    target = old_package(place)
    for _ in range(50 if pytestconfig.getoption("--long") else 6):
        builds = [Build(place, few, target), Build(place, other, target)]
        for build in builds:
            code, out, err = build.end()
            assert (code, err) == (0, ""), err
            assert out.startswith(str(target))
        assert is_whole(target, FEW)
        assert left_in(place) == ["cards.apkg"]


def test_two_equal_builds_give_the_same_bytes(place: Workplace, generated: Path) -> None:
    """Of two processes that hash differently."""
    targets = [place.output / "a.apkg", place.output / "b.apkg"]
    builds = [Build(place, generated, target, epoch="1700000000", real=True) for target in targets]
    assert [build.end()[0] for build in builds] == [0, 0]
    digests = {hashlib.sha256(target.read_bytes()).hexdigest() for target in targets}
    assert len(digests) == 1


def test_who_may_read_the_package(small: Workplace) -> None:
    """Whom the umask lets, as for any file."""
    before = os.umask(0o027)
    try:
        assert small.build().code == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE((small.output / "hostile.apkg").stat().st_mode) == 0o640
