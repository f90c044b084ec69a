"""Honest writing: the old file or the new one, whole."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from aipm_cards.writing import replacing

NOW = 1_750_000_000
WAYS = ["nameless", "named"] if sys.platform == "linux" else ["named"]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How the file is written: without a name until it is whole, or beside the target."""
    if request.param == "named":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    return str(request.param)


def put(target: Path, content: bytes = b"new") -> None:
    with replacing(target, NOW) as file:
        file.write(content)


def put_half(target: Path, error: type[BaseException]) -> None:
    with replacing(target, NOW) as file:
        file.write(b"half")
        raise error


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


@pytest.mark.usefixtures("way")
class TestEachWay:
    def test_a_new_file(self, tmp_path: Path) -> None:
        put(tmp_path / "x")
        assert (tmp_path / "x").read_bytes() == b"new"
        assert names(tmp_path) == ["x"]

    def test_a_file_is_replaced_when_the_block_ends(self, tmp_path: Path) -> None:
        (tmp_path / "x").write_bytes(b"old")
        with replacing(tmp_path / "x", NOW) as file:
            file.write(b"new")
            file.flush()
            assert (tmp_path / "x").read_bytes() == b"old"
        assert (tmp_path / "x").read_bytes() == b"new"
        assert names(tmp_path) == ["x"]

    @pytest.mark.skipif(sys.platform == "win32", reason="pipes with names")
    def test_what_is_no_file_is_left_alone(self, tmp_path: Path) -> None:
        """`-o /dev/null` must not take /dev/null away."""
        os.mkfifo(tmp_path / "x")
        with pytest.raises(FileExistsError, match="is no file"):
            put(tmp_path / "x")
        assert (tmp_path / "x").is_fifo()
        assert names(tmp_path) == ["x"]

    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
    def test_an_error_keeps_the_old_file_and_leaves_nothing(self, tmp_path: Path, error: type[BaseException]) -> None:
        (tmp_path / "x").write_bytes(b"old")
        with pytest.raises(error):
            put_half(tmp_path / "x", error)
        assert (tmp_path / "x").read_bytes() == b"old"
        assert names(tmp_path) == ["x"]

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
    @pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
    def test_the_mode_respects_the_umask(self, tmp_path: Path, mask: int) -> None:
        before = os.umask(mask)
        try:
            put(tmp_path / "x")
            assert os.umask(mask) == mask
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o666 & ~mask

    def test_a_link_stays_and_its_target_is_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere/real").write_bytes(b"old")
        (tmp_path / "link").symlink_to(tmp_path / "elsewhere/real")
        put(tmp_path / "link")
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "elsewhere/real").read_bytes() == b"new"
        assert names(tmp_path / "elsewhere") == ["real"]

    def test_no_directory(self, tmp_path: Path) -> None:
        with pytest.raises(OSError, match="missing"):
            put(tmp_path / "missing" / "x")

    def test_a_directory_in_its_place(self, tmp_path: Path) -> None:
        (tmp_path / "x").mkdir()
        with pytest.raises(OSError, match="x"):
            put(tmp_path / "x")
        assert names(tmp_path) == ["x"]

    def test_what_a_killed_process_left_is_removed_when_it_is_old(self, tmp_path: Path) -> None:
        for name, age in ((".x.1.partial", 5000), (".x.2.partial", 5), (".y.1.partial", 5000), ("x.1.partial", 5000)):
            (tmp_path / name).touch()
            os.utime(tmp_path / name, (NOW - age, NOW - age))
        put(tmp_path / "x")
        assert names(tmp_path) == [".x.2.partial", ".y.1.partial", "x", "x.1.partial"]

    def test_odd_names(self, tmp_path: Path) -> None:
        for name in ("a b", "[x]*?", "é日本", "-x", "x" * 200):
            put(tmp_path / name)
        assert len(names(tmp_path)) == 5
