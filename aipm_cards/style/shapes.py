"""Rules about the parts of the kinds: pairs, gaps, contrasts, rubrics, options."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aipm_cards import text
from aipm_cards.style.wording import (
    STOP_WORDS,
    Found,
    Wording,
    content_stems,
    count_words,
    kin_of,
    may_have_more_words,
    stem,
    words_of,
)

# --- a term and its definition -------------------------------------------------------------


def long_pair(wording: Wording) -> Iterator[Found]:
    """S301: a term or definition too long to be asked for."""
    for key, most in (("term", 5), ("definition", 30)):
        if (count := count_words(wording.plain(key))) > most:
            yield Found("S301", key, "", f"'{key}' has {count} words; {most} are enough", "say it shorter")


def circular(wording: Wording) -> Iterator[Found]:
    """S302: a definition in which the term stands: one of the two cards answers itself."""
    term = wording.stems("term").keys()
    shared = kin_of(term, wording.stems("definition").keys())
    if shared and len(shared) * 2 > len(term):
        words = words_of(wording.plain("definition"))
        said = next(word for word in words if kin_of(content_stems(word), shared))
        yield Found("S302", "definition", said, f"the definition says '{said}', as the term does", "use other words")


# --- gaps ----------------------------------------------------------------------------------

_MOST_GAPS, _MOST_HIDDEN, _LEAST_SHOWN, _HIDDEN_SHARE = 3, 5, 4, 0.4
_NOT_WORDS = re.compile(r"[`\\^$=]")  # code and formulas
_VALUE = re.compile(
    r"\d|\b(?i:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)(?:teen|ty)|"
    r"twenty|hundred|thousand|half)\b|"
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)


def gaps(wording: Wording) -> Iterator[Found]:
    """S303 and S305: gaps too many or too large, or with more than one right filling."""
    hidden = _hidden(wording)
    numbers = {gap.number for gap, _ in hidden}
    if len(numbers) > _MOST_GAPS:
        yield Found("S303", "text", "", f"{len(numbers)} gaps in one note", f"hide {_MOST_GAPS} at most")
    all_words = count_words(wording.plain("text"))
    for number in sorted(numbers):
        mine = [words for gap, words in hidden if gap.number == number]
        longest, together = max(map(count_words, mine)), sum(map(count_words, mine))
        if longest > _MOST_HIDDEN:
            message, hint = f"a gap hides {longest} words", f"hide {_MOST_HIDDEN} at most"
            yield Found("S303", "text", mine[0], message, hint)
        elif all_words - together < _LEAST_SHOWN or together > _HIDDEN_SHARE * all_words:
            message = f"c{number} hides {together} of {all_words} words"
            yield Found("S303", "text", mine[0], message, "leave enough to know what is asked")
    for gap, words in hidden:
        if not gap.hint and not _NOT_WORDS.search(words) and _VALUE.search(words):
            message = f"the hidden number or date '{words.strip()}' has no hint"
            yield Found("S305", "text", words, message, f"{{{{c{gap.number}::{words}::what it is}}}}")


def _hidden(wording: Wording) -> list[tuple[text.Gap, str]]:
    """Each gap with what it hides."""
    value = wording.note.text("text")
    return [(gap, value[gap.hidden_start : gap.hidden_end]) for gap in text.read_gaps(value)[0]]


def guessable(wording: Wording) -> Iterator[Found]:
    """S304: gaps that grammar, the rest of the card or their own hint gives back."""
    hidden = _hidden(wording)
    shown = wording.note.text("text")
    for gap, _ in reversed(hidden):
        shown = f"{shown[: gap.start]} … {shown[gap.end :]}"
    visible = set(words_of(shown)) | set(words_of(wording.plain("context")))
    stems = {stem(word) for word in visible if word not in STOP_WORDS}
    seen: dict[str, int] = {}
    for gap, words in hidden:
        said = [word for word in words_of(words) if word not in STOP_WORDS]
        if not said:
            message = f"a gap hides only '{words.strip()}', which grammar gives back"
            yield Found("S304", "text", words, message, "hide a word that has to be known")
        elif all(word in visible for word in said) or all(kin_of([stem(word)], stems) for word in said):
            message = f"'{words.strip()}' can be read elsewhere on the card"
            yield Found("S304", "text", words, message, "reword the rest")
        elif set(said) <= set(words_of(gap.hint)):
            yield Found(
                "S304", "text", words, f"the hint '{gap.hint}' holds the answer", "say what kind of thing it is"
            )
        known = seen.setdefault(" ".join(words_of(words)), gap.number)
        if known != gap.number:
            message = f"c{known} and c{gap.number} hide the same, and each shows the other's answer"
            yield Found("S304", "text", words, message, "give both the same number")


# --- contrasts -----------------------------------------------------------------------------


def table(wording: Wording) -> Iterator[Found]:
    """S306: a table that is too long to be taken in on a phone."""
    rows = wording.note.rows()
    if len(rows) > 5:
        yield Found("S306", "rows", "", f"the table has {len(rows)} rows; five are enough", "keep those that decide")
    for row in rows:
        for cell in row:
            if may_have_more_words(cell, 12) and (count := count_words(cell)) > 12:
                yield Found("S306", "rows", cell, f"a cell has {count} words; twelve are enough", "say it shorter")


# --- rubrics -------------------------------------------------------------------------------

_MOST_IN_A_POINT = 18


def points(wording: Wording) -> Iterator[Found]:
    """S307: a rubric point too long to be marked at a glance."""
    for point in wording.note.points():
        if may_have_more_words(point.text, _MOST_IN_A_POINT) and (count := count_words(point.text)) > _MOST_IN_A_POINT:
            message = f"a point has {count} words; {_MOST_IN_A_POINT} are enough"
            yield Found("S307", "rubric", point.text, message, "name the one thing that was said or not said")


_JUDGEMENT = re.compile(
    r"\b(?:clearly|deep(?:ly)?|well|good|strong(?:ly)?|great|appropriate(?:ly)?|effective(?:ly)?|insight(?:ful)?|"
    r"thoughtful(?:ly)?|convincing(?:ly)?|adequate(?:ly)?|mature|senior|excellent|clear|structured|creative(?:ly)?|"
    r"strategic(?:ally)?|empathy|confident(?:ly)?|understanding)\b",
    re.IGNORECASE,
)
_SHOWS = re.compile(
    r"(?:shows?|demonstrates?|displays?|exhibits?|has|is|understands?|communicates?|thinks?|the answer is|"
    r"good|clear|strong)\b",
    re.IGNORECASE,
)


def unmarkable(wording: Wording) -> Iterator[Found]:
    """S308: a rubric point that asks the learner to judge, not to mark."""
    for point in wording.note.points():
        if _SHOWS.match(point.text.lstrip()) and (match := _JUDGEMENT.search(point.text)):
            message = f"'{match[0]}' is a judgement, which nobody can mark yes or no alone"
            yield Found("S308", "rubric", point.text, message, "write what was said: names, asks, gives, compares")


def parts_of_an_interview(wording: Wording) -> Iterator[Found]:
    """S309: an interview note from which too little can be learnt."""
    for key, least in (("mistakes", 2), ("follow_ups", 2), ("outline", 4)):
        if (count := len(wording.note.lines(key))) < least:
            hint = (
                f"write {least} or more lines, one for each step"
                if key == "outline"
                else "add those that really come up"
            )
            yield Found("S309", key, "", f"'{key}' has {count}; {least} or more help", hint)


def parts_of_a_scenario(wording: Wording) -> Iterator[Found]:
    """S310: a dilemma without enough people or ways out to be one."""
    if (count := len(wording.note.lines("stakeholders"))) < 3:
        hint = "name who else bears it, someone outside the room too"
        yield Found("S310", "stakeholders", "", f"{count} stakeholders; three or more are touched", hint)
    if (count := len(wording.note.options())) < 3:
        hint = "add what else a decent team might choose"
        yield Found("S310", "options", "", f"{count} options; a dilemma has three or more", hint)
