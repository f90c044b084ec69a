"""Keys from a terminal, one at a time, whatever was typed ahead."""

from __future__ import annotations

import os
import select
import signal
import sys
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aipm_cards.characters import FORBIDDEN

ESCAPE_TIME = 0.05  # seconds in which the rest of a sequence arrives; later, Esc was pressed alone

END = "end of input"
RESIZE = "resize"
PASTE = "paste "  # and then what was pasted, on one line: such a key is text and never a command
PASTE_TIME = 1.0  # seconds in which the rest of a paste arrives

_NAMES = {
    "\r": "enter",
    "\n": "enter",
    "\t": "tab",
    " ": "space",
    "\x7f": "backspace",
    "\x08": "backspace",
    "\x03": "ctrl-c",
    "\x04": "ctrl-d",
    "\x0c": "ctrl-l",
    "\x15": "ctrl-u",
    "\x1a": "ctrl-z",
}
_SEQUENCES = {
    "[A": "up",
    "[B": "down",
    "[C": "right",
    "[D": "left",
    "[H": "home",
    "[F": "end",
    "[Z": "shift-tab",
    "OA": "up",
    "OB": "down",
    "OC": "right",
    "OD": "left",
    "OH": "home",
    "OF": "end",
    "OM": "enter",
    "[1~": "home",
    "[4~": "end",
    "[7~": "home",
    "[8~": "end",
    "[5~": "page up",
    "[6~": "page down",
    "[200~": "paste begins",
    "[201~": "paste ends",
}
_WINDOWS = {
    "H": "up",
    "P": "down",
    "K": "left",
    "M": "right",
    "G": "home",
    "O": "end",
    "I": "page up",
    "Q": "page down",
}
MAX_SEQUENCE = 32  # bytes; no terminal sends a longer one


def take(buffer: bytes, waited: bool) -> tuple[str | None, bytes]:
    """The first key in what arrived, and the rest; None if more has to arrive first.

    `waited` says that nothing more came for `ESCAPE_TIME`: then a lone Esc is the key Esc, and
    half a character is passed over. A sequence that is not known gives an empty key.
    """
    if not buffer:
        return None, buffer
    if buffer[:1] == b"\x1b":
        return _escape(buffer, waited)
    length = _length(buffer[0])
    if len(buffer) < length and not waited:
        return None, buffer
    try:
        character = buffer[:length].decode()
    except UnicodeDecodeError:
        return "", buffer[1:]
    return _named(character), buffer[length:]


def _named(character: str) -> str:
    """The key that a character is. What joins or parts characters is typed, too: emoji and
    Persian have joiners, French and Japanese spaces of their own."""
    typed = character.isprintable() or unicodedata.category(character) in ("Cf", "Zs")
    return _NAMES.get(character, character if typed and not FORBIDDEN.match(character) else "")


def _length(first: int) -> int:
    """How many bytes the UTF-8 character has that begins with this byte."""
    return 1 if first < 0xC0 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4


def _escape(buffer: bytes, waited: bool) -> tuple[str | None, bytes]:
    if len(buffer) == 1:
        return ("esc", b"") if waited else (None, buffer)
    if buffer[1:2] not in b"[O":  # Alt with a key, or Esc and then a key: two keys
        return "esc", buffer[1:]
    end = 3 if buffer[1:3] == b"[[" else 2  # the Linux console has a second bracket
    while end < min(len(buffer), MAX_SEQUENCE) and buffer[1:2] == b"[" and 0x20 <= buffer[end] <= 0x3F:
        end += 1
    if end == len(buffer) and end < MAX_SEQUENCE:
        return ("", b"") if waited else (None, buffer)
    if end == MAX_SEQUENCE or not 0x40 <= buffer[end] <= 0x7E:  # this is no part of it any more
        return "", buffer[end:]
    return _SEQUENCES.get(buffer[1 : end + 1].decode("ascii"), ""), buffer[end + 1 :]


class Keys:
    """The keys of the terminal at a file descriptor, read raw inside a `with` block."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._buffer = b""
        self._wake: tuple[int, int] | None = None
        self._before: list[Callable[[], object]] = []  # what puts everything back

    def __enter__(self) -> Keys:
        if sys.platform != "win32":
            self._wake = os.pipe()
            os.set_blocking(self._wake[1], False)
            # The wake-up catches a signal that comes just before the wait for keys: Python's own handler
            # would run only after the next key. It tells of every signal that has a handler.
            wakened = signal.set_wakeup_fd(self._wake[1], warn_on_full_buffer=False)
            self._before.append(lambda: signal.set_wakeup_fd(wakened))
            old = signal.signal(signal.SIGWINCH, lambda *_: None)
            self._before.append(lambda: signal.signal(signal.SIGWINCH, old))
        self.raw()
        return self

    def __exit__(self, *_: object) -> None:
        self.cooked()
        while self._before:
            self._before.pop()()
        for end in self._wake or ():
            os.close(end)
        self._wake = None

    def raw(self) -> None:
        """Let keys through as they are pressed, without echo."""
        if sys.platform != "win32":
            import termios

            self._cooked: list[Any] = termios.tcgetattr(self._descriptor)
            mode = termios.tcgetattr(self._descriptor)
            mode[0] &= ~(termios.IXON | termios.ICRNL | termios.ISTRIP)
            mode[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN)
            mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, mode)

    def cooked(self) -> None:
        """Give the terminal back as it was."""
        if sys.platform != "win32":
            import termios

            with suppress(termios.error):  # it is gone
                termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._cooked)

    def read(self, timeout: float | None = None) -> str | None:
        """The next key by name or character, `RESIZE`, or `END`; None after `timeout` seconds.

        What is pasted is one key, if the terminal marks it: `PASTE` and the text. Keys that mean
        nothing are passed over. Ctrl-C raises KeyboardInterrupt.
        """
        while True:
            key = self._next(timeout)
            if key == "ctrl-c":
                raise KeyboardInterrupt
            if key == "paste begins":
                return PASTE + self._pasted()
            if key not in ("", "paste ends"):
                return key

    def _next(self, timeout: float | None) -> str | None:
        key, self._buffer = take(self._buffer, waited=False)
        return self._wait(timeout) if key is None else key

    def _pasted(self) -> str:
        """What comes until the paste ends: its characters, and a blank for any other key."""
        text = ""
        while (key := self._next(PASTE_TIME)) not in ("paste ends", END, None):
            if key and key != RESIZE:
                text += key if len(key) == 1 else " "
        return text

    def _wait(self, timeout: float | None) -> str | None:
        """Wait for bytes: an empty text if some came, else what happened instead."""
        if sys.platform == "win32":
            return _windows_key(timeout)
        assert self._wake is not None
        patience = ESCAPE_TIME if self._buffer else timeout
        ready, _, _ = select.select([self._descriptor, self._wake[0]], [], [], patience)
        if self._wake[0] in ready:
            return RESIZE if signal.SIGWINCH in os.read(self._wake[0], 1024) else ""
        if self._descriptor in ready:
            return self._read_some()
        if not self._buffer:
            return None
        key, self._buffer = take(self._buffer, waited=True)
        return key

    def _read_some(self) -> str:
        try:
            data = os.read(self._descriptor, 1024)
        except OSError:  # the terminal was closed
            data = b""
        self._buffer += data
        return "" if data else END


def _windows_key(timeout: float | None) -> str | None:
    import msvcrt
    from time import sleep

    turns = 0
    getch: Any = msvcrt
    while timeout is not None and not getch.kbhit():
        if turns * 0.02 >= timeout:
            return None
        sleep(0.02)
        turns += 1
    character = getch.getwch()
    if character in "\x00\xe0":
        return _WINDOWS.get(getch.getwch(), "")
    if character == "\x1b":
        return "esc"
    return _named(character)
