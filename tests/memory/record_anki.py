"""Record how the real Anki schedules the cards of `scenarios.py`, as `recordings/*.json`.

`python -m tests.memory.record_anki` records all of it anew, in some minutes, and the same each
time: the clock stands still while Anki runs. It needs the packages of the `test` extra and
libfaketime (Debian: `apt install libfaketime`; elsewhere, name the library in LIBFAKETIME). The
tests read the recordings only and need neither.

One process answers one card once, at a faked time in a faked zone. Anki's fuzz is off
(ANKI_TEST_MODE), except where Anki's test mode would shift the clock: from 02:00 to 04:00.

Each answer has `ms` (UTC), `zone`, `rating`, `by` (what was used to answer: the queue, a filtered
deck or the browser's "Grade now"), `fuzz` (whether it was on), and what Anki has after it: `kind`,
`step` (from 0), `stability` and `difficulty` as stored (to 4 and 3 places), `interval` in days
(0 for a step), `delay` in seconds (0 if in days; without fuzz, from the review log), `days` until
it is due in Anki's count, `due` (UTC seconds, 0 if it is due on a day), and `next_day`, when
Anki thought the next day would begin (UTC seconds).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.memory.scenarios import FILES, Scenario

RECORDINGS = Path(__file__).parent / "recordings"
KINDS = {1: "learning", 2: "review", 3: "relearning"}
LAST_MS = 2_100_000_000_000  # July 2036: Anki keeps when a step is due in 32 bits
DAYS_BEFORE = 30  # a collection is older than its first answer, as Anki counts no days before it


# --- one answer, in a process of its own -------------------------------------------------------


def answer(order: dict[str, Any]) -> dict[str, Any]:
    """Open the collection, answer its card, and say what Anki made of it."""
    assert time.time() == order["ms"] / 1000, "the clock is not faked"
    os.environ["TZ"] = order["zone"]
    time.tzset()
    from anki.collection import Collection

    col = Collection(order["path"])
    try:
        if order["rating"] == 0:
            _set_up(col, order)
            return {}
        return _answer(col, order)
    finally:
        col.close()


def _set_up(col: Any, order: dict[str, Any]) -> None:
    col.set_config("fsrs", True)
    col.set_config("loadBalancerEnabled", False)
    conf = col.decks.config_dict_for_deck_id(1)
    conf["new"]["delays"] = [seconds / 60 for seconds in order["learning_steps"]]
    conf["lapse"]["delays"] = [seconds / 60 for seconds in order["relearning_steps"]]
    conf["lapse"]["leechFails"] = 9999
    conf["rev"]["maxIvl"] = order["maximum_interval"]
    conf["desiredRetention"] = order["desired_retention"]
    conf["fsrsParams6"] = order["parameters"]
    col.decks.update_config(conf)
    note = col.new_note(col.models.by_name("Basic"))
    note["Front"] = "?"
    col.add_note(note, 1)


def _answer(col: Any, order: dict[str, Any]) -> dict[str, Any]:
    (card_id,) = col.find_cards("")
    by = _give(col, card_id, order["rating"], order["early"])
    card = col.get_card(card_id)
    data = json.loads(col.db.scalar("select data from cards"))
    button, log_interval = col.db.first("select ease, ivl from revlog where id = ?", order["ms"])
    assert button == order["rating"], "Anki logged another answer"
    timing = col.sched._timing_today()
    steps = order["learning_steps"] if card.type == 1 else order["relearning_steps"]
    in_days = card.queue in (2, 3)
    return {
        "ms": order["ms"],
        "zone": order["zone"],
        "rating": order["rating"],
        "by": by,
        "fuzz": order["fuzz"],
        "kind": KINDS[card.type],
        "step": 0 if card.type == 2 else min(max(len(steps) - card.left % 1000, 0), max(len(steps) - 1, 0)),
        "stability": data["s"],
        "difficulty": data["d"],
        "interval": card.ivl if card.type == 2 else 0,
        "delay": max(0, -log_interval),
        "days": (card.odue or card.due) - timing.days_elapsed if in_days else 0,
        "due": 0 if in_days else card.odue or card.due,
        "next_day": timing.next_day_at,
    }


def _give(col: Any, card_id: int, rating: int, early: str) -> str:
    if _by_queue(col, card_id, rating):
        return "queue"
    if early == "filtered" and col.get_card(card_id).type == 2:
        deck = col.sched.get_or_create_filtered_deck(0)
        deck.config.reschedule = True
        deck.config.search_terms[0].search = "deck:Default"
        deck_id = col.sched.add_or_update_filtered_deck(deck).id
        col.decks.select(deck_id)
        assert _by_queue(col, card_id, rating), "the filtered deck is empty"
        col.decks.remove([deck_id])
        col.decks.select(1)
        return "filtered"
    col._backend.grade_now(card_ids=[card_id], rating=rating - 1)
    return "grade"


def _by_queue(col: Any, card_id: int, rating: int) -> bool:
    queued = col.sched.get_queued_cards(fetch_limit=1).cards
    if not queued:
        return False
    assert queued[0].card.id == card_id
    card = col.get_card(card_id)
    card.start_timer()
    col.sched.answer_card(col.sched.build_answer(card=card, states=queued[0].states, rating=rating - 1))
    return True


# --- a scenario ----------------------------------------------------------------------------


_STEP = re.compile(
    r"(?P<rating>[1-4])"
    r"(?:=(?P<at>[0-9T:-]+)(?P<second>\*?)|\+(?P<seconds>\d+)|\+(?P<days>\d+)d|(?P<due>due)(?P<late>[+-]\d+)?)"
    r"(?:@(?P<clock>\d\d:\d\d))?"
)


def moment_of(match: re.Match[str], zone: str, last: dict[str, Any]) -> int:
    """The UTC milliseconds of an answer of a plan, after the answer `last`."""
    here = ZoneInfo(zone)
    if match["at"]:
        local = datetime.fromisoformat(match["at"]).replace(tzinfo=here, fold=1 if match["second"] else 0)
        return int(local.timestamp() * 1000)
    if match["seconds"]:
        return int(last["ms"]) + int(match["seconds"]) * 1000
    if match["due"] and last["due"]:
        return int(last["due"]) * 1000
    before = datetime.fromtimestamp(last["ms"] / 1000, here)
    if match["due"]:
        day: date = (before - timedelta(hours=4)).date() + timedelta(days=last["days"] + int(match["late"] or 0))
    else:
        day = before.date() + timedelta(days=int(match["days"]))
    clock = match["clock"] or f"{before:%H:%M}"
    if match["due"] and clock < "04:00":
        day += timedelta(days=1)  # the night that ends the day
    return int(datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=here).timestamp() * 1000)


def record(scenario: Scenario, directory: Path, library: str) -> dict[str, Any]:
    """The scenario's settings and what Anki did, answer by answer."""
    settings = scenario._asdict()
    zone, plan, early, fuzz = (settings.pop(key) for key in ("zone", "plan", "early", "fuzz"))
    path = directory / f"{re.sub('[^a-z0-9]+', '-', scenario.name.lower())}.anki2"
    answers: list[dict[str, Any]] = []
    for word in plan.split():
        if word.startswith("tz:"):
            zone = word.removeprefix("tz:")
            continue
        match = _STEP.fullmatch(word)
        assert match, f"{scenario.name}: {word}"
        ms = moment_of(match, zone, answers[-1] if answers else {})
        if ms > LAST_MS:
            break
        order = {**settings, "path": str(path), "zone": zone, "ms": ms, "rating": int(match["rating"]), "early": early}
        if not answers:
            before = {**order, "ms": ms - DAYS_BEFORE * 86_400_000, "rating": 0}
            _in_a_process(before, library, fuzz=True)
        hour = datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)).hour
        answers.append(_in_a_process(order, library, fuzz or hour in (2, 3)))
    return {**settings, "answers": answers}


def _in_a_process(order: dict[str, Any], library: str, fuzz: bool) -> dict[str, Any]:
    environment = {key: value for key, value in os.environ.items() if key != "ANKI_TEST_MODE"} | {
        "LD_PRELOAD": library,
        "FAKETIME": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(order["ms"] // 1000)),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_CACHE_DURATION": "100000",  # else it reads FAKETIME again, in the learner's zone
        "TZ": "UTC",
    }
    if not fuzz:
        environment["ANKI_TEST_MODE"] = "1"
    command = [sys.executable, "-m", "tests.memory.record_anki", json.dumps({**order, "fuzz": fuzz})]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"Anki did not answer {order}:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def libfaketime() -> str:
    """The path of libfaketime; ends the program with what to do if there is none."""
    usual = ("/usr/lib/*/faketime/libfaketime.so.1", "/usr/lib*/faketime/libfaketime.so.1")
    found = [str(path) for pattern in usual for path in Path("/").glob(pattern[1:])]
    named = os.environ.get("LIBFAKETIME", "")
    if named and Path(named).is_file():
        return named
    if named or not found:
        raise SystemExit(
            f"there is no libfaketime{f' at {named}' if named else ''}: install it (Debian: apt install libfaketime) "
            "or name the library in LIBFAKETIME"
        )
    return found[0]


def written(recorded: list[dict[str, Any]]) -> str:
    """The recordings as JSON, a line an answer."""
    from importlib.metadata import version

    scenarios = []
    for scenario in recorded:
        lines = ",\n".join("   " + json.dumps(line) for line in scenario["answers"])
        settings = json.dumps({key: value for key, value in scenario.items() if key != "answers"})
        scenarios.append(f'  {settings[:-1]},\n   "answers": [\n{lines}\n  ]}}')
    return f'{{\n "anki": "{version("anki")}",\n "scenarios": [\n' + ",\n".join(scenarios) + "\n ]\n}\n"


def main() -> None:
    """Record everything."""
    library = libfaketime()
    RECORDINGS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, scenarios in FILES.items():
            recorded = list(pool.map(lambda scenario: record(scenario, Path(directory), library), scenarios()))
            (RECORDINGS / f"{name}.json").write_text(written(recorded), encoding="utf-8")
            answers = sum(len(scenario["answers"]) for scenario in recorded)
            print(f"{name}: {len(recorded)} scenarios, {answers} answers")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(answer(json.loads(sys.argv[1]))))
    else:
        main()
