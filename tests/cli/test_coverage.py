"""`aipm-cards coverage`: planned, written, wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

CURRICULUM = """\
T1: {title: Recall, family: concepts, tier: 1, planned: {basic: 2, contrast: 1}}
T2: {title: Precision, family: concepts, tier: 2, planned: {basic: 1}}
T3: {title: Harm, family: ethics, tier: 3, planned: {scenario: 1}}
T4: {title: Nothing planned, tier: 1}
"""
NOTES = """\
deck: One
notes:
  - {id: one, topics: [T1], front: Q, back: A}
  - {id: two, topics: [T1, T2], front: Q, back: A}
  - {id: three, topics: [T2], front: Q, back: A}
  - {id: gone, topics: [T3], front: Q, back: A, retired: it was wrong}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "planned"
    root.mkdir()
    (root / "collection.yaml").write_text("format: 1\nname: X\nnamespace: planned\n", encoding="utf-8")
    (root / "curriculum.yaml").write_text(CURRICULUM, encoding="utf-8")
    (root / "notes.yaml").write_text(NOTES, encoding="utf-8")
    return root


def test_all_topics_by_family(run: Run, root: Path) -> None:
    result = run("coverage", root)
    assert result.code == 0
    assert result.out.splitlines() == [
        "without a family: 0 of 0 planned notes written, 1 of 1 topic whole",
        "  T4      tier 1  0 of 0  Nothing planned",
        "",
        "concepts: 3 of 4 planned notes written, 1 of 2 topics whole; 1 note wanted",
        "  T1      tier 1  2 of 3  wanted: 1 contrast  Recall",
        "  T2      tier 2  1 of 1 and 1 more  Precision",
        "",
        "ethics: 0 of 1 planned note written, 0 of 1 topic whole; 1 note wanted",
        "  T3      tier 3  0 of 1  wanted: 1 scenario  Harm",
        "",
        f"{root}: 3 of 5 planned notes written, 2 of 4 topics whole; 2 notes wanted",
    ]


def test_what_is_missing(run: Run, root: Path) -> None:
    assert run("coverage", root, "--missing").out.splitlines()[:-1] == [
        "T1      tier 1  1 contrast: Recall",
        "T3      tier 3  1 scenario: Harm",
    ]
    assert run("coverage", root, "--missing", "--tier", "3", "--tier", "2").out.splitlines() == [
        "T3      tier 3  1 scenario: Harm",
        f"{root}: 1 of 2 planned notes written, 1 of 2 topics whole; 1 note wanted",
    ]


def test_errors_are_told(run: Run, root: Path) -> None:
    (root / "bad.yaml").write_text("deck: One\nnotes:\n  - id: Bad id\n    front: Q\n    back: A\n", encoding="utf-8")
    assert run("coverage", root).closing.endswith("; 1 error, see `aipm-cards check`")


def test_without_a_curriculum(run: Run, sample: Path) -> None:
    (sample / "curriculum.yaml").unlink(missing_ok=True)
    result = run("coverage", sample)
    assert result.code == 2
    assert "curriculum.yaml" in result.err


def test_the_decks_that_ship_cover_their_core(run: Run) -> None:
    decks = Path(__file__).parent.parent.parent / "decks"
    assert run("coverage", decks, "--missing", "--tier", "1").out.count("\n") == 1
