"""What changed in a card since it was seen: the words that went and those that came."""

from __future__ import annotations

from itertools import zip_longest

from aipm_cards.differing import Piece, are_too_long, differing
from aipm_cards.terminal.faces import Section
from aipm_cards.text import Emphasis, Inline, Paragraph, Text


def changes(before: str, after: str, spoken: bool) -> Section:
    """A word diff of two texts, a line for each of their lines: `[-gone-]` and `{+come+}`, or in
    words if it is `spoken`."""
    label = "Changed since you last saw it"
    if are_too_long(before, after):
        return Section(label, (Paragraph((Text("The text is too long to be compared word by word."),)),))
    return Section(label, tuple(Paragraph(_line(line, spoken), tight=True) for line in differing(before, after)))


def _line(pieces: list[Piece], spoken: bool) -> tuple[Inline, ...]:
    """The word diff of a line."""
    children: list[Inline] = []
    for piece, following in zip_longest(pieces, pieces[1:]):
        if piece.how == "stayed":
            children.append(Text(piece.words))
        elif piece.how == "went":
            children += _marked("removed", "[-", piece.words, "-]", spoken)
        else:
            children += _marked("added", "{+", piece.words, "+}", spoken)
        if not (piece.how == "went" and following is not None and following.how == "came"):
            children.append(Text(" "))
    return tuple(children[:-1])


def _marked(label: str, opening: str, text: str, closing: str, spoken: bool) -> list[Inline]:
    if spoken:
        return [Text(f"({label}: {text}) ")]
    return [Emphasis((Text(f"{opening}{text}{closing}"),), strong=label == "added")]
