"""Hostile sources, each through the real command line.

Whatever a collection holds, `check` and `build` end by themselves with 0, 1 or 2, print no
control character, and touch no file outside (see `running.py`, which looks at every run).
"""

# ruff: noqa: E501, RUF001

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile.running import COLLECTION, HEADER, NOTE, Result, Workplace

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sees files and limits as Linux shows them")

MIB = 1024 * 1024
LIMIT = 4 * MIB
WARNINGS = {"D204", "M107", "N206", "N207"}
LONGEST = 4000  # characters in a line of a report: an excerpt has 100, a hint some more

Finding = tuple[str, int, int] | tuple[str, str, int, int]


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


def fill(unit: str, size: int = LIMIT - 4096) -> str:
    """`unit` over and over, `size` characters."""
    return (unit * (size // len(unit) + 1))[:size]


def full(findings: tuple[Finding, ...]) -> list[tuple[str, str, int, int]]:
    return [found if len(found) == 4 else (found[0], "x.yaml", *found[1:]) for found in findings]  # type: ignore[misc]


def both(place: Workplace, *expected: Finding) -> tuple[Result, Result]:
    """Check and build: exactly these findings, and the exit codes that go with them."""
    checked = place.check("--format", "json")
    assert checked.findings == full(expected)
    fails = any(code not in WARNINGS for code, *_ in expected)
    assert (checked.code, checked.err) == (int(fails), "")
    built = place.build()
    nothing_to_build = built.err == "aipm-cards: there are no notes\n"
    assert built.code == (2 if nothing_to_build else int(fails)), built.out + built.err
    written = built.code == 0
    assert [path.name for path in place.output.iterdir()] == (["hostile.apkg"] if written else [])
    assert lines_are_short(built)
    if written:
        with zipfile.ZipFile(place.output / "hostile.apkg") as package:
            assert package.testzip() is None
    return checked, built


def lines_are_short(result: Result) -> bool:
    return max(map(len, result.out.split("\n"))) < LONGEST + len(os.getcwd())


# --- one deck file -------------------------------------------------------------------------

TEXTS: dict[str, tuple[str | bytes, tuple[Finding, ...]]] = {}


def text(name: str, content: str | bytes, *expected: Finding) -> None:
    assert name not in TEXTS
    TEXTS[name] = (content, expected)


def front(name: str, typed: str | bytes, *expected: Finding) -> None:
    """A note whose front is typed so; it begins in line 4, column 12."""
    typed = typed if isinstance(typed, bytes) else typed.encode()
    text(name, HEADER.encode() + b"  - id: recall\n    front: " + typed + b"\n    back: Of the fraud.\n", *expected)


# Nothing, and no deck.
text("empty", "", ("D201", 1, 1))
text("only-a-comment", "# nothing\n", ("D201", 1, 1))
text("only-a-bom", b"\xef\xbb\xbf", ("D201", 1, 1))
text("a-list", "- a\n- b\n", ("D201", 1, 1))
text("a-scalar", "just words\n", ("D201", 1, 1))
text("a-number", "42", ("D201", 1, 1))
text("tilde", "~", ("D201", 1, 1))
text("an-empty-mapping", "{}", ("D201", 1, 1))
text("notes-is-a-scalar", "deck: A\nnotes: many\n", ("D103", 2, 8))
text("notes-is-a-mapping", "deck: A\nnotes: {a: b}\n", ("D103", 2, 8))
text("notes-of-scalars", "deck: A\nnotes: [a, [b]]\n", ("N101", 2, 9), ("N101", 2, 12))
text("two-documents", HEADER + NOTE + "---\n" + HEADER, ("Y306", 6, 1))

# Bytes.
front("nul", b"a\x00b", ("Y104", 4, 13))
front("nul-as-escape", r'"a\x00b"', ("Y104", 4, 12))
front("nul-as-short-escape", r'"a\0b"', ("Y205", 4, 14))
front("bad-utf-8", b"caf\xe9 or not", ("Y103", 4, 15))
front("bad-utf-8-after-wide", "日本".encode() + b"\xff", ("Y103", 4, 14))
front("overlong-utf-8", b"\xc0\xaf", ("Y103", 4, 12))
front("cut-utf-8", b"\xe2\x82", ("Y103", 4, 12))
front("lone-surrogate", b"a\xed\xa0\x80b", ("Y103", 4, 13))
front("lone-surrogate-as-escape", r'"a\ud800b"', ("Y201", 4, 16))
front("pair-of-surrogates-as-escapes", r'"\ud83d\ude00"', ("Y201", 4, 15))
front("beyond-unicode", r'"\U00110000"', ("Y201", 4, 15))
front("escape-cut-off", r'"\u12"', ("Y201", 4, 15))
text("utf-16-le", "\ufeffdeck: A\nnotes: []\n".encode("utf-16-le"), ("Y103", 1, 1))
text("utf-16-be", "\ufeffdeck: A\nnotes: []\n".encode("utf-16-be"), ("Y103", 1, 1))
text("utf-32", "\ufeffdeck: A\nnotes: []\n".encode("utf-32-le"), ("Y103", 1, 1))
text(
    "utf-16-without-bom",
    "deck: A\nnotes: []\n".encode("utf-16-le"),
    ("D201", 1, 1),
    ("Y104", 1, 2),
    ("Y104", 2, 1),
    ("Y104", 3, 1),
)
front("noncharacter", "a\ufffe", ("Y104", 4, 13))
front("mark-of-the-program", "a\ufdd00\ufdd1", ("Y104", 4, 13))
front("bom-inside", "a\ufeffb", ("Y104", 4, 13))
text("two-boms", b"\xef\xbb\xbf\xef\xbb\xbf" + (HEADER + NOTE).encode(), ("D101", 1, 1), ("D102", 1, 1), ("Y104", 1, 1))
text("a-thousand-nuls", HEADER + NOTE + "\n#\0" * 1000, *[("Y104", line, 2) for line in range(7, 207)])

# Line breaks that editors do not show.
for code in (0x85, 0x2028, 0x2029, 0x0B, 0x0C):
    front(f"break-{code:04X}", f"a{chr(code)}b", ("Y104", 4, 13))
for escape in ("N", "L", "P", "v", "f", "e", "a", "b", "r", "n", "t"):
    front(f"escape-{escape}", rf'"a\{escape}b"', ("Y205", 4, 14))
front("break-2028-as-escape", r'"a\u2028b"', ("Y104", 4, 12))
front("carriage-return", "a\rb", ("Y104", 4, 13))
text("only-carriage-returns", "deck: A\rnotes:\r", ("Y104", 1, 8))

# Control characters for a terminal.
OSC = "\x1b]52;c;cm0gLXJmIH4=\x07"
front("osc-52", f"a{OSC}b", ("Y104", 4, 13))
front("osc-52-as-escape", r'"a\x1b]52;c;cm0gLXJmIH4=\x07b"', ("Y104", 4, 12))
front("c1", "a\x9b31mb", ("Y104", 4, 13))
front("bidi", "a\u202eb", ("Y104", 4, 13))
front("isolate", "a\u2066b", ("Y104", 4, 13))
front("osc-52-as-entity", "a &#27;]52;c;x&#7;", ("Y104", 4, 14))
front("bidi-as-entity", "'a &#x202E;'", ("Y104", 4, 15))
front("nul-as-entity", "a &#0; &#xD800; &#99999999;", ("Y104", 4, 14))
front("joiners-and-marks-of-real-scripts", "می‌خواهم و שלום\u200f a\u200db")

# YAML.
front("tab-inside", "a\tb")
text("tab-in-front", HEADER + "  - id: recall\n\tfront: a\n    back: b\n", ("Y206", 4, 1))
text(
    "tab-for-all",
    "deck:\tA\nnotes:\n\t- id: recall\n\t  front: a\n\t  back: b\n",
    ("Y206", 3, 1),
    ("Y206", 4, 1),
    ("Y206", 5, 1),
)
text("duplicate-keys", HEADER + NOTE + "    back: Again.\n", ("Y304", 6, 5))
text("duplicate-key-in-header", "deck: A\ndeck: B\n" + HEADER[15:] + NOTE, ("Y304", 2, 1))
text("merge-key", HEADER + NOTE + "    <<: {why: x}\n", ("Y302", 6, 5))
text("merge-key-with-alias", HEADER + NOTE + "    <<: *base\n", ("Y302", 6, 5))
front("anchor", "&a text", ("Y301", 4, 12))
front("alias", "*a", ("Y301", 4, 12))
front("tag", "!a text", ("Y303", 4, 12))
front("tag-binary", "!!binary aGVsbG8=", ("Y303", 4, 12))
front("tag-python-object", '!!python/object/apply:os.system ["touch pwned"]', ("Y303", 4, 12))
front("tag-python-name", "!!python/name:os.system", ("Y303", 4, 12))
text("tag-on-all", "!!python/object:aipm_cards.model.Note\n" + HEADER + NOTE, ("Y303", 1, 1))
text("yaml-directive", "%YAML 9.9\n---\n" + HEADER + NOTE, ("Y204", 1, 1))
text("tag-directive", "%TAG ! tag:example.org,2026:\n---\n" + HEADER + NOTE)
LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{this}: &{this} [{', '.join([f'*{last}'] * 9)}]\n" for last, this in zip("abcdefgh", "bcdefghi", strict=True)
)
text("billion-laughs", LAUGHS + HEADER + NOTE, ("Y301", 1, 4),
     *[("Y301", line, column) for line in range(2, 10) for column in (4, *range(8, 44, 4))])  # fmt: skip
text("alias-to-itself", "deck: A\nnotes: &a [*a]\n", ("Y301", 2, 8), ("Y301", 2, 12))
text("key-is-a-list", HEADER + NOTE + "    ? [a, b]\n    : c\n", ("Y307", 6, 7))
text("crlf", (HEADER + NOTE).replace("\n", "\r\n"))
text("crlf-and-bom", "\ufeff" + (HEADER + NOTE + "    whi: x\n").replace("\n", "\r\n"), ("N105", 6, 5))
text(
    "crlf-bom-and-wide",
    "\ufeff" + (HEADER + "  - {id: recall, front: 日本, back: 語, whi: x}\n").replace("\n", "\r\n"),
    ("N105", 3, 38),
)
text("bom-and-bad-first-line", "\ufeffdekk: A\r\nnotes:\r\n" + NOTE, ("D101", 1, 1), ("D102", 1, 1))

# Markup.
front("script", "<script>alert(1)</script> & <img src=x onerror=alert(1)>")
front("javascript", "a [b](javascript:alert(1))", ("N601", 4, 18))
front("javascript-in-disguise", "a [b](JaVaScRiPt&colon;alert(1))", ("N601", 4, 12))
front("javascript-in-brackets", "a <javascript:alert(1)>", ("N601", 4, 15))
front("data", "a [b](data:text/html;base64,PHNjcmlwdD4=)", ("N601", 4, 18))
front("vbscript-by-reference", "|\n      a [b]\n\n      [b]: vbscript:x", ("N601", 7, 12))
front("file-link", "a [b](file:///etc/passwd)", ("N601", 4, 18))
front("relative-link", "a [b](../../etc/passwd)", ("N601", 4, 18))
front("image-above", "a ![b](../../etc/passwd)", ("M102", 4, 19))
front("image-above-with-suffix", "a ![b](media/../../outside/x.svg)", ("M102", 4, 19))
front("image-absolute", "a ![b](/etc/passwd)", ("M102", 4, 19))
front("image-of-windows", "a ![b](C:/x.svg) ![b](..\\x.svg)", ("M106", 4, 19), ("M102", 4, 34))
front("image-as-entity", "a ![b](&#46;&#46;/outside/x.svg)", ("M102", 4, 12))
front("image-percent", "a ![b](%2e%2e/outside/x.svg)", ("M101", 4, 19))
front("image-network", "a ![b](https://example.org/x.png) ![b](//example.net/x.png)", ("M106", 4, 19), ("M106", 4, 51))
front("image-data", "a ![b](data:image/svg+xml,x.svg)", ("M106", 4, 19))
front("image-nothing", "a ![b]()", ("M103", 4, 12))
front("image-no-file", "a ![b](media/missing.svg)", ("M101", 4, 19))
front("image-long-name", f"a ![b](media/{'x' * 300}.svg)", ("M101", 4, 19))
front("image-long-directory", f"a ![b](media/{'x' * 300}/y.svg)", ("M101", 4, 19))
front("image-below-a-file", "a ![b](x.yaml/y.svg)", ("M101", 4, 19))
front("image-osc-in-path", "a ![b](<media/&#27;]52;.svg>)", ("Y104", 4, 26))
front("what-anki-interprets", "'[sound:x.mp3] [anki:play:q] [latex]x[/latex] [$]x[/$] {{Front}} {{c1::x}} \\(x\\)'")
front("nothing-to-see", "'** **'", ("N107", 4, 12))
front("only-markup", "'<!-- -->'")


# Clozes.
def cloze(name: str, typed: str, *expected: Finding) -> None:
    text(name, f"{HEADER}  - id: recall\n    kind: cloze\n    text: |\n      {typed}\n", *expected)


cloze("cloze-depth-100", "{{c1::" * 100 + "x" + "}}" * 100, ("N202", 6, 13))
cloze("cloze-never-closed", "{{c1::" * 100, ("N201", 6, 7), ("N202", 6, 13))
cloze("cloze-closed-too-often", "{{c1::x" + "}}" * 1000)
cloze("cloze-0", "{{c0::x}} {{c500::x}} {{c99999999::x}}", ("N201", 6, 7), ("N201", 6, 17), ("N201", 6, 29))
cloze("cloze-huge-number", "{{c" + "9" * 5000 + "::x}}", ("N201", 6, 7))
cloze("cloze-499", "{{c499::x}}", ("N206", 5, 11))
cloze("cloze-cuts-markup", "**a {{c1::b** c}}", ("N203", 5, 11))
cloze("cloze-in-a-link", "[a](https://example.org/{{c1::x}})", ("N203", 6, 31))
cloze("cloze-script", "{{c1::<script>::</script>}}")


# Arithmetic.
def calculation(name: str, check: str, column: int, *, answer: str = "1", code: str = "N301") -> None:
    content = (
        f"{HEADER}  - id: recall\n    kind: calculation\n    given: a\n    ask: b\n    steps: c\n    answer: {answer}\n"
    )
    expected = ("N302", 8, 13) if code == "N302" else ("N303", 8, 13) if code == "N303" else ("N301", 9, column)
    text(name, content + f"    check: {check}\n", expected)


calculation("check-tower", "9**9**9**9", 16)
calculation("check-import", "__import__('os').system('touch pwned')", 23)
calculation("check-attribute", "(1).__class__", 15)
calculation("check-call", "'eval(\"1\")'", 18)
calculation("check-deep", "(" * 200 + "1" + ")" * 200, 45)
calculation("check-signs", "'" + "-" * 400 + "1'", 46)
calculation("check-powers", "**".join(["1"] * 160), 111)
calculation("check-long", "1" + "+1" * 300, 12)
calculation("check-huge", "9" * 450, 12, code="N302")
calculation("check-huge-product", "*".join(["9" * 90] * 5) + "*2**4000", 468)
calculation("check-log-0", "log2(0)", 12)
calculation("check-root-of-less", "sqrt(-1)", 12)
calculation("check-division", "1/(1-1)", 14)
calculation("check-small-power", "2**-99999", 13)
calculation("check-fraction-power", "(10**400)**0.999 - 1", 12, code="N302")
calculation("check-name", "sqrt", 12)
calculation("check-unclosed", "'(1'", 15)
calculation("check-hex", "0x10", 13)
calculation("check-exponent", "1e999999999", 13)
calculation("check-lambda", "'lambda: 1'", 19)
calculation("check-walrus", "'(a := 1)'", 16)
calculation("check-other-digits", "١", 12)
calculation("answer-huge", "1", 0, answer="9" * 5000, code="N303")
calculation("answer-nan", "1", 0, answer="nan", code="N303")

# Values of other keys.
text("tier-huge", HEADER + NOTE + f"    tier: {'9' * 5000}\n", ("D104", 6, 11))
text("tier-other-digits", HEADER + NOTE + "    tier: ２\n", ("D104", 6, 11))
text("date-huge", HEADER + NOTE + f"    as_of: {'9' * 5000}\n", ("D104", 6, 12))
text("date-of-no-year", HEADER + NOTE + "    as_of: 0000-00-00\n", ("D104", 6, 12))
text("id-above", HEADER + NOTE.replace("recall", "../../recall"), ("N102", 3, 9))
text("id-with-newline", HEADER + "  - id: |\n      ab\n      cd\n    front: a\n    back: b\n", ("N102", 3, 9))
text("id-long", HEADER + NOTE.replace("id: recall", f"id: {'a' * 20_001}"), ("D105", 3, 9))
text("tag-with-blank", HEADER + NOTE + "    tags: ['a b', c]\n", ("N111", 6, 12))
text("deck-empty-parts", "deck: '::::'\n" + HEADER[15:] + NOTE, ("D202", 1, 7))
text("deck-quote", "deck: 'a\"b'\n" + HEADER[15:] + NOTE, ("D202", 1, 7))
text("deck-above", "deck: ../../etc\n" + HEADER[15:] + NOTE)
text("related-to-oneself", HEADER + NOTE + "    related: [recall]\n")
text("related-to-nothing", HEADER + NOTE + f"    related: [{'r' * 19_000}]\n", ("N110", 6, 15))
text("long-front", HEADER + NOTE.replace("Of what", "w" * 20_001), ("D105", 4, 12))
text("everything-a-list", "deck: []\ncue: []\ntier: []\ntags: {a: b}\nnotes:\n  - id: []\n    front: []\n    back: {}\n",
     ("Y204", 1, 7), ("Y204", 2, 6), ("Y204", 3, 7), ("Y204", 4, 7), ("Y204", 6, 9), ("Y204", 7, 12), ("Y204", 8, 11))  # fmt: skip


def one_of_many(number: int, content: str | bytes) -> bytes:
    """A deck file whose note has an id of its own, of the same length."""
    return (content if isinstance(content, bytes) else content.encode()).replace(b"recall", f"r{number:05}".encode())


def test_deck_files(place: Workplace) -> None:
    """All of them in one collection, and by processes that begin as any does."""
    place.real = True
    names = {f"{number:03}.yaml": name for number, name in enumerate(TEXTS)}
    for number, (path, name) in enumerate(names.items()):
        place.write(path, one_of_many(number, TEXTS[name][0]))
    checked = place.check("--format", "json")
    assert (checked.code, checked.err) == (1, "")
    found: dict[str, list[Finding]] = {name: [] for name in TEXTS}
    for code, path, line, column in checked.findings:
        found[names[path]].append((code, line, column))
    wrong = {name: found[name] for name, (_, expected) in TEXTS.items() if found[name] != list(expected)}
    assert wrong == {name: list(TEXTS[name][1]) for name in wrong}
    refused = place.build()
    assert (refused.code, refused.err, list(place.output.iterdir())) == (1, "", [])
    for path, name in names.items():
        if any(code not in WARNINGS for code, *_ in TEXTS[name][1]):
            (place.root / path).unlink()
    assert len(list(place.root.iterdir())) > 10
    assert place.build().code == 0
    assert not list(place.base.rglob("pwned"))


def test_lines_of_a_report_are_short(place: Workplace) -> None:
    for number, (content, _) in enumerate(TEXTS.values()):
        place.write(f"{number:03}.yaml", one_of_many(number, content))
    assert lines_are_short(place.check())


@pytest.mark.parametrize("name", TEXTS)
def test_a_deck_file_alone(place: Workplace, name: str, pytestconfig: pytest.Config) -> None:
    if not pytestconfig.getoption("--long"):
        pytest.skip("with --long")
    content, expected = TEXTS[name]
    place.write("x.yaml", content)
    both(place, *expected)
    assert not list(place.base.rglob("pwned"))


def test_each_of_two_links_to_one_address_has_its_own_place(place: Workplace) -> None:
    place.write("x.yaml", HEADER + NOTE.replace("Of what", "a [b](javascript:x) [c](javascript:x)"))
    both(place, ("N601", 4, 18), ("N601", 4, 36))


# --- control characters in every place that a message could quote --------------------------

BAD = "\x1b]52;c;eA==\x07\x9b\u202e\u2028\u2066"
ESCAPED = r"\x1b]52;c;eA==\x07\x9b\u202e\u2028\u2066"
QUOTING = {
    "unknown key": '  - {{id: recall, front: a, back: b, "{0}": x}}\n',
    "id": '  - {{id: "{0}", front: a, back: b}}\n',
    "kind": '  - {{id: recall, kind: "{0}", front: a, back: b}}\n',
    "tier": '  - {{id: recall, tier: "{0}", front: a, back: b}}\n',
    "tag": '  - {{id: recall, tags: ["{0}"], front: a, back: b}}\n',
    "source": '  - {{id: recall, sources: ["{0}"], front: a, back: b}}\n',
    "key of a source": '  - {{id: recall, sources: [{{"{0}": a}}], front: a, back: b}}\n',
    "topic": '  - {{id: recall, topics: ["{0}"], front: a, back: b}}\n',
    "related": '  - {{id: recall, related: ["{0}"], front: a, back: b}}\n',
    "date": '  - {{id: recall, as_of: "{0}", front: a, back: b}}\n',
    "retired": '  - {{id: recall, retired: "{0}", front: a, back: b}}\n',
    "image": '  - {{id: recall, front: "a ![b](media/{0}.svg)", back: b}}\n',
    "alt": '  - {{id: recall, front: "a ![{0}](media/a.svg)", back: b}}\n',
    "link": '  - {{id: recall, front: "a [b](x:{0})", back: b}}\n',
    "cloze": '  - {{id: recall, kind: cloze, text: "{{{{c1::a{0}"}}\n',
    "answer": '  - {{id: recall, kind: calculation, given: a, ask: b, steps: c, answer: "{0}", check: "1"}}\n',
    "check": '  - {{id: recall, kind: calculation, given: a, ask: b, steps: c, answer: "1", check: "{0}"}}\n',
    "values": '  - {{id: recall, kind: calculation, given: a, ask: b, steps: c, answer: "1", check: "1", values: {{"{0}": "1"}}}}\n',
    "round": '  - {{id: recall, kind: interview, round: "{0}"}}\n',
    "duplicate": '  - {{"{0}": a, "{0}": b}}\n',
    "anchor": "  - {{id: recall, front: &{0} a, back: *{0} }}\n",
    "tag of YAML": "  - {{id: recall, front: !{0} a, back: b}}\n",
    "no YAML": '  - id: recall\n    front: "a" {0}\n',
    "option": '  - {{id: recall, kind: scenario, options: [{{"{0}": a}}]}}\n',
}
HEADERS = {
    "deck": 'deck: "a{0}"\nnotes:\n' + NOTE,
    "empty part": 'deck: "::{0}"\nnotes:\n' + NOTE,
    "cue": 'deck: A\ncue: "{0}"\nnotes:\n' + NOTE,
    "description": 'deck: A\ndescription: "{0}"\nnotes:\n' + NOTE,
    "key": '"{0}": A\nnotes:\n' + NOTE,
}


def quoting(bad: str) -> dict[str, str]:
    """A deck file for each place."""
    files = {name: f"deck: A\nnotes:\n{note.format(bad)}" for name, note in QUOTING.items()}
    return files | {name: header.format(bad) for name, header in HEADERS.items()}


@pytest.mark.parametrize("format_", ["text", "json", "github"])
@pytest.mark.parametrize("bad", [BAD, ESCAPED], ids=["raw", "escaped"])
def test_nothing_that_is_quoted_reaches_the_terminal(place: Workplace, bad: str, format_: str) -> None:
    files = quoting(bad)
    for number, content in enumerate(files.values()):
        place.write(f"{number:02}.yaml", content)
    checked = place.check("--format", format_)
    assert (checked.code, checked.err) == (1, "")
    for number, name in enumerate(files):
        assert f"{number:02}.yaml" in checked.out, name
    assert place.build().code == 1


@pytest.mark.parametrize("bad", [BAD, ESCAPED], ids=["raw", "escaped"])
@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("collection.yaml", 'format: "{0}"\nname: A\nnamespace: hostile\n'),
        ("collection.yaml", 'format: 1\nname: "A{0}"\nnamespace: hostile\n'),
        ("collection.yaml", 'format: 1\nname: A\nnamespace: "hostile{0}"\n'),
        ("collection.yaml", 'format: 1\nname: A\nnamespace: hostile\nlanguage: "{0}"\nlicense: "{0}"\n"{0}": x\n'),
        ("sources.yaml", '"{0}": {{title: x}}\na: {{title: "{0}", url: "{0}", opened: "{0}", evidence: "{0}", "{0}": x}}\n'),
        ("sources.yaml", '"{0}"\n'),
        ("curriculum.yaml", '"{0}": {{title: x}}\na: {{title: "{0}", tier: "{0}", planned: {{"{0}": 1}}, "{0}": x}}\n'),
    ],
)  # fmt: skip
def test_nor_out_of_the_other_files(
    place: Workplace, path: str, content: str, bad: str, pytestconfig: pytest.Config
) -> None:
    long = pytestconfig.getoption("--long")
    place.write("x.yaml", HEADER + NOTE)
    place.write(path, content.format(bad))
    more = [place.check("--format", format_) for format_ in ("json", "github")] if long else []
    for result in (place.check(), *more, place.build()):
        assert (result.code, result.err) == (1, "")


def test_nor_out_of_names_of_files(place: Workplace) -> None:
    bad = "a\x1b]52;c;eA==\x07\x9b\u202e\u2028\nb"
    raw = os.fsdecode(b"\xff\x9b\xed\xa0\x80")
    for number, content in enumerate(
        ("", HEADER + "  - id: A\n", HEADER + NOTE.replace("recall", "rec-#"), HEADER + NOTE)
    ):
        place.write(f"{bad}{number}.yaml", content.replace("#", f"{number}"))
        place.write(f"{raw}{number}.yaml", content.replace("#", f"{number}{number}"))
        place.write(f"{raw}{bad}/{number}.yaml", content.replace("#", f"{number}{number}{number}"))
        (place.root / f"{bad}{number}").symlink_to(".")
    place.write(f"media/{bad}.svg", "<svg/>")
    (place.root / f"{bad}.yml").mkdir()
    (place.root / f"{raw}.yml").symlink_to(f"{bad}.yml")
    for result in (place.check(), place.check("--format", "json"), place.check("--format", "github"), place.build()):
        assert (result.code, result.err) == (1, "")
        assert "\n\n" not in result.out  # no name ends a line


@pytest.mark.parametrize("name", ["a\x1b]52;c;eA==\x07", "a\x9b31m", "a\u202eb", "a\nb"], ids=ascii)
def test_nor_out_of_the_name_of_the_collection(place: Workplace, name: str) -> None:
    """It came with whatever the person has fetched."""
    root = place.root / name
    place.write("collection.yaml", COLLECTION, root)
    place.write("x.yaml", HEADER + NOTE, root)
    for command in (("check",), ("check", "--format", "json"), ("decks",), ("build",), ("build",)):
        result = place.run(*command[:1], root, *command[1:])
        assert (result.code, result.err) == (0, "")
        assert command[-1] == "json" or result.out.count("\n") <= 2
    place.write("x.yaml", "", root)
    for command in (("check",), ("build", "-o", root)):
        assert place.run(command[0], root, *command[1:]).code == 1


def test_a_collection_whose_name_is_not_utf_8(place: Workplace) -> None:
    root = place.root / os.fsdecode(b"a\xff")
    place.write("collection.yaml", COLLECTION, root)
    place.write("x.yaml", HEADER + NOTE, root)
    for command in (("check",), ("check", "--format", "json"), ("build",)):
        assert place.run(command[0], root, *command[1:], env={"PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"}).code == 0


# --- files that are none -------------------------------------------------------------------


def sparse(target: Path) -> None:
    with open(target, "wb") as file:
        file.seek(1 << 30)
        file.truncate()


def devices(place: Workplace) -> None:
    (place.root / "x.yaml").symlink_to("/dev/zero")
    (place.root / "y.yaml").symlink_to("/dev/random")
    (place.root / "z.yaml").symlink_to("/dev/stdin")


def links(place: Workplace) -> None:
    root = place.root
    place.write("secret.yaml", HEADER + NOTE, place.outside)
    (root / "a.yaml").symlink_to("a.yaml")
    (root / "b.yaml").symlink_to("c.yaml")
    (root / "c.yaml").symlink_to("b.yaml")
    (root / "d").symlink_to(".")
    (root / "e").symlink_to("..")
    (root / "f.yaml").symlink_to("/etc/passwd")
    (root / "g.yaml").symlink_to("../outside/secret.yaml")
    (root / "h.yaml").symlink_to("nothing.yaml")
    (root / "i").symlink_to(place.outside)
    (root / "j.yaml").symlink_to("collection.yaml")
    (root / "k.yaml").symlink_to(root / "real.yaml")
    (root / "l.yaml").symlink_to(place.outside)
    place.write("real.yaml", HEADER + NOTE.replace("recall", "real"))


def sockets(place: Workplace) -> None:
    here = os.getcwd()
    os.chdir(place.root)  # the name of a socket may have 107 bytes only
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("x.yaml")
    finally:
        os.chdir(here)


def deep(place: Workplace) -> None:
    here = os.getcwd()
    os.chdir(place.root)
    try:
        for level in range(40):
            os.mkdir("d")
            os.chdir("d")
            Path(f"{level}.yaml").write_text(HEADER + NOTE.replace("recall", f"recall-{level}"), encoding="utf-8")
    finally:
        os.chdir(here)


FILES: dict[str, tuple[Callable[[Workplace], object], tuple[Finding, ...]]] = {
    "sparse": (lambda place: sparse(place.root / "x.yaml"), (("Y102", 1, 1),)),
    "loops-of-other-names": (lambda place: [(place.root / name).symlink_to(name) for name in ("a", "b.txt")], ()),
    "sparse-sources": (lambda place: sparse(place.root / "sources.yaml"), (("Y102", "sources.yaml", 1, 1),)),
    "directory": (lambda place: (place.root / "x.yaml").mkdir(), (("Y101", 1, 1),)),
    "directory-for-sources": (lambda place: (place.root / "sources.yaml").mkdir(),
                              (("Y101", "sources.yaml", 1, 1), ("Y101", "sources.yaml", 1, 1))),
    "fifo": (lambda place: os.mkfifo(place.root / "x.yaml"), (("Y101", 1, 1),)),
    "fifo-for-curriculum": (lambda place: os.mkfifo(place.root / "curriculum.yaml"), (("Y101", "curriculum.yaml", 1, 1),)),
    "socket": (sockets, (("Y101", 1, 1),)),
    "devices": (devices, (("Y101", 1, 1), ("Y101", "y.yaml", 1, 1), ("Y101", "z.yaml", 1, 1))),
    "links": (links, tuple(
        ("D201" if name[0] == "j" else "D204" if "." not in name else "N103" if name[0] == "r" else "Y101",
         name, 3 if name[0] == "r" else 1, 9 if name[0] == "r" else 1)
        for name in ("a.yaml", "b.yaml", "c.yaml", "d", "e", "f.yaml", "g.yaml", "h.yaml", "i", "j.yaml", "l.yaml", "real.yaml"))),
    "link-for-sources": (lambda place: (place.root / "sources.yaml").symlink_to("/etc/passwd"), (("Y101", "sources.yaml", 1, 1),)),
    "loop-for-curriculum": (lambda place: (place.root / "curriculum.yaml").symlink_to("curriculum.yaml"), (("Y101", "curriculum.yaml", 1, 1),)),
    "deep": (deep, (("Y101", "d/" * 32 + "d", 1, 1),)),
    "over-the-limit": (lambda place: place.write("x.yaml", "[" * 10 * MIB), (("Y102", 1, 1),)),
    "one-byte-over": (lambda place: place.write("x.yaml", fill("# \n", LIMIT + 1)), (("Y102", 1, 1),)),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_none(place: Workplace, name: str) -> None:
    make, expected = FILES[name]
    make(place)
    both(place, *expected)


@pytest.mark.parametrize("kind", ["fifo", "socket", "directory", "link", "loop", "device", "sparse", "nothing"])
def test_a_collection_that_is_none(place: Workplace, kind: str) -> None:
    target = place.root / "collection.yaml"
    target.unlink()
    place.write("x.yaml", HEADER + NOTE)
    if kind == "socket":
        sockets_at = place.root / "x.yaml"
        sockets_at.unlink()
        sockets(place)
        sockets_at.rename(target)
    elif kind == "fifo":
        os.mkfifo(target)
    elif kind == "directory":
        target.mkdir()
    elif kind == "sparse":
        sparse(target)
    elif kind != "nothing":
        target.symlink_to({"link": "/etc/passwd", "loop": "collection.yaml", "device": "/dev/zero"}[kind])
    for result in (place.check(), place.build()):
        assert result.code == (2 if kind in ("loop", "nothing") else 1)
        if result.code == 2:
            assert re.fullmatch("aipm-cards: .*\n", result.err)
    assert list(place.output.iterdir()) == []


COLLECTIONS = {
    "empty": ("", "D102"),
    "list": ("- a\n", "D103"),
    "scalar": ("a\n", "D103"),
    "nul": ("\0", "Y104"),
    "bomb": (LAUGHS, "Y301"),
    "tag": ("!!python/object/apply:os.system [touch pwned]\n", "Y303"),
    "deep": (fill("[", 3_900_000), "Y305"),
    "large": (fill("# \n", LIMIT + 1), "Y102"),
    "keys": (COLLECTION + "".join(f"nam{n}: x\n" for n in range(2000)), "D101"),
    "namespace": ("format: 1\nname: A\nnamespace: ../../etc/passwd\n", "D104"),
    "name": ('format: 1\nname: A::B\nnamespace: hostile\n', "D104"),
    "long": (f"format: 1\nname: {'a' * 30_000}\nnamespace: {'a' * 30_000}\n", "D105"),
    "format": ("format: 999\nname: A\nnamespace: hostile\n", "D106"),
    "not-utf-8": (os.fsdecode(b"name: \xff"), "Y103"),
}  # fmt: skip


@pytest.mark.parametrize("name", COLLECTIONS)
def test_a_hostile_collection_yaml(place: Workplace, name: str) -> None:
    content, code = COLLECTIONS[name]
    place.write("collection.yaml", content)
    place.write("x.yaml", HEADER + NOTE)
    checked = place.check("--format", "json")
    assert checked.code == 1
    assert code in {found[0] for found in checked.findings if found[1] == "collection.yaml"}
    assert place.build().code == 1
    assert list(place.output.iterdir()) == []
    assert not list(place.base.rglob("pwned"))


REGISTERS = {
    "empty": ("", ""),
    "list": ("- a\n", "D103"),
    "scalar": ("a\n", "D103"),
    "list-of-lists": ("a: []\nb: x\nc:\n", "D103"),
    "bomb": (LAUGHS, "Y301"),
    "merge": ("a:\n  <<: {title: x}\n", "Y302"),
    "tag": ("a: !!python/object/apply:os.system [touch pwned]\n", "Y303"),
    "deep": (fill("[", 3_900_000), "Y305"),
    "keys": ("../../etc: {title: x}\n", "D104"),
    "nul": ("a: {title: \0}\n", "Y104"),
    "long": (f"a: {{title: {'a' * 20_001}}}\n", "D105"),
    "utf-16": ("\ufeffa: b".encode("utf-16-le").decode("utf-8", "surrogateescape"), "Y103"),
}  # fmt: skip


@pytest.mark.parametrize("name", REGISTERS)
def test_hostile_sources_and_curriculum(place: Workplace, name: str) -> None:
    content, code = REGISTERS[name]
    paths = {"sources.yaml", "curriculum.yaml"}
    for path in paths:
        place.write(path, content)
    place.write("x.yaml", HEADER + NOTE)
    checked = place.check("--format", "json")
    assert checked.code == (1 if code else 0)
    assert {found[1] for found in checked.findings} == (paths if code else set())
    assert not code or {(code, path) for path in paths} <= {found[:2] for found in checked.findings}
    assert place.build().code == checked.code
    assert not list(place.base.rglob("pwned"))


def test_a_source_leads_to_the_web_only(place: Workplace) -> None:
    addresses = ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "mailto:a@example.org", "//example.org",
                 "https://example.org/ onclick=x")  # fmt: skip
    place.write("sources.yaml", "".join(f"s{n}: {{title: x, url: '{url}'}}\n" for n, url in enumerate(addresses)))
    both(place, *[("D104", "sources.yaml", line, 21) for line in range(1, 7)])


# --- images --------------------------------------------------------------------------------


def with_image(place: Workplace, path: str) -> None:
    place.write("x.yaml", HEADER + NOTE.replace("Of what", f"Of ![a]({path}) what"))


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda target: target.symlink_to("/etc/passwd"), "M102"),
        (lambda target: target.symlink_to(target), "M101"),
        (lambda target: target.symlink_to("nothing"), "M101"),
        (lambda target: target.symlink_to("/dev/zero"), "M102"),
        (lambda target: target.mkdir(), "M101"),
        (lambda target: os.mkfifo(target), "M101"),
        (lambda target: sparse(target), "M105"),
    ],
    ids=["link", "loop", "link-to-nothing", "device", "directory", "fifo", "sparse"],
)  # fmt: skip
def test_an_image_that_is_none(place: Workplace, make: Callable[[Path], object], code: str) -> None:
    (place.root / "media").mkdir()
    make(place.root / "media" / "x.svg")
    with_image(place, "media/x.svg")
    both(place, (code, "x.yaml", 4, 20))


@pytest.mark.parametrize("path", [f"media/{'x' * 300}/y.svg", f"media/{'x' * 300}.svg", "d/" * 3000 + "y.svg"], ids=len)
def test_an_image_whose_path_is_too_long_for_the_system(place: Workplace, path: str) -> None:
    (place.root / "media").mkdir()
    with_image(place, path)
    both(place, ("M101", "x.yaml", 4, 20))


def test_a_link_for_the_directory_of_images_is_not_followed(place: Workplace) -> None:
    place.write("secret-name.svg", "<svg/>", place.outside)
    (place.root / "media").symlink_to(place.outside)
    with_image(place, "media/secret-nam.svg")
    _, built = both(place, ("D204", "media", 1, 1), ("M102", "x.yaml", 4, 20))
    assert "secret-name" not in built.out


def test_nothing_outside_is_listed_when_a_link_stands_for_the_directory_of_images(place: Workplace) -> None:
    place.write("secret-name.svg", "<svg/>", place.outside)
    (place.root / "media").symlink_to(place.outside)
    place.write("x.yaml", HEADER + NOTE)
    checked = place.check()
    assert "secret-name" not in checked.out
    assert checked.code == 0


@pytest.mark.parametrize("where", ["media", "other"])
def test_directories_deeper_than_python_recurses(place: Workplace, where: str) -> None:
    place.write("x.yaml", HEADER + NOTE)
    here = os.getcwd()
    (place.root / where).mkdir()
    os.chdir(place.root / where)
    try:
        for _ in range(1200):
            os.mkdir("d")
            os.chdir("d")
        both(place, ("Y101", f"{where}/{'d/' * 31}d", 1, 1))
    finally:
        os.chdir(here)
        subprocess.run(["rm", "-rf", place.root], check=True)  # pytest would fail to


@pytest.mark.parametrize("key", ["cue", "retired", "rubric", "options", "rows", "laws", "sources"])
def test_what_is_no_card_text_of_its_own_is_as_harmless(place: Workplace, key: str) -> None:
    """No link, image or markup in there leads anywhere, said or not."""
    bad = "![a](../outside/x.svg) [b](javascript:alert(1)) <script>alert(1)</script> <img src=x>"
    place.write("x.svg", "<svg>secret</svg>", place.outside)
    place.write("sources.yaml", f"one: {{title: '{bad}', publisher: '{bad}'}}\n")
    interview = "kind: interview, prompt: a, round: PS, minutes: 5, outline: a, mistakes: b, follow_ups: c, pass: 1"
    scenario = (
        "kind: scenario, situation: a, question: b, stakeholders: c, recommend: d, because: e, unless: f, pass: 1, "
        "rubric: [{must: a}, b, c]"
    )
    contrast = "kind: contrast, a: a, b: b, split: c, case: d, verdict: a, reason: e"
    options = "options: [{name: a, gain: b, harm: c}, {name: a, gain: b, harm: c}]"
    note = {
        "cue": f"front: a, back: b, cue: '{bad}'",
        "retired": f"front: a, back: b, retired: '{bad}'",
        "rubric": f"{interview}, rubric: [{{must: '{bad}'}}, '{bad}', c, d]",
        "options": f"{scenario}, options: [{{name: '{bad}', gain: '{bad}', harm: c}}, {{name: a, gain: b, harm: c}}]",
        "rows": f"{contrast}, rows: [['{bad}', '{bad}', c]]",
        "laws": f"{scenario}, {options}, laws: [{{jurisdiction: '{bad}', law: '{bad}'}}]",
        "sources": f"front: a, back: b, sources: [{{ref: one, at: '{bad}'}}]",
    }[key]
    place.write("x.yaml", f"{HEADER}  - {{id: recall, {note}}}\n")
    checked, built = place.check(), place.build()
    assert checked.code == built.code
    if built.code == 0:
        data = (place.output / "hostile.apkg").read_bytes()
        for forbidden in (b"<script>alert", b"<img src=x>", b'href="javascript', b"secret", b'src=".'):
            assert forbidden not in data


# --- permissions ---------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["file", "directory", "sources.yaml", "media"])
def test_what_may_not_be_read(place: Workplace, what: str) -> None:
    place.write("x.yaml", HEADER + NOTE)
    path = {"file": "y.yaml", "directory": "closed/y.yaml", "media": "media/x.svg"}.get(what, what)
    closed = place.write(path, HEADER + NOTE)
    closed = closed.parent if what == "directory" else closed
    if what == "media":
        with_image(place, "media/x.svg")
    closed.chmod(0)
    try:
        checked = place.run("check", place.root, "--format", "json", plain=True)
        expected = {"directory": ("Y101", "closed", 1, 1), "media": ("M101", "x.yaml", 4, 20)}
        assert checked.findings == [expected.get(what, ("Y101", path, 1, 1))]
        assert checked.code == 1
        assert place.run("build", place.root, plain=True).code == 1
    finally:
        closed.chmod(0o700)


def test_a_collection_that_may_not_be_read(place: Workplace) -> None:
    place.root.chmod(0)
    try:
        for command in ("check", "build"):
            result = place.run(command, place.root, plain=True)
            assert (result.code, result.out) == (2, "")
    finally:
        place.root.chmod(0o700)


# --- the lock and the package that is there ------------------------------------------------


def test_a_lock_that_is_a_link_is_not_followed_out_of_the_collection(place: Workplace) -> None:
    place.write("x.yaml", HEADER + NOTE)
    place.write("secret", "format\t1\n", place.outside)
    (place.root / "release.lock").symlink_to(place.outside / "secret")
    assert place.build().code == 2


@pytest.mark.parametrize(
    "content",
    [b"\0", b"\xff", b"note\n", b"format\t" + b"9" * 5000, b"note\tx\tbasic\t0\t99999999999\th\td\ta\n", b"\x1b]52;c\x07\t\n",
     "note\t\u202e\tbasic\tx\t1\th\td\ta\n".encode(), b"format\t2\n", b"<<<<<<< \x1b]52;\n"],
    ids=ascii,
)  # fmt: skip
def test_a_hostile_lock(place: Workplace, content: bytes) -> None:
    place.write("x.yaml", HEADER + NOTE)
    place.write("release.lock", content)
    result = place.build()
    assert (result.code, result.out) == (2, "")
    assert re.fullmatch("aipm-cards: .*\n", result.err)
    assert len(result.err) < 500 + len(str(place.root))


def damaged(how: str) -> bytes:
    from io import BytesIO

    memory = BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("collection.anki2", "x" * 1000)
        package.comment = b"{}"
        if how == "receipt":
            counts = dict.fromkeys(("notes", "cards", "decks", "media", "new", "changed", "retired", "newest"), "\x1b")
            package.comment = json.dumps({"key": "x", "report": {**counts, "released": True}}).encode()
        if how == "nested receipt":
            package.comment = b'{"key": ' + b"[" * 60_000
    data = bytearray(memory.getvalue())
    entry = data.rfind(b"PK\x01\x02")
    if how == "encrypted":
        data[6] |= 1
        data[entry + 8] |= 1
    elif how == "method":
        data[8] = data[entry + 10] = 99
    elif how == "stream":
        data[46:54] = b"\xff" * 8
    elif how == "cut":
        del data[len(data) // 2 :]
    elif how == "text":
        data = bytearray(b"no package at all")
    return bytes(data)


@pytest.mark.parametrize("how", ["encrypted", "method", "stream", "cut", "text", "receipt", "nested receipt"])
def test_a_damaged_package_is_built_anew(place: Workplace, how: str) -> None:
    place.write("x.yaml", HEADER + NOTE)
    target = place.write("hostile.apkg", damaged(how), place.output)
    assert place.build().code == 0
    with zipfile.ZipFile(target) as package:
        assert package.testzip() is None
        assert package.namelist() == ["collection.anki2", "media"]


# --- a lot of it ---------------------------------------------------------------------------

SIGNS = ["[", "{", "- ", "a: ", '"', "'", "&a [", "? ", "*a ", "!a ", "> ", "|", "%", "@", "`", ", ", ": ", "# ", "\\",
         "---\n", "\n", " ", "-", "- - \n", "a:\n", "\t", "<<: ", "]", "}", "&a ", "日"]  # fmt: skip


FULL = ("[", "{", "- ", "a: ", '"', "&a [", "? ")


@pytest.mark.parametrize("start", ["", HEADER + "  - id: recall\n    front: a\n    back: "], ids=["all", "in a note"])
def test_files_full_of_one_sign(place: Workplace, start: str, pytestconfig: pytest.Config) -> None:
    names = {}
    for number, sign in enumerate(SIGNS):
        size = 3_900_000 if pytestconfig.getoption("--long") or (sign in FULL and not start) else 80_000
        content = fill(sign, size // len(sign.encode()) * len(sign))
        names[
            str(place.write(f"{number:02}.yaml", (start + content).replace("id: recall", f"id: recall-{number}")))
        ] = sign
    checked = place.check()
    assert (checked.code, checked.err) == (1, "")
    longest = dict.fromkeys(SIGNS, 0)
    path = ""
    for line in checked.out.split("\n"):
        path = line.partition(":")[0] if line.partition(":")[0] in names else path
        if path:
            longest[names[path]] = max(longest[names[path]], len(line))
    assert all(longest.values()), longest
    assert {sign: length for sign, length in longest.items() if length > LONGEST} == {}


def notes(count: float, note: str) -> str:
    return HEADER + "".join([note.format(number) for number in range(int(count))])


def keys(count: float, key: str) -> str:
    return "".join([f"{key}{number}: x\n" for number in range(int(count))])


def in_one_line(unit: str, part: float) -> str:
    return "deck: A\ntags: [" + unit * (int((LIMIT - 4096) * part) // len(unit)) + "]\n" + HEADER[15:] + NOTE


LARGE: dict[str, Callable[[float], str]] = {
    "broken-notes": lambda part: notes(100_000 * part, '  - id: a-{0}\n    front: "x" y\n'),
    "notes-without-anything": lambda part: notes(100_000 * part, "  - id: A{0}\n    front:\n"),
    "unknown-keys": lambda part: HEADER + NOTE + keys(100_000 * part, "    fron"),
    "unknown-keys-of-the-file": lambda part: keys(100_000 * part, "note") + HEADER + NOTE,
    "one-line": lambda _: HEADER + NOTE.replace("Of what", fill("word ", LIMIT - 200)),
    "one-line-below-a-bar": lambda _: HEADER + NOTE.replace("Of what", "|\n      " + fill("word ", LIMIT - 200)),
    "quoted-names-in-one-line": lambda part: in_one_line('"a",', part),
    "aliases-in-one-line": lambda part: in_one_line("*a,", part),
    "tags-in-one-line": lambda part: in_one_line("!a b,", part),
    "lists-in-one-line": lambda part: in_one_line("[],", part),
    "same-id": lambda part: notes(100_000 * part, "  - id: abc\n    front: q\n    back: a\n"),
    "related-to-nothing": lambda part: notes(
        40_000 * part, "  - {{id: abc-{0}, front: q, back: a, related: [abd-{0}]}}\n"
    ),
    "mistakes-far-down": lambda part: "".join(
        [*[f"k{n}: |\n  x\n" for n in range(int(300_000 * part))], "a: |\n", " front: x: y\n" * 38, "b: [\n"]
    ),
    "mistakes-in-large-notes": lambda part: notes(
        60 * part, "  - id: a-{0}\n    front: |\n" + "      front: x: y\n" * 3000 + '    back: "x" y\n' * 20
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_a_large_file(place: Workplace, name: str, pytestconfig: pytest.Config) -> None:
    """A twentieth of what is allowed, or all of it: with as many mistakes as fit in."""
    place.write("x.yaml", LARGE[name](1 if pytestconfig.getoption("--long") else 0.05)[:LIMIT])
    checked = place.check()
    sound = name == "quoted-names-in-one-line"  # many, but nothing is wrong with them
    assert (checked.code, checked.err) == (0 if sound else 1, "")
    assert lines_are_short(checked)
    assert len(checked.out) < 64 * MIB


def test_100_000_notes_of_one_id(place: Workplace, pytestconfig: pytest.Config) -> None:
    """In files that are each within the limit."""
    for number in range(4):
        count = 25_000 if pytestconfig.getoption("--long") else 2_500
        place.write(f"{number}.yaml", notes(count, "  - id: abc\n    front: q\n    back: a\n"))
    checked = place.check("--format", "github")
    assert checked.code == 1
    assert "title=N103" in checked.out


def test_thousands_of_files(place: Workplace) -> None:
    for number in range(1000):
        place.write(f"{number % 50}/{number}.yaml", HEADER + NOTE.replace("recall", f"recall-{number}"))
    both(place)


def test_many_images_that_are_not_there(place: Workplace) -> None:
    for number in range(2000):
        place.write(f"media/z{number}.svg", "<svg/>")
    place.write("x.yaml", notes(2000, "  - {{id: abc{0}, front: 'q ![a](media/y{0}.svg)', back: a}}\n"))
    assert place.check().code == 1


@pytest.mark.parametrize("kind", ["sources", "topics"])
def test_many_names_that_are_nowhere(place: Workplace, kind: str) -> None:
    path = "sources.yaml" if kind == "sources" else "curriculum.yaml"
    place.write(path, "".join([f"key-{number}: {{title: x}}\n" for number in range(50_000)]))
    place.write("x.yaml", notes(1000, "  - {{id: abc{0}, front: q, back: a, " + kind + ": [kez-{0}]}}\n"))
    assert place.check().code == 1


def test_decks_of_thousands_of_parts(place: Workplace) -> None:
    name = "::".join(["a"] * 6600)
    for number in range(20):
        place.write(f"{number}.yaml", f"deck: {name}\nnotes:\n" + NOTE.replace("recall", f"recall-{number}"))
    assert place.check().code in (0, 1)


# --- markup of the longest text that is allowed --------------------------------------------

MARKUP = ["*", "_", "[", "![", "<", ">", "> ", "- ", "1. ", "`", "``` ", "|", "\\", "\\(", "\\[", "&", "&amp;", "#", "~",
          "{", "{{", "{{c1::", "}}", "{{c1::a}}", "{{c1::a::b}} ", "{{C1::", "{{c1,", "<a", "<!--", "<?", "<![CDATA[", "[a](",
          "![a](", "*a **a ", "**a *a", "_a __a ", "a*", "[a][", "[a]: b\n", "(", ")", "a`", "<a href=\"", "*_", "[[a]", "&#1",
          "- \n", "a\n===\n", "`` ` ", "\\\\(", "<https:", "\\({{c1::a}}\\) ", "`{{c1::a}}` ", "{{c1::\\(", "{{ c1\t"]  # fmt: skip


@pytest.mark.parametrize("kind", ["basic", "cloze", "contrast"])
def test_the_longest_texts_of_markup(place: Workplace, kind: str, pytestconfig: pytest.Config) -> None:
    """Checked, and built without those that were refused. Of each third sign, or of all."""
    signs = MARKUP if pytestconfig.getoption("--long") else MARKUP[["basic", "cloze", "contrast"].index(kind) :: 3]
    key = {"basic": "front", "cloze": "text", "contrast": "a"}[kind]
    more = {
        "basic": "back: b",
        "cloze": "context: b",
        "contrast": "b: b\n    split: c\n    case: d\n    verdict: a\n    reason: e",
    }
    start = "{{c1::w}}" if kind == "cloze" else "w"
    for number, sign in enumerate(signs):
        typed = "".join(f"      {line}\n" for line in f"{start}\n{fill(sign, 19_900)}".split("\n"))
        place.write(
            f"{number}.yaml",
            f"{HEADER}  - id: recall-{number}\n    kind: {kind}\n    {more[kind]}\n    {key}: |\n{typed}",
        )
    checked = place.check("--format", "json")
    assert checked.err == ""
    for _, path, _, _ in checked.findings:
        (place.root / path).unlink(missing_ok=True)
    assert len(list(place.root.glob("*.yaml"))) > 10
    built = place.build()
    assert (built.code, built.err) == (0, "")


@pytest.mark.parametrize(("columns", "rows"), [(2300, 9000), (1000, 7000), (300, 3000), (30, 1900)])
def test_a_table_whose_missing_cells_outnumber_all_others(place: Workplace, columns: int, rows: int) -> None:
    table = f"{'a|' * columns}\n{'-|' * columns}\n" + "a\n" * rows
    typed = "".join(f"      {line}\n" for line in table[:19_900].split("\n"))
    place.write("x.yaml", f"{HEADER}  - id: recall\n    front: |\n{typed}    back: b\n")
    checked, built = place.check(), place.build()
    assert checked.code == built.code
    if built.code == 0:
        assert (place.output / "hostile.apkg").stat().st_size < 8 * MIB


def test_code_that_is_hard_to_colour(place: Workplace) -> None:
    languages = ("python", "perl", "html", "js", "bash", "sql", "c++", "ruby", "rst", "md", "tex", "xml", "php", "console",
                 "yaml", "scala", "makefile", "mathematica", "lasso", "haskell")  # fmt: skip
    signs = ("(", '"', "{", "a ", "\\", "/*", "<", "[", "`", "=", "%", "<a ", "{{", "$")
    content = HEADER
    for number, (language, sign) in enumerate((one, other) for one in languages for other in signs):
        typed = f"w\n\n```{language}\n{fill(sign, 3990)}\n```"
        content += f"  - id: recall-{number}\n    back: b\n    front: |\n"
        content += "".join(f"      {line}\n" for line in typed.split("\n"))
    place.write("x.yaml", content)
    both(place)
