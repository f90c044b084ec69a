"""A check of what did not change says what the last one said, and nothing that changed escapes it."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from aipm_cards import release
from aipm_cards.cli import check
from aipm_cards.content import examine as examining
from aipm_cards.content.cache import outcome as remembering
from aipm_cards.content.cache.outcome import holds_until
from tests import test_cases
from tests.cli.conftest import Run
from tests.packages.sample import basic, write

BROKEN = "deck: One\nnotes:\n  - id: Bad id\n    front: *Q\n    back: A\n"
LONG_AGO = 10_000_000_000  # nanoseconds: by then every stamp is settled


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that is empty, and a program that is the same throughout."""
    monkeypatch.setattr(remembering, "program", lambda: "this program")
    monkeypatch.setenv("AIPM_CARDS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An entry for each time that a collection is really examined."""
    calls: list[str] = []
    real = examining.examine

    def counted(*arguments: object, **more: object) -> object:
        calls.append("examined")
        return real(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(examining, "examine", counted)
    return calls


@contextmanager
def days_later(monkeypatch: pytest.MonkeyPatch, day: str) -> Iterator[None]:
    """It is another day meanwhile."""

    class Day(date):
        @classmethod
        def today(cls) -> date:
            return date.fromisoformat(day)

    with monkeypatch.context() as patch:
        patch.setattr(check, "date", Day)
        yield


def settle(root: Path) -> None:
    """Let the files of a collection look as if they had been written long ago."""
    then = time.time() - 100
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            os.utime(path, (then, then))


# --- the same again ---------------------------------------------------------------------------


@pytest.mark.parametrize("format_", ["text", "json", "github", "sarif"])
def test_it_says_the_same_again(run: Run, sample: Path, format_: str, counting: list[str]) -> None:
    write(sample, {}, bad=BROKEN, style=basic("it", front="It?"))
    first = run("check", sample, "--format", format_)
    again = run("check", sample, "--format", format_)
    assert again == first
    assert first.code == 1
    assert len(counting) == 1


def test_another_format_a_part_or_another_strictness(run: Run, sample: Path, counting: list[str]) -> None:
    write(sample, {}, style=basic("asked-twice", front="Is it so? Or is it not?", back="A"))
    assert run("check", sample).code == 0
    assert run("check", sample, "--strict").code == 1
    assert run("check", sample / "metrics.yaml", "--strict").code == 0
    assert len(json.loads(run("check", sample, "--format", "json").out)["diagnostics"]) == 2
    assert len(counting) == 1


@pytest.mark.parametrize(
    "name", [*[n for n in test_cases.NAMES if n[0] != "S" and n != "D301"][::3], "Y101", "M101", "D204"]
)
def test_every_third_case(name: str, run: Run, nowhere: Path, counting: list[str]) -> None:
    root = test_cases.copy(name, nowhere)
    first = run("check", root)
    assert run("check", root) == first
    assert len(counting) == (2 if name.startswith("D301") else 1)  # a lock from the future becomes sound with time


def test_nothing_of_yaml_or_style_is_imported(sample: Path) -> None:
    code = (
        f"import sys; from aipm_cards.cli.check import command; command([{str(sample)!r}], standalone_mode=False);"
        "print([m for m in ('yaml', 'sqlite3', 'aipm_cards.style', 'aipm_cards.content.load') if m in sys.modules])"
    )
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_file_that_is_read_once_more_is_not_read_a_third_time(
    run: Run, sample: Path, monkeypatch: pytest.MonkeyPatch, counting: list[str]
) -> None:
    run("check", sample)
    now = time.time_ns() + LONG_AGO
    monkeypatch.setattr(check.time, "time_ns", lambda: now)
    run("check", sample)  # all stamps were too young: bytes are compared
    real = remembering.look

    def look(root: Path, path: str) -> object:
        assert not (root / path).exists(), "a file is read"
        return real(root, path)

    monkeypatch.setattr(remembering, "look", look)
    assert run("check", sample).code == 0
    assert len(counting) == 1


# --- what changed -----------------------------------------------------------------------------

Change = Callable[[Path], object]


def same_tick(root: Path) -> None:
    """Another text of the same length, with the same time of writing."""
    path = root / "metrics.yaml"
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"back: ", b"bacc: ", 1))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES: dict[str, Change] = {
    "a text": lambda root: (root / "metrics.yaml").write_text("deck: One\n", encoding="utf-8"),
    "the same tick": same_tick,
    "a new file": lambda root: write(root, {}, new="deck: One\n"),
    "a file less": lambda root: (root / "metrics.yaml").unlink(),
    "the collection": lambda root: (root / "collection.yaml").write_text(
        "format: 1\nname: Other\nnamespace: sample-cards\n", encoding="utf-8"
    ),
    "the sources": lambda root: (root / "sources.yaml").unlink(),
    "the curriculum": lambda root: (root / "curriculum.yaml").unlink(),
    "a lock": lambda root: (root / release.LOCK).write_text("# nothing\n", encoding="utf-8"),
    "an image less": lambda root: next((root / "media").iterdir()).unlink(),
    "an image too large": lambda root: next((root / "media").iterdir()).write_bytes(b" " * (4 * 1024 * 1024 + 1)),
    "an image more": lambda root: (root / "media" / "unused.svg").write_text("<svg/>", encoding="utf-8"),
    "a link to a directory": lambda root: (root / "linked").symlink_to("media", target_is_directory=True),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("old", [True, False])
def test_what_changed_is_checked(
    change: str, old: bool, run: Run, sample: Path, counting: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if old:
        settle(sample)
    run("check", sample)
    CHANGES[change](sample)
    changed = run("check", sample)
    assert len(counting) == 2
    monkeypatch.delenv("AIPM_CARDS_CACHE")
    monkeypatch.setattr(check, "cache_directory", lambda: None)
    assert run("check", sample) == changed


def test_an_image_that_was_missing(run: Run, sample: Path) -> None:
    write(sample, {}, new=basic("an-image", front="What does ![a curve](pictures/curve.svg) show?"))
    assert "error[M101]" in run("check", sample).out
    (sample / "pictures").mkdir()
    assert "error[M101]" in run("check", sample).out
    (sample / "pictures" / "curve.svg").write_text("<svg/>", encoding="utf-8")
    assert "error[M101]" not in run("check", sample).out


def test_another_program(run: Run, sample: Path, counting: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    run("check", sample)
    monkeypatch.setattr(remembering, "program", lambda: "another program")
    run("check", sample)
    assert len(counting) == 2


def test_the_program_includes_the_rules_about_style(monkeypatch: pytest.MonkeyPatch) -> None:
    from aipm_cards.content.cache import stamps

    looked: list[str] = []
    real = os.scandir
    monkeypatch.setattr(stamps.os, "scandir", lambda path: (looked.append(Path(path).name), real(path))[1])
    assert stamps.program()
    assert {"aipm_cards", "content", "cache", "text", "style"} == set(looked)


def test_the_day(run: Run, sample: Path, counting: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    late = "  - id: late\n    front: What does a small model cost?\n    back: A cent.\n    review_by: 2031-03-01\n"
    write(sample, {}, late=f"deck: One\nnotes:\n{late}")
    for day, examined, overdue in (
        ("2030-06-01", 1, False),
        ("2031-03-01", 1, False),
        ("2031-03-02", 2, True),
        ("2040-01-01", 2, True),
        ("2030-06-01", 3, False),  # a clock that was put right
    ):
        with days_later(monkeypatch, day):
            assert ("late.yaml" in run("check", sample).out) is overdue, day
        assert len(counting) == examined, day


def test_until_when_it_holds() -> None:
    assert holds_until("2026-11-29", ["", "2026-11-28", "2027-01-01", "2026-12-01"]) == "2026-12-01"
    assert holds_until("2026-11-29", ["2026-11-29"]) == "2026-11-29"
    assert holds_until("2026-11-29", ["", "2020-01-01"]) == ""


def test_fixing_never_believes_the_last_check(run: Run, sample: Path, counting: list[str]) -> None:
    run("check", sample)
    run("check", "--fix", sample)
    assert len(counting) == 2
    write(sample, {}, bad="deck: One\nnotes:\n  - id: a-note\n    front: *Q* is what?\n    back: A\n")
    assert "fixed[Y204]" in run("check", "--fix", sample).out
    assert len(counting) == 4
    result = run("check", sample)  # it remembers what was left
    assert len(counting) == 4
    assert "Y204" not in result.out


def test_a_file_that_changes_while_it_is_checked(
    run: Run, sample: Path, monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    real = examining.examine

    def slowly(*arguments: object, **more: object) -> object:
        found = real(*arguments, **more)  # type: ignore[arg-type]
        write(sample, {}, metrics=basic("other"))
        return found

    monkeypatch.setattr(examining, "examine", slowly)
    run("check", sample)
    assert not list(place.glob("*"))


# --- a cache that cannot be trusted -----------------------------------------------------------


def the_file(place: Path) -> Path:
    (path,) = place.glob("*.check")
    return path


def resealed(place: Path, change: Callable[[dict[str, object]], object]) -> None:
    """The file with something else in it, and the right seal."""
    import hashlib

    value = json.loads(the_file(place).read_bytes()[64:])
    change(value)
    content = json.dumps(value).encode()
    the_file(place).write_bytes(hashlib.sha256(content).hexdigest().encode() + content)


UNKNOWN = ["X1", "", 1, 1, "", "", "", None]


def damages() -> dict[str, Callable[[Path], object]]:
    return {
        "gone": lambda place: shutil.rmtree(place),
        "empty": lambda place: the_file(place).write_bytes(b""),
        "cut": lambda place: the_file(place).write_bytes(the_file(place).read_bytes()[:-9]),
        "a byte": lambda place: the_file(place).write_bytes(the_file(place).read_bytes().replace(b"Sample", b"Simple")),
        "a directory": lambda place: (the_file(place).rename(place / "old"), (place / "old").with_suffix("").touch()),
        "a list": lambda place: resealed(place, lambda value: value.clear()),
        "no problems": lambda place: resealed(place, lambda value: value.update(problems=7)),
        "an unknown rule": lambda place: resealed(place, lambda value: value.update(problems=[UNKNOWN])),
        "no number": lambda place: resealed(place, lambda value: value.update(counted=["a", "b", "c"])),
        "no files": lambda place: resealed(place, lambda value: value.update(files=[1])),
        "files of another shape": lambda place: resealed(place, lambda value: value.update(files={"a": [1]})),
        "no days": lambda place: resealed(place, lambda value: value.update(days=[1, 2])),
    }  # fmt: skip


@pytest.mark.parametrize("damage", damages())
def test_damage_is_a_reason_to_check_and_nothing_else(
    damage: str, run: Run, sample: Path, place: Path, counting: list[str]
) -> None:
    first = run("check", sample)
    damages()[damage](place)
    assert run("check", sample) == first
    assert len(counting) == 2
    assert run("check", sample) == first
    assert len(counting) == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_place_that_cannot_be_used(run: Run, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run("check", sample)
    (tmp_path / "file").touch()
    for unusable in (tmp_path / "file", tmp_path / "file" / "below", Path("/dev/null/x")):
        monkeypatch.setenv("AIPM_CARDS_CACHE", str(unusable))
        assert run("check", sample) == first


def test_a_fifo_in_its_place(run: Run, sample: Path, place: Path) -> None:
    first = run("check", sample)
    path = the_file(place)
    path.unlink()
    os.mkfifo(path)
    assert run("check", sample) == first
    assert stat.S_ISREG(path.stat().st_mode)


def test_one_collection_is_not_taken_for_another(run: Run, sample: Path, nowhere: Path, counting: list[str]) -> None:
    run("check", sample)
    write(nowhere / "other")
    run("check", nowhere / "other")
    assert len(counting) == 2


def test_the_lock_has_the_name_that_it_has() -> None:
    assert remembering.LOCK == release.LOCK
