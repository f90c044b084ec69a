"""Whole sessions at a terminal: every kind, every key, sizes, editors, and what is stored."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from aipm_cards.kinds import KINDS
from tests.terminal.sitting import CALM, COLLECTION, Home, Sitting

FRONTS = {
    "basic": "What is precision?",
    "reversed": "data drift",
    "cloze": "F1 is the [kind of] mean",
    "contrast": "What separates RAG from Fine-tuning?",
    "calculation": "Precision in percent, one decimal",
    "interview": "Design a review queue.",
    "scenario": "A model blocks accounts.",
}
BACKS = {
    "basic": "The share of alarms that are right.",
    "reversed": "The inputs change after training.",
    "cloze": "F1 is the harmonic mean",
    "contrast": "Whether the weights change.",
    "calculation": "62.5 %",
    "interview": "First the user",
    "scenario": "Blocks are hard to undo.",
}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home(tmp_path, settings=CALM) as home:
        yield home


def cells(sitting: Sitting) -> list[int]:
    """How many cells each line takes, wide characters as two."""
    from rich.cells import cell_len

    return [cell_len(line) for line in sitting.lines]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_at_every_width(home: Home, kind: str) -> None:
    sitting = home.sit("--kind", kind, "--limit", "1", columns=80, rows=40)
    sitting.see(FRONTS[kind], "space show the answer", "? help")
    assert BACKS[kind] not in sitting.words
    sitting.press(" ").see(BACKS[kind], "1 Again", "2 Hard", "3 Good", "4 Easy", f"· {kind}")
    for columns in (40, 200, 20):
        sitting.resize(columns, 60).see("1 Again", "4 Easy", *(BACKS[kind],) * (columns > 20))
        assert max(cells(sitting)) <= columns
    sitting.press("3").see("Finished")
    assert sitting.leave() == 0
    assert "1 answer to 1 card, 1 of them new" in sitting.afterwards
    assert [rating for _, rating in home.standing()] == ["Good"]


def test_type_ahead_is_not_merged(home: Home) -> None:
    sitting = home.sit("--tier", "1").see(FRONTS["basic"])
    sitting.press(" 3 3 3").see("Finished", "3 answers to 3 cards")
    assert sitting.leave() == 0
    assert home.standing() == [("precision:0", "Good"), ("wide:0", "Good"), ("recall:0", "Good")]


def test_space_alone_is_good(home: Home) -> None:
    home.sit("--tier", "1").see(FRONTS["basic"]).press("  \r\r ").see("The share of cases").press("q").end()
    assert home.standing() == [("precision:0", "Good"), ("wide:0", "Good")]


def test_a_lone_esc_and_then_a_key(home: Home) -> None:
    sitting = home.sit().see(FRONTS["basic"]).press("\x1b")
    sitting.press(" ").see(BACKS["basic"]).press("\x1b").press("2").see("精度")
    assert sitting.leave() == 0
    assert home.standing() == [("precision:0", "Hard")]


def test_undo_mark_and_undo_after_a_restart(home: Home) -> None:
    sitting = home.sit("--tier", "1").see(FRONTS["basic"])
    sitting.press(" 1").see("精度").press("u").see("Taken back: Again on precision:0.", FRONTS["basic"])
    sitting.press("b").see("Buried until tomorrow: precision:0.").press("s").see("Suspended: wide:0.")
    sitting.press(" 4").see("Finished", "1 Easy").press("q").end()
    sitting = home.sit("--tier", "1").see("Nothing is due")
    sitting.press("u").see("Taken back: Easy on recall:0.", "What is recall?")
    sitting.press("u").see("Taken back: suspend on wide:0.", "精度")
    sitting.press("u").see("Taken back: bury on precision:0.", FRONTS["basic"])
    sitting.press("u").see("There is nothing to undo.")
    assert sitting.leave() == 0
    assert home.standing() == []
    assert len(home.events()) == 8


def test_help_and_information(home: Home) -> None:
    sitting = home.sit(rows=60).see(FRONTS["basic"])
    sitting.press("?").see("At the question", "tab: with a rubric: its next point", "q: leave", "any key back")
    sitting.press("3").see(FRONTS["basic"], gone="At the question")
    sitting.press(" i").see("Card information", "precision:0 in Basics", "It is new")
    sitting.press("q").see(BACKS["basic"], gone="Card information")
    assert sitting.leave() == 0
    assert home.standing() == []


def test_help_of_a_low_window_scrolls(home: Home) -> None:
    sitting = home.sit(rows=10).see(FRONTS["basic"]).press("?").see("At the question", "more: down, page down")
    sitting.press("\x1b[F").see("q: leave", "the end").press("\x1b[H").see("At the question")
    sitting.press("\x1b[6~\x1b[6~\x1b[5~\x1b[B\x1b[A").see("more")
    sitting.press(" ").see(FRONTS["basic"], gone="At the question")
    assert sitting.leave() == 0


def test_the_rubric_and_the_clock(home: Home) -> None:
    sitting = home.sit("--kind", "interview", rows=40).see("0:0", "of 5:00", "p pause")
    sitting.press("p").see("paused").press("p").see("of 5:00", gone="paused")
    sitting.press(" ").see("[ ] Names the user (must)", "tab next point", "space Good")
    sitting.press("\t").see("> [ ] Names the user").press("x").see(
        "> [x] Names the user", "Again: 1 of 4 points, 3 needed"
    )
    sitting.press("\tx\tx").see("Good: 3 of 4 points", "space Good")
    sitting.press("\x1b[Z\x1b[Z\x1b[Zx").see("> [x] I would say it", "Easy: 3 of 4 points", "space Easy")
    sitting.press(" ").see("Finished", "1 Easy")
    assert sitting.leave() == 0
    assert home.standing() == [("queue:0", "Easy")]
    assert home.events()[0][1].detail == '{"ticks": [0, 1, 2, 5]}'


def test_the_point_that_tab_reaches_is_on_the_screen(home: Home) -> None:
    sitting = home.sit("--kind", "interview", rows=8).see("Design a review queue.").press(" ").see("1 Again")
    for point in ("Names the user", "Names a metric", "Names a risk", "Ends with a decision"):
        sitting.press("\t").see(f"> [ ] {point}", within=5)
    assert sitting.leave() == 0


def test_the_clock_ticks_by_itself(home: Home) -> None:
    home.sit("--kind", "interview").see("0:01 of 5:00").press("q").end()


def test_a_typed_answer(home: Home) -> None:
    sitting = home.sit("--kind", "calculation").see("t type it").press("t").see("Your answer (%):")
    sitting.press("62\x7f\x7f\x1562.4\r").see("62.4: not right; it is off by 0.1.", "62.5 %", "1 Again")
    sitting.press("3").see("Finished").press("u").see("t type it").press("t62.5%\r").see("62.5%: right.")
    sitting.press("u").see("There is nothing to undo.").press("q").end()
    assert home.standing() == []


def test_esc_leaves_the_typed_answer(home: Home) -> None:
    sitting = home.sit("--kind", "calculation").see("t type it").press("t62").see("Your answer (%): 62")
    sitting.press("\x1b").see("t type it", gone="Your answer").press(" ").see("62.5 %", gone="Your answer").press(
        "q"
    ).end()


def test_a_flag_with_a_remark_in_wide_characters(home: Home) -> None:
    sitting = home.sit(columns=40).see(FRONTS["basic"]).press("f").see("What is wrong with it?")
    sitting.press("精度 is 🎯, é and e\u0301; q, 3 and ? are letters here").see("are letters here")
    assert max(cells(sitting)) <= 40
    sitting.press("\r").see("Flagged; `aipm-cards flags` lists it.", FRONTS["basic"]).press(" 3").see("精度とは").press(
        "q"
    )
    sitting.end()
    assert [flag.remark for flag in home.flags()] == ["精度 is 🎯, é and e\u0301; q, 3 and ? are letters here"]
    assert home.standing() == [("precision:0", "flag"), ("precision:0", "Good")]


def test_what_is_asked_stays_in_sight_while_one_types(home: Home) -> None:
    sitting = home.sit(columns=40).see(FRONTS["basic"]).press("f").see("What is wrong with it?")
    sitting.press("a remark that is longer than a line of forty columns").see(
        "of forty columns", "What is wrong", within=5
    )
    sitting.press("\x1b").see("show the answer").press("q").end()


def test_a_paste_of_several_lines_is_one_remark(home: Home) -> None:
    sitting = home.sit().see(FRONTS["basic"]).press("f").see("What is wrong with it?", "Enter stores Esc leaves")
    sitting.press("\x1b[200~one\r 3q\rthree\x1b[201~").see("one 3q three").press("\r").see("Flagged").press("q").end()
    assert [flag.remark for flag in home.flags()] == ["one  3q three"]
    assert home.standing() == [("precision:0", "flag")]


def test_esc_leaves_the_remark(home: Home) -> None:
    sitting = home.sit().see(FRONTS["basic"]).press("fhm").see("What is wrong with it? hm").press("\x1b")
    sitting.see("show the answer", gone="What is wrong").press(" ").see(BACKS["basic"]).press("q").end()
    assert home.standing() == []


def test_a_long_card_scrolls(home: Home) -> None:
    sitting = home.sit("Long", rows=16).see("Which lines").press(" ").see("line number 1 of", "more: down, page down")
    assert "line number 60" not in sitting.words
    sitting.press("\x1b[6~").see("line number 15", gone="line number 1 ")
    sitting.press("\x1b[5~").see("line number 1 of")
    sitting.press("\x1b[B").see("more").press("\x1b[F").see("line number 60 of", "the end")
    sitting.press("\x1b[6~\x1b[B").see("line number 60 of").press("\x1b[H").see("Which lines")
    sitting.press("\x1bOF").see("line number 60 of").press("g").see("Which lines").press("G").see("line number 60 of")
    sitting.press("gjj").see("line number 1 of", gone="Which lines").press("kk\x0c").see("Which lines").press("3")
    sitting.see("Finished")
    assert sitting.leave() == 0


def test_the_window_is_resized_in_the_middle(home: Home) -> None:
    sitting = home.sit("--kind", "basic").see(FRONTS["basic"]).press(" 3").see("精度とは")
    rows = []
    for columns, height in ((40, 24), (200, 24), (80, 8), (40, 8), (24, 6), (80, 24)):
        sitting.resize(columns, height).see("精度とは", "space show the answer")
        assert max(cells(sitting)) <= columns
        rows.append(sum("正" in line or "別" in line or "精" in line for line in sitting.lines))
    assert rows[0] > rows[1] == 1
    sitting.press(" ").see("正しい警報の割合 🎉").press("q").end()


def test_a_resized_window_keeps_the_answer_the_remark_and_the_help(home: Home) -> None:
    sitting = home.sit().see(FRONTS["basic"]).press(" ").see(BACKS["basic"])
    sitting.resize(40, 14).see(BACKS["basic"], "1 Again")
    sitting.press("fis it").see("What is wrong with it? is it").resize(60, 20).see(
        "What is wrong with it? is it", BACKS["basic"]
    )
    sitting.press(" so?\r").see("Flagged").press("?").see("At the question").resize(40, 10).see("At the question")
    sitting.press("q").see(BACKS["basic"], gone="At the question").press("q").end()
    assert [flag.remark for flag in home.flags()] == ["is it so?"]


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (10, 3), (20, 2), (300, 100)])
def test_any_size_can_be_drawn(home: Home, columns: int, rows: int) -> None:
    sitting = home.sit("--kind", "basic").see(FRONTS["basic"])
    sitting.resize(columns, rows).press(" ?").press("q3").press("i").press("q")
    assert sitting.leave() == 0
    assert home.standing() == [("precision:0", "Good")]


def test_wide_characters_keep_to_their_cells(home: Home) -> None:
    sitting = home.sit("--tag", "wide", columns=41).see("精度とは", "🎯🎯")
    widths = cells(sitting)
    assert max(widths) <= 41
    assert sum("度" in line or "割" in line for line in sitting.lines) >= 2
    sitting.press(" ").see("正しい警報の割合 🎉").press("q").end()


# --- the editor ------------------------------------------------------------------------------


def editor(home: Home, body: str) -> str:
    """A script for $EDITOR; its arguments are +line and the file."""
    path = home.path / "editor.sh"
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_the_editor_changes_the_card_on_the_screen(home: Home) -> None:
    script = editor(home, f'echo "$@" > {home.path}/called; sed -i s/alarms/alerts/ "$2"')
    sitting = home.sit(EDITOR=script, columns=200).see(FRONTS["basic"]).press(" ").see(BACKS["basic"]).press("e")
    sitting.see("The share of alerts that are right.", "cards/a.yaml:4")
    called = (home.path / "called").read_text().split()
    assert called == ["+4", str(home.cards / "a.yaml")]
    sitting.press("3").see("精度").press("q").end()
    assert home.standing() == [("precision:0", "Good")]


def test_the_editor_has_the_terminal_to_itself(home: Home) -> None:
    script = editor(home, "stty -a; printf 'your line: '; read line; echo \"$line\" > said")
    sitting = home.sit(EDITOR=script, columns=200).see(FRONTS["basic"]).press("e").hear("your line: ")
    assert " icanon" in sitting.text.rpartition("\x1b[?1049l")[2]
    assert "-echo " not in sitting.text.rpartition("\x1b[?1049l")[2]
    sitting.press("three q\r").see(FRONTS["basic"], "a.yaml:4").press(" ").see(BACKS["basic"]).press("q").end()
    assert (home.path / "said").read_text() == "three q\n"
    assert home.standing() == []


def test_ctrl_c_in_the_editor_is_for_the_editor(home: Home) -> None:
    """Emacs uses it to cancel a command (as C-g); other editors go on as well."""
    script = editor(home, "trap 'echo heard' INT; echo here; while ! read line; do :; done; echo \"$line\" > said")
    sitting = home.sit(EDITOR=script, columns=200).see(FRONTS["basic"]).press("e").hear("here")
    sitting.press("\x03").hear("heard")
    sitting.press("still here\r").see(FRONTS["basic"], "a.yaml:4", within=5)
    assert sitting.leave() == 0
    assert (home.path / "said").read_text() == "still here\n"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "set EDITOR to open it from here"),
        ("/nowhere/editor", "/nowhere/editor: No such file or directory"),
        ("false", "false ended with 1"),
        ("'", "EDITOR cannot be read"),
        (" ", "set EDITOR to open it from here"),
    ],
    ids=["missing", "not-there", "failing", "unreadable", "blank"],
)
def test_an_editor_that_does_not_work(home: Home, value: str, said: str) -> None:
    sitting = home.sit(EDITOR=value, columns=200).see(FRONTS["basic"]).press("e").see(said, "cards/a.yaml:4", within=10)
    sitting.press(" ").see(BACKS["basic"], gone=said)
    assert sitting.leave() == 0


def test_an_edit_with_a_mistake_keeps_the_card_and_says_so(home: Home) -> None:
    script = editor(home, "sed -i 's/front: What is ..precision../frnt: x/' \"$2\"")
    sitting = home.sit(EDITOR=script, columns=200).see(FRONTS["basic"]).press("e")
    sitting.see("in the sources now; `aipm-cards check` shows them", FRONTS["basic"])
    sitting.press(" 3").see("精度").press("q").end()
    assert "left cards out; `aipm-cards check` shows them." in sitting.afterwards


def test_a_card_that_changed_since_shows_what_changed_once(home: Home) -> None:
    home.studied(1, "precision")
    home.edit("a.yaml", "alarms that are right", "raised alarms that are right")
    sitting = home.sit("--ahead", "30", "--new", "0").see(FRONTS["basic"], "This card changed since you last saw it.")
    sitting.press(" ").see("Changed since you last saw it", "share of {+raised+} alarms", "a start afresh")
    sitting.press("a").see("precision:0 starts afresh").press("3").see("Finished").press("q").end()
    assert home.standing() == [("precision:0", "Easy"), ("precision:0", "afresh"), ("precision:0", "Good")]
    sitting = home.sit("--cram").see(FRONTS["basic"]).press(" ").see("1 Again")
    assert "hanged since" not in sitting.words
    sitting.press("q").end()


# --- options ---------------------------------------------------------------------------------


def test_nothing_due_offers_ahead_and_cram(home: Home) -> None:
    home.studied(1, "precision", "wide", "recall")
    sitting = home.sit("--tier", "1").see("Nothing is due", "The next review comes in", "a ahead", "c cram")
    sitting.press("c").see("show the answer").press(" 3 3 3").see("Finished", "3 answers")
    assert sitting.leave() == 0
    assert [event.before for _, event in home.events()] == [0, 0, 0, 4, 4, 4]
    sitting = home.sit("--tier", "1", "--ahead", "30").see("0 learning, 3 reviews, 0 new").press(" 3").see("2 reviews")
    sitting.press("q").end()
    assert home.events()[-1][1].before == 2


@pytest.mark.parametrize(
    ("options", "seen"),
    [
        (("--tag", "wide"), "精度とは"),
        (("--tier", "2"), "data drift"),
        (("--kind", "scenario"), "A model blocks accounts."),
        (("--new", "0"), "Nothing is due"),
        (("--new", "2"), "2 new"),
        (("--limit", "3"), "3 new"),
        (("Kinds",), "data drift"),
        (("kinds::others",), "data drift"),
        (("Basics", "--tag", "wide"), "精度とは"),
    ],
)
def test_options_choose(home: Home, options: tuple[str, ...], seen: str) -> None:
    assert home.sit(*options).see(seen).leave() == 0


def test_minutes_end_a_session(home: Home) -> None:
    sitting = home.sit("--minutes", "0.0000001").see(FRONTS["basic"]).press(" 3").see("The time is up.", "Finished")
    assert sitting.leave() == 0
    assert home.standing() == [("precision:0", "Good")]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("Nowhere",), "there is no deck 'Nowhere'"),
        (("--tag", "nothing"), "there is no tag 'nothing'"),
        (("--kind", "basic", "Kinds"), "no card is in all of what was asked for"),
        (("--minutes", "0"), "--minutes"),
        (("--limit", "0"), "--limit"),
        (("--ahead", "0"), "--ahead"),
        (("--tier", "4"), "--tier"),
        (("--collection", "/nowhere"), "/nowhere: there is no such file or directory"),
    ],
)
def test_what_cannot_be_asked_for(home: Home, options: tuple[str, ...], said: str) -> None:
    sitting = home.sit(*options, columns=200)
    assert sitting.end() == 2
    assert said in sitting.text
    assert "\x1b[?1049h" not in sitting.text


def test_another_collection_and_history(home: Home, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with Home(tmp_path / "other", COLLECTION, CALM) as other:
        options = ("--collection", str(other.cards), "--history", str(other.history))
        sitting = home.sit(*options, "--limit", "1").see(FRONTS["basic"]).press(" 3").see("Finished")
        assert sitting.leave() == 0
        assert str(other.history) in sitting.afterwards.replace("\n", "")
        assert other.standing() == [("precision:0", "Good")]
    assert not home.history.exists()


def test_settings_that_make_no_sense_are_refused_before_a_card_is_shown(home: Home) -> None:
    home.set("desired_retention = 2\nnew_per_day = 0\n")
    sitting = home.sit(columns=200)
    assert sitting.end() == 2
    assert "config.toml:1: desired_retention must be a number from 0.7 to 0.99" in sitting.text


def test_settings_bound_the_day(home: Home) -> None:
    home.set(f"{CALM}new_per_day = 2\n")
    home.sit().see("2 new").press(" 3 3").see("Finished").press("q").end()
    home.sit().see("Nothing is due").press("q").end()
    home.sit("--new", "1").see("1 new", within=5).press("q").end()


def test_errors_in_the_sources_do_not_stop_a_session(home: Home) -> None:
    home.write("d.yaml", "deck: D\nnotes:\n  - id: no-answer\n    front: x\n")
    sitting = home.sit().see(FRONTS["basic"]).press("q")
    assert sitting.end() == 0
    assert "1 error in the sources left cards out; `aipm-cards check` shows them." in sitting.afterwards


def test_a_backup_is_made_once_a_day(home: Home) -> None:
    home.sit().see(FRONTS["basic"]).press(" 3").see("精度").press("q").end()
    made = [path for path in home.path.rglob("*") if "backup" in str(path.relative_to(home.path)) and path.is_file()]
    assert len(made) == 1
    home.sit().see("精度").press(" 3").see("What is recall?").press("q").end()
    home.sit().see("What is recall?").press(" 3").see("data drift").press("\x03").end()
    again = [path for path in home.path.rglob("*") if "backup" in str(path.relative_to(home.path)) and path.is_file()]
    assert again == made


@pytest.mark.parametrize("number", [0, signal.SIGTERM, signal.SIGHUP], ids=["ctrl-c", "SIGTERM", "SIGHUP"])
def test_a_backup_is_made_however_a_session_ends(home: Home, number: int) -> None:
    sitting = home.sit().see(FRONTS["basic"]).press(" 3").see("精度")
    ended = sitting.signal(number) if number else sitting.press("\x03")
    assert ended.end() == 130
    assert [path for path in home.path.rglob("*") if "backup" in str(path.relative_to(home.path)) and path.is_file()]
