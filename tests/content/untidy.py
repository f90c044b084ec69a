"""Deck files as badly laid out as YAML allows: every style of scalar, keys in any order, comments
everywhere. They are sound all the same, so that a layout of them can be held against them.

Nothing here asks the code under test how a text is to be written: what is plain is what PyYAML
reads back.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml

from aipm_cards import keys
from aipm_cards.kinds import KINDS, ROUNDS, Key

SOURCES = ("one", "two", "a-page")
TOPICS = ("T001", "T002", "ES-3")
WORDS = """
recall precision fraud queue the of a model answers when nobody looks price 80 %, cost: time
tokens — „quoted“ naïve café 東京の 😀 \\(x^2\\) \\[\\frac{a}{b}\\] `code` *star* **bold** a#b #hash
it's "said" don't c:\\dir http://x.org/?q=1#top [brackets] {braces} 50/50 --flag -x a, b; & | > %
! @home ? what? no yes ~ null 2026-11-20 1e3 0x1F .5 … key: {{c1::hidden}} {{c2::gap::hint}}
""".split()  # noqa: SIM905
WHOLE = (
    """
80|80 %|no|yes|On|null|2026-11-20|12:30|0x1F|1_000|.inf|-5|+1|1e3|3.10|- item|? what|: x|# hash|a # b
a: b|a:|'tis|"quoted"|[list]|{map}|*star|&anchor|!tag|%dir|@home|`code`|> fold|| bar|[And now?, x]
k: what?|a?b|---|...|-|--- x|~|~ tilde|<tag>|,comma|}|]|trailing\\|\\(p \\vee q\\)|100 % # of it|x y
""".strip()
    .replace("\n", "|")
    .split("|")
)


@dataclass
class Untidy:
    """A file, and the comments in it, from the top."""

    text: str = ""
    comments: list[str] = field(default_factory=list)


def deck_file(chance: random.Random, name: str = "file", notes: int = 3, shuffled: bool = True) -> Untidy:
    """A deck file with some notes, whose ids begin with `name`. `shuffled`: keys in any order."""
    return _Typist(chance, shuffled).deck(name, notes)


class _Typist:
    """Types values in one of the many ways that YAML has for them."""

    def __init__(self, chance: random.Random, shuffled: bool) -> None:
        self.chance = chance
        self.shuffled = shuffled
        self.lines: list[str] = []
        self.comments: list[str] = []
        self.depth = 10_000  # at which column a comment would become a part of the text above

    # --- what to type ----------------------------------------------------------------------

    def odds(self, one_in: int) -> bool:
        return self.chance.randrange(one_in) == 0

    def words(self, least: int = 1, most: int = 12) -> str:
        chosen = [self.chance.choice(WORDS) for _ in range(self.chance.randint(least, most))]
        return (" " if not self.odds(20) else "  ").join(chosen)

    def inline(self) -> str:
        if self.odds(4):
            return self.chance.choice(WHOLE)
        text = self.words(1, 40 if self.odds(4) else 8)
        return f" {text} " if self.odds(40) else text

    def block_text(self) -> str:
        if self.odds(3):
            return self.inline()
        lines = [self.words() for _ in range(self.chance.randint(1, 5))]
        for index in range(1, len(lines)):
            lines[index] = self.chance.choice(["", "", "- ", "  ", "# ", "| a | b |", "\t"]) + lines[index]
        if len(lines) > 2 and self.odds(2):
            lines.insert(1, "")
        return ("  " if self.odds(12) else "") + "\n".join(lines)

    def list_of(self, least: int, most: int) -> list[Any]:
        return [self.inline() for _ in range(self.chance.randint(least, most))]

    def value(self, key: Key) -> Any:
        if key.name == "related":
            return ["file-0-note"]
        if key.name == "pass":
            return "3"
        make = getattr(self, f"_{key.form.name.lower()}", None)
        return make(key) if make else self.inline()

    def _block(self, _: Key) -> str:
        return self.block_text()

    def _cloze(self, _: Key) -> str:
        return "A {{c1::gap}} and\n{{c2::one: more # of::a hint}}. " + self.chance.choice(["", "80", "\\(x\\)"])

    def _inline_list(self, _: Key) -> list[str]:
        return self.list_of(1, 5)

    _plain_list = _inline_list

    def _choice(self, key: Key) -> str:
        return self.chance.choice(key.choices or tuple(ROUNDS))

    def _count(self, key: Key) -> str:
        return str(self.chance.randint(1, min(key.at_most, 3)))

    def _number(self, key: Key) -> str:
        return "80" if key.name == "answer" else "0.5"

    def _expression(self, _: Key) -> str:
        return self.chance.choice(["100 * 8 / 10", "70 + 10", "sqrt(6400)"])

    def _values(self, _: Key) -> dict[str, str]:
        return {"TP": "8", "no": "2.50", "F1": ".5"}

    def _rows(self, _: Key) -> list[list[str]]:
        return [self.list_of(3, 3) for _ in range(self.chance.randint(1, 3))]

    def _rubric(self, _: Key) -> list[Any]:
        points: list[Any] = self.list_of(4, 5)
        points[self.chance.randrange(len(points))] = {"must": self.inline()}
        return points

    def _options(self, _: Key) -> list[Any]:
        return [self.record(("name", "gain", "harm")) for _ in range(2)]

    def _laws(self, _: Key) -> list[Any]:
        return [{**self.record(("jurisdiction", "law")), "as_of": "2026-11-20"}]

    def _date(self, _: Key) -> str:
        return "2026-11-20"

    def _names(self, _: Key) -> list[str]:
        return self.chance.sample(TOPICS, self.chance.randint(1, 3))

    def _citations(self, _: Key) -> list[Any]:
        cited: list[Any] = [self.chance.choice(SOURCES) for _ in range(self.chance.randint(1, 3))]
        return [{"ref": key, "at": self.inline()} if self.odds(2) else key for key in cited]

    def _reasons(self, _: Key) -> dict[str, str]:
        return {"S201": self.inline(), "S202": self.inline()}

    def record(self, names: tuple[str, ...]) -> dict[str, Any]:
        return {name: self.inline() for name in names}

    def note(self, name: str, number: int, file_kind: str) -> dict[str, Any]:
        kind = self.chance.choice(list(KINDS))
        note: dict[str, Any] = {}
        for key in keys.note_keys(kind):
            if key.name == "id":
                note["id"] = f"{name}-{number}-note"
            elif key.name == "kind":
                if kind != (file_kind or "basic") or self.odds(2):
                    note["kind"] = kind
            elif key.name == "extra" and self.odds(10):
                note["extra"] = None
            elif key.required or (self.odds(3) and key.name != "retired"):
                note[key.name] = self.value(key)
        if self.odds(12):
            note[self.chance.choice(["exmaple", "no", "on: it", "80", "a?b"])] = self.chance.choice(
                [self.inline(), ["x", {"y": "z: #"}], {"deep": ["er", []]}, {}]
            )
        return note

    # --- how to type it --------------------------------------------------------------------

    def deck(self, name: str, notes: int) -> Untidy:
        kind = self.chance.choice(["", "", "basic", "cloze", "interview"])
        head: dict[str, Any] = {"deck": f"Deck::{self.chance.choice(['One', 'Two: three', 'No'])}"}
        if self.odds(2):
            head["description"] = self.block_text()
        if kind:
            head["kind"] = kind
        for key in (keys.CUE, keys.TIER, keys.TAGS, keys.AS_OF, keys.SOURCES):
            if self.odds(4):
                head[key.name] = self.value(key)
        head["notes"] = [self.note(name, number, kind) for number in range(notes)]
        if self.odds(6):
            self.lines.append("---" + self.behind(4))
        self.mapping(head, 0, "")
        self.remark(0, 4)
        if self.odds(20):
            self.lines.append("..." + self.behind(2))
        return Untidy("\n".join(self.lines) + ("" if self.odds(8) else "\n"), self.comments)

    def comment(self) -> str:
        text = f"#{self.chance.choice(['', ' ', '  ', '#'])}§{len(self.comments)} {self.chance.choice(WORDS)}"
        self.comments.append(text)
        return text

    def remark(self, indent: int, one_in: int = 9) -> None:
        """Blank lines and comments of their own, perhaps."""
        if self.odds(8):
            self.lines += [""] * self.chance.randint(1, 3)
        while self.odds(one_in):
            column = self.chance.choice([0, indent, indent, indent + 2, self.chance.randint(0, indent + 5)])
            self.lines.append(" " * min(column, self.depth - 1) + self.comment())
            if self.odds(4):
                self.lines.append("")

    def behind(self, one_in: int = 9) -> str:
        return f"{' ' * self.chance.randint(1, 3)}{self.comment()}" if self.odds(one_in) else ""

    def mapping(self, values: dict[str, Any], indent: int, lead: str) -> None:
        names = list(values)
        if self.shuffled and self.odds(2):
            self.chance.shuffle(names)
        for number, name in enumerate(names):
            if number or not lead:
                self.remark(indent)
            self.depth = 10_000
            start = lead if number == 0 and lead else " " * indent
            self.typed(values[name], f"{start}{self.key(name)}:", indent, name)

    def key(self, name: str) -> str:
        forms = [form for form in (name, f"'{name}'", f'"{name}"') if _reads(f"{form}: x", {name: "x"})]
        return forms[0] if not self.odds(8) else self.chance.choice(forms)

    def items(self, values: list[Any], indent: int) -> None:
        for value in values:
            self.remark(indent)
            self.depth = 10_000
            dash = " " * indent + "-"
            if isinstance(value, dict) and value and not self.odds(8):
                lead = dash + " " * self.chance.randint(1, 3)
                if self.odds(12):
                    self.lines.append(dash + self.behind(2))
                    self.remark(len(lead), 3)
                    lead = ""
                self.mapping(value, indent + 3 if not lead else len(lead), lead)
            else:
                self.typed(value, dash, indent, "")

    def typed(self, value: Any, start: str, indent: int, name: str) -> None:
        """A value behind `key:` or a dash."""
        if value is None:
            self.lines.append(start + self.chance.choice(["", " ~"]))
        elif isinstance(value, str):
            self.scalar(value, start, indent, name)
        elif not value or self.in_brackets(value, name):
            self.lines.append(f"{start} {self.flow(value, indent + 2)}{self.behind()}")
        elif isinstance(value, list):
            self.lines.append(start + self.behind())
            self.items(value, indent + self.chance.choice([2, 2, 4] + ([0] if name else [])))
        else:
            self.lines.append(start + self.behind())
            self.mapping(value, indent + self.chance.choice([2, 4]), "")

    def in_brackets(self, value: Any, name: str) -> bool:
        if name == "notes" and not self.odds(20):
            return False
        return self.odds(2) and "\n" not in repr(value).replace("\\n", "\n")

    def flow(self, value: Any, indent: int) -> str:
        """A list or mapping in brackets, perhaps on several lines with comments."""
        signs, parts = ("[]", value) if isinstance(value, list) else ("{}", list(value.items()))
        wide = self.odds(4)
        text = signs[0]
        for number, part in enumerate(parts):
            if wide and self.odds(2):
                text += f"{self.behind(2)}\n{' ' * indent}"
                while self.odds(5):
                    text += f"{self.comment()}\n{' ' * indent}"
            if isinstance(part, tuple):
                name, inner = part
                text += f"{self.key_in_brackets(name)}: "
            else:
                inner = part
            text += (
                self.flow(inner, indent)
                if isinstance(inner, (list, dict))
                else self.quoted(inner or "~~", brackets=True)
            )
            if number < len(parts) - 1:
                text += ", " if not wide or self.odds(2) else ","
        if wide and self.odds(2):
            text += f"{',' if parts else ''}{self.behind(2)}\n{' ' * indent}"
        return text + signs[1]

    def key_in_brackets(self, name: str) -> str:
        return self.chance.choice([name, f'"{name}"', f"'{name}'"]) if name.isalpha() else f"'{name}'"

    def quoted(self, text: str, brackets: bool = False) -> str:
        single = "'" + text.replace("'", "''") + "'"
        double = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        plain = _reads(f"[{text}]", [text]) and text != "-" if brackets else _reads(f"- {text}", [text])
        if plain and (self.odds(2) or _typed(text)):
            return text
        return self.chance.choice([single, double])

    def scalar(self, text: str, start: str, indent: int, name: str) -> None:
        gap = " " * self.chance.choice([1, 1, 1, 2])
        if text.strip() and ("\n" in text or self.odds(4)):
            self.block_scalar(text, start + gap, indent)
            return
        if text == "":
            self.lines.append(f"{start}{gap}''{self.behind()}")
            return
        written = self.quoted(text)
        # Behind a text for a card that is not quoted, a comment would cut it.
        free = written[0] in "'\"" or name in ("id", "kind", "tier", "level", "minutes", "pass", "verdict", "round")
        if " " in written and self.odds(6) and (folded := self.folded(written, indent + 2)):
            written = folded
        if self.odds(25) and free:
            self.lines.append(f"{start}{self.behind(2)}")
            written = f"{' ' * (indent + 2)}{written}"
            self.lines.append(written + self.behind())
            return
        self.lines.append(start + gap + written + (self.behind() if free else ""))

    def folded(self, written: str, indent: int) -> str:
        """The text on two lines, if there is a place where that changes nothing."""
        places = [match.start() for match in re.finditer(r"(?<=[a-z]) (?=[a-z])", written)]
        if not places:
            return ""
        at = self.chance.choice(places)
        return f"{written[:at]}\n{' ' * indent}{written[at + 1 :]}"

    def block_scalar(self, text: str, start: str, indent: int) -> None:
        inner = indent + self.chance.choice([2, 2, 4, 1])
        style = self.chance.choice(["|", "|", "|-", "|+"])
        lines = text.split("\n")
        if len(lines) == 1 and text[0] not in " \t" and self.odds(3):
            style = self.chance.choice([">", ">-"])
            folds = [match.start() for match in re.finditer(r"(?<=[a-z]) (?=[a-z])", text)]
            if folds:
                at = self.chance.choice(folds)
                lines = [text[:at], text[at + 1 :]]
        if text[0] in " \t":
            style += str(inner - indent)
        self.lines.append(start + style + self.behind())
        self.lines += [" " * inner + line if line else "" for line in lines]
        self.lines += [""] * (self.chance.randint(1, 2) if self.odds(4) else 0)
        self.depth = inner


def _reads(text: str, wanted: object) -> bool:
    """Whether both parsers of PyYAML take a text for a value. A `#` begins a comment."""
    return _read(text) == wanted


@cache
def _read(text: str) -> object:
    try:
        value = yaml.load(text, yaml.CBaseLoader)
        return value if yaml.load(text, yaml.BaseLoader) == value else None
    except yaml.YAMLError:
        return None


def _typed(text: str) -> bool:
    try:
        return not isinstance(yaml.safe_load(text), str)
    except (yaml.YAMLError, ValueError):
        return False
