"""`aipm-cards optimize`: from a history to the settings, and back."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from aipm_cards.cli import settings_file
from aipm_cards.memory.settings import DEFAULT_PARAMETERS, parse_settings
from aipm_cards.memory.settings_text import typed
from tests.cli.conftest import Run
from tests.cli.learning import NAMESPACE, Clock, Home, at_home, document, error, process, with_clock
from tests.memory.lived import OWN, lives, write
from tests.packages.sample import write as write_sample

COMMENTED = "# mine\r\nnew_per_day = 3  # few\r\n\r\n[decks.'Other']\r\nnew_per_day = 1\r\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    return at_home(tmp_path, monkeypatch)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return with_clock(monkeypatch)


@pytest.fixture(autouse=True)
def _collection(nowhere: Path) -> None:
    write_sample(nowhere)


def study(home: Home, parameters: tuple[float, ...] = OWN, cards: int = 60) -> None:
    write(home.history, NAMESPACE, lives(cards, 60, 3, parameters))


def parameters(home: Home, deck: str = "") -> tuple[float, ...]:
    return parse_settings(home.config.read_bytes().decode(), "").preset_of(deck).parameters


# --- taken ---------------------------------------------------------------------------------


def test_asked_and_taken_and_taken_back(run: Run, home: Home) -> None:
    study(home)
    home.configure(COMMENTED)
    result = run("optimize", typed="n\n")
    assert result.code == 0
    assert "better, by more than chance" in result.out
    assert home.config.read_bytes() == COMMENTED.encode()
    result = run("optimize", typed="y\n")
    assert (
        result.closing.removeprefix("Take them? [y/N]: ")
        == f"wrote {home.config}; `aipm-cards optimize --undo` takes it back"
    )
    assert result.out.count("\x1b") == 0
    found = parameters(home)
    assert f"  before  {typed(DEFAULT_PARAMETERS)}" in result.out
    assert f"  fitted  {typed(found)}" in result.out
    assert found != DEFAULT_PARAMETERS
    line = f"parameters = {typed(found)}\r\n"
    assert home.config.read_bytes().decode().replace(line, "") == COMMENTED
    result = run("optimize", "--undo")
    assert result.closing == f"restored {home.config}: back to the parameters of FSRS-6"
    assert home.config.read_bytes() == COMMENTED.encode()
    nothing = run("optimize", "--undo")
    assert (nothing.code, nothing.err) == (4, "")
    assert nothing.out.startswith("there is nothing to undo: ")


def test_for_programs(run: Run, home: Home) -> None:
    study(home)
    said = document(run("optimize", "--dry-run", "--json"))
    assert (said["type"], said["fitted"], said["better"], said["taken"], said["path"]) == (
        "optimized", "all", True, False, None,
    )  # fmt: skip
    assert said["judged"]["log_loss"]["after"] < said["judged"]["log_loss"]["before"]
    assert 0 < said["judged"]["gain"]["low"] < said["judged"]["gain"]["mean"] < said["judged"]["gain"]["high"]
    assert not home.config.exists()
    taken = document(run("optimize", "--yes", "--json"))
    assert (taken["taken"], taken["path"]) == (True, str(home.config))
    assert taken["parameters"]["fitted"] == said["parameters"]["fitted"] == list(parameters(home))
    again = document(run("optimize", "--yes", "--json"))
    assert (again["better"], again["taken"]) == (False, False)
    assert document(run("optimize", "--undo", "--json"))["type"] == "restored"
    assert home.config.read_bytes() == b""
    nothing = run("optimize", "--undo", "--json")
    assert (nothing.code, document(nothing)["type"]) == (4, "nothing")


def test_reviews_are_counted_as_statistics_count_them(run: Run, home: Home) -> None:
    """But for those to cards in steps, which are named."""
    study(home)
    said, stats = document(run("optimize", "--dry-run", "--json")), document(run("stats", "--json"))
    assert said["reviews"] - said["in_steps"] == stats["calibration"]["reviews"]
    line = f"  {said['in_steps']:,} of them to cards in learning steps, which `aipm-cards stats` does not count"
    assert (line in run("optimize", "--dry-run").out) == bool(said["in_steps"])


def test_what_is_no_better_is_not_taken(run: Run, home: Home) -> None:
    study(home, DEFAULT_PARAMETERS)
    result = run("optimize", "--yes")
    assert result.code == 0
    assert "the parameters stay as they are" in result.out
    assert not home.config.exists()


@pytest.mark.parametrize(("cards", "said"), [(0, "too little to fit anything"), (25, "stay as they are")])
def test_too_little(run: Run, home: Home, cards: int, said: str) -> None:
    if cards:
        study(home, cards=cards)
    result = run("optimize", "--yes")
    assert result.code == 0
    assert said in result.out
    assert not home.config.exists()


# --- decks ---------------------------------------------------------------------------------


def test_decks_have_their_own(run: Run, home: Home, nowhere: Path) -> None:
    """The general ones are fitted to the decks without their own, those of a deck to its cards."""
    notes = "".join(f"  - {{id: n{number}, front: Q{number}?, back: A}}\n" for number in range(30))
    (nowhere / "own.yaml").write_text(f"deck: Own::Deep\nnotes:\n{notes}", encoding="utf-8")
    study(home)
    everything = document(run("optimize", "--dry-run", "--json"))
    home.configure(f"[decks.'own']\nparameters = {typed(DEFAULT_PARAMETERS)}  # x\n")
    general = document(run("optimize", "--dry-run", "--json"))
    own = document(run("optimize", "--deck", "Own", "--yes", "--json"))
    assert own["deck"] == "Own"
    assert 0 < own["reviews"] < everything["reviews"]
    assert own["reviews"] + general["reviews"] == everything["reviews"]


# --- what is refused -----------------------------------------------------------------------


def test_nobody_to_ask(run: Run, home: Home) -> None:
    study(home)
    result = run("optimize")
    assert result.code == 2
    assert "add --yes" in result.err
    assert not home.config.exists()
    assert document(run("optimize", "--json"))["error"]["code"] == "usage"


def test_without_the_engine(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsrs_rs_python", None)
    message = error(run("optimize"))
    assert "pip install 'fsrs-rs-python==0.9.3'" in message
    assert "license" in message


def test_what_was_edited_since_is_not_taken_back(run: Run, home: Home) -> None:
    study(home)
    run("optimize", "--yes")
    home.configure(home.config.read_text(encoding="utf-8").replace("parameters = [", "parameters = [ "))
    edited = home.config.read_bytes()
    assert "edited since" in error(run("optimize", "--undo"))
    assert home.config.read_bytes() == edited
    kept = home.config.with_name("config.toml.optimized.json")
    assert len(json.loads(kept.read_text(encoding="utf-8"))) == 1
    kept.write_text("[[1, 2, 3]]", encoding="utf-8")
    assert "is damaged" in error(run("optimize", "--undo"))


def test_each_step_back(home: Home) -> None:
    """Of general parameters and those of a deck, in whatever order, with other edits between."""
    home.configure("new_per_day = 1")
    for deck, first in (("", 0.1), ("Talk", 0.2), ("", 0.3), ("talk", 0.4)):
        value = typed((first, *DEFAULT_PARAMETERS[1:]))
        settings_file.put_parameters(deck, value, settings_file.read_bytes())
    home.configure(home.config.read_text(encoding="utf-8").replace("new_per_day = 1", "# x\nnew_per_day = 2"))
    found = []
    for deck in ("", "Talk", "", "Talk"):
        settings_file.take_back_parameters(deck)
        found.append((parameters(home)[0], parameters(home, "Talk")[0]))
    assert found == [
        (0.1, 0.4),
        (0.1, 0.2),
        (DEFAULT_PARAMETERS[0], 0.2),
        (DEFAULT_PARAMETERS[0], DEFAULT_PARAMETERS[0]),
    ]
    assert home.config.read_text(encoding="utf-8") == "# x\nnew_per_day = 2"


def test_killed_between_the_two_files(run: Run, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is needed for an undo is written first; if nothing else was, there is nothing to undo."""
    study(home)
    home.configure(COMMENTED)
    with monkeypatch.context() as patched:
        patched.setattr(settings_file, "_write", lambda *_: None)
        run("optimize", "--yes")
    assert run("optimize", "--undo").code == 4
    run("optimize", "--yes")
    assert run("optimize", "--undo").code == 0
    assert home.config.read_bytes() == COMMENTED.encode()


def test_edited_while_it_was_asking(run: Run, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    study(home)
    agreed = "aipm_cards.cli.optimize._agreed"
    monkeypatch.setattr(agreed, lambda: bool(home.configure("new_per_day = 1\n")) or True)
    assert "changed meanwhile" in run("optimize").err
    assert home.config.read_text(encoding="utf-8") == "new_per_day = 1\n"


def test_help_does_not_wait_for_the_engine() -> None:
    assert process("optimize", "--help").code == 0
