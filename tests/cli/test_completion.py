"""Shell completion: what the program answers, and the scripts in the shells themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.shell_completion import CompletionItem

from aipm_cards.cli.completing import as_line
from aipm_cards.cli.main import COMMANDS
from aipm_cards.cli.shells import SCRIPTS, VARIABLE
from aipm_cards.content.load import load
from aipm_cards.kinds import KINDS
from tests.cli.conftest import Run
from tests.packages.sample import basic, write

Ask = Callable[[str], list[str]]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AIPM_CARDS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def ask(run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """What is offered behind a line, with its kind of item if that is no plain one."""

    def ask(line: str) -> list[str]:
        monkeypatch.setenv(VARIABLE, "bash_complete")
        monkeypatch.setenv("COMP_WORDS", line)
        result = run()
        assert result.err == ""
        offered = [line.split("\t") for line in result.out.splitlines()[1:]]
        return [parts[1] if parts[0] == "plain" else parts[0] for parts in offered]

    return ask


# --- what the program answers --------------------------------------------------------------


def test_commands(ask: Ask) -> None:
    assert ask("aipm-cards ") == list(COMMANDS)
    assert ask("aipm-cards re") == [name for name in COMMANDS if name.startswith("re")]
    assert ask(".venv/bin/aipm-cards --he") == ["--help"]
    assert "doctor" in ask("aipm-cards history ")


def test_options_choices_and_files(ask: Ask) -> None:
    assert ask("aipm-cards review --ti") == ["--tier"]
    assert ask("aipm-cards review --kind ") == list(KINDS)
    assert ask("aipm-cards review --kind=c") == ["cloze", "contrast", "calculation"]
    assert ask("aipm-cards new re") == ["reversed"]
    assert ask("aipm-cards explain s20") == [f"S20{number}" for number in range(1, 6)]
    assert ask("aipm-cards completion ") == list(SCRIPTS)
    assert ask("aipm-cards check ") == ["file"]
    assert ask("aipm-cards schema --dir ") == ["dir"]


def test_decks_and_tags(ask: Ask, sample: Path, nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(f"aipm-cards review --collection {sample} ") == ["Metrics", "Metrics::Basics", "Talk"]
    assert ask(f"aipm-cards due --collection {sample} Metrics::") == ["Metrics::Basics"]
    assert ask(f"aipm-cards build --collection {sample} --deck Ta") == ["Talk"]
    assert ask(f"aipm-cards new --collection {sample} --deck Ta") == ["Talk", "file"]
    assert ask(f"aipm-cards new --collection {sample} --topic T") == sorted(load(sample)[0].topics)
    assert ask(f"aipm-cards next --collection {sample} 'Met") == ["Metrics", "Metrics::Basics"]
    monkeypatch.setenv("AIPM_CARDS_COLLECTION", str(sample))
    assert ask("aipm-cards review --tag ev") == ["evaluation"]
    write(nowhere / "sample", {}, new="deck: Two words\nnotes:\n" + basic("brand-new").partition("notes:\n")[2])
    assert ask("aipm-cards review Two\\ w") == ["Two words"]


@pytest.mark.parametrize(
    "line",
    ["", "aipm-cards", "aipm-cards nonsense --what ", "aipm-cards review --collection no/where ", "aipm-cards 'open ",
     "aipm-cards review --tier x ", "aipm-cards \\", "aipm-cards \x01 ", "aipm-cards check \x00 "],
)  # fmt: skip
def test_nothing_is_ever_said_in_the_middle_of_a_line(run: Run, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, VARIABLE: "zsh_complete", "COMP_WORDS": line})
    result = run()
    assert result.code in (0, 1)
    assert result.err == ""


def test_a_text_that_would_disturb_a_terminal_is_not_offered() -> None:
    for text in ("a\x1b[31m", "a\tb", "a\nb", "a\u202eb", ""):
        assert as_line(CompletionItem(text)) == ""
    assert as_line(CompletionItem("a", help="b\tc\x1b")).count("\t") == 2


def test_all_commands_can_be_asked_about(ask: Ask) -> None:
    for name in COMMANDS:
        assert "--help" in ask(f"aipm-cards {name} --") or name == "history"


# --- the scripts ---------------------------------------------------------------------------


@pytest.fixture
def bin_directory(tmp_path: Path) -> Path:
    """A directory with the program in it, as an environment has one."""
    path = tmp_path / "bin"
    path.mkdir()
    program = path / "aipm-cards"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m aipm_cards "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return path


def needs(shell: str) -> str:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"{shell} is not installed here")
    return found


@pytest.mark.parametrize("shell", SCRIPTS)
def test_it_prints_a_script_that_the_shell_can_read(run: Run, tmp_path: Path, shell: str) -> None:
    result = run("completion", shell)
    assert (result.code, result.out, result.err) == (0, SCRIPTS[shell], "")
    (tmp_path / "script").write_text(result.out, encoding="utf-8")
    done = subprocess.run([needs(shell), "-n", str(tmp_path / "script")], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def offered_by_bash(script: Path, program: str, line: str, word: str, cwd: Path) -> list[str]:
    """COMPREPLY after Tab at the end of a line, of which bash takes `word` for the last word."""
    code = f'compopt() {{ echo "compopt $*"; }}; . "{script}"; COMP_LINE=$1; COMP_POINT=${{#COMP_LINE}}'
    code += '; _aipm_cards_completion "$2" "$3" x; printf "%s\\n" "${COMPREPLY[@]}"'
    command = [needs("bash"), "-c", code, "bash", line, program, word]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=cwd)
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


def test_bash(bin_directory: Path, nowhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(nowhere / "decks")
    write(nowhere / "decks", {}, new="deck: Metrics::In $HOME\nnotes:\n" + basic("new").partition("notes:\n")[2])
    script = tmp_path / "script"
    script.write_text(SCRIPTS["bash"], encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))

    def offered(line: str, word: str, program: str = str(bin_directory / "aipm-cards")) -> list[str]:
        return offered_by_bash(script, program, line, word, nowhere)

    assert offered("aipm-cards sch", "sch") == ["schema"]
    assert offered("aipm-cards sch", "sch", "~/bin/aipm-cards") == ["schema"]
    assert offered("aipm-cards check ", "") == ["compopt -o default", ""]
    # bash begins a word at each colon, and replaces the last one only.
    assert offered("aipm-cards review Metrics::", "::") == ["Basics", r"In\ \$HOME"]
    assert offered("aipm-cards review Metrics::In\\ ", "In\\ ") == [r"In\ \$HOME"]
    # Of a word in quotes it passes the part behind the quote.
    assert offered('aipm-cards review "Metrics::', "Metrics::") == ["Metrics::Basics"]
    assert offered("aipm-cards review --kind='clo", "clo") == ["cloze"]
    assert offered("aipm-cards review --kind=clo", "clo") == ["cloze"]
    assert offered("aipm-cards nonsense ", "", "/no/such/program") == [""]


LOADED = {
    "bash": (["--norc", "--noprofile", "-i"], 'PS1="$ "; eval "$(aipm-cards completion bash)"'),
    "zsh": (["-f", "-i"], 'PS1="$ "; autoload -Uz compinit; compinit -u -D; eval "$(aipm-cards completion zsh)"'),
    "fish": (["--no-config", "-i"], "function fish_prompt; echo '$ '; end; aipm-cards completion fish | source"),
}


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_person_at_the_shell(
    shell: str, bin_directory: Path, nowhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pexpect
    import pyte

    write(nowhere / "decks")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("PATH", f"{bin_directory}{os.pathsep}{os.environ['PATH']}")
    options, load = LOADED[shell]
    screen = pyte.Screen(250, 30)
    stream = pyte.Stream(screen)
    child = pexpect.spawn(needs(shell), options, cwd=nowhere, dimensions=(30, 250), encoding="utf-8", timeout=1)

    def until(text: str) -> None:
        end = time.monotonic() + 30
        while text not in "\n".join(screen.display):
            assert time.monotonic() < end, "\n".join(line for line in screen.display if line.strip())
            try:
                stream.feed(child.read_nonblocking(4096, timeout=0.2))
            except pexpect.TIMEOUT:
                continue

    try:
        child.send(f"{load}; echo loa''ded\r")
        until("loaded")
        child.send("aipm-cards sche\t")
        until("aipm-cards schema ")
        child.send("so\t")
        until("schema sources ")
        child.send("\x15aipm-cards check --format=sar\t")
        until("--format=sarif")
        child.send("\x15aipm-cards review 'Metrics::B\t")
        until("review 'Metrics::Basics'")
        child.send(f"\x15{bin_directory}/aipm-cards review Metrics::B\t")
        until("review Metrics::Basics")
    finally:
        child.close(force=True)
