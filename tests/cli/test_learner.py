"""What a learner's commands open: the collection, the cards in it, the history, the zone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from aipm_cards.characters import FORBIDDEN
from aipm_cards.cli.main import COMMANDS
from tests.cli.conftest import Keyboard, Run
from tests.cli.learning import DAY, Bot, Clock, Home, at_home, bot_of, document, error, printing_to, process, with_clock
from tests.cli.test_main import on_a_terminal
from tests.cli.test_where import SHIPPED
from tests.packages.sample import basic, edit, write

POSIX = pytest.mark.skipif(os.name == "nt", reason="no such thing there")
EMPTY = {"collection.yaml": "format: 1\nname: None\nnamespace: none-cards\n"}
CJK = {
    "collection.yaml": "format: 1\nname: 言葉 🎴\nnamespace: cjk-cards\n",
    "food.yaml": "deck: 日本::単語\ntags: [動詞]\nnotes:\n"
    "  - id: sushi\n    front: 食べる 🍣 é?\n    back: 👩‍👩‍👧 to eat\n",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    return at_home(tmp_path, monkeypatch)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return with_clock(monkeypatch)


@pytest.fixture
def bot(run: Run, clock: Clock) -> Bot:
    return bot_of(run)


def mine(root: Path, note_id: str) -> Path:
    """A collection that is known by the id of its one note."""
    return write(root, {"collection.yaml": "format: 1\nname: Mine\nnamespace: mine-cards\n"}, a=basic(note_id))


# --- which collection ----------------------------------------------------------------------


def test_the_order(bot: Bot, nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bot("next")["collection"] == "aipm-cards"  # the decks that ship, from an empty folder
    mine(nowhere / "decks", "in-decks")
    assert bot("next")["card"] == "in-decks:0"
    mine(nowhere, "here")
    assert bot("next")["card"] == "here:0"
    (nowhere / "sub").mkdir()
    monkeypatch.chdir(nowhere / "sub")
    assert bot("next")["card"] == "here:0"
    mine(nowhere / "../variable", "by-variable")
    monkeypatch.setenv("AIPM_CARDS_COLLECTION", str(nowhere / "../variable"))
    assert bot("next")["card"] == "by-variable:0"
    mine(nowhere / "../option", "by-option")
    assert bot("next", "--collection", nowhere / "../option")["card"] == "by-option:0"
    assert bot("next", "--collection", nowhere / "../option/a.yaml")["card"] == "by-option:0"


def test_the_decks_that_ship_from_any_folder(run: Run, bot: Bot, home: Home) -> None:
    card = bot("next")
    assert (card["collection"], card["left"]["new"]) == ("aipm-cards", 20)
    assert Path(card["path"]).is_file()
    answered = bot("answer", card["card"], "good", "--revision", 0)
    assert answered.code == 0
    assert run("due").closing.startswith(f"{SHIPPED}: ")
    assert bot("undo")["event"] == answered["event"]


def test_a_path_is_shown_as_a_person_here_would_write_it(bot: Bot, nowhere: Path) -> None:
    write(nowhere)
    card = bot("next")
    assert (Path(card["path"]), card["line"]) == (Path("metrics.yaml"), 6)


@pytest.mark.parametrize("command", ["next", "due", "flags", "undo"])
def test_a_collection_that_is_not_there(run: Run, bot: Bot, home: Home, command: str) -> None:
    assert error(run(command, "--collection", "gone")) == "gone: there is no such file or directory"
    assert bot(command, "--collection", "gone").code == 2
    Path("empty").mkdir()
    assert "aipm-cards init DIR" in error(run(command, "--collection", "empty"))
    assert not home.history.exists()


def test_errors_in_the_sources_leave_cards_out(run: Run, bot: Bot, nowhere: Path) -> None:
    write(nowhere, bad=basic("Bad id"))
    assert bot("due")["today"]["new"] == 7
    edit(nowhere / "metrics.yaml", "    front: |\n", "    fornt: |\n")
    assert bot("next")["card"] == "recall:0"
    assert bot("answer", "precision:0", 3, "--revision", 0).code == 2
    (nowhere / "metrics.yaml").write_text("deck: [\n", encoding="utf-8")
    assert bot("next")["card"] == "precision-of-a-queue:0"


@pytest.mark.parametrize("command", ["next", "due"])
def test_a_collection_without_cards(run: Run, bot: Bot, nowhere: Path, command: str) -> None:
    write(nowhere / "none", EMPTY)
    message = error(run(command, "--collection", "none"))
    assert message.startswith("None has no cards yet")
    assert bot(command, "--collection", "none")["error"]["message"] == message


@pytest.mark.parametrize("text", ["xx", "", "format: 1\nname: Mine\nnamespace: Not one!\n", "format: 1\nname: [\n"])
def test_without_a_namespace_nothing_is_learned(run: Run, bot: Bot, home: Home, nowhere: Path, text: str) -> None:
    """A slip in `collection.yaml` must not show all cards as new, nor store answers elsewhere."""
    mine(nowhere, "a-note")
    answered = bot("answer", "a-note:0", 4, "--revision", 0)
    (nowhere / "collection.yaml").write_text(text, encoding="utf-8")
    for words in (("next",), ("due",), ("answer", "a-note:0", "3", "--revision", "0"), ("undo",), ("flags",)):
        message = error(run(*words))
        assert "collection.yaml" in message
        assert "aipm-cards check" in message
    mine(nowhere, "a-note")
    assert run("history", "doctor").closing == f"{home.history}: 1 event, 1 card: sound"
    assert bot("undo")["event"] == answered["event"]


def test_a_broken_collection_without_cards_is_named(run: Run, nowhere: Path) -> None:
    write(nowhere / "broken", {"collection.yaml": "xx"})
    assert "broken" in error(run("next", "--collection", "broken"))


def test_undo_and_flags_without_cards(bot: Bot, nowhere: Path) -> None:
    """The last note was taken out of the sources: its history is still there."""
    mine(nowhere, "only-note")
    answered = bot("answer", "only-note:0", 3, "--revision", 0)
    (nowhere / "a.yaml").unlink()
    assert bot("flags")["flags"] == []
    assert bot("undo")["event"] == answered["event"]


def test_notes_that_leave_and_come_back(run: Run, bot: Bot, clock: Clock, nowhere: Path) -> None:
    write(nowhere)
    easy = bot("answer", "precision-of-a-queue:0", 4, "--revision", 0)
    text = (nowhere / "more/numbers.yaml").read_text(encoding="utf-8")
    (nowhere / "more/numbers.yaml").unlink()
    clock.turn_to(easy["due"])
    assert bot("due")["today"] == {"learning": 0, "reviews": 0, "new": 6}
    gone = bot("answer", "precision-of-a-queue:0", 3, "--revision", 1)
    assert (gone.code, "there is no card" in gone["error"]["message"]) == (2, True)
    assert run("history", "doctor").code == 0
    (nowhere / "moved.yaml").write_text(text, encoding="utf-8")
    back = bot("next", "--kind", "calculation")
    assert (back["card"], back["state"], back["revision"]) == ("precision-of-a-queue:0", "review", 1)
    assert Path(back["path"]) == Path("moved.yaml")
    assert bot("answer", back["card"], 3, "--revision", 1).code == 0


def test_an_edit_keeps_the_history(bot: Bot, nowhere: Path) -> None:
    write(nowhere)
    bot("answer", "precision:0", 3, "--revision", 0)
    edit(nowhere / "metrics.yaml", "The share of alarms that are right.", "Right alarms by all alarms.")
    card = bot("next", "--kind", "basic")
    assert (card["state"], card["revision"]) == ("learning", 1)
    assert "Right alarms by all alarms." in str(card["answer"])


def test_other_scripts(run: Run, bot: Bot, nowhere: Path) -> None:
    write(nowhere / "cjk", CJK)
    card = bot("next", "日本", "--tag", "動詞", "--collection", "cjk")
    assert (card["card"], card["deck"], card["tags"]) == ("sushi:0", "日本::単語", ["動詞"])
    assert card["question"] == [{"label": "Question", "lines": ["食べる 🍣 é?"]}]
    assert card["answer"][0]["lines"] == ["👩‍👩‍👧 to eat"]
    assert "食べる 🍣 é?" in run("next", "--collection", "cjk").out
    assert bot("next", "言葉 🎴::日本::単語", "--collection", "cjk").code == 0
    assert "did you mean '日本::単語'?" in error(run("next", "日本::単話", "--collection", "cjk"))


# --- which cards ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "cards"),
    [
        ((), 7),
        (("Metrics",), 5),
        (("metrics::BASICS",), 5),
        (("Talk",), 2),
        (("Talk", "Metrics"), 7),
        (("Sample",), 7),
        (("sample::talk",), 2),
        (("Sample::Metrics::Basics", "Talk"), 7),
        (("--tag", "evaluation"), 4),
        (("--tag", "EVALUATION"), 4),
        (("--tier", 1), 1),
        (("--tier", 1, "--tier", 3), 2),
        (("--kind", "cloze"), 1),
        (("--kind", "cloze", "--kind", "contrast"), 2),
        (("Metrics", "--tier", 2, "--kind", "basic", "--kind", "reversed"), 1),
    ],
)
def test_scopes(bot: Bot, nowhere: Path, scope: tuple[object, ...], cards: int) -> None:
    write(nowhere)
    assert bot("due", *scope)["today"]["new"] == cards
    assert bot("next", *scope)["left"]["new"] == cards


def test_a_scope_is_about_the_queue_only(bot: Bot, nowhere: Path) -> None:
    """What is answered in a scope counts in all, and against the daily limit."""
    write(nowhere)
    bot("answer", "precision:0", 4, "--revision", 0)
    assert bot("due", "Metrics")["today"]["new"] == 4
    assert bot("due", "Talk")["today"]["new"] == 2
    assert bot("due")["today"]["new"] == 6


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        (("Metrcs::Basics",), "there is no deck 'Metrcs::Basics'; did you mean 'Metrics::Basics'?"),
        (("Metric",), "there is no deck 'Metric'; did you mean 'Metrics'?"),
        (("Tal",), "there is no deck 'Tal'; did you mean 'Talk'?"),
        (("metrcs::basics",), "there is no deck 'metrcs::basics'; did you mean 'Metrics::Basics'?"),
        (("xyzzy",), "there is no deck 'xyzzy'; `aipm-cards decks` lists the decks"),
        (("Talk", "xyzzy"), "there is no deck 'xyzzy'; `aipm-cards decks` lists the decks"),
        (("",), "there is no deck ''; `aipm-cards decks` lists the decks"),
        (("--tag", "evaluaton"), "there is no tag 'evaluaton'; did you mean 'evaluation'?"),
        (("Talk", "--tier", "1"), "no card is in all of what was asked for: the decks, tags, tiers and kinds"),
        (("Talk", "--kind", "cloze"), "no card is in all of what was asked for: the decks, tags, tiers and kinds"),
    ],
)
@pytest.mark.parametrize("command", ["next", "due"])
def test_scopes_without_cards(
    run: Run, bot: Bot, nowhere: Path, command: str, scope: tuple[str, ...], said: str
) -> None:
    write(nowhere)
    assert error(run(command, *scope)) == said
    assert bot(command, *scope)["error"] == {"code": "error", "message": said}


def test_the_way_out_for_a_tag_leads_out(run: Run, nowhere: Path) -> None:
    """The command that is named does what is said of it."""
    write(nowhere)
    message = error(run("next", "--tag", "xyzzy"))
    found = re.fullmatch("there is no tag 'xyzzy'; `aipm-cards (.+)` shows the tags of a card", message)
    assert found is not None, message
    assert "evaluation" in json.loads(run(*found[1].split()).out)["tags"]


def test_names_are_trimmed_as_in_deck_files(bot: Bot, nowhere: Path) -> None:
    write(nowhere)
    assert bot("due", " Metrics :: Basics ")["today"]["new"] == 5


@pytest.mark.parametrize(
    "scope", [("--tier", "0"), ("--tier", "4"), ("--tier", "x"), ("--kind", "essay"), ("--kind", "")]
)
def test_scopes_that_cannot_be(run: Run, scope: tuple[str, ...]) -> None:
    result = run("next", *scope)
    assert (result.code, result.out) == (2, "")
    assert scope[0] in result.err


def test_unsafe_arguments_are_safe_to_print(run: Run, nowhere: Path) -> None:
    write(nowhere)
    for unsafe in ("\x1b[31m", "\x9b31m", "a\nb", "\u202e"):
        for arguments in (("next", unsafe), ("next", "--tag", unsafe), ("answer", unsafe, "3", "--revision", "0"),
                          ("next", "--collection", unsafe), ("flags", "--clear", unsafe)):  # fmt: skip
            error(run(*arguments))


# --- where the files are -------------------------------------------------------------------


def test_everything_lies_where_the_platform_says(bot: Bot, home: Home, nowhere: Path) -> None:
    write(nowhere)
    before = sorted(nowhere.rglob("*"))
    bot("answer", "precision:0", 3, "--revision", 0)
    assert home.history.is_file()
    assert not home.config.exists()
    assert sorted(nowhere.rglob("*")) == before
    below = {path.relative_to(home.root).parts[0] for path in home.root.rglob("*") if path.is_file()}
    assert below <= {"data", "cache"}


def test_the_cache_lies_where_it_is_told(bot: Bot, home: Home, nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(nowhere / "sample")
    monkeypatch.setenv("AIPM_CARDS_CACHE", str(nowhere / "cache"))
    bot("next", "--collection", "sample")
    assert any((nowhere / "cache").iterdir())
    assert not (home.root / "cache").exists()
    monkeypatch.setenv("AIPM_CARDS_CACHE", str(nowhere / "sample/collection.yaml/below"))
    assert bot("next", "--collection", "sample").code == 0  # it is only a cache


@POSIX
def test_only_its_owner_may_read_a_history(bot: Bot, home: Home, nowhere: Path) -> None:
    write(nowhere)
    bot("answer", "precision:0", 3, "--revision", 0)
    assert home.history.parent.stat().st_mode & 0o077 == 0


def test_a_home_where_nothing_can_be_written(
    run: Run, bot: Bot, tmp_path: Path, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(nowhere)
    (tmp_path / "file").write_text("", encoding="utf-8")
    for name in ("AIPM_CARDS_HISTORY", "AIPM_CARDS_CACHE"):
        monkeypatch.setenv(name, str(tmp_path / "file/home/a.db"))
    message = error(run("next"))
    assert str(tmp_path / "file") in message
    assert "--history" in message
    assert bot("next", "--history", tmp_path / "history.db").code == 0


def test_a_history_below_a_file(run: Run, bot: Bot, nowhere: Path) -> None:
    write(nowhere)
    (nowhere / "file").write_text("mine", encoding="utf-8")
    for words in (("next",), ("answer", "precision:0", "3", "--revision", "0")):
        message = error(run(*words, "--history", "file/history.db"))
        assert message.endswith("; choose another file with --history")
        assert message.startswith("file: ")
    assert (nowhere / "file").read_text(encoding="utf-8") == "mine"
    assert "File exists" not in message  # it is no directory: that is what is wrong


# --- the zone ------------------------------------------------------------------------------


@POSIX
@pytest.mark.parametrize(
    ("zone", "name"),
    [("UTC", "UTC"), (":Europe/Paris", "Europe/Paris"), ("Asia/Kolkata", "Asia/Kolkata"), ("EST5EDT", "EST5EDT"),
     ("Etc/GMT+3", "Etc/GMT+3")],
)  # fmt: skip
def test_zones_that_will_do(run: Run, nowhere: Path, monkeypatch: pytest.MonkeyPatch, zone: str, name: str) -> None:
    write(nowhere)
    monkeypatch.setenv("TZ", zone)
    assert document(run("answer", "precision:0", "3", "--revision", "0", "--json")).code == 0
    assert json.loads(run("history", "export", "--format", "jsonl").out)["zone"] == name


@POSIX
def test_without_a_variable_the_zone_is_that_of_the_system(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(nowhere)
    monkeypatch.delenv("TZ")
    said = document(process("due", "--json"))
    assert said.code == 0
    assert document(process("due", "--json", TZ="")).said == said.said


@POSIX
@pytest.mark.parametrize("zone", ["Mars/X", "UTC-3", "../../etc/passwd", "CET-1CEST,M3.5.0,M10.5.0/3"])
def test_zones_that_will_not_do(
    run: Run, nowhere: Path, home: Home, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    write(nowhere)
    monkeypatch.setenv("TZ", zone)
    said = document(run("next", "--json"))
    message = error(run("next"))
    assert said["error"] == {"code": "error", "message": message}
    assert message.startswith("this system's time zone ")
    assert 'write time_zone = "Europe/Berlin", or yours, into the file that `aipm-cards config` names' in message
    home.configure('time_zone = "Asia/Tokyo"\n')
    assert document(run("next", "--json")).code == 0


def test_a_clock_set_back(bot: Bot, clock: Clock, nowhere: Path) -> None:
    write(nowhere)
    first = bot("answer", "precision:0", 4, "--revision", 0)
    clock.later(-3 * DAY)
    assert bot("next").code == 0
    again = bot("answer", "precision:0", 3, "--revision", first["revision"])
    assert again.code == 0
    assert bot("undo")["event"] == again["event"]


# --- pipes, colours, help ------------------------------------------------------------------


def closed_pipe() -> int:
    """The end to write to of a pipe that nobody reads, as in `aipm-cards next | head -0`."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@POSIX
@pytest.mark.parametrize(
    "arguments", [("next",), ("next", "--json"), ("due",), ("flags",), ("config",), ("history", "path"),
                  ("history", "export", "--format", "jsonl"), ("answer", "recall:0", "3", "--revision", "0")],
)  # fmt: skip
def test_a_closed_pipe(
    bot: Bot, nowhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
) -> None:  # fmt: skip
    write(nowhere)
    bot("answer", "precision:0", 3, "--revision", 0)
    with open(closed_pipe(), "w", encoding="utf-8") as pipe:  # to close it raises nothing, as at the end of a process
        assert printing_to(monkeypatch, pipe, *arguments) == 141
    assert capsys.readouterr() == ("", "")


@POSIX
def test_an_answer_is_stored_though_nobody_hears_of_it(run: Run, nowhere: Path) -> None:
    """And the process says nothing at its end."""
    write(nowhere)
    writing = closed_pipe()
    command = [sys.executable, "-m", "aipm_cards", "answer", "precision:0", "3", "--revision", "0"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False, stdin=subprocess.DEVNULL)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")
    assert document(run("next", "--kind", "basic", "--json"))["revision"] == 1


@POSIX
def test_no_colours_if_they_are_not_wanted(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(nowhere)
    assert not FORBIDDEN.search(on_a_terminal(["next"], NO_COLOR="1").replace("\r\n", "\n"))
    monkeypatch.setenv("NO_COLOR", "1")
    for arguments in (("next",), ("due",), ("config",), ("next", "--json"), ("next", "nothing")):
        terminal = Keyboard()
        monkeypatch.setattr(sys, "stderr", terminal)
        assert printing_to(monkeypatch, terminal, *arguments) == (2 if "nothing" in arguments else 0)
        assert terminal.getvalue().endswith("\n"), arguments
        assert not FORBIDDEN.search(terminal.getvalue()), arguments


def test_json_on_a_terminal_is_json(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(nowhere)
    terminal = Keyboard()
    assert printing_to(monkeypatch, terminal, "next", "--json") == 0
    assert json.loads(terminal.getvalue())["card"] == "precision:0"
    assert "\x1b" not in terminal.getvalue()


PAGES = [
    *((name,) for name in COMMANDS),
    *(("history", name) for name in ("doctor", "backup", "restore", "export", "path")),
    (),
]


@pytest.mark.parametrize("page", PAGES)
def test_help_fits(run: Run, home: Home, page: tuple[str, ...]) -> None:
    result = run(*page, "--help")
    assert (result.code, result.err) == (0, "")
    assert result.out == run(*page, "-h").out
    for line in result.out.splitlines():
        assert len(line) <= 80, line
        assert line.startswith("Usage: ") or not line.endswith("..."), f"cut off: {line}"
    assert not home.root.exists()


def test_help_tells_the_exit_codes(run: Run) -> None:
    assert "4" in run("next", "--help").out
    assert "5" in run("answer", "--help").out
    assert "4" in run("undo", "--help").out
    assert "5" in run("undo", "--help").out
