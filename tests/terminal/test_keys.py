"""Keys out of bytes: each sequence, halves of them, floods, and bytes that nobody typed."""

from __future__ import annotations

import os
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aipm_cards.characters import FORBIDDEN
from aipm_cards.terminal import keys
from aipm_cards.terminal.keys import END, MAX_SEQUENCE, PASTE, RESIZE, Keys, take

NAMED = {
    b"\r": "enter",
    b"\n": "enter",
    b"\t": "tab",
    b" ": "space",
    b"\x7f": "backspace",
    b"\x08": "backspace",
    b"\x03": "ctrl-c",
    b"\x04": "ctrl-d",
    b"\x0c": "ctrl-l",
    b"\x15": "ctrl-u",
    b"\x1a": "ctrl-z",
    b"\x1b[A": "up",
    b"\x1b[B": "down",
    b"\x1b[C": "right",
    b"\x1b[D": "left",
    b"\x1bOA": "up",
    b"\x1bOB": "down",
    b"\x1bOC": "right",
    b"\x1bOD": "left",
    b"\x1b[H": "home",
    b"\x1bOH": "home",
    b"\x1b[1~": "home",
    b"\x1b[7~": "home",
    b"\x1b[F": "end",
    b"\x1bOF": "end",
    b"\x1b[4~": "end",
    b"\x1b[8~": "end",
    b"\x1b[5~": "page up",
    b"\x1b[6~": "page down",
    b"\x1b[Z": "shift-tab",
    b"\x1bOM": "enter",
    b"\x1b[200~": "paste begins",
    b"\x1b[201~": "paste ends",
}
UNKNOWN = (b"\x1b[1;5A", b"\x1b[2~", b"\x1b[15~", b"\x1bOP", b"\x1b[202~", b"\x1b[I", b"\x1b[?62;c", b"\x1b[24;80R")
WIDE = ("é", "ß", "Ж", "精", "ア", "한", "🎯", "\u0301")


def taken(data: bytes) -> list[str]:
    """The keys of all bytes, if nothing more ever comes."""
    found = []
    while data:
        key, rest = take(data, waited=False)
        if key is None:
            key, rest = take(data, waited=True)
        assert key is not None
        assert len(rest) < len(data)
        assert data.endswith(rest)
        data = rest
        found += [key] if key else []
    return found


@pytest.mark.parametrize("data", NAMED)
def test_each_sequence_is_one_key(data: bytes) -> None:
    assert take(data, waited=False) == (NAMED[data], b"")


@pytest.mark.parametrize("data", NAMED)
def test_keys_are_not_merged(data: bytes) -> None:
    assert taken(data * 3) == [NAMED[data]] * 3
    assert taken(b"3" + data + b"q") == ["3", NAMED[data], "q"]


@pytest.mark.parametrize("data", UNKNOWN)
def test_a_sequence_that_is_not_known_means_nothing_and_takes_nothing_along(data: bytes) -> None:
    assert take(data + b"3", waited=False) == ("", b"3")


@pytest.mark.parametrize("data", [*NAMED, *UNKNOWN])
def test_half_a_sequence_waits_for_the_rest(data: bytes) -> None:
    for end in range(1, len(data)):
        assert take(data[:end], waited=False) == (None, data[:end])


@pytest.mark.parametrize("letter", WIDE)
def test_a_character_is_one_key_however_it_arrives(letter: str) -> None:
    data = letter.encode()
    assert taken(data * 2) == [letter] * 2
    for end in range(1, len(data)):
        assert take(data[:end], waited=False) == (None, data[:end])


def test_esc_alone() -> None:
    assert take(b"\x1b", waited=False) == (None, b"\x1b")
    assert take(b"\x1b", waited=True) == ("esc", b"")


@pytest.mark.parametrize("after", ["3", "q", "x", "é", "精", "[", "O"])
def test_esc_and_then_a_key_are_two_keys_if_there_was_time_between(after: str) -> None:
    key, rest = take(b"\x1b", waited=True)
    assert [key, *taken(rest + after.encode())] == ["esc", after]


@pytest.mark.parametrize("after", ["3", "q", "é", "精"])
def test_alt_with_a_key_is_esc_and_the_key(after: str) -> None:
    assert taken(b"\x1b" + after.encode()) == ["esc", after]


def test_esc_before_a_sequence() -> None:
    assert taken(b"\x1b\x1b[A") == ["esc", "up"]
    assert taken(b"\x1b\x1b") == ["esc", "esc"]


def test_half_a_character_is_passed_over_when_nothing_more_comes() -> None:
    assert taken("精".encode()[:2]) == []
    assert taken("精".encode()[:2] + b"q") == ["q"]
    assert taken(b"\xff\xfe\x80q\xc3(") == ["q", "("]


@pytest.mark.parametrize("control", [b"\x03", b"\r", b"\x04"])
def test_half_a_sequence_swallows_no_control_key(control: bytes) -> None:
    """Whoever presses Alt-[ and then Ctrl-C wants to leave."""
    assert taken(b"\x1b[" + control)[-1:] == [NAMED[control]]
    assert taken(b"\x1b[" + control + b"q")[-2:] == [NAMED[control], "q"]


def test_half_a_sequence_swallows_no_sequence() -> None:
    assert taken(b"\x1b[\x1b[Aq")[-2:] == ["up", "q"]


def test_half_a_sequence_swallows_no_letter_of_another_script() -> None:
    assert taken(b"\x1b[" + "精q".encode())[-2:] == ["精", "q"]


def test_function_keys_of_the_linux_console_leave_no_letter_behind() -> None:
    assert taken(b"\x1b[[Aq") == ["q"]


def test_a_sequence_without_end_is_given_up() -> None:
    assert take(b"\x1b[" + b"1" * (MAX_SEQUENCE - 3), waited=False)[0] is None
    assert take(b"\x1b[" + b"1" * MAX_SEQUENCE, waited=False)[0] == ""
    assert len(taken(b"\x1b[" + b"1" * 1000)) >= 1000 - MAX_SEQUENCE


@pytest.mark.parametrize("joiner", ["\u200d", "\u200c", "\u00a0"])
def test_what_holds_a_remark_together_is_typed(joiner: str) -> None:
    """Emoji are joined by U+200D, Persian words need U+200C, French ones a hard space."""
    assert taken(joiner.encode()) == [joiner]


PRINTABLE = st.characters(codec="utf-8", exclude_categories=("C", "Z"))
TYPED = st.lists(st.one_of(st.sampled_from([*NAMED, *(letter.encode() for letter in WIDE)]), PRINTABLE.map(str.encode)))


@given(TYPED)
def test_nothing_typed_is_lost_or_merged(typed: list[bytes]) -> None:
    assert taken(b"".join(typed)) == [NAMED.get(data) or data.decode() for data in typed]


@given(st.binary(max_size=200))
def test_any_bytes_end(data: bytes) -> None:
    for key in taken(data):
        assert key in {*NAMED.values(), "esc"} or (len(key) == 1 and not FORBIDDEN.match(key) and key not in " \n\t")


@given(st.binary(max_size=60), st.booleans())
def test_take_gives_a_key_and_the_rest(data: bytes, waited: bool) -> None:
    key, rest = take(data, waited)
    assert data.endswith(rest)
    if key is None:
        assert rest == data
        assert not waited or not data
    elif data:
        assert len(rest) < len(data)


def test_a_flood() -> None:
    assert taken(b" 3\x1b[B" * 3000) == ["space", "3", "down"] * 3000


# --- at a terminal ---------------------------------------------------------------------------


class Terminal:
    """Both ends of a pseudo-terminal, with `Keys` at the one."""

    def __init__(self) -> None:
        self.far, self.near = os.openpty()
        self.keys = Keys(self.near)

    def type(self, data: bytes) -> None:
        os.write(self.far, data)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    for end in (terminal.far, terminal.near):
        with suppress(OSError):  # the test closed it
            os.close(end)


def test_keys_typed_ahead_come_one_at_a_time(terminal: Terminal) -> None:
    with terminal.keys as read:
        terminal.type(" 3é\x1b[6~q".encode())
        assert [read.read(5) for _ in range(5)] == ["space", "3", "é", "page down", "q"]
        assert read.read(0.001) is None


def test_a_lone_esc_does_not_block(terminal: Terminal) -> None:
    with terminal.keys as read:
        terminal.type(b"\x1b")
        assert read.read(None) == "esc"
        terminal.type(b"q")
        assert read.read(None) == "q"


def test_a_character_in_two_halves(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "ESCAPE_TIME", 5.0)
    first, second = "精".encode()[:1], "精".encode()[1:]
    reads = iter([first, second])
    with terminal.keys as read:
        terminal.type(b"..")  # something is there to be read; what, is given
        monkeypatch.setattr("aipm_cards.terminal.keys.os.read", lambda *_: next(reads))
        assert read.read(5) == "精"


def test_ctrl_c_is_an_interrupt(terminal: Terminal) -> None:
    with terminal.keys as read:
        terminal.type(b"\x03")
        with pytest.raises(KeyboardInterrupt):
            read.read(5)


def test_what_was_typed_before_is_not_lost(terminal: Terminal) -> None:
    terminal.type(b" 3")
    with terminal.keys as read:
        assert [read.read(5), read.read(5)] == ["space", "3"]


def test_what_comes_after_an_interrupt_is_kept(terminal: Terminal) -> None:
    with terminal.keys as read:
        terminal.type(b"\x03q")
        with pytest.raises(KeyboardInterrupt):
            read.read(5)
        assert read.read(5) == "q"


def test_a_paste_is_one_key_and_no_command(terminal: Terminal) -> None:
    with terminal.keys as read:
        terminal.type("a\x1b[200~two\rlines\t é\x03 3q\x1b[A\x1b[201~q".encode())
        assert [read.read(5) for _ in range(3)] == ["a", f"{PASTE}two lines  é  3q ", "q"]


def test_a_paste_without_an_end(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "PASTE_TIME", 0.01)
    with terminal.keys as read:
        terminal.type(b"\x1b[200~two\r")
        assert read.read(5) == f"{PASTE}two "
        terminal.type(b"\x1b[201~q")
        assert read.read(5) == "q"


def test_a_terminal_that_closes_in_a_paste(terminal: Terminal) -> None:
    with terminal.keys as read:
        terminal.type(b"\x1b[200~two")
        threading.Timer(0.05, os.close, [terminal.far]).start()
        assert read.read(5) == f"{PASTE}two"
        assert read.read(5) == END


def test_a_closed_terminal_is_the_end(terminal: Terminal) -> None:
    with terminal.keys as read:
        os.close(terminal.far)
        assert read.read(5) == END


def test_a_changed_size_is_told(terminal: Terminal) -> None:
    import signal

    before = signal.getsignal(signal.SIGWINCH)
    with terminal.keys as read:
        for _ in range(3):
            signal.raise_signal(signal.SIGWINCH)
        assert read.read(5) == RESIZE
        terminal.type(b"q")
        assert read.read(5) == "q"
    assert signal.getsignal(signal.SIGWINCH) == before


def test_ten_thousand_changed_sizes_do_not_block(terminal: Terminal) -> None:
    import signal

    with terminal.keys as read:
        for _ in range(70_000):  # more than a pipe holds
            signal.raise_signal(signal.SIGWINCH)
        terminal.type(b"q")
        found: set[str | None] = set()
        while "q" not in found:
            found.add(read.read(5))
        assert found == {RESIZE, "q"}


def test_a_signal_that_comes_just_before_the_wait_ends_it(terminal: Terminal) -> None:
    """Its handler could only run after the next key, if nothing woke the wait."""
    import signal

    heard = []
    before = signal.signal(signal.SIGUSR1, lambda *_: heard.append(1))
    try:
        with terminal.keys as read:
            wake = signal.set_wakeup_fd(-1)
            signal.set_wakeup_fd(wake)
            assert wake != -1
            signal.raise_signal(signal.SIGUSR1)
            assert read.read(0.01) is None  # no key, and no changed size
            assert heard == [1]
        assert signal.set_wakeup_fd(-1) == -1
    finally:
        signal.signal(signal.SIGUSR1, before)


@pytest.mark.parametrize("leave", [lambda read: None, lambda read: read.cooked()])
def test_the_terminal_is_put_back_as_it_was(terminal: Terminal, leave: Callable[[Keys], None]) -> None:
    before = termios.tcgetattr(terminal.near)
    with terminal.keys as read:
        assert termios.tcgetattr(terminal.near) != before
        leave(read)
    assert termios.tcgetattr(terminal.near) == before


def test_the_terminal_is_put_back_after_an_error(terminal: Terminal) -> None:
    before = termios.tcgetattr(terminal.near)
    with pytest.raises(ZeroDivisionError), terminal.keys:
        raise ZeroDivisionError
    assert termios.tcgetattr(terminal.near) == before


def test_another_program_has_the_terminal_meanwhile(terminal: Terminal) -> None:
    before = termios.tcgetattr(terminal.near)
    with terminal.keys as read:
        raw = termios.tcgetattr(terminal.near)
        read.cooked()
        assert termios.tcgetattr(terminal.near) == before
        read.raw()
        assert termios.tcgetattr(terminal.near) == raw
