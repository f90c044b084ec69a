"""Card text as HTML: escaped, and safe from what Anki itself would interpret."""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings

from aipm_cards.anki.html import MAX_COLOURED, Printer, escape
from aipm_cards.text import ClozeCutsMarkup, Image, Math, cloze_faults, parse, walk, words
from tests.text.test_parsing import TEXTS

PRINTER = Printer({"media/x.svg": "ns-1.svg"})
TAGS = {"p", "br", "hr", "em", "strong", "code", "pre", "a", "img", "span", "ul", "ol", "li", "blockquote", "div"}
TAGS |= {"h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}
ANKI = re.compile(r"\[/?(?:sound:|anki:|latex\]|\$)|\\[()\[\]]|\{\{", re.IGNORECASE)


class Reader(HTMLParser):
    """What a browser makes of a field."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("br", "hr", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ('a < b & c > "d"', "<p>a &lt; b &amp; c &gt; &quot;d&quot;</p>"),
        ("it's", "<p>it's</p>"),
        ("one\ntwo", "<p>one two</p>"),
        ("one  \ntwo", "<p>one<br>two</p>"),
        ("*a* **b** `<c>`", "<p><em>a</em> <strong>b</strong> <code>&lt;c&gt;</code></p>"),
        ("<b>x</b><script>y</script>", "<p>&lt;b&gt;x&lt;/b&gt;&lt;script&gt;y&lt;/script&gt;</p>"),
        ("&lt;b&gt; &amp;amp;", "<p>&lt;b&gt; &amp;amp;</p>"),
        ("# a\n\n###### b", "<h3>a</h3><h6>b</h6>"),
        ("> a", "<blockquote><p>a</p></blockquote>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"),
        ("1. a", "<ol><li>a</li></ol>"),
        ("7. a", '<ol start="7"><li>a</li></ol>'),
        ("---", "<hr>"),
        ('[a](https://x.org?b=1&c="2")', '<p><a href="https://x.org?b=1&amp;c=&quot;2&quot;">a</a></p>'),
        ("[a](javascript:alert(1))", "<p>a</p>"),
        ('![a "b"](media/x.svg)', '<p><img src="ns-1.svg" alt="a &quot;b&quot;"></p>'),
        ("![a <b>](media/gone.svg)", "<p>a &lt;b&gt;</p>"),
        ("", ""),
    ],
)
def test_html(text: str, html: str) -> None:
    assert PRINTER.block(text) == html


def test_a_table() -> None:
    assert PRINTER.block("| a | b |\n|:-:|---|\n| <c> | \\| |") == (
        '<div class="table"><table><thead><tr><th class="center">a</th><th>b</th></tr></thead>'
        '<tbody><tr><td class="center">&lt;c&gt;</td><td>|</td></tr></tbody></table></div>'
    )


def test_inline_and_plain() -> None:
    assert PRINTER.inline("# *a*\n<b>") == "# <em>a</em> &lt;b&gt;"
    assert PRINTER.plain("2 * 3 * 4 \\(x_1\\)\n<b>") == "2 * 3 * 4 \\(x_1\\)<br>&lt;b&gt;"


def test_maths() -> None:
    assert PRINTER.block(r"\(a<b & c>d\) \[\frac{1}{2}\]") == r"<p>\(a&lt;b &amp; c&gt;d\) \[\frac{1}{2}\]</p>"
    assert PRINTER.block(r"\(x^{{2}}\)") == r"<p>\(x^&#123;&#123;2&#125;&#125;\)</p>"
    assert PRINTER.block("\\[\na\n+ b\n\\]") == r"<p>\[a + b\]</p>"


# --- what Anki would interpret -------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "[sound:a.mp3]",
        "[SOUND:a.mp3]",
        "[latex]x[/latex]",
        "[$]x[/$]",
        "[$$]x[/$$]",
        "[anki:tts lang=en]x[/anki:tts]",
        "{{Front}}",
        "{{c1::x}}",
        "{{{x}}}",
        "{{type:Front}}",
    ],
)
@pytest.mark.parametrize(
    "frame",
    [
        "{}",
        "a *{}* b",
        "`{}`",
        "```\n{}\n```",
        "```python\nx = '{}'\n```",
        "# {}",
        "- {}",
        "| {} |\n|---|",
        "> {}",
        "\\(x\\) {}",
    ],
)
def test_what_anki_would_interpret_shows_as_typed(typed: str, frame: str) -> None:
    html = PRINTER.block(frame.replace("{}", typed))
    assert not ANKI.search(html.replace(r"\(x\)", ""))
    assert typed in Reader(html).text


@pytest.mark.parametrize("typed", [r"\(", r"\)", r"\[", r"\]"])
@pytest.mark.parametrize("frame", ["a {} b", "`{}`", "```\n{}\n```", "```python\n'{}'\n```"])
def test_a_literal_delimiter_starts_no_formula(typed: str, frame: str) -> None:
    literal = typed if "`" in frame else f"\\{typed}"
    html = PRINTER.block(frame.replace("{}", literal))
    assert not ANKI.search(html)
    assert typed in Reader(html).text


@pytest.mark.parametrize("form", ["inline", "plain"])
@pytest.mark.parametrize("typed", ["[sound:a.mp3]", "[$]x[/$]", "{{c1::x}}", "[latex]x[/latex]"])
def test_in_every_form(form: str, typed: str) -> None:
    html = getattr(PRINTER, form)(typed)
    assert not ANKI.search(html)
    assert unescape(html) == typed


def test_in_a_formula() -> None:
    html = PRINTER.block(r"\(a [sound:x] {{c1::y}} [$]\)")
    assert not ANKI.search(html.replace(r"\(", "").replace(r"\)", ""))
    assert Reader(html).text == r"\(a [sound:x] {{c1::y}} [$]\)"


@pytest.mark.parametrize(
    "typed", [r"![f \\(x\\)](media/x.svg)", r"<https://x.org/\(b\)>", r"[a](https://x.org/\\\(b\\\))"]
)
def test_an_attribute_holds_what_was_typed(typed: str) -> None:
    html = PRINTER.block(typed)
    values = [value for _, value in Reader(html).attributes]
    assert values
    assert not any("<" in str(value) for value in values)


def test_escape_leaves_words_alone() -> None:
    assert escape("a [b] {c} \\d 'e' é 日本") == "a [b] {c} \\d 'e' é 日本"


# --- code ----------------------------------------------------------------------------------


def test_code_is_coloured_by_classes() -> None:
    html = PRINTER.block("```python\nif x < 1:\n    return '&'\n```")
    assert '<span class="hl-k">if</span>' in html
    assert "style=" not in html
    assert Reader(html).text == "if x < 1:\n    return '&'"


@pytest.mark.parametrize("language", ["", "no-such-language", "../etc", "python\0", "x" * 500])
def test_code_without_a_lexer_is_plain(language: str) -> None:
    assert Printer({}).block(f"```{language.replace(chr(0), '')}\na < b\n```") in (
        "<pre><code>a &lt; b</code></pre>",
        PRINTER.block("```python\na < b\n```"),
    )


def test_long_code_is_plain() -> None:
    code = "x = 1\n" * (MAX_COLOURED // 6 + 1)
    assert "<span" not in PRINTER.block(f"```python\n{code}```")


@pytest.mark.parametrize("language", ["python", "sql", "json", "yaml", "bash", "js", "html", "console", "text"])
def test_colours_change_no_character(language: str) -> None:
    code = "SELECT a\n\n  FROM b -- [sound:x] {{c1::y}} \\(z\\)\n$ ls # 'c'\n\t{\"d\": [1, null]}"
    assert Reader(PRINTER.block(f"```{language}\n{code}\n```")).text == code


@pytest.mark.parametrize("language", ["console", "psql", "rconsole", "iex", "erl", "sqlite3", "doscon", "pycon"])
def test_a_session_keeps_its_last_line(language: str) -> None:
    code = "$ ls -l\n> x\nfile one\n\n  and = 'two'"
    assert Reader(PRINTER.block(f"```{language}\n{code}\n```")).text == code


def test_no_lexer_runs_forever() -> None:
    # Pygments' lexer for `tnt` does not end on a tab; the limit is on the processor's time.
    work = "from aipm_cards.anki.html import Printer; print(Printer({}).block('```tnt\\na\\tb\\n\\n\\n c\\n```'))"
    limit = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (4, 4)); "
    done = subprocess.run([sys.executable, "-c", limit + work], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "a\tb" in done.stdout


# --- gaps ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("A {{c1::*gap*::a hint}}.", "<p>A {{c1::<em>gap</em>::a hint}}.</p>"),
        ("{{c1::a < b::<hint>}}", "<p>{{c1::a &lt; b::&lt;hint&gt;}}</p>"),
        ("{{c1::{a} }}", "<p>{{c1::{a&#125; }}</p>"),
        ("`{{c2::x}}`", "<p>{{c2::<code>x</code>}}</p>"),
        ("```\na {{c1::b\nc}}\n```", "<pre><code>a {{c1::b\nc}}</code></pre>"),
        (r"{{c1::\(\frac{1}{2}\)}}", r"<p>{{c1::\(\frac{1&#125;{2&#125;\)}}</p>"),
        (r"\({{c1::x}}\)", r"<p>\({{c1::x}}\)</p>"),
        ("{{c1::[x](https://a.org)}}", '<p>{{c1::<a href="https://a.org">x</a>}}</p>'),
        ("{{c1::[sound:x]}} {{x}}", "<p>{{c1::&#91;sound:x]}} &#123;&#123;x}}</p>"),
        ("{{c1::image-occlusion:x}}", "<p>{{c1::image-occlusion&#58;x}}</p>"),
        ("{{c1::`a::b`}}", "<p>{{c1::<code>`a</code>::b`}}</p>"),
    ],
)
def test_gaps(text: str, html: str) -> None:
    if text == "{{c1::`a::b`}}":  # Anki ends what is hidden at the first `::`, and so do we
        assert PRINTER.cloze(text) == "<p>{{c1::`a::b`}}</p>"
        return
    assert PRINTER.cloze(text) == html


# --- any text ------------------------------------------------------------------------------


@settings(max_examples=250, deadline=None, database=None, derandomize=True)
@given(TEXTS)
def test_any_text_is_well_formed_and_says_what_its_tree_says(text: str) -> None:
    text = text.strip()
    html = PRINTER.block(text)
    tree = parse(text)
    read = Reader(html)
    assert not read.open
    assert set(read.tags) <= TAGS
    assert PRINTER.blocks(tree) == html
    assert not [name for name, _ in read.attributes if name not in ("class", "href", "src", "alt", "start")]
    if not any(isinstance(node, (Math, Image)) for node in walk(tree)):
        assert squeezed(read.text) == squeezed(words(tree))
        assert not ANKI.search(html)


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(TEXTS)
def test_any_cloze_is_well_formed(text: str) -> None:
    if not text.strip() or cloze_faults(text):
        return
    try:
        html = PRINTER.cloze(text)
    except ClozeCutsMarkup:
        return
    assert not Reader(html).open
