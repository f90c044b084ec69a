"""Every rule has a reason, a wrong and a right example; the real check agrees with both."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

import pytest

from aipm_cards.content.examine import examine
from aipm_cards.content.load import load
from aipm_cards.diagnostics import RULES
from aipm_cards.examples import BARE, EXAMPLES, LISTING, NOTES, REASONS, RELEASED, Example
from aipm_cards.release import LOCK, format_lock, next_lock
from tests.style.writing import TODAY, write_example

COLLECTION = "format: 1\nname: Examples\nnamespace: examples\n"
IN_A_COLLECTION = [code for code, example in EXAMPLES.items() if example.form != BARE]  # others: tests/style
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><title>a curve</title></svg>\n'

# Two notes that have nothing in common, for the files of a listing.
NOTES_OF_A_LISTING = (
    "    front: Which share of the fraud does a filter catch?\n    back: Its recall.\n",
    "    front: Whom does a wrong label mislead?\n    back: The next model.\n",
)
SIZES = {"MiB": 1024 * 1024, "KiB": 1024}


def written(root: Path, example: Example, typed: str) -> Path:
    """A minimal collection that is what was typed in an example."""
    root.mkdir()
    files = {"collection.yaml": COLLECTION}
    if example.form == NOTES:
        files["sources.yaml"] = "page:\n  title: A page\n"
        files["curriculum.yaml"] = "T001:\n  title: Metrics\n"
        files["deck.yaml"] = f"deck: Examples\nsources: [page]\nnotes:\n{indent(typed, '  ')}"
    elif example.form == RELEASED:
        files[LOCK] = released(root.with_name("released"), example.right)
        files["deck.yaml"] = typed
    elif example.form == LISTING:
        list_files(root, typed, files)
    else:
        files["deck.yaml"] = f"deck: Examples\nnotes:\n  - id: a-sound-note\n{NOTES_OF_A_LISTING[1]}"
        files[example.form] = typed
    files |= dict.fromkeys(example.beside, SVG)
    for path, content in files.items():
        (root / path).parent.mkdir(exist_ok=True, parents=True)
        (root / path).write_bytes(content.encode())
    return root


def released(root: Path, deck: str) -> str:
    """The lock of a release of a deck file."""
    root.mkdir()
    (root / "collection.yaml").write_text(COLLECTION, encoding="utf-8")
    (root / "deck.yaml").write_text(deck.replace("retired:", "extra:"), encoding="utf-8")
    return format_lock(next_lock(load(root)[0], {}, None, 1_750_000_000)[0])


def list_files(root: Path, typed: str, files: dict[str, str]) -> None:
    """The files of a listing: into `files` those that are text, onto the disk all others."""
    outside = root.parent / "elsewhere"
    for line, body in zip(typed.splitlines(), NOTES_OF_A_LISTING, strict=False):
        path, link, target = line.partition(" -> ")
        path, _, what = path.partition(": ")
        deck = f"deck: Examples\nnotes:\n  - id: in-{Path(path).stem}\n{body}"
        if link:
            outside.mkdir(exist_ok=True)
            (outside / "metrics.yaml").write_text(deck, encoding="utf-8")
            (root / path).symlink_to(target, target_is_directory=not target.endswith(".yaml"))
        elif size := re.fullmatch(r"(\d+) (MiB|KiB)", what):
            padding = int(size[1]) * SIZES[size[2]]
            if path.endswith(".svg"):
                files[path] = SVG + " " * (padding - len(SVG))
                files["metrics.yaml"] = deck.replace("Its recall.", f"See ![a curve]({path}).")
            else:
                files[path] = deck + "#" * (padding - len(deck))
        elif what == "UTF-16":
            (root / path).write_bytes(deck.encode("utf-16"))
        elif text := re.fullmatch(r"a text of ([\d,]+) characters", what):
            files[path] = f"{deck}    extra: {'a' * int(text[1].replace(',', ''))}\n"
        else:
            assert what in ("", "UTF-8") or what.startswith("deck: "), f"what a listing cannot say: {line}"
            files[path] = deck.replace("deck: Examples", what) if what.startswith("deck: ") else deck


def codes(root: Path) -> list[str]:
    """The rules that a collection breaks."""
    return [problem.code for problem in examine(root, today=TODAY)[1]]


@pytest.mark.parametrize("code", RULES)
def test_every_rule_has_an_example_and_a_reason(code: str) -> None:
    assert code in EXAMPLES, f"{code} wants an Example in aipm_cards/examples/ (and in _ALL, if the module is new)"
    assert code in REASONS, f"{code} wants a sentence in aipm_cards/examples/reasons.py: what it costs to break it"
    assert REASONS[code].endswith(".")


def test_nothing_is_said_of_what_is_no_rule() -> None:
    assert list(EXAMPLES) == [code for code in RULES if code in EXAMPLES]
    assert RULES.keys() >= REASONS.keys()


@pytest.mark.parametrize("code", IN_A_COLLECTION)
def test_the_wrong_one_breaks_its_rule_and_no_other(code: str, tmp_path: Path) -> None:
    example = EXAMPLES[code]
    assert codes(written(tmp_path / "collection", example, example.wrong)) == [code]


@pytest.mark.parametrize("code", IN_A_COLLECTION)
def test_the_right_one_breaks_none(code: str, tmp_path: Path) -> None:
    example = EXAMPLES[code]
    assert codes(written(tmp_path / "collection", example, example.right)) == []


@pytest.mark.parametrize("code", EXAMPLES)
def test_an_example_fits_a_terminal(code: str) -> None:
    """Wrong and right differ, and one sees in what."""
    example = EXAMPLES[code]
    assert example.wrong != example.right
    assert max(len(example.wrong.splitlines()), len(example.right.splitlines())) <= 25


def test_bare_examples_are_those_about_style(tmp_path: Path) -> None:
    assert {code for code in EXAMPLES if code not in IN_A_COLLECTION} == {c for c in RULES if c.startswith("S")}
    write_example(tmp_path, "S101", "wrong")
    assert codes(tmp_path) == ["S101"]
