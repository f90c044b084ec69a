"""LaTeX as a line that one can read; broken and hostile LaTeX as it was typed."""

# ruff: noqa: RUF001 - mathematics has signs that look like letters

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aipm_cards.terminal.maths import readable

READ = {
    r"\frac{TP}{TP + FP}": "TP/(TP + FP)",
    r"F_\beta = (1+\beta^2)\frac{P \cdot R}{\beta^2 P + R}": "Fᵦ = (1 + β²) (P · R)/(β² P + R)",
    r"\frac{1}{n}\sum_{i=1}^{n} (y_i - \hat{y}_i)^2": "(1/n) ∑ᵢ₌₁ⁿ (yᵢ - ŷᵢ)²",
    r"\sqrt{\frac{1}{n}\sum_{i=1}^n (y_i-\hat y_i)^2}": "√((1/n) ∑ᵢ₌₁ⁿ (yᵢ - ŷᵢ)²)",
    r"H(p, q) = -\sum_x p(x) \log q(x)": "H(p, q) = -∑ₓ p(x) log q(x)",
    r"\sigma(z) = \frac{1}{1 + e^{-z}}": "σ(z) = 1/(1 + e⁻ᶻ)",
    r"\operatorname{softmax}(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}": "softmax(z)ᵢ = e^(zᵢ)/(∑ⱼ e^(zⱼ))",
    r"\mathrm{Attention}(Q,K,V)=\operatorname{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right)V": (
        "Attention(Q,K,V) = softmax(QKᵀ/√dₖ)V"
    ),
    r"P(A \mid B) = \frac{P(B \mid A) P(A)}{P(B)}": "P(A | B) = (P(B | A) P(A))/P(B)",
    r"\bar{x} \pm 1.96 \cdot \frac{s}{\sqrt{n}}": "x̄ ± 1.96 · s/√n",
    r"x \in \mathbb{R}^{n \times m}": "x ∈ ℝ^(n × m)",
    r"\begin{pmatrix} 80 & 20 \\ 10 & 890 \end{pmatrix}": "(80, 20; 10, 890)",
    r"f(x) = \begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}": (
        "f(x) = {1, if x > 0; 0, otherwise}"
    ),
    r"\text{precision} = \frac{\text{true positives}}{\text{flagged}}": "precision = (true positives)/flagged",
    r"\lim_{n \to \infty} \left(1 + \frac{1}{n}\right)^n = e": "lim_(n → ∞) (1 + 1/n)ⁿ = e",
    r"\int_0^1 f(x)\,dx": "∫₀¹ f(x) dx",
    r"\frac12 + \tfrac{3}{4}": "1/2 + 3/4",
    r"2\frac{1}{3}": "2(1/3)",
    r"x/\frac{a}{b}": "x/(a/b)",
    r"\left(\frac{a}{b}\right)^2 + \frac{a}{b}^2": "(a/b)² + (a/b)²",
    r"a_{n+1} = a_n^2": "aₙ₊₁ = aₙ²",
    r"\left\lVert x \right\rVert_2": "‖x‖₂",
    r"\lvert A \cap B \rvert / \lvert A \cup B \rvert": "|A ∩ B| / |A ∪ B|",
    r"\arg\max_\theta \prod_i p_\theta(x_i)": "arg max_θ ∏ᵢ p_θ(xᵢ)",
    r"\hat{\theta}_{ML}x": "θ̂_ML x",
    r"10\% \le p < 20\%": "10% ≤ p < 20%",
    r"\$5\,000 \times 3": "$5 000 × 3",
    r"1{,}000 \neq -1": "1,000 ≠ -1",
    r"A^{-1} B^T + f'(x) + x^*": "A⁻¹ Bᵀ + f'(x) + x*",
    r"\sqrt[3]{x + 1} + \sqrt[n]{x}": "∛(x + 1) + ⁿ√x",
    r"\binom{n}{k}": "(n choose k)",
    r"\frac{\frac{a}{b} + c}{d}": "(a/b + c)/d",
    r"\mathcal{L}(\theta) \propto \mathbb{E}_{x \sim p}[\log p_\theta(x)]": "ℒ(θ) ∝ 𝔼_(x ∼ p)[log p_θ(x)]",
    r"D_{\mathrm{KL}}(P \parallel Q)": "D_KL(P ∥ Q)",
    r"p \approx 0.05 \Rightarrow \neg H_0": "p ≈ 0.05 ⇒ ¬ H₀",
    r"\underbrace{a + b}_{\text{sum}} = c": "(a + b)_sum = c",
    r"\overline{AB}": "overline(AB)",
    r"x_1, \ldots, x_n": "x₁, …, xₙ",
    r"\{ x : x \notin A \}": "{x : x ∉ A}",
    r"2^{10} = 1024 \quad\text{and}\quad 10^{-3}": "2¹⁰ = 1024 and 10⁻³",
    r"\begin{aligned} a &= b + c \\ &= d \end{aligned}": "a = b + c\n= d",
    r"a \bmod n \equiv b \pmod{n}": "a mod n ≡ b (mod n)",
    r"\text{a $x^2$ b}": "a x² b",
    r"e^{i\pi}+1=0": "e^(iπ) + 1 = 0",
    r"\log_2 8 = 3": "log₂ 8 = 3",
    r"\text{50\% of A\_B}": "50% of A_B",
    r"\mathbf{w}^\top \mathbf{x} + b": "wᵀx + b",
    r"\not\in \color{red}{x}": "∉ x",
    r"\max(0, x)": "max(0, x)",
    r"90^\circ": "90°",
    r"TP / (TP + FP)": "TP / (TP + FP)",
}
ASCII = {
    r"\frac{1}{n}\sum_{i=1}^{n} (y_i - \hat{y}_i)^2": "(1/n) sum_(i=1)^n (y_i - hat(y)_i)^2",
    r"2\alpha x \le \sqrt{n} \cdot \infty": "2 alpha x <= sqrt(n) * infinity",
    r"x \in \mathbb{R}, \ldots \to y": "x in R, ... -> y",
    r"\sqrt[3]{x}": "root(x, 3)",
}
AS_TYPED = [
    r"\foo{a}{b} + c",
    r"\frac{a}",
    r"\frac",
    "{",
    "}",
    "x^",
    "x_",
    r"\begin{cases} a",
    r"\end{cases}",
    r"\sqrt[3",
]
AS_TYPED += ["$", "#", "\\", r"\text{a", r"\begin{", r"\ufoo", r"\hat", r"x^\frac12", r"\left", "a % b"]
PARTS = [
    *"{}[]()^_&$%#~\\ a1=-",
    r"\frac",
    r"\sqrt",
    r"\left(",
    r"\right)",
    r"\text{",
    r"\hat",
    r"\begin{cases}",
    r"\\",
]
PARTS += [
    r"\end{cases}",
    r"\alpha",
    r"\foo",
    r"\not",
    r"\(",
    r"\)",
    "\ufdd6",
    "{{c1::",
    "::h}}",
    r"\verb|",
    "字",
    "\x1b",
]


@pytest.mark.parametrize(("tex", "expected"), READ.items())
def test_formulas_are_readable(tex: str, expected: str) -> None:
    assert readable(tex) == expected


@pytest.mark.parametrize(("tex", "expected"), ASCII.items())
def test_formulas_in_ascii(tex: str, expected: str) -> None:
    assert readable(tex, unicode=False) == expected


@pytest.mark.parametrize("tex", READ)
def test_ascii_is_ascii(tex: str) -> None:
    assert readable(tex, unicode=False).isascii()


@pytest.mark.parametrize("tex", AS_TYPED)
def test_what_cannot_be_read_stays_as_typed(tex: str) -> None:
    assert readable(tex) == tex


def test_gaps_are_written_as_asked() -> None:
    tex = r"\frac{ {{c1::::sum}} }{x^{ {{c1::::}} }} + {{c2::y}}"
    assert readable(tex, gap=lambda hint: f"<{hint}>") == "<sum>/(x^(<>)) + <>"
    assert readable(r"{{c1::::a}} {", gap=lambda hint: f"<{hint}>") == "{<a>} {"
    assert readable("\ufdd67\ufdd7", gap=lambda hint: hint) == "\ufffd7\ufffd"


@given(st.lists(st.sampled_from(PARTS), max_size=40).map("".join) | st.text())
@settings(max_examples=300, deadline=None, database=None, derandomize=True)
def test_any_text_is_read(tex: str) -> None:
    for unicode in (True, False):
        assert isinstance(readable(tex, unicode), str)
        assert isinstance(readable(tex, unicode, gap=lambda hint: f"[{hint}]"), str)
    if tex.strip():
        said = {c for c in readable(tex) if c.isalnum()}
        assert said or not {"1", "字"} & set(tex)


@pytest.mark.parametrize(
    "tex",
    [
        *("{" * 10_000, r"\frac" * 4_000, r"\frac{" * 3_333, "{" * 10_000 + "}" * 10_000, "x^" * 10_000, "a" * 20_000),
        *(
            "a " * 2_000,
            r"\alpha" * 600,
            r"\left(" * 600,
            r"\begin{a}" * 400,
            "\\" * 4_000,
            "$" * 4_000,
            r"\sqrt[" * 600,
        ),
        *("}" * 4_000, "[" * 4_000, "(" * 4_000, "x_1" * 1_300, r"\hat a" * 600, "+" * 4_000, "^" * 4_000, "_" * 4_000),
        *(r"\frac{" * 23 + "1" + "}{2}" * 23, r"\frac{" + "(" * 3_900 + "}1", r"\frac{" + "a(b)" * 900 + "}{2}"),
        *(r"\(\text{" * 300 + r"}\)" * 300, r"$\text{" * 300 + "}$" * 300, r"\text{$x$}" * 300, r"\not" * 900),
        *(r"\begin{a}" * 20 + r"\end{a}" * 20, r"\begin{matrix}" + "&" * 1_000 + r"\\" * 1_000 + r"\end{matrix}"),
        *("{{c1::" * 600, "{{c1::a}}" * 400, r"\verb|" * 500, "x" + " " * 3_900 + "y", "%" * 4_000),
    ],
    ids=lambda tex: tex[:12],
)
def test_hostile_formulas_are_bounded(tex: str) -> None:
    readable("x")
    start = time.perf_counter()
    said = readable(tex, gap=lambda hint: hint)
    assert time.perf_counter() - start < 1
    assert len(said) <= 3 * len(tex)


def test_a_long_or_deep_formula_is_shown_as_typed() -> None:
    assert readable(r"\alpha " + "x" * 4_000) == r"\alpha " + "x" * 4_000
    assert readable("{" * 25 + r"\alpha" + "}" * 25) == "{" * 25 + r"\alpha" + "}" * 25
    assert readable("{" * 24 + r"\alpha" + "}" * 24) == "α"
