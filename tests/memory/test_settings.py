"""The settings file: what it may say, and what is said about it when it says something else."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields

import fsrs
import pytest

from aipm_cards.memory.settings import (
    DEFAULT_PARAMETERS,
    OF_ALL,
    OF_DECKS,
    Preset,
    Settings,
    SettingsError,
    delay,
    is_zone,
    parse_settings,
    shown,
)


def read(text: str) -> Settings:
    return parse_settings(text, "settings.toml")


def complaint(text: str) -> str:
    with pytest.raises(SettingsError) as error:
        read(text)
    return str(error.value)


# --- values --------------------------------------------------------------------------------


def test_an_empty_file_gives_the_defaults() -> None:
    assert read("") == Settings()
    assert read("# nothing yet\n") == Settings()


def test_the_defaults() -> None:
    assert Settings().preset == Preset(0.9, (60, 600), (600,), 36_500, 20, 200, 8, DEFAULT_PARAMETERS)
    assert (Settings().day_start, Settings().learn_ahead, Settings().bury_siblings) == (240, 1200, True)
    assert fsrs.Scheduler().parameters == DEFAULT_PARAMETERS


def test_there_is_a_setting_for_each_field() -> None:
    assert [setting.name for setting in OF_DECKS] == [field.name for field in fields(Preset)]
    assert {setting.name for setting in OF_ALL} == {field.name for field in fields(Settings)} - {
        "preset",
        "decks",
        "said",
    }
    assert all(setting.help.endswith(".") for setting in (*OF_DECKS, *OF_ALL))


GOOD = [
    ("desired_retention", "0.7", 0.7),
    ("desired_retention", "0.99", 0.99),
    ("maximum_interval", "1", 1),
    ("maximum_interval", "36_500", 36_500),
    ("new_per_day", "0", 0),
    ("new_per_day", "9999", 9999),
    ("reviews_per_day", "0", 0),
    ("reviews_per_day", "9999", 9999),
    ("leech_threshold", "0", 0),
    ("leech_threshold", "99", 99),
    ("learning_steps", "[]", ()),
    ("learning_steps", '["30s", "10m", "1h", "1d"]', (30, 600, 3600, 86_400)),
    ("learning_steps", '["30d"]', (30 * 86_400,)),
    ("relearning_steps", '[" 5 m "]', (300,)),
    ("parameters", str(list(DEFAULT_PARAMETERS)), DEFAULT_PARAMETERS),
]
GOOD_OF_ALL = [
    ("day_start", '"00:00"', 0),
    ("day_start", '"2:30"', 150),
    ("day_start", '"23:59"', 1439),
    ("time_zone", '""', ""),
    ("time_zone", '"Asia/Kathmandu"', "Asia/Kathmandu"),
    ("learn_ahead", '"0s"', 0),
    ("learn_ahead", '"30d"', 30 * 86_400),
    ("bury_siblings", "false", False),
]


@pytest.mark.parametrize(("name", "said", "value"), GOOD)
def test_what_a_preset_may_say(name: str, said: str, value: object) -> None:
    assert getattr(read(f"{name} = {said}").preset, name) == value
    of_deck = read(f'[decks."A"]\n{name} = {said}')
    assert getattr(of_deck.preset_of("A"), name) == value
    assert of_deck.preset == Preset()


@pytest.mark.parametrize(("name", "said", "value"), GOOD_OF_ALL)
def test_what_the_file_may_say(name: str, said: str, value: object) -> None:
    assert getattr(read(f"{name} = {said}"), name) == value


BAD = {
    "desired_retention": ("a number from 0.7 to 0.99", ["0.699", "0.991", "0", "1", "nan", "inf", '"0.9"', "true"]),
    "maximum_interval": ("a whole number from 1 to 36,500", ["0", "36501", "-1", "3.0", "true", '"9"']),
    "new_per_day": ("a whole number from 0 to 9,999", ["-1", "10000", "1.5", "false", "[1]", "2026-01-01"]),
    "reviews_per_day": ("a whole number from 0 to 9,999", ["-1", "10000", "nan", "{a = 1}"]),
    "leech_threshold": ("a whole number from 0 to 99", ["-1", "100", "8.0"]),
    "learning_steps": (
        "a list of at most 10 delays",
        ['"10m"', "[10]", '["0m"]', '["31d"]', '["10"]', '["m"]', '["-1m"]', '["1.5m"]', '["1w"]', str(["1m"] * 11)],
    ),
    "relearning_steps": ("a list of at most 10 delays", ['["1M"]', "600", '[["1m"]]', '["99999999s"]', '["1m\\n2"]']),
    "parameters": (
        "21 parameters",
        ["[]", "[0.2]", "0.2", str([0.0] * 21), str([*DEFAULT_PARAMETERS, 0.1]), str(["a"] * 21), str([True] * 21)],
    ),
    "day_start": ('a time of day like "04:00"', ['"24:00"', '"4"', '"04:60"', "4", "04:00:00", '"-1:00"', '"04:00 "']),
    "time_zone": ("an IANA time zone", ['"Mars/Olympus"', "1", '"../etc"', '"/etc/localtime"', '"Europe"', '"a b"']),
    "learn_ahead": ("a delay like", ["20", '"20"', '"31d"', '"-1m"', "[]"]),
    "bury_siblings": ("true or false", ["1", '"true"', "0", "[]"]),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in BAD for value in BAD[name][1]])
def test_what_it_may_not_say(name: str, value: str) -> None:
    said = value.replace("True", "true").replace("'", '"')
    assert f"settings.toml:2: {name} must be " in complaint(f"\n{name} = {said}")
    assert BAD[name][0] in complaint(f"{name} = {said}")


def test_the_parameters_are_bounded_as_fsrs_bounds_them() -> None:
    """What is just outside is refused here, and by fsrs itself; what is on the bound by neither."""
    for place, (low, high) in enumerate(zip(fsrs.scheduler.LOWER_BOUNDS_PARAMETERS, UPPER, strict=True)):
        for value, good in ((low, True), (high, True), (low - 1e-4, False), (high + 1e-4, False)):
            parameters = [*DEFAULT_PARAMETERS[:place], value, *DEFAULT_PARAMETERS[place + 1 :]]
            text = f"parameters = {parameters}"
            if good:
                fsrs.Scheduler(parameters=read(text).preset.parameters)
            else:
                assert f"is not from {low:g} to {high:g}" in complaint(text)
                with pytest.raises(ValueError, match="parameters"):
                    fsrs.Scheduler(parameters=parameters)


UPPER = fsrs.scheduler.UPPER_BOUNDS_PARAMETERS


# --- decks ---------------------------------------------------------------------------------

NESTED = """
new_per_day = 10
desired_retention = 0.85
[decks."Concepts::Evaluation"]
reviews_per_day = 7
[decks."Concepts"]
new_per_day = 3
[decks.Interview]
"""


def test_a_deck_takes_what_is_set_above_it() -> None:
    settings = read(NESTED)
    found = {deck: settings.preset_of(deck) for deck in ("Concepts", "Concepts::Evaluation::ROC", "Interview", "Else")}
    assert {deck: (p.new_per_day, p.reviews_per_day, p.desired_retention) for deck, p in found.items()} == {
        "Concepts": (3, 200, 0.85),
        "Concepts::Evaluation::ROC": (3, 7, 0.85),
        "Interview": (10, 200, 0.85),
        "Else": (10, 200, 0.85),
    }


@pytest.mark.parametrize(
    ("deck", "name"),
    [
        ("concepts", "Concepts"),
        ("CONCEPTS::evaluation", "Concepts::Evaluation"),
        ("Concepts::Other", "Concepts"),
        ("Concepts2", ""),
        ("Concepts:Evaluation", ""),
        ("Evaluation", ""),
        ("", ""),
    ],
)
def test_the_preset_of_a_deck_is_the_nearest_one(deck: str, name: str) -> None:
    assert read(NESTED).preset_name(deck) == name


def test_the_order_of_tables_does_not_matter() -> None:
    upside_down = '[decks."A::B::C"]\n[decks."A"]\nnew_per_day = 1\n[decks."A::B"]\nreviews_per_day = 2\n'
    preset = read(upside_down).preset_of("A::B::C")
    assert (preset.new_per_day, preset.reviews_per_day) == (1, 2)


def test_two_tables_for_one_deck_are_refused() -> None:
    """Deck names are the same whatever their case: one of the two would silently not count."""
    assert "settings.toml:3" in complaint('[decks."A"]\nnew_per_day = 1\n[decks."a"]\nnew_per_day = 2\n')


def test_what_belongs_to_all_decks_is_not_set_for_one() -> None:
    assert complaint('[decks."A"]\nday_start = "05:00"').startswith(
        "settings.toml:2: there is no setting 'day_start'; there are desired_retention, "
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("decks = 3", "settings.toml:1: decks are tables"),
        ("[[decks]]\nA = 1", "decks are tables"),
        ("[decks]\nA = 3", 'settings.toml:2: write [decks."A"] and the settings below it'),
        ('[decks]\n"A::B" = [1]', 'settings.toml:2: write [decks."A::B"]'),
    ],
)
def test_decks_that_are_none(text: str, said: str) -> None:
    assert said in complaint(text)


# --- messages ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("new_per_dy", "did you mean new_per_day?"),
        ("Desired_Retention", "did you mean desired_retention?"),
        ("timezone", "did you mean time_zone?"),
        ("zzz", "there are desired_retention, learning_steps"),
    ],
)
def test_an_unknown_key_gets_a_hint(key: str, hint: str) -> None:
    assert complaint(f"{key} = 1").startswith(f"settings.toml:1: there is no setting '{key}'; {hint}")


def test_all_that_is_wrong_is_said_at_once_with_its_line() -> None:
    text = (
        'new_per_day = -1\n\nfoo = 2\n[decks."A"]\n# new_per_day = 5\nnew_per_day = -2\n[decks."B"]\nnew_per_day = -3\n'
    )
    found = complaint(text).split("; ")
    lines = [part.split(":")[1] for part in found if part.startswith("settings.toml:")]
    assert lines == ["1", "3", "6", "8"]


def test_the_line_of_a_deck_whose_name_begins_another() -> None:
    text = '[decks."Concepts::Evaluation"]\nnew_per_day = 1\n[decks."Concepts"]\nnew_per_day = -2\n'
    assert complaint(text).startswith("settings.toml:4: ")


def test_the_line_of_a_deck_whose_name_is_in_the_word_decks() -> None:
    assert complaint('[decks."Z"]\nnew_per_day = 1\n[decks.d]\nnew_per_day = -2\n').startswith("settings.toml:4: ")


def test_lines_are_those_that_editors_count() -> None:
    assert complaint("# one\u2028line\u0085only\nnew_per_day = -1").startswith("settings.toml:2: ")


def test_what_the_file_says_has_its_line() -> None:
    assert read(NESTED).said == {
        "new_per_day": 2,
        "desired_retention": 3,
        'decks."Concepts::Evaluation".reviews_per_day': 5,
        'decks."Concepts".new_per_day': 7,
    }


@pytest.mark.parametrize("text", ["new_per_day 3", "new_per_day = ", "a = 1\na = 2", "[decks", '"', "a = 2026-13-01"])
def test_what_is_no_toml(text: str) -> None:
    found = complaint(text)
    place, _, told = found.partition(": this is not TOML: ")
    at = re.search(r"at line (\d+), column (\d+)", told)
    assert place == (f"settings.toml:{at[1]}:{at[2]}" if at else "settings.toml")
    assert bool(at) != ("at end of document" in told)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a = " + "[" * 100_000, id="lists"),
        pytest.param("a = " + "{a=" * 100_000, id="tables"),
        pytest.param("[" + ".".join("a" * 5000) + "]", id="dotted"),
        pytest.param('time_zone = "a\0b"', id="NUL"),
        pytest.param('time_zone = "a\\u0000b"', id="escaped NUL"),
        pytest.param(f'time_zone = "{"a" * 100_000}"', id="long zone"),
        pytest.param('time_zone = "\u202eBerlin"', id="bidi"),
        pytest.param("new_per_day = 0x" + "f" * 10_000, id="long hexadecimal number"),
        pytest.param("new_per_day = " + "9" * 5000, id="number too long for Python"),
        pytest.param(f"parameters = [{', '.join(['1' + '0' * 400] * 21)}]", id="number too long for a float"),
        pytest.param("desired_retention = 1" + "0" * 400, id="long retention"),
        pytest.param("desired_retention = 1e999", id="infinite retention"),
        pytest.param('learning_steps = ["' + "1" * 10_000 + 'm"]', id="long delay"),
        pytest.param("\ufeff\ufffe", id="no characters"),
    ],
)
def test_hostile_texts_are_refused_in_words(text: str) -> None:
    assert complaint(text).startswith("settings.toml")


# --- showing -------------------------------------------------------------------------------


def test_what_is_shown_can_be_read_again() -> None:
    settings = read(
        'day_start = "02:30"\ntime_zone = "Asia/Tokyo"\nlearn_ahead = "90s"\nbury_siblings = false\n'
        'learning_steps = ["90s", "36h", "2d"]\nrelearning_steps = []\ndesired_retention = 0.95\nleech_threshold = 0\n'
    )
    text = "".join(f"{setting.name} = {shown(setting.name, settings.preset)}\n" for setting in OF_DECKS)
    text += "".join(f"{setting.name} = {shown(setting.name, settings)}\n" for setting in OF_ALL)
    again = read(text)
    assert (again.preset, again.day_start, again.time_zone) == (settings.preset, 150, "Asia/Tokyo")
    assert (again.learn_ahead, again.bury_siblings) == (90, False)
    assert tomllib.loads(text)["learning_steps"] == ["90s", "36h", "2d"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (45, "45s"), (60, "1m"), (90, "90s"), (3600, "1h"), (5400, "90m"), (86_400, "1d"), (172_800, "2d")],
)
def test_a_delay_is_shown_in_the_largest_unit(seconds: int, text: str) -> None:
    assert delay(seconds) == text


@pytest.mark.parametrize(
    ("name", "known"),
    [("Europe/Berlin", True), ("UTC", True), ("", False), ("localtime", False), ("Mars", False), ("..", False)],
)
def test_zones(name: str, known: bool) -> None:
    assert is_zone(name) is known
