"""`aipm-cards history`: doctor, backup, restore, export and path."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from aipm_cards.cli import answer, person
from aipm_cards.errors import AipmCardsError
from aipm_cards.memory.days import Moment
from aipm_cards.memory.history import History
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.store import MIGRATIONS, Store
from tests.cli.conftest import Run
from tests.cli.learning import DAY, MORNING, NAMESPACE, Bot, Clock, Home, at_home, bot_of, error, with_clock

POSIX = pytest.mark.skipif(os.name == "nt", reason="no such thing there")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample: Path) -> Home:
    found = at_home(tmp_path, monkeypatch)
    monkeypatch.setenv("AIPM_CARDS_COLLECTION", str(sample))
    monkeypatch.setattr(answer, "back_up_daily", lambda _: None)  # here backups are made by hand
    return found


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return with_clock(monkeypatch)


@pytest.fixture
def bot(run: Run, clock: Clock) -> Bot:
    return bot_of(run)


@pytest.fixture
def three(bot: Bot, clock: Clock, home: Home) -> Path:
    """A history with three answers, the last of which was undone."""
    for card, rating in (("precision:0", 3), ("recall:0", 4), ("design-a-queue:0", 1)):
        assert bot("answer", card, rating, "--revision", 0, "--took", 1500).code == 0
        clock.later(10)
    assert bot("undo").code == 0
    return home.history


def sql(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as history:
        for statement in statements:
            history.execute(statement)


def damaged(path: Path) -> None:
    """Overwrite the middle of the file, header excepted."""
    sql(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path.read_bytes())
    data[5000:9000] = b"\xa5" * 4000
    path.write_bytes(data)


def files(home: Home) -> set[str]:
    return {path.name for path in home.history.parent.iterdir() if not path.name.endswith(("-wal", "-shm"))}


def events(path: Path) -> int:
    with closing(sqlite3.connect(path)) as history:
        return int(history.execute("SELECT count(*) FROM event").fetchone()[0])


# --- path ----------------------------------------------------------------------------------


def test_the_path(run: Run, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option stands above the variable, and that above the platform's place."""
    assert run("history", "path").out == f"{home.history}\n"
    monkeypatch.setenv("AIPM_CARDS_HISTORY", "mine.db")
    assert run("history", "path").out == "mine.db\n"
    assert run("history", "path", "--history", tmp_path / "other.db").out == f"{tmp_path / 'other.db'}\n"
    monkeypatch.setenv("AIPM_CARDS_HISTORY", "")
    assert run("history", "path").out == f"{home.history}\n"
    assert not home.history.exists()


def test_the_path_counts_for_all_commands(bot: Bot, run: Run, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    bot("answer", "precision:0", 3, "--revision", 0, "--history", "option.db")
    monkeypatch.setenv("AIPM_CARDS_HISTORY", "variable.db")
    bot("answer", "precision:0", 3, "--revision", 0)
    assert events(Path("option.db")) == events(Path("variable.db")) == 1
    assert bot("next", "--kind", "basic", "--history", "option.db")["state"] == "learning"
    assert bot("next", "--kind", "basic", "--history", "third.db")["state"] == "new"
    assert run("history", "doctor").out == "variable.db: 1 event, 1 card: sound\n"
    assert run("history", "doctor", "--history", "option.db").out == "option.db: 1 event, 1 card: sound\n"
    assert run("history", "backup").out.startswith(f"wrote {Path('variable-backups')}{os.sep}history-")
    assert not home.history.exists()


@POSIX
def test_the_platform_without_variables(run: Run, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name)
    path = Path(run("history", "path").out.strip())
    assert home.root in path.parents
    assert path.name == "history.db"


@pytest.mark.parametrize("command", ["doctor", "backup", "export"])
def test_nothing_is_made_to_be_looked_at(run: Run, home: Home, command: str) -> None:
    assert error(run("history", command)) == (
        f"{home.history}: there is no history yet; `aipm-cards review` begins one"
    )
    assert not home.root.exists()


def test_a_directory_is_no_history(run: Run, nowhere: Path) -> None:
    for command in ("doctor", "backup", "export", "restore"):
        result = run("history", command, "--history", nowhere)
        assert (result.code, result.out) == (2, "")
        assert "is a directory" in result.err


# --- doctor --------------------------------------------------------------------------------


def test_a_sound_history(run: Run, three: Path) -> None:
    before = three.read_bytes()
    result = run("history", "doctor")
    assert (result.code, result.err) == (0, "")  # and no hint
    assert result.out == f"{three}: 4 events, 3 cards: sound\n"
    assert three.read_bytes() == before


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE state SET stability = stability + 1 WHERE card = 1", "card 1: the state table differs"),
        ("DELETE FROM state WHERE card = 2", "card 2: the state table differs"),
        ("UPDATE state SET due_day = due_day + 1 WHERE card = 2", "card 2: the state table differs"),
    ],
)
def test_a_state_that_is_not_that_of_the_log_is_mended(
    run: Run, bot: Bot, three: Path, statement: str, found: str
) -> None:
    sql(three, statement)
    result = run("history", "doctor")
    assert result.code == 1
    assert f"{three}: {found}" in result.out
    assert result.closing == f"{three}: 4 events, 3 cards: 1 problem"
    mended = run("history", "doctor", "--repair")
    assert mended.code == 0
    first, last = mended.out.splitlines()
    assert last == f"{three}: 4 events, 3 cards: sound"
    kept = Path(first.partition("before that: ")[2])
    assert kept.parent == three.with_name("history-backups")
    with closing(sqlite3.connect(kept)) as before, closing(sqlite3.connect(three)) as after:
        rows = "SELECT * FROM state ORDER BY card"
        assert before.execute(rows).fetchall() != after.execute(rows).fetchall()
    assert run("history", "doctor").code == 0
    assert bot("next").code == 0


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE event SET stability = 99 WHERE seq = 2", "event 2: its memory state does not follow"),
        ("UPDATE content SET text = 'other' WHERE id = 1", "the text 1 of a card is not the one that was seen"),
        ("UPDATE event SET voids = zeroblob(16) WHERE seq = 4", "event 4 takes back an event that is not there"),
    ],
)
def test_a_log_that_is_wrong_cannot_be_mended(run: Run, three: Path, statement: str, found: str) -> None:
    sql(three, statement)
    assert run("history", "doctor").code == 1
    result = run("history", "doctor", "--repair")
    assert result.code == 1
    assert found in result.out


def test_doctor_says_what_to_do(run: Run, three: Path) -> None:
    kept = run("history", "backup").out.split()[1]
    sql(three, "UPDATE state SET due_day = due_day + 1 WHERE card = 2")
    problem, hint, closing_line = run("history", "doctor").out.splitlines()
    assert problem == f"{three}: card 2: the state table differs from what the log comes to"
    assert hint.startswith("hint: ")
    assert "history doctor --repair` makes states anew from the log; " in hint
    assert hint.endswith(f"; `aipm-cards history restore` brings back {kept}")
    assert closing_line == f"{three}: 4 events, 3 cards: 1 problem"
    sql(three, "UPDATE event SET stability = 99 WHERE seq = 2")
    assert hint in run("history", "doctor").out.splitlines()[:-1]
    Path(kept).unlink()
    hint = run("history", "doctor").out.splitlines()[-2]
    assert hint.endswith("; there is no good backup of it; the file was left as it is")


def test_the_commands_of_the_hint_can_be_typed(run: Run, three: Path) -> None:
    """`history` alone is a command of the shell."""
    run("history", "backup")
    sql(three, "UPDATE state SET due_day = due_day + 1 WHERE card = 2")
    commands = re.findall("`(.+?)`", run("history", "doctor").out)
    assert commands == ["aipm-cards history doctor --repair", "aipm-cards history restore"]


def test_a_damaged_file(run: Run, bot: Bot, three: Path) -> None:
    kept = run("history", "backup").out.removeprefix("wrote ").strip()
    damaged(three)
    result = run("history", "doctor")
    assert result.code == 1
    assert "damaged" in result.out + result.err
    assert f"`aipm-cards history restore` brings back {kept}" in result.out + result.err
    assert "Traceback" not in result.err
    assert run("history", "doctor", "--repair").code != 0
    said = bot("due")
    if said.code:  # what was read may lie elsewhere in the file
        assert (said["error"]["code"], kept in said["error"]["message"]) == ("damaged", True)
    assert run("history", "restore").code == 0
    assert run("history", "doctor").closing == f"{three}: 4 events, 3 cards: sound"


@pytest.mark.parametrize(
    "content", [b"hello", b"SQLite format 3\x00" + b"\x00" * 4096, b"\x00" * 100, os.urandom(5000)]
)
def test_a_file_that_is_no_history(run: Run, home: Home, content: bytes) -> None:
    home.history.parent.mkdir(parents=True)
    home.history.write_bytes(content)
    result = run("history", "doctor")
    assert result.code == 1
    assert str(home.history) in result.out + result.err
    for command in ("backup", "export", "restore"):
        refused = run("history", command)
        assert (refused.code, refused.out) == (2, "")
        assert str(home.history) in error(refused)
    assert home.history.read_bytes() == content


def test_somebody_elses_file(run: Run, home: Home) -> None:
    home.history.parent.mkdir(parents=True)
    sql(home.history, "CREATE TABLE mine (id)", "INSERT INTO mine VALUES (1)")
    content = home.history.read_bytes()
    result = run("history", "doctor", "--repair")
    assert result.code == 1
    assert "is no history of aipm-cards; choose another file with --history" in result.out + result.err
    for command in ("backup", "export"):
        assert "is no history of aipm-cards" in error(run("history", command))
    assert home.history.read_bytes() == content


def test_a_newer_history(run: Run, three: Path) -> None:
    sql(three, "PRAGMA user_version = 99", "PRAGMA wal_checkpoint(TRUNCATE)")
    content = three.read_bytes()
    for command in ("doctor", "backup", "export"):
        assert error(run("history", command)) == (
            f"{three}: was written by a newer aipm-cards (schema 99, this one knows {len(MIGRATIONS)});"
            " update aipm-cards"
        )
    error(run("history", "doctor", "--repair"))
    assert three.read_bytes() == content


def test_a_history_of_an_older_version(run: Run, bot: Bot, home: Home) -> None:
    """Whoever only looks does not migrate; whatever writes makes a backup first."""
    home.history.parent.mkdir(parents=True)
    with Store(home.history, migrations=MIGRATIONS[:1]) as store:
        History(store, NAMESPACE, "here", lambda: bytes(10), 240).record(
            EventKind.FLAG, "recall:0", Moment(MORNING, "UTC")
        )
    wanted = f"{home.history}: has schema 1; `aipm-cards review` brings it up to date"
    assert error(run("history", "doctor")) == wanted
    assert "no backup of it yet" in run("history", "restore", "--list").out
    assert [flag["card"] for flag in bot("flags")["flags"]] == ["recall:0"]
    assert run("history", "restore", "--list").out.endswith(": good\n")
    assert run("history", "doctor").out == f"{home.history}: 1 event, 1 card: sound\n"


def test_an_empty_file_becomes_a_history(run: Run, bot: Bot, home: Home) -> None:
    home.history.parent.mkdir(parents=True)
    home.history.write_bytes(b"")
    assert bot("answer", "precision:0", 3, "--revision", 0).code == 0
    assert run("history", "doctor").code == 0


# --- backup and restore --------------------------------------------------------------------


def test_a_backup_is_a_whole_history(run: Run, bot: Bot, three: Path, clock: Clock) -> None:
    result = run("history", "backup")
    assert (result.code, result.err) == (0, "")
    kept = three.with_name("history-backups") / "history-20260302T080030Z.db"
    assert result.out == f"wrote {kept}\n"
    assert events(kept) == 4
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]
    assert run("history", "doctor", "--history", kept).closing.endswith("4 events, 3 cards: sound")
    assert clock.ms == MORNING + 30_000


def test_a_backup_needs_no_time_zone(run: Run, three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A safety net must not hang on a setting that it has no use for."""

    def unknown(_zone: str = "") -> Moment:
        raise AipmCardsError("this system's time zone is not known")

    monkeypatch.setenv("TZ", "Mars/X")
    monkeypatch.setattr(person, "moment", unknown)
    assert run("history", "backup").code == 0
    assert run("history", "restore").code == 0


def test_restore(run: Run, bot: Bot, clock: Clock, home: Home, three: Path) -> None:
    first = run("history", "backup").out.split()[1]
    clock.later(DAY)
    bot("answer", "recall:1", 3, "--revision", 0)
    second = run("history", "backup").out.split()[1]
    clock.later(DAY)
    bot("answer", "harmonic-mean:0", 3, "--revision", 0)
    listed = run("history", "restore", "--list")
    assert (listed.code, listed.out) == (0, f"{second}: good\n{first}: good\n")

    clock.later(5)
    result = run("history", "restore")
    aside = three.with_name("history-replaced-20260304T080035Z.db")
    assert (result.code, result.err) == (0, "")
    assert result.out == f"restored {three} from {second}; the file before: {aside}\n"
    assert (events(three), events(aside)) == (5, 6)
    assert run("history", "restore", first).code == 0
    assert events(three) == 4
    assert events(three.with_name("history-replaced-20260304T080035Z-2.db")) == 5
    assert run("history", "restore", aside).code == 0  # and all the way back
    assert events(three) == 6
    assert run("history", "doctor").code == 0
    assert bot("undo")["card"] == "harmonic-mean:0"
    assert len(files(home)) == 1 + 3 + 1


def test_the_newest_good_one_is_restored(run: Run, clock: Clock, three: Path) -> None:
    good = run("history", "backup").out.split()[1]
    clock.later(DAY)
    bad = Path(run("history", "backup").out.split()[1])
    damaged(bad)
    clock.later(DAY)
    foreign = bad.with_name("history-20260304T080000Z.db")
    foreign.write_bytes(b"hello")
    listed = run("history", "restore", "--list").out.splitlines()
    assert [line.partition(": ")[0] for line in listed] == [str(foreign), str(bad), good]
    assert [line.endswith(": good") for line in listed] == [False, False, True]
    assert "damaged" in listed[1] or "cannot be read" in listed[1]
    assert f" from {good};" in run("history", "restore").out
    assert str(bad) in error(run("history", "restore", bad))
    assert str(foreign) in error(run("history", "restore", foreign))
    assert events(three) == 4


def test_restore_where_there_is_no_history(run: Run, home: Home, three: Path) -> None:
    kept = run("history", "backup").out.split()[1]
    three.unlink()
    assert run("history", "restore").out == f"restored {three} from {kept}\n"
    assert files(home) == {"history.db", "history-backups"}


@pytest.mark.parametrize("name", ["none.db", "sub/none.db", "sample/collection.yaml"])
def test_restore_from_what_is_no_backup(run: Run, three: Path, name: str) -> None:
    message = error(run("history", "restore", name))
    assert str(Path(name)) in message
    assert events(three) == 4


def test_a_person_is_not_told_of_databases(run: Run, three: Path) -> None:
    assert "database" not in error(run("history", "restore", "none.db"))
    assert "database" not in error(run("history", "restore", "sample/collection.yaml"))


def test_restore_from_the_history_itself(run: Run, three: Path) -> None:
    """It would be set aside first, and then not be there."""
    error(run("history", "restore", three))
    assert three.exists()
    assert events(three) == 4


def test_restore_reads_what_lies_beside_a_file(run: Run, bot: Bot, three: Path, nowhere: Path) -> None:
    """A copy that was made by hand while a session ran: its newest answers are in its log."""
    with closing(sqlite3.connect(three, isolation_level=None)) as session:
        session.execute("PRAGMA wal_autocheckpoint = 0")
        session.execute("BEGIN")
        session.execute("SELECT count(*) FROM event").fetchone()
        bot("answer", "recall:1", 3, "--revision", 0)
        for end in ("", "-wal"):
            (nowhere / f"copy.db{end}").write_bytes(Path(f"{three}{end}").read_bytes())
        session.execute("ROLLBACK")
    with closing(sqlite3.connect(f"file:{nowhere / 'copy.db'}?immutable=1", uri=True)) as file:
        assert file.execute("SELECT count(*) FROM event").fetchone() == (4,)  # the fifth is beside it
    assert run("history", "restore", "copy.db").code == 0
    assert events(three) == 5


def test_restore_without_a_backup(run: Run, three: Path) -> None:
    assert error(run("history", "restore")) == f"{three}: there is no good backup of it; name a file to restore"
    nothing = run("history", "restore", "--list")
    assert nothing == (0, f"{three}: there is no backup of it yet\n", "")
    assert events(three) == 4


def test_a_history_in_use_is_not_replaced(run: Run, three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *path, **how: connect(*path, **{**how, "timeout": 0.05}))
    run("history", "backup")
    with closing(sqlite3.connect(three, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        message = error(run("history", "restore"))
        assert message == f"{three}: is in use; end the sessions that use it first"
    assert run("history", "restore").code == 0


def test_no_backup_can_be_written(run: Run, three: Path) -> None:
    three.with_name("history-backups").write_text("a file", encoding="utf-8")
    message = error(run("history", "backup"))
    assert str(three.with_name("history-backups")) in message
    assert run("history", "doctor").code == 0


# --- export --------------------------------------------------------------------------------

HEADER = "card_id,review_time,review_rating,review_state,review_duration,timezone,day_start,card"


def test_csv(run: Run, three: Path) -> None:
    result = run("history", "export")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines() == [
        HEADER,
        f"1,{MORNING},3,0,1500,Europe/Berlin,04:00,sample-cards/precision:0",
        f"2,{MORNING + 10_000},4,0,1500,Europe/Berlin,04:00,sample-cards/recall:0",
    ]
    assert run("history", "export", "--format", "csv").out == result.out


def test_csv_after_other_settings(run: Run, bot: Bot, home: Home, clock: Clock, three: Path) -> None:
    home.configure('time_zone = "Asia/Tokyo"\nday_start = "05:30"\n')
    bot("answer", "precision:0", 1, "--revision", 1)
    rows = list(csv.DictReader(io.StringIO(run("history", "export").out)))
    assert [row["timezone"] for row in rows] == ["Europe/Berlin", "Europe/Berlin", "Asia/Tokyo"]
    assert [row["day_start"] for row in rows] == ["04:00", "04:00", "05:30"]
    assert (rows[-1]["card_id"], rows[-1]["review_state"], rows[-1]["review_rating"]) == ("1", "1", "1")


def test_jsonl(run: Run, three: Path) -> None:
    result = run("history", "export", "--format", "jsonl")
    rows = [json.loads(line) for line in result.out.splitlines()]
    assert [row["seq"] for row in rows] == [1, 2, 3, 4]
    assert [row["kind"] for row in rows] == ["answer", "answer", "answer", "undo"]
    assert [row["card"] for row in rows] == ["precision:0", "recall:0", "design-a-queue:0", "design-a-queue:0"]
    assert rows[3]["voids"] == rows[2]["id"]
    assert {row["collection"] for row in rows} == {"sample-cards"}
    assert rows[0]["scheduler"]["version"].startswith("fsrs ")
    assert (rows[0]["zone"], rows[0]["time"], rows[0]["took"]) == ("Europe/Berlin", MORNING, 1500)
    assert all(re.fullmatch("[0-9a-f]{32}", row["id"]) for row in rows)


@pytest.mark.parametrize(("format_", "lines"), [("csv", 2), ("jsonl", 4)])
def test_export_to_a_file(run: Run, three: Path, nowhere: Path, format_: str, lines: int) -> None:
    printed = run("history", "export", "--format", format_).out
    result = run("history", "export", "--format", format_, "-o", "out.txt")
    assert (result.code, result.err) == (0, "")
    assert result.out == f"wrote out.txt: {lines} lines\n"
    assert (nowhere / "out.txt").read_bytes() == printed.encode()
    (nowhere / "out.txt").write_text("old", encoding="utf-8")
    assert run("history", "export", "--format", format_, "-o", "out.txt").code == 0
    assert (nowhere / "out.txt").read_bytes() == printed.encode()
    assert {path.name for path in nowhere.iterdir()} == {"out.txt", "sample"}


def test_export_where_nothing_can_be_written(run: Run, three: Path, nowhere: Path) -> None:
    (nowhere / "file").write_text("mine", encoding="utf-8")
    for target in ("none/out.csv", "file/out.csv"):
        assert "out.csv" in error(run("history", "export", "-o", target))
    assert (nowhere / "file").read_text(encoding="utf-8") == "mine"


def test_a_failed_export_leaves_the_old_file(run: Run, three: Path, nowhere: Path) -> None:
    (nowhere / "out.csv").write_text("old", encoding="utf-8")
    damaged(three)
    sql(three, "PRAGMA user_version = 99")
    assert run("history", "export", "-o", "out.csv").code == 2
    assert (nowhere / "out.csv").read_text(encoding="utf-8") == "old"


def test_export_never_replaces_the_history(run: Run, three: Path) -> None:
    """One slip, `-o` for `--history`, must not cost a learner's reviews."""
    result = run("history", "export", "-o", three)
    assert result.code == 2
    assert run("history", "doctor").closing == f"{three}: 4 events, 3 cards: sound"


def test_an_unknown_format(run: Run, three: Path) -> None:
    result = run("history", "export", "--format", "xml")
    assert (result.code, result.out) == (2, "")
    assert "csv" in result.err


def test_no_control_character_of_a_path_is_printed(run: Run, bot: Bot) -> None:
    name = "e\x9b31m\u202e.db"
    bot("answer", "precision:0", 3, "--revision", 0, "--history", name)
    for words in (
        ("doctor",),
        ("doctor", "--repair"),
        ("backup",),
        ("restore", "--list"),
        ("restore",),
        ("export", "-o", "e\x9b.csv"),
    ):
        result = run("history", *words, "--history", name)
        assert result.code == 0
        assert not {"\x9b", "\u202e"} & set(result.out + result.err), words
