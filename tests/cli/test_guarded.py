"""The guard in `check`, `build` and `release`, which agree; a review goes on."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import aipm_cards
from aipm_cards.release import parse_lock
from tests.cli.conftest import Run
from tests.cli.learning import at_home
from tests.packages.sample import basic, edit, write


@pytest.fixture
def released(run: Run, sample: Path) -> Path:
    """The sample with one note more, after a release."""
    write(sample, {}, new=basic("brand-new", "What does a canary release limit?"))
    assert run("release", sample, "--first").code == 0
    return sample


def gone(root: Path) -> str:
    (root / "new.yaml").unlink()
    return "brand-new"


def reused(root: Path) -> str:
    write(root, {}, new=basic("brand-new", "Why do we retrain?"))
    return "brand-new"


def another_kind(root: Path) -> str:
    edit(root / "metrics.yaml", "kind: reversed\n    term: recall\n    definition", "front: What is recall?\n    back")
    return "recall"


def a_gap_less(root: Path) -> str:
    edit(root / "metrics.yaml", "{{c1::harmonic::kind of}}", "harmonic")
    return "harmonic-mean"


def renamed(root: Path) -> str:
    edit(root / "talk.yaml", "deck: Talk", "deck: Interview talk")
    return "Talk"


BREACHES: dict[Callable[[Path], str], str] = {
    gone: "N701",
    reused: "N702",
    another_kind: "N703",
    a_gap_less: "N704",
    renamed: "N705",
}


@pytest.mark.parametrize("break_", BREACHES, ids=BREACHES.values())
def test_check_build_and_release_agree(run: Run, released: Path, break_: Callable[[Path], str]) -> None:
    before = (released / "release.lock").read_bytes()
    name, code = break_(released), BREACHES[break_]
    for command in ("check", "build", "release"):
        result = run(command, released)
        assert result.code == 1, command
        assert result.out.count("error[") == 1
        assert f"error[{code}] " in result.out
    assert not list(Path().glob("*.apkg"))
    assert (released / "release.lock").read_bytes() == before
    result = run("release", released, "--accept", name)
    assert result.code == 0
    accepted, closing = result.out.splitlines()
    assert accepted.startswith("accepted: ")
    assert name in accepted
    assert closing.startswith(f"{Path('sample/release.lock')}: ")
    for command in ("check", "build", "release"):
        assert run(command, released).code == 0, command
    assert (run("release", released, "--accept", name)).code == 2  # there is nothing left to accept


def test_what_is_not_accepted_is_still_refused(run: Run, released: Path) -> None:
    names = gone(released), renamed(released)
    for name, left in zip(names, ("N705", "N701"), strict=True):
        result = run("release", released, "--accept", name)
        assert result.code == 1
        assert result.out.count("error[") == 1
        assert f"error[{left}]" in result.out
    assert result.closing == "sample: 1 error: nothing was released"
    result = run("release", released, "--accept", names[0], "--accept", names[1])
    assert (result.code, len(result.out.splitlines())) == (0, 3)


def test_a_name_of_nothing_is_not_accepted(run: Run, released: Path) -> None:
    gone(released)
    result = run("release", released, "--accept", "brand-new", "--accept", "brand-old\x1b")
    assert result.code == 2
    assert "nothing to accept about 'brand-old\ufffd'" in result.err
    assert run("release", released).code == 1


def test_the_id_of_a_note_that_was_let_go_is_kept(run: Run, released: Path) -> None:
    gone(released)
    run("release", released, "--accept", "brand-new")
    assert parse_lock((released / "release.lock").read_text(encoding="utf-8"), 10**11).notes["brand-new"].ordinals == ()
    reused(released)
    assert "error[N702]" in run("check", released).out
    write(released, {}, new=basic("brand-new", "What does a canary release limit?"))
    assert run("check", released).code == 0


def test_build_of_one_deck_looks_at_all(run: Run, released: Path) -> None:
    gone(released)
    assert "error[N701]" in run("build", released, "--deck", "Talk").out


def test_one_slip_is_not_a_loss_of_its_note(run: Run, released: Path) -> None:
    edit(released / "new.yaml", "back: So.", "bakc: So.")
    result = run("check", released)
    assert "N701" not in result.out
    assert "error[N105]" in result.out


def test_what_is_gone_is_told_beside_an_error_elsewhere(run: Run, released: Path) -> None:
    gone(released)
    edit(released / "talk.yaml", "prompt:", "promt:")
    result = run("check", released)
    assert "error[N105]" in result.out
    assert "error[N701] the released note 'brand-new' is gone" in result.out


def test_a_file_that_cannot_be_read_may_hold_what_is_missed(run: Run, released: Path) -> None:
    (released / "new.yaml").write_bytes(b"\xff\xfe-\0")
    assert "N701" not in run("check", released).out


def test_a_review_goes_on(run: Run, released: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    at_home(tmp_path, monkeypatch)
    reused(released)
    assert run("check", released).code == 1
    result = run("next", "One", "--collection", released, "--json")
    assert result.code == 0
    assert "retrain" in result.out


def test_without_a_lock_nothing_is_guarded(run: Run, released: Path) -> None:
    (released / "release.lock").unlink()
    reused(released)
    assert run("check", released).code == 0


# --- the lock itself -----------------------------------------------------------------------


def test_a_lock_with_other_line_ends_and_a_mark(run: Run, released: Path) -> None:
    lock = released / "release.lock"
    lock.write_bytes(b"\xef\xbb\xbf" + lock.read_bytes().replace(b"\n", b"\r\n"))
    assert run("check", released).code == 0
    gone(released)
    result = run("check", released)
    line = next(n for n, text in enumerate(lock.read_text("utf-8").splitlines(), 1) if "\tbrand-new\t" in text)
    assert f"release.lock:{line}:6: error[N701]" in result.out


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"=======\n", "release.lock:1:1: error[D301] this line cannot be read"),
        (
            b"\n\nnote\tx\tbasic\t0\t99999999999\th\td\ta\n",
            "release.lock:3:1: error[D301] the time 99999999999 lies in",
        ),
        (b"\xff\xfe", "release.lock:1:1: error[D301] is not UTF-8"),
        (b"format\t2\n", "release.lock:1:1: error[D301] release.lock has format 2"),
        (b"\x1b]52;c\x07\t\n", "release.lock:1:1: error[D301] this line cannot be read"),
    ],
)
def test_a_lock_that_cannot_be_read(run: Run, released: Path, data: bytes, said: str) -> None:
    (released / "release.lock").write_bytes(data)
    result = run("check", released)
    assert result.code == 1
    assert said in result.out.replace(os.sep, "/")
    assert result.out.count("error[") == 1
    assert "\x1b" not in result.out


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("target", ["gone", "release.lock", "../outside"])
def test_a_lock_that_is_a_link(run: Run, released: Path, target: str) -> None:
    lock = released / "release.lock"
    (released.parent / "outside").write_bytes(lock.read_bytes())
    lock.unlink()
    lock.symlink_to(target)
    result = run("check", released)
    assert result.code == 1
    assert "error[D301]" in result.out
    for command in ("build", "release"):
        result = run(command, released)
        assert (result.code, result.out) == (2, "")
        assert re.fullmatch("aipm-cards: .+\n", result.err)


def test_the_library_has_the_guard(released: Path) -> None:
    assert aipm_cards.check(released, now=int(time.time())) == []
    gone(released)
    assert [problem.code for problem in aipm_cards.check(released)] == ["N701"]


def test_without_a_clock_no_time_lies_in_the_future(released: Path) -> None:
    assert aipm_cards.check(released) == []
    assert [problem.code for problem in aipm_cards.check(released, now=1)] == ["D301"]
