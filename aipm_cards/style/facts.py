"""Rules about what a card claims: dates, numbers, short forms, words that say nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from aipm_cards.model import Note
from aipm_cards.style.wording import Found, Wording, without_quotations


class Phrases(NamedTuple):
    """A pattern of phrases, and for each of them a part that it always holds, in lower case. Most
    notes hold none of the parts, and looking for those is cheaper than any pattern."""

    parts: tuple[str, ...]
    pattern: re.Pattern[str]

    def may_stand_in(self, wording: Wording) -> bool:
        """Whether any of the phrases could be in the note: a quick look, never wrong with no."""
        lowered = wording.lowered
        return any(part in lowered for part in self.parts)


def _phrases(rows: dict[str, str]) -> Phrases:
    return Phrases(tuple(rows), re.compile("|".join(rows.values()), re.IGNORECASE))


_YEAR = r"(?<![\w/€$£.,-]){}\d(?![\w/%€-]|[.,]\d)"
DATED = _phrases(
    {
        "201": _YEAR.format("201"),
        "202": _YEAR.format("202"),
        "version ": r"\bversion \d+(?:\.\d+)*\b",
        "release ": r"\brelease \d+(?:\.\d+)*\b",
        "edition ": r"\bedition \d+(?:\.\d+)*\b",
    }
)
_TOLD = frozenset({"outline", "mistakes", "follow_ups"})


def dated(wording: Wording) -> Iterator[Found]:
    """S402: a text that names a year or a version, of which a reader must know when it held."""
    note = wording.note
    if (note.as_of and note.review_by) or not DATED.may_stand_in(wording):
        return
    for key, prose in wording.prose:
        if key in _TOLD:  # a story names the years in which it happened
            continue
        if match := DATED.pattern.search(prose):
            missing = " and ".join(f"`{name}:`" for name in ("as_of", "review_by") if not getattr(note, name))
            message = f"'{match[0]}' dates the card, and it does not say as of when"
            yield Found("S402", key, match[0], message, f"add {missing} with a date")
            return


def dates(note: Note, today: str) -> Iterator[Found]:
    """S403 and S404: a date that has passed, and dates that contradict each other."""
    if today and note.review_by and note.review_by < today:
        message = f"the note was to be looked at again by {note.review_by}"
        yield Found(
            "S403", "review_by", note.review_by, message, "check it, correct it, and set `as_of` and `review_by`"
        )
    if note.as_of and note.review_by and note.review_by <= note.as_of:
        yield Found("S404", "review_by", note.review_by, "'review_by' is not after 'as_of'", "set the later date")


_CHANGE = re.compile(
    r"\b(?:rose|risen|rises?|rising|increase[sd]?|grew|grows?|fell|falls?|fallen|drop(?:s|ped)?|decrease[sd]?|declined?|"
    r"improve[sd]?|climb(?:s|ed)|shr[aiu]nks?|went (?:up|down)|cut|more|less|fewer|higher|lower)\b"
    r"[^.;%]{0,30}?\bby (\d+(?:[.,]\d+)?) ?(?:%|per ?cent)",
    re.IGNORECASE,
)
_RATE = re.compile(r"\b(?:rates?|shares?|accuracy|precision|recall|percentage|retention|conversion)\b", re.IGNORECASE)
_BASE = re.compile(
    r"\brelative|\bpoints?\b|\bpercentage point|\bof (?:its|their|the) (?:old|former|previous)", re.IGNORECASE
)


def percent_or_points(wording: Wording) -> Iterator[Found]:
    """S405: a change of a rate by so many percent: of the rate, or points?"""
    everything = wording.everything
    if ("%" not in everything and "cent" not in everything) or not _CHANGE.search(everything):
        return
    for key, prose in wording.prose:
        for match in _CHANGE.finditer(prose):
            subject = re.split(r"[.;:,]|\band\b", prose[: match.start()])[-1]
            if _RATE.search(subject) and not _BASE.search(prose[match.start() : match.end() + 60]):
                message = f"'by {match[1]}%' may mean points or a share of the old value"
                yield Found("S405", key, match[0], message, "write `points`, or `relative`")


# --- words ---------------------------------------------------------------------------------

_SHORT_FORM = re.compile(
    r"(?<![\w@#/.-])(?:[A-Z]{2,6}s?|[A-Z](?:&[A-Z])|[A-Z]{1,4}\d{1,2}|[a-z]{1,2}[A-Z]{2,5})(?![\w@/]|-?\d|\.\w)"
)
# Numerals, words in capitals, and what no reader needs explained.
_NO_SHORT_FORM = re.compile(
    r"[IVX]+|NOT|AND|OR|NO|YES|TODO|TBD|FIXME|XXX|BC|AD|BCE|CE|UN|UK|USA|TV|PC|DNA|NASA|UNESCO|IBM|USB|SIM"
)
_INITIALS = re.compile(r"[A-Za-z][\w'’]*")


def short_forms(wording: Wording, known: frozenset[str]) -> Iterator[Found]:
    """S501: a short form that the card does not explain and its collection does not list as known."""
    note = wording.note
    texts = [("cue", note.cue), *wording.prose]
    names = note.content.get("values")
    given = set(names) if isinstance(names, dict) else set()
    reported: set[str] = set()
    explained: str | None = None
    for key, prose in texts:
        for match in _SHORT_FORM.finditer(prose):
            form = match[0]
            single = form[:-1] if form.endswith("s") and len(form) > 2 else form
            if (
                single in known
                or form in known
                or single.rstrip("0123456789") in known
                or single in given
                or single in reported
                or _NO_SHORT_FORM.fullmatch(single)
            ):
                continue
            if explained is None:
                explained = _initials(" ".join(text for _, text in texts))
            if not _is_explained(single, explained, texts):
                reported.add(single)
                message = f"'{single}' is nowhere spelled out on the card"
                hint = "write it out once, or add it to `short_forms` in collection.yaml if all learners know it"
                yield Found("S501", key, form, message, hint)


def _initials(prose: str) -> str:
    """The first letters of all words, apart from short forms."""
    return "".join(word[0] for word in _INITIALS.findall(prose) if len(word) < 2 or not word.isupper()).lower()


_SMALL = re.compile(r"\b(?:of|the|and|for|to|in|on|a|an|by|as|per|with)\b", re.IGNORECASE)


def _is_explained(form: str, initials: str, texts: list[tuple[str, str]]) -> bool:
    """Whether the card spells it out (words that begin with its letters, with or without small
    words), says what it is (`law (FORM)`, `FORM, the law`) or cites by it (`45 CFR 160`)."""
    letters = re.sub(r"[^a-z]", "", form.lower())
    if letters in initials:
        return True
    glossed = re.compile(rf"\w[\"”*]? \({form}[,)]|\b{form}(?:,| is| are|,? stands for) (?:the|an?) |\d\]? {form} \d")
    if any(glossed.search(text) for _, text in texts):
        return True
    without = _initials(_SMALL.sub(" ", " ".join(text.replace("-", " ") for _, text in texts)))
    return letters in without


EMPTY = _phrases(
    {
        "leverag": r"\bleverag(?:e[sd]?|ing)\b",
        "unlock": r"\bunlock(?:s|ed|ing)? (?:the )?(?:value|potential|power|growth|insights?|new)\b",
        "game-chang": r"\bgame-chang(?:er|ing)\b",
        "game chang": r"\bgame chang(?:er|ing)\b",
        "seamless": r"\bseamless(?:ly)?\b",
        "cutting-edge": r"\bcutting-edge\b",
        "cutting edge": r"\bcutting edge\b",
        "s world": r"\bin today['’]s world\b",
        "paced": r"\bfast[- ]paced\b",
        "delv": r"\bdelv(?:e[sd]?|ing)\b",
        "empower": r"\bempower(?:s|ed|ing)?\b",
        "revolutioni": r"\brevolutioni[sz](?:e[sd]?|ing)\b",
        "synerg": r"\bsynerg(?:y|ies)\b",
        "-class": r"\b(?:best-in|world)-class\b",
        "world class": r"\bworld class\b",
        "next-gen": r"\bnext-gen(?:eration)?\b",
        "next gen": r"\bnext gen(?:eration)?\b",
        "paradigm shift": r"\bparadigm shift\b",
        "supercharge": r"\bsupercharge[sd]?\b",
        "holistic": r"\bholistic(?:ally)?\b",
        "crucial": r"\bcrucial(?:ly)?\b",
        "robust solution": r"\brobust solution\b",
        "groundbreaking": r"\bgroundbreaking\b",
        "unleash": r"\bunleash(?:es|ed|ing)?\b",
        "next-level": r"\bnext-level\b",
        "next level": r"\bnext level\b",
        "effortless": r"\beffortless(?:ly)?\b",
    }
)


def empty_words(wording: Wording) -> Iterator[Found]:
    """S502: a word of advertising."""
    if not EMPTY.may_stand_in(wording):
        return
    for key, prose in wording.prose:
        for match in EMPTY.pattern.finditer(without_quotations(prose)):
            yield Found("S502", key, match[0], f"'{match[0]}' says nothing that can be known", "say what is meant")


LEFT = _phrases(
    {
        "todo": r"\b(?-i:TODO)\b",
        "tbd": r"\btbd\b",
        "fixme": r"\bfixme\b",
        "xxx": r"\bxxx\b",
        "???": r"\?\?\?",
        "lorem ipsum": r"\blorem ipsum\b",
        "citation needed": r"\bcitation needed\b",
        "note to self": r"\bnote to self\b",
        "not sure)": r"\bnot sure\)",
        "source?": r"\bsource\?",
        "[add ": r"\[add \w+\]",
    }
)


def leftovers(wording: Wording) -> Iterator[Found]:
    """S503: a remark to oneself that was left in a card."""
    if not LEFT.may_stand_in(wording):
        return
    for key, prose in wording.prose:
        if match := LEFT.pattern.search(prose):
            yield Found("S503", key, match[0], f"'{match[0]}' was left in the text", "finish it, or take it out")
