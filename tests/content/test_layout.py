"""The layout of deck files: any sound file keeps its values, types, notes and comments."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aipm_cards.content.files import Findings
from aipm_cards.content.layout.files import laid_out
from aipm_cards.content.media import MediaStore
from aipm_cards.content.notes import read_deck_file
from aipm_cards.content.registry import Registry
from aipm_cards.model import Source, Topic
from tests.content.untidy import SOURCES, TOPICS, Untidy, deck_file

REGISTRY = Registry(
    MediaStore(Path("there-is-no-such-directory")),
    sources={key: Source(key, key) for key in SOURCES},
    topics={key: Topic(key, key) for key in TOPICS},
)
_COMMENT = re.compile(r"(?:^| )(#[ #]*§\d+ .*)$", re.MULTILINE)


def values(text: str, loader: Any) -> Any:
    """What another reader of YAML makes of a text, apart from line breaks at the ends of texts."""

    def trimmed(value: Any) -> Any:
        if isinstance(value, str):
            return value.strip("\n")
        if isinstance(value, list):
            return [trimmed(item) for item in value]
        if isinstance(value, dict):
            return {trimmed(key): trimmed(item) for key, item in value.items()}
        return value

    return trimmed(yaml.load(text, loader))


def notes(text: str) -> dict[str, tuple[object, ...]]:
    found = read_deck_file("file.yaml", text, Findings("file.yaml", text.split("\n")), REGISTRY)[1]
    return {
        note.id: (note.kind, note.deck, dict(note.content), note.topics, note.tags, note.tier, note.level, note.cue,
                  note.sources, note.as_of, note.review_by, note.extra, note.related, note.allow)
        for note in found
    }  # fmt: skip


def kept(file: Untidy, new: str, ordered: bool) -> dict[str, bool]:
    """What the layout of a file kept, without the proof of the code under test."""
    before = values(file.text, yaml.CSafeLoader)
    comments = [match[1].rstrip() for match in _COMMENT.finditer(new)]
    return {
        # The second is another parser, and stricter.
        "values and types": all(values(new, loader) == before for loader in (yaml.CSafeLoader, yaml.SafeLoader)),
        "comments": sorted(comments) == sorted(file.comments),
        "order of comments": comments == file.comments or not ordered,
        "notes": notes(new) == notes(file.text),
    }


def held_against(file: Untidy, ordered: bool) -> int:
    """Lay a file out and prove it. How many notes were sound."""
    new, problems = laid_out(file.text, "file.yaml", REGISTRY)
    assert problems == []
    assert laid_out(new, "file.yaml", REGISTRY) == (new, [])
    assert [name for name, is_kept in kept(file, new, ordered).items() if not is_kept] == []
    return len(notes(new))


@given(chance=st.randoms(use_true_random=False), ordered=st.booleans())
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=20, phases=[Phase.reuse, Phase.generate])
def test_nothing_is_lost(chance: random.Random, ordered: bool) -> None:
    held_against(deck_file(chance, notes=2, shuffled=not ordered), ordered)


def test_nothing_is_lost_for_long(request: pytest.FixtureRequest) -> None:
    """Many files with --long; without it, enough to know that their notes are sound."""
    sound = 0
    for seed in range(3000 if request.config.getoption("--long") else 15):
        sound += held_against(deck_file(random.Random(seed), shuffled=bool(seed % 2)), not seed % 2)
    assert sound > 15


LAYOUTS = Path(__file__).parent / "layouts"


@pytest.mark.parametrize("name", sorted(path.name for path in (LAYOUTS / "before").iterdir()))
def test_every_rule_by_example(name: str) -> None:
    before, after = ((LAYOUTS / side / name).read_text(encoding="utf-8") for side in ("before", "after"))
    assert laid_out(before, name, REGISTRY) == (after, [])
    assert laid_out(after, name, REGISTRY) == (after, [])


def test_comments_behind_signs_of_the_document_cut_no_text() -> None:
    text = "--- # 1\ndeck: X\nnotes:\n- id: xyz\n  front: a\n  ? # 2\n    back\n  : # 3\n    b\n... # 4\n"
    laid = "# 1\ndeck: X\nnotes:\n  - id: xyz\n    front: a\n    # 2\n    # 3\n    back: b\n# 4\n"
    assert laid_out(text, "file.yaml", REGISTRY) == (laid, [])


def test_what_is_no_text_stands_on_its_line() -> None:
    text = "deck: X\nnotes:\n- id: | # 1\n    xyz\n  kind: >-\n    basic\n  tier: |\n    1\n"
    text += "  tags: |\n    a\n  as_of: |\n    2026-11-20\n  front: |\n    a\n  back: b\n"
    laid = "deck: X\nnotes:\n  - id: xyz # 1\n    kind: basic\n    tier: '1'\n"
    laid += "    tags: a\n    front: |\n      a\n    back: b\n    as_of: '2026-11-20'\n"
    assert laid_out(text, "file.yaml", REGISTRY) == (laid, [])


def test_comments_beside_an_empty_list() -> None:
    text = "deck: X\nnotes:\n  - id: xyz\n    tags: # 1\n      []\n    topics: # 2\n      [ # 3\n      ] # 4\n"
    laid = "deck: X\nnotes:\n  - id: xyz\n    # 2\n    # 3\n    topics: [] # 4\n    tags: [] # 1\n"
    assert laid_out(text, "file.yaml", REGISTRY) == (laid, [])


def test_comments_around_a_file_in_braces() -> None:
    text = "# 1\n{ # 2\n  deck: X, # 3\n  notes: [{id: xyz, front: a, back: b}] # 4\n  # 5\n} # 6\n# 7\n"
    laid = "# 1\n# 2\n# 3\ndeck: X\nnotes: # 4\n  - id: xyz\n    front: a\n    back: b\n# 5\n# 6\n# 7\n"
    assert laid_out(text, "file.yaml", REGISTRY) == (laid, [])
