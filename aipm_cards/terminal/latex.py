"""Reads LaTeX with pylatexenc: into its tree, and what its commands stand for.

pylatexenc is imported when the first formula comes: it takes 30 ms.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from aipm_cards.terminal.symbols import ARGUMENTS, MORE_SYMBOLS

MAX_LENGTH = 4000  # characters; what is longer is shown as typed
MAX_DEPTH = 24  # braces within braces


class CannotRead(Exception):
    """LaTeX that is left as it was typed."""


_OPENERS = re.compile(r"\\.|[{}\[\]]", re.DOTALL)


def nodes_of(tex: str) -> Sequence[Any]:
    """The tree that pylatexenc reads. Raises CannotRead."""
    if len(tex) > MAX_LENGTH or _depth(tex) > MAX_DEPTH:
        raise CannotRead
    from pylatexenc.latexwalker import LatexWalker, LatexWalkerParseError

    walker = LatexWalker(tex, latex_context=_grammar(), tolerant_parsing=False)
    try:
        nodes, _, _ = walker.get_latex_nodes(parsing_state=walker.make_parsing_state(in_math_mode=True))
    except LatexWalkerParseError:
        raise CannotRead from None
    return list(nodes)


def _depth(tex: str) -> int:
    depth = deepest = 0
    for token in _OPENERS.finditer(tex.replace(r"\begin", "{")):
        depth += {"{": 1, "[": 1, r"\(": 1, r"\[": 1, "}": -1, "]": -1}.get(token[0], 0)
        deepest = max(deepest, depth)
    return deepest


@cache
def _grammar() -> Any:
    """Which commands take arguments; all others take none."""
    from pylatexenc.macrospec import (
        EnvironmentSpec,
        LatexContextDb,
        MacroSpec,
        MacroStandardArgsParser,
        SpecialsSpec,
    )

    grammar = LatexContextDb()
    grammar.add_context_category(
        "cards",
        macros=[MacroSpec(name, arguments) for name, arguments in ARGUMENTS.items()],
        environments=[EnvironmentSpec("array", "{")],
        specials=[*[SpecialsSpec(sign, MacroStandardArgsParser("{")) for sign in "^_"], *map(SpecialsSpec, "&~")],
    )
    grammar.set_unknown_macro_spec(MacroSpec(""))
    grammar.set_unknown_environment_spec(EnvironmentSpec(""))
    return grammar


@cache
def symbols() -> dict[str, str]:
    """What stands for a command, by its name: pylatexenc's table, and what it lacks."""
    from pylatexenc.latex2text import get_default_latex_context_db

    table = get_default_latex_context_db()
    found = {spec.macroname: spec.simplify_repl for spec in table.iter_macro_specs(["latex-base", "advanced-symbols"])}
    return {name: text for name, text in found.items() if isinstance(text, str) and text.strip()} | MORE_SYMBOLS
