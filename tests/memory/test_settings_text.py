"""Parameters put into a settings file: nothing else in it changes, not by a byte."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aipm_cards.memory.settings import DEFAULT_PARAMETERS, SettingsError, parse_settings
from aipm_cards.memory.settings_text import typed, typed_parameters, with_parameters, without_parameters

NEW = typed((0.5, *DEFAULT_PARAMETERS[1:]))
OLD = typed(DEFAULT_PARAMETERS)
SPREAD = "[  # mine\n  " + ",\n  ".join(map(str, DEFAULT_PARAMETERS)) + ",\n  # the last ] is the decay\n]"

# Before, the deck, after: `NEW` and `OLD` stand for the parameters.
CASES = [
    ("", "", "parameters = NEW\n"),
    ("parameters = OLD\n", "", "parameters = NEW\n"),
    ("parameters=OLD", "", "parameters=NEW"),
    ('# a "note\n"parameters"  =  OLD  # mine = [\nnew_per_day = 3\n', "", None),
    (f"new_per_day = 3\nparameters = {SPREAD} # end\n[decks.A]\nparameters = OLD\n", "", None),
    ("new_per_day = 3\n", "", "new_per_day = 3\nparameters = NEW\n"),
    ("new_per_day = 3", "", "new_per_day = 3\nparameters = NEW\n"),
    ("new_per_day = 3\r\n\r\n[decks.A]\r\n", "", "new_per_day = 3\r\nparameters = NEW\r\n\r\n[decks.A]\r\n"),
    ("# words\n# [decks.A]\nnew_per_day = 3\n", "", "parameters = NEW\n# words\n# [decks.A]\nnew_per_day = 3\n"),
    ("# x\n# parameters = OLD\n\n# [decks.A]\n", "", "# x\n# parameters = OLD\nparameters = NEW\n\n# [decks.A]\n"),
    ("[decks.A]\nparameters = OLD\n", "", "parameters = NEW\n[decks.A]\nparameters = OLD\n"),
    ("[decks.A]\nparameters = OLD\n", "A", "[decks.A]\nparameters = NEW\n"),
    ("parameters = OLD\n[decks.'a']\nnew_per_day = 1 # [\n\n[decks.B]\n", "A",
     "parameters = OLD\n[decks.'a']\nnew_per_day = 1 # [\nparameters = NEW\n\n[decks.B]\n"),
    ('[ decks . "A::\\u0042" ] # x', "A::B", '[ decks . "A::\\u0042" ] # x\nparameters = NEW\n'),
    ("new_per_day = 3\n", "A::B", 'new_per_day = 3\n\n[decks."A::B"]\nparameters = NEW\n'),
    ("", "A", '[decks."A"]\nparameters = NEW\n'),
    ("decks.A.parameters = OLD\n", "A", "decks.A.parameters = NEW\n"),
    ('time_zone = """Europe\\\n   /Berlin"""\n', "", None),
    ("learning_steps = [ '1m', # ]\n '10m' ]\nparameters=OLD\n", "", None),
]  # fmt: skip


def filled(text: str) -> str:
    return text.replace("OLD", OLD).replace("NEW", NEW)


@pytest.mark.parametrize(("before", "deck", "after"), CASES)
def test_there_and_back(before: str, deck: str, after: str | None) -> None:
    text = filled(before)
    edit = with_parameters(text, deck, NEW)
    if after is not None:
        assert edit.text == filled(after)
    preset = parse_settings(edit.text, "settings.toml").preset_of(deck)
    assert preset.parameters[0] == 0.5
    assert typed_parameters(edit.text, deck) == NEW
    assert without_parameters(edit.text, deck, edit.before, edit.put) == text


@pytest.mark.parametrize("text", ["decks = {A = {new_per_day = 3}}\n", "[decks]\nA = {parameters = OLD}\n"])
def test_a_layout_that_is_left_alone(text: str) -> None:
    with pytest.raises(SettingsError, match="yourself"):
        with_parameters(filled(text), "A", NEW)


@pytest.mark.parametrize("text", ["parameters = OLD\n", "parameters = [ NEW ]\n", "", "parameters = NEW # x\n"])
def test_what_was_edited_is_not_taken_back(text: str) -> None:
    put = with_parameters("", "", NEW).put
    with pytest.raises(SettingsError, match="edited since"):
        without_parameters(filled(text).replace("[ [", "[ ").replace("] ]", " ]"), "", None, put)


def test_what_is_taken_back_may_not_bring_other_settings() -> None:
    """The file that keeps what was there before may have been changed by anyone."""
    text = f"parameters = {NEW}\n"
    with pytest.raises(SettingsError):
        without_parameters(text, "", f"{OLD}\nday_start = '05:00'", NEW)
    with pytest.raises(SettingsError):
        without_parameters("day_start = '05:00'\n" + text, "", None, "day_start = '05:00'\n")


LINES = st.sampled_from(
    ["", "# [decks.X]", "# parameters = 1", "new_per_day = 1 # 'x", "time_zone = '#['", 'day_start = """04:00"""',
     "learning_steps = [\n '1m', # [decks.Y]\n]", "[decks.A]", '[decks."B::C"] # ]', "parameters = OLD",
     "'parameters' = [\n1, # x\n2]", "  reviews_per_day=1"]
)  # fmt: skip


@given(st.lists(LINES, max_size=8), st.sampled_from(["", "A", "B::C", "D"]), st.sampled_from(["\n", "\r\n"]))
def test_any_file(lines: list[str], deck: str, end: str) -> None:
    text = end.join(filled(line).replace("\n", end) for line in lines)
    try:
        before = tomllib.loads(text)
    except ValueError:
        return
    edit = with_parameters(text, deck, NEW)
    after = tomllib.loads(edit.text)
    inner = after["decks"][deck] if deck else after
    assert inner.pop("parameters")[0] == 0.5
    old = before.get("decks", {}).get(deck, {}) if deck else before
    old.pop("parameters", None)
    assert inner == old
    assert without_parameters(edit.text, deck, edit.before, edit.put) == text
