"""`aipm-cards check --fix`: what it prints, which files it touches, how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.packages.sample import write

STARRED = "deck: One\nnotes:\n  - id: starred-{}\n    front: *Recall{}* of what?\n    back: Of the fraud.\n"


@pytest.fixture
def broken(sample: Path) -> Path:
    """The sample with two files that can be repaired, and an error that cannot."""
    hopeless = "deck: One\nnotes:\n  - id: a-note\n    front: Who is asked?\n    back: I.\n    tier: core\n"
    return write(sample, {}, **{"one": STARRED.format(1, 1), "more/two": STARRED.format(2, 2), "three": hopeless})


def test_it_repairs_and_reports_the_rest(run: Run, broken: Path) -> None:
    result = run("check", "--fix", broken)
    assert result.code == 1
    assert result.out.splitlines()[:3] == [
        "sample/more/two.yaml:4: fixed[Y204] a text begins with '*', which YAML keeps for itself",
        "  -     front: *Recall2* of what?",
        "  +     front: '*Recall2* of what?'",
    ]
    assert "sample/three.yaml:6:11: error[D104]" in result.out
    assert "sample/one.yaml:4:12: error" not in result.out
    assert ": 1 error" in result.closing
    assert result.closing.endswith("; 2 repairs")
    again = run("check", "--fix", broken)
    assert "fixed[" not in again.out
    assert again.code == 1


def test_nothing_to_repair(run: Run, sample: Path) -> None:
    result = run("check", "--fix", sample)
    assert (result.code, result.out) == (0, "sample: 8 notes, 10 cards: no problems\n")


def test_only_what_was_named(run: Run, broken: Path) -> None:
    assert "fixed[Y204]" in run("check", "--fix", broken / "one.yaml").out
    assert "*Recall2* of" in (broken / "more/two.yaml").read_text(encoding="utf-8")
    assert "'*Recall2*" not in (broken / "more/two.yaml").read_text(encoding="utf-8")
    assert run("check", "--fix", broken / "more").code == 0


def test_json_lists_the_repairs(run: Run, broken: Path) -> None:
    document = json.loads(run("check", "--fix", "--format", "json", broken / "one.yaml").out)
    assert document["fixed"] == [
        {
            "code": "Y204",
            "path": "sample/one.yaml",
            "line": 4,
            "message": "a text begins with '*', which YAML keeps for itself",
            "before": ["    front: *Recall1* of what?"],
            "after": ["    front: '*Recall1* of what?'"],
        }
    ]
    assert "fixed" not in json.loads(run("check", "--format", "json", broken).out)
    assert run("check", "--fix", "--format", "github", broken / "one.yaml").out.count("::error") == 0


def test_what_is_printed_is_safe(run: Run, sample: Path) -> None:
    text = STARRED.format(1, "\x1b[31m") + "    why: " + "long " * 200 + "\x07\n"
    write(sample, {}, one=text)
    for format_ in ("text", "json", "github"):
        result = run("check", "--fix", "--format", format_, sample)
        assert not set(result.out) & {"\x1b", "\x07"}
        write(sample, {}, one=text)
