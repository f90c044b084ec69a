"""Filled forms that nobody filled with care: a note, or faults that are named; never anything else."""

from __future__ import annotations

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from aipm_cards.characters import FORBIDDEN
from aipm_cards.content.insert import insert_note, plain, read_page
from aipm_cards.content.proposal import FormFaults, Proposal, key_of, known_source, read_proposal, source_lines
from aipm_cards.content.skeleton import note_lines
from aipm_cards.issue_form import FIELDS
from aipm_cards.kinds import KINDS
from aipm_cards.model import Source
from tests.filled_forms import FORMS, PROMISES, filled

WORDS = st.text(alphabet="ab1:|-#[]{}'\"`*&!%@,\\\n ~<>", max_size=30)
NAMES = ["extra", "cue", "sources", "as_of", "related", "level", "why", "must", "xyz"]
FURTHER = st.lists(st.tuples(st.sampled_from(NAMES), WORDS), max_size=3, unique_by=lambda pair: pair[0])
TEXTS = st.dictionaries(st.sampled_from(["question", "answer", "why", "title", "publisher", "at", "topic"]), WORDS)


@given(st.sampled_from(list(KINDS)), TEXTS, FURTHER)
@settings(max_examples=100, deadline=None)
def test_any_answers(kind: str, answers: dict[str, str], further: list[tuple[str, str]]) -> None:
    lines = [FORMS[kind].get("further", ""), *(f"{name}: {text}" for name, text in further)]
    text = filled(kind, {**FORMS[kind], "further": "\n".join(lines), **answers})
    try:
        proposal = read_proposal(text.encode())
    except FormFaults as error:
        faults = error.faults
        event("faults")
    else:
        faults = []
        event("a note")
        _is_whole(proposal)
    assert all(fault and "\n" not in fault for fault in faults)


def _is_whole(proposal: Proposal) -> None:
    """The note and its source can be written, and are read as what they are."""
    page = read_page("deck.yaml", b"deck: X\nnotes: []\n")
    made = insert_note(page, note_lines(proposal.kind, {**proposal.given, "id": "the-new-one"}))
    root = plain(read_page("deck.yaml", made.data).root)
    assert isinstance(root, dict)
    (note,) = root["notes"]
    assert note["id"] == "the-new-one"
    key = key_of(proposal.source, {})
    source = plain(read_page("sources.yaml", "\n".join([*source_lines(key, proposal.source), ""]).encode()).root)
    assert source == {key: {"title": proposal.source.title, **_given(proposal.source)}}


def _given(source: Source) -> dict[str, str]:
    values = {"publisher": source.publisher, "url": source.url, "opened": source.opened}
    return {name: value for name, value in values.items() if value}


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
@settings(max_examples=100, deadline=None)
def test_any_bytes(data: bytes) -> None:
    with pytest.raises(FormFaults):
        read_proposal(b"### Kind\n\nbasic\n" + data)


@pytest.mark.parametrize("character", ["\x1b", "\u202e", "\x00", "\u2028", "\ufeff", "\x85", "\r"])
def test_no_character_passes_that_a_card_may_not_hold(character: str) -> None:
    assert FORBIDDEN.search(character)
    for field in FIELDS:
        answers = {**FORMS["basic"], field.id: f"x{character}y"}
        with pytest.raises(FormFaults) as raised:
            read_proposal(filled("basic", answers).encode())
        assert any(f"'{field.label}', line 1: U+" in fault for fault in raised.value.faults), field


def test_a_promise_that_was_changed_is_none() -> None:
    weaker = "\n".join(f"- [x] {promise.replace('CC BY 4.0', 'all rights reserved')}" for promise in PROMISES)
    with pytest.raises(FormFaults, match="1 field of the form"):
        read_proposal(filled("basic", {**FORMS["basic"], "promises": weaker}).encode())


ADDRESSES = {
    "https://example.org/a": True,
    "https://EXAMPLE.org/a/": True,
    "http://www.example.org/a": True,
    "https://example.org/A": False,
    "https://example.org/a?b": False,
    "https://example.org/a#b": False,
    "https://example.org.evil/a": False,
    "example": False,
}


@pytest.mark.parametrize(("url", "same"), ADDRESSES.items())
def test_which_addresses_are_the_same_page(url: str, same: bool) -> None:
    sources = {"none": Source("none", "No address"), "page": Source("page", "A page", url="https://example.org/a")}
    assert known_source(Source("", "x", url=url), sources) == ("page" if same else "")


def test_keys_of_sources_are_their_own() -> None:
    assert key_of(Source("", "The Page: of all"), {}) == "page-all"
    assert key_of(Source("", "The Page: of all"), {"page-all": Source("page-all", "x")}) == "page-all-2"
    assert key_of(Source("", "精度", "Some House"), {}) == "house"
    assert key_of(Source("", "精度"), {}) == "source"
