"""Starts the program without waiting for its imports: it is forked from a process that has made them.

`python -m aipm_cards` takes a tenth of a second or two to import what a command needs, and the tests
start it many hundred times. `Ready` is what `subprocess.Popen` is, for `python`: a process of its own,
a child of the one that started it, in a session of its own, with its own streams, directory,
environment, umask and limits. What it does not make itself is its imports and the seed of its hashes,
and when all is done it does not take the interpreter apart. What is about those starts a real process;
with `--long`, and outside Linux, everything does.

    python -m tests.ready FD       forks for the other end of a socket
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import io
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import types
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[1]
REAL = sys.platform != "linux"  # set by `conftest.py` with --long
LARGEST = 1 << 20  # bytes of a request
# What the interpreter and the C library read at their start: each choice has a server of its own.
_AT_START = ("PYTHON", "LC_", "LANG")
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, of Linux
_ALSO = ("genanki", "multiprocessing.connection", "multiprocessing.popen_fork", "resource", "zoneinfo")


class Server:
    """The process that forks, as the tests see it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end in (self.socket, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LARGEST)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.ready", str(theirs.fileno())], cwd=HERE, pass_fds=[theirs.fileno()],
                env={"PATH": os.environ["PATH"], **environment}, start_new_session=True,
            )  # fmt: skip

    def fork(self, job: Mapping[str, Any], streams: Sequence[int]) -> int:
        """Start a process. When its id is returned it is a child of this one: its own parent, which
        the server forked, is gone, and this one has asked to be given the orphans."""
        prctl = ctypes.CDLL(None).prctl
        waiting, going = os.pipe()
        assert prctl(_SUBREAPER, 1, 0, 0, 0) == 0
        try:
            socket.send_fds(self.socket, [json.dumps(job).encode()], [waiting, *streams])
            return int(self.socket.recv(64))
        finally:
            prctl(_SUBREAPER, 0, 0, 0, 0)
            os.close(waiting)
            os.close(going)  # now it may go on: the orphans that it leaves are nobody's

    def close(self) -> None:
        """Let it end."""
        self.socket.close()
        self.process.wait()


servers: dict[tuple[tuple[str, str], ...], Server] = {}


def fork(
    command: Sequence[str], *, cwd: Path | str, env: Mapping[str, str], streams: Sequence[int],
    terminal: bool = False, first: Path | None = None,
) -> int:  # fmt: skip
    """The id of a process that does what `python` does with a command. `terminal`: its input is to be
    its controlling terminal. `first`: a script that runs before, as `sitecustomize` would."""
    read = [(name, value) for name, value in env.items() if name.startswith(_AT_START) and name != "PYTHONPATH"]
    key = tuple(sorted(read))
    if key not in servers:
        servers[key] = Server(dict(read))
    mask = os.umask(0o022)
    os.umask(mask)
    job = {"command": list(command), "cwd": str(cwd), "env": dict(env), "umask": mask, "terminal": terminal}
    return servers[key].fork({**job, "first": str(first or "")}, streams)


class Ready:
    """A process that does what `python` does with a command. Its input is empty; its output and its
    errors are pipes. `real`: it is not forked, but begins as any process of Python does; then a `first`
    script is for the environment to name."""

    def __init__(
        self, *command: str, cwd: Path | str, env: Mapping[str, str], text: bool = False, first: Path | None = None,
        real: bool = False,
    ) -> None:  # fmt: skip
        self.returncode: int | None = None
        self._text = text
        self._real: subprocess.Popen[bytes] | None = None
        pipes = [os.pipe(), os.pipe()]
        with open(os.devnull) as nothing:
            streams = [nothing.fileno(), *(writing for _, writing in pipes)]
            if REAL or real:
                self._real = subprocess.Popen(
                    [sys.executable, *command], cwd=cwd, env=env, start_new_session=True,
                    stdin=streams[0], stdout=streams[1], stderr=streams[2],
                )  # fmt: skip
                self.pid = self._real.pid
            else:
                self.pid = fork(command, cwd=cwd, env=env, streams=streams, first=first)
        self._read = {reading: b"" for reading, _ in pipes}
        self._open = list(self._read)
        for _, writing in pipes:
            os.close(writing)

    def __enter__(self) -> Ready:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self._open:
            os.close(pipe)
        self._open = []
        self.wait()

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        return self._looked_for(os.WNOHANG)

    def wait(self, timeout: float | None = None) -> int:
        """How it ended. Raises `subprocess.TimeoutExpired`."""
        if timeout is not None and self.poll() is None:
            watch = os.pidfd_open(self.pid)
            ended, _, _ = select.select([watch], [], [], timeout)
            os.close(watch)
            if not ended:
                raise subprocess.TimeoutExpired("python", timeout)
        code = self._looked_for()
        assert code is not None
        return code

    def _looked_for(self, options: int = 0) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, options)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
                if self._real is not None:
                    self._real.returncode = self.returncode
        return self.returncode

    def kill(self) -> None:
        """Kill it, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[Any, Any]:
        """What it wrote to its output and to its errors, when it has ended. Raises
        `subprocess.TimeoutExpired`; then it may be asked again."""
        until = None if timeout is None else time.monotonic() + timeout
        while self._open:
            left = None if until is None else max(0.0, until - time.monotonic())
            ready, _, _ = select.select(self._open, [], [], left)
            if not ready:
                raise subprocess.TimeoutExpired("python", timeout or 0)
            for pipe in ready:
                data = os.read(pipe, 1 << 16)
                self._read[pipe] += data
                if not data:
                    self._open.remove(pipe)
                    os.close(pipe)
        self.wait(None if until is None else max(0.0, until - time.monotonic()))
        out, err = self._read.values()
        return (out.decode(), err.decode()) if self._text else (out, err)


# --- the process that forks ----------------------------------------------------------------


def _import_all() -> None:
    """What commands import, all of it. (`readline` would look at the terminal, of which there is none.)"""
    import aipm_cards

    for module in pkgutil.walk_packages(aipm_cards.__path__, "aipm_cards."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for name in _ALSO:
        import_module(name)
    assert "readline" not in sys.modules


def _serve(requests: socket.socket) -> dict[str, Any] | None:
    """Fork for each request: returns its job in the process that is to do it, and None at the end."""
    while True:
        message, files, _, _ = socket.recv_fds(requests, LARGEST, 4)
        if not message:
            return None
        reading, writing = os.pipe()
        between = os.fork()
        if not between:
            child = os.fork()
            if child:
                os.write(writing, str(child).encode())
                os._exit(0)
            os.read(files[0], 1)
            for number, stream in enumerate(files[1:]):
                os.dup2(stream, number)
            requests.detach()
            os.closerange(3, 256)
            job: dict[str, Any] = json.loads(message)
            return job
        os.waitpid(between, 0)
        requests.send(os.read(reading, 64))
        for number in (reading, writing, *files):
            os.close(number)


def _become(job: dict[str, Any]) -> None:
    """Turn into the process that was asked for. Its streams are there already."""
    os.setsid()
    if job["terminal"]:
        import fcntl
        import termios

        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.chdir(job["cwd"])
    os.umask(job["umask"])
    coerced = {name: os.environ[name] for name in ("LC_CTYPE",) if name in os.environ}  # by the interpreter
    os.environ.clear()
    os.environ.update({**job["env"], **coerced})
    time.tzset()
    sys.stdin, sys.stdout, sys.stderr = map(_stream, (0, 1, 2), (sys.stdin, sys.stdout, sys.stderr))
    gc.enable()
    if job["first"]:
        runpy.run_path(job["first"])


def _stream(number: int, of_the_server: Any) -> Any:
    """A standard stream, as the interpreter makes it of what it is now."""
    raw: Any = open(number, "wb" if number else "rb", closefd=False)  # noqa: SIM115
    raw.raw.name = of_the_server.name
    stream = io.TextIOWrapper(
        raw, of_the_server.encoding, of_the_server.errors, "\n", line_buffering=number == 2 or raw.isatty()
    )
    stream.mode = "w" if number else "r"  # type: ignore[misc]
    return stream


def _run(command: list[str]) -> None:
    """What the interpreter does with its command line."""
    first, *arguments = command
    if first == "-m":
        sys.path[0] = os.getcwd()
        sys.argv = arguments
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    elif first == "-c":
        sys.path[0] = ""
        sys.argv = ["-c", *arguments[1:]]
        sys.modules["__main__"] = types.ModuleType("__main__")
        exec(arguments[0], vars(sys.modules["__main__"]))
    else:
        sys.path[0] = os.path.dirname(first)
        sys.argv = command
        runpy.run_path(first, run_name="__main__")


def _end(command: list[str]) -> None:
    """Run, and leave the process as soon as there is nothing left to do but to take it apart. Whatever
    is unusual is left to the interpreter."""
    code: object = 0
    try:
        _run(command)
    except SystemExit as end:
        code = end.code or 0
        if not isinstance(code, int):
            raise
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code & 0xFF)


def main() -> None:
    """Serve until the other end is gone; in a process that was forked, be the program."""
    requests = socket.socket(fileno=int(sys.argv[1]))
    gc.disable()
    _import_all()
    gc.freeze()
    job = _serve(requests)
    if job is not None:
        _become(job)
        _end(job["command"])


if __name__ == "__main__":
    main()
