"""Formulas to MathML."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aipm_cards.anki.notetypes import scripts
from aipm_cards.preview.maths import DEEPEST, LONGEST, drawn, to_mathml

UNDERSTOOD = [
    r"\frac{TP}{TP + FP}",
    r"x^{ [...] } < y",
    r"\sum_{i=1}^{n} \sqrt{x_i^2}",
    r"\text{a < b & c}",
    r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
    r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
    r"\begin{cases} 1 & x > 0 \\ 0 & \text{else} \end{cases}",
    r"\operatorname{softmax}(z)_i \le \mathbb{E}[X \mid Y]",
    r"\left( \hat{y} \right) \cdot 80\,\%",
    r"\text{\% of all} \& \{x\}",
    r"\arg\max_x f \not= g",
]
NOT_UNDERSTOOD = [
    r"\nosuch{x}",
    "{",
    "}",
    r"\left( x",
    "a & b",
    r"a \\ b",
    r"\def\a{\a\a}\a",
    r"\newcommand{\a}{x}\a",
    r"\argmax_x",  # the engine knows it, Anki does not
    r"\text{\nosuch}",
    "x" * (LONGEST + 1),
    "{" * (DEEPEST + 1) + "x" + "}" * (DEEPEST + 1),
]


@pytest.mark.parametrize("tex", UNDERSTOOD)
def test_understood(tex: str) -> None:
    mathml = to_mathml(tex, False)
    assert ElementTree.fromstring(mathml).tag == "math"
    assert "\\" not in mathml


@pytest.mark.parametrize("tex", NOT_UNDERSTOOD)
def test_not_understood(tex: str) -> None:
    assert to_mathml(tex, False) == ""


@pytest.mark.parametrize(
    ("tex", "mathml"),
    [
        (r"\log x", '<mo lspace="0" rspace="0.167em">log</mo><mi>x</mi>'),
        (r"2\min(a)", '<mn>2</mn><mo lspace="0.167em" rspace="0">min</mo><mo stretchy="false">(</mo>'),
        (r"\operatorname{softmax}(z)", '<mo lspace="0" rspace="0">softmax</mo>'),
        (r"\max_i x", '<munder><mo movablelimits="true" lspace="0" rspace="0.167em">max</mo><mi>i</mi></munder>'),
        (r"\bigcup_i^n", '<munderover><mo movablelimits="true">\u22c3</mo>'),
        ("x_{i=1}", '<mi>i</mi><mo lspace="0" rspace="0">=</mo><mn>1</mn>'),
        ("|x|", '<mo stretchy="false" lspace="0" rspace="0">|</mo><mi>x</mi>'),
        ("1{,}000", '<mo lspace="0" rspace="0">,</mo>'),
        (r"\Gamma", '<mi mathvariant="normal">Γ</mi>'),
        (r"\mathrm{d}x", '<mi mathvariant="normal">d</mi><mi>x</mi>'),
        (r"\boldsymbol{\theta}", ">𝜽</mi>"),
        (r"\mathbb{1}", ">\U0001d7d9</mn>"),
        (r"\mathscr{L}", ">\u2112</mi>"),
        (r"A \setminus B", "<mo>\u2216</mo>"),
        (r"a \pm b", "<mo>±</mo>"),
        (r"x \sim y", "<mo>\u223c</mo>"),
        (r"\infty", '<mi mathvariant="normal">∞</mi>'),
        (r"\text{5 \% of}", ">5\xa0% of<".replace(" ", "\xa0")),
        (r"\left. x \right|_0", '<mrow><mi>x</mi><mo stretchy="true" fence="true" form="postfix">'),
        (r"\begin{array}{c|c} a & b \\ \hline c & d \end{array}",
         '<mtd columnalign="center" rowlines="solid" columnlines="solid"><mi>a</mi></mtd>'),
    ],
)  # fmt: skip
def test_set_as_mathjax_sets_it(tex: str, mathml: str) -> None:
    assert mathml in to_mathml(tex, True)


def test_a_displayed_formula_is_a_block() -> None:
    assert 'display="block"' in drawn(r"\[ x \]")
    assert 'display="block"' not in drawn(r"\( x \)")


@settings(max_examples=50, deadline=None)
@given(
    st.text() | st.lists(st.sampled_from([*"<>&\"'{}^_\\ax1", "\\text{", "\\href{", "\\style{", "&lt;"])).map("".join)
)
def test_whatever_is_typed_becomes_sound_mathml_or_nothing(tex: str) -> None:
    mathml = to_mathml(tex, True)
    if mathml and not re.search("[\x00-\x1f\ud800-\udfff\ufffe\uffff]", tex):
        root = ElementTree.fromstring(mathml)
        assert not {name for element in root.iter() for name in element.attrib} & {"href", "style", "class", "id"}
        assert {element.tag for element in root.iter()} <= {"math"} | {
            element.tag for element in root.iter() if re.fullmatch("m[a-z]+|none", str(element.tag))
        }


def test_text_in_a_formula_is_escaped() -> None:
    page = drawn(r"\(\text{&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;}\)")
    assert "<img" not in page
    assert "&lt;img" in page


def test_what_is_not_understood_shows_as_typed_and_marked() -> None:
    assert re.fullmatch(
        r'a <code class="untypeset" title="[^"]+">\\\(\\nosuch &lt; x\\\)</code>', drawn(r"a \(\nosuch &lt; x\)")
    )


def test_scripts_and_words_stay() -> None:
    script = f"<script>{scripts()[1]} '\\(x\\)'</script>"
    assert drawn(f"\\(x\\){script}\\(y\\)").count("<math") == 2
    assert script in drawn(f"\\(x\\){script}\\(y\\)")
    assert drawn("<p>plain</p>") == "<p>plain</p>"
