"""`aipm-cards build`: what is written, when nothing is, and what it says."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

import aipm_cards.cli.build as build_command
from aipm_cards.anki.package import receipt
from tests.cli.conftest import Run
from tests.packages.sample import NOW, basic, edit, opened, write

WHOLE = "8 notes, 10 cards in 2 decks, 1 image from sample"
PACKAGE = Path("sample-cards.apkg")


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_a_build(run: Run, sample: Path, nowhere: Path) -> None:
    result = run("build", sample)
    assert (result.code, result.err) == (0, "")
    assert result.out == f"{PACKAGE}: {WHOLE}; not released yet, so every note counts as new\n"
    assert names(nowhere) == ["sample", "sample-cards.apkg"]
    assert len(opened(PACKAGE).notes) == 8


def test_built_twice_nothing_changed(run: Run, sample: Path) -> None:
    run("build", sample)
    before = PACKAGE.stat()
    result = run("build", sample)
    assert result.code == 0
    assert (
        result.out
        == f"{PACKAGE}: {WHOLE}; not released yet, so every note counts as new; nothing changed since it was built\n"
    )
    after = PACKAGE.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


@pytest.mark.parametrize("harm", ["damaged", "gone", "other"])
def test_a_package_that_is_not_whole_is_built_again(run: Run, sample: Path, harm: str) -> None:
    run("build", sample)
    data = bytearray(PACKAGE.read_bytes())
    data[len(data) // 2] ^= 255
    PACKAGE.unlink()
    if harm != "gone":
        PACKAGE.write_bytes(data if harm == "damaged" else b"another file")
    assert "nothing changed" not in run("build", sample).out
    assert len(opened(PACKAGE).notes) == 8


def test_after_an_edit_the_package_is_newer(run: Run, sample: Path) -> None:
    run("build", sample)
    first = opened(PACKAGE).note("design-a-queue")["mod"]
    edit(sample / "talk.yaml", "Design a review queue.", "Design a better queue.")
    result = run("build", sample)
    assert "nothing changed" not in result.out
    found = opened(PACKAGE)
    assert "better" in found.fields("design-a-queue")["Asked"]
    assert found.note("design-a-queue")["mod"] > first


@pytest.mark.parametrize(
    "name", ["sources.yaml", "curriculum.yaml", "media/matrix.svg", "collection.yaml", "talk.yaml"]
)
def test_every_file_counts_as_a_change(run: Run, sample: Path, name: str) -> None:
    run("build", sample)
    with (sample / name).open("a", encoding="utf-8") as file:
        file.write("# a comment\n" if name.endswith(".yaml") else " ")
    if name.endswith("svg"):
        (sample / "media/copy.svg").write_bytes((sample / name).read_bytes())
    assert "nothing changed" not in run("build", sample).out


def test_line_ends_are_no_change(run: Run, sample: Path) -> None:
    run("build", sample)
    write(sample, line_end="\r\n")
    assert "nothing changed" in run("build", sample).out


def test_another_deck_another_lock_and_another_look_are_a_change(
    run: Run, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("build", sample)
    assert "nothing changed" not in run("build", sample, "--deck", "Talk").out
    run("build", sample)
    run("release", sample, "--first")
    assert "nothing changed" not in run("build", sample).out
    assert "nothing changed" in run("build", sample).out
    monkeypatch.setattr(build_command, "look", lambda: "another")
    assert "nothing changed" not in run("build", sample).out


def test_with_errors_nothing_is_written(run: Run, sample: Path) -> None:
    run("build", sample)
    old = PACKAGE.read_bytes()
    write(sample, {}, bad=basic("Bad id"))
    (sample / "media/unused.svg").write_text("<svg/>", encoding="utf-8")
    result = run("build", sample)
    assert result.code == 1
    assert "sample/bad.yaml:3:9: error[N102]" in result.out
    assert result.closing == "sample: 1 error: nothing was written"
    assert PACKAGE.read_bytes() == old
    PACKAGE.unlink()
    assert run("build", sample).code == 1
    assert not PACKAGE.exists()


def test_warnings_are_counted_and_the_package_is_written(run: Run, sample: Path) -> None:
    (sample / "media/unused.svg").write_text("<svg/>", encoding="utf-8")
    result = run("build", sample)
    assert result.code == 0
    assert result.err == "1 warning; `aipm-cards check` shows them\n"
    assert result.out.startswith(f"{PACKAGE}: {WHOLE}")


# --- where to ------------------------------------------------------------------------------


def test_output(run: Run, sample: Path, nowhere: Path) -> None:
    (nowhere / "out").mkdir()
    (nowhere / "odd.apkg").mkdir()
    for given, written in (("x.apkg", "x.apkg"), ("out", "out/sample-cards.apkg"), ("out/y.APKG", "out/y.APKG"),
                           ("odd.apkg", "odd.apkg/sample-cards.apkg")):  # fmt: skip
        result = run("build", sample, "-o", given)
        assert result.code == 0
        assert result.out.startswith(f"{Path(written)}: ")
        assert (nowhere / written).is_file()


@pytest.mark.parametrize(
    "name", ["x.zip", "x", "collection.apkg", "backup-1.apkg", "missing/x.apkg", "sample/talk.yaml/x.apkg"]
)
def test_a_name_that_will_not_do(run: Run, sample: Path, nowhere: Path, name: str) -> None:
    result = run("build", sample, "-o", name)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("aipm-cards: ")
    assert result.err.count("\n") == 1
    assert names(nowhere) == ["sample"]


def test_a_part(run: Run, sample: Path) -> None:
    result = run("build", sample, "--deck", "talk", "-o", "talk.apkg")
    assert result.out.startswith("talk.apkg: 3 notes, 2 cards in 1 deck, 0 images from sample; ")
    result = run("build", sample, "--deck", "Tal", "-o", "none.apkg")
    assert result.code == 2
    assert "there is no deck 'Tal'" in result.err
    assert not Path("none.apkg").exists()


# --- time ----------------------------------------------------------------------------------


def test_source_date_epoch(run: Run, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOW))
    run("build", sample, "-o", "a.apkg")
    run("build", sample, "-o", "b.apkg")
    assert Path("a.apkg").read_bytes() == Path("b.apkg").read_bytes()
    assert {row["mod"] for row in opened(Path("a.apkg")).notes} == {NOW}
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOW + 1))
    assert "nothing changed" not in run("build", sample, "-o", "a.apkg").out
    assert Path("a.apkg").read_bytes() != Path("b.apkg").read_bytes()


@pytest.mark.parametrize("given", ["", "soon", "-5", "0", "1.5", "\u0661", "99999999999", "1_000"])
def test_a_source_date_epoch_that_is_no_time(
    run: Run, sample: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", given)
    result = run("build", sample)
    assert result.code == 2
    assert "SOURCE_DATE_EPOCH" in result.err
    assert not PACKAGE.exists()


def test_two_builds_within_a_second_differ_in_time(run: Run, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: float(NOW))
    newest = []
    for n in range(3):
        edit(sample / "talk.yaml", "front: Old" + "r" * n, "front: Old" + "r" * (n + 1))
        run("build", sample)
        known = receipt(PACKAGE)
        assert known is not None
        newest.append(known[1].newest)
    assert newest == [NOW, NOW + 1, NOW + 2]


def test_after_a_release_only_what_changed_is_new(run: Run, sample: Path) -> None:
    run("release", sample, "--first")
    result = run("build", sample)
    assert result.out == f"{PACKAGE}: {WHOLE}; since the last release 0 new, 0 changed; 1 retired\n"
    released = opened(PACKAGE)
    edit(sample / "talk.yaml", "Design a review queue.", "Design a better queue.")
    write(sample, {}, new=basic("brand-new"))
    result = run("build", sample)
    assert "since the last release 1 new, 1 changed; 1 retired" in result.out
    found = opened(PACKAGE)
    older = {row["guid"]: row["mod"] for row in released.notes}
    newer = {row["guid"]: row["mod"] for row in found.notes}
    changed = {guid for guid in newer if newer[guid] != older.get(guid)}
    assert changed == {"sample-cards:design-a-queue", "sample-cards:brand-new"}
    assert all(newer[guid] > max(older.values()) for guid in changed)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<<<<<<< HEAD\n", "release.lock:1: this line cannot be read; end the merge"),
        ("format\t2\n", "has format 2"),
        ("note\tx\tbasic\t0\t99999999999\th\td\ta\n", "release.lock:1: the time 99999999999 lies in the future"),
        (b"\xff\xfe", "is not UTF-8"),
    ],
)
@pytest.mark.parametrize("command", ["build", "release"])
def test_a_lock_that_cannot_be_used(run: Run, sample: Path, text: str | bytes, said: str, command: str) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    (sample / "release.lock").write_bytes(data)
    result = run(command, sample)
    assert result.code == 2
    assert said in result.err
    assert not PACKAGE.exists()
    assert (sample / "release.lock").read_bytes() == data


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_lock_that_leads_nowhere_is_no_first_release(run: Run, sample: Path) -> None:
    (sample / "release.lock").symlink_to("gone")
    assert run("build", sample).code == 2
    assert run("release", sample, "--first").code == 2
