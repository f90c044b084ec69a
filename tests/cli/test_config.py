"""`aipm-cards config`: the settings, where they come from, and what is wrong with them."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path

import pytest

from aipm_cards.memory.settings import DEFAULT_PARAMETERS, OF_ALL, OF_DECKS, Settings, parse_settings
from tests.cli.conftest import Run
from tests.cli.learning import Bot, Clock, Home, at_home, bot_of, error, process, with_clock

POSIX = pytest.mark.skipif(os.name == "nt", reason="no such thing there")
ORIGIN = r"default|line \d+|from the file"
SETTINGS = {setting.name for setting in (*OF_DECKS, *OF_ALL)}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample: Path) -> Home:
    found = at_home(tmp_path, monkeypatch)
    monkeypatch.setenv("AIPM_CARDS_COLLECTION", str(sample))
    return found


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return with_clock(monkeypatch)


@pytest.fixture
def bot(run: Run, clock: Clock) -> Bot:
    return bot_of(run)


def lines(out: str) -> dict[str, tuple[str, str]]:
    """The settings in the output: value and origin, by name."""
    found = re.findall(rf"^(\w+) = (.+?) {{2,}}# ({ORIGIN})\. .+$", out.partition("\n[")[0], re.MULTILINE)
    return {name: (value, origin) for name, value, origin in found}


def row(setting: str, origin: str, about: str = "") -> str:
    """A line of the output, or how it begins."""
    return f"{setting:<42}  # {origin}. {about}"


# --- what there is -------------------------------------------------------------------------


def test_the_defaults(run: Run, home: Home) -> None:
    result = run("config")
    assert (result.code, result.err) == (0, "")
    shown = lines(result.out)
    assert shown.keys() == SETTINGS
    assert {origin for _, origin in shown.values()} == {"default"}
    assert (shown["desired_retention"][0], shown["learning_steps"][0]) == ("0.9", '["1m", "10m"]')
    assert (shown["day_start"][0], shown["time_zone"][0], shown["learn_ahead"][0]) == ('"04:00"', '""', '"20m"')
    assert shown["parameters"][0] == "those of FSRS-6"
    assert result.out.startswith(
        row("desired_retention = 0.9", "default", "Share of reviews to be recalled, 0.70 to 0.99.\n")
    )
    assert result.closing == f"file: {home.config} (not there yet; `aipm-cards config --init` makes it)"
    assert not home.root.exists()


def test_what_is_shown_is_toml_that_says_the_same(run: Run, home: Home) -> None:
    home.configure(
        'time_zone = "Asia/Tokyo"\nlearning_steps = ["30s", "90s", "2h"]\nlearn_ahead = "0s"\nbury_siblings = false\n'
        '[decks."Metrics"]\ndesired_retention = 0.85\nleech_threshold = 0\n[decks."A \\"b\\""]\nnew_per_day = 1\n'
    )
    out = run("config").out
    assert out.count("\nparameters = those of FSRS-6  ") == 1  # in a word, as nobody reads 21 numbers
    body = re.sub("^parameters = those of FSRS-6  .*\n", "", out.rpartition("\nfile: ")[0], flags=re.MULTILINE)
    again, first = parse_settings(body, "again"), parse_settings(home.config.read_text(encoding="utf-8"), "first")
    for name in Settings.__dataclass_fields__.keys() - {"said"}:
        assert getattr(again, name) == getattr(first, name), name


def test_parameters_of_ones_own_are_shown(run: Run, home: Home) -> None:
    fitted = [0.5, *DEFAULT_PARAMETERS[1:]]
    home.configure(f"parameters = {fitted}\n\n[decks.Talk]\nparameters = {list(DEFAULT_PARAMETERS)}\n")
    out = run("config").out
    assert lines(out)["parameters"] == (str(fitted), "line 1")
    assert f'[decks."Talk"]\nparameters = {list(DEFAULT_PARAMETERS)}  # line 4. ' in out


def test_the_comments_stand_in_a_column(run: Run, home: Home) -> None:
    """But for a setting that reaches over it, whose comment follows at once."""
    long = ["30s", "1m", "5m", "10m", "30m", "1h", "2h", "1d"]
    home.configure(f"relearning_steps = {json.dumps(long)}\nday_start = '05:00'\n\n[decks.Talk]\nnew_per_day = 1\n")
    found = re.findall(rf"^(\w+ = .*\S)( {{2,}})# (?:{ORIGIN})\. .+$", run("config").out, re.MULTILINE)
    assert len(found) == len(SETTINGS) + 1
    starts = {setting: len(setting + blanks) for setting, blanks in found}
    column = min(starts.values())
    over = [setting for setting, start in starts.items() if start != column]
    assert over == [f"relearning_steps = {json.dumps(long)}"]
    assert starts[over[0]] == len(over[0]) + 2 > column


def test_where_a_value_comes_from(run: Run, home: Home) -> None:
    home.configure('# mine\n\nnew_per_day = 7\n"reviews_per_day" = 9\n\ntime_zone = "Asia/Tokyo"\n')
    result = run("config")
    shown = lines(result.out)
    assert shown["new_per_day"] == ("7", "line 3")
    assert shown["reviews_per_day"] == ("9", "line 4")
    assert shown["time_zone"] == ('"Asia/Tokyo"', "line 6")
    assert {origin for name, (_, origin) in shown.items() if not shown[name][1].startswith("line")} == {"default"}
    assert result.closing == f"file: {home.config}"


def test_settings_of_decks(run: Run, bot: Bot, home: Home) -> None:
    home.configure(
        'new_per_day = 9\n\n[decks."Metrics"]\nnew_per_day = 3\nlearning_steps = ["5m"]\n\n[decks."Metrics::Basics"]\n'
        "desired_retention = 0.8\n\n[decks.Talk]\nnew_per_day = 1\n"
    )
    out = run("config").out
    assert out.count("\n[decks.") == 3
    steps, new = row('learning_steps = ["5m"]', "line 5"), row("new_per_day = 3", "line 4")
    assert f'\n[decks."Metrics"]\n{steps}Delays while a card is learned.\n{new}New cards a day.\n\n[' in out
    assert f'\n[decks."Metrics::Basics"]\n{row("desired_retention = 0.8", "line 8")}' in out
    assert f'\n[decks."Talk"]\n{row("new_per_day = 1", "line 11")}' in out
    assert bot("due")["today"]["new"] == 4
    card = bot("next", "Metrics")
    assert card["outcomes"][0]["seconds"] == 300
    assert bot("next", "Talk")["outcomes"][0]["seconds"] == 60


def test_the_lines_of_decks_whose_names_contain_one_another(run: Run, home: Home) -> None:
    home.configure('[decks."Metrics::Basics"]\nnew_per_day = 1\n\n[decks."Metrics"]\nnew_per_day = 2\n')
    out = run("config").out
    assert f'[decks."Metrics::Basics"]\n{row("new_per_day = 1", "line 2")}' in out
    assert f'[decks."Metrics"]\n{row("new_per_day = 2", "line 5")}' in out


def test_the_line_where_an_array_stands_between(run: Run, home: Home) -> None:
    home.configure(
        '[decks."Talk"]\nlearning_steps = [\n  "1m",\n]\nnew_per_day = 1\n\n[decks.Metrics]\nnew_per_day = 2'
    )
    out = run("config").out
    steps = row('learning_steps = ["1m"]', "line 2")
    assert f'[decks."Talk"]\n{steps}' in out
    assert row("new_per_day = 1", "line 5") in out
    assert row("new_per_day = 2", "line 8") in out


@pytest.mark.parametrize(
    "text",
    [
        '\n\ndecks."Talk".new_per_day = 1\n',
        "\n\ndecks = {Talk = {new_per_day = 1}}\n",
        "\n\n[decks]\nTalk.new_per_day = 1\n",
    ],
)
def test_no_wrong_line_in_other_spellings_of_toml(run: Run, home: Home, text: str) -> None:
    """A line that cannot be told is not guessed."""
    home.configure(text)
    out = run("config").out
    assert f'\n[decks."Talk"]\n{row("new_per_day = 1", "from the file", "New cards a day.")}\n' in out
    assert "# line " not in out
    home.configure(text.replace("= 1", "= -1"))
    assert error(run("config")) == f"{home.config}: new_per_day must be a whole number from 0 to 9,999"


# --- where the file is ---------------------------------------------------------------------


def test_another_file(run: Run, home: Home, nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.configure("new_per_day = 7\n")
    (nowhere / "mine.toml").write_text("new_per_day = 8\n", encoding="utf-8")
    assert lines(run("config").out)["new_per_day"][0] == "7"
    monkeypatch.setenv("AIPM_CARDS_CONFIG", "mine.toml")
    result = run("config")
    assert lines(result.out)["new_per_day"][0] == "8"
    assert result.closing == "file: mine.toml"
    monkeypatch.setenv("AIPM_CARDS_CONFIG", "")
    assert lines(run("config").out)["new_per_day"][0] == "7"


def test_config_needs_no_collection_and_no_history(run: Run, monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    monkeypatch.setenv("AIPM_CARDS_COLLECTION", "nowhere")
    monkeypatch.setenv("AIPM_CARDS_HISTORY", "/nowhere/at/all")
    monkeypatch.setenv("TZ", "Mars/X")
    assert run("config").code == 0


def test_a_byte_order_mark_and_windows_lines(run: Run, home: Home) -> None:
    home.configure("\ufeff# mine\r\nnew_per_day = 3\r\n")
    assert lines(run("config").out)["new_per_day"] == ("3", "line 2")


# --- init, edit ----------------------------------------------------------------------------


def test_init_then_edit(run: Run, bot: Bot, home: Home) -> None:
    defaults = run("config").out.rpartition("\nfile: ")[0]
    result = run("config", "--init")
    assert (result.code, result.out, result.err) == (0, f"wrote {home.config}\n", "")
    template = home.config.read_text(encoding="utf-8")
    assert tomllib.loads(template) == {}
    assert run("config").out.rpartition("\nfile: ")[0] == defaults
    home.configure(template.replace("# new_per_day = 20", "new_per_day = 2"))
    number = template.splitlines().index("# new_per_day = 20") + 1
    assert lines(run("config").out)["new_per_day"] == ("2", f"line {number}")
    assert bot("due")["today"]["new"] == 2


def test_every_line_of_the_template_may_be_taken(run: Run, home: Home) -> None:
    run("config", "--init")
    template = home.config.read_text(encoding="utf-8")
    home.configure(re.sub(r"^# (?=\w+ = |\[)", "", template, flags=re.MULTILINE))
    result = run("config")
    assert result.code == 0
    assert lines(result.out).keys() == SETTINGS
    assert all(origin.startswith("line ") for _, origin in lines(result.out).values())
    last = len(template.splitlines())
    assert lines(result.out)["parameters"][0] == str(list(DEFAULT_PARAMETERS))
    assert f'[decks."Concepts::Evaluation"]\n{row("desired_retention = 0.85", f"line {last}")}' in result.out


def test_init_overwrites_nothing(run: Run, home: Home) -> None:
    home.configure("new_per_day = 3\n")
    assert error(run("config", "--init")).startswith(f"{home.config}: is there already")
    assert home.config.read_text(encoding="utf-8") == "new_per_day = 3\n"


def test_init_where_nothing_can_be_written(run: Run, nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (nowhere / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("AIPM_CARDS_CONFIG", str(nowhere / "file/config.toml"))
    message = error(run("config", "--init"))
    assert str(nowhere / "file") in message
    assert "File exists" not in message  # what is wrong is that it is no directory


# --- what is wrong -------------------------------------------------------------------------

OF_DECK = ", ".join(setting.name for setting in OF_DECKS)
OF_EVERY = ", ".join(setting.name for setting in (*OF_DECKS, *OF_ALL))
STEPS = 'must be a list of at most 10 delays like ["30s", "10m", "1h", "1d"], none over 30 days'
WRONG = {
    "new_per_day = -1": "1: new_per_day must be a whole number from 0 to 9,999",
    "\nnew_per_day = 10000": "2: new_per_day must be a whole number from 0 to 9,999",
    "\n\nreviews_per_day = 1.5": "3: reviews_per_day must be a whole number from 0 to 9,999",
    "reviews_per_day = true": "1: reviews_per_day must be a whole number from 0 to 9,999",
    'maximum_interval = "1d"': "1: maximum_interval must be a whole number from 1 to 36,500",
    "leech_threshold = 100": "1: leech_threshold must be a whole number from 0 to 99",
    "desired_retention = 1.0": "1: desired_retention must be a number from 0.7 to 0.99",
    "desired_retention = nan": "1: desired_retention must be a number from 0.7 to 0.99",
    "desired_retention = 0.69": "1: desired_retention must be a number from 0.7 to 0.99",
    'learning_steps = ["x"]': f"1: learning_steps {STEPS}",
    'learning_steps = "1m"': f"1: learning_steps {STEPS}",
    'relearning_steps = ["0m"]': f"1: relearning_steps {STEPS}",
    'relearning_steps = ["31d"]': f"1: relearning_steps {STEPS}",
    "parameters = [1, 2]": "1: parameters must be the 21 parameters of FSRS-6, as Anki's optimizer shows them",
    'day_start = "24:00"': '1: day_start must be a time of day like "04:00"',
    "day_start = 04:00:00": '1: day_start must be a time of day like "04:00"',
    'time_zone = "Mars/X"': '1: time_zone must be an IANA time zone like "Europe/Berlin", or "" for that of the system',
    'time_zone = "../../etc/passwd"': '1: time_zone must be an IANA time zone like "Europe/Berlin", or "" for that'
    " of the system",
    "learn_ahead = 20": '1: learn_ahead must be a delay like "20m", at most 30 days',
    'bury_siblings = "yes"': "1: bury_siblings must be true or false",
    "new_per_dy = 3": "1: there is no setting 'new_per_dy'; did you mean new_per_day?",
    "xyzzy = 3": f"1: there is no setting 'xyzzy'; there are {OF_EVERY}",
    "decks = 3": '1: decks are tables: [decks."Name"]',
    "[decks]\nTalk = 3": '2: write [decks."Talk"] and the settings below it',
    '[decks.Talk]\nday_start = "05:00"': f"2: there is no setting 'day_start'; there are {OF_DECK}",
    "[decks.Talk]\nnew_per_day = -1": "2: new_per_day must be a whole number from 0 to 9,999",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_value_that_cannot_be(run: Run, bot: Bot, home: Home, text: str) -> None:
    home.configure(text + "\n")
    message = error(run("config"))
    assert message == f"{home.config}:{WRONG[text]}"
    assert bot("next")["error"] == {"code": "settings", "message": message}
    assert not home.history.exists()


def test_everything_that_is_wrong_at_once(run: Run, home: Home) -> None:
    home.configure("new_per_day = -1\nxyzzy = 1\n[decks.A]\nreviews_per_day = -1\n")
    message = error(run("config"))
    assert all(f"{home.config}:{line}: " in message for line in (1, 2, 4))


@pytest.mark.parametrize(
    ("text", "line"),
    [("new_per_day =\n", 1), ("a = 1\n\nb = [-]", 3), ("a = 1\na = 2\n", 2), ("x = 1\n[decks.A\n", 2), ("x\n", 1),
     ('a = 1\nx = "y\n', 2), ("a = \x00", 1), ("[decks.A]\n[decks.A]\n", 2),
     ("new_per_day =", None), ("a = 'y\n", None), ("a = 1\n\nb = [", None), ("a = 1\na = 2", None), ("x", None)],
)  # fmt: skip
def test_what_is_no_toml_has_a_place(run: Run, home: Home, text: str, line: int | None) -> None:
    """`file:line:column: ` as everywhere, so that an editor jumps to it, where the reader tells
    it; of the end of a file it does not."""
    home.configure(text)
    place, _, told = error(run("config")).removeprefix(str(home.config)).partition(": this is not TOML: ")
    assert place.split(":")[1:2] == ([] if line is None else [str(line)])
    found = re.search(r"at line (\d+), column (\d+)", told)
    assert place == (f":{found[1]}:{found[2]}" if found else "")


def test_a_problem_in_a_deck_has_its_own_line(run: Run, home: Home) -> None:
    home.configure('[decks."Metrics::Basics"]\nnew_per_day = 1\n\n[decks."Metrics"]\nnew_per_day = -2\n')
    assert error(run("config")).startswith(f"{home.config}:5: ")


def test_files_that_are_no_settings(run: Run, home: Home) -> None:
    home.config.parent.mkdir(parents=True)
    home.config.write_bytes(b"\xff\xfea\x00")
    assert error(run("config")) == f"{home.config}: is not UTF-8; save it as UTF-8"
    home.config.write_bytes(b"#" * (1024 * 1024 + 1))
    assert error(run("config")) == f"{home.config}: is larger than 1 MiB; that is no settings file"
    home.config.write_bytes(b"[" * 100_000)
    assert error(run("config")).startswith(f"{home.config}:")
    home.config.unlink()
    home.config.mkdir()
    assert error(run("config")).startswith(f"{home.config}: cannot be read: ")


@POSIX
def test_an_endless_file(run: Run, home: Home) -> None:
    home.config.parent.mkdir(parents=True)
    home.config.symlink_to("/dev/zero")
    assert "is larger than 1 MiB" in error(run("config"))


@pytest.mark.parametrize(
    "text",
    [
        '[decks."a\\u001b]0;title\\u0007b"]\nnew_per_day = 1\n',
        '[decks."a\\u009bb"]\nnew_per_day = 1\n',
        '[decks."a\\u202eb"]\nnew_per_day = 1\n',
        '[decks."a\\nfile: /etc/passwd"]\nnew_per_day = 1\n',
        '"a\\u001b[31mb" = 1\n',
        '[decks]\n"a\\u009bb" = 1\n',
        'time_zone = "\\u001b[31m"\n',
        'x = "\x1b[31m"\n',
        "x = \x9b\n",
    ],
)
def test_settings_are_safe_to_print(run: Run, home: Home, text: str) -> None:
    home.configure(text)
    result = run("config")
    assert not {"\x1b", "\x9b", "\u202e"} & set(result.out + result.err)
    assert "\nfile: /etc" not in result.out
    if result.code:
        error(result)


def test_the_path_is_safe_to_print(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIPM_CARDS_CONFIG", "a\x9b31m\u202e.toml")
    for words in ((), ("--init",), ("--init",), ()):
        result = run("config", *words)
        assert not {"\x9b", "\u202e"} & set(result.out + result.err)


# --- what they do --------------------------------------------------------------------------


def test_the_time_zone_of_the_settings(bot: Bot, home: Home, clock: Clock) -> None:
    clock.turn_to("2026-03-02T18:30:00Z")
    assert bot("due")["date"] == "2026-03-02"
    home.configure('time_zone = "Asia/Tokyo"\n')  # where it is 03:30 of the next day, before its start
    assert bot("due")["date"] == "2026-03-02"
    home.configure('time_zone = "Asia/Tokyo"\nday_start = "03:00"\n')
    assert bot("due")["date"] == "2026-03-03"


def test_the_time_zone_of_the_settings_in_a_process(home: Home) -> None:
    refused = process("due", TZ="Mars/X")
    message = error(refused)
    assert "Mars/X" in message
    assert "`aipm-cards config`" in message
    assert "\\n" not in message
    home.configure('time_zone = "Asia/Tokyo"\n')
    assert process("due", TZ="Mars/X").code == 0


def test_settings_change_what_comes(bot: Bot, home: Home) -> None:
    home.configure("learning_steps = []\nmaximum_interval = 3\nbury_siblings = false\n")
    card = bot("next")
    assert {outcome["state"] for outcome in card["outcomes"]} == {"review"}
    assert max(outcome["interval_days"] for outcome in card["outcomes"]) <= 3
    assert card["left"]["new"] == 10
