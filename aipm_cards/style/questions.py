"""Rules about what a card asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from aipm_cards.style.wording import Found, Wording, sentences, without_quotations

_LONGEST = {"basic": ("front", 240), "interview": ("prompt", 400), "scenario": ("situation", 900)}


def long_front(wording: Wording) -> Iterator[Found]:
    """S101: a front that is read longer than it is thought about."""
    key, most = _LONGEST[wording.note.kind]
    length = len(" ".join(wording.plain(key).split()))
    if length > most:
        hint = "cut the case to what the answer needs, or split the note"
        yield Found("S101", key, "", f"'{key}' has {length} characters; {most} are enough", hint)


_YES_NO = re.compile(
    r"(?:(?:so|then|and|but|or|now)\W+)?(?P<verb>is|are|am|was|were|do|does|did|can|could|should|will|would|has|have|had|"
    r"must|may|might|isn't|aren't|doesn't|don't|can't|won't|shouldn't)\b",
    re.IGNORECASE,
)
_IN_A_CASE = re.compile(r"^(?:if|when|where|after|before|once|in|at|for|on|with)\b[^,?]*,\s*", re.IGNORECASE)
_CHOICE = re.compile(
    r"[:,–-]\s*(?:an? |the )?[\w'’-]+(?: [\w'’-]+){0,4}?,? or (?:an? |the )?[\w'’-]+(?: [\w'’-]+){0,4}\?$"
)


def yes_or_no(wording: Wording) -> Iterator[Found]:
    """S102: a question that a coin answers half the time."""
    question = _IN_A_CASE.sub("", wording.question)
    if match := _YES_NO.match(question):
        message = f"the question begins with '{match['verb']}' and can be answered with yes or no"
        yield Found("S102", "front", match["verb"], message, "ask what, which, how or why")
    elif match := _CHOICE.search(question):
        message = "the question offers its answers to choose from"
        quote = match[0].lstrip(":,–- ").rstrip("?")
        yield Found("S102", "front", quote, message, "ask for the reason, or make it a contrast note")


_AND_ANOTHER = re.compile(
    r"(?:,|;) ?(?:and|or) (how|why|what|when|where|which|who|whom|whose)\b|\band (why|how)\b(?! (?:much|many))", re.I
)


def two_questions(wording: Wording) -> Iterator[Found]:
    """S103: two questions, of which one may be known and the other not."""
    yield from _count_questions(wording, "front")
    if match := _AND_ANOTHER.search(wording.question):
        word = match[1] or match[2]
        message = f"the question asks a second thing: 'and {word}'"
        yield Found("S103", "front", f"and {word}", message, "ask one, and make a note of the other")


def two_questions_in_a_scenario(wording: Wording) -> Iterator[Found]:
    """S103 where a scenario asks: its situation may quote questions."""
    yield from _count_questions(wording, "question")


def _count_questions(wording: Wording, key: str) -> Iterator[Found]:
    asked = without_quotations(wording.plain(key)).count("?")
    if asked > 1:
        yield Found("S103", key, "?", f"{asked} questions on one card", "ask one, and make a note of the other")


_LIST = re.compile(
    r"^(?:(?:please )?(?:list|name|enumerate)\b|(?:what|which) (?:[\w-]+ ){0,2}?are (?:the|some)\b)", re.IGNORECASE
)
_NUMBER = re.compile(r"\b(?:two|three|2|3|both|pair)\b", re.IGNORECASE)
_MANY = re.compile(r"^(?:\S+ ){0,5}?(?:four|five|six|seven|eight|nine|ten|[4-9]|1\d)\b", re.IGNORECASE)


def asks_for_a_list(wording: Wording) -> Iterator[Found]:
    """S104: a list of unknown length, or of more than three: nobody recalls those whole."""
    asking = _asking(wording)
    if (match := _LIST.match(asking)) and (not _NUMBER.search(asking) or _MANY.search(asking)):
        message = "the front asks for a list without saying of how many, or of more than three"
        yield Found("S104", "front", match[0], message, "ask for one thing in a case; or say how many, three at most")


def _asking(wording: Wording) -> str:
    """The sentence that asks, or, where none has a question mark, the last one."""
    if wording.question:
        return _IN_A_CASE.sub("", wording.question)
    parts = sentences(without_quotations(wording.plain("front")))
    return " ".join(parts[-1].split()) if parts else ""


class _Phrase(NamedTuple):
    """Words that a question should not hold, and the part of the front in which they are looked for."""

    code: str
    pattern: re.Pattern[str]
    part: Callable[[Wording], str]
    message: str
    hint: str


def _front(wording: Wording) -> str:
    return wording.plain("front").lstrip()


def _question(wording: Wording) -> str:
    return wording.question


_PHRASES = (
    _Phrase(  # a word for something said elsewhere
        "S105",
        re.compile(r"^(?:it|they|this|that|these|those)\b", re.IGNORECASE),
        _front,
        "the front begins with '{}', and nothing before it says what is meant",
        "name the thing: cards come alone and in any order",
    ),
    _Phrase(  # a time that moves on while the card stays
        "S106",
        re.compile(
            r"\b(?:currently|nowadays|today['’]s|recently|these days|at the moment|state[- ]of[- ]the[- ]art|"
            r"(?<!at )the (?:latest|newest|most recent)|as of now|this year)\b",
            re.IGNORECASE,
        ),
        _question,
        "'{}' means another time in every year that the card is studied",
        "name the year or version, and give `as_of` and `review_by`",
    ),
    _Phrase(  # what any amount of talking answers
        "S107",
        re.compile(
            r"^(?:please )?(?:explain|describe|discuss|elaborate|comment on|tell me about|talk about|outline|"
            r"summari[sz]e|what about|what do you know|what can you say|how important)\b",
            re.IGNORECASE,
        ),
        _asking,
        "'{}' has no one answer",
        "ask for the one thing to be recalled",
    ),
    _Phrase(  # an exam's format
        "S108",
        re.compile(
            r"\b(?:which (?:one )?of the (?:following|these)|(?:all|none|both) of the above|true or false)\b",
            re.IGNORECASE,
        ),
        _front,
        "'{}' asks to recognise, not to recall",
        "ask without choices",
    ),
    _Phrase(  # a question turned round, which is answered wrongly by those who know
        "S109",
        re.compile(
            r"\bNOT\b|\b(?i:which|what)(?: [\w-]+){0,3} (?:is|are) not (?:an?|one|part|among|true)\b|"
            r"\b(?i:except)\b(?=[^?]*\?)"
        ),
        _question,
        "the question asks for what does not hold ('{}')",
        "ask for what does",
    ),
)


def phrases(wording: Wording) -> Iterator[Found]:
    """S105 to S109: words that make a question loose, dated, vague, easy or upside down."""
    for phrase in _PHRASES:
        if match := phrase.pattern.search(phrase.part(wording)):
            yield Found(phrase.code, "front", match[0], phrase.message.format(match[0]), phrase.hint)


OF_A_FRONT = (yes_or_no, two_questions, asks_for_a_list, phrases)
