"""What changed in a card since it was seen: the words that went and those that came."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import zip_longest

from aipm_cards.terminal.faces import Section
from aipm_cards.text import Emphasis, Inline, Paragraph, Text

MAX_WORDS = 4000  # comparing takes the square of it


def changes(before: str, after: str, spoken: bool) -> Section:
    """A word diff of two texts, a line for each of their lines: `[-gone-]` and `{+come+}`, or in
    words if it is `spoken`."""
    label = "Changed since you last saw it"
    if len(before.split()) + len(after.split()) > MAX_WORDS:
        return Section(label, (Paragraph((Text("The text is too long to be compared word by word."),)),))
    old, new = before.split("\n"), after.split("\n")
    found = []
    for _, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for pair in zip_longest(old[i:j], new[k:m], fillvalue=""):
            found.append(Paragraph(_line(*pair, spoken), tight=True))
    return Section(label, tuple(found))


def _line(before: str, after: str, spoken: bool) -> tuple[Inline, ...]:
    """The word diff of two lines."""
    old, new = before.split(), after.split()
    children: list[Inline] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            children.append(Text(" ".join(old[i:j])))
        if j > i and tag != "equal":
            children += _marked("removed", "[-", " ".join(old[i:j]), "-]", spoken)
        if m > k and tag != "equal":
            children += _marked("added", "{+", " ".join(new[k:m]), "+}", spoken)
        children.append(Text(" "))
    return tuple(children[:-1])


def _marked(label: str, opening: str, text: str, closing: str, spoken: bool) -> list[Inline]:
    if spoken:
        return [Text(f"({label}: {text}) ")]
    return [Emphasis((Text(f"{opening}{text}{closing}"),), strong=label == "added")]
