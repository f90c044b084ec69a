"""What the commands of LaTeX are and say, beyond what pylatexenc knows. Tables only."""

# ruff: noqa: RUF001 - mathematics has signs that look like letters

from __future__ import annotations

import re

FRACTIONS = ("frac", "dfrac", "tfrac", "cfrac")
BINOMIALS = ("binom", "dbinom", "tbinom")
WORDS = ("text", "textrm", "textnormal", "textit", "textbf", "texttt", "textsf", "mbox", "mathrm", "mathit", "mathsf")
ALPHABETS = {"mathbb": "DOUBLE-STRUCK CAPITAL ", "mathcal": "SCRIPT CAPITAL ", "mathscr": "SCRIPT CAPITAL "}
SAME = ("mathbf", "boldsymbol", "bm", "pmb", "mathtt", "mathfrak", "mathnormal", "boxed", "smash")
ACCENTS = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "bar": "\u0304",
    "overline": "\u0304",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "vec": "\u20d7",
    "overrightarrow": "\u20d7",
    "dot": "\u0307",
    "ddot": "\u0308",
    "check": "\u030c",
    "breve": "\u0306",
    "acute": "\u0301",
    "grave": "\u0300",
    "underline": "\u0332",
}
LEFT = ("left", "bigl", "Bigl", "biggl", "Biggl")
RIGHT = ("right", "bigr", "Bigr", "biggr", "Biggr")
SIZED = ("middle", "big", "Big", "bigg", "Bigg", "bigm", "Bigm")
SILENT = frozenset(
    (
        "displaystyle",
        "textstyle",
        "scriptstyle",
        "limits",
        "nolimits",
        "nonumber",
        "notag",
        "mathstrut",
        "!",
        "hline",
        "rm",
        "bf",
    )
)
BLANK = frozenset((" ", ",", ";", ":", ">", "quad", "qquad", "enspace", "thinspace", "space", "hfill", "\n", "~"))
ARGUMENTS = {
    **dict.fromkeys((*FRACTIONS, *BINOMIALS, "color", "textcolor", "stackrel", "overset", "underset"), "{{"),
    **dict.fromkeys((*WORDS, *ALPHABETS, *SAME, *ACCENTS, *LEFT, *RIGHT, *SIZED), "{"),
    **dict.fromkeys(("not", "underbrace", "overbrace", "phantom", "hphantom", "vphantom", "tag", "pmod", "pod"), "{"),
    "sqrt": "[{",
    "operatorname": "*{",
    "hspace": "*{",
    "\\": "[",
}

MORE_SYMBOLS = {
    "%": "%",
    "$": "$",
    "|": "‖",
    "ne": "≠",
    "neg": "¬",
    "lt": "<",
    "gt": ">",
    "iff": "⇔",
    "land": "∧",
    "lor": "∨",
    "triangle": "△",
    "colon": ":",
    "coloneqq": "≔",
    "degree": "°",
    "implies": "⇒",
    "impliedby": "⇐",
    "gets": "←",
    "Re": "Re",
    "Im": "Im",
    "bmod": "mod",
    "mod": "mod",
    "cdotp": "·",
    "mid": "|",
    "prime": "′",
    "perp": "⊥",
    "lbrace": "{",
    "rbrace": "}",
    "lbrack": "[",
    "rbrack": "]",
    "argmax": "arg max",
    "argmin": "arg min",
    "longrightarrow": "→",
    "Longrightarrow": "⇒",
    "leadsto": "⇝",
    "vdots": "⋮",
    "ddots": "⋱",
    "llbracket": "⟦",
}
NAMES = frozenset(
    (
        *("arccos", "arcsin", "arctan", "arg", "argmax", "argmin", "cos", "cosh", "cot", "deg", "det", "dim", "exp"),
        *("gcd", "hom", "inf", "ker", "lg", "lim", "liminf", "limsup", "ln", "log", "max", "min", "Pr", "sec", "sin"),
        *("sinh", "sup", "tan", "tanh", "Re", "Im"),
    )
)
BIG_SIGNS = frozenset("∑∏∐∫∬∭∮⋃⋂⨁⨂")
NOT_SPACED = frozenset("∂∇√∞∀∃∅¬⊤⊥′″∠△°…⋯⋮⋱∎")
OPERATORS = frozenset("+-*=<>·×÷∙⋆∗†‡∘|")
IN_ASCII = {
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≈": "~=",
    "≡": "==",
    "×": "*",
    "·": "*",
    "÷": "/",
    "±": "+/-",
    "→": "->",
    "⇒": "=>",
    "⇔": "<=>",
    "←": "<-",
    "⇐": "<=",
    "∈": "in",
    "∉": "not in",
    "∑": "sum",
    "∏": "prod",
    "∫": "int",
    "∞": "infinity",
    "∪": "union",
    "∩": "intersect",
    "∧": "and",
    "∨": "or",
    "¬": "not ",
    "‖": "||",
    "∥": "||",
    "…": "...",
    "⋯": "...",
    "°": "deg",
    "∼": "~",
    "∝": "proportional to",
    "∅": "{}",
    "′": "'",
    "⟨": "<",
    "⟩": ">",
    "∙": "*",
    "∗": "*",
    "⋆": "*",
    "∘": "o",
    "≪": "<<",
    "≫": ">>",
    "≔": ":=",
    "↦": "|->",
    "∖": "\\",
    "⊤": "T",
    "⊺": "T",
}
SUB = str.maketrans("0123456789+-=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ")
SUPER = str.maketrans(
    "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθφχ⊤⊺",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵡᵀᵀ",
)
HIGH_ALREADY = frozenset("'′″*†°")

# How an environment begins, what stands between its cells, and how it ends.
BRACKETS = {
    "pmatrix": ("(", ", ", ")"),
    "bmatrix": ("[", ", ", "]"),
    "Bmatrix": ("{", ", ", "}"),
    "vmatrix": ("|", ", ", "|"),
    "Vmatrix": ("||", ", ", "||"),
    "matrix": ("[", ", ", "]"),
    "smallmatrix": ("[", ", ", "]"),
    "array": ("", ", ", ""),
    "cases": ("{", ", ", "}"),
    "rcases": ("{", ", ", "}"),
}

SIGNS = frozenset("+-±∓")
# A name, a number or one call (`f(x)`, `√(n)`, `(a + b)`), perhaps with scripts.
ONE = re.compile(r"[^\s()+\-*/·×÷=<>,^]*(?:\([^()]*\))?[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿᵀ]*")
