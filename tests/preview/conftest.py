from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from aipm_cards.content.live import Live
from aipm_cards.preview.server import Server, serve
from aipm_cards.preview.watch import Watch
from tests.packages.sample import write

HOSTILE = r"""deck: Hostile
notes:
  - id: scripts-in-words
    front: |
      <script>parent.postMessage({owned: 1}, "*")</script> <img src=x onerror="document.title='owned'">
      `</script>` </iframe> <iframe src="https://example.org/"></iframe> "onload="alert(1)
    back: |
      </textarea></style><style>*{display:none}</style> [a link](https://example.org/page)
      and <a href="javascript:alert(1)">js</a>
    cue: </div></body></html>
    extra: |
      ![a "picture" onerror=alert(1) x='](media/matrix.svg)
  - id: scripts-in-formulas
    front: |
      \(\text{</script><script>document.title='owned'</script><img src=x onerror=alert(1)>}\)
      \(\href{javascript:alert(1)}{x}\) \(\style{display:none}{y}\) \(\def\a{\a\a}\a\) \(\unknown{z}\)
    back: Nothing ran.
  - id: scripts-in-gaps
    kind: cloze
    text: |
      Say {{c1::"><script>document.title='owned'</script>::<b onclick=alert(1)>}}
      and \( \frac{ {{c2::\text{<b>} }} }{2} \).
"""
WIDE = r"""deck: Wide and far
notes:
  - id: formulas
    front: |
      Which share is \(\frac{TP}{TP + FP}\), and what is
      \[ F_1 = \frac{2pr}{p + r} = \sum_{i=1}^{n} \sqrt{x_i^2} \] here?
    back: |
      \[ \begin{aligned} p &= 0.8 \\ r &= \tfrac{1}{2} \end{aligned} \]
      A matrix \(\begin{pmatrix} a & b \\ c & d \end{pmatrix}\), an expectation \(\mathbb{E}[X \mid Y]\),
      and what no engine knows: \(\nosuch{x}\).
  - id: gaps-in-formulas
    kind: cloze
    text: |
      So \( p = \frac{ {{c1::TP}} }{TP + {{c2::FP}}} \), and {{c3::\(r\)}} is the {{c4::recall::a measure}}.
  - id: scripts-of-the-world
    front: |
      ما هي دقة النموذج؟

      模型的精确率是什么吗模型的精确率是什么吗模型的精确率是什么吗模型的精确率是什么吗
    back: |
      Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsvorstandsvorsitzender

      | one | two | three | four | five | six | seven | eight | nine |
      |---|---|:-:|--:|---|---|---|---|---|
      | a longer cell | b | c | 1 | e | f | g | h | a last cell that is long |

      ```python
      def precision(tp: int, fp: int) -> float:  # a comment that makes this line longer than a phone is wide
          return tp / (tp + fp)
      ```
"""


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A collection with a note of every kind."""
    return write(tmp_path / "sample")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """The same with notes that try to break out of their cards, and some that are hard to set."""
    return write(tmp_path / "hostile", hostile=HOSTILE, wide=WIDE)


@pytest.fixture
def served() -> Iterator[Callable[..., Server]]:
    """Serves a collection on a free port until the test ends; a bug in the reading fails it."""
    bugs: list[Exception] = []
    with ExitStack() as open_:

        def start(root: Path, below: str = "") -> Server:
            watch = Watch(Live(root), below, bugs.append)
            server = open_.enter_context(serve(watch, 0))
            open_.enter_context(watch)
            thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            open_.callback(thread.join)
            open_.callback(server.shutdown)
            return server

        yield start
    assert not bugs
