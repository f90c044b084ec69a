"""The issue form by which a card is proposed, and the answers in an issue made from it.

GitHub renders a filled form as a heading `### Label` for each field, in the order of the form,
with `_No response_` below those that were left empty. All of it is untrusted text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_BYTES = 256 * 1024  # GitHub allows an issue 65,536 characters, of four bytes at most
NO_ANSWER = "_No response_"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form: its id and its label there. Of `promises` every box must be ticked."""

    id: str
    label: str
    required: bool = False
    promises: tuple[str, ...] = ()


FIELDS = (
    Field("kind", "Kind", required=True),
    Field("topic", "Topic or deck"),
    Field("question", "Question", required=True),
    Field("answer", "Answer"),
    Field("why", "Why it matters"),
    Field("further", "Further fields"),
    Field("title", "Source: title", required=True),
    Field("publisher", "Source: publisher"),
    Field("url", "Source: address", required=True),
    Field("at", "Source: where in it"),
    Field("opened", "Source: opened on"),
    Field(
        "promises",
        "Your words, our licence",
        required=True,
        promises=(
            "The words are my own; nothing is copied from the source or from another deck.",
            "I publish this card under CC BY 4.0.",
        ),
    ),
)
LABELS = {field.id: field.label for field in FIELDS}

# Which key of a kind each of the three texts of the form fills: what is asked, the answer (empty
# if what is asked holds it), and why it matters. All other keys are further fields.
TEXTS = {
    "basic": ("front", "back", "why"),
    "reversed": ("term", "definition", "why"),
    "cloze": ("text", "", "why"),
    "contrast": ("case", "reason", "why"),
    "calculation": ("given", "answer", "reading"),
    "interview": ("prompt", "outline", "tests"),
    "scenario": ("situation", "recommend", "because"),
}

_HEADING = re.compile(r"### +(.+?)\s*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^`]*)")
_TICKED = re.compile(r"\s*[-*] \[[xX]\] ")


def answers_in(body: str) -> dict[str, str]:
    """The answers in the text of an issue, by field; empty where there is none.

    A heading counts only where the order of the form allows it, and not inside a code block,
    unless the labels can be found in no other way. What stands before the first one is left out.
    """
    lines = body.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    starts = _starts(lines, set(_fenced(lines)))
    if len(starts) < len(FIELDS):  # a code block that its author did not close may hide the rest
        starts = max(starts, _starts(lines, set()), key=len)
    ends = [*(line for _, line in starts[1:]), len(lines)] if starts else []
    found = {field.id: _answer(lines[start + 1 : end], field) for (field, start), end in zip(starts, ends, strict=True)}
    return {field.id: found.get(field.id, "") for field in FIELDS}


def _starts(lines: Sequence[str], hidden: set[int]) -> list[tuple[Field, int]]:
    """The fields whose heading was found, each with its line."""
    headings = [
        (match[1], number)
        for number, line in enumerate(lines)
        if number not in hidden and (match := _HEADING.fullmatch(line))
    ]
    starts: list[tuple[Field, int]] = []
    behind = -1
    for field in FIELDS:
        line = next((line for label, line in headings if line > behind and label == field.label), None)
        if line is not None:
            starts.append((field, line))
            behind = line
    return starts


def _fenced(lines: Sequence[str]) -> Iterator[int]:
    """The lines inside code blocks that are closed."""
    opened, fence = -1, ""
    for number, line in enumerate(lines):
        match = _FENCE.fullmatch(line)
        if not fence and match:
            opened, fence = number, match[1]
        elif fence and match and match[1].startswith(fence) and not match[2].strip():
            yield from range(opened, number + 1)
            fence = ""


def _answer(lines: Sequence[str], field: Field) -> str:
    text = "\n".join(lines).strip("\n").rstrip()
    if text.strip() == NO_ANSWER:
        return ""
    if field.id == "further":
        return _unfenced(text)
    return text


def _unfenced(text: str) -> str:
    """A text without the code block that the form puts around it."""
    lines = text.split("\n")
    if len(lines) > 1 and (first := _FENCE.fullmatch(lines[0])) and lines[-1].strip() == first[1]:
        return "\n".join(lines[1:-1]).strip("\n")
    return text


def are_ticked(answer: str, field: Field) -> bool:
    """Whether every box of a field is ticked."""
    ticked = {_TICKED.sub("", line, count=1).strip() for line in answer.split("\n") if _TICKED.match(line)}
    return ticked.issuperset(field.promises)
