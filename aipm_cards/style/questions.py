"""Rules about what a card asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import NamedTuple

from aipm_cards.style.answers import items_in_a_row
from aipm_cards.style.wording import STOP_WORDS, Found, Wording, sentences, without_quotations, words_of

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
    yield from _yes_or_no(wording.question, "front")


def yes_or_no_in_a_scenario(wording: Wording) -> Iterator[Found]:
    """S102 where a scenario asks."""
    asked = sentences(without_quotations(wording.plain("question")))
    yield from _yes_or_no(" ".join(asked[-1].split()) if asked else "", "question")


def _yes_or_no(question: str, key: str) -> Iterator[Found]:
    if match := _YES_NO.match(_IN_A_CASE.sub("", question)):
        message = f"the question begins with '{match['verb']}' and can be answered with yes or no"
        yield Found("S102", key, match["verb"], message, "ask what, which, how or why, and answer that")
    elif match := _CHOICE.search(question):
        message = "the question offers its answers to choose from"
        quote = match[0].lstrip(":,–- ").rstrip("?")
        yield Found("S102", key, quote, message, "ask for the reason, or make it a contrast note")


_AND_ANOTHER = re.compile(
    r"(?:\band|\bor|\bas well as),?(?: (?:by|in|of|at|to|for|from|with|within|on|under|after))? "
    r"(how|why|what|when|where|which|who|whom|whose)\b",
    re.IGNORECASE,
)


def two_questions(wording: Wording) -> Iterator[Found]:
    """S103: two questions, of which one may be known and the other not."""
    yield from _count_questions(wording, "front")
    if match := _AND_ANOTHER.search(wording.question):
        message = f"the question asks a second thing: '{match[0]}'"
        yield Found("S103", "front", match[0], message, "ask one, and make a note of the other")


def two_questions_in_a_scenario(wording: Wording) -> Iterator[Found]:
    """S103 where a scenario asks: its situation may quote questions."""
    yield from _count_questions(wording, "question")


def _count_questions(wording: Wording, key: str) -> Iterator[Found]:
    asked = without_quotations(wording.plain(key)).count("?")
    if asked > 1:
        yield Found("S103", key, "?", f"{asked} questions on one card", "ask one, and make a note of the other")


_LIST = re.compile(
    r"^(?:(?:please )?(?:list|name|enumerate|mention|give (?:me )?(?:some|the|all|examples))\b|"
    r"(?:what|which) (?:[\w-]+ ){0,2}?(?:are|were) (?:the|some)\b)",
    re.IGNORECASE,
)
_PLURAL = re.compile(
    r"^(?:what|which) (?:[\w-]+ ){0,2}?(?!(?:is|was|does|has|this|its|us)\b)[\w-]+(?<!s)s\b", re.IGNORECASE
)
_NUMBER = re.compile(r"\b(?:two|three|2|3|both|pair)\b", re.IGNORECASE)
_MANY = re.compile(r"^(?:\S+ ){0,5}?(?:four|five|six|seven|eight|nine|ten|[4-9]|1\d)\b", re.IGNORECASE)


def asks_for_a_list(wording: Wording) -> Iterator[Found]:
    """S104: a list of unknown length, or of more than three: nobody recalls those whole."""
    asking = _asking(wording)
    told = _NUMBER.search(asking) and not _MANY.search(asking)
    match = _LIST.match(asking)
    if match is None and max(map(items_in_a_row, sentences(wording.plain("back"))), default=0) >= 3:
        match = _PLURAL.match(asking)  # `which parts ...?`, and the answer counts up
    if match and not told:
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
    _Phrase(  # a time that moves on while the card stays
        "S106",
        re.compile(
            r"\b(?:currently|nowadays|today['’]s|recently|these days|at the moment|state[- ]of[- ]the[- ]art|"
            r"(?<!at )the (?:latest|newest|most recent)|as of now|right now|now\?|this year|"
            r"the current (?:version|price|law|rule|state|president|chancellor|minister|model|rate|record))(?!\w)",
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
            r"summari[sz]e|give an overview|everything about|what about|what do you know|what can you say|"
            r"how important|what is important about|what is the deal|"
            r"what should .{1,30}(?:remember|know|keep in mind) about)\b",
            re.IGNORECASE,
        ),
        _asking,
        "'{}' has no one answer",
        "ask for the one thing to be recalled",
    ),
    _Phrase(  # an exam's format
        "S108",
        re.compile(
            r"\bwhich (?:one )?of (?:the following|these)\b|\bwhich (?:option|answer|statement)\b|"
            r"\b(?:all|none|both) of the above\b|\b(?:true|right) or (?:false|wrong)\b|__+|(?:\.\.\.|…)\s*$|"
            r"(?:^|\s)\(?a[.)] .+\s\(?b[.)] ",
            re.IGNORECASE | re.DOTALL,
        ),
        _front,
        "'{:.30}' asks to recognise or to fill in, not to recall",
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
    """S106 to S109: words that make a question dated, vague, easy or upside down."""
    for phrase in _PHRASES:
        if match := phrase.pattern.search(phrase.part(wording)):
            yield Found(phrase.code, "front", match[0], phrase.message.format(match[0]), phrase.hint)


_PRONOUNS = frozenset("it he she they its his her their him them this that these those such".split())  # noqa: SIM905
_LEADING = STOP_WORDS - {"each", "every", "another"}
_ALMOST_NOUNS = re.compile(r"\bthese days\b|\bof (?:these|those)\b|\bit\b.*\b(?:to|that|if|when)\b", re.IGNORECASE)


_CLAUSE = re.compile(r"(?:when|if|while|after|before|once|as|to)\b", re.IGNORECASE)
_POSSESSIVES = frozenset({"its", "his", "her", "their"})


def loose_pronoun(wording: Wording) -> Iterator[Found]:
    """S105: a front that begins with a word for something said elsewhere: nothing but small words
    stands before it in the first sentence."""
    parts = sentences(wording.plain("front"))
    first = parts[0] if parts else ""
    if "," in first and _CLAUSE.match(first):
        return  # `When its window fills up, an agent ...`
    before = list(takewhile(_leads, words_of(first)))
    rest = words_of(first)[len(before) :]
    if not rest or rest[0] not in _PRONOUNS:
        return
    if before and (rest[0] in _POSSESSIVES or (rest[0] in ("it", "these", "those") and _ALMOST_NOUNS.search(first))):
        return
    quote = re.search(rf"(?<!\w){re.escape(rest[0])}(?!\w)", first, re.IGNORECASE)
    message = f"nothing before '{rest[0]}' says what is meant"
    hint = "name the thing: cards come alone and in any order"
    yield Found("S105", "front", quote[0] if quote else "", message, hint)


def _leads(word: str) -> bool:
    return (word in _LEADING or word.endswith(("n't", "n’t"))) and word not in _PRONOUNS


def bare(wording: Wording) -> Iterator[Found]:
    """S107 of a front that hardly says a thing: one word that carries meaning, or no question."""
    front = wording.plain("front")
    stems = wording.stems("front")
    if len(sentences(front)) > 1 or "__" in front or _LIST.match(front):
        return
    if len(stems) == 1 or ("?" not in front and 1 < len(stems) <= 3):
        message = "so short a front has no one answer"
        yield Found("S107", "front", "", message, "ask for the one thing to be recalled")


_TURNED = re.compile(r"^(?:which|what|who)\b[^,;]*?(\b(?:not|never)\b|n['’]t\b)", re.IGNORECASE)


def turned_round(wording: Wording) -> Iterator[Found]:
    """S109 of a front of one sentence: where a case stands before it, `not` is part of the case."""
    if len(sentences(wording.plain("front"))) == 1 and (match := _TURNED.match(wording.question)):
        message = f"the question asks for what does not hold ('{match[1]}')"
        yield Found("S109", "front", match[1], message, "ask for what does")


def _one_of_each(*rules: Callable[[Wording], Iterator[Found]]) -> Callable[[Wording], Iterator[Found]]:
    """Rules of which several may see the same fault: each code is reported once."""

    def seen_once(wording: Wording) -> Iterator[Found]:
        seen: set[str] = set()
        for rule in rules:
            for found in rule(wording):
                if found.code not in seen:
                    seen.add(found.code)
                    yield found

    return seen_once


OF_A_FRONT = (yes_or_no, two_questions, asks_for_a_list, loose_pronoun, _one_of_each(phrases, bare, turned_round))
