"""The preview in a real Chromium: what is shown, what is kept, and that no card runs anything."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from aipm_cards.content.live import Live
from aipm_cards.preview.server import Server
from aipm_cards.preview.site import site
from aipm_cards.preview.static import write
from tests.packages.sample import KINDS_OF, edit
from tests.preview.browser import Tab, browser, chromium, until

Serve = Callable[..., Server]
ROWS = "document.querySelectorAll('.row').length"
FRAMES = "document.querySelectorAll('iframe').length"
FOREIGN = "#qa iframe, #qa form, #qa style, [onerror], [onload], [onclick], [href^=java]"
TITLE = "document.getElementById('title').textContent"
CHOSEN = "document.querySelector('.row[aria-selected=true] .about span')?.textContent"

pytestmark = pytest.mark.skipif(chromium() is None, reason="this machine has no Chromium")


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    program = chromium()
    assert program
    with browser(program, tmp_path_factory.mktemp("chromium") / "profile") as tab:
        yield tab


@pytest.fixture
def tab(chrome: Tab) -> Tab:
    chrome.size(1500, 1000)
    return chrome


def words(tab: Tab, count: int) -> list[str]:
    """The words in each frame, once there are so many that have drawn."""

    def look() -> list[str] | None:
        found = tab.in_frames("document.querySelector('.aipm')?.innerText")
        return found if len([text for text in found if text]) == count else None

    return list(until(look, f"{count} frames"))


def both_sides(tab: Tab, note: str, cards: int) -> None:
    """Wait until the fronts and the backs of so many cards of a note have drawn."""
    ids = "document.querySelector('footer .id')?.textContent ?? ''"  # it stands on the back
    until(lambda: sorted(tab.in_frames(ids)) == [""] * cards + [note] * cards, note)


def test_every_kind(tab: Tab, served: Serve, sample: Path) -> None:
    server = served(sample)
    tab.size(1500, 5000)  # a browser leaves frames out of sight as they are
    tab.open(f"{server.address}#look=both")
    for kind, note in KINDS_OF.items():
        frames = 8 if kind in ("reversed", "cloze", "contrast") else 4
        tab.run(f"location.hash = 'note={note}&look=both'")
        both_sides(tab, note, frames // 2)
        assert tab.run(CHOSEN) == f"{kind} · {note}"
        looks = tab.in_frames("getComputedStyle(document.body).backgroundColor")
        assert sorted(set(looks)) == ["rgb(251, 250, 247)", "rgb(29, 31, 35)"]
        assert all(width <= 0 for width in tab.in_frames("document.documentElement.scrollWidth - innerWidth"))
        until(lambda: all(left <= 1 for left in tab.in_frames("document.body.scrollHeight - innerHeight")), "height")
    assert tab.logged == []
    assert all(address.startswith((server.address, "data:", "about:")) for address in tab.loaded)


def test_images_are_drawn(tab: Tab, served: Serve, sample: Path) -> None:
    tab.open(f"{served(sample).address}#note=precision")
    words(tab, 2)
    loaded = "[...document.images].map((image) => image.complete && image.naturalWidth > 0)"
    until(lambda: tab.in_frames(loaded) == [[True], [True]], "two images")


def test_a_hostile_card_runs_nothing(tab: Tab, served: Serve, hostile: Path) -> None:
    server = served(hostile)
    for note, cards in [("scripts-in-words", 1), ("scripts-in-formulas", 1), ("scripts-in-gaps", 2)]:
        tab.open(f"{server.address}#note={note}")
        tab.run("window.messages = []; addEventListener('message', (event) => messages.push(event.data))")
        words(tab, 2 * cards)
        assert tab.run("document.title") == "Sample – preview"
        assert all(title == "" for title in tab.in_frames("document.title"))
        assert set(tab.in_frames("document.scripts.length")) == {1}
        assert set(tab.in_frames(f'document.querySelectorAll("{FOREIGN}").length')) == {0}
        assert tab.run(FRAMES) == 2 * cards
        assert not [message for message in tab.run("messages") if set(message) != {"height"}]
        assert all(address.startswith((server.address, "data:", "about:")) for address in tab.loaded)
    for frame in tab.in_frames("[...document.links].map((link) => [link.href, link.target])"):
        assert frame == []


def test_what_a_card_would_run_is_refused(tab: Tab, served: Serve, hostile: Path) -> None:
    """If the escaping failed: the frames' own policy stops scripts, requests and the way to the page."""
    server = served(hostile)
    tab.open(f"{server.address}#note=scripts-in-words")
    words(tab, 2)
    tried = """(async () => {
      const found = [];
      const refused = (what) => new Promise((done) => addEventListener("securitypolicyviolation", (event) => {
        if (event.effectiveDirective === what) done();
      }));
      const all = ["script-src-elem", "script-src-attr", "img-src"].map(refused);
      const script = document.createElement("script");
      script.textContent = "window.ran = true";
      document.body.append(script);
      const holder = document.createElement("div");
      holder.innerHTML = '<img src="x" onerror="window.ran = true">'
        + '<iframe srcdoc="<script>parent.ran = true</script>"></iframe>';
      all.push(new Promise((done) => { holder.lastChild.onload = done; }));
      document.body.append(holder);
      await Promise.all(all);
      if (window.ran) found.push("script");
      try { await fetch("ADDRESS"); found.push("fetch"); } catch (e) { /* as it should be */ }
      try { parent.document.title; found.push("parent"); } catch (e) { /* as it should be */ }
      try { localStorage.x = 1; found.push("storage"); } catch (e) { /* as it should be */ }
      try { top.location = "about:blank"; found.push("top"); } catch (e) { /* as it should be */ }
      return found;
    })()""".replace("ADDRESS", server.address)
    assert tab.in_frames(tried) == [[], []]
    assert tab.run("document.title") == "Sample – preview"


def test_the_scripts_of_our_templates_run(tab: Tab, served: Serve, sample: Path) -> None:
    tab.open(f"{served(sample).address}#note=design-a-queue")
    words(tab, 2)
    clocks = "document.querySelector('.clock')?.textContent ?? ''"
    until(lambda: [text[:4] in ("20:0", "19:5") for text in sorted(tab.in_frames(clocks))] == [False, True], "a clock")
    tick = "document.querySelectorAll('.rubric input').forEach((box) => box.click())"
    tab.in_frames(tick)
    assert sorted(tab.in_frames("document.querySelector('.earned')?.textContent ?? ''")) == ["", "Good 4 of 4 points"]


def test_formulas(tab: Tab, served: Serve, hostile: Path) -> None:
    server = served(hostile)
    tab.open(f"{server.address}#note=formulas")
    words(tab, 2)
    assert sorted(tab.in_frames("document.querySelectorAll('math').length")) == [2, 5]
    assert sorted(tab.in_frames("document.querySelectorAll('.untypeset').length")) == [0, 1]
    tab.open(f"{server.address}#note=gaps-in-formulas")
    words(tab, 8)
    assert "[...]" in {
        text.replace(" ", "") for text in tab.in_frames("document.querySelector('mfrac > :first-child').textContent")
    }


def test_list_filters_and_keys(tab: Tab, served: Serve, sample: Path) -> None:
    edit(sample / "metrics.yaml", "kind: reversed", "kind: [reversed")
    tab.open(served(sample).address)
    assert tab.wait(ROWS) == 8
    assert tab.wait(CHOSEN) == "basic · precision"
    tab.press("j")
    assert tab.run("document.getElementById('title').textContent") == "recall (left out)"
    assert "Y204" in tab.run("document.getElementById('findings').textContent")
    tab.wait("document.getElementById('source').textContent.includes('kind: [reversed')")
    tab.press("k")
    tab.press("/")
    for letter in "Blocks accounts":
        tab.press(letter)
    assert tab.run(ROWS) == 1
    tab.press("Escape")
    tab.press("j")
    assert tab.run(CHOSEN) == "scenario · to-block-or-not"
    menu = "document.getElementById('{0}')"
    choose = f"{menu}.value = '{{1}}'; {menu}.dispatchEvent(new Event('change'))"
    tab.run("document.getElementById('q').value = ''; document.getElementById('q').dispatchEvent(new Event('input'))")
    tab.run(choose.format("find", "error"))
    assert tab.run(ROWS) == 1
    tab.run(choose.format("find", ""))
    tab.run(choose.format("deck", "Metrics"))
    assert tab.run(ROWS) == 4  # one of the five is broken, and has no deck
    tab.run(choose.format("kind", "calculation"))
    assert tab.run(ROWS) == 1
    assert set(tab.run("location.hash").lstrip("#").split("&")) == {
        "note=to-block-or-not",
        "deck=Metrics",
        "kind=calculation",
    }


def test_keys_move_on_from_inside_a_card(tab: Tab, served: Serve, sample: Path) -> None:
    tab.open(f"{served(sample).address}#note=precision")
    words(tab, 2)
    box = tab.run("(({x, y}) => [x + 60, y + 60])(document.querySelector('iframe').getBoundingClientRect())")
    for type_ in ("mousePressed", "mouseReleased"):
        tab.send("Input.dispatchMouseEvent", type=type_, x=box[0], y=box[1], button="left", clickCount=1)
    tab.wait("document.activeElement.tagName === 'IFRAME'")
    tab.press("ArrowRight")
    tab.wait(f"{CHOSEN} === 'reversed · recall'")


def test_keys_move_on_after_a_choice_of_colours(tab: Tab, served: Serve, sample: Path) -> None:
    tab.open(f"{served(sample).address}#note=precision")
    words(tab, 2)
    tab.run("(dark => { dark.focus(); dark.click(); })(document.querySelector('[value=dark]'))")
    tab.press("j")
    tab.wait(f"{CHOSEN} === 'reversed · recall'")


def test_back_leads_to_the_list_on_a_phone(tab: Tab, served: Serve, sample: Path) -> None:
    tab.size(390, 740)
    tab.open(served(sample).address)
    tab.wait(ROWS)
    tab.run("document.querySelectorAll('.row')[1].click()")
    tab.wait(f"{TITLE} === 'recall' && {FRAMES} === 4")
    tab.run("history.back()")
    tab.wait("document.getElementById('list').offsetParent !== null")
    tab.run("history.forward()")
    tab.wait(f"{TITLE} === 'recall' && document.getElementById('list').offsetParent === null")


def test_a_note_keeps_its_place_under_another_id(tab: Tab, served: Serve, sample: Path) -> None:
    tab.open(f"{served(sample).address}#note=recall")
    words(tab, 4)
    edit(sample / "metrics.yaml", "id: recall", "id: recall-or-not")
    tab.wait("location.hash === '#note=recall-or-not'")
    assert len(words(tab, 4)) == 4
    edit(sample / "metrics.yaml", "id: recall-or-not", "id: {")
    tab.wait("location.hash === '#note=metrics.yaml%3A19'")
    edit(sample / "metrics.yaml", "id: {", "id: recall")
    tab.wait("location.hash === '#note=recall'")


def test_a_note_that_its_file_left_out_says_why(tab: Tab, served: Serve, sample: Path) -> None:
    tab.open(f"{served(sample).address}#note=recall")
    words(tab, 4)
    edit(sample / "metrics.yaml", "deck: Metrics::Basics", "deck: [Metrics::Basics")
    tab.wait(f"{TITLE} === 'recall (left out)' && {FRAMES} === 0")
    assert "metrics.yaml:1:" in tab.run("document.getElementById('findings').textContent")


def test_a_page_out_of_sight_listens_when_it_is_seen_again(tab: Tab, served: Serve, sample: Path) -> None:
    server = served(sample)
    tab.open(f"{server.address}#note=precision")
    words(tab, 2)
    turn = """Object.defineProperty(document, "hidden", {value: HIDDEN, configurable: true});
      document.dispatchEvent(new Event("visibilitychange"))"""
    tab.run(turn.replace("HIDDEN", "true"))
    version = server.watch.site.version
    edit(sample / "metrics.yaml", "Each alarm", "Every alarm")
    assert server.watch.newer(version, 40).version != version
    assert "Every alarm" not in "".join(tab.in_frames("document.body.innerText"))
    tab.run(turn.replace("HIDDEN", "false"))
    until(lambda: any("Every alarm" in text for text in tab.in_frames("document.body.innerText")), "the save")


def test_the_page_says_when_the_preview_ended(tab: Tab, served: Serve, sample: Path) -> None:
    server = served(sample)
    tab.open(server.address)
    words(tab, 2)
    server.watch._ended.set()
    with server.watch._news:
        server.watch._news.notify_all()
    server.shutdown()
    server.socket.close()
    tab.wait("document.getElementById('status').textContent.includes('not running any more')")
    assert tab.run(FRAMES) == 2


def test_a_save_is_shown_and_the_place_is_kept(tab: Tab, served: Serve, sample: Path) -> None:
    tab.open(f"{served(sample).address}#note=to-block-or-not&q=account")
    words(tab, 2)
    tab.in_frames("document.querySelectorAll('.rubric input').forEach((box) => box.click())")
    tab.run("document.getElementById('main').scrollTop = 200")
    edit(sample / "metrics.yaml", "Each alarm", "Every alarm")
    edit(sample / "talk.yaml", "question: Do you launch?", "question: Do you ship?")
    until(lambda: sum("Do you ship?" in text for text in tab.in_frames("document.body.innerText")) == 2, "the save")
    assert tab.run("document.getElementById('main').scrollTop") == 200
    assert tab.run("document.getElementById('q').value") == "account"
    assert tab.run(ROWS) == 1
    tab.in_frames("document.querySelectorAll('.rubric input').forEach((box) => box.click())")
    edit(sample / "metrics.yaml", "Every alarm", "Any alarm")  # another note: this card stays as it is
    tab.run(
        "document.getElementById('q').value = 'any'; document.getElementById('q').dispatchEvent(new Event('input'))"
    )
    tab.wait(ROWS)
    assert "Good 3 of 3 points" in tab.in_frames("document.querySelector('.earned')?.textContent")
    edit(sample / "talk.yaml", "question: Do you ship?", "question: [")
    tab.wait("document.getElementById('title').textContent === 'to-block-or-not (left out)'")
    tab.wait(f"{FRAMES} === 0")
    edit(sample / "talk.yaml", "question: [", "question: Well?")
    until(lambda: sum("Well?" in text for text in tab.in_frames("document.body.innerText")) == 2, "the mended note")


def test_a_phone(tab: Tab, served: Serve, sample: Path) -> None:
    server = served(sample)
    tab.open(f"{server.address}#note=precision&size=phone")
    words(tab, 2)
    assert set(tab.in_frames("innerWidth")) == {388}  # and a border
    tab.size(360, 740, dark=True)
    tab.open(server.address)
    assert tab.wait(ROWS) == 8
    assert tab.run("document.documentElement.scrollWidth") == 360
    tab.run("document.querySelector('.row').click()")
    words(tab, 2)
    assert tab.run("document.documentElement.scrollWidth") == 360
    assert tab.run("document.getElementById('list').offsetParent === null")
    assert set(tab.in_frames("document.body.className")) == {"card card1 nightMode night_mode"}
    tab.run("document.getElementById('back').click()")
    assert tab.run("document.getElementById('list').offsetParent !== null")


def test_many_notes_have_few_rows(tab: Tab, served: Serve, sample: Path) -> None:
    notes = "".join(f"  - {{id: number-{number:04}, front: Why {number}?, back: So.}}\n" for number in range(1000))
    (sample / "many.yaml").write_text(f"deck: Many\nnotes:\n{notes}", encoding="utf-8")
    tab.open(f"{served(sample).address}#note=number-0000&deck=Many")
    tab.wait(f"{ROWS} > 5")
    assert tab.run(ROWS) < 40
    tab.run("document.getElementById('list').focus()")
    tab.press("End")
    assert tab.wait(CHOSEN) == "basic · number-0999"
    until(lambda: any("Why 999?" in text for text in tab.in_frames("document.body.innerText")), "its card")


def test_a_directory_of_files_below_a_path(tab: Tab, sample: Path, tmp_path: Path) -> None:
    write(site(Live(sample).examine()), tmp_path / "web" / "deep" / "cards")
    handler = partial(Quiet, directory=os.fspath(tmp_path / "web"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        tab.open(f"http://127.0.0.1:{server.server_port}/deep/cards/#note=precision")
        assert any("The share of alarms" in text for text in words(tab, 2))
        until(lambda: tab.in_frames("document.images[0].naturalWidth > 0") == [True, True], "two images")
        assert tab.run("document.getElementById('status').textContent") == ""
        assert tab.logged == []
        tab.open("about:blank")
        server.shutdown()
        thread.join()


def test_files_without_a_server_say_what_to_do(tab: Tab, sample: Path, tmp_path: Path) -> None:
    write(site(Live(sample).examine()), tmp_path / "cards")
    tab.open((tmp_path / "cards" / "index.html").as_uri())
    tab.wait("document.getElementById('status').textContent.includes('python3 -m http.server')")
    tab.open("about:blank")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass
