"""Packages: what lies in them, and that the same sources give the same bytes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from aipm_cards.anki.identity import number
from aipm_cards.anki.notetypes import type_hashes
from aipm_cards.anki.package import Report, build, check_name, receipt, renderer
from aipm_cards.errors import BuildError
from aipm_cards.model import Collection
from aipm_cards.release import Lock, next_lock
from tests.packages.sample import FILES, KINDS_OF, METRICS, NOW, PIXEL, Package, basic, edit, opened, read, write

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return read(write(tmp_path_factory.mktemp("sample")))


@pytest.fixture(scope="module")
def built(collection: Collection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("built") / "sample.apkg"
    build(collection, target, now=NOW)
    return target


@pytest.fixture(scope="module")
def package(built: Path) -> Package:
    return opened(built)


# --- what lies in it -----------------------------------------------------------------------


def test_the_report(collection: Collection, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    report = build(collection, tmp_path / "a.apkg", now=NOW, progress=lambda *step: steps.append(step))
    assert report == Report(8, 10, 2, 1, 8, 0, 1, released=False, newest=NOW)
    assert steps == [(8, 8)]


def test_notes_are_known_by_namespace_and_id(package: Package) -> None:
    assert {row["guid"] for row in package.notes} == {
        f"sample-cards:{name}" for name in (*KINDS_OF.values(), "gone-by-now")
    }
    for kind, name in KINDS_OF.items():
        assert package.note(name)["mid"] == number("sample-cards", "notetype", kind)
    assert {row["mod"] for row in package.notes} == {NOW}
    assert {row["usn"] for row in package.notes} == {-1}


def test_notes_lie_in_the_order_of_tier_file_and_place(package: Package) -> None:
    order = [row["guid"].partition(":")[2] for row in package.notes]
    assert order == ["precision", "recall", "harmonic-mean", "precision-or-recall", "precision-of-a-queue",
                     "to-block-or-not", "gone-by-now", "design-a-queue"]  # fmt: skip


def test_cards(package: Package) -> None:
    counts = {name: [card["ord"] for card in package.cards_of(name)] for name in KINDS_OF.values()}
    assert counts == {
        "precision": [0],
        "recall": [0, 1],
        "harmonic-mean": [0, 1],
        "precision-or-recall": [0, 1],
        "precision-of-a-queue": [0],
        "design-a-queue": [0],
        "to-block-or-not": [0],
    }
    assert [card["due"] for card in package.cards] == [1, 2, 2, 3, 3, 4, 4, 5, 6, 8]
    assert {(card["type"], card["queue"], card["ivl"], card["reps"]) for card in package.cards} == {(0, 0, 0, 0)}
    assert len({card["id"] for card in package.cards}) == len(package.cards)


def test_a_retired_note_is_packed_without_cards(package: Package) -> None:
    assert package.cards_of("gone-by-now") == []
    assert "sample-cards::retired" in package.note("gone-by-now")["tags"].split()
    assert "Retired" in package.fields("gone-by-now")["Cue"]


def test_tags_lie_below_the_namespace(package: Package) -> None:
    assert package.note("precision")["tags"] == (
        " sample-cards::evaluation sample-cards::tier::1 sample-cards::level::1 sample-cards::topic::T001 "
    )
    assert package.note("to-block-or-not")["tags"].split() == ["sample-cards::tier::2", "sample-cards::level::3"]


def test_decks(package: Package) -> None:
    names = {deck["name"]: deck for deck in package.decks.values() if deck["id"] != 1}
    assert set(names) == {"Sample", "Sample::Metrics", "Sample::Metrics::Basics", "Sample::Talk"}
    assert names["Sample"]["id"] == number("sample-cards", "deck", "")
    assert names["Sample::Talk"]["id"] == number("sample-cards", "deck", "Talk")
    assert names["Sample::Metrics::Basics"]["desc"] == "What a model gets right."
    assert names["Sample"]["desc"] == "License: CC-BY-4.0"
    assert {card["did"] for card in package.cards_of("recall")} == {names["Sample::Metrics::Basics"]["id"]}


def test_only_the_note_types_used(package: Package, tmp_path: Path) -> None:
    assert set(package.types) == {number("sample-cards", "notetype", kind) for kind in KINDS_OF}
    one = read(write(tmp_path, {"collection.yaml": FILES["collection.yaml"]}, one=basic("one-note")))
    build(one, tmp_path / "x.apkg", now=NOW)
    assert set(opened(tmp_path / "x.apkg").types) == {number("sample-cards", "notetype", "basic")}


def test_the_sort_field_and_the_checksum_have_no_markup(package: Package) -> None:
    row = package.note("precision-or-recall")
    assert row["sfld"] == "What separates precision from recall?"
    assert row["csum"] == int(hashlib.sha1(row["sfld"].encode(), usedforsecurity=False).hexdigest()[:8], 16)


def test_the_zip_is_plain(built: Path) -> None:
    with zipfile.ZipFile(built) as package:
        entries = package.infolist()
    assert [entry.filename for entry in entries] == ["collection.anki2", "media", "0"]
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}


# --- media ---------------------------------------------------------------------------------


def test_equal_images_are_packed_once_and_named_by_their_content(package: Package) -> None:
    name = f"sample-cards-{hashlib.sha256(PIXEL.encode()).hexdigest()[:16]}.svg"
    assert package.media == {"0": name}
    assert package.files["0"] == PIXEL.encode()
    assert f'<img src="{name}" alt="a matrix">' in package.fields("precision")["Asked"]
    assert f'<img src="{name}" alt="a copy">' in package.fields("recall")["Answer"]


def test_another_content_is_another_name(tmp_path: Path) -> None:
    root = write(tmp_path / "s")
    (root / "media/copy.svg").write_text("<svg/>", encoding="utf-8")
    build(read(root), tmp_path / "x.apkg", now=NOW)
    found = opened(tmp_path / "x.apkg")
    assert len(set(found.media.values())) == 2
    assert {found.files[index] for index in found.media} == {PIXEL.encode(), b"<svg/>"}
    assert list(found.media.values()) == sorted(found.media.values())


def test_an_image_that_changes_meanwhile_stops_the_build(tmp_path: Path) -> None:
    root = write(tmp_path / "s")
    sample = read(root)
    (root / "media/matrix.svg").write_text("<svg/>", encoding="utf-8")
    (root / "media/copy.svg").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "x.apkg").write_text("old", encoding="utf-8")
    with pytest.raises(BuildError, match="changed while it was read"):
        build(sample, tmp_path / "x.apkg", now=NOW)
    assert (tmp_path / "x.apkg").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s", "x.apkg"]


# --- parts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "deck", ["Metrics", "metrics::basics", "Sample::Metrics", " Metrics :: Basics ", "SAMPLE::metrics"]
)
def test_a_part_holds_a_deck_and_those_below(
    collection: Collection, package: Package, tmp_path: Path, deck: str
) -> None:
    report = build(collection, tmp_path / "x.apkg", now=NOW, deck=deck)
    part = opened(tmp_path / "x.apkg")
    assert (report.notes, report.decks) == (5, 1)
    assert {d["name"] for d in part.decks.values() if d["id"] != 1} == {
        "Sample", "Sample::Metrics", "Sample::Metrics::Basics",
    }  # fmt: skip
    for row in part.notes:  # the same rows as in the whole: number, time and place
        assert row in package.notes
    assert all(card in package.cards for card in part.cards)


@pytest.mark.parametrize("deck", ["Sample", "sample", ""])
def test_the_root_deck_is_the_whole(collection: Collection, tmp_path: Path, deck: str) -> None:
    assert build(collection, tmp_path / "x.apkg", now=NOW, deck=deck).notes == 8


@pytest.mark.parametrize("deck", ["Metric", "Basics", "Metrics::Basics::More", "::", "Talk::"])
def test_there_is_no_such_deck(collection: Collection, tmp_path: Path, deck: str) -> None:
    with pytest.raises(BuildError, match="there is no deck"):
        build(collection, tmp_path / "x.apkg", now=NOW, deck=deck)
    assert list(tmp_path.iterdir()) == []


# --- with a lock ---------------------------------------------------------------------------


def locked(collection: Collection, now: int) -> Lock:
    return next_lock(collection, type_hashes(collection), None, now)[0]


def test_a_released_note_keeps_its_time_and_a_changed_one_gets_the_time_of_the_build(tmp_path: Path) -> None:
    root = write(tmp_path / "s")
    lock = locked(read(root), NOW)
    edit(root / "talk.yaml", "Design a review queue.", "Design a better queue.")
    report = build(read(root), tmp_path / "x.apkg", now=NOW + 500, lock=lock)
    found = opened(tmp_path / "x.apkg")
    assert (report.released, report.new, report.changed, report.newest) == (True, 0, 1, NOW + 500)
    assert found.note("design-a-queue")["mod"] == NOW + 500
    assert {row["mod"] for row in found.notes} == {NOW, NOW + 500}
    assert [row["guid"] for row in found.notes if row["mod"] != NOW] == ["sample-cards:design-a-queue"]
    assert {type_["mod"] for type_ in found.types.values()} == {NOW}


def test_a_released_state_does_not_depend_on_the_clock(collection: Collection, tmp_path: Path) -> None:
    lock = locked(collection, NOW)
    for name, now in (("a.apkg", NOW), ("b.apkg", NOW + 99_999), ("c.apkg", 1)):
        build(collection, tmp_path / name, now=now, lock=lock)
    assert len({(tmp_path / name).read_bytes() for name in ("a.apkg", "b.apkg", "c.apkg")}) == 1


def test_a_build_is_newer_than_the_lock(tmp_path: Path) -> None:
    root = write(tmp_path / "s")
    lock = locked(read(root), NOW)
    edit(root / "talk.yaml", "front: Old?", "front: Older?")
    assert build(read(root), tmp_path / "x.apkg", now=NOW - 1000, lock=lock).newest == NOW + 1


# --- the same bytes ------------------------------------------------------------------------

BUILD = """
import sys
from functools import partial
from aipm_cards.content import load
from aipm_cards.anki.package import build, renderer
load.WORTH_A_PROCESS = 1
use = partial(renderer, lock=None, deck="")
collection, rendered, problems = load.load_each(sys.argv[1], use, workers=int(sys.argv[3]))
assert not problems, problems
build(collection, sys.argv[2], now=1750000000, rendered=rendered)
"""


def in_a_process(root: Path, target: Path, workers: int = 1, python: str = sys.executable, **environment: str) -> bytes:
    command = [python, "-c", BUILD, str(root), str(target), str(workers)]
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    subprocess.run(command, check=True, env=env, cwd=target.parent)
    return target.read_bytes()


def test_twice(collection: Collection, built: Path, tmp_path: Path) -> None:
    build(collection, tmp_path / "x.apkg", now=NOW)
    assert (tmp_path / "x.apkg").read_bytes() == built.read_bytes()


def test_the_name_of_the_file_and_its_directory_are_no_part_of_it(built: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "another directory")
    build(read(other), tmp_path / "é y.apkg", now=NOW)
    assert (tmp_path / "é y.apkg").read_bytes() == built.read_bytes()


def test_line_ends_are_no_part_of_it(built: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "s", line_end="\r\n")
    assert b"\r\n" in (other / "metrics.yaml").read_bytes()
    build(read(other), tmp_path / "x.apkg", now=NOW)
    assert (tmp_path / "x.apkg").read_bytes() == built.read_bytes()


@pytest.mark.parametrize(("seed", "workers"), [("1", 1), ("2", 2), ("random", 3)])
def test_in_another_process(built: Path, tmp_path: Path, seed: str, workers: int) -> None:
    root = write(tmp_path / "s")
    locale = {"PYTHONHASHSEED": seed, "LC_ALL": "C", "TZ": "Asia/Kathmandu", "TMPDIR": str(tmp_path)}
    assert in_a_process(root, tmp_path / "x.apkg", workers, **locale) == built.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s", "x.apkg"]


def test_under_another_python(built: Path, tmp_path: Path) -> None:
    probe = "import yaml, genanki, pyromark, pygments, sys; print(sys.version_info >= (3, 11))"
    for python in ("/usr/bin/python3", "/usr/local/bin/python3"):
        found = (
            subprocess.run([python, "-c", probe], capture_output=True, text=True, check=False)
            if Path(python).exists()
            else None
        )
        if found and found.stdout.strip() == "True" and not os.path.samefile(python, sys.executable):
            root = write(tmp_path / "s")
            assert in_a_process(root, tmp_path / "x.apkg", python=python) == built.read_bytes()
            return
    pytest.skip("no other Python here has the packages")


def test_under_another_sqlite(built: Path, tmp_path: Path) -> None:
    pytest.importorskip("pysqlite3")
    root = write(tmp_path / "s")
    swap = (
        "import sys, pysqlite3; sys.modules['sqlite3'] = pysqlite3; sys.modules['sqlite3.dbapi2'] = pysqlite3.dbapi2\n"
    )
    command = [sys.executable, "-c", swap + BUILD, str(root), str(tmp_path / "x.apkg"), "1"]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert (tmp_path / "x.apkg").read_bytes() == built.read_bytes()


def test_the_database_does_not_tell_which_sqlite_wrote_it(package: Package) -> None:
    header = package.files["collection.anki2"][:100]
    counter, valid_for, version = (int.from_bytes(header[at : at + 4], "big") for at in (24, 92, 96))
    assert (counter, valid_for, version) == (1, 1, 3_040_000)


def test_rendered_in_any_order_it_is_the_same(collection: Collection, built: Path, tmp_path: Path) -> None:
    rendered = [*map(renderer(collection), reversed(collection.notes))]
    build(collection, tmp_path / "x.apkg", now=NOW, rendered=rendered)
    assert (tmp_path / "x.apkg").read_bytes() == built.read_bytes()


def test_many_notes(tmp_path: Path) -> None:
    notes = "".join(
        f"  - id: note-{n}\n    front: Number {n}?\n    back: '{n * 7}'\n    tier: {n % 3 + 1}\n" for n in range(2500)
    )
    root = write(tmp_path / "s", {"collection.yaml": FILES["collection.yaml"]}, many=f"deck: Many\nnotes:\n{notes}")
    sample = read(root)
    assert build(sample, tmp_path / "a.apkg", now=NOW).cards == 2500
    build(sample, tmp_path / "b.apkg", now=NOW)
    found = opened(tmp_path / "a.apkg")
    assert [card["due"] for card in found.cards] == [*range(1, 2501)]
    assert (tmp_path / "a.apkg").read_bytes() == (tmp_path / "b.apkg").read_bytes()


# --- receipts and names --------------------------------------------------------------------


def test_a_receipt(collection: Collection, tmp_path: Path) -> None:
    report = build(collection, tmp_path / "x.apkg", now=NOW, key="the key")
    assert receipt(tmp_path / "x.apkg") == ("the key", report)


def _damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def _shortened(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _no_receipt(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("collection.anki2", b"")


def _other_receipt(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as package:
        package.comment = b'{"key": "k", "report": {"notes": 1, "colour": 2}}'


def _deflated_and_damaged(path: Path) -> None:
    """As a package of another program may be."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("collection.anki2", b"hello world" * 10000 + bytes(range(256)) * 50)
    data = bytearray(path.read_bytes())
    data[60:100] = (byte ^ 0xFF for byte in data[60:100])
    path.write_bytes(data)


def _encrypted(path: Path) -> None:
    _no_receipt(path)
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    "harm",
    [_damaged, _shortened, _no_receipt, _other_receipt, _deflated_and_damaged, _encrypted, Path.unlink,
     lambda path: path.write_text("text"), lambda path: path.write_bytes(b"")],
    ids=["damaged", "shortened", "none", "another", "deflated", "encrypted", "gone", "text", "empty"],
)  # fmt: skip
def test_no_receipt(collection: Collection, tmp_path: Path, harm: Callable[[Path], object]) -> None:
    build(collection, tmp_path / "x.apkg", now=NOW, key="k")
    harm(tmp_path / "x.apkg")
    assert receipt(tmp_path / "x.apkg") is None


@pytest.mark.parametrize("name", ["collection.apkg", "Collection.APKG", "backup-2026.apkg", "backup-.apkg"])
def test_names_that_would_replace_a_whole_collection(name: str, collection: Collection, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="backup"):
        build(collection, tmp_path / name, now=NOW)


@pytest.mark.parametrize("name", ["x", "x.zip", "x.apkg.txt", "x.colpkg", ".apkg"])
def test_names_that_anki_would_not_open(name: str) -> None:
    with pytest.raises(BuildError, match=r"ends with \.apkg"):
        check_name(Path(name))


@pytest.mark.parametrize("name", ["x.apkg", "my collection.apkg", "X.APKG", "backup.apkg"])
def test_good_names(name: str) -> None:
    assert check_name(Path(name)) == Path(name)


def test_errors_in_the_sources_build_nothing(collection: Collection, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="1 errors"):
        build(replace(collection, errors=1), tmp_path / "x.apkg", now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_the_sample_shows_what_it_should() -> None:
    assert METRICS.count("- id:") == 4
