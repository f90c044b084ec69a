"""`aipm-cards release`, `init` and `decks`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from aipm_cards.cli import interview
from aipm_cards.release import parse_lock
from tests.cli.conftest import Run
from tests.packages.sample import NOW, basic, edit, write
from tests.schema.reading import as_values

# --- release -------------------------------------------------------------------------------


def lock_of(root: Path) -> str:
    return (root / "release.lock").read_text(encoding="utf-8")


def test_a_first_release_is_asked_about(run: Run, sample: Path) -> None:
    for typed in ("n\n", "\n"):
        result = run("release", sample, typed=typed)
        assert result.code == 2
        assert "Is this the first release?" in result.out + result.err
        assert not (sample / "release.lock").exists()
    result = run("release", sample, typed="y\n")
    assert result.code == 0
    assert len(parse_lock(lock_of(sample), 10**11).notes) == 8


def test_an_end_of_input_is_no_answer(run: Run, sample: Path) -> None:
    assert run("release", sample, typed="").code in (2, 130)
    assert not (sample / "release.lock").exists()


def test_without_a_terminal_it_refuses(run: Run, sample: Path) -> None:
    result = run("release", sample)
    assert result.code == 2
    assert "--first" in result.err
    assert not (sample / "release.lock").exists()


def test_a_first_release_without_asking(run: Run, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOW))
    result = run("release", sample, "--first")
    assert (result.code, result.err) == (0, "")
    assert result.out == f"{Path('sample/release.lock')}: 8 notes: 8 new, 0 changed, 0 as before\n"
    lock = parse_lock(lock_of(sample), NOW)
    assert {note.time for note in lock.notes.values()} == {type_.time for type_ in lock.types.values()} == {NOW}
    assert len(lock.types) == 7
    assert lock.notes["harmonic-mean"].ordinals == (0, 1)
    assert lock.notes["harmonic-mean"].deck == "Metrics::Basics"


def test_later_releases_do_not_ask(run: Run, sample: Path) -> None:
    run("release", sample, "--first")
    before = lock_of(sample)
    result = run("release", sample)
    assert (result.code, lock_of(sample)) == (0, before)
    assert result.closing.endswith("8 notes: 0 new, 0 changed, 8 as before")
    edit(sample / "talk.yaml", "Design a review queue.", "Design a better queue.")
    write(sample, {}, new=basic("brand-new"))
    assert run("release", sample).closing.endswith("9 notes: 1 new, 1 changed, 7 as before")
    changed = set(lock_of(sample).splitlines()) - set(before.splitlines())
    assert {line.split("\t")[1] for line in changed} == {"design-a-queue", "brand-new"}


def test_a_deleted_lock_is_made_anew_only_after_asking(run: Run, sample: Path) -> None:
    run("release", sample, "--first")
    (sample / "release.lock").unlink()
    assert run("release", sample).code == 2
    assert run("release", sample, typed="n\n").code == 2
    assert not (sample / "release.lock").exists()


def test_rerender(run: Run, sample: Path) -> None:
    run("release", sample, "--first")
    assert run("release", sample, "--rerender").closing.endswith("0 new, 8 changed, 0 as before")
    assert "rendering\t2\n" in lock_of(sample)
    assert run("release", sample).closing.endswith("0 new, 0 changed, 8 as before")


def test_with_errors_nothing_is_released(run: Run, sample: Path) -> None:
    write(sample, {}, bad=basic("Bad id"))
    result = run("release", sample, "--first")
    assert result.code == 1
    assert "error[N102]" in result.out
    assert result.closing == "sample: 1 error: nothing was released"
    assert not (sample / "release.lock").exists()


# --- init ----------------------------------------------------------------------------------

SOURCES = ["collection.yaml", "first-steps.yaml", "sources.yaml"]
FILES = [*SOURCES[:2], "schema", SOURCES[2]]


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


@pytest.mark.parametrize(
    "directory",
    ["mine", ".", "deep/er", "123", "x", "true", "~", "#hash", "@at", "%pct", "it's", "a: b #c", "[x]", "{y}", "!z",
     "&a", "日本", "Ünïcode & co", "sp  ace ", "null", "a - dash", "l" * 200, "a,b"],
)  # fmt: skip
def test_what_init_makes_is_sound_and_builds(run: Run, nowhere: Path, directory: str) -> None:
    result = run("init", directory)
    assert (result.code, result.err) == (0, "")
    assert names(nowhere / directory) == FILES
    assert f"next: aipm-cards check {os.path.normpath(directory)}" in result.out
    checked = run("check", "--strict", directory)
    assert (checked.code, checked.closing) == (0, f"{os.path.normpath(directory)}: 3 notes, 5 cards: no problems")
    assert run("format", "--check", directory).out == "0 files of 3 would change\n"
    assert run("build", directory, "-o", "x.apkg").code == 0


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
@pytest.mark.parametrize(
    "directory", ["a\u202eb", "esc\x1b[31m", "a::b", 'say "x"', "new\nline", "tab\tx", "back\\slash"]
)
def test_a_directory_whose_name_is_no_name_is_refused_or_mended(run: Run, nowhere: Path, directory: str) -> None:
    result = run("init", directory)
    assert "\x1b" not in result.out + result.err
    if result.code == 0:
        assert run("check", "--strict", directory).code == 0
    else:
        assert result.code == 2
        assert "--name" in result.err
        assert not (nowhere / directory).exists()
        assert run("init", directory, "--name", "Good").code == 0


def test_a_name(run: Run, nowhere: Path) -> None:
    assert run("init", "mine", "--name", "  My   'cards': #1 ").code == 0
    assert run("check", "--strict", "mine").code == 0
    assert run("decks", "mine").closing.startswith("My 'cards': #1 (mine): ")
    assert run("format", "--check", "mine").code == 0


@pytest.mark.parametrize("name", [" ", "a::b", 'a"b', "a\x1bb", "a\u202eb"])
def test_a_name_that_will_not_do(run: Run, nowhere: Path, name: str) -> None:
    result = run("init", "mine", "--name", name)
    assert result.code == 2
    assert names(nowhere) == []


@pytest.mark.parametrize("taken", SOURCES)
def test_nothing_is_overwritten(run: Run, nowhere: Path, taken: str) -> None:
    (nowhere / "mine").mkdir()
    (nowhere / "mine" / taken).write_text("mine", encoding="utf-8")
    result = run("init", "mine")
    assert result.code == 2
    assert taken in result.err
    assert names(nowhere / "mine") == [taken]
    assert (nowhere / "mine" / taken).read_text(encoding="utf-8") == "mine"


def test_schemas_are_not_overwritten_either(run: Run, nowhere: Path) -> None:
    (nowhere / "mine/schema").mkdir(parents=True)
    (nowhere / "mine/schema/deck.json").write_text("mine", encoding="utf-8")
    assert run("init", "mine").code == 2
    assert names(nowhere / "mine") == ["schema"]
    (nowhere / "other").mkdir()
    (nowhere / "other/schema").write_text("mine", encoding="utf-8")
    assert run("init", "other").code == 2
    assert names(nowhere / "other") == ["schema"]


def test_an_editor_finds_the_schema_of_each_file(run: Run, nowhere: Path) -> None:
    run("init", "mine")
    for name in SOURCES:
        first, _, text = (nowhere / "mine" / name).read_text(encoding="utf-8").partition("\n")
        schema = nowhere / "mine" / first.removeprefix("# yaml-language-server: $schema=")
        assert schema.stem == (name.removesuffix(".yaml") if name != "first-steps.yaml" else "deck")
        Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(as_values(text))


def test_other_files_stay(run: Run, nowhere: Path) -> None:
    (nowhere / "notes.txt").write_text("mine", encoding="utf-8")
    assert run("init", ".").code == 0
    assert names(nowhere) == sorted([*FILES, "notes.txt"])
    assert run("init", ".").code == 2


def test_a_file_in_its_place(run: Run, nowhere: Path) -> None:
    (nowhere / "mine").write_text("mine", encoding="utf-8")
    assert run("init", "mine").code == 2
    assert (nowhere / "mine").read_text(encoding="utf-8") == "mine"


def test_two_directories_have_two_namespaces(run: Run, nowhere: Path) -> None:
    run("init", "One two")
    run("init", "three")
    assert "namespace: one-two\n" in (nowhere / "One two/collection.yaml").read_text(encoding="utf-8")
    assert "namespace: three\n" in (nowhere / "three/collection.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["review", "interview"])
def test_minutes_that_are_no_number(run: Run, command: str) -> None:
    result = run(command, "--minutes", "nan")
    assert result.code == 2
    assert "is no number of minutes" in result.err


def test_a_half_character_in_an_answer_does_not_keep_it_from_the_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    """A history that somebody edited may hold one: JSON can write it."""
    monkeypatch.setattr(interview.person, "edit", lambda path, line: "")
    kept: list[str] = []
    assert interview._compose("so \ud800", kept.append) == ""
    assert kept == ["so ?"]


# --- decks ---------------------------------------------------------------------------------


def test_decks(run: Run, sample: Path) -> None:
    result = run("decks", sample)
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        "Metrics::Basics      5 notes      8 cards  What a model gets right.\n"
        "Talk                 3 notes      2 cards\n"
        "Sample (sample): 2 decks, 8 notes, 10 cards\n"
    )


def test_decks_with_errors(run: Run, sample: Path) -> None:
    write(sample, {}, bad=basic("Bad id"))
    result = run("decks", sample)
    assert result.code == 0
    assert result.closing == "Sample (sample): 3 decks, 8 notes, 10 cards; 1 error, see `aipm-cards check`"


def test_decks_of_nothing(run: Run, nowhere: Path) -> None:
    write(nowhere / "none", {"collection.yaml": "format: 1\nname: None\nnamespace: none-cards\n"})
    assert run("decks", "none").out == "None (none): 0 decks, 0 notes, 0 cards\n"
