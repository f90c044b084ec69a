"""What stands beside the program, in workflows, hooks and scripts: it is sound, and the command
lines in it are command lines of the program."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from aipm_cards.cli.main import cli

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
HOOKS = ROOT / ".pre-commit-hooks.yaml"
SHAPES = {
    "vendor.github-workflows": WORKFLOWS,
    "vendor.github-issue-forms": sorted(
        path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config"
    ),
    "vendor.github-issue-config": sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("config.yml")),
}


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in read(path)["jobs"].values():
        yield from job["steps"]


def command_lines(script: str) -> Iterator[list[str]]:
    """The arguments of each call of the program in a shell script."""
    for line in script.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words and words[0].rpartition("/")[2] == "aipm-cards":
            end = next((i for i, word in enumerate(words) if word in ("|", "&&", "||", ";") or word[0] in "<>"), None)
            yield words[1:end]


def scripts() -> Iterator[str]:
    yield (ROOT / ".ci/run").read_text(encoding="utf-8")
    yield from (step["run"] for path in WORKFLOWS for step in steps(path) if "run" in step)
    yield from (" ".join([hook["entry"], *hook.get("args", [])]) for hook in read(HOOKS))


CALLS = [arguments for script in scripts() for arguments in command_lines(script)]


def test_the_calls_are_found() -> None:
    assert ["check", "--strict", "decks"] in CALLS
    assert ["check"] in CALLS
    assert list(command_lines("a\n.venv/bin/aipm-cards decks \\\n  x >> out # y")) == [["decks", "x"]]


@pytest.mark.parametrize("arguments", CALLS, ids=" ".join)
def test_a_call_is_one_of_the_program(arguments: list[str]) -> None:
    with cli.make_context("aipm-cards", list(arguments)) as ctx:
        name, command, rest = cli.resolve_command(ctx, list(arguments))
        assert command is not None
        with command.make_context(name, rest, parent=ctx):
            pass


@pytest.mark.parametrize("shape", SHAPES)
def test_github_would_take_them(shape: str) -> None:
    if SHAPES[shape]:
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", shape, *map(str, SHAPES[shape])]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=[path.stem for path in WORKFLOWS])
def test_a_workflow_may_do_little(path: Path) -> None:
    workflow = read(path)
    events = workflow[True]  # what YAML makes of `on`
    assert set(events) <= {"push", "pull_request"}
    assert workflow["permissions"] == {"contents": "read"}
    assert "concurrency" in workflow
    for job in workflow["jobs"].values():
        assert "permissions" not in job
        assert job["timeout-minutes"] <= 30


@pytest.mark.parametrize("path", WORKFLOWS, ids=[path.stem for path in WORKFLOWS])
def test_a_workflow_runs_what_it_names(path: Path) -> None:
    """Actions stand by the hash of their commit, and no text from outside is put into a script."""
    for step in steps(path):
        if "uses" in step:
            assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"])
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
        assert "${{" not in step.get("run", "")


def test_hooks_run_on_sources() -> None:
    hooks = {hook["id"]: hook for hook in read(HOOKS)}
    assert hooks["aipm-cards-check"]["pass_filenames"] is False  # one file may break another
    for hook in hooks.values():
        assert hook["language"] == "python"
        for name in ("decks/deck.yaml", "collection.yaml", "a/b.yml"):
            assert re.search(hook["files"], name)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"- id: (aipm-cards-\w+)", readme) == list(hooks)
