"""Notes to the fields of their Anki notes, one kind after the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from aipm_cards.anki.html import Printer
from aipm_cards.anki.regions import REGIONS, Renderer
from aipm_cards.model import Citation, Note, Source
from tests.packages.sample import KINDS_OF, read, write


@pytest.fixture(scope="module")
def fields(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The fields of each note of the sample, by name."""
    collection = read(write(tmp_path_factory.mktemp("sample")))
    renderer = Renderer(collection.sources, Printer({path: Path(path).name for path in collection.media}))
    return {note.id: dict(zip(REGIONS[note.kind], renderer.fields(note), strict=True)) for note in collection.notes}


IMAGE = '<img src="{}.svg" alt="{}">'
DEFINITION = f"<p>The share of cases that are found. {IMAGE.format('copy', 'a copy')}</p>"
GRADING = (
    '<p class="grading"><b>Again</b> if a must is missing or fewer than {} points. '
    "<b>Hard</b> if over time or after a hint. <b>Good</b> otherwise. "
    "<b>Easy</b> if you would say it the same way tomorrow, with a fresh example.</p>"
)
EXPECTED: dict[str, dict[str, str]] = {
    "basic": {
        "Asked": f"<p>What is <strong>precision</strong>? {IMAGE.format('matrix', 'a matrix')}</p>",
        "Answer": "<p>The share of alarms that are right.</p>",
        "Sources": "<ul><li>A book</li></ul>",
        "Cue": "metrics",
    },
    "reversed": {
        "Asked": '<p class="term">recall</p><p class="task">What does this term mean?</p>',
        "Answer": DEFINITION,
        "Asked 2": DEFINITION + '<p class="task">Which term is this?</p>',
        "Answer 2": '<p class="term">recall</p>',
        "More": "<section><h2>Example</h2><p>80 of 120.</p></section>",
        "Sources": "",
        "Cue": "metrics",
    },
    "cloze": {
        "Asked": '<div class="context"><p>About <em>F1</em></p></div><p>F1 is the {{c1::harmonic::kind of}} mean of '
        r"{{c2::precision}} and {{c2::recall}}: \(\frac{2pr}{p+r}\).</p>",
        "More": "<section><h2>Why it matters</h2><p>It is low if one of them is.</p></section>",
        "Sources": "",
        "Cue": "metrics",
    },
    "contrast": {
        "Asked": "<p>What separates <strong>precision</strong> from <strong>recall</strong>?</p>",
        "Answer": '<p>Which column of the matrix is divided by.</p><div class="table"><table><thead><tr><th></th>'
        "<th>precision</th><th>recall</th></tr></thead><tbody><tr><th>asks</th><td>of the alarms, how many are right"
        "</td><td>of the cases, how many are found</td></tr></tbody></table></div>",
        "Asked 2": '<p>5 of 100 alarms were wrong.</p><p class="task"><strong>precision</strong> or '
        "<strong>recall</strong>, and what tells?</p>",
        "Answer 2": '<p class="term">precision</p><p>The alarms are counted.</p>',
        "More": "<section><h2>Why it matters</h2><p>They cost different people.</p></section>",
        "Sources": "",
        "Cue": "metrics",
    },
    "calculation": {
        "Asked": '<p>80 of 100 alarms are right.</p><p class="ask">Precision * two decimals</p>',
        "Answer": '<p class="result">0.80 <small>%</small></p><p class="formula">TP / (TP + FP)</p>'
        "<ol><li>TP + FP = 100</li><li>80 / 100</li></ol><p>Four in five.</p>",
        "More": "<section><h2>The usual slip</h2><p>Dividing by all cases.</p></section>",
        "Sources": "",
        "Cue": "",
    },
    "interview": {
        "Asked": "<p>Design a review queue.</p>",
        "Frame": '<span data-minutes="20">System design · 20 min</span>',
        "Rubric": '<section><h2>Did you say it?</h2><ul class="rubric" data-pass="3"><li class="must">Names the '
        "<em>user</em> <small>must</small></li><li>Names a metric</li><li>Names a cost</li><li>Names a risk</li></ul>"
        f"{GRADING.format(3)}</section>",
        "Answer": "<section><h2>A good answer</h2><ul><li>First</li><li>Then</li></ul></section>",
        "More": "<section><h2>Mistakes</h2><ul><li>Silence</li></ul></section>"
        "<section><h2>What comes next</h2><ul><li>And at night?</li></ul></section>"
        "<section><h2>What it tests</h2><p>Structure.</p></section>"
        "<section><h2>Steps to think in</h2><ol><li>Ask</li><li>Frame</li></ol></section>",
        "Sources": "",
        "Cue": "queues",
    },
    "scenario": {
        "Asked": '<p>A model blocks accounts.</p><div class="ask"><p>Do you launch?</p></div>'
        '<p class="task">Say your choice, and the strongest argument against it.</p>',
        "Rubric": '<section><h2>Did you say it?</h2><ul class="rubric" data-pass="2"><li class="must">Names the '
        f"blocked <small>must</small></li><li>Weighs fraud</li><li>Names a way back</li></ul>"
        f"{GRADING.format(2)}</section>",
        "Answer": '<section><h2>Recommended</h2><div class="choice"><p>Wait.</p></div></section>'
        "<section><h2>Because</h2><p>Blocks are hard to undo.</p></section>"
        "<section><h2>Unless</h2><p>A person looks first.</p></section>",
        "More": '<section><h2>Options</h2><div class="table"><table><thead><tr><th></th><th>Gain</th><th>Harm</th></tr>'
        "</thead><tbody><tr><th>Launch</th><td>speed</td><td>wrong blocks</td></tr><tr><th>Wait</th><td>trust</td>"
        "<td>fraud</td></tr></tbody></table></div></section>"
        "<section><h2>Who is touched</h2><ul><li>Users</li><li>Staff</li></ul></section>"
        "<section><h2>Principles</h2><ul><li>Fairness</li></ul></section>"
        "<section><h2>Law</h2><ul><li>EU: GDPR Art. 22 (as of 2026-01-01)</li></ul></section>",
        "Sources": '<ul><li><a href="https://eur-lex.europa.eu/eli/reg/2016/679">GDPR &amp; &lt;recitals&gt;</a> · EU '
        "· Art. 22(1)</li></ul><p>As of 2026-01-01 · To be reviewed by 2030-01-01 · See also precision</p>",
        "Cue": "",
    },
}


@pytest.mark.parametrize("kind", EXPECTED)
def test_the_fields_of_a_kind(kind: str, fields: dict[str, dict[str, str]]) -> None:
    found = fields[KINDS_OF[kind]]
    expected = {"ID": KINDS_OF[kind], "Spare 1": "", "Spare 2": "", **EXPECTED[kind]}
    if kind == "basic":
        expected["More"] = found["More"]
    assert found == expected


def test_more_has_its_sections_in_order(fields: dict[str, dict[str, str]]) -> None:
    more = fields["precision"]["More"]
    headings = [part.split("</h2>")[0] for part in more.split("<h2>")[1:]]
    assert headings == ["Why it matters", "Example", "More"]
    assert "&#91;sound:x.mp3]" in more
    assert "[sound:" not in more


def test_a_retired_note_has_a_banner(fields: dict[str, dict[str, str]]) -> None:
    assert fields["gone-by-now"]["Cue"] == '<span class="retired">Retired: it was <em>wrong</em></span>'


def rendered(**keys: object) -> dict[str, str]:
    note = Note("a-note", "basic", "Deck", {"front": "Q", "back": "A"}, **keys)  # type: ignore[arg-type]
    sources = {"a": Source("a", "A <b>", "P & Q", 'https://x.org/?a="b"&c'), "b": Source("b", "B")}
    return dict(zip(REGIONS["basic"], Renderer(sources, Printer({})).fields(note), strict=True))


def test_what_is_not_given_leaves_nothing() -> None:
    assert rendered() == {
        "Asked": "<p>Q</p>",
        "Answer": "<p>A</p>",
        "More": "",
        "Sources": "",
        "Cue": "",
        "ID": "a-note",
        "Spare 1": "",
        "Spare 2": "",
    }


def test_sources() -> None:
    html = rendered(sources=(Citation("a", "p. <1>"), Citation("b", ""), Citation("gone", "")))["Sources"]
    assert html == (
        '<ul><li><a href="https://x.org/?a=&quot;b&quot;&amp;c">A &lt;b&gt;</a> · P &amp; Q · p. &lt;1&gt;</li>'
        "<li>B</li><li>gone</li></ul>"
    )


def test_dates_and_relations_without_sources() -> None:
    assert rendered(as_of="2026-01-01")["Sources"] == "<p>As of 2026-01-01</p>"
    assert rendered(related=("b-note", "c-note"))["Sources"] == "<p>See also b-note, c-note</p>"


def test_a_cue_is_inline_and_stands_behind_the_banner() -> None:
    assert rendered(cue="*a* <b>")["Cue"] == "<em>a</em> &lt;b&gt;"
    assert rendered(cue="a", retired="old")["Cue"] == '<span class="retired">Retired: old</span> a'


@pytest.mark.parametrize(("verdict", "expected"), [("a", "Alpha"), ("b", "<em>Beta</em>")])
def test_the_verdict_of_a_contrast(verdict: str, expected: str) -> None:
    content = {"a": "Alpha", "b": "*Beta*", "split": "s", "case": "c", "verdict": verdict, "reason": "r"}
    html = Renderer({}, Printer({})).fields(Note("n", "contrast", "D", content))
    assert html[3] == f'<p class="term">{expected}</p><p>r</p>'
    assert html[1] == "<p>s</p>"
