from __future__ import annotations

import os

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Hypothesis wants to know how long to look before there is a test that could ask."""
    if config.getoption("--long"):
        os.environ["HOSTILE_LONG"] = "1"
