"""`aipm-cards new` at a terminal: what is missing is asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from aipm_cards.cli.asking import fault_of, matching, wanted
from aipm_cards.content.fields import value_of
from aipm_cards.content.load import load
from aipm_cards.keys import note_keys
from tests.seated import seated

PATIENCE = 20
IN_ENGLISH = {"LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}  # as in the other sessions, for one server
CURRICULUM = """\
T1: {title: Recall, family: concepts, tier: 1, planned: {basic: 2, contrast: 1}}
T2: {title: Precision, family: concepts, tier: 3, planned: {interview: 1}}
T3: {title: Harm, family: ethics, tier: 2, planned: {scenario: 1}}
"""
NOTES = "deck: Metrics\nnotes:\n  - id: recall\n    topics: [T1]\n    front: Which share is recall?\n    back: Found.\n"


@pytest.fixture
def root(nowhere: Path) -> Path:
    (nowhere / "collection.yaml").write_text("format: 1\nname: Cards\nnamespace: some-cards\n", encoding="utf-8")
    (nowhere / "curriculum.yaml").write_text(CURRICULUM, encoding="utf-8")
    (nowhere / "notes.yaml").write_text(NOTES, encoding="utf-8")
    return nowhere


def sit(root: Path, *arguments: str, **environment: str) -> Any:
    """`aipm-cards new` at a terminal of its own."""
    return seated(
        [sys.executable, "-m", "aipm_cards", "new", *arguments],
        cwd=root,
        env={"PATH": "/usr/bin:/bin", "TERM": "xterm", "NO_COLOR": "1", **IN_ENGLISH, **environment},
        dimensions=(40, 200),
        encoding="utf-8",
        timeout=PATIENCE,
    )


def say(child: Any, *exchange: str) -> None:
    """Wait for what is asked, and answer, in turns."""
    for asked, answer in zip(exchange[::2], exchange[1::2], strict=True):
        child.expect_exact(asked)
        child.sendline(answer)


def end(child: Any) -> tuple[int, str]:
    """The exit code, and what was printed at the end."""
    child.expect(pexpect.EOF)
    child.close()
    return int(child.exitstatus), str(child.before)


def test_from_the_kind_to_the_id(root: Path) -> None:
    child = sit(root)
    say(child, "kind [basic]: ", "interview", "topic (", "nothing of it", "has these words", "prec", "topic (", "1")
    say(child, "prompt: ", "Precision *fell*: why?", "  ", "Say # it.", "  ", "")
    say(child, "round: ", "XX", "write one of PS", "EX", "minutes: ", "0", "from 1 to 120", "5")
    say(child, "rubric: ", "must: Names the user: one", "  - ", "Names a cost", "  - ", "Names a risk", "  - ", "")
    say(child, "write 4 to 7; it has 3", "Ends with 'a' decision", "  - ", "")
    say(child, "pass: ", "3", "outline: ", "First", "  - ", "Then", "  - ", "", "mistakes: ", "Silence", "  - ", "")
    say(child, "follow_ups: ", "And at night?", "  - ", "", "one more key", "tags", "tags: ", "a, b", "", "")
    say(child, "one more key", "testz", "did you mean 'tests'?", "", "id (permanent", "Not", "use 3 to 64", "recall")
    say(child, "'recall-2' is free", "")
    code, out = end(child)
    assert code == 0, out
    note = next(note for note in load(root)[0].notes if note.id == "precision-fell-say")
    assert note.text("prompt") == "Precision *fell*: why?\nSay # it."
    assert [(point.text, point.must) for point in note.points()][::3] == [
        ("Names the user: one", True),
        ("Ends with 'a' decision", False),
    ]
    assert (note.topics, note.tags, note.number("minutes")) == (("T2",), ("a", "b"), 5)
    assert "warning[S309]" in out  # what `check` says of the new note is shown at once


def test_what_is_left_out_stays_for_later(root: Path) -> None:
    child = sit(root, "basic", "--topic", "T1", "--front", "What is missing?")
    say(child, "back: ", "", "one more key", "", "id (permanent", "")
    code, out = end(child)
    assert code == 0
    assert "next: fill in back;" in out
    text = (root / "notes.yaml").read_text(encoding="utf-8")
    assert text.startswith(NOTES)
    assert text.count("\n    back: |\n") == 1


def test_an_editor_for_a_long_text(root: Path, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf "\\nSecond: *paragraph*.\\n" >> "$1"\n', encoding="utf-8")
    editor.chmod(0o755)
    child = sit(root, "basic", "--deck", "Metrics", "--front", "Which?", "--id", "two-paragraphs", EDITOR=str(editor))
    say(child, "back: ", "First.", "  ", ":e", "one more key", "")
    assert end(child)[0] == 0
    note = next(note for note in load(root)[0].notes if note.id == "two-paragraphs")
    assert note.text("back") == "First.\n\nSecond: *paragraph*."


def test_an_editor_for_a_line_and_none_that_opens(root: Path, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf "recall\\n" > "$1"\n', encoding="utf-8")
    editor.chmod(0o755)
    child = sit(root, "reversed", "--deck", "Metrics", "--set", "definition=A share.", EDITOR=str(editor))
    say(child, "term: ", ":e", "one more key", "", "id (permanent", "")
    assert end(child)[0] == 0
    assert "term: recall\n" in (root / "notes.yaml").read_text(encoding="utf-8")
    child = sit(root, "reversed", "--deck", "Metrics", "--set", "definition=B.", EDITOR=str(tmp_path / "none"))
    say(child, "term: ", ":e", "  ", "precision", "one more key", "", "id (permanent", "precision-again")
    assert end(child)[0] == 0
    assert "term: precision\n" in (root / "notes.yaml").read_text(encoding="utf-8")


def test_the_cue_of_the_file_is_told(root: Path) -> None:
    (root / "notes.yaml").write_text(NOTES.replace("notes:\n", "cue: metrics\nnotes:\n"), encoding="utf-8")
    child = sit(root, "basic", "--deck", "Metrics", "--front", "Which?", "--id", "a-note-without-cue")
    say(child, "back: ", "That.", "  ", "", "one more key", "")
    code, out = end(child)
    assert code == 0
    assert "its front will say 'metrics', the cue of the file" in out


def test_ctrl_c_writes_nothing(root: Path) -> None:
    child = sit(root, "basic", "--topic", "T1")
    say(child, "front: ", "Half a card")
    child.expect_exact("  ")
    child.sendintr()
    code, out = end(child)
    assert code == 130
    assert "interrupted" in out
    assert (root / "notes.yaml").read_text(encoding="utf-8") == NOTES


def test_a_broken_file_is_refused_before_anything_is_typed(root: Path) -> None:
    (root / "notes.yaml").write_text(NOTES + "  - id: x: y\n", encoding="utf-8")
    code, out = end(sit(root, "basic", "--deck", "notes.yaml"))
    assert code == 2
    assert "notes.yaml:7:10: error[Y202]" in out


def test_without_input_nothing_is_asked(root: Path) -> None:
    code, out = end(sit(root, "basic", "--topic", "T1", "--no-input"))
    assert code == 0
    assert "note 'basic-t1' added" in out


def test_a_file_is_asked_for_where_no_topic_is_chosen(root: Path) -> None:
    child = sit(root, "basic", "--front", "Where?", "--set", "back=Here.")
    say(child, "topic (", "", "1  notes.yaml  Metrics", "", "deck file (number", "7", "deck file (number", "1")
    code, out = end(child)
    assert code == 0
    assert "note 'where' added" in out


def test_the_wanted_list_begins_with_the_kind(root: Path) -> None:
    collection, _ = load(root)
    assert [one.topic.id for one in wanted(collection)] == ["T1", "T3", "T2"]
    assert [one.topic.id for one in wanted(collection, "interview")] == ["T2", "T1", "T3"]
    assert [one.topic.id for one in matching(wanted(collection), "CONCEPTS basic")] == ["T1"]
    assert matching(wanted(collection), "concepts harm") == []


@pytest.mark.parametrize(
    ("name", "typed", "fault"),
    [
        ("rows", "users | none", "a row has three cells: dimension | a | b"),
        ("rows", "users | none | some", ""),
        ("sources", "bok | p. 1", "there is no source 'bok'; did you mean 'book'?"),
        ("sources", "zzz", "there is no source 'zzz'; add it to sources.yaml first, or leave this empty for later"),
        ("sources", "book | p. 1\nbook", ""),
        ("verdict", "B", "write one of a (the first), b (the second)"),
    ],
)
def test_faults_at_first_sight(name: str, typed: str, fault: str) -> None:
    key = next(key for key in note_keys("contrast") if key.name == name)
    value = value_of(key, typed)
    assert value is not None
    assert fault_of(key, value, ["book"]) == fault
