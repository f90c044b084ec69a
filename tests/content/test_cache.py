"""The cache of the sources gives what `load` gives, whatever happened to the sources or to it.

pytest tests/content/test_cache.py --long     edits, damages and kills many times
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import cache as cache_of
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aipm_cards.content import common, notes
from aipm_cards.content.cache import file as cache_file
from aipm_cards.content.cache import notes as cached_notes
from aipm_cards.content.cache import plan as cache_plan
from aipm_cards.content.cache import sources as cache
from aipm_cards.content.cache import stamps
from aipm_cards.content.cache.file import seal
from aipm_cards.content.cache.index import Damaged, pack, unpack
from aipm_cards.content.cache.notes import pack_note, unpack_note
from aipm_cards.content.cache.sources import Scope, Sources, open_sources
from aipm_cards.content.load import load
from aipm_cards.diagnostics import Diagnostic
from aipm_cards.errors import CollectionNotFound
from aipm_cards.kinds import KINDS, ordinals
from aipm_cards.model import Collection, Note
from tests import ready, test_cases
from tests.benchmarks import generate
from tests.packages import sample

DECKS = Path(__file__).parents[2] / "decks"
LONG_AGO = 10_000_000_000  # nanoseconds: by then every stamp is settled


def basic(note_id: str, *lines: str, front: str = "Of what is recall the share?") -> str:
    return "  - " + "\n    ".join((f"id: {note_id}", f"front: {front}", "back: Of the fraud.", *lines)) + "\n"


def deck(*parts: str, name: str = "Concepts::Evaluation") -> str:
    return f"deck: {name}\nnotes:\n" + "".join(parts)


def write(root: Path, **files: str) -> None:
    for path, content in files.items():
        (root / f"{path}.yaml").write_text(content, encoding="utf-8")


@pytest.fixture(autouse=True)
def _the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the same one throughout, also while someone works on it."""
    monkeypatch.setattr(cache, "program", lambda: "this program")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The sample collection, with a note of every kind, images and a retired note."""
    return sample.write(tmp_path / "sources")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def opened(root: Path, place: Path | None, *, now: int | None = None, **more: Any) -> Sources:
    """The sources, as a caller in a hurry opens them; `now` in nanoseconds."""
    return open_sources(root, place, time.time_ns() if now is None else now, **more)


def later() -> int:
    """A moment at which no stamp is too young to be believed."""
    return time.time_ns() + LONG_AGO


def same(sources: Sources, root: Path) -> None:
    """Whether an opened cache gives exactly what `load` gives."""
    expected, problems = load(root)
    assert sources.problems() == problems
    assert sources.collection == replace(expected, notes=())
    assert sources.errors == expected.errors
    assert sources.warnings == len(problems) - expected.errors
    assert sources.notes == len(expected.notes)
    first: dict[str, Note] = {}
    for note in expected.notes:
        first.setdefault(note.id, note)
    assert sources.cards() == cards_of(list(first.values()))
    assert sources.deck_of([*first, "no-such-note"]) == {note.id: note.deck for note in first.values()}
    subjects = {note.id: (note.topics, note.text("round")) for note in first.values() if not note.retired}
    assert sources.subjects() == subjects
    assert sources.known_tags() == sorted({tag for note in first.values() if not note.retired for tag in note.tags})
    assert sources.note("no-such-note") is None
    for note in first.values():
        found = sources.note(note.id)
        assert found == note
        assert found is not None
        assert (found.places, list(found.content)) == (note.places, list(note.content))
        assert [type(value) for value in found.content.values()] == [type(v) for v in note.content.values()]


def cards_of(notes: list[Note]) -> list[str]:
    return [f"{note.id}:{ordinal}" for note in notes if not note.retired for ordinal in ordinals(note)]


def holds(root: Path, place: Path | None, **more: Any) -> int:
    """Open, compare, and return how many files were read."""
    read: list[int] = []
    with opened(root, place, progress=lambda done, _: read.append(done), **more) as sources:
        same(sources, root)
    return len(read)


@contextmanager
def no_reading(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing may be read again meanwhile."""

    def refuse(*_: object) -> None:
        pytest.fail("the sources are read again")

    with monkeypatch.context() as patch:
        patch.setattr("aipm_cards.content.cache.update.update", refuse)
        yield


def the_file(place: Path) -> Path:
    (path,) = place.glob("*.sources")
    return path


# --- the same as load() --------------------------------------------------------------------


@pytest.mark.parametrize("name", test_cases.NAMES)
def test_every_case(name: str, tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = test_cases.copy(name, tmp_path)
    holds(root, place, now=later())
    with no_reading(monkeypatch), opened(root, place, now=later()) as sources:
        same(sources, root)
    holds(root, None)


@pytest.mark.parametrize("root", [DECKS, "sample"])
def test_the_decks_and_the_sample(root: Path | str, tmp_path: Path, place: Path) -> None:
    root = sample.write(tmp_path / "sample") if isinstance(root, str) else root
    files = len(list(root.rglob("*.yaml"))) - 3
    assert holds(root, place, now=later()) == files
    assert holds(root, place, now=later()) == 0
    assert holds(root, place, now=later(), workers=2) == 0


def test_no_collection(tmp_path: Path, place: Path) -> None:
    for path in (tmp_path, tmp_path / "gone"):
        with pytest.raises(CollectionNotFound):
            opened(path, place)


def test_many_files_in_several_processes(tmp_path: Path, place: Path) -> None:
    generate.write(tmp_path / "sources", 3000)
    root = tmp_path / "sources"
    assert holds(root, place, workers=2, now=later()) == 60
    shutil.copy(root / "deck-00003.yaml", root / "again.yaml")
    (root / "deck-00007.yaml").rename(root / "renamed.yaml")
    (root / "deck-00008.yaml").unlink()
    assert holds(root, place, workers=2, now=later()) == 2


def test_more_missing_images_than_get_a_hint(root: Path, place: Path) -> None:
    """Only the first fifty get one, whichever process finds them, and whatever changes."""
    for number in range(70):
        note = basic(f"note-{number}", f'why: "![x](media/matrx{number}.svg)"')
        write(root, **{f"file-{number:02}": deck(note)})
    holds(root, place, workers=2, now=later())
    assert holds(root, place, now=later()) == 0
    for edit in (
        lambda: (root / "file-03.yaml").unlink(),
        lambda: write(root, aa=deck(basic("first-of-all", 'why: "![x](media/matri.svg)"'))),
        lambda: shutil.copy(root / "media/matrix.svg", root / "media/matrx9.svg"),
    ):
        edit()
        holds(root, place, workers=2, now=later())


# --- what is read again --------------------------------------------------------------------


def test_only_what_changed_is_read_again(root: Path, place: Path) -> None:
    assert holds(root, place) == 3
    write(root, metrics=sample.METRICS.replace("80 of 100", "81 of 100"), more_of_it=deck(basic("another-one")))
    assert holds(root, place) == 2
    (root / "talk.yaml").rename(root / "later.yaml")
    (root / "more_of_it.yaml").unlink()
    assert holds(root, place) == 1
    os.utime(root / "later.yaml")  # touched: the same bytes
    assert holds(root, place) == 0
    (root / "later.yaml").unlink()
    assert holds(root, place) == 0


def test_touched_files_are_looked_into_once(root: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holds(root, place)
    assert holds(root, place, now=later()) == 0
    monkeypatch.setattr(cache_plan, "look", lambda *_: pytest.fail("a file is read"))
    with opened(root, place, now=later()) as sources:
        assert len(sources.cards()) == sample_cards()


def sample_cards() -> int:
    return 1 + 2 + 2 + 2 + 1 + 1 + 1


@pytest.mark.parametrize("name", ["collection.yaml", "sources.yaml", "curriculum.yaml"])
def test_another_registry(name: str, root: Path, place: Path) -> None:
    holds(root, place)
    content = (root / name).read_text()
    (root / name).write_text(content.replace("Sample", "Simple").replace("book", "boot").replace("T001", "T003"))
    assert holds(root, place) == 3
    (root / name).write_text(content + "\n# a comment\n")
    assert holds(root, place) == 3
    assert holds(root, place) == 0


@pytest.mark.parametrize("name", ["sources.yaml", "curriculum.yaml"])
def test_a_registry_that_goes_and_comes(name: str, root: Path, place: Path) -> None:
    holds(root, place)
    (root / name).rename(root / "_aside")
    assert holds(root, place) == 3
    (root / "_aside").rename(root / name)
    assert holds(root, place) == 3


def test_another_program(root: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holds(root, place)
    monkeypatch.setattr(cache, "FORMAT", cache.FORMAT + 1)
    assert holds(root, place) == 3
    monkeypatch.setattr(cache, "program", lambda: "another")
    assert holds(root, place) == 3
    monkeypatch.setattr(cache, "program", lambda: "")  # cannot be told: nothing is kept
    assert (holds(root, place), holds(root, place)) == (3, 3)


def test_the_program_is_known_by_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(Path(cache.__file__).parents[2], tmp_path / "package", ignore=shutil.ignore_patterns("*.pyc"))
    monkeypatch.setattr(stamps, "__file__", str(tmp_path / "package/content/cache/stamps.py"))
    before = stamps.program()
    assert stamps.program() == before != ""
    for name in ("content/values.py", "content/cache/plan.py", "text/reader.py", "kinds.py"):
        os.utime(tmp_path / "package" / name, (1, 1))
        assert stamps.program() != before
        before = stamps.program()
    shutil.rmtree(tmp_path / "package")
    assert stamps.program() == ""


def test_another_root(root: Path, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holds(root, place, now=later())
    other = tmp_path / "other"
    shutil.copytree(root, other, symlinks=True)
    assert holds(other, place, now=later()) == 3
    first, second = sorted(place.glob("*.sources"))
    shutil.copy(first, second)
    assert sorted([holds(root, place, now=later()), holds(other, place, now=later())]) == [0, 3]
    monkeypatch.chdir(tmp_path)
    assert holds(Path("other"), place, now=later()) == 0  # however it is called
    with opened(Path("other"), place) as sources:
        assert sources.collection.root == Path("other")


def test_a_write_in_the_same_tick(root: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stamp that is too young to be believed does not hide a write that leaves it as it is."""
    moment = 1_700_000_000_000_000_000
    monkeypatch.setattr(
        cache_plan, "stamp", lambda path: [os.stat(path).st_size, moment, moment, 1] * os.path.exists(path)
    )
    assert holds(root, place, now=moment + 1_000_000) == 3
    for text in ("81 of 100", "82 of 100"):
        write(root, metrics=sample.METRICS.replace("80 of 100", text))
        assert holds(root, place, now=moment + 1_000_000_000) == 1
    assert holds(root, place, now=moment + LONG_AGO) == 0
    write(root, metrics=sample.METRICS.replace("80 of 100", "83 of 100"))
    with opened(root, place, now=moment + LONG_AGO) as sources:  # settled now: not even looked into
        assert "82 of 100" in str(sources.note("precision"))


def test_images(root: Path, place: Path) -> None:
    holds(root, place, now=later())
    image = root / "media/matrix.svg"
    image.write_text(sample.PIXEL.replace("pixel", "pixie"))
    assert holds(root, place, now=later()) == 0  # its digest is another, the cards are the same
    image.rename(root / "media/matrik.svg")
    assert holds(root, place, now=later()) == 1
    (root / "media/matrik.svg").rename(root / "media/matric.svg")  # the hint is another
    assert holds(root, place, now=later()) == 1
    (root / "media/matric.svg").rename(image)
    assert holds(root, place, now=later()) == 1
    (root / "media/unused.svg").write_text(sample.PIXEL)
    assert holds(root, place, now=later()) == 0
    (root / "media").rename(root / "pictures")
    (root / "media").symlink_to("pictures")  # the very same files, below a link
    assert holds(root, place, now=later()) == 1
    (root / "media").unlink()
    assert holds(root, place, now=later()) == 1
    (root / "pictures").rename(root / "media")
    image.unlink()
    image.symlink_to("copy.svg")
    assert holds(root, place, now=later()) == 1
    (root / "media/copy.svg").write_text("<svg/>")
    assert holds(root, place, now=later()) == 0
    image.unlink()
    image.mkdir()
    assert holds(root, place, now=later()) == 1


def test_links_and_directories(root: Path, place: Path) -> None:
    (root / "linked.yaml").symlink_to("_aside")
    (root / "_aside").write_text(deck(basic("by-a-link")))
    holds(root, place, now=later())
    (root / "_aside").write_text(deck(basic("by-a-line")))
    assert holds(root, place, now=later()) == 1
    (root / "_aside").unlink()
    assert holds(root, place, now=later()) == 1
    assert holds(root, place, now=later()) == 0
    (root / "a.yaml").mkdir()
    assert holds(root, place, now=later()) == 0
    (root / "a.yaml").rmdir()
    assert holds(root, place, now=later()) == 0
    (root / "more").rename(root / "_more")
    (root / "more").symlink_to("_more")
    assert holds(root, place, now=later()) == 0


def test_one_id_twice(root: Path, place: Path) -> None:
    twin, other = basic("a-twin", "tier: 2"), basic("a-twin", "tier: 1", front="Of what is precision the share?")
    write(root, a=deck(twin), b=deck(other, name="Other"))
    for a, b in (
        (twin, other),
        (twin, basic("a-twin", "tier: 1", "retired: it was wrong")),
        (twin + other, twin),
        (basic("a-twin", "tier: 3"), twin),
        (twin, basic("only-one")),
    ):
        write(root, a=deck(a), b=deck(b, name="Other"))
        holds(root, place)
    with opened(root, place) as sources:
        assert sources.cards(Scope(decks=("other",))) == ["only-one:0"]


def test_of_two_the_first_although_its_row_is_gone(root: Path, place: Path) -> None:
    write(root, a=deck(basic("a-twin", "tier: 1")), b=deck(basic("a-twin", "tier: 2"), name="Other"))
    holds(root, place, now=later())
    with closing(sqlite3.connect(the_file(place))) as connection, connection:
        connection.execute("DELETE FROM note WHERE number = (SELECT min(number) FROM note WHERE id = 'a-twin')")
    with opened(root, place, now=later()) as sources:
        same(sources, root)


def test_of_two_the_first_also_in_a_scope(root: Path, place: Path) -> None:
    write(root, a=deck(basic("a-twin", "tier: 1")), b=deck(basic("a-twin", "tier: 2"), name="Other"))
    with opened(root, place) as sources:
        assert sources.cards(Scope(decks=("other",))) == []
        assert sources.deck_of(["a-twin"]) == {"a-twin": "Concepts::Evaluation"}


# --- random edits --------------------------------------------------------------------------

TEXTS = [
    *sample.FILES.values(),
    deck(basic("precision"), basic("another-one", "tags: [a::b, c]"), name="concepts::Evaluation"),
    deck(basic("with-an-image", 'why: "![words](media/copy.svg)"', "related: [recal]")),
    deck(basic("with-an-image", 'why: "![](media/copi.svg)"', "tier: 1")),
    "deck: [\nnotes: x\n",
    "",
    "deck: A\nnotes:\n  - id: broken-note\n    front: a: b\n    back: c\n" + basic("after-it", "retired: yes"),
    deck(basic("bell-\a")),
]
PATHS = ["metrics.yaml", "talk.yaml", "a.yaml", "more/numbers.yaml", "b.yml", "more/c.yaml", "_hidden.yaml"]
IMAGES = ["media/matrix.svg", "media/copy.svg", "media/copi.svg"]


def edit(root: Path, chance: random.Random) -> None:
    """Do something to a file of the collection."""
    path, other = root / chance.choice(PATHS), root / chance.choice(PATHS)
    act = chance.randrange(10)
    if act < 3 or not path.exists():
        path.write_text(chance.choice(TEXTS), encoding="utf-8")
    elif act == 3:
        path.unlink()
    elif act == 4:
        path.rename(other)
    elif act == 5:
        os.utime(path, ns=(chance.randrange(1 << 60),) * 2)
    elif act == 6:  # as many bytes, and the times of before
        before, content = path.stat(), path.read_bytes()
        path.write_bytes(content.replace(b"c", chance.choice((b"c", b"x"))).replace(b"3", chance.choice((b"1", b"3"))))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif act == 7:
        image = root / chance.choice(IMAGES)
        if image.exists() and chance.random() < 0.5:
            image.unlink()
        else:
            image.write_text(sample.PIXEL * chance.randrange(1, 3))
    elif act == 8:
        registry = root / chance.choice(("sources.yaml", "curriculum.yaml", "collection.yaml"))
        registry.write_text(sample.FILES[registry.name].replace("T002", chance.choice(("T002", "T004", "[]"))))
    else:
        content = path.read_bytes()
        at = chance.randrange(len(content) + 1)
        path.write_bytes(
            content[:at] + chance.choice((b"", b"\n", b"x", b"#", b": ", b"\x1b", b"\xff")) + content[at + 1 :]
        )


@pytest.mark.parametrize("seed", range(8))
def test_random_edits(seed: int, root: Path, place: Path, pytestconfig: pytest.Config) -> None:
    chance = random.Random(seed)
    for _ in range(1000 if pytestconfig.getoption("--long") else 25):
        for _ in range(chance.randrange(3)):
            edit(root, chance)
        with opened(root, place, workers=chance.randrange(1, 3)) as sources:
            same(sources, root)


# --- a cache that cannot be used, or not be trusted ----------------------------------------


def test_without_a_directory_or_where_none_can_be(root: Path, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("words")
    for place in (None, tmp_path / "a file", tmp_path / "a file" / "below", Path("a\0b")):
        assert (holds(root, place), holds(root, place)) == (3, 3)
    assert (tmp_path / "a file").read_text() == "words"


_UNWRITABLE = """
import os, sys
from pathlib import Path
if os.geteuid() == 0:
    # Root without its capabilities: permissions count as for anybody else.
    import ctypes
    if ctypes.CDLL(None).capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()) != 0:
        sys.exit(99)
from aipm_cards.content.cache import sources as cache
cache.program = lambda: "this program"
for turn in range(2):
    with cache.open_sources(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])) as sources:
        assert sources.note(sys.argv[4]).id == sys.argv[4]
        assert sources.cards() and sources.notes == int(sys.argv[5])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="permissions and capabilities as Linux has them")
@pytest.mark.parametrize("cached", [True, False])
def test_an_unwritable_directory(cached: bool, root: Path, place: Path) -> None:
    place.mkdir()
    if cached:
        holds(root, place)
    before = sorted(place.iterdir())
    place.chmod(0o500)
    try:
        for note_id, count in (("recall", 8), ("another-one", 9)):
            if count == 9:
                write(root, a=deck(basic("another-one")))
            process = run(_UNWRITABLE, root, place, later(), note_id, count)
            _, errors = process.communicate(timeout=60)
            if process.returncode == 99:
                pytest.skip("root writes everywhere, and cannot do without that here")
            assert process.returncode == 0, errors
    finally:
        place.chmod(0o700)
    assert sorted(place.iterdir()) == before
    holds(root, place)


@pytest.mark.parametrize("read_only", ["the file", "in SQLite"])
def test_a_read_only_cache(read_only: str, root: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holds(root, place)
    if read_only == "the file":
        the_file(place).chmod(0o400)
    else:
        prepare = cache_file._prepare
        monkeypatch.setattr(cache_file, "_prepare", lambda c: (prepare(c), c.execute("PRAGMA query_only = ON")))
    write(root, a=deck(basic("another-one")))
    holds(root, place)
    assert the_file(place).exists()


@pytest.mark.parametrize("pages", [1, 10, 20, 40])
def test_a_full_disk(pages: int, tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generate.write(root := tmp_path / "sources", 300)
    prepare = cache_file._prepare
    with monkeypatch.context() as patch:
        patch.setattr(cache_file, "_prepare", lambda c: (c.execute(f"PRAGMA max_page_count = {pages}"), prepare(c)))
        holds(root, place)
    assert holds(root, place) == 6
    with monkeypatch.context() as patch:
        patch.setattr(cache_file, "_prepare", lambda c: (prepare(c), c.execute("PRAGMA max_page_count = 1")))
        shutil.copy(root / "deck-00001.yaml", root / "a.yaml")
        before = the_file(place).stat().st_ino
        holds(root, place)
        assert the_file(place).stat().st_ino == before  # it is not to blame
    holds(root, place)
    assert holds(root, place) == 0


def strange_file(path: Path) -> None:
    path.write_bytes(b"no SQLite file\n" * 1000)


def foreign_cache(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE cards (id); INSERT INTO cards VALUES (1)")


def more_in_the_schema(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TRIGGER t AFTER DELETE ON note BEGIN DELETE FROM answer; END; CREATE VIEW v AS SELECT 1;"
        )


def a_view_for_a_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("ALTER TABLE note RENAME TO was; CREATE VIEW note AS SELECT * FROM was")


def another_journal(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def no_rows(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM note")


def no_index(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM answer WHERE name = 'index'")


def as_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def as_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def a_log_of_another(path: Path) -> None:
    Path(f"{path}-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(5000))
    Path(f"{path}-shm").write_bytes(b"\xff" * 40000)
    Path(f"{path}-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(5000))


DAMAGES: list[Callable[[Path], None]] = [
    strange_file, foreign_cache, more_in_the_schema, a_view_for_a_table, another_journal, no_rows, no_index,
    as_directory, as_fifo, emptied, a_log_of_another, os.unlink,
]  # fmt: skip


THROWN_AWAY = {strange_file, foreign_cache, more_in_the_schema, a_view_for_a_table, another_journal, as_fifo}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_cache_that_is_none(damage: Callable[[Path], None], root: Path, place: Path) -> None:
    holds(root, place)
    damage(the_file(place))
    read = holds(root, place)
    if damage in THROWN_AWAY:
        assert read == 3
    write(root, a=deck(basic("another-one")))
    holds(root, place)
    if damage is not as_directory:  # that is not ours to delete
        assert holds(root, place) == 0


@pytest.mark.parametrize("leads_to", ["a cache", "another file", "nothing"])
def test_a_link_in_the_place_of_the_cache(leads_to: str, root: Path, place: Path, tmp_path: Path) -> None:
    holds(root, place)
    target = tmp_path / "elsewhere"
    if leads_to == "a cache":
        the_file(place).rename(target)
    elif leads_to == "another file":
        foreign = the_file(place)
        foreign_cache(foreign)
        foreign.rename(target)
    path = place / f"{stamps.digest_of(os.fsencode(root))[:32]}.sources"
    path.unlink(missing_ok=True)
    path.symlink_to(target)
    before = target.read_bytes() if target.exists() else None
    assert holds(root, place) == 3
    assert (target.read_bytes() if target.exists() else None) == before
    assert not path.is_symlink()
    assert holds(root, place) == 0


@pytest.mark.parametrize("seed", range(8))
def test_damaged_bytes(seed: int, root: Path, place: Path, pytestconfig: pytest.Config) -> None:
    """Right answers or a silent reading, never a wrong note."""
    chance = random.Random(seed)
    holds(root, place, now=later())
    path = the_file(place)
    whole = path.read_bytes()
    expected, problems = load(root)
    for _ in range(2000 if pytestconfig.getoption("--long") else 40):
        data = bytearray(whole)
        if chance.random() < 0.1:
            del data[chance.randrange(len(data)) :]
        for _ in range(chance.choice((1, 1, 1, 5, 100))):
            if data:
                data[chance.randrange(len(data))] = chance.randrange(256)
        for suffix in ("-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        path.write_bytes(data)
        with opened(root, place, now=later()) as sources:
            gives(sources, expected, problems)


def gives(sources: Sources, expected: Collection, problems: list[Diagnostic]) -> None:
    """Like `same`, for many times: what to expect is known, no id is there twice."""
    notes = list(expected.notes)
    assert [sources.note(note.id) for note in notes] == notes
    assert [sources.note(note.id).places for note in notes] == [note.places for note in notes]  # type: ignore[union-attr]
    assert sources.cards() == cards_of(notes)
    assert sources.cards(Scope(tiers=(1, 2))) == cards_of([note for note in notes if note.tier < 3])
    assert sources.problems() == problems
    assert sources.collection == replace(expected, notes=())
    assert sources.deck_of(note.id for note in notes) == {note.id: note.deck for note in notes}


@pytest.mark.parametrize("table", ["answer", "record", "note"])
def test_another_letter_anywhere(table: str, root: Path, place: Path) -> None:
    """JSON that can still be read, and says something else."""
    write(root, a=deck(basic("of-two", "related: [nothing]"), "  - id: unsound\n"))
    holds(root, place, now=later())
    path = the_file(place)
    whole = path.read_bytes()
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(f"SELECT rowid, value FROM {table}").fetchall()
    expected, problems = load(root)
    for rowid, value in rows:
        for at in range(7, len(value), len(value) // 6 + 1):
            at += next((n for n, byte in enumerate(value[at:]) if bytes((byte,)).isalnum()), 0)
            other = value[:at] + (b"7" if value[at : at + 1].isdigit() else b"q") + value[at + 1 :]
            path.write_bytes(whole)
            with closing(sqlite3.connect(path)) as connection, connection:
                connection.execute(f"UPDATE {table} SET value = ? WHERE rowid = ?", (other, rowid))
            with opened(root, place, now=later()) as sources:
                gives(sources, expected, problems)


def test_damaged_while_it_is_open(root: Path, place: Path) -> None:
    for question in (
        lambda s: s.cards(),
        lambda s: s.note("recall"),
        lambda s: s.problems(),
        lambda s: s.subjects(),
        lambda s: s.known_tags(),
    ):
        holds(root, place)
        with opened(root, place) as sources:
            path = the_file(place)
            with path.open("r+b") as file:
                file.write(b"\xff" * path.stat().st_size)
            question(sources)
            same(sources, root)
        holds(root, place)


def test_damaged_while_it_is_open_and_the_sources_are_gone(root: Path, place: Path) -> None:
    holds(root, place)
    with opened(root, place) as sources:
        no_rows_of(sources)
        shutil.rmtree(root)
        assert sources.note("recall") is None
        assert sources.cards() == []


def no_rows_of(sources: Sources) -> None:
    sources._cache._run("DELETE FROM note")


# --- a cache edited by someone who knows how -----------------------------------------------

Change = Callable[[Any], Any]


def edit_payload(path: Path, note_id: str, change: Change) -> None:
    """Change a note's payload, and seal it as if it had always been so."""
    with closing(sqlite3.connect(path)) as connection, connection:
        number, value = connection.execute("SELECT number, value FROM note WHERE id = ?", (note_id,)).fetchone()
        (data,) = connection.execute("SELECT value FROM answer WHERE name = 'index'").fetchone()
        (row,) = (row for row in json.loads(data)[3] if row[0] == number >> 20)
        value = pack(change(json.loads(value)))
        sealed = seal(row[3].encode(), note_id.encode(), value)
        connection.execute("UPDATE note SET value = ?, seal = ? WHERE number = ?", (value, sealed, number))


def edit_index(path: Path, change: Change, **answers: bytes) -> None:
    """Change the index and the answers, and seal them as if they had always been so."""
    with closing(sqlite3.connect(path)) as connection, connection:
        (data,) = connection.execute("SELECT value FROM answer WHERE name = 'index'").fetchone()
        index = change(json.loads(data))
        for name, value in answers.items():
            index[7][name] = seal(value).hex()
        for name, value in {**answers, "index": pack(index)}.items():
            connection.execute("UPDATE answer SET value = ?, seal = ? WHERE name = ?", (value, seal(value), name))


def put(*path: int | str, value: object) -> Change:
    def change(data: Any) -> Any:
        at = data
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        return data

    return change


def at(data: Any, key: str) -> int:
    return [name for name, _ in data[2]].index(key)


PAYLOADS: list[tuple[str, Change]] = [
    ("precision", put(2, 0, 1, value="What is \x1b[2J?")),
    ("precision", put(2, 0, 1, value="What is \u202eprecision?")),
    ("precision", put(2, 0, 1, value="")),
    ("precision", put(2, 0, 1, value=["What?"])),
    ("precision", put(2, 0, 1, value=None)),
    ("precision", put(2, 0, 0, value="bakc")),
    ("precision", put(2, value=[])),
    ("precision", put(2, value={"front": "a", "back": "b"})),
    ("precision", put(0, value="recall")),
    ("precision", put(0, value="../precision")),
    ("precision", put(1, value="basics")),
    ("precision", put(1, value=["basic"])),
    ("precision", put(1, value="cloze")),
    ("precision", put(3, value=["a b"])),
    ("precision", put(4, value="evaluation")),
    ("precision", put(4, value=["\x1b"])),
    ("precision", put(5, value=4)),
    ("precision", put(5, value=True)),
    ("precision", put(5, value=1.0)),
    ("precision", put(6, value=0)),
    ("precision", put(7, value="\u2028")),
    ("precision", put(8, value=[["nowhere", ""]])),
    ("precision", put(8, value=[["book"]])),
    ("precision", put(9, value="tomorrow")),
    ("precision", put(12, value=[7])),
    ("precision", put(14, value=["../secret.svg"])),
    ("precision", put(14, value=["media/none.svg"])),
    ("precision", put(15, value=-1)),
    ("precision", put(15, value="1")),
    ("precision", put(16, value={"front": "1"})),
    ("precision", put(16, value={"../x": 1})),
    ("precision", put(16, value=[])),
    ("precision", lambda data: data[:-1]),
    ("precision", lambda data: [*data, 1]),
    ("precision", lambda _: None),
    ("precision", lambda _: [[[]]] * 17),
    ("precision", lambda data: put(2, value=data[2][:1])(put(16, value={})(data))),
    ("harmonic-mean", put(2, 1, 1, value="There is no gap.")),
    ("harmonic-mean", put(2, 1, 1, value="{{c0::none}}")),
    ("precision-or-recall", lambda data: put(2, at(data, "verdict"), 1, value="c")(data)),
    ("precision-or-recall", lambda data: put(2, at(data, "rows"), 1, value=[["a"]])(data)),
    ("precision-of-a-queue", lambda data: put(2, at(data, "values"), 1, value={"TP": "1/0"})(data)),
    ("precision-of-a-queue", lambda data: put(2, at(data, "values"), 1, value={"a b": "1"})(data)),
    ("precision-of-a-queue", lambda data: put(2, at(data, "answer"), 1, value="many")(data)),
    ("design-a-queue", lambda data: put(2, at(data, "minutes"), 1, value=1000)(data)),
    ("design-a-queue", lambda data: put(2, at(data, "rubric"), 1, value=[["x", 1]] * 5)(data)),
    ("design-a-queue", lambda data: put(2, at(data, "pass"), 1, value=7)(data)),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(PAYLOADS)))
def test_an_edited_note(number: int, root: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note_id, change = PAYLOADS[number]
    holds(root, place, now=later())
    edit_payload(the_file(place), note_id, lambda data: data)
    with no_reading(monkeypatch), opened(root, place, now=later()) as sources:
        same(sources, root)  # the seals are as the program makes them
    edit_payload(the_file(place), note_id, change)
    with opened(root, place, now=later()) as sources:
        same(sources, root)
    assert holds(root, place, now=later()) == 3  # it was thrown away


INDEXES: list[tuple[Change, dict[str, bytes]]] = [
    (put(4, "../secret.svg", value=[[1, 2, 3, 4], True, [], 5, "0" * 64]), {}),
    (put(4, "../secret.svg", value=["refused", True, [], 5, "0" * 64]), {}),
    (put(4, "/etc/passwd", value=[[1, 2, 3, 4], True, [], 5, "0" * 64]), {}),
    (put(4, "media/matrix.svg", 4, value="\x1b"), {}),
    (put(4, "media/matrix.svg", 3, value="many"), {}),
    (put(4, value=[]), {}),
    (put(2, 0, value="../../metrics.yaml"), {}),
    (put(2, 0, value=7), {}),
    (put(3, 0, 0, value="1"), {}),
    (put(3, 0, 0, value=-1), {}),
    (put(3, 0, 0, value=1 << 70), {}),
    (put(3, 0, 5, value=["Deck"]), {}),
    (put(3, 0, 5, value="\x1b[2J"), {}),
    (put(3, 0, 5, value=""), {}),
    (put(3, 0, 6, value=[["../x.svg", []]]), {}),
    (put(3, 0, 7, value=-1), {}),
    (put(3, 0, value=[]), {}),
    (put(3, value={}), {}),
    (put(7, value=None), {}),
    (put(7, value=[]), {}),
    (put(8, value="0"), {}),
    (put(8, value=-3), {}),
    (put(10, value=0), {}),
    (lambda index: index[:-1], {}),
    (lambda _: {}, {}),
    (lambda index: index, {"cards": b"precision:0\nrecall"}),
    (lambda index: index, {"cards": b"precision:0\n\x1b[2J:0"}),
    (lambda index: index, {"cards": b"../x:0"}),
    (lambda index: index, {"cards": b"recall:-1\n"}),
    (lambda index: index, {"cards": b"\xff:0"}),
    (lambda index: index, {"homes": b"99 recall"}),
    (lambda index: index, {"homes": b"x recall"}),
    (lambda index: index, {"homes": b"\xff"}),
    (lambda index: index, {"collection": b"[]"}),
    (lambda index: index, {"collection": b"[" * 100_000}),
    (lambda index: index, {"collection": pack(["\x1b", "n", "", "en", [], [], [], []])}),
    (lambda index: index, {"collection": pack(["A", "../n", "", "en", [], [], [], []])}),
    (lambda index: index, {"collection": pack(["A", "", "", "en", [["", ""]], [], [], []])}),
    (lambda index: index, {"collection": pack(["A", "", "", "en", [], [["k", "t", "", "file:///x", "", ""]], [], []])}),
    (lambda index: index, {"problems": pack([[["X999", "a", 1, 1, "", "", ""]], []])}),
    (lambda index: index, {"problems": pack([[["N101", "a", 0, 1, "", "", ""]], []])}),
    (lambda index: index, {"problems": pack([[["N101", "a", 1, 1, 7, "", ""]], []])}),
    (lambda index: index, {"problems": pack([[[["N101"], "a", 1, 1, "", "", ""]], []])}),
    (lambda index: index, {"problems": pack(1)}),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(INDEXES)))
def test_an_edited_index(number: int, root: Path, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change, answers = INDEXES[number]
    (tmp_path / "secret.svg").write_text("<svg>secret</svg>")
    holds(root, place, now=later())
    edit_index(the_file(place), lambda index: index)
    with no_reading(monkeypatch), opened(root, place, now=later()) as sources:
        same(sources, root)
    edit_index(the_file(place), change, **answers)
    opened_files = watch(monkeypatch)
    with opened(root, place, now=later()) as sources:
        same(sources, root)
    assert [path for path in opened_files if not path.startswith((str(root), str(place)))] == []


def watch(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collects the paths of the files that are opened for reading from now on."""
    seen: list[str] = []
    real = os.open

    def spy(path: Any, *arguments: Any, **more: Any) -> int:
        seen.append(os.path.abspath(path))
        return real(path, *arguments, **more)

    def spy_on_stamps(path: Any) -> os.stat_result:
        seen.append(os.path.abspath(path))
        return real_lstat(path)

    real_lstat = os.lstat
    monkeypatch.setattr(os, "open", spy)
    monkeypatch.setattr(os, "lstat", spy_on_stamps)
    return seen


def test_edited_records(root: Path, place: Path) -> None:
    for change in (
        put(0, value=7), put(1, value="x"), put(3, 0, 0, value=[]), put(4, value=7), put(5, value=[7]),
        put(6, value={}),
        put(7, 0, 0, value="\x1b"), put(7, 2, 0, value=9), put(7, 3, 0, value="0;1"), put(7, 4, 0, value=3),
        put(7, 5, 0, value=0), put(7, 0, value=[]), put(7, value=[]), lambda record: record[:-1], lambda _: 7,
    ):  # fmt: skip
        holds(root, place, now=later())
        with closing(sqlite3.connect(the_file(place))) as connection, connection:
            (data,) = connection.execute("SELECT value FROM record WHERE file = 1").fetchone()
            value = pack(change(json.loads(data)))
            connection.execute("UPDATE record SET value = ? WHERE file = 1", (value,))
        edit_index(the_file(place), put(3, 0, 4, value=seal(value).hex()))
        with opened(root, place, now=later()) as sources:
            expected = [n for n in load(root)[0].notes if n.tier != 3]
            assert sources.cards(Scope(tiers=(1, 2))) == cards_of(expected)


@cache_of
def shipped() -> tuple[Note, ...]:
    return load(DECKS)[0].notes


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["a", "b", "front", "1/2"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_what_comes_back_is_what_was_put_there_or_nothing(data: st.DataObject) -> None:
    """Whatever stands in a payload: a note that packs to the same payload, or Damaged."""
    note = data.draw(st.sampled_from(shipped()))
    payload: Any = json.loads(pack_note(note))
    at: Any = payload
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(at[key], (list, dict)) and at[key] and data.draw(st.booleans()):
            at = at[key]
            continue
        at[key] = data.draw(JSON)
        break
    images = set(note.images)
    try:
        found = unpack_note(pack(payload), "a.yaml", "Deck", {cited.key for cited in note.sources}, images)
    except Damaged:
        return
    assert unpack(pack_note(found)) == unpack(pack(payload))
    assert found.kind in KINDS
    assert ordinals(found)


@pytest.mark.parametrize(
    "path", ["../x.svg", "/x.svg", "a/../../x.svg", "C:/x.svg", "a\\x.svg", "x.txt", "", "\x1b.svg"]
)
def test_an_image_outside(path: str) -> None:
    assert cached_notes.a_medium("media/x.svg", 1, "0" * 64).digest == "0" * 64
    with pytest.raises(Damaged):
        cached_notes.a_medium(path, 1, "0" * 64)


def test_the_patterns_are_the_readers() -> None:
    assert cached_notes.NOTE_ID.pattern == notes.ID.pattern
    assert cached_notes.TAG.pattern == common.TAG.pattern


# --- others at the same time ---------------------------------------------------------------


def test_an_open_cache_shows_one_state(root: Path, place: Path) -> None:
    expected = list(load(root)[0].notes)
    with opened(root, place) as sources:
        write(root, metrics=sample.METRICS.replace("80 of 100", "81 of 100"))
        (root / "talk.yaml").unlink()
        assert holds(root, place) == 1
        assert holds(root, place) == 0  # the first one does not keep others from writing
        assert [sources.note(note.id) for note in expected] == expected
        assert sources.cards() == cards_of(expected)
    assert holds(root, place) == 0


@pytest.mark.parametrize("statement", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE", "PRAGMA locking_mode = EXCLUSIVE"])
def test_a_locked_cache(statement: str, root: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_file, "BUSY", 0.01)
    holds(root, place)
    with closing(sqlite3.connect(the_file(place), isolation_level=None)) as other:
        other.execute(statement)
        other.execute("BEGIN IMMEDIATE") if "PRAGMA" in statement else None
        other.execute("DELETE FROM note")
        holds(root, place, now=later())
        write(root, a=deck(basic("another-one")))
        with opened(root, place) as first, opened(root, place) as second:
            same(first, root)
            same(second, root)
        other.execute("ROLLBACK")
    assert holds(root, place) == 1


def test_busy_with_another_nothing_is_copied_for_a_stamp(
    root: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holds(root, place)
    monkeypatch.setattr(cache_file, "BUSY", 0.01)
    monkeypatch.setattr(cache_file.CacheFile, "copy_to_memory", lambda _: pytest.fail("it is copied"))
    with closing(sqlite3.connect(the_file(place), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        os.utime(root / "metrics.yaml")
        assert holds(root, place) == 0


def test_busy_with_another_only_the_change_is_read(root: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_file, "BUSY", 0.01)
    holds(root, place)
    write(root, a=deck(basic("another-one")))
    with closing(sqlite3.connect(the_file(place), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert holds(root, place) == 1
        assert holds(root, place) == 1


def test_another_wrote_between_looking_and_writing(root: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holds(root, place)
    write(root, a=deck(basic("another-one")))
    real, others = cache.look_round, [True]

    def look_round(*arguments: Any) -> Any:
        plan = real(*arguments)
        if others and others.pop():
            holds(root, place)
        return plan

    monkeypatch.setattr(cache, "look_round", look_round)
    assert holds(root, place) == 1
    assert holds(root, place) == 0


def test_another_wrote_just_after(root: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holds(root, place)
    real, others = cache_file.CacheFile.commit, [True]

    def commit(self: cache_file.CacheFile) -> None:
        real(self)
        if others and others.pop():
            write(root, b=deck(basic("one-more")))
            holds(root, place)

    monkeypatch.setattr(cache_file.CacheFile, "commit", commit)
    write(root, a=deck(basic("another-one")))
    holds(root, place)
    assert holds(root, place) == 0


_OPENER = """
import random, sys, time
from pathlib import Path
from aipm_cards.content.cache import sources as cache
from aipm_cards.content.cache.sources import open_sources
cache.program = lambda: "this program"
root, place, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
chance = random.Random(seed)
for turn in range(int(sys.argv[4])):
    number = chance.randrange(5)
    text = f"deck: D\\nnotes:\\n  - id: note-{seed}-{number}\\n    front: Is it {turn}?\\n    back: 'Yes'\\n"
    (root / f"file-{seed}-{number}.yaml").write_text(text)
    with open_sources(root, place, time.time_ns()) as sources:
        assert sources.note(f"note-{seed}-{number}").content["front"] == f"Is it {turn}?"
        assert sources.note("precision").id == "precision"
        assert f"note-{seed}-{number}:0" in sources.cards()
        assert not [p for p in sources.problems() if f"-{seed}-" in p.path]
"""


def run(script: str, *arguments: object, real: bool = False) -> Any:
    """A process that runs a script; `real`: it begins by itself, and makes its own imports."""
    command, at = ("-c", script, *map(str, arguments)), DECKS.parent
    if real or ready.REAL:
        return subprocess.Popen([sys.executable, *command], cwd=at, stderr=subprocess.PIPE, text=True)
    kept = {name: os.environ[name] for name in ("PATH", "AIPM_CARDS_CACHE")}
    plain = {"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return ready.Ready(*command, cwd=at, env={**kept, **plain}, text=True)


def test_two_processes_at_once(root: Path, place: Path, pytestconfig: pytest.Config) -> None:
    turns = 300 if pytestconfig.getoption("--long") else 25
    running = [run(_OPENER, root, place, seed, turns) for seed in range(2)]
    for process in running:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    holds(root, place)
    assert holds(root, place) == 0


# Ends itself, as a power switch would, at the n-th step of an update.
_KILLED = """
import os, signal, sys, time
from pathlib import Path
from aipm_cards.content.cache import file as cache_file, sources as cache
from aipm_cards.content.cache.sources import open_sources
cache.program = lambda: "this program"
root, place, step = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
left = [step]
def counting(name):
    real = getattr(cache_file.CacheFile, name)
    def counted(self, *arguments):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(self, *arguments)
    setattr(cache_file.CacheFile, name, counted)
for name in ("_run", "_many"):
    counting(name)
with open_sources(root, place, time.time_ns()) as sources:
    sources.cards()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_killed_during_an_update(root: Path, place: Path, pytestconfig: pytest.Config) -> None:
    steps = range(1, 60) if pytestconfig.getoption("--long") else (1, 5, 8, 11, 14, 20)
    endings = set()
    for step in steps:
        for first in (True, False):  # a new cache, and one that is there
            if first:
                shutil.rmtree(place, ignore_errors=True)
            write(root, a=deck(basic(f"note-{step}-{first:d}".lower())))
            process = run(_KILLED, root, place, step)
            process.communicate(timeout=60)
            endings.add(process.returncode)
            holds(root, place)
            write(root, metrics=sample.METRICS.replace("80 of 100", f"{step} of 100"))
            run(_KILLED, root, place, step).communicate(timeout=60)
            holds(root, place)
            assert holds(root, place) == 0
    assert -signal.SIGKILL in endings


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_killed_at_any_moment(tmp_path: Path, place: Path, pytestconfig: pytest.Config) -> None:
    root = tmp_path / "sources"
    generate.write(root, 500)
    chance = random.Random(1)
    for turn in range(150 if pytestconfig.getoption("--long") else 3):
        for number in range(4):
            write(root, **{f"deck-{number:05}": deck(basic(f"note-{turn}-{number}"))})
        process = run(_KILLED, root, place, 0, real=True)
        time.sleep(chance.uniform(0.05, 0.4))
        process.kill()
        process.communicate()
        holds(root, place)


# --- what a start costs --------------------------------------------------------------------


def test_a_start_without_changes_imports_no_reader(root: Path, place: Path) -> None:
    holds(root, place, now=later())
    script = """
import sys
from pathlib import Path
from aipm_cards.content.cache import sources as cache
cache.program = lambda: "this program"
with cache.open_sources(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])) as sources:
    assert len(sources.cards()) == 10 and sources.notes == 8 and sources.errors == 0
    heavy = {"yaml", "pyromark", "multiprocessing", "aipm_cards.content.load", "aipm_cards.content.reader"}
    assert not heavy & set(sys.modules), heavy & set(sys.modules)
    assert sources.note("recall") and sources.collection.name == "Sample" and sources.problems() == []
    assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    process = run(script, root, place, later(), real=True)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors


def test_progress_is_of_the_files_that_are_read(root: Path, place: Path) -> None:
    told: list[tuple[int, int]] = []
    opened(root, place, progress=lambda *step: told.append(step)).close()
    assert told == [(1, 3), (2, 3), (3, 3)]
    opened(root, place, progress=lambda *step: told.append(step)).close()
    assert len(told) == 3


def test_an_exception_on_the_way_leaves_the_old_state(root: Path, place: Path) -> None:
    holds(root, place)
    write(root, a=deck(basic("another-one")))

    def interrupted(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        opened(root, place, progress=interrupted)
    assert holds(root, place) == 1


def test_once_closed_it_stays_closed(root: Path, place: Path) -> None:
    sources = opened(root, place)
    sources.close()
    with pytest.raises(sqlite3.ProgrammingError):
        sources.note("recall")
    assert holds(root, place) == 0


# --- scopes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(decks=("talk",)), {"design-a-queue", "to-block-or-not"}),
        (Scope(decks=("Sample::TALK",)), {"design-a-queue", "to-block-or-not"}),
        (Scope(decks=("sample",)), None),
        (Scope(decks=("metric",)), set()),
        (Scope(decks=("metrics",), kinds=("basic",)), {"precision"}),
        (Scope(decks=(" Metrics :: basics ", "nowhere"), kinds=("cloze", "basic")), {"precision", "harmonic-mean"}),
        (Scope(tags=("evaluation",), tiers=(1,)), {"precision"}),
        (Scope(tags=("EVALUATION",), tiers=(1, 3)), {"precision"}),
        (Scope(tags=("eval",)), set()),
        (Scope(tags=("ethics", "law::eu")), {"of-the-law", "ethical"}),
        (Scope(tags=("law",)), {"of-the-law"}),
        (Scope(tiers=(3,)), {"design-a-queue"}),
        (Scope(kinds=("interview", "scenario")), {"design-a-queue", "to-block-or-not"}),
        (Scope(kinds=("none",)), set()),
    ],
)
def test_scopes(scope: Scope, expected: set[str] | None, root: Path, place: Path) -> None:
    write(
        root, law=deck(basic("of-the-law", "tags: [Law::EU::Art-1]"), basic("ethical", "tags: [x, ethics]"), name="Law")
    )
    collection = load(root)[0]
    wanted = [note for note in collection.notes if expected is None or note.id in expected]
    with opened(root, place) as sources:
        assert sources.cards(scope) == cards_of(wanted)
        assert sources.cards(Scope()) == sources.cards() == cards_of(list(collection.notes))
        assert sources.known_tags() == ["Law::EU::Art-1", "ethics", "evaluation", "x"]
