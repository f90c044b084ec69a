"""Work that is done ahead, in a thread."""

from __future__ import annotations

import sys
import threading
from time import sleep

import pytest

from aipm_cards.parallel import ahead


def test_results_come_in_order_and_before_they_are_asked_for() -> None:
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        return item * 2

    results = ahead(work, range(50))
    assert next(results) == 0
    for _ in range(1000):
        if len(begun) == 50:
            break
        sleep(0.005)
    assert begun == list(range(50))
    assert list(results) == [item * 2 for item in range(1, 50)]
    assert [list(ahead(work, range(few))) for few in range(3)] == [[], [0], [0, 2]]


def test_an_exception_is_raised_where_its_result_would_come() -> None:
    results = ahead(lambda item: 6 // item, [3, 2, 0, 1])
    assert [next(results), next(results)] == [2, 3]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_who_stops_asking_leaves_nothing_running() -> None:
    before, threads = sys.getswitchinterval(), threading.active_count()
    results = ahead(lambda item: sleep(0.001) or item, range(10_000))
    assert next(results) == 0
    assert threading.active_count() == threads + 1
    results.close()
    assert threading.active_count() == threads
    assert sys.getswitchinterval() == pytest.approx(before)
