"""What a card means: the words that it asks and answers, without markup or what stands beside."""

from __future__ import annotations

from collections.abc import Iterator

from aipm_cards import text
from aipm_cards.kinds import KINDS, Form, Key
from aipm_cards.model import Note


def meaning(note: Note, ordinal: int) -> str:
    """The words of a card that a learner is asked to know, a line a region.

    Not why it matters, an example, sources, tags, or any markup and line breaks. Of a cloze note
    the gap of this card is marked. When this text changes, the card asks or answers something
    else than before.
    """
    if note.kind == "cloze":
        return _line(text.words(text.parse_cloze(_marked(note.text("text"), ordinal + 1))))
    keys = [key for key in KINDS[note.kind].keys if _asked(note.kind, ordinal, key)]
    return "\n".join(line for key in keys for line in _lines(note, key) if line)


_BESIDE = frozenset({"check", "minutes", "pass", "round"})  # required, but no words of the card
_OF_CONTRAST = (("a", "b", "split"), ("a", "b", "case", "verdict", "reason"))


def _asked(kind: str, ordinal: int, key: Key) -> bool:
    """Whether a key belongs to what a card asks and answers."""
    if kind == "contrast":
        return key.name in _OF_CONTRAST[ordinal]
    return (key.required and key.name not in _BESIDE) or key.name == "unit"


def _marked(sentence: str, number: int) -> str:
    """The sentence with the gaps of a card in marks."""
    for gap in reversed(text.read_gaps(sentence)[0]):
        if gap.number == number:
            start, end = gap.hidden_start, gap.hidden_end
            sentence = f"{sentence[:start]}«{sentence[start:end]}»{sentence[end:]}"
    return sentence


def _lines(note: Note, key: Key) -> Iterator[str]:
    match key.form:
        case Form.RUBRIC:
            yield from (_line(_inline(point.text)) for point in note.points())
        case Form.OPTIONS:
            yield from (_line("; ".join(map(_inline, option))) for option in note.options())
        case Form.INLINE_LIST:
            yield from (_line(_inline(line)) for line in note.lines(key.name))
        case Form.PLAIN_LIST:
            yield from map(_line, note.lines(key.name))
        case Form.INLINE:
            yield _line(_inline(note.text(key.name)))
        case Form.CHOICE if key.name == "verdict":
            yield _line(_inline(note.text(note.text("verdict"))))
        case Form.BLOCK:
            yield _line(text.words(text.parse(note.text(key.name))))
        case _:
            yield _line(note.text(key.name))


def _inline(line: str) -> str:
    return text.words(text.parse_inline(line))


def _line(words: str) -> str:
    return " ".join(words.split())
