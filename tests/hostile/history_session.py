"""Processes that use a history, for tests that kill them at any moment.

Run as a program this is a nursery: it has everything imported, forks a process for each job
that it reads (a JSON object a line), kills it when the job says so, and answers with a JSON
object a line: how the process ended and what it had announced until then.

A job says `op` and `path`, and how the process is killed: `after` so many announcements (or
commits, if `aim` says so) and `delay` microseconds; or by itself, before its step `die_at`, where
a step is a statement, a use of a file, or an acknowledgement; or before its acknowledgement
`unsaid`, the first being 0. `plain` takes the privileges of root away from it.
"""

from __future__ import annotations

import ctypes
import io
import json
import os
import random
import resource
import select
import signal
import sqlite3
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from types import NoneType
from typing import Any

from aipm_cards.errors import HistoryError, StaleCard
from aipm_cards.memory import backups, doctor, export
from aipm_cards.memory.days import Moment
from aipm_cards.memory.history import Answer, Content, History, Move
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.queue import Cards, Wish
from aipm_cards.memory.session import Session
from aipm_cards.memory.settings import Preset, Settings
from aipm_cards.memory.statistics.predicted import predictions
from aipm_cards.memory.store import MIGRATIONS, Migration, Store
from aipm_cards.model import Rating

GUARD = 15.0  # seconds without an announcement until a process counts as hanging
DAY = 86_400_000
BEGINNING = 1_790_000_000_000  # a Monday in September 2026
BERLIN = "Europe/Berlin"
START = 240
PRESET = Preset(new_per_day=6, leech_threshold=2)
SETTINGS = Settings(preset=PRESET)

# What is done to a card by itself. A due day is moved together with others.
MARKS = [kind for kind in EventKind if kind not in (EventKind.ANSWER, EventKind.UNDO, EventKind.MOVE)]

Job = dict[str, Any]
Say = Callable[[str], None]


def keys(notes: int) -> list[str]:
    """Two cards for each note."""
    return [f"note-{number}:{ordinal}" for number in range(notes) for ordinal in (0, 1)]


def cards(notes: int) -> Cards:
    return Cards(keys(notes), lambda ids: dict.fromkeys(ids, "A"))


def said_by(key: str, edition: int = 0) -> Content:
    text = f"What does {key} ask?\x1fThis, in edition {edition}: «{'x' * (edition * 37 % 300)}»"
    return Content.of(text)


class Clock:
    """A clock that tests set."""

    def __init__(self, ms: int = BEGINNING, zone: str = BERLIN) -> None:
        self.ms, self.zone = ms, zone

    def __call__(self) -> Moment:
        return Moment(self.ms, self.zone)


def history_of(store: Store, chance: random.Random, device: str = "device") -> History:
    return History(store, "hostile", device, lambda: chance.randbytes(10), START)


def nothing(_: str) -> None:
    """What nobody waits to hear."""


def study(store: Store, seed: int, count: int, notes: int = 12, say: Say = nothing) -> None:
    """A session of `count` events as a learner would have it: answers above all, now and then
    an undo, a mark, a crammed card, a night. Each is acknowledged after it returned."""
    chance = random.Random(seed)
    history = history_of(store, chance)
    clock = Clock(max(BEGINNING, history.newest()) + 60_000)
    session = Session(history, cards(notes), SETTINGS, clock)
    for _ in range(count):
        clock.ms += chance.randrange(2_000, 60_000)
        turn = session.next()
        if turn is None or chance.random() < 0.04:
            clock.ms += chance.choice((1, 1, 1, 3, 30)) * DAY
            turn = session.next()
        share = chance.random()
        if turn is None or share < 0.08:
            with suppress(StaleCard):  # a crammed answer of ours came after it
                if taken := session.undo():
                    say(f"u {taken[1].id.hex()}")
        elif share < 0.16:
            kind = chance.choice(MARKS)
            key = chance.choice(keys(notes))
            session.mark(kind, key, "Is this so?" if kind is EventKind.FLAG else None)
            say(f"a {history.events(key)[-1].id.hex()}")
        elif share < 0.2:
            state = history.state(turn.key)
            given = Answer(turn.key, Rating.GOOD, state.revision, 2_000, said_by(turn.key), cram=True)
            say(f"a {history.answer(given, clock(), PRESET).id.hex()}")
        else:
            rating = Rating(chance.choice((1, 1, 2, 3, 3, 3, 4)))
            content = said_by(turn.key, chance.randrange(3)) if chance.random() < 0.7 else None
            detail = '{"points":[1,0,1]}' if chance.random() < 0.2 else None
            say(f"a {session.answer(turn, rating, chance.randrange(60_000), content, detail).id.hex()}")


# --- jobs ----------------------------------------------------------------------------------


def _study(job: Job, say: Say) -> None:
    with Store(Path(job["path"])) as store:
        study(store, job["seed"], job["count"], job.get("notes", 12), say)


def _undo(job: Job, say: Say) -> None:
    with Store(Path(job["path"])) as store:
        history = history_of(store, random.Random(job["seed"]))
        for _ in range(job.get("count", 1)):
            taken = history.undo(Moment(history.newest() + 1, BERLIN))
            if taken is not None:
                say(f"u {taken[1].id.hex()}")


def _move(job: Job, say: Say) -> None:
    """Moves some reviews in one batch, and takes them back."""
    with Store(Path(job["path"])) as store:
        history = history_of(store, random.Random(job["seed"]))
        now = Moment(history.newest() + 1, BERLIN)
        due = [key for key, _ in history.reviews_due(-(2**31), 2**31)][: job["count"]]
        history.move([Move(key, history.state(key).revision, 21_000) for key in due], "postpone", now)
        say("moved")
        history.undo(now)
        say("undone")


def _back_up(job: Job, say: Say) -> None:
    with Store(Path(job["path"])) as store:
        say(f"b {backups.back_up(store, job['now']).name}")


def _restore(job: Job, say: Say) -> None:
    path = Path(job["path"])
    backup = backups.newest_good(path)
    assert backup is not None
    kept = backups.restore(path, backup, job["now"])
    say(f"k {kept.name if kept else ''}")


def _rebuild(job: Job, say: Say) -> None:
    with Store(Path(job["path"])) as store:
        doctor.rebuild(store)
        say("done")


def a_later_version(connection: sqlite3.Connection) -> None:
    """A migration as a later version might have it: it changes rows, adds a column and a table."""
    connection.execute("ALTER TABLE card ADD COLUMN mnemonic TEXT")
    connection.execute("UPDATE card SET mnemonic = 'm' || key")
    connection.execute("CREATE TABLE later (id INTEGER PRIMARY KEY, card INTEGER REFERENCES card)")
    connection.execute("INSERT INTO later (card) SELECT card FROM event")
    connection.execute("CREATE INDEX later_of_card ON later (card)")


LATER: tuple[Migration, ...] = (*MIGRATIONS, a_later_version)


def _migrate(job: Job, say: Say) -> None:
    def before(store: Store) -> None:
        say(f"b {backups.back_up(store, job['now']).name}")

    with Store(Path(job["path"]), before_migration=before, migrations=LATER):
        say("done")


def _race(job: Job, say: Say) -> None:
    """Answers the same cards as another process, which draws them at the same time."""
    chance = random.Random(job["seed"])
    with Store(Path(job["path"])) as store:
        clock = Clock(BEGINNING + job["seed"])
        history = history_of(store, chance, f"device {job['seed']}")
        session = Session(history, cards(job["notes"]), Settings(preset=Preset(new_per_day=999)), clock, Wish())
        until = time.monotonic() + job["seconds"]
        while time.monotonic() < until:
            clock.ms += 1000
            turn = session.next()
            if turn is None:
                clock.ms += DAY
                continue
            time.sleep(chance.random() * 0.003)
            try:
                event = session.answer(turn, Rating(chance.choice((1, 3, 3, 4))), 1000)
                say(f"a {event.id.hex()} {turn.key} {turn.revision}")
                if chance.random() < 0.05 and (taken := session.undo()):
                    say(f"u {taken[1].id.hex()}")
            except StaleCard as error:
                say(f"s {turn.key} {turn.revision} {error.revision}")


def _full(job: Job, say: Say) -> None:
    """Goes on until files may not grow, then may go on."""
    path, chance = Path(job["path"]), random.Random(job["seed"])
    with Store(path) as store:
        study(store, 1, 3, say=say)
        history = history_of(store, chance)
        room = max(path.stat().st_size, Path(f"{path}-wal").stat().st_size) + job["room"]
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        _until_full(history, say)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        study(store, 2, 20, say=say)


def _full_disk(job: Job, say: Say) -> None:
    """The same on a disk of its own that is full."""
    path, chance = Path(job["path"]), random.Random(job["seed"])
    ballast = path.with_name("ballast")
    with Store(path) as store:
        study(store, 1, 3, say=say)
        history = history_of(store, chance)
        _fill_disk(ballast, job["room"])
        _until_full(history, say)
        _refused(say, "backup", lambda: backups.back_up(store, BEGINNING))
        say("left " + " ".join(sorted(found.name for found in backups.directory_of(path).glob("*"))))
        ballast.unlink()
        study(store, 2, 20, say=say)
        _fill_disk(ballast, 0)
    _refused(say, "new file", lambda: Store(path.with_name("other.db")))
    with Store(path) as store:
        _until_full(history_of(store, chance), say)
    ballast.unlink()
    with Store(path) as store:
        study(store, 3, 5, say=say)


def _full_restore(job: Job, say: Say) -> None:
    """A restore for which there is no room."""
    path = Path(job["path"])
    ballast = path.with_name("ballast")
    with Store(path) as store:
        study(store, 1, 30, say=say)
        backup = backups.back_up(store, BEGINNING)
    _fill_disk(ballast, job["room"])
    _refused(say, "restore", lambda: backups.restore(path, backup, BEGINNING))
    ballast.unlink()
    say("there " + " ".join(sorted(found.name for found in path.parent.glob("history*.db"))))


def _fill_disk(ballast: Path, room: int) -> None:
    with open(ballast, "ab", buffering=0) as file:
        with suppress(OSError):
            while True:
                file.write(bytes(4096))
        file.truncate(max(0, file.tell() - room))


def _until_full(history: History, say: Say) -> None:
    at = history.newest() + 1000
    for number in range(10_000):
        content = said_by(f"note-{number}:0", number)
        answer = Answer(f"full-{at}-{number}:0", Rating.GOOD, 0, 1000, content)
        try:
            say(f"a {history.answer(answer, Moment(at + number, BERLIN), PRESET).id.hex()}")
        except HistoryError as error:
            say(f"full {type(error).__name__} {error}")
            return
    raise AssertionError("the disk never was full")


def _refused(say: Say, what: str, act: Callable[[], object]) -> None:
    try:
        act()
    except HistoryError as error:
        say(f"{what}: {type(error).__name__} {error}")
    else:
        raise AssertionError(f"{what} went well")


def _try(job: Job, say: Say) -> None:
    """What opening and answering come to: the kind of the error and its message, or `fine`."""
    path = Path(job["path"])
    try:
        with Store(path, read_only=job.get("read_only", False), patience=job.get("patience", 5.0)) as store:
            history = history_of(store, random.Random(job.get("seed", 0)))
            for key in keys(2):
                history.state(key)
            if not job.get("read_only", False):
                key = job.get("key", "tried:0")
                given = Answer(key, Rating.GOOD, history.state(key).revision)
                history.answer(given, Moment(history.newest() + 1000, BERLIN), PRESET)
    except HistoryError as error:
        say(f"r {type(error).__name__} {error}")
    else:
        say("r fine")


def _interrupted(job: Job, say: Say) -> None:
    """Interrupted from the keyboard while it waits for another process; then it goes on."""
    with Store(Path(job["path"])) as store:
        history = history_of(store, random.Random(job["seed"]))
        say("waiting")
        with suppress(KeyboardInterrupt):
            history.answer(Answer("interrupted:0", Rating.GOOD, 0), Moment(BEGINNING, BERLIN), PRESET)
            say("not interrupted")
        say(f"in a transaction: {store.connection.in_transaction}")
        answer = Answer("later:0", Rating.GOOD, 0)
        say(f"a {history.answer(answer, Moment(BEGINNING, BERLIN), PRESET).id.hex()}")


def _hold(job: Job, say: Say) -> None:
    """Keeps the right to write until it is killed, or for some seconds."""
    with closing(sqlite3.connect(job["path"], isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        say("held")
        time.sleep(job["seconds"])


# --- files that something else wrote -------------------------------------------------------


def _exercise(job: Job, say: Say) -> None:
    """Use each of the files in every way, and say what came of it (see `use`)."""
    for path in job["paths"]:
        say("r " + json.dumps(use(Path(path), job["notes"])))


def use(path: Path, notes: int) -> Job:
    """Use a history in every way. `foreign` has the tracebacks of exceptions that are not ours,
    `ours` our messages by what was done, `problems` what the doctor found."""
    found: Job = {"path": str(path), "foreign": [], "ours": {}, "problems": ["not opened"], "rows": None}

    def tried(what: str, act: Callable[[], object]) -> Any:
        try:
            return act()
        except HistoryError as error:
            found["ours"][what] = f"{type(error).__name__} {error}"
        except Exception:  # which is what is looked for
            found["foreign"].append(f"{what}: {traceback.format_exc()}")
        return None

    store = tried("open", lambda: Store(path, patience=0.1))
    if store is not None:
        store.connection.execute("PRAGMA synchronous = OFF")  # no disk fails here
        diagnosis = tried("examine", lambda: doctor.examine(store))
        found["problems"] = diagnosis.problems if diagnosis is not None else ["not examined"]
        found["rows"] = tried("rows", lambda: rows(store))
        for what, act in _uses(store, notes):
            tried(what, act)
        tried("rebuild", lambda: doctor.rebuild(store))
        again = tried("examine again", lambda: doctor.examine(store))
        found["after"] = again.problems if again is not None else ["not examined"]
        tried("close", store.close)
    tried("read only", lambda: _read(path, notes))
    tried("fault", lambda: backups.fault(path))
    return found


def rows(store: Store) -> list[list[object]]:
    """What the log says, in values that JSON has: what the doctor answers for."""
    sql = (
        "SELECT e.seq, hex(e.id), e.kind, c.key, e.day, e.rating, e.before, e.state, e.step, e.stability,"
        " e.difficulty, hex(e.voids) FROM event e JOIN card c ON c.id = e.card ORDER BY e.seq"
    )
    with store.reading() as connection:
        plain = (int, float, str, NoneType)
        return [[v if isinstance(v, plain) else repr(v) for v in row] for row in connection.execute(sql)]


def _uses(store: Store, notes: int) -> Iterator[tuple[str, Callable[[], object]]]:
    chance = random.Random(1)
    history = history_of(store, chance)
    clock = Clock(BEGINNING + 400 * DAY)
    yield from _readings(history, notes)
    yield "csv", lambda: export.write_csv(store, io.StringIO())
    yield "jsonl", lambda: export.write_jsonl(store, io.StringIO())
    yield "backup", lambda: backups.back_up(store, clock.ms)
    for wish in (Wish(), Wish(ahead=30, new=3), Wish(cram=True)):
        yield f"session {wish}", lambda wish=wish: _sit(Session(history, cards(notes), SETTINGS, clock, wish), clock)
    for key in keys(notes):
        yield f"answer {key}", lambda key=key: _answer(history, key, clock)
        yield f"stale {key}", lambda key=key: _stale(history, key, clock)
        yield f"record {key}", lambda key=key: history.record(EventKind.FLAG, key, clock(), "Is it?")
        yield f"undo {key}", lambda: history.undo(clock())
    for _ in range(5):
        yield "undo", lambda: history.undo(clock())


def _readings(history: History, notes: int) -> Iterator[tuple[str, Callable[[], object]]]:
    for key in keys(notes):
        yield f"state {key}", lambda key=key: history.content_seen(history.state(key))
        yield f"events {key}", lambda key=key: history.standing_events(key)
    yield "reviews due", lambda: list(history.reviews_due(-(2**31), 2**31))
    for day in range(20_700, 20_720):
        yield f"day {day}", lambda day=day: (history.buried(day), history.answered(day))
    yield "learning", history.learning
    yield "flags", history.flags
    yield "predictions", lambda: list(predictions(history))
    yield "newest", history.newest
    yield "zone", lambda: history.zone(1)


def _sit(session: Session, clock: Clock) -> None:
    for _ in range(8):
        turn = session.next()
        if turn is None:
            clock.ms += DAY
            continue
        session.answer(turn, Rating.GOOD, 1000, said_by(turn.key))
        clock.ms += 10_000
    session.upcoming(10), session.next_due_day(), session.next_learning(), session.counts
    session.summary()
    session.undo()


def _answer(history: History, key: str, clock: Clock) -> None:
    state = history.state(key)
    history.preview(key, state, clock(), PRESET)
    history.answer(Answer(key, Rating.AGAIN, state.revision), clock(), PRESET)


def _stale(history: History, key: str, clock: Clock) -> None:
    with suppress(StaleCard):
        history.answer(Answer(key, Rating.GOOD, 2**40), clock(), PRESET)
        raise AssertionError(f"{key} has no such revision")


def _read(path: Path, notes: int) -> None:
    with Store(path, read_only=True) as store:
        history = history_of(store, random.Random(0))
        for _, act in _readings(history, notes):
            act()
        doctor.examine(store)


JOBS: dict[str, Callable[[Job, Say], None]] = {
    "study": _study,
    "undo": _undo,
    "move": _move,
    "back up": _back_up,
    "restore": _restore,
    "rebuild": _rebuild,
    "migrate": _migrate,
    "race": _race,
    "full": _full,
    "full disk": _full_disk,
    "full restore": _full_restore,
    "try": _try,
    "interrupted": _interrupted,
    "hold": _hold,
    "exercise": _exercise,
}

# --- the nursery ---------------------------------------------------------------------------

_FILES = {"open", "os.rename", "os.link", "os.remove", "os.mkdir", "sqlite3.connect"}


class _Steps:
    """Counts the steps of a job and ends it before one of them."""

    def __init__(self, job: Job, pipe: int) -> None:
        self.pipe = pipe
        self.count, self.die_at = 0, job.get("die_at", -1)
        self.said, self.unsaid = 0, job.get("unsaid", -1)

    def step(self, sql: str = "") -> None:
        """A statement, a use of a file, or an acknowledgement is about to be."""
        if self.count == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1
        if sql == "COMMIT":
            os.write(self.pipe, b"c\n")

    def say(self, line: str) -> None:
        """Announce something."""
        self.step()
        if self.said == self.unsaid:
            os.kill(os.getpid(), signal.SIGKILL)
        self.said += 1
        data = line.replace("\n", "\\n").encode("utf-8", "backslashreplace") + b"\n"
        while data:
            data = data[os.write(self.pipe, data) :]

    def watch(self) -> None:
        """Count the statements of all connections, and what is done with files."""
        real = sqlite3.connect

        def connect(*arguments: Any, **more: Any) -> sqlite3.Connection:
            connection = real(*arguments, **more)
            connection.set_trace_callback(self.step)
            return connection

        sqlite3.connect = connect  # type: ignore[assignment]
        if self.die_at >= 0:
            sys.addaudithook(lambda event, _: self.step() if event in _FILES else None)


def _child(job: Job, pipe: int) -> None:
    """Do a job and leave the process."""
    steps = _Steps(job, pipe)
    if "die_at" in job or "after" in job:
        steps.watch()
    try:
        if job.get("plain") and os.geteuid() == 0:
            _without_privileges()
        if job["op"] == "interrupted":
            signal.signal(signal.SIGINT, signal.default_int_handler)
        JOBS[job["op"]](job, steps.say)
    except BaseException:
        steps.say("x " + traceback.format_exc())
        os._exit(1)
    os._exit(0)


def _without_privileges() -> None:
    """Root without its capabilities: permissions count as for anybody else."""
    if ctypes.CDLL(None).capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()) != 0:
        os._exit(99)


class Child:
    """A process that does a job, as the nursery sees it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.lines: list[str] = []
        self._rest = b""
        reading, writing = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(reading)
            _child(job, writing)
        os.close(writing)
        self.pipe = reading

    def hear(self, timeout: float) -> bool | None:
        """Read what it says: true if it said something, false if it ended, None if silent."""
        if not select.select([self.pipe], [], [], timeout)[0]:
            return None
        data = os.read(self.pipe, 1 << 16)
        *whole, self._rest = (self._rest + data).split(b"\n")
        self.lines += [line.decode() for line in whole]
        return bool(data)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def end(self) -> Job:
        """Wait for its end, and say how it was."""
        hung = False
        while (heard := self.hear(GUARD)) is not False:
            if heard is None:
                hung = True
                self.kill()
        os.close(self.pipe)
        _, status = os.waitpid(self.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        return {"code": code, "hung": hung, "lines": [line for line in self.lines if line != "c"]}


def run(job: Job) -> Job:
    """Fork a process for a job, kill it when that is wanted, and tell how it ended."""
    child = Child(job)
    if "after" in job:
        aim = job.get("aim", "")
        while sum(line.startswith(aim) for line in child.lines) < job["after"] and child.hear(GUARD):
            pass
        until = time.perf_counter() + job["delay"] / 1e6
        while time.perf_counter() < until:
            pass
        child.kill()
    return child.end()


def together(jobs: list[Job]) -> list[Job]:
    """Two jobs or more at the same time; `interrupt` and `kill` are seconds after the first
    announcement of the last of them."""
    children = []
    for job in jobs:
        children.append(Child(job))
        if job.get("first"):
            children[-1].hear(GUARD)
    last = jobs[-1]
    if "interrupt" in last:
        children[-1].hear(GUARD)
        time.sleep(last["interrupt"])
        os.kill(children[-1].pid, signal.SIGINT)
        time.sleep(last["interrupt"])
        children[0].kill()
    return [child.end() for child in reversed(children)][::-1]


def main() -> None:
    """Read jobs and answer, until there are no more."""
    for line in sys.stdin:
        jobs = json.loads(line)
        answer: object = together(jobs) if isinstance(jobs, list) else run(jobs)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
