"""The issue forms, and the answers in an issue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from aipm_cards.issue_form import FIELDS, LABELS, TEXTS, answers_in, are_ticked
from aipm_cards.keys import note_keys
from aipm_cards.kinds import KINDS, Form
from tests.filled_forms import COMMON, FORMS, filled

TEMPLATES = Path(__file__).parent.parent / ".github" / "ISSUE_TEMPLATE"
TYPES = {"markdown", "dropdown", "input", "textarea", "checkboxes"}
ATTRIBUTES = {
    "markdown": {"value"},
    "dropdown": {"label", "description", "multiple", "options", "default"},
    "input": {"label", "description", "placeholder", "value"},
    "textarea": {"label", "description", "placeholder", "value", "render"},
    "checkboxes": {"label", "description", "options"},
}


def form(name: str) -> dict[str, Any]:
    loaded = yaml.safe_load((TEMPLATES / name).read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


@pytest.mark.parametrize("name", ["new-card.yml", "wrong-card.yml"])
def test_forms_keep_the_rules_of_github(name: str) -> None:
    top = form(name)
    assert set(top) <= {"name", "description", "title", "labels", "body", "assignees", "projects", "type"}
    assert all(isinstance(top[key], str) and top[key].strip() for key in ("name", "description"))
    fields = [part for part in top["body"] if part["type"] != "markdown"]
    assert fields
    ids = [part["id"] for part in fields]
    labels = [part["attributes"]["label"] for part in fields]
    assert len(set(ids)) == len(ids)
    assert len(set(labels)) == len(labels)
    for part in top["body"]:
        assert part["type"] in TYPES
        assert set(part) <= {"type", "id", "attributes", "validations"}
        assert set(part["attributes"]) <= ATTRIBUTES[part["type"]]
        assert set(part.get("validations", {})) <= {"required"}
        assert isinstance(part.get("validations", {}).get("required", False), bool)
        texts = [value for key, value in part["attributes"].items() if key not in ("options", "default", "multiple")]
        assert all(isinstance(text, str) and text.strip() for text in texts)
    assert all(set(part["id"]) <= set("abcdefghijklmnopqrstuvwxyz_-") for part in fields)


def test_the_form_asks_what_the_program_reads() -> None:
    parts = {part["id"]: part for part in form("new-card.yml")["body"] if part["type"] != "markdown"}
    assert {id_: part["attributes"]["label"] for id_, part in parts.items()} == LABELS
    assert list(parts) == [field.id for field in FIELDS]
    assert parts["kind"]["attributes"]["options"] == list(KINDS)
    for field in FIELDS:
        if field.promises:
            options = parts[field.id]["attributes"]["options"]
            assert [option["label"] for option in options] == list(field.promises)
            assert all(option["required"] is True for option in options)
        else:
            assert parts[field.id].get("validations", {}).get("required", False) is field.required
    described = " ".join(str(part["attributes"].get("description")) for part in parts.values())
    for kind in KINDS.values():
        further = [key.name for key in kind.keys if key.required and key.name not in TEXTS[kind.name]]
        assert all(f"`{name}:" in described for name in further), kind.name


def test_the_texts_of_the_form_fill_keys_of_their_kind() -> None:
    assert list(TEXTS) == list(KINDS)
    for kind, names in TEXTS.items():
        known = {key.name: key for key in note_keys(kind)}
        assert all(name in known for name in names if name)
        assert known[names[0]].form is not Form.RUBRIC
        assert known[names[0]].required


def test_blank_issues_are_allowed() -> None:
    assert form("config.yml") == {"blank_issues_enabled": True}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_answers(kind: str, newline: str) -> None:
    answers = answers_in(("A bot greets.\n\n" + filled(kind)).replace("\n", newline))
    wanted = {**dict.fromkeys(LABELS, ""), "kind": kind, **COMMON, **FORMS[kind]}
    assert {name: answer.strip() for name, answer in answers.items()} == {
        name: answer.strip() for name, answer in wanted.items()
    }
    assert are_ticked(answers["promises"], FIELDS[-1])


HEADINGS = {
    "in a code block": ("question", "Which?\n\n```\n### Answer\n\nno\n```\nSo?"),
    "of an earlier field": ("answer", "This:\n\n### Question\n\nnot that"),
    "of no field": ("answer", "### Really\n\nyes"),
    "of a later field": ("question", "Which?\n\n### Source: title\n\nHm?"),
    "with a sign before": ("question", "What is `### Answer`?\n> ### Answer"),
    "that is deeper": ("why", "#### Why it matters\n\nIt does."),
    "no response": ("why", "_No response_ is what it says."),
}


@pytest.mark.parametrize(("name", "text"), HEADINGS.values(), ids=HEADINGS)
def test_headings_inside_answers(name: str, text: str) -> None:
    answers = {"question": "Which?", "answer": "This.", "why": "It does.", name: text}
    found = answers_in(filled("basic", answers))
    assert {key: found[key] for key in answers} == answers
    assert found["title"] == COMMON["title"]


def test_a_code_block_that_nobody_closed() -> None:
    answers = {"question": "Which?\n```\nx = 1", "answer": "This."}
    found = answers_in(filled("basic", answers))
    assert (found["question"], found["answer"], found["url"]) == (*answers.values(), COMMON["url"])


def test_a_code_block_inside_the_further_fields() -> None:
    further = "example: |\n  ```python\n  ### Answer\n  ```\n\n  So.\ncue: x"
    found = answers_in(filled("basic", {**FORMS["basic"], "further": further}))
    assert found["further"] == further
    assert (found["answer"], found["title"]) == (FORMS["basic"]["answer"], COMMON["title"])


def test_headings_that_are_gone() -> None:
    found = answers_in(filled("basic", without="publisher"))
    assert found["publisher"] == ""
    assert found["url"] == COMMON["url"]
    assert not any(answers_in("no form at all\n### Other\n").values())


def test_every_box_has_to_be_ticked() -> None:
    first, second = COMMON["promises"].split("\n")
    assert not are_ticked(f"{first}\n{second.replace('[X]', '[ ]')}", FIELDS[-1])
    assert not are_ticked(first, FIELDS[-1])
    assert are_ticked(f"{second.replace('[X]', '[x]')}\n{first}", FIELDS[-1])


ANSWER = st.text(st.characters(exclude_characters="\r\ufeff", codec="utf-8"), max_size=60).map(
    lambda text: text.replace("###", "").replace("```", "").replace("~~~", "").strip("\n").rstrip()
)


@given(ANSWER, ANSWER)
@settings(max_examples=60, deadline=None)
def test_any_answer_comes_back(question: str, answer: str) -> None:
    found = answers_in(filled("basic", {"question": question or "x", "answer": answer or "y"}))
    assert (found["question"], found["answer"]) == (question or "x", answer or "y")
