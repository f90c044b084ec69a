"""What all tests share."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest

from tests import ready


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-cases", action="store_true", help="write the expected reports of tests/cases anew")
    parser.addoption("--long", action="store_true", help="look for rare failures much longer")


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
