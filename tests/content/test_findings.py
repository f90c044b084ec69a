"""Slips that once gave no message, a misleading one, several, or one at the wrong place."""

from __future__ import annotations

from pathlib import Path

import pytest

from aipm_cards.content.load import load
from aipm_cards.diagnostics import Diagnostic
from tests.content.reading import HEADER, basic, deck, found

CALCULATION = (
    "  - id: precision-of-a-fraud-queue\n    kind: calculation\n    given: A model flags 100 payments.\n"
    '    ask: Precision\n    answer: 80\n    check: "80"\n    steps:\n      - {}\n'
)
CONTRAST = (
    "  - id: recall-or-precision\n    kind: contrast\n    a: Recall\n    b: Precision\n    split: Of which whole?\n"
    "    case: A miss.\n    verdict: a\n    reason: It counts misses.\n    rows:\n      - {}\n"
)
CLOZE = "  - id: roc-curve\n    kind: cloze\n    text: {}\n"


def only(text: str) -> Diagnostic:
    """The one finding in a deck file."""
    (problem,) = deck(text).findings.found
    return problem


def corrected(text: str) -> str:
    """The text with the line of its one hint put in the place of the line complained about."""
    problem = only(text)
    hint = problem.hint.removeprefix("a comment goes on a line of its own; as text, ")
    assert hint.startswith("write: ")
    lines = text.split("\n")
    line = lines[problem.line - 1]
    hint = hint.removeprefix("write: ")
    lines[problem.line - 1] = line[: len(line) - len(line.lstrip())] + hint
    return "\n".join(lines)


def loaded(root: Path, **files: str) -> list[tuple[str, str, int]]:
    """Rule, file and line of each finding in a collection of these files (a name for a name.yaml)."""
    for name, text in {"collection": "format: 1\nname: AI PM\nnamespace: aipm-cards\n", **files}.items():
        (root / f"{name}.yaml").write_text(text, encoding="utf-8")
    return [(problem.code, problem.path, problem.line) for problem in load(root)[1]]


# --- silence --------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["deck:Concepts\n", "deck Concepts\n", "Concepts\n", "- deck\n"])
def test_a_header_that_is_no_mapping_is_reported(header: str) -> None:
    """The whole file is lost: a scalar header before `notes:` is read in pieces and dropped."""
    assert len(found(f"{header}notes:\n{basic()}")) == 1


def test_a_deck_key_without_a_space_is_named() -> None:
    assert found(f"deck:Concepts\nnotes:\n{basic()}") == [("Y208", 1, 5)]


def test_an_empty_title_of_a_source_is_missing(tmp_path: Path) -> None:
    assert loaded(tmp_path, sources="mlcc:\n  title:\n") == [("D102", "sources.yaml", 1)]


@pytest.mark.parametrize("escape", [r"\times", r"\neq", r"\to", r"\nu", r"\text{a}", r"\not", r"\nabla"])
def test_a_latex_command_is_not_read_as_an_escape(escape: str) -> None:
    """`"3 \\times 4"` becomes a tab and `imes` without a word."""
    assert found(f'{HEADER}notes:\n  - id: one-note\n    front: "What is 3 {escape} 4?"\n    back: x\n') != []


def test_a_comment_that_cuts_a_description_is_reported() -> None:
    assert found(f"{HEADER}description: Our #1 metric.\nnotes:\n{basic()}") == [("Y207", 2, 18)]


# --- the wrong rule or a misleading message -------------------------------------------------


@pytest.mark.parametrize("command", [r"\alpha", r"\frac{1}{2}", r"\beta", r"\rho", r"\vec{x}", r"\eta", r"\binom"])
def test_a_backslash_in_double_quotes_is_called_that(command: str) -> None:
    """Not `an escape stands for U+0007`: nobody means a bell."""
    text = f'{HEADER}notes:\n  - id: one-note\n    front: "What is {command}?"\n    back: x\n'
    assert found(text) == [("Y205", 4, 21)]
    assert found(corrected(text)) == []


@pytest.mark.parametrize("key", ["why", "example", "extra"])
def test_an_optional_text_that_is_all_comment(key: str) -> None:
    """It is lost without a word."""
    assert found(f"{HEADER}notes:\n{basic(f'{key}: #1 of the metrics.')}") == [("Y207", 6, 7 + len(key))]


def test_a_text_that_is_all_comment() -> None:
    text = f"{HEADER}notes:\n  - id: one-note\n    front: #1 of the metrics is what?\n    back: x\n"
    assert found(text) == [("Y207", 4, 12)]


@pytest.mark.parametrize("text", ["!important means what?", "! means what?", "&c. means what?", "*recall"])
def test_the_hint_for_a_tag_an_anchor_or_an_alias_is_the_line_put_right(text: str) -> None:
    typed = f"{HEADER}notes:\n  - id: one-note\n    front: {text}\n    back: x\n"
    assert found(corrected(typed)) == []
    assert deck(corrected(typed)).notes[0].text("front") == text


@pytest.mark.parametrize("front", ["\tfront: a\n    back: b", "    front: a\n\tback: b"])
def test_a_tab_for_the_indentation_of_a_key(front: str) -> None:
    (code, _, column), *others = found(f"{HEADER}notes:\n  - id: one-note\n{front}\n")
    assert (code, column) == ("Y206", 1)
    assert others == []


@pytest.mark.parametrize("missing", ["deck:\n", "deck: ~\n"])
def test_an_empty_deck_is_missing(missing: str) -> None:
    (code, *_), *others = found(f"{missing}notes:\n{basic()}")
    assert code == "D102"
    assert others == []


def test_a_quote_in_a_deck_name_is_no_empty_part() -> None:
    assert "empty part" not in only(f"deck: 'A \"B\"'\nnotes:\n{basic()}").message


@pytest.mark.parametrize("key", ["format", "name", "namespace"])
def test_an_empty_key_of_a_collection_is_missing(key: str, tmp_path: Path) -> None:
    entries = {"format": "1", "name": "AI PM", "namespace": "aipm-cards", key: ""}
    text = "".join(f"{name}: {value}\n" for name, value in entries.items())
    (code, path, _), *others = loaded(tmp_path, collection=text)
    assert (code, path) == ("D102", "collection.yaml")
    assert others == []


def test_an_empty_key_of_a_source_or_a_topic_is_missing_and_not_wrong(tmp_path: Path) -> None:
    sources = "mlcc:\n  title: Crash Course\n  opened:\n  evidence:\n  url: ~\n"
    assert loaded(tmp_path, sources=sources, curriculum="T082:\n  title: Recall\n  tier:\n  planned:\n") == []


def test_a_list_that_is_not_closed_is_no_text() -> None:
    problem = only(f"{HEADER}notes:\n{basic('tags: [evaluation, metrics')}")
    assert (problem.code, problem.line, problem.column) == ("Y209", 6, 11)
    assert "'[" not in problem.hint


@pytest.mark.parametrize(
    "row", ["[whole, all: real, all flagged]", "[whole, all #1 real, all flagged]", '[whole, "all" real, all flagged]',
            "[whole, % of real, all flagged]", "[whole, *all* real, all flagged]", "[whole, `all`, all flagged]"],
)  # fmt: skip
def test_the_hint_for_a_cell_is_a_row(row: str) -> None:
    """The row as a quoted text is refused in its turn: `'rows' is a text`."""
    text = f"{HEADER}notes:\n{CONTRAST.format(row)}"
    assert found(corrected(text)) == []
    assert len(deck(corrected(text)).notes[0].rows()) == 1


def test_a_flat_row_is_said_once() -> None:
    text = CONTRAST.replace("\n      - {}", " [whole, all real, all flagged]")
    assert [code for code, *_ in found(f"{HEADER}notes:\n{text}")] == ["D103"]


@pytest.mark.parametrize(
    "step",
    [
        "see issue #3 for the count",
        "[flagged, 100]",
        "[1] is the count",
        "{TP} is the count",
        "{TP}",
        "- 3 is the count",
        "flagged: the sum: 100",
    ],
)
def test_the_hint_for_an_item_of_a_list_is_an_item(step: str) -> None:
    """Not `write: steps: '…'`, which is no item."""
    text = f"{HEADER}notes:\n{CALCULATION.format(step)}"
    assert found(corrected(text)) == []
    assert deck(corrected(text)).notes[0].lines("steps") == (step,)


def test_the_hint_for_the_first_key_of_a_note_keeps_its_dash() -> None:
    text = f"{HEADER}notes:\n  - front: Who filed issue #3?\n    id: one-note\n    back: x\n"
    assert found(corrected(text)) == []


@pytest.mark.parametrize(
    "lines", [("tags:", "  - metrics # main"), ("topics: T082 # recall",), ("topics:", "  - T082 # recall"),
              ("related: a-b # see",), ("tags: metrics # main",)],
)  # fmt: skip
def test_a_comment_behind_a_name_is_a_comment(lines: tuple[str, ...]) -> None:
    """As it is behind `id`, `tier` and `sources`; the hint would make a tag that is refused."""
    assert found(f"{HEADER}notes:\n{basic(*lines)}") == []


def test_a_dash_without_a_space() -> None:
    text = f"{HEADER}notes:\n{basic()}  -id: two-note\n    front: a\n    back: b\n"
    assert only(text).line == 6
    assert [note.id for note in deck(corrected(text)).notes] == ["recall-of-a-fraud-queue", "two-note"]


def test_a_note_at_another_column_is_told_in_words_of_ours() -> None:
    assert "document" not in only(f"{HEADER}notes:\n{basic()} - id: two-note\n   front: a\n   back: b\n").message


# --- one slip, one message -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "code"),
    [(("extra: &a x",), "Y301"), (("extra: !a x",), "Y303"), (("back: again",), "Y304"), (("? [a]", ": x"), "Y307"),
     (("<<: {tier: 1}",), "Y302"), (('extra: "\\x1b"',), "Y104")],
)  # fmt: skip
def test_what_was_found_before_a_syntax_error_is_not_said_again(lines: tuple[str, ...], code: str) -> None:
    text = HEADER + "notes:\n" + basic(*lines) + basic("why: a: b", note_id="two-note")
    assert [problem for problem, *_ in found(text)] == [code, "Y202"]


def test_a_text_that_begins_with_a_cloze() -> None:
    """The most likely slip of a cloze note."""
    text = f"{HEADER}notes:\n{CLOZE.format('{{c1::Recall}} is the share of real cases.')}"
    assert found(text) == [("Y204", 5, 11)]
    assert found(corrected(text)) == []


def test_a_cloze_alone() -> None:
    text = f"{HEADER}notes:\n{CLOZE.format('{{c1::Recall}}')}"
    assert found(text) == [("Y204", 5, 11)]
    assert found(corrected(text)) == []


@pytest.mark.parametrize("kind", ["clozes", "[cloze]", "&a cloze"])
def test_an_unknown_kind_says_nothing_about_keys(kind: str) -> None:
    text = f"{HEADER}notes:\n  - id: roc-curve\n    kind: {kind}\n    text: The {{{{c1::ROC}}}} curve.\n"
    assert [line for _, line, _ in found(text)] == [4]


def test_an_unknown_kind_of_a_file_says_nothing_about_notes() -> None:
    text = f"{HEADER}kind: clozes\nnotes:\n  - id: roc-curve\n    text: The {{{{c1::ROC}}}} curve.\n"
    assert found(text) == [("N104", 2, 7)]


@pytest.mark.parametrize("key", ["!x back", "&x back"])
def test_a_key_that_was_refused_is_not_missing(key: str) -> None:
    text = f"{HEADER}notes:\n  - id: one-note\n    front: a\n    {key}: b\n"
    assert [line for _, line, _ in found(text)] == [5]


def test_a_merge_of_an_alias() -> None:
    text = f"{HEADER}notes:\n{basic('<<: *base')}"
    assert found(text) == [("Y302", 6, 5)]


def test_a_note_without_its_dash() -> None:
    text = HEADER + "notes:\n" + basic() + basic(note_id="two-note").replace("  - id", "    id")
    assert [line for _, line, _ in found(text)] == [6]


def test_old_line_ends() -> None:
    assert [code for code, *_ in found(f"{HEADER}notes:\n{basic()}".replace("\n", "\r"))] == ["Y104"]


@pytest.mark.parametrize("footer", ["tags: [evaluation]\n", "description: Below its notes.\n"])
def test_keys_below_the_notes_are_no_part_of_the_last_note(footer: str) -> None:
    text = HEADER + "notes:\n" + basic("why: a: b") + footer
    assert found(text) == [("Y202", 6, 11)]


def test_the_deck_below_the_notes() -> None:
    text = "notes:\n" + basic("why: a: b") + basic(note_id="two-note") + HEADER
    assert found(text) == [("Y202", 5, 11)]
    assert [note.id for note in deck(text).notes] == ["two-note"]


# --- places ---------------------------------------------------------------------------------


def test_a_text_cut_in_its_second_line() -> None:
    text = f"{HEADER}notes:\n  - id: one-note\n    front: What does\n      issue #1 say?\n    back: x\n"
    assert found(text) == [("Y207", 5, 13)]


@pytest.mark.parametrize(("second", "line"), [("    and what is precision?", 5), ("  and what is precision?", 5)])
def test_a_line_without_a_key_is_the_line_that_is_named(second: str, line: int) -> None:
    text = f"{HEADER}notes:\n  - id: one-note\n    front: What is recall,\n{second}\n    back: x\n"
    assert [at for _, at, _ in found(text)] == [line]


def test_a_header_line_without_a_colon_is_the_line_that_is_named() -> None:
    assert [line for _, line, _ in found(f"{HEADER}tags [evaluation]\nnotes:\n{basic()}")] == [2]


def test_the_backslash_named_is_the_one_that_bites() -> None:
    text = f'{HEADER}notes:\n  - id: one-note\n    front: "Who calls \\"\\(p\\)\\" a score?"\n    back: x\n'
    assert found(text) == [("Y205", 4, 25)]


@pytest.mark.parametrize(
    "typed",
    [
        "|\n\n      The curve plots {{c1:TPR}}.",
        "|2\n        The curve\n      plots {{c1:TPR}}.",
        "|\n      The curve\n\n\n      plots {{c1:TPR}}.",
        "'The model''s curve plots {{c1:TPR}}.'",
        r'"The \"ROC\" curve plots {{c1:TPR}}."',
        r'"The caf\u00e9 curve plots {{c1:TPR}}."',
    ],
    ids=["blank line first", "indentation given", "blank lines", "single quotes", "double quotes", "escape"],
)
def test_a_cloze_has_its_place(typed: str) -> None:
    text = f"{HEADER}notes:\n{CLOZE.format(typed)}"
    before = text[: text.index("{{c1")]
    assert found(text) == [("N201", before.count("\n") + 1, len(before) - before.rfind("\n"))]


def test_the_related_note_that_is_not_there_is_the_one_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "collection.yaml").write_text("format: 1\nname: AI PM\nnamespace: aipm-cards\n", encoding="utf-8")
    text = HEADER + "notes:\n" + basic("related: [two-note, tow-note]") + basic(note_id="two-note")
    (tmp_path / "metrics.yaml").write_text(text, encoding="utf-8")
    (problem,) = load(tmp_path)[1]
    assert (problem.code, problem.line, problem.column) == ("N110", 6, 25)
    assert problem.excerpt == "    related: [two-note, tow-note]"


def test_a_finding_between_files_shows_its_line(tmp_path: Path) -> None:
    deck_b = f"deck: concepts::Data\nnotes:\n{basic(note_id='two-note')}"
    (tmp_path / "collection.yaml").write_text("format: 1\nname: AI PM\nnamespace: aipm-cards\n", encoding="utf-8")
    (tmp_path / "a.yaml").write_text(f"{HEADER}notes:\n{basic()}", encoding="utf-8")
    (tmp_path / "b.yaml").write_text(deck_b, encoding="utf-8")
    (problem,) = load(tmp_path)[1]
    assert (problem.code, problem.path, problem.excerpt) == ("D203", "b.yaml", "deck: concepts::Data")


def test_a_link_to_nothing_is_called_that(tmp_path: Path) -> None:
    (tmp_path / "metrics.yaml").symlink_to("gone.yaml")
    loaded(tmp_path)
    (problem,) = load(tmp_path)[1]
    assert problem.message == "a link that leads nowhere"


def test_an_empty_kind_hides_no_other_mistake() -> None:
    text = f"{HEADER}notes:\n{basic('kind: ~', 'tier: 9', 'exampel: x')}"
    assert found(text) == [("D104", 7, 11), ("N105", 8, 5)]
