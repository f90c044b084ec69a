"""The page of the statistics: hostile words stay words, it loads nothing, it fits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from aipm_cards.memory.days import date_of
from aipm_cards.memory.scheduler import State
from aipm_cards.memory.statistics.activity import activity
from aipm_cards.memory.statistics.calibration import calibration
from aipm_cards.memory.statistics.counts import BINS, Bin, Day, OfCard
from aipm_cards.memory.statistics.hardest import hardest
from aipm_cards.memory.statistics.load import load
from aipm_cards.memory.statistics.periods import periods
from aipm_cards.memory.statistics.readiness import Known
from aipm_cards.memory.statistics.reading import Standing
from aipm_cards.memory.statistics.retention import retention
from aipm_cards.memory.statistics.whole import Statistics
from aipm_cards.memory.statistics.words import Named
from aipm_cards.model import Topic
from aipm_cards.page.statistics import page
from aipm_cards.terminal.figures import cells
from aipm_cards.terminal.look import Look
from aipm_cards.terminal.statistics import drawn
from aipm_cards.terminal.statistics_spoken import spoken
from tests.preview.browser import Tab, browser, chromium

TODAY = 20_786
HOSTILE = "</style><script>document.title='owned'</script><img src=x onerror=alert(1)> \"'& \x1b[31m\u202e 言葉" * 3


def day_of(number: int) -> Day:
    reviews = number * 7 % 40
    return Day(
        reviews * 2, reviews * 9000, reviews // 4, reviews, reviews * 0.9 // 1, number % 9, number % 9 * 0.8 // 1,
        reviews * 8000, (reviews + number % 9) * 0.9,
    )  # fmt: skip


def made_up() -> Statistics:
    """Statistics with something in every place, and long and hostile names."""
    days = {day: day_of(day) for day in range(TODAY - 400, TODAY + 1) if day % 9}
    spans = periods(days, TODAY)
    bins = [Bin(n * n, n * n * n / BINS // 1, n * n * (n + 0.5) / BINS, n * 0.3, n * 0.1) for n in range(BINS)]
    cards = [
        Standing(n, f"note-{n}:0", State.REVIEW, 9.5, TODAY - 3, TODAY + n - 4, 9, n % 7, n % 2) for n in range(50)
    ]
    names = ["", HOSTILE, *(f"Deck {n}::Below::And far below" for n in range(6))]
    known = [Known(name, 12, n + 1, (n + 1) * 0.8) for n, name in enumerate(names)]
    return Statistics(
        TODAY,
        retention(spans),
        calibration(bins),
        load(cards, days, TODAY),
        activity(days, spans, TODAY),
        hardest(cards, {n: OfCard(9, 3, 8, 0.9) for n in range(50)}),
        Known("all", 1200, 600, 512.5),
        {
            "family": known,
            "round": [Known("SD", 9, 3, 2.5)],
            "deck": known,
            "topic": [Known(f"T{n:03}", 3, n % 4, n % 4 * 0.8) for n in range(30)],
        },
    )


def named() -> Named:
    topics = {
        f"T{n:03}": Topic(f"T{n:03}", f"{HOSTILE} {n}", HOSTILE if n % 2 else "one", n % 3 + 1) for n in range(30)
    }
    cards = {f"note-{n}:0": (HOSTILE, f"decks/{'deep/' * 20}file.yaml:{n}") for n in range(40)}
    return Named(HOSTILE, "en", date_of(TODAY), topics, cards)


class Document(HTMLParser):
    """What tags a page has, and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("meta", "br", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open[-1:]:
            self.open.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words += data


def test_hostile_words_stay_words() -> None:
    text = page(made_up(), named())
    document = Document(text)
    assert document.open == []
    assert not document.tags & {"script", "img", "iframe", "link", "object", "a", "base"}
    assert not [name for name in document.attributes if name.startswith("on") or name in ("style", "href", "src")]
    assert "document.title='owned'" in document.words
    assert not re.search("[\x00-\x08\x1b\u202e]", text)
    assert "default-src 'none'" in text
    assert not re.search(r"https?:|url\(|@import", text)


def test_tables_have_headings() -> None:
    text = page(made_up(), named())
    for table in re.findall(r"<table>.*?</table>", text, re.DOTALL):
        assert '<th scope="col"' in table
        rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
        assert all(row.startswith("<th scope=") for row in rows)
        widths = {row.count("<t") + 1 * row.count("colspan") for row in rows}
        assert len(widths) == 1, widths
    for svg in re.findall(r"<svg [^>]*>", text):
        assert "aria-label" in svg or "aria-hidden" in svg


@pytest.mark.parametrize("width", [60, 61, 79, 80, 99, 110, 200])
def test_lines_fit(width: int) -> None:
    for look in (Look(True, True, True), Look(False, False, False)):
        lines = drawn(made_up(), named(), width, look, every_topic=True)
        plain = [re.sub(r"\x1b\[\d*m", "", line) for line in lines]
        assert max(map(cells, plain)) <= width, max(plain, key=cells)
        assert not re.search("[\x00-\x1f\u202e]", "".join(plain))
        assert ("\x1b" in "".join(lines)) == look.styled
        if not look.unicode:
            assert not re.search("[\u2500-\u25ff·]", "".join(plain))
        heat = [line for line in plain if re.match("(Mon|Sun) ", line) and not re.search(r"[A-Z]\w+ \d", line[4:])]
        assert all(len(line) >= min(53, width - 4) for line in heat[-2:])


def test_sentences_draw_nothing() -> None:
    lines = spoken(made_up(), named(), every_topic=True)
    assert not re.search("[\u2500-\u25ff\x00-\x1f\u202e]", "".join(lines))
    assert not [line for line in lines if "  " in line]
    assert len([line for line in lines if line.startswith("By topic, T0")]) == 30


# --- in a browser --------------------------------------------------------------------------------


@pytest.fixture
def tab(tmp_path: Path) -> Iterator[Tab]:
    program = chromium()
    if program is None:
        pytest.skip("this machine has no Chromium")
    with browser(program, tmp_path / "profile") as tab:
        yield tab


TABLES, FITS = ".scroll:not(.from-the-end)", "box => box.scrollWidth <= box.clientWidth + 1"


def test_in_a_browser(tab: Tab, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page(made_up(), named()), encoding="utf-8")
    address = (tmp_path / "page.html").as_uri()
    papers = []
    for width, dark in ((1200, False), (390, True)):
        tab.size(width, 900, dark=dark)
        tab.open(address)
        assert (tab.loaded, tab.logged) == ([address], [])
        assert "owned" in tab.run("document.title")  # as a word of the name, not as all of it
        assert tab.run("document.title") != "owned"
        assert tab.run("document.documentElement.scrollWidth") <= width
        assert tab.run(f"[...document.querySelectorAll('{TABLES}')].every({FITS})"), "a table is wider than the page"
        papers.append(tab.run("getComputedStyle(document.body).backgroundColor"))
        assert (
            tab.run("getComputedStyle(document.querySelector('td:not(.words)')).textAlign") == "right"
        )  # the style is let in
    assert papers == ["rgb(253, 253, 251)", "rgb(20, 24, 27)"]
