"""What can be wrong with a source: the rules, and a finding of one of them at a place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NewType

Severity = Literal["error", "warning"]

Place = NewType("Place", int)
"""A line and a column, both from 1, in one number: a note keeps a place for each of its keys."""

_COLUMN_BITS = 23  # columns up to 8 million: more than the largest file that is read has


def place(line: int, column: int) -> Place:
    """Pack a line and a column, both from 1."""
    return Place(line << _COLUMN_BITS | column)


FILE_START = place(1, 1)


def line_column(at: Place) -> tuple[int, int]:
    """The line and the column of a place."""
    return at >> _COLUMN_BITS, at & ((1 << _COLUMN_BITS) - 1)


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong. A code is never used again for something else."""

    code: str
    severity: Severity
    title: str
    way_out: str


def _rules(*rows: tuple[str, Severity, str, str]) -> dict[str, Rule]:
    return {row[0]: Rule(*row) for row in rows}


RULES: dict[str, Rule] = _rules(
    ("Y101", "error", "a file cannot be read", "Make it a readable, regular file inside the collection."),
    ("Y102", "error", "a file is too large", "Split it: a deck file may have 4 MiB."),
    ("Y103", "error", "a file is not UTF-8", "Save it as UTF-8."),
    ("Y104", "error", "a character that no card may hold", "Delete it; it is invisible or a control character."),
    ("Y201", "error", "not valid YAML", "Compare the line with its neighbours: indentation, quotes, brackets."),
    ("Y202", "error", "`: ` inside an unquoted text", "Quote the text, or write it below `key: |`."),
    ("Y203", "error", "a text that begins with a quote and goes on after it", "Quote the whole text, or use `key: |`."),
    ("Y204", "error", "a text that begins with a character YAML keeps for itself", "Quote the text, or use `key: |`."),
    ("Y205", "error", "a backslash in double quotes", "Use single quotes, or write the text below `key: |`."),
    ("Y206", "error", "a tab in the indentation", "Indent with spaces."),
    ("Y207", "error", "` #` cuts a text short", "Quote the text; put a comment on a line of its own."),
    ("Y208", "error", "no space after a colon or dash", "Write `key: value` or `- item`."),
    ("Y209", "error", "a quote or bracket that is never closed", "Close it on the same line, or use `key: |`."),
    ("Y301", "error", "an anchor or alias", "Write the text out; quote it if it begins with `&` or `*`."),
    ("Y302", "error", "a merge key", "Write the keys out."),
    ("Y303", "error", "a YAML tag", "Remove it; quote the text if it begins with `!`."),
    ("Y304", "error", "the same key twice", "Keep one of the two."),
    ("Y305", "error", "nested too deep", "A deck file needs five levels; 16 are allowed."),
    ("Y306", "error", "a second document in one file", "Remove the `---` line, or make two files."),
    ("Y307", "error", "a key that is not a text", "Quote the text if it begins with `?`, `[` or `{`."),
    ("D101", "error", "an unknown key in a collection, deck, source or topic", "Use the nearest known key."),
    ("D102", "error", "a required key is missing", "Add it."),
    ("D103", "error", "the wrong shape: a text, a list or a mapping is wanted", "Write the value in the shape named."),
    ("D104", "error", "a value that is not allowed", "Use one of the values named."),
    ("D105", "error", "a text that is too long", "Split the note: a text may have 20,000 characters."),
    ("D106", "error", "a format this version does not know", "Update aipm-cards, or write `format: 1`."),
    ("D201", "error", "a file that is no deck", "Add `deck:` and `notes:`, or let its name begin with `_`."),
    ("D202", "error", "a deck name with an empty part", "Separate parts by one `::`."),
    ("D203", "error", "two deck names that differ only in case", "Write the name one way: Anki would rename one."),
    ("D204", "warning", "a link to a directory is not followed", "Put the files themselves into the collection."),
    ("D301", "error", "a release.lock that cannot be read", "Restore it; end a merge by keeping both sides."),
    ("N101", "error", "a note without an id", "Give it a short name of its own: `id: what-it-teaches`."),
    ("N102", "error", "an id that is no slug", "Use 3 to 64 of a-z, 0-9 and hyphens."),
    ("N103", "error", "an id used twice", "Give one of the two notes another id."),
    ("N104", "error", "an unknown kind", "Use one of the seven kinds."),
    ("N105", "error", "an unknown key on a note", "Use a key of its kind."),
    ("N106", "error", "a required key of the kind is missing", "Add it."),
    ("N107", "error", "a text that shows nothing", "Write the text: Anki makes no card from an empty front."),
    ("N108", "error", "a source that is not in sources.yaml", "Add it there, or correct the key."),
    ("N109", "error", "a topic that is not in curriculum.yaml", "Add it there, or correct the id."),
    ("N110", "error", "a related note that does not exist", "Correct the id."),
    ("N111", "error", "a tag that Anki would change", "Use letters, digits, `-`, `_` and `::`."),
    ("N201", "error", "a cloze that Anki would not read", "Write `{{c1::hidden}}` or `{{c1::hidden::hint}}`."),
    ("N202", "error", "a cloze inside a cloze", "Hide one after the other."),
    ("N203", "error", "a cloze that cuts through markup", "Begin and end it inside the same emphasis, link or cell."),
    ("N204", "error", "a cloze note that hides nothing", "Write what the card hides as `{{c1::words}}`."),
    ("N205", "error", "a cloze with nothing in it", "Put words between `::` and `}}`."),
    ("N206", "warning", "a cloze number left out", "Number from c1 without gaps."),
    ("N207", "warning", "a gap with unpaired braces or backticks", "It ends at the first `}}`: write `} }` before."),
    ("N301", "error", "a `check` that cannot be worked out", "Use numbers, names in `values`, + - * / **, sqrt, log2."),
    ("N302", "error", "`check` and `answer` differ", "Correct one of the two."),
    ("N303", "error", "an answer that is not a number", "Write the bare number; its unit goes to `unit`."),
    ("N401", "error", "a row without exactly three cells", "Write `[dimension, a, b]`; quote a cell with a comma."),
    ("N501", "error", "too few or too many rubric points", "Interview: 4 to 7. Scenario: 3 to 5."),
    ("N502", "error", "too few or too many `must` points", "Mark one to three as `must: text`."),
    ("N503", "error", "`pass` does not fit the rubric", "At least the `must` points, at most all points."),
    ("N601", "error", "a link that is no web address", "Use an https, http or mailto address."),
    ("N602", "error", "markup nested too deep", "Use fewer levels of lists, quotes or emphasis."),
    ("N701", "error", "a released note that is gone", "Put it back with `retired: reason`, or under its old id."),
    ("N702", "error", "an id that was released with another question", "Give the new note an id of its own."),
    ("N703", "error", "a released note of another kind", "Keep the kind, or retire the note and write a new one."),
    ("N704", "error", "a released card that is gone", "Hide something under its number again."),
    ("N705", "error", "a released deck under another name", "Keep its name: the cards of learners never move."),
    ("M101", "error", "an image that is not there", "Correct the path; it starts at the collection's root."),
    ("M102", "error", "an image outside the collection", "Put the file into the collection."),
    ("M103", "error", "a file that is no image", "Use svg, png, jpg, gif, webp or avif."),
    ("M104", "error", "an image without words for those who cannot see it", "Write `![what it says](path)`."),
    ("M105", "error", "an image that is too large", "Make it smaller: 4 MiB at most."),
    ("M106", "error", "an image from the network", "Put the file into the collection."),
    ("M107", "warning", "an image that no card shows", "Show it or delete it."),
    ("S101", "warning", "a long question", "Cut the case to what the answer needs, or split the note."),
    ("S102", "warning", "a question of yes or no, or of two choices", "Ask what, which, how or why."),
    ("S103", "warning", "two questions on one card", "Ask one; make a note of the other."),
    ("S104", "warning", "a list is asked for", "Ask for one thing in a case, or say how many: three at most."),
    ("S105", "warning", "a question that begins with a loose pronoun", "Name the thing: cards come alone."),
    ("S106", "warning", "a question about a floating time", "Name the year or version."),
    ("S107", "warning", "a vague question", "Ask for the one thing to be recalled."),
    ("S108", "warning", "an exam's format, in which recognising is enough", "Ask without choices."),
    ("S109", "warning", "a question for what does not hold", "Ask for what does."),
    ("S201", "warning", "a long answer", "Keep what must be recalled; the rest goes to `why` or to another note."),
    ("S202", "warning", "an answer that is a list of more than three", "Make a cloze or several notes of it."),
    ("S203", "warning", "an answer given away by its question", "Ask so that it has to come from memory."),
    ("S204", "warning", "an answer that depends on nothing named", "Name the condition."),
    ("S205", "warning", "an answer that promises too much", "Say how far it holds."),
    ("S301", "warning", "a long term or definition", "Say it shorter."),
    ("S302", "warning", "a definition that says its term", "Use other words."),
    ("S303", "warning", "gaps too many or too large", "Hide three at most, of five words at most."),
    ("S304", "warning", "a gap that can be guessed", "Hide a word that has to be known, and that stands nowhere else."),
    ("S305", "warning", "a hidden number or date without a hint", "Say what it is: `{{c1::2 August::date}}`."),
    ("S306", "warning", "a large table in a contrast", "Keep the rows that decide, and short cells."),
    ("S307", "warning", "a long rubric point", "Name the one thing that was said or not said."),
    ("S308", "warning", "a rubric point that has to be judged", "Write what was said: names, asks, gives, compares."),
    ("S309", "warning", "an interview note to learn little from", "Add mistakes and follow-ups that really come up."),
    ("S310", "warning", "a scenario that is no dilemma", "Name three people touched and three options."),
    ("S401", "warning", "a note without a source, where sources are kept", "Name the page that says so."),
    ("S402", "warning", "a text that names a year or version, without its own dates", "Add `as_of` and `review_by`."),
    ("S403", "warning", "a note that was to be looked at again", "Check it, correct it, and set its dates."),
    ("S404", "warning", "a `review_by` that is not after `as_of`", "Set the later date."),
    ("S405", "warning", "percent that may be points", "Write `points`, or `relative`."),
    ("S501", "warning", "a short form that is nowhere explained", "Write it out once, or list it as known."),
    ("S502", "warning", "a word of advertising", "Say what is meant."),
    ("S503", "warning", "a remark to oneself", "Finish the text, or take it out."),
    ("S601", "warning", "two notes that ask nearly the same", "Keep the better one."),
    ("S602", "warning", "two terms that are confused, and no contrast note", "Write one."),
    ("S901", "warning", "an exception that is not needed", "Take it out."),
)  # fmt: skip


STYLE = tuple(code for code in RULES if code.startswith("S"))
"""The rules of a good card, which a collection may switch off."""

CALENDAR = frozenset({"S403"})
"""Rules that a card breaks by nothing but the passing of time."""

ALLOWABLE = frozenset(STYLE) - CALENDAR - {"S602", "S901"}
"""Rules that a single note may break, if it says why."""


@dataclass(frozen=True, slots=True)
class Repair:
    """What was meant, where there is no doubt: in the file as text, `count` lines from `line`
    (from 1) on become `lines`. Without line ends."""

    line: int
    lines: tuple[str, ...]
    count: int = 1


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding: which rule, where (characters from 1), one fact, and a way out if there is one.

    `excerpt` is the source line as it stands; it may hold anything, so print it with care.
    `repair` puts it right without asking anybody, if that can be.
    """

    code: str
    path: str
    line: int
    column: int
    message: str
    hint: str = ""
    excerpt: str = ""
    repair: Repair | None = field(default=None, compare=False)

    @property
    def severity(self) -> Severity:
        """`error` (a card lost, wrong or without its identity) or `warning` (a poorer card)."""
        return RULES[self.code].severity

    @property
    def order(self) -> tuple[str, int, int, str]:
        """The order of a report: file, place, code."""
        return self.path, self.line, self.column, self.code


def rules_table() -> str:
    """All rules as the Markdown table of CONTRIBUTING.md."""
    lines = ["| code | severity | what is wrong | what to do |", "|---|---|---|---|"]
    lines += [f"| {rule.code} | {rule.severity} | {rule.title} | {rule.way_out} |" for rule in RULES.values()]
    return "\n".join(lines)
