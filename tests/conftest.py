"""What all tests share."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-cases", action="store_true", help="write the expected reports of tests/cases anew")
    parser.addoption("--long", action="store_true", help="look for rare failures much longer")
