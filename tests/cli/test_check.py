"""`aipm-cards check`: exit codes, formats, a file or a directory of a collection."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.packages.sample import basic, write

BROKEN = "deck: One\nnotes:\n  - id: Bad id\n    front: Q\n    back: A\n"


def unused_image(root: Path) -> None:
    """One warning."""
    (root / "media/unused.svg").write_text("<svg/>", encoding="utf-8")


@pytest.mark.parametrize("format_", ["text", "json", "github"])
def test_nothing_wrong(run: Run, sample: Path, format_: str) -> None:
    for strict in ((), ("--strict",)):
        assert run("check", sample, "--format", format_, *strict).code == 0


def test_the_closing_line(run: Run, sample: Path) -> None:
    result = run("check", sample)
    assert result.out == "sample: 8 notes, 10 cards: no problems\n"
    assert result.err == ""


def test_an_error(run: Run, sample: Path) -> None:
    write(sample, {}, bad=BROKEN)
    result = run("check", sample)
    assert result.code == 1
    assert result.out.splitlines()[0].startswith("sample/bad.yaml:3:9: error[N102] ")
    assert result.closing == "sample: 8 notes, 10 cards: 1 error"
    assert run("check", sample, "--strict").code == 1


def test_a_warning_fails_only_with_strict(run: Run, sample: Path) -> None:
    unused_image(sample)
    result = run("check", sample)
    assert result.code == 0
    assert result.closing == "sample: 8 notes, 10 cards: 1 warning"
    assert run("check", sample, "--strict").code == 1
    write(sample, {}, bad=BROKEN + BROKEN[17:].replace("Bad id", "Other id"))
    assert run("check", sample).closing.endswith(": 2 errors")


@pytest.mark.parametrize(
    "arguments",
    [("nowhere",), ("--format", "xml"), ("--no-such-option",), ("a", "b"), ("--collection", "nowhere")],
)
def test_it_cannot_run(run: Run, arguments: tuple[str, ...]) -> None:
    result = run("check", *arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err
    assert "Traceback" not in result.err


def test_a_directory_without_a_collection(run: Run, nowhere: Path) -> None:
    (nowhere / "empty").mkdir()
    result = run("check", "empty")
    assert result.code == 2
    assert "no collection.yaml" in result.err
    assert "aipm-cards init" in result.err


# --- a part --------------------------------------------------------------------------------


@pytest.fixture
def two(sample: Path) -> Path:
    """The sample with an error in two files, one of them in a directory."""
    write(sample, {}, **{"bad": BROKEN, "more/worse": BROKEN, "more-of-it": BROKEN})
    return sample


@pytest.mark.parametrize(
    ("below", "files"),
    [
        ("", ["bad.yaml", "more-of-it.yaml", "more/worse.yaml"]),
        ("collection.yaml", ["bad.yaml", "more-of-it.yaml", "more/worse.yaml"]),
        ("bad.yaml", ["bad.yaml"]),
        ("more", ["more/worse.yaml"]),
        ("more/worse.yaml", ["more/worse.yaml"]),
        ("more/../bad.yaml", ["bad.yaml"]),
        ("talk.yaml", []),
        ("media", []),
    ],
)
def test_a_file_or_a_directory_shows_its_own_findings(run: Run, two: Path, below: str, files: list[str]) -> None:
    result = run("check", two / below)
    assert re.findall(r"^sample/(\S+?):\d+:\d+: error", result.out, re.MULTILINE) == files
    assert result.code == (1 if files else 0)
    assert result.closing.startswith("sample: 8 notes, ")


def test_a_file_from_inside_the_collection(run: Run, two: Path, monkeypatch: pytest.MonkeyPatch, nowhere: Path) -> None:
    monkeypatch.chdir(two / "more")
    result = run("check", "worse.yaml")
    assert result.code == 1
    assert len(re.findall(r": error\[", result.out)) == 1
    assert run("check", ".").code == 1
    assert run("check", "numbers.yaml").code == 0
    assert run("check", nowhere / "sample" / "more" / "worse.yaml").code == 1


def test_a_file_shows_what_is_wrong_with_it_in_its_collection(run: Run, sample: Path) -> None:
    write(sample, {}, twice=basic("precision"))
    result = run("check", sample / "twice.yaml")
    assert result.code == 1
    assert "error[N103]" in result.out
    assert run("check", sample / "metrics.yaml").code == 0


# --- formats -------------------------------------------------------------------------------


def test_json(run: Run, sample: Path) -> None:
    unused_image(sample)
    write(sample, {}, bad=BROKEN)
    result = run("check", sample, "--format", "json")
    assert result.code == 1
    document = json.loads(result.out)
    assert document["collection"] == {"root": "sample", "name": "Sample"}
    assert (document["format"], document["notes"], document["errors"], document["warnings"]) == (1, 8, 1, 0)
    (finding,) = document["diagnostics"]
    assert finding == {
        "code": "N102",
        "severity": "error",
        "path": "sample/bad.yaml",
        "line": 3,
        "column": 9,
        "message": finding["message"],
        "hint": finding["hint"],
        "excerpt": "  - id: Bad id",
    }


def test_json_of_nothing_wrong(run: Run, sample: Path) -> None:
    document = json.loads(run("check", sample, "--format", "json").out)
    assert (document["errors"], document["warnings"], document["diagnostics"]) == (0, 0, [])


def test_json_holds_no_character_that_a_terminal_would_obey(run: Run, sample: Path) -> None:
    write(sample, {}, **{"ev\u202eil": BROKEN.replace("Bad id", "Bad\u202e")})
    result = run("check", sample, "--format", "json")
    json.loads(result.out)
    assert "\u202e" not in result.out


def test_github(run: Run, sample: Path) -> None:
    unused_image(sample)
    assert run("check", sample, "--format", "github").out == (
        "::warning file=sample/media/unused.svg,line=1,col=1,title=M107::"
        "no card shows this image%0Ahint: show it or delete it\n"
    )


def test_github_is_escaped(run: Run, nowhere: Path) -> None:
    root = write(nowhere / "100%, a:b", **{"x,y:50%": "deck: One\nnotes:\n  - id: note-1\n    kind: 5%::x\n"})
    result = run("check", root, "--format", "github")
    assert result.code == 1
    (line,) = result.out.splitlines()
    match = re.fullmatch(r"::error file=([^,:]*),line=4,col=11,title=N104::(.*)", line)
    assert match is not None
    assert match[1].endswith("100%25%2C a%3Ab/x%2Cy%3A50%25.yaml")
    assert "'5%25::x'" in match[2]
    assert "%0Ahint: " in match[2]


def test_text_shows_no_character_that_a_terminal_would_obey(run: Run, nowhere: Path) -> None:
    root = write(nowhere / "a\u202eb", **{"c\u202ed": BROKEN.replace("Bad id", "Bad\u202e")})
    for command in ("check", "decks", "build"):
        result = run(command, root)
        assert "\u202e" not in result.out + result.err


def overdue(root: Path) -> None:
    """A note whose review was due long ago."""
    note = "  - id: late\n    front: What does a small model cost?\n    back: A cent.\n    review_by: 2001-01-01\n"
    write(root, {}, late=f"deck: One\nnotes:\n{note}")


def test_an_overdue_review_fails_only_when_asked(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "late"
    root.mkdir()
    (root / "collection.yaml").write_text("format: 1\nname: X\nnamespace: late\n", encoding="utf-8")
    overdue(root)
    for arguments, code in (((), 0), (("--strict",), 0), (("--overdue",), 1), (("--overdue", "--strict"), 1)):
        result = run("check", root, *arguments)
        assert result.code == code, arguments
        assert "warning[S403]" in result.out
        assert result.closing.endswith(": 1 warning")


def test_style_is_checked(run: Run, sample: Path) -> None:
    write(sample, {}, style=basic("asked-twice", front="Is it so? Or is it not?", back="A"))
    result = run("check", sample, "--format", "json")
    assert result.code == 0
    assert {one["code"] for one in json.loads(result.out)["diagnostics"]} == {"S103", "S105"}
    assert run("check", sample, "--strict").code == 1


def test_at_a_terminal_it_says_where_to_read_more(run: Run, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert run("check", sample).closing.endswith(": no problems")
    unused_image(sample)
    assert run("check", sample).closing == "`aipm-cards explain M107` tells more"
    assert json.loads(run("check", sample, "--format", "json").out)["warnings"] == 1
