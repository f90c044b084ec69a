"""LaTeX of a card as a line of text that one can read: `(a + b)/c`, `x² ≤ √n`, `∑ᵢ₌₁ⁿ yᵢ`.

pylatexenc reads the LaTeX and knows its symbols; the line is written here, because its own
text loses parentheses (`TP/TP + FP`), scripts (`e^-z`) and every command that it does not know.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

from aipm_cards.terminal.latex import CannotRead, nodes_of, symbols
from aipm_cards.terminal.pieces import Kind, Piece, held, joined, kind_of_char, kind_of_symbol
from aipm_cards.terminal.symbols import (
    ACCENTS,
    ALPHABETS,
    ARGUMENTS,
    BINOMIALS,
    BLANK,
    BRACKETS,
    FRACTIONS,
    HIGH_ALREADY,
    IN_ASCII,
    LEFT,
    NAMES,
    RIGHT,
    SAME,
    SILENT,
    SIZED,
    SUB,
    SUPER,
    WORDS,
)
from aipm_cards.text.gaps import scan_gaps


def readable(tex: str, unicode: bool = True, gap: Callable[[str], str] | None = None) -> str:
    """LaTeX (without its delimiters) as text. Rows of `aligned` and the like are lines.

    Without `unicode`, nothing is written that is not ASCII, apart from what is so in `tex`.
    With `gap`, each gap of a cloze in `tex` is written as `gap(hint)`. Never raises: what is
    broken, too long or too deep comes back as it was typed, with single blanks.
    """
    hints: list[str] = []
    if gap:
        tex, hints = _gaps_marked(tex)
    try:
        said = _Writer(unicode).line(nodes_of(tex))
    except CannotRead:
        said = ""
    said = said or " ".join(tex.split())
    return _MARKED.sub(lambda match: gap(hints[int(match[1])]), said) if gap else said


# --- gaps ------------------------------------------------------------------------------------

_MARK, _MARK_END = "\ufdd6\ufdd7"  # noncharacters, which no source may hold
_MARKED = re.compile(f"{_MARK}([0-9]+){_MARK_END}")
_MARKS = re.compile(f"[{_MARK}{_MARK_END}]")


def _gaps_marked(tex: str) -> tuple[str, list[str]]:
    """`tex` with a mark in the place of each gap, and the hints of the gaps."""
    tex = _MARKS.sub("\ufffd", tex)
    gaps, _ = scan_gaps(tex)
    pieces, at = [], 0
    for index, found in enumerate(gaps):
        pieces += [tex[at : found.start], f"{{{_MARK}{index}{_MARK_END}}}"]
        at = found.end
    return "".join([*pieces, tex[at:]]), [found.hint for found in gaps]


# --- writing ---------------------------------------------------------------------------------


class _Writer:
    """Writes a tree of pylatexenc as a line."""

    def __init__(self, unicode: bool) -> None:
        self.unicode = unicode

    def line(self, nodes: Iterable[Any]) -> str:
        """Nodes as text."""
        return joined(self.pieces(nodes))

    def pieces(self, nodes: Iterable[Any]) -> list[Piece]:
        """Nodes as pieces of a line."""
        done: list[Piece] = []
        unknown = False  # braces after a command that nobody knows are its arguments
        for node in nodes:
            if node is None:
                continue
            kind = type(node).__name__
            if kind == "LatexGroupNode" and unknown and node.delimiters[0] == "{":
                done.append(Piece("{" + self.line(node.nodelist) + "}", Kind.ATOM))
                continue
            unknown = kind == "LatexMacroNode" and not self._is_known(node.macroname)
            done += _WRITE[kind](self, node)
        return done

    def _is_known(self, name: str) -> bool:
        return name in ARGUMENTS or name in SILENT or name in BLANK or name in symbols() or name in NAMES

    def chars(self, node: Any) -> list[Piece]:
        """Characters as typed."""
        return [self._char(match[0]) for match in _CHARS.finditer(node.chars)]

    def _char(self, text: str) -> Piece:
        if text.isspace():
            return Piece(" ", Kind.SPACE)
        return Piece(text, kind_of_char(text))

    def group(self, node: Any) -> list[Piece]:
        """What stands in braces, which do not show."""
        if node.delimiters[0] == "{":
            return self.pieces(node.nodelist)
        return [
            Piece(node.delimiters[0], Kind.OPEN),
            *self.pieces(node.nodelist),
            Piece(node.delimiters[1], Kind.CLOSE),
        ]

    def as_typed(self, node: Any) -> list[Piece]:
        """What is no formula: comments."""
        return [Piece(" ".join(node.latex_verbatim().split()), Kind.ATOM), Piece(" ", Kind.SPACE)]

    def formula(self, node: Any) -> list[Piece]:
        """A formula inside words."""
        return [Piece(self.line(node.nodelist), Kind.TEXT)]

    def special(self, node: Any) -> list[Piece]:
        """`^`, `_`, `~` and `&`."""
        sign = node.specials_chars
        if sign in "^_":
            (inside,) = _arguments(node, 1)
            return [Piece(self._script(sign, self.line([inside])), Kind.SCRIPT)]
        return [Piece(" ", Kind.SPACE)] if sign == "~" else [Piece("&", Kind.OPERATOR)]

    def _script(self, sign: str, inside: str) -> str:
        if inside in HIGH_ALREADY and sign == "^":
            return inside
        if inside == "∘" and sign == "^":
            return "°"
        inside = re.sub(" ([-+=]) ", r"\1", inside)
        close = inside.replace(" ", "")
        small = close.translate(SUPER if sign == "^" else SUB)
        if self.unicode and close and not re.search(r"[^\W\d_]{3}", close) and not set(small) & set(close):
            return small
        return sign + (inside if re.fullmatch("[A-Za-z]{2,}|[0-9]+|.", inside) else f"({inside})")

    def environment(self, node: Any) -> list[Piece]:
        """Matrices and cases row by row, within their brackets."""
        rows = [[self.line(cell) for cell in row] for row in _rows(node.nodelist)]
        before, between, after = BRACKETS.get(node.environmentname.rstrip("*"), ("", " ", ""))
        lines = [between.join(cell for cell in row if cell) for row in rows]
        if not before and not node.environmentname.startswith("array"):
            return [piece for line in lines for piece in (Piece(line, Kind.TEXT), Piece("\n", Kind.LINE))][:-1]
        return [Piece(before + "; ".join(lines) + after, Kind.ATOM)]

    def command(self, node: Any) -> list[Piece]:
        """A command, with the blank that followed it."""
        name = node.macroname
        if (write := _COMMANDS.get(name)) is not None:
            return write(self, node)
        space = [Piece(" ", Kind.SPACE)] if node.macro_post_space or name in BLANK else []
        if name in SILENT or name in BLANK:
            return space
        if name in NAMES:
            return [Piece(symbols().get(name, name), Kind.NAME)]
        symbol = symbols().get(name)
        if symbol is None:
            return [Piece("\\" + name, Kind.WORD), *space]
        kind = _DELIMITERS.get(name) or kind_of_symbol(symbol)
        if self.unicode or symbol.isascii():
            return [Piece(symbol, kind), *space]
        plain = IN_ASCII.get(symbol, name)
        return [Piece(plain, Kind.WORD if kind == Kind.ATOM and plain[0].isalpha() else kind), *space]

    # Commands with arguments, by their names in _COMMANDS.

    def fraction(self, node: Any) -> list[Piece]:
        """One thing over another."""
        above, below = (self.line([part]) for part in _arguments(node, 2))
        return [Piece(f"{held(above, powers=True)}/{held(below)}", Kind.FRACTION)]

    def binomial(self, node: Any) -> list[Piece]:
        """`n` over `k` in parentheses."""
        above, below = (self.line([part]) for part in _arguments(node, 2))
        return [Piece(f"({above} choose {below})", Kind.ATOM)]

    def root(self, node: Any) -> list[Piece]:
        """A root, with its index unless it is square."""
        index, inside = _arguments(node, 2, optional=1)
        which = self.line([index]) if index is not None else ""
        which = which.removeprefix("[").removesuffix("]")
        said = self.line([inside])
        if not self.unicode:
            return [Piece(f"root({said}, {which})" if which else f"sqrt({said})", Kind.WORD)]
        sign = {"": "√", "3": "∛", "4": "∜"}.get(which) or self._script("^", which) + "√"
        return [Piece(sign + held(said), Kind.ATOM)]

    def words(self, node: Any) -> list[Piece]:
        """Upright words, with their blanks."""
        (inside,) = _arguments(node, 1)
        return [Piece(_upright(self, inside), Kind.TEXT)]

    def operator(self, node: Any) -> list[Piece]:
        """The name of a function."""
        _, inside = _arguments(node, 2, optional=1)
        return [Piece(_upright(self, inside), Kind.NAME)]

    def alphabet(self, node: Any) -> list[Piece]:
        """A letter of another alphabet, where there is one."""
        (inside,) = _arguments(node, 1)
        said = self.line([inside])
        if self.unicode and len(said) == 1 and said.isascii() and said.isupper():
            style = ALPHABETS[node.macroname]
            for prefix in ("", "MATHEMATICAL "):
                try:
                    return [Piece(unicodedata.lookup(f"{prefix}{style}{said}"), Kind.ATOM)]
                except KeyError:
                    continue  # some letters are among the symbols, the others among the alphabets
        return [Piece(said, Kind.ATOM)]

    def accent(self, node: Any) -> list[Piece]:
        """A letter with its accent; more than one letter in parentheses behind its name."""
        (inside,) = _arguments(node, 1)
        said = self.line([inside])
        if self.unicode and len(unicodedata.normalize("NFC", said)) == 1:
            return [Piece(unicodedata.normalize("NFC", said + ACCENTS[node.macroname]), Kind.ATOM)]
        return [Piece(f"{node.macroname}({said})", Kind.WORD)]

    def bracket(self, node: Any) -> list[Piece]:
        """A bracket of any size; a dot is none."""
        (inside,) = _arguments(node, 1)
        said = self.line([inside])
        kind = Kind.OPEN if node.macroname in LEFT else Kind.CLOSE if node.macroname in RIGHT else Kind.ATOM
        return [Piece("" if said == "." else said, kind)]

    def negated(self, node: Any) -> list[Piece]:
        """A sign that is struck out."""
        (inside,) = _arguments(node, 1)
        said = self.line([inside])
        return [Piece(unicodedata.normalize("NFC", said + "\u0338") if self.unicode else f"not {said}", Kind.OPERATOR)]

    def held(self, node: Any) -> list[Piece]:
        """What a brace stands over or under: held together by parentheses."""
        (inside,) = _arguments(node, 1)
        return [Piece(held(self.line([inside])), Kind.ATOM)]

    def last(self, node: Any) -> list[Piece]:
        """The last argument alone: colours and weights say nothing here."""
        return self.pieces(_arguments(node, None)[-1:])

    def stacked(self, node: Any) -> list[Piece]:
        """A sign with another above or below."""
        other, sign = (self.line([part]) for part in _arguments(node, 2))
        return [
            Piece(sign, Kind.NAME),
            Piece(self._script("_" if node.macroname == "underset" else "^", other), Kind.SCRIPT),
        ]

    def modulo(self, node: Any) -> list[Piece]:
        """`(mod n)`."""
        (inside,) = _arguments(node, 1)
        return [Piece(" ", Kind.SPACE), Piece(f"(mod {self.line([inside])})", Kind.ATOM)]

    def tag(self, node: Any) -> list[Piece]:
        """The number of an equation."""
        (inside,) = _arguments(node, 1)
        return [Piece(f" ({self.line([inside])})", Kind.TEXT)]

    def blank(self, node: Any) -> list[Piece]:
        """Room."""
        return [Piece(" ", Kind.SPACE)]

    def new_line(self, node: Any) -> list[Piece]:
        """A new line."""
        return [Piece("\n", Kind.LINE)]


def _arguments(node: Any, count: int | None, optional: int = 0) -> list[Any]:
    """The arguments of a command; the first `optional` of them may be None. Raises CannotRead
    if there are not `count`, as in `x^\\frac12`."""
    found = list(node.nodeargd.argnlist or ()) if node.nodeargd else []
    if (count is not None and len(found) != count) or not found or None in found[optional:]:
        raise CannotRead
    return found


def _upright(writer: _Writer, node: Any) -> str:
    """The words in braces, each blank as typed."""
    if type(node).__name__ != "LatexGroupNode":
        return writer.line([node])
    said = []
    for part in node.nodelist:
        if type(part).__name__ == "LatexCharsNode":
            said.append(re.sub(r"\s+", " ", part.chars))
        elif type(part).__name__ == "LatexGroupNode":
            said.append(_upright(writer, part))
        else:
            said.append(writer.line([part]) + (" " if getattr(part, "macro_post_space", "") else ""))
    return "".join(said)


def _rows(nodes: Iterable[Any]) -> list[list[list[Any]]]:
    """The cells of each row of a matrix; an empty last row is none."""
    rows: list[list[list[Any]]] = [[[]]]
    for node in nodes:
        if type(node).__name__ == "LatexMacroNode" and node.macroname == "\\":
            rows.append([[]])
        elif type(node).__name__ == "LatexSpecialsNode" and node.specials_chars == "&":
            rows[-1].append([])
        else:
            rows[-1][-1].append(node)
    last_is_blank = len(rows[-1]) == 1 and all(not node.latex_verbatim().strip() for node in rows[-1][0])
    return rows[:-1] if last_is_blank and len(rows) > 1 else rows


# Which bars open and which close; of the others nobody can tell.
_DELIMITERS = {
    **dict.fromkeys(("lvert", "lVert"), Kind.OPEN),
    **dict.fromkeys(("rvert", "rVert"), Kind.CLOSE),
    **dict.fromkeys(("vert", "Vert", "|"), Kind.ATOM),
}
_CHARS = re.compile(r"\s+|[0-9]+(?:[.,][0-9]+)*|[^\W\d_]+|.", re.DOTALL)
_WRITE: dict[str, Callable[[_Writer, Any], list[Piece]]] = {
    "LatexCharsNode": _Writer.chars,
    "LatexGroupNode": _Writer.group,
    "LatexCommentNode": _Writer.as_typed,
    "LatexMathNode": _Writer.formula,
    "LatexSpecialsNode": _Writer.special,
    "LatexEnvironmentNode": _Writer.environment,
    "LatexMacroNode": _Writer.command,
}
_COMMANDS: dict[str, Callable[[_Writer, Any], list[Piece]]] = {
    **dict.fromkeys(FRACTIONS, _Writer.fraction),
    **dict.fromkeys(BINOMIALS, _Writer.binomial),
    **dict.fromkeys(WORDS, _Writer.words),
    **dict.fromkeys(ALPHABETS, _Writer.alphabet),
    **dict.fromkeys(ACCENTS, _Writer.accent),
    **dict.fromkeys((*LEFT, *RIGHT, *SIZED), _Writer.bracket),
    **dict.fromkeys((*SAME, "color", "textcolor"), _Writer.last),
    **dict.fromkeys(("underbrace", "overbrace"), _Writer.held),
    **dict.fromkeys(("stackrel", "overset", "underset"), _Writer.stacked),
    **dict.fromkeys(("pmod", "pod"), _Writer.modulo),
    **dict.fromkeys(("phantom", "hphantom", "vphantom", "hspace"), _Writer.blank),
    "sqrt": _Writer.root,
    "operatorname": _Writer.operator,
    "not": _Writer.negated,
    "tag": _Writer.tag,
    "\\": _Writer.new_line,
}
