"""`aipm-cards diff`: release notes from a lock or a git revision, in three formats."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyromark
import pytest

from tests.cli.conftest import Run
from tests.packages.sample import basic, edit, write

NOTHING = "nothing that learners would notice"
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

Git = Callable[..., None]


@pytest.fixture
def git(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Run git here, with no settings but these."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")

    def git(*arguments: str, at: Path = nowhere) -> None:
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
        subprocess.run(["git", *who, *arguments], cwd=at, check=True, capture_output=True)

    return git


@pytest.fixture
def committed(git: Git, sample: Path, nowhere: Path) -> Path:
    """The sample in a repository of which it is a part, committed."""
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    return sample


def change(root: Path) -> None:
    """A note of each fate."""
    edit(root / "talk.yaml", "Design a review queue.", "Design a better review queue.")
    edit(root / "more/numbers.yaml", "deck: Metrics::Basics", "deck: Metrics::Numbers")
    edit(root / "metrics.yaml", "    term: recall\n", "    term: recall\n    retired: asked elsewhere\n")
    write(root, {}, new=basic("brand-new", "What does <b>a canary</b> release limit?"))


# --- a lock --------------------------------------------------------------------------------


def test_without_a_lock_everything_is_added(run: Run, sample: Path) -> None:
    result = run("diff", sample)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("7 notes added\n\nMetrics::Basics\n  added      What is precision? a matrix\n")
    assert "there is no release.lock yet" in result.closing
    assert "--since" in result.closing


def test_since_the_last_release(run: Run, sample: Path) -> None:
    run("release", sample, "--first")
    assert run("diff", sample).out == f"{NOTHING}\nsample: compared with the lock {Path('sample/release.lock')}\n"
    change(sample)
    result = run("diff", sample)
    assert result.code == 0
    assert result.out.splitlines() == [
        "1 note added, 1 corrected, 1 retired, 1 moved to another deck for newcomers",
        "",
        "Metrics::Basics",
        "  retired    recall (asked elsewhere)",
        "",
        "Metrics::Numbers",
        "  moved      80 of 100 alarms are right. (from Metrics::Basics)",
        "",
        "One",
        "  added      What does <b>a canary</b> release limit?",
        "",
        "Talk",
        "  corrected  Design a better review queue.",
        "",
        f"sample: compared with the lock {Path('sample/release.lock')}",
    ]
    assert run("diff", sample).out == result.out
    run("release", sample)
    assert run("diff", sample).out.startswith(NOTHING)


def test_what_it_costs_is_said(run: Run, sample: Path) -> None:
    write(sample, {}, new=basic("brand-new", "What does a canary release limit?"))
    run("release", sample, "--first")
    (sample / "new.yaml").unlink()
    edit(sample / "talk.yaml", "deck: Talk", "deck: Talks")
    result = run("diff", sample)
    assert result.code == 0
    first, *remarks = result.out.splitlines()[:3]
    assert first == "no note is another"
    assert [remark[:30] for remark in remarks] == ["  ! the released note 'brand-n", "  ! the released deck 'Talk' i"]
    document = json.loads(run("diff", sample, "--format", "json").out)
    assert [(one["code"], one["name"]) for one in document["breaks"]] == [("N701", "brand-new"), ("N705", "Talk")]


@pytest.mark.parametrize("name", ["other.lock", "kept"])
def test_another_lock(run: Run, sample: Path, name: str) -> None:
    run("release", sample, "--first")
    shutil.copy(sample / "release.lock", name)
    change(sample)
    run("release", sample)
    result = run("diff", sample, "--since", name)
    assert result.out.startswith("1 note added, 1 corrected, ")
    assert result.closing == f"sample: compared with the lock {name}"
    run("release", sample, "--rerender")
    assert "  ! 5 other notes sent anew, since the rendering is another\n" in run("diff", sample, "--since", name).out


def test_another_look(run: Run, sample: Path) -> None:
    run("release", sample, "--first")
    lock = sample / "release.lock"
    text = re.sub(r"(notetype\tcloze\t\d+\t)\w+", r"\g<1>" + "0" * 32, lock.read_text(encoding="utf-8"))
    lock.write_text(text, encoding="utf-8", newline="")
    result = run("diff", sample)
    assert result.out.splitlines()[:2] == [
        "no note is another",
        "  ! cards of these kinds look otherwise, whatever learners changed of their look: cloze",
    ]
    assert json.loads(run("diff", sample, "--format", "json").out)["note_types"] == ["cloze"]


def test_a_lock_that_is_none(run: Run, sample: Path) -> None:
    Path("bad.lock").write_text("format\t1\n<<<<<<< ours\n", encoding="utf-8")
    result = run("diff", sample, "--since", "bad.lock")
    assert (result.code, result.out) == (2, "")
    assert result.err == "aipm-cards: bad.lock:2: this line cannot be read; end the merge, keeping both sides\n"


def test_errors_in_the_sources(run: Run, sample: Path) -> None:
    write(sample, {}, bad=basic("Bad id"))
    result = run("diff", sample)
    assert result.code == 1
    assert "error[N102]" in result.out
    assert result.closing == "sample: 1 error: nothing was compared"
    result = run("diff", sample, "--format", "json")
    assert result.code == 1
    assert [one["code"] for one in json.loads(result.out)["diagnostics"]] == ["N102"]


def test_a_lock_knows_no_words(run: Run, sample: Path) -> None:
    run("release", sample, "--first")
    assert run("diff", sample, "--words").closing.endswith("can be told only --since a git revision")


# --- a git revision ------------------------------------------------------------------------


@needs_git
@pytest.mark.parametrize("revision", ["HEAD", "main", "HEAD^{commit}", "v1"])
def test_since_a_revision(run: Run, committed: Path, git: Git, revision: str) -> None:
    git("tag", "-am", "one", "v1")
    assert run("diff", committed, "--since", revision).out.startswith(NOTHING)
    change(committed)
    result = run("diff", committed, "--since", revision)
    assert result.out.startswith("1 note added, 1 corrected, 1 retired, 1 moved")
    assert "  corrected  Design a better review queue. (question)\n" in result.out
    assert re.fullmatch(
        rf"sample: compared with the git revision {re.escape(revision)} \([0-9a-f]{{12}}\)", result.closing
    )
    assert (
        "             Design a {+better+} review queue.\n" in run("diff", committed, "--since", revision, "--words").out
    )


@needs_git
def test_a_collection_that_is_the_whole_repository(run: Run, git: Git, sample: Path) -> None:
    git("init", "-q", at=sample)
    git("add", ".", at=sample)
    git("commit", "-qm", "first", at=sample)
    change(sample)
    assert run("diff", sample, "--since", "HEAD").out.startswith("1 note added, 1 corrected")


@needs_git
def test_another_namespace(run: Run, committed: Path) -> None:
    edit(committed / "collection.yaml", "namespace: sample-cards", "namespace: other-cards")
    result = run("diff", committed, "--since", "HEAD")
    assert result.out.splitlines()[1] == (
        "  ! the namespace was 'sample-cards': to Anki every note is a new one, and the old ones stay"
    )


@needs_git
def test_only_line_ends_are_another(run: Run, committed: Path) -> None:
    write(committed, line_end="\r\n")
    assert run("diff", committed, "--since", "HEAD").out.startswith(NOTHING)


@needs_git
def test_inside_a_hook(run: Run, committed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "elsewhere/.git")
    monkeypatch.setenv("GIT_INDEX_FILE", "elsewhere/.git/index")
    assert run("diff", committed, "--since", "HEAD").out.startswith(NOTHING)


@needs_git
@pytest.mark.parametrize(
    "revision",
    [
        "no-such",
        "-x",
        "--output=x",
        "--help",
        "",
        " ",
        "HEAD..HEAD",
        "HEAD:elsewhere",
        "HEAD:../..",
        "HEAD:/",
        ":sample",
        ":/nothing",
        "a\x1bb",
        "@{-1}",
    ],
)
def test_an_unknown_revision(run: Run, committed: Path, nowhere: Path, revision: str) -> None:
    before = sorted(nowhere.iterdir())
    result = run("diff", committed, f"--since={revision}")
    assert (result.code, result.out) == (2, "")
    assert re.fullmatch(r"aipm-cards: .+\n", result.err)
    assert "\x1b" not in result.err
    assert sorted(nowhere.iterdir()) == before


@needs_git
def test_no_collection_there(run: Run, committed: Path, git: Git) -> None:
    git("mv", "sample", "cards")
    git("commit", "-qm", "moved")
    result = run("diff", "cards", "--since", "HEAD~1")
    assert result.code == 2
    assert "'HEAD~1' has no collection.yaml in cards," in result.err
    assert "if it was elsewhere then, write HEAD~1:DIRECTORY" in result.err
    change(Path("cards"))
    result = run("diff", "cards", "--since", "HEAD~1:sample")
    assert result.code == 0
    assert result.out.startswith("1 note added, 1 corrected, 1 retired, 1 moved")
    assert re.fullmatch(r"cards: compared with the git revision HEAD~1:sample \([0-9a-f]{12}\)", result.closing)


@needs_git
def test_a_shallow_clone_says_so(run: Run, committed: Path, git: Git, nowhere: Path) -> None:
    git("commit", "-qm", "second", "--allow-empty")
    git("clone", "-q", "--depth", "1", nowhere.as_uri(), "shallow")
    result = run("diff", "shallow/sample", "--since", "HEAD~1")
    assert result.code == 2
    assert "git fetch --unshallow --tags" in result.err


@needs_git
def test_no_repository(run: Run, sample: Path, git: Git, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    result = run("diff", sample, "--since", "HEAD")
    assert result.code == 2
    assert "is in no git repository" in result.err


def test_no_git(run: Run, sample: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run("diff", sample, "--since", "HEAD")
    assert result.code == 2
    assert "git was not found" in result.err


@needs_git
@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_and_odd_names_of_a_revision_are_left_out(run: Run, committed: Path, git: Git, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(basic("a-secret"), encoding="utf-8")
    (committed / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (committed / "dir").symlink_to(tmp_path)
    write(committed, {}, **{"a: b\\c": basic("an-odd-name"), "ü ñ\t": basic("another-name")})
    git("add", "-A")
    git("commit", "-qm", "links")
    for path in ("link.yaml", "dir", "a: b\\c.yaml", "ü ñ\t.yaml"):
        (committed / path).unlink()
    result = run("diff", committed, "--since", "HEAD")
    assert "'another-name' is gone" in result.out
    assert "a-secret" not in result.out
    assert "an-odd-name" not in result.out


@needs_git
def test_an_unsound_state_is_compared_as_far_as_it_goes(run: Run, committed: Path, git: Git) -> None:
    write(committed, {}, new=basic("Brand new"))
    git("add", "-A")
    git("commit", "-qm", "unsound")
    write(committed, {}, new=basic("brand-new"))
    result = run("diff", committed, "--since", "HEAD")
    assert result.out.startswith("1 note added\n")
    assert result.closing.endswith("; 1 error in its sources left notes out, which count as added")


@needs_git
def test_nothing_of_the_repository_runs_or_changes(run: Run, committed: Path, git: Git, nowhere: Path) -> None:
    for name in ("post-checkout", "pre-commit", "reference-transaction"):
        hook = nowhere / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {nowhere / 'ran'}\n", encoding="utf-8")
        hook.chmod(0o755)
    edit(committed / "talk.yaml", "Design a review queue.", "Design a better review queue.")
    status = subprocess.run(["git", "status", "-s"], cwd=nowhere, capture_output=True, check=True).stdout
    run("diff", committed, "--since", "HEAD")
    assert not (nowhere / "ran").exists()
    assert subprocess.run(["git", "status", "-s"], cwd=nowhere, capture_output=True, check=True).stdout == status


# --- formats -------------------------------------------------------------------------------


@needs_git
def test_markdown(run: Run, committed: Path) -> None:
    change(committed)
    lines = run("diff", committed, "--since", "HEAD", "--format", "markdown").out.splitlines()
    assert lines[:5] == [
        "**1 note added, 1 corrected, 1 retired, 1 moved to another deck for newcomers.**",
        "",
        "### Metrics::Basics",
        "",
        "**Retired**",
    ]
    assert "- What does &lt;b&gt;a canary&lt;/b&gt; release limit?" in lines
    assert "  Design a <ins>better</ins> review queue." in lines


HOSTILE = [
    "<script>alert(1)</script>?", "[a](https://evil.example) ![b](x)", "**bold** _it_ `code` ~~x~~ $x$ | # > + - =",
    "https://evil.example www.evil.example", "@somebody and #12 &lt; &amp; \\", "1. one", "- item", "# head", "> quote",
    "+ plus", "=====", "2) two", "</details></ins><h1>x</h1>", "[x]: y", "```js", "<!-- c -->", "~~~", "---", "&copy;",
    "- - -", "###### x", "# x #", "1) x", "a_b_ _c_", "* x", "`` ` ``x", "1.", "x #1 @a/b",
]  # fmt: skip


@pytest.mark.parametrize("front", HOSTILE)
def test_markdown_shows_what_cards_ask_as_text(run: Run, nowhere: Path, front: str) -> None:
    block = "|\n      " + f"`` {front} ``" if "``" not in front else "|\n      ~~~\n      " + front + "\n      ~~~"
    root = write(nowhere / "mine", {"collection.yaml": "format: 1\nname: Mine\nnamespace: mine-cards\n"},
                 one=basic("a-note", block, "So."))  # fmt: skip
    result = run("diff", root, "--format", "markdown")
    assert result.code == 0
    html = pyromark.html(result.out, options=pyromark.Options.ENABLE_STRIKETHROUGH | pyromark.Options.ENABLE_TABLES)
    (item,) = re.findall(r"<li>(.*?)</li>", html, re.DOTALL)
    assert "<" not in item
    shown = item.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    assert shown.strip().replace("\u200b", "") == front


@pytest.mark.parametrize(
    ("front", "shown"),
    [
        ("A cutoff of 0.80. And then?", "A cutoff of 0.80. And then?"),
        ("What is snake_case_id (in C#)?", "What is snake_case_id (in C#)?"),
        ("2020 - 2021 + 3 = ! | ] # x", "2020 - 2021 + 3 = ! | ] # x"),
        ("1\\. one. 2. two", "1\\. one. 2. two"),
        ("-5 or #a", "-5 or #a"),
        ("\\_it\\_ \\[a](b)", "\\_it\\_ \\[a](b)"),
    ],
)
def test_markdown_escapes_no_more_than_it_must(run: Run, nowhere: Path, front: str, shown: str) -> None:
    root = write(nowhere / "mine", {"collection.yaml": "format: 1\nname: Mine\nnamespace: mine-cards\n"},
                 one=basic("a-note", f"|\n      {front}", "So."))  # fmt: skip
    assert f"- {shown}" in run("diff", root, "--format", "markdown").out.splitlines()


@needs_git
def test_json(run: Run, committed: Path) -> None:
    change(committed)
    document = json.loads(run("diff", committed, "--since", "HEAD", "--format", "json", "--words").out)
    assert document["format"] == 1
    assert document["collection"] == {"root": "sample", "name": "Sample"}
    assert document["since"] == {"kind": "revision", "name": "HEAD"}
    assert document["counts"] == {"added": 1, "corrected": 1, "retired": 1, "moved": 1}
    assert document["changes"][-1] == {
        "what": "corrected",
        "id": "design-a-queue",
        "deck": "Talk",
        "title": "Design a better review queue.",
        "path": str(Path("sample/talk.yaml")),
        "line": 3,
        "parts": ["question"],
        "moved_from": "",
        "retired": "",
        "words": [[["stayed", "Design a"], ["came", "better"], ["stayed", "review queue."]]],
    }


@pytest.mark.parametrize("format_", ["text", "markdown", "json"])
def test_nothing_that_a_terminal_would_obey(run: Run, sample: Path, format_: str) -> None:
    run("release", sample, "--first")
    lock = sample / "release.lock"
    text = lock.read_text(encoding="utf-8").replace("\tMetrics::Basics\t", "\tA\x1b]52;c\x07\t")
    text += "note\tgone-note\tbasic\t0\t1\th\tX\u202e\tasked\x1b[31m\n"
    lock.write_text(text, encoding="utf-8", newline="")
    result = run("diff", sample, "--format", format_)
    assert result.code == 0
    assert "gone-note" in result.out
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", result.out + result.err)
