"""Whatever a deck file holds: if `check` takes it, so does the schema."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aipm_cards.keys import DECK_KEYS, note_keys
from aipm_cards.kinds import KINDS, Form, Key
from tests.content.reading import deck
from tests.schema.reading import as_values, complaints
from tests.schema.sound import sound_value

# Plain texts that YAML makes something else of, as they are typed.
PLAIN = ["80", "0.82", "-3", "1,200", "no", "On", "true", "y", "2026-11-20", "12:30", "0x1F", "012", "1_000", ".5",
         "1e3", ".inf", "+5", "5%", "été", "日本語", "abc", "abc-def", "T001", "page", "1", "2", "3", "02"]  # fmt: skip
quoted = st.one_of(st.text("ab :#'é{}", min_size=1, max_size=12), st.sampled_from(PLAIN), st.just(" "), st.just(""))
scalar = st.one_of(st.sampled_from(PLAIN), quoted.map(json.dumps), st.just("~"), st.just(""))
text = st.one_of(st.sampled_from(PLAIN), quoted.map(json.dumps))
block = st.sampled_from(
    ["|\n      80\n", "|\n      Some *text*.\n\n      And: more.\n", ">\n      a # b\n", "|-\n      no\n"]
)


def flow_list(items: list[str]) -> str:
    return f"[{', '.join(items)}]"


def flow_map(entries: dict[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in entries.items()) + "}"


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lists = st.lists(inner, max_size=8).map(flow_list)
    return st.one_of(lists, st.dictionaries(text, inner, max_size=3).map(flow_map))


wild = st.recursive(scalar, nested, max_leaves=8)


def typed(value: Any) -> str:
    """A value that is sound, as it may be typed."""
    if isinstance(value, list):
        return flow_list([typed(item) for item in value])
    if isinstance(value, dict):
        return flow_map({key: typed(item) for key, item in value.items()})
    return json.dumps(value, ensure_ascii=False)


@cache
def value_of(key: Key) -> st.SearchStrategy[str]:
    """What may stand behind a key: mostly of its form, sometimes anything."""
    sound = st.just(typed(sound_value(key)))
    if key.form in (Form.BLOCK, Form.INLINE, Form.PLAIN):
        return st.one_of(sound, text, block)
    if key.form in (Form.INLINE_LIST, Form.PLAIN_LIST):
        return st.one_of(sound, st.lists(text, max_size=3).map(flow_list), text)
    if key.form is Form.COUNT:
        return st.sampled_from(["1", "2", "'2'", '"3"', "02", "2"])
    if key.form is Form.NUMBER:
        return st.sampled_from(["2", "2.0", "+2", "'2'", "2.00"])
    if key.form is Form.ROWS:
        return st.lists(st.lists(text, min_size=3, max_size=3).map(flow_list), max_size=3).map(flow_list)
    if key.form in (Form.NAMES, Form.DATE, Form.SLUG, Form.CITATIONS, Form.OPTIONS, Form.LAWS, Form.RUBRIC):
        return st.one_of(*[sound] * 12, scalar, wild)
    return sound


@cache
def any_value(key: Key) -> st.SearchStrategy[str]:
    return st.one_of(*[value_of(key)] * 20, wild)


@st.composite
def decks(draw: st.DrawFn, value: Any) -> str:
    kind = draw(st.sampled_from([*KINDS, None]))
    lines = ["deck: " + draw(st.sampled_from(["A", "A::B", "80", "'no'"])), f"kind: {kind}" if kind else ""]
    for key in DECK_KEYS:
        if key.name not in ("deck", "kind", "notes") and draw(st.integers(0, 5)) == 0:
            lines.append(f"{key.name}: {draw(value(key))}")
    lines.append("notes:")
    own = draw(st.sampled_from([*KINDS, None]))
    fields = {"id": draw(st.sampled_from(["abc", "123", "yes", "2026-11-20", "'abc'", "a-b"]))}
    if own:
        fields["kind"] = draw(st.sampled_from([own, f"'{own}'"]))
    for key in note_keys(own or kind or "basic"):
        # Whether related notes exist only the whole collection tells, which this does not load.
        if (
            key.name not in fields
            and key.name not in ("kind", "related")
            and (key.required or draw(st.integers(0, 3)) == 0)
        ):
            fields[key.name] = draw(value(key))
    start = "  - "
    for name, typed_value in fields.items():
        lines.append(f"{start}{name}: {typed_value}")
        start = "    "
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("wildness", ["sound", "wild"])
def test_what_check_takes_the_schema_takes(wildness: str, pytestconfig: pytest.Config) -> None:
    seen = 0

    @settings(
        max_examples=20_000 if pytestconfig.getoption("--long") else 400,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        derandomize=not pytestconfig.getoption("--long"),
        suppress_health_check=list(HealthCheck),
    )
    @given(decks(any_value if wildness == "wild" else value_of))
    def hold(source: str) -> None:
        nonlocal seen
        read = deck(source, sources=("page", "abc"), topics=("T001", "80"))
        if not any(problem.severity == "error" for problem in read.findings.found):
            seen += 1
            assert complaints(as_values(source)) == []

    hold()
    assert seen >= 8
