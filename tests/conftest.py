"""What all tests share."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests import ready

settings.register_profile("untimed", deadline=None)  # how long an example takes says nothing on a busy machine
settings.load_profile("untimed")

MEMORY = "/dev/shm"  # of Linux: a file system that is no disk
ENOUGH = 2 << 30  # bytes: ten times what lies there at once


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-cases", action="store_true", help="write the expected reports of tests/cases anew")
    parser.addoption("--long", action="store_true", help="look for rare failures much longer")


def pytest_configure(config: pytest.Config) -> None:
    """What the tests write is kept in memory, where there is room: half of their time they would wait for
    a disk that nobody unplugs. With --long it is written to one.

    A shell that runs the tests in the background has them ignore Ctrl-C, which the programs that they
    start would inherit; some of those are interrupted by it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not config.getoption("--long") and _room(MEMORY) > ENOUGH:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", MEMORY)


def _room(directory: str) -> int:
    """How many bytes may be written there, if what is written may be run, as some of it is."""
    if not os.access(directory, os.W_OK):
        return 0
    disk = os.statvfs(directory)
    return 0 if disk.f_flag & os.ST_NOEXEC else disk.f_bavail * disk.f_frsize


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collecting makes a quarter of a million objects that all stay: to look through them for garbage,
    meanwhile and then again and again, costs each worker seconds."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True, scope="session")
def _a_cache_of_our_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the caches of whoever runs it; commands in other processes neither."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "AIPM_CARDS_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True, scope="session")
def _ready(pytestconfig: pytest.Config) -> Iterator[None]:
    """With --long, every process begins as any does; the others end with the tests."""
    ready.REAL = ready.REAL or pytestconfig.getoption("--long")
    yield
    for server in ready.servers.values():
        server.close()
    ready.servers.clear()
