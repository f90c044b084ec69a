"""The files of the preview: entries with their findings, cards, and a directory of them all."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from aipm_cards.anki.faces import sides
from aipm_cards.anki.notetypes import scripts
from aipm_cards.content.live import Live
from aipm_cards.errors import PreviewError
from aipm_cards.kinds import KINDS, Form
from aipm_cards.preview import site as module
from aipm_cards.preview.maths import drawn
from aipm_cards.preview.site import Site, page, page_policy, site
from aipm_cards.preview.static import MARKER, write
from tests.packages.sample import KINDS_OF, PIXEL, basic, edit
from tests.packages.sample import write as write_sample


def of(root: Path, below: str = "") -> Site:
    return site(Live(root).examine(), below=below)


def read(made: Site, name: str) -> Any:
    data = made.read(name)
    assert data is not None, name
    return json.loads(data)


def listed(root: Path, below: str = "") -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = read(of(root, below), "index.json")["entries"]
    return entries


def test_every_note_with_its_place(sample: Path) -> None:
    entries = listed(sample)
    assert [(entry["id"], entry["path"], entry["line"]) for entry in entries][:2] == [
        ("precision", "metrics.yaml", 6),
        ("recall", "metrics.yaml", 19),
    ]
    assert len(entries) == 8
    assert entries[0]["title"] == "What is precision? a matrix"
    assert entries[0]["tags"] == ["evaluation", "T001"]
    assert "Each alarm costs *work*." in entries[0]["text"]


def test_cards_are_those_of_anki(sample: Path) -> None:
    made = of(sample)
    cards = {
        key: value for name in made.names() if name.startswith("cards/") for key, value in read(made, name).items()
    }
    draw = sides(made.collection)
    assert len(cards) == 8
    for note in made.collection.notes:
        shown = [(card["ordinal"], card["front"], card["back"]) for card in cards[note.id]["cards"]]
        assert [card[0] for card in shown] == [card.ordinal for card in draw(note)]
        if "\\(" not in note.text("text"):
            assert shown == [tuple(card) for card in draw(note)]


def test_images_are_addresses_of_data(sample: Path) -> None:
    made = of(sample)
    (name,) = [name for name in made.names() if name.startswith("media/")]
    assert name.removeprefix("media/").removesuffix(".json") in read(made, "cards/0.json")["precision"]["images"]
    address = read(made, name)
    assert address.startswith("data:image/svg+xml;base64,")
    assert base64.b64decode(address.partition(",")[2]) == PIXEL.encode()
    for image in (sample / "media").iterdir():
        image.write_text("<svg>other</svg>", encoding="utf-8")
    assert made.read(name) is None  # it is not the one that the card shows


@pytest.mark.parametrize(
    "name",
    [
        *("", "cards/", "cards/9.json", "cards/-1.json", "cards/x.json", "cards/\u0663.json", "cards/99999999.json"),
        *("media/x.json", "../collection.yaml", "media/../collection.yaml", "collection.yaml", "media/../../x.json"),
        *("frame.js", "cards/0"),
    ],
)
def test_there_is_nothing_else(sample: Path, name: str) -> None:
    assert of(sample).read(name) is None


def test_slices(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLICE", 3)
    made = of(sample)
    keys = [key for name in made.names() if name.startswith("cards/") for key in read(made, name)]
    assert keys == [entry.key for entry in made.entries]
    assert [name for name in made.names() if name.startswith("cards/")] == [
        "cards/0.json",
        "cards/1.json",
        "cards/2.json",
    ]


# --- findings ------------------------------------------------------------------------------


def test_a_broken_note_is_listed_at_its_place(sample: Path) -> None:
    edit(sample / "metrics.yaml", "kind: reversed", "kind: [reversed")
    entries = listed(sample)
    assert [entry["id"] for entry in entries if not entry.get("kind")] == ["recall"]
    (broken,) = [entry for entry in entries if entry["id"] == "recall"]
    assert (broken["state"], broken["key"], broken["line"]) == ("left out", "recall", 19)
    assert [finding["code"] for finding in broken["findings"]] == ["Y204"]
    assert not [entry["id"] for entry in entries if entry["findings"] and entry is not broken]
    assert "kind: [reversed" in read(of(sample), "cards/0.json")["recall"]["source"]


def test_what_is_wrong_with_a_file_is_an_entry(sample: Path) -> None:
    edit(sample / "talk.yaml", "deck: Talk", 'deck: "Talk::"')
    (sample / "empty.yaml").write_text("", encoding="utf-8")
    (sample / "media" / "unused.svg").write_text(PIXEL, encoding="utf-8")
    entries = listed(sample)
    files = {
        entry["path"]: [finding["code"] for finding in entry["findings"]]
        for entry in entries
        if entry.get("state") == "file"
    }
    assert files == {"empty.yaml": ["D201"], "talk.yaml": ["D202"]}
    left_out = [entry["id"] for entry in entries if entry.get("state") == "left out"]
    assert left_out == ["design-a-queue", "to-block-or-not", "gone-by-now"]


def test_every_finding_is_shown_once(sample: Path) -> None:
    edit(sample / "talk.yaml", "minutes: 20", "minuts: 20")
    edit(sample / "metrics.yaml", "back: The share", "back: TODO The share")
    edit(sample / "collection.yaml", "license", "licence")
    (sample / "footer.yaml").write_text(basic("one-more") + "dek: x\n", encoding="utf-8")
    write_sample(sample, {}, twice=basic("precision"))
    examined = Live(sample).examine()
    shown = [finding for entry in site(examined).entries for finding in entry.findings]
    assert sorted(shown, key=lambda finding: finding.order) == list(examined.problems)
    assert {finding.code for finding in shown} >= {"N105", "S503", "D101", "N103"}
    keys = [entry.key for entry in site(examined).entries]
    assert len(set(keys)) == len(keys)
    assert "twice.yaml:3" in keys


def test_notes_in_one_line_are_all_there(sample: Path) -> None:
    notes = "{id: one-a, front: Why?, back: So.}, {id: one-b, front: How?, back: So.}, {id: precision}"
    (sample / "flow.yaml").write_text(f"deck: One\nnotes: [{notes}]\n", encoding="utf-8")
    entries = [entry for entry in listed(sample) if entry["path"] == "flow.yaml"]
    assert [entry["key"] for entry in entries] == ["one-a", "one-b"]
    assert [len(entry["findings"]) > 0 for entry in entries] == [True, False]


def test_keys_in_quotes_are_keys(sample: Path) -> None:
    notes = "  - {id: one-a, front: Why?, back: So.}\n  - id: one-b\n    kind: nothing\n"
    (sample / "quoted.yaml").write_text(f"'deck': One\n\"notes\" :\n{notes}'cue': x\n", encoding="utf-8")
    entries = [(entry["key"], entry["line"]) for entry in listed(sample) if entry["path"] == "quoted.yaml"]
    assert entries == [("one-a", 3), ("one-b", 4)]


def test_a_warning_stands_with_its_note(sample: Path) -> None:
    edit(sample / "metrics.yaml", "why: It is low", "why: TODO It is low")
    (entry,) = [entry for entry in listed(sample) if entry["findings"]]
    assert (entry["id"], [finding["code"] for finding in entry["findings"]]) == ("harmonic-mean", ["S503"])


def test_below_a_file_or_directory(sample: Path) -> None:
    assert {entry["path"] for entry in listed(sample, "talk.yaml")} == {"talk.yaml"}
    assert {entry["path"] for entry in listed(sample, "more")} == {"more/numbers.yaml"}
    assert listed(sample, "mor") == []


def test_a_version_is_that_of_what_is_shown(sample: Path) -> None:
    first = of(sample).version
    assert of(sample).version == first
    for name, old, new in [
        ("talk.yaml", "[First, Then]", "[First, Last]"),
        ("sources.yaml", "A book", "Another book"),
        ("media/matrix.svg", "pixel", "other"),
        ("collection.yaml", "name: Sample", "name: Other"),
    ]:
        edit(sample / name, old, new)
        assert of(sample).version != first
        first = of(sample).version


# --- hostile texts ---------------------------------------------------------------------------

HOSTILE = " ".join(
    [
        *("</script><script>alert(1)</script>", "<svg onload=alert(1)>", "</iframe></style><style>*{}</style>", "<!--"),
        *(
            '"><img src=x onerror=alert(1)>',
            "' onclick='alert(1)",
            "<base href=//x><meta http-equiv=refresh>",
            "{{c9::x}}",
        ),
        *("[a](javascript:alert(1)) <javascript:alert(1)> [b](data:text/html,x)", "![c](https://example.org/x.png)"),
        *(
            r"\(\text{<img src=x onerror=alert(1)>}\)",
            r"\(\href{javascript:alert(1)}{x}\)",
            r"\(\color{red;x:y()}{x}\)",
        ),
    ]
)
FOREIGN = {"iframe", "svg", "style", "base", "meta", "link", "object", "form"}
NO_TEXTS = (Form.CHOICE, Form.COUNT, Form.NUMBER, Form.EXPRESSION, Form.VALUES)


class Parsed(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src")}


def poisoned(value: Any) -> Any:
    """A value with something hostile behind each text in it."""
    if isinstance(value, str):
        return f"{value} {HOSTILE}" if value else ""
    if isinstance(value, tuple):
        return tuple(map(poisoned, value))
    if is_dataclass(value) and not isinstance(value, type):
        texts = {field.name: getattr(value, field.name) for field in fields(value)}
        return replace(value, **{name: poisoned(text) for name, text in texts.items() if isinstance(text, str)})
    return value


@pytest.mark.parametrize("kind", KINDS_OF)
def test_no_text_of_any_kind_gets_out_of_its_card(sample: Path, kind: str) -> None:
    made = of(sample)
    (note,) = [note for note in made.collection.notes if note.id == KINDS_OF[kind]]
    forms = {key.name: key.form for key in KINDS[kind].keys}
    content = {
        name: value if forms[name] in NO_TEXTS or name == "round" else poisoned(value)
        for name, value in note.content.items()
    }
    sources = {key: poisoned(source) for key, source in made.collection.sources.items()}
    note = replace(note, content=content, cue=poisoned(note.cue), extra=HOSTILE, retired=HOSTILE, related=(HOSTILE,))
    for card in sides(replace(made.collection, sources=sources))(note):
        for html in (card.front, card.back):
            parsed = Parsed(drawn(html))
            assert not parsed.tags & FOREIGN
            assert not {name for name in parsed.attributes if name.startswith("on")}
            assert not parsed.attributes & {"style", "srcdoc", "http-equiv"}
            assert not [link for link in parsed.links if not re.match(r"https?://|[\w-]+\.svg$", link)]
            assert set(re.findall("<script>(.*?)</script>", html, re.DOTALL)) <= set(scripts())


# --- the policy ----------------------------------------------------------------------------


def directives(policy: str) -> dict[str, list[str]]:
    return {name: rest for name, *rest in (part.split() for part in policy.split(";"))}


def test_what_a_card_may_do(sample: Path) -> None:
    index = read(of(sample), "index.json")
    allowed = directives(index["policy"])
    hashed = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in [*scripts(), index["script"]]
    ]
    assert allowed["default-src"] == ["'none'"]
    assert allowed["script-src"] == [f"'sha256-{hash_}'" for hash_ in hashed]
    assert allowed["img-src"] == ["data:"]
    assert set(allowed) == {"default-src", "script-src", "style-src", "img-src", "base-uri", "form-action"}
    assert "unsafe" not in index["policy"] + page_policy()


def test_every_script_of_a_card_is_one_of_those_allowed(sample: Path) -> None:
    cards = (of(sample).read("cards/0.json") or b"").decode()
    found = {script for card in json.loads(cards).values() for side in card["cards"]
             for script in re.findall("<script>(.*?)</script>", side["front"] + side["back"], re.DOTALL)}  # fmt: skip
    assert found == set(scripts())


def test_the_page_runs_its_own_file_only() -> None:
    text = page().decode()
    assert page_policy() in text
    assert re.findall("<script.*?>", text) == ['<script src="app.js" defer>']
    assert "style=" not in text
    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", text)


# --- a directory of files --------------------------------------------------------------------


def files_of(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


def test_a_directory_holds_what_the_server_serves(sample: Path, tmp_path: Path) -> None:
    made = of(sample)
    assert write(made, tmp_path / "a" / "out") == len(files_of(tmp_path / "a" / "out")) - 1
    files = files_of(tmp_path / "a" / "out")
    assert set(files) == {*made.names(), MARKER}
    assert all(files[name] == made.read(name) for name in made.names())
    write(of(sample), tmp_path / "again")
    assert files_of(tmp_path / "again") == files
    assert json.loads(files["index.json"])["live"] is False


def test_its_own_output_is_replaced(sample: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    write(of(sample), out)
    edit(sample / "metrics.yaml", "![a matrix](media/matrix.svg)", "")
    edit(sample / "metrics.yaml", "![a copy](media/copy.svg)", "")
    write(of(sample), out)
    assert not [name for name in files_of(out) if name.startswith("media/")]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "sample"]


def strange(out: Path) -> None:
    (out / "CNAME").write_text("cards.example", encoding="utf-8")


def deeper(out: Path) -> None:
    (out / ".git").mkdir()
    (out / ".git" / "HEAD").write_text("ref", encoding="utf-8")


def no_marker(out: Path) -> None:
    (out / MARKER).unlink()


def bad_marker(out: Path) -> None:
    (out / MARKER).write_text("{", encoding="utf-8")


@pytest.mark.parametrize("change", [strange, deeper, no_marker, bad_marker])
def test_what_is_not_its_own_is_never_replaced(sample: Path, tmp_path: Path, change: Callable[[Path], None]) -> None:
    out = tmp_path / "out"
    write(of(sample), out)
    change(out)
    before = files_of(out)
    with pytest.raises(PreviewError, match="not of a preview"):
        write(of(sample), out)
    assert files_of(out) == before


def test_a_file_is_no_directory(sample: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(PreviewError, match="is no directory"):
        write(of(sample), tmp_path / "out")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "mine"


def test_a_failure_leaves_the_old(sample: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(of(sample), out)
    before = files_of(out)
    made = of(sample)
    shutil.rmtree(sample / "media")
    with pytest.raises(PreviewError, match="image changed"):
        write(made, out)
    assert files_of(out) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "sample"]
