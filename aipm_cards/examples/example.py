"""The shape of an example, and a note to make one of."""

from __future__ import annotations

from typing import NamedTuple

NOTES = "notes"
"""Items of `notes:` in a deck file."""

BARE = ""
"""The keys of notes, apart by `---`: ids and sources are left out."""

LISTING = "."
"""Files of a collection, one a line: `path`, `path -> what the link leads to`, or `path: what is
in it` (`deck: Name`, `UTF-16`, `5 MiB`, `a text of 300 characters`)."""

RELEASED = "released"
"""A deck file that was released as the right one has it."""


class Example(NamedTuple):
    """What breaks a rule, and the same put right. `form` is one of those above, else the name of
    the file whose text it is; `beside` are the images that lie in the collection."""

    wrong: str
    right: str
    form: str = BARE
    beside: tuple[str, ...] = ()


QUESTION, ANSWER = "front: Which share of the fraud does a filter catch?", "back: Its recall."


def note(*lines: str, id_: str = "recall-of-a-filter") -> str:
    """A note with an id and these lines."""
    return "\n  ".join((f"- id: {id_}", *lines)) + "\n"


def differing(wrong: str, right: str) -> Example:
    """A note whose last line is wrong, and the same with another one."""
    return Example(note(QUESTION, ANSWER, wrong), note(QUESTION, ANSWER, right), NOTES)


def asking(wrong: str, right: str, back: str = ANSWER) -> Example:
    """A note with a wrong `front`, and the same with a right one."""
    return Example(note(f"front: {wrong}", back), note(f"front: {right}", back), NOTES)


def answering(wrong: str, right: str, *beside: str) -> Example:
    """A note with a wrong `back`, and the same with a right one."""
    return Example(note(QUESTION, f"back: {wrong}"), note(QUESTION, f"back: {right}"), NOTES, beside)
