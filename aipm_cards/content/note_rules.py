"""What a note must be beyond its shape: gaps, arithmetic, rubric, images and links.

Each check yields what is wrong as (rule, key, place, fact, hint); `check_note` reports it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from aipm_cards import arithmetic, text
from aipm_cards.characters import describe
from aipm_cards.content.files import Findings
from aipm_cards.content.reader import Mapping, Node, Scalar, Sequence, place_inside
from aipm_cards.content.registry import Registry
from aipm_cards.content.repair import quoted
from aipm_cards.content.values import shown
from aipm_cards.kinds import EXTRA, KINDS, TEXT_FORMS, Form, Key
from aipm_cards.model import Media, Note

_NEARLY_A_GAP = re.compile(r"\{+ ?c?[0-9]+ ?:|\{\{|\[\[|\[c[0-9]")
_WORD = re.compile(r"[^\W_]")
_TEXT_KEYS = {
    name: tuple(key for key in kind.keys if key.form in TEXT_FORMS or key.form in (Form.INLINE_LIST, Form.PLAIN_LIST))
    for name, kind in KINDS.items()
}


def check_note(note: Note, node: Mapping, findings: Findings, registry: Registry) -> Note | None:
    """The note with the images it shows, or None after reporting what is wrong."""
    before = len(findings.found)
    images: list[str] = []
    for key in _TEXT_KEYS[note.kind]:
        value = note.content.get(key.name)
        if isinstance(value, str):
            _check_text(value, key, node.entries[key.name][1], findings, registry, images)
        elif value:
            _check_list(note, key, node.entries[key.name][1], findings, registry, images)
    if note.extra:
        _check_text(note.extra, EXTRA, node.entries["extra"][1], findings, registry, images)
    if note.kind == "cloze":
        _check_cloze(note, node, findings)
    elif note.kind == "calculation":
        _check_calculation(note, node, findings)
    elif "pass" in note.content:
        _check_rubric(note, node, findings)
    if any(found.severity == "error" for found in findings.found[before:]):
        return None
    return replace(note, images=tuple(dict.fromkeys(images))) if images else note


def _needs_a_look(value: str) -> bool:
    """Whether a text could hold an image, a link, HTML, an entity or markup nested too deep:
    most hold none, and reading their Markdown would cost more than all other checks."""
    if "[" in value or "<" in value or "&" in value:
        return True
    if len(value) <= 2 * text.MAX_DEPTH:
        return False
    inline = value.count("*") + value.count("_")
    blocks = value.count(">") + value.count("- ") + value.count("+ ") + value.count(". ") + value.count(") ")
    return inline + blocks >= text.MAX_DEPTH


def _check_list(note: Note, key: Key, node: Node, findings: Findings, registry: Registry, images: list[str]) -> None:
    items = node.items if isinstance(node, Sequence) else [node]
    for value, item in zip(note.lines(key.name), items, strict=False):
        _check_text(value, key, item, findings, registry, images)


def _check_text(value: str, key: Key, node: Node, findings: Findings, registry: Registry, images: list[str]) -> None:
    """Look into a text that could hold an image, a link, an entity, deep nesting or nothing."""
    plain = key.form in (Form.PLAIN, Form.PLAIN_LIST)
    if not _needs_a_look(value):
        if _WORD.search(value) or not key.required:
            return
    elif text.is_too_deep(value) and not plain:
        findings.add("N602", node.place, f"'{key.name}' nests markup deeper than {text.MAX_DEPTH} levels")
        return
    assert isinstance(node, Scalar)
    if not plain and (bad := text.forbidden_entity(value)):
        offset, character = bad
        message = f"an entity stands for {describe(character)}"
        findings.add("Y104", place_inside(node, offset, findings.lines), message, "delete it")
        return
    tree = text.parse_plain(value) if plain else _parse(value, key)
    images += _check_nodes(tree, value, node, findings, registry)
    shows = any(isinstance(found, (text.Image, text.Cloze)) for found in text.walk(tree))
    if key.required and not shows and not text.words(tree):
        findings.add("N107", node.place, f"'{key.name}' shows nothing", "write the text")


def _parse(value: str, key: Key) -> text.Document | tuple[text.Inline, ...]:
    return text.parse_inline(value) if key.form in (Form.INLINE, Form.INLINE_LIST) else text.parse(value)


def _check_nodes(
    tree: text.Document | tuple[text.Inline, ...], value: str, node: Scalar, findings: Findings, registry: Registry
) -> Iterator[str]:
    """Report unfit images and links; yield the paths of the images."""
    behind: dict[str, int] = {}  # where to look for an address that stood in the text already
    for found in text.walk(tree):
        if isinstance(found, text.Link) and not text.is_web_address(found.url):
            offset = max(value.find(found.url, behind.get(found.url, 0)), 0)
            behind[found.url] = offset + 1
            at = place_inside(node, offset, findings.lines)
            message = f"a link leads to '{shown(found.url)}'"
            findings.add("N601", at, message, "use an https address, or quote code in backticks")
        elif isinstance(found, text.Image):
            at = place_inside(node, max(value.find(found.path), 0), findings.lines)
            image = registry.images.find(found.path)
            if not isinstance(image, Media):
                code, message, hint = image
                findings.add(code, at, message, hint)
            elif not found.alt.strip():
                findings.add("M104", at, "an image has no words", f"write ![what it says]({found.path})")
            else:
                yield found.path


def _check_cloze(note: Note, node: Mapping, findings: Findings) -> None:
    value, value_node = note.text("text"), node.entries["text"][1]
    assert isinstance(value_node, Scalar)
    gaps, faults = text.read_gaps(value)
    for fault in faults:
        at = place_inside(value_node, fault.offset, findings.lines)
        findings.add(fault.code, at, fault.message, "write {{c1::hidden}} or {{c1::hidden::hint}}")
    if faults:
        return
    if not gaps:
        message = f"cloze note '{note.id}' hides nothing"
        meant = _NEARLY_A_GAP.search(value)
        at = place_inside(value_node, meant.start(), findings.lines) if meant else value_node.place
        findings.add("N204", at, message, "write what the card hides as {{c1::words}}")
        return
    numbers = sorted({gap.number for gap in gaps})
    if numbers[-1] > len(numbers):
        absent = next(n for n in range(1, numbers[-1]) if n not in numbers)
        message = f"there is c{numbers[-1]} and no c{absent}"
        findings.add("N206", value_node.place, message, "number from c1 without gaps")
    for gap in gaps:
        if text.is_lopsided(gap, value):
            at = place_inside(value_node, gap.start, findings.lines)
            message = "a gap ends at the first }}, which leaves its braces or backticks unpaired"
            findings.add("N207", at, message, "write } } in formulas and code")
    if not text.is_one_paragraph(value):
        _check_hidden(value, value_node, numbers, findings)


def _check_hidden(value: str, node: Scalar, numbers: Iterable[int], findings: Findings) -> None:
    """Each gap must lie within markup, and hide something that the card shows."""
    try:
        tree = text.parse_cloze(value)
    except text.ClozeCutsMarkup:
        hint = "begin and end it inside the same emphasis, link, line of a list or cell"
        findings.add("N203", node.place, "a cloze cuts through markup", hint)
        return
    hidden = {found.number for found in text.walk(tree) if isinstance(found, text.Cloze)}
    for formula in (found for found in text.walk(tree) if isinstance(found, text.Math) and found.gaps):
        hidden.update(text.cloze_numbers(formula.tex))
    for number in numbers:
        if number not in hidden:
            at = place_inside(node, value.find(f"{{{{c{number}::"), findings.lines)
            findings.add("N203", at, f"c{number} stands where the card shows no words", "put it into the text itself")


def _check_calculation(note: Note, node: Mapping, findings: Findings) -> None:
    written = note.text("answer")
    answer = arithmetic.number(written) or Fraction(0)
    values = note.content.get("values", {})
    assert not isinstance(values, (str, int, tuple, Fraction))
    check_node = node.entries["check"][1]
    assert isinstance(check_node, Scalar)
    try:
        result = arithmetic.evaluate(note.text("check"), values)
    except arithmetic.ArithmeticProblem as problem:
        at = place_inside(check_node, problem.offset, findings.lines)
        hint = findings.nearest(str(problem).split("'")[1], values) if "is not in" in str(problem) else ""
        findings.add(
            "N301", at, f"'check' cannot be worked out: {problem}", hint or "use numbers, + - * / **, sqrt, log2"
        )
        return
    allowed = arithmetic.half_of_last_digit(written)
    if "tolerance" in note.content:
        allowed = abs(arithmetic.number(note.text("tolerance")) or Fraction(0))
    if abs(result - answer) > allowed:
        at = node.entries["answer"][1].place
        hint = "correct one of them"
        if answer in (100 * result, result / 100):
            factor = "100 *" if answer == 100 * result else "0.01 *"
            hint = f"for the answer as it is, begin `check` with `{factor}`; else write `answer: {_decimal(result)}`"
        findings.add("N302", at, f"'check' gives {_decimal(result)}, 'answer' says {shown(written)}", hint)


def _decimal(value: Fraction) -> str:
    if value.denominator == 1 and abs(value) < 10**15:
        return str(value.numerator)
    try:
        return f"{float(value):.6g}"
    except OverflowError:
        return "a very large number"


def _marked(point: str) -> str:
    """A point as it stands behind `must:`, in quotes where it needs some."""
    point = re.sub(r"^must:\s*", "", point)
    point = shown(point)
    return quoted(point) if ": " in point or " #" in point else point


def _check_rubric(note: Note, node: Mapping, findings: Findings) -> None:
    must = sum(point.must for point in note.points())
    points = len(note.points())
    if not 1 <= must <= 3:
        at = node.entries["rubric"][1].place
        findings.add(
            "N502",
            at,
            f"the rubric has {must} `must` points",
            f"mark one to three points, as in `- must: {_marked(note.points()[0].text)}`",
        )
    elif not must <= note.number("pass") <= points:
        at = node.entries["pass"][1].place
        message = f"'pass' is {note.number('pass')}, the rubric has {points} points, {must} of them `must`"
        findings.add("N503", at, message, f"write {must} to {points}")
