"""Puts a program at a pseudo-terminal, for `pexpect`; Python's programs are forked (`ready.py`)."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pexpect
from ptyprocess import PtyProcess

from tests import ready


class _Forked(pexpect.spawn):
    """What begins is not `python`, but a fork of one that has made its imports."""

    def _spawnpty(self, args: list[str | bytes], *, env: Mapping[str, str], cwd: str, **more: Any) -> PtyProcess:
        ours, theirs = os.openpty()
        process = PtyProcess(0, ours)
        process.setwinsize(*more.get("dimensions", (24, 80)))
        command = [os.fsdecode(part) for part in args[1:]]
        process.pid = ready.fork(command, cwd=cwd, env=env, streams=[theirs] * 3, terminal=True)
        os.close(theirs)
        return process


def seated(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], real: bool = False, **more: Any
) -> pexpect.spawn:
    """The program that a command begins, at a terminal of its own. `real`: it begins by itself."""
    forked = command[0] == sys.executable and not real and not ready.REAL
    begin = _Forked if forked else pexpect.spawn
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # a fork beside the threads of the test runner
        child = begin(command[0], list(command[1:]), cwd=str(cwd), env=dict(env), **more)
    child.delaybeforesend = None
    return child
