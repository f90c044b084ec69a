"""The history for other programs."""

from __future__ import annotations

import csv
import json
from io import StringIO

import pytest

from aipm_cards.memory.export import COLUMNS, write_csv, write_jsonl
from aipm_cards.memory.history import Answer, History
from aipm_cards.memory.log import Event, EventKind
from aipm_cards.memory.settings import Preset
from aipm_cards.model import Rating
from tests.memory.conftest import Desk, content, log, moment, tokens

PRESET = Preset()


def give(desk: Desk, key: str, rating: Rating, **more: object) -> None:
    revision = desk.history.state(key).revision
    desk.history.answer(Answer(key, rating, revision, **more), desk.clock(), PRESET)  # type: ignore[arg-type]


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A bit of everything, in two collections."""
    give(desk, "n0:0", Rating.AGAIN, took=2000, content=content("Zwölf\n“12” 😀"), detail='{"ticks":[true]}')
    desk.clock.forward(minutes=1)
    give(desk, "n0:0", Rating.EASY, took=1234)
    give(desk, "n1:1", Rating.GOOD, took=9)
    desk.history.undo(desk.clock())
    give(desk, "n1:1", Rating.HARD, cram=True)
    desk.history.record(EventKind.FLAG, "n1:1", desk.clock(), 'a "remark", with a comma\nand ü')
    desk.clock.fly("Asia/Kathmandu")
    desk.clock.forward(days=20)
    give(desk, "n0:0", Rating.AGAIN)
    History(desk.store, "zweite", "phone", tokens(), 150).answer(Answer("n0:0", Rating.GOOD, 0), desk.clock(), PRESET)
    return desk


def test_the_columns() -> None:
    assert COLUMNS[:5] == ("card_id", "review_time", "review_rating", "review_state", "review_duration")
    assert COLUMNS[5:] == ("timezone", "day_start", "card")


def test_the_reviews_that_count(busy: Desk) -> None:
    file = StringIO()
    first, later = moment("2026-09-21T12:00").ms, busy.clock().ms
    assert write_csv(busy.store, file) == 4
    assert file.getvalue().splitlines() == [
        ",".join(COLUMNS),
        f"1,{first},1,0,2000,Europe/Berlin,04:00,aipm/n0:0",
        f"1,{first + 60_000},4,1,1234,Europe/Berlin,04:00,aipm/n0:0",
        f"1,{later},1,2,0,Asia/Kathmandu,04:00,aipm/n0:0",
        f"3,{later},3,0,0,Asia/Kathmandu,02:30,zweite/n0:0",
    ]
    assert "\r" not in file.getvalue()


def test_a_namespace_with_a_comma_is_quoted(desk: Desk) -> None:
    odd = History(desk.store, 'a,"b', "x", tokens(), 240)
    odd.answer(Answer("n0:0", Rating.GOOD, 0), desk.clock(), PRESET)
    file = StringIO()
    write_csv(desk.store, file)
    assert next(csv.DictReader(StringIO(file.getvalue())))["card"] == 'a,"b/n0:0'


def test_every_event_comes_back(busy: Desk) -> None:
    file = StringIO()
    events = log(busy.store)
    assert write_jsonl(busy.store, file) == len(events) == 8
    ask = busy.store.connection.execute
    words = {text: number for number, text in ask("SELECT id, text FROM word")}
    numbers = {(name, key): number for number, name, key in ask(CARDS)}
    contents = {digest.hex(): number for number, digest in ask("SELECT id, digest FROM content")}
    for line, event in zip(file.getvalue().rstrip("\n").split("\n"), events, strict=True):
        said = json.loads(line)
        said["card"] = numbers[said.pop("collection"), said["card"]]
        said["kind"] = EventKind[said["kind"].upper()]
        for name in ("id", "voids"):
            said[name] = bytes.fromhex(said[name]) if name in said else None
        for name in ("zone", "device"):
            said[name] = words[said[name]]
        if "content" in said:
            said["content"] = contents[said["content"]]
        if "scheduler" in said:
            said["scheduler"] = words[json.dumps(said["scheduler"], separators=(",", ":"))]
        assert Event(**said) == event


CARDS = "SELECT c.id, n.namespace, c.key FROM card c JOIN collection n ON n.id = c.collection"


def test_an_event_says_only_what_it_has(busy: Desk) -> None:
    file = StringIO()
    write_jsonl(busy.store, file)
    flag = json.loads(file.getvalue().split("\n")[5])
    assert set(flag) == {"seq", "id", "kind", "card", "time", "zone", "day", "device", "detail", "collection"}
    assert (flag["kind"], flag["detail"]) == ("flag", 'a "remark", with a comma\nand ü')
    first = json.loads(file.getvalue().split("\n")[0])
    assert first["scheduler"]["version"] == "fsrs 6.3.2"
    assert (first["before"], first["leech"], first["interval"]) == (0, 0, 0)


def test_an_empty_history(desk: Desk) -> None:
    file = StringIO()
    assert (write_csv(desk.store, file), write_jsonl(desk.store, file)) == (0, 0)
    assert file.getvalue() == ",".join(COLUMNS) + "\n"
