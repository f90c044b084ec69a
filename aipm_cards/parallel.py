"""Work on many items in several processes, where that is cheap: by fork, on Linux. And in a thread.

A forked child has everything in memory already, so only results are sent. Elsewhere, and in
a program with threads (where a fork is not safe), the work is done here, one after the other.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

from aipm_cards.errors import AipmCardsError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Item = TypeVar("Item")
Result = TypeVar("Result")


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def each(work: Callable[[Item], Result], items: Sequence[Item], workers: int = 1) -> Iterator[Result]:
    """`work(item)` for each item, in order, in up to `workers` processes.

    An exception in `work` is raised here. Results must be picklable.
    """
    workers = min(workers, len(items))
    if workers < 2 or sys.platform != "linux" or threading.active_count() > 1:
        yield from map(work, items)
        return
    from multiprocessing import get_context

    context = get_context("fork")
    children: list[tuple[Any, Connection[Any, Any]]] = []
    for number in range(1, workers):
        receiver, sender = context.Pipe(duplex=False)
        _widen(sender.fileno())
        receivers = [receiver, *(other for _, other in children)]
        child = context.Process(target=_serve, args=(work, items[number::workers], sender, receivers), daemon=True)
        child.start()
        sender.close()
        children.append((child, receiver))
    try:
        for index, item in enumerate(items):
            if index % workers == 0:
                yield work(item)
                continue
            child, receiver = children[index % workers - 1]
            try:
                result = receiver.recv()
            except EOFError:
                raise AipmCardsError("a worker process was ended from outside; was there enough memory?") from None
            if isinstance(result, _Failure):
                raise result.error
            yield result
    finally:
        for child, receiver in children:
            receiver.close()
            child.terminate()
            child.join()


def ahead(work: Callable[[Item], Result], items: Sequence[Item]) -> Generator[Result, None, None]:
    """`work(item)` for each item, in order, done in a thread while the results before are used.

    Worth it for work that is done outside Python, such as that of SQLite. An exception in `work`
    is raised here. Close it to end the thread before the results do.
    """
    if len(items) < 2:
        yield from map(work, items)
        return
    from _queue import SimpleQueue  # of `queue`, which would import more

    results: SimpleQueue[tuple[Result | None, BaseException | None]] = SimpleQueue()
    stopped = threading.Event()

    def run() -> None:
        for item in items:
            if stopped.is_set():
                return
            try:
                results.put((work(item), None))
            except BaseException as error:
                results.put((None, error))
                return

    interval = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH)
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        for _ in items:
            result, error = results.get()
            if error is not None:
                raise error
            yield cast(Result, result)
    finally:
        stopped.set()
        thread.join()
        sys.setswitchinterval(interval)


_SWITCH = 0.0002  # seconds after which Python lets a thread on: whose work is outside comes back at once


def _widen(pipe: int) -> None:
    """Let a worker run ahead by a megabyte of results instead of 64 kB."""
    import fcntl

    with suppress(OSError):  # the system allows less: slower, not wrong
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)


class _Failure:
    """What a worker could not do."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def _serve(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    sender: Connection[Any, Any],
    receivers: Sequence[Connection[Any, Any]],
) -> None:
    import gc
    import signal

    for receiver in receivers:
        receiver.close()  # else the pipe would stay open when the parent is killed

    # Ctrl-C reaches the whole group; only the parent speaks, and it ends its children.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    try:
        for item in items:
            sender.send(work(item))
    except BrokenPipeError:
        return
    except Exception as error:
        sender.send(_Failure(error))
