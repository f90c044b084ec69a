"""Rules about what a card asks."""

from __future__ import annotations

import re
from collections.abc import Iterator

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


_PRONOUN = re.compile(r"(?:it|they|this|that|these|those)\b", re.IGNORECASE)


def loose_pronoun(wording: Wording) -> Iterator[Found]:
    """S105: a front that begins with a word for something said elsewhere."""
    if match := _PRONOUN.match(wording.plain("front").lstrip()):
        message = f"the front begins with '{match[0]}', and nothing before it says what is meant"
        yield Found("S105", "front", match[0], message, "name the thing: cards come alone and in any order")


_FLOATING = re.compile(
    r"\b(?:currently|nowadays|today['’]s|recently|these days|at the moment|state[- ]of[- ]the[- ]art|"
    r"(?<!at )the (?:latest|newest|most recent)|as of now|this year)\b",
    re.IGNORECASE,
)


def floating_time(wording: Wording) -> Iterator[Found]:
    """S106: a time that moves on while the card stays."""
    if match := _FLOATING.search(without_quotations(wording.question)):
        message = f"'{match[0]}' means another time in every year that the card is studied"
        yield Found("S106", "front", match[0], message, "name the year or version, and give `as_of` and `review_by`")


_VAGUE = re.compile(
    r"^(?:please )?(?:explain|describe|discuss|elaborate|comment on|tell me about|talk about|outline|summari[sz]e|"
    r"what about|what do you know|what can you say|how important)\b",
    re.IGNORECASE,
)


def vague(wording: Wording) -> Iterator[Found]:
    """S107: a front that any amount of talking answers."""
    if match := _VAGUE.match(_asking(wording)):
        yield Found(
            "S107", "front", match[0], f"'{match[0]}' has no one answer", "ask for the one thing to be recalled"
        )


_GUESS = re.compile(
    r"\b(?:which (?:one )?of the (?:following|these)|(?:all|none|both) of the above|true or false)\b", re.IGNORECASE
)


def guess_format(wording: Wording) -> Iterator[Found]:
    """S108: an exam's format, in which recognising is enough."""
    if match := _GUESS.search(wording.plain("front")):
        yield Found("S108", "front", match[0], f"'{match[0]}' asks to recognise, not to recall", "ask without choices")


_NEGATIVE = re.compile(
    r"\bNOT\b|\b(?i:which|what)(?: [\w-]+){0,3} (?:is|are) not (?:an?|one|part|among|true)\b|\b(?i:except)\b(?=[^?]*\?)"
)


def negative(wording: Wording) -> Iterator[Found]:
    """S109: a question turned round, which is answered wrongly by those who know."""
    if match := _NEGATIVE.search(wording.question):
        yield Found("S109", "front", match[0], "the question asks for what does not hold", "ask for what does")


def _asking(wording: Wording) -> str:
    """The sentence that asks, or, where none has a question mark, the last one."""
    if wording.question:
        return _IN_A_CASE.sub("", wording.question)
    parts = sentences(without_quotations(wording.plain("front")))
    return " ".join(parts[-1].split()) if parts else ""


OF_A_FRONT = (
    yes_or_no,
    two_questions,
    asks_for_a_list,
    loose_pronoun,
    floating_time,
    vague,
    guess_format,
    negative,
)
