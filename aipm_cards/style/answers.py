"""Rules about what a card answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aipm_cards import text
from aipm_cards.style.wording import Found, Wording, count_words, kin_of, may_have_more_words, sentences

MOST_WORDS = 30
MOST_ITEMS = 3
MOST_BESIDE = 80
GIVEN_AWAY = 0.75
_ANSWER = {"basic": "back", "contrast": "split"}


def long_answer(wording: Wording) -> Iterator[Found]:
    """S201: an answer longer than what can be said in one breath and marked as one thing."""
    key = _ANSWER[wording.note.kind]
    plain = wording.plain(key)
    if may_have_more_words(plain, MOST_WORDS) and (count := count_words(plain)) > MOST_WORDS:
        hint = "keep what must be recalled; the rest goes to `why`, `example` or a note of its own"
        yield Found("S201", key, "", f"the answer has {count} words; {MOST_WORDS} are enough", hint)
    for beside in ("why", "example", "extra"):
        plain = wording.plain(beside)
        if may_have_more_words(plain, MOST_BESIDE) and (count := count_words(plain)) > MOST_BESIDE:
            message = f"'{beside}' has {count} words; {MOST_BESIDE} are enough"
            yield Found("S201", beside, "", message, "cut it, or make a note of its own")


_ITEM = r"(?!(?:and|or|with|but|not|which|who|as|if|so|that|then)\b)[\w'’-]+(?: (?!(?:and|or)\b)[\w'’-]+){0,2}"
_ROW = re.compile(rf"[\w'’-]+(?:, {_ITEM}){{2,12}},? (?:and|or) [\w'’-]+", re.IGNORECASE)
_PARTS = re.compile(r"\s*(?:;|,(?: and| or)?|\band\b|\bor\b)\s+")
_SHORT = 3  # words of an item in a row of items


def long_list(wording: Wording) -> Iterator[Found]:
    """S202: a list of more than three, which is forgotten in part."""
    value = wording.note.text("back")
    items = 0
    if not text.is_one_paragraph(value):
        items = max(
            (len(node.items) for node in text.walk(text.parse(value)) if isinstance(node, text.List)), default=0
        )
    plain = wording.plain("back")
    items = max([items, items_marked(value), *map(items_in_a_row, sentences(plain))])
    if items > MOST_ITEMS:
        hint = "ask for one of them in a case, make a note of each, or `kind: cloze` with `text:` and {{c1::gaps}}"
        yield Found("S202", "back", "", f"the answer is a list of {items}", hint)


def items_in_a_row(sentence: str) -> int:
    """How many items a sentence counts up: `a, b, c and d` in it, or nothing but short parts."""
    if "," not in sentence and ";" not in sentence:
        return 0
    rows = _ROW.findall(sentence)
    inside = max((row.count(",") + (", and " not in row and ", or " not in row) + 1 for row in rows), default=0)
    parts = _PARTS.split(sentence)
    return max(inside, len(parts) if all(count_words(part) <= _SHORT for part in parts) else 0)


_MARKS = re.compile(r"(?:^|\s)\(?(?:\d|[a-e])\)\s|\s[-–] (?=\w)")


def items_marked(value: str) -> int:
    """How many items stand in a line behind `1)`, `a)` or dashes."""
    marks = len(_MARKS.findall(value))
    return marks if marks > MOST_ITEMS else 0


_CHOOSES = re.compile(r"[,(:]|\bwhich of\b|[.!] \S", re.IGNORECASE)


def given_away(wording: Wording) -> Iterator[Found]:
    """S203: an answer most of whose words stand in the question already; of short ones, kin too."""
    answer, front = wording.stems("back").keys(), wording.stems("front").keys()
    shared = kin_of(answer, front) if len(answer) <= 2 else answer & front
    if len(answer) == 1 and _CHOOSES.search(wording.plain("front")):
        return  # one of the things that the case names
    if answer and len(shared) >= GIVEN_AWAY * len(answer):
        what = f"{len(shared)} of the {len(answer)} words that carry the answer" if len(answer) > 1 else "the answer"
        verb = "stand" if len(shared) > 1 else "stands"
        message = f"{what} {verb} in the question"
        yield Found("S203", "front", "", message, "ask so that the answer has to come from memory")


_DEPENDS = re.compile(
    r"\b(?:it|that|this) (?:all )?depends\b(?! on\b)|\bdepends on (?:many|several|various|a lot|the (?:circumstances|"
    r"context|situation|use case|case|team|company)\b)|"
    r"\b(?:it|that) (?:varies|differs|differed)\b|\bno general answer\b|"
    r"^depends\b",
    re.IGNORECASE,
)


def depends(wording: Wording) -> Iterator[Found]:
    """S204: an answer that names no condition."""
    if match := _DEPENDS.search(wording.plain("back")):
        message = f"'{match[0]}' says on nothing in particular"
        yield Found("S204", "back", match[0], message, "name the condition, or put it into the question")


_ABSOLUTE = re.compile(
    r"\b(?:guarantee(?:s|d)?|eliminate(?:s|d)?|ensures? that|makes? sure that|proves? (?:that|it|the)|impossible|"
    r"bulletproof|always gives?|100 ?%)(?!\w)",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"\b(?:not?|never|nothing|none|cannot|can't|nor|neither|hardly|rarely|without|far from|instead of)\b|n't\b", re.I
)


def absolutes(wording: Wording) -> Iterator[Found]:
    """S205: a promise that experts would not sign. One that is taken back in its sentence is none."""
    for sentence in sentences(wording.plain("back")):
        if (match := _ABSOLUTE.search(sentence)) and not _TAKEN_BACK.search(sentence):
            message = f"'{match[0]}' claims more than most sources do"
            yield Found("S205", "back", match[0], message, "say how far it holds")
            return


OF_A_BACK = (given_away, depends, absolutes)
