"""Where a new note belongs."""

from __future__ import annotations

from pathlib import Path

from aipm_cards.homes import NEAR, home_of
from aipm_cards.model import Collection, Note, Topic


def collection(*notes: tuple[str, str, str], family: str = "f") -> Collection:
    """Notes as (file, kind, topic), with topics T0 to T99 and one of another family."""
    topics = {f"T{number}": Topic(f"T{number}", "x", family) for number in range(100)}
    topics["X1"] = Topic("X1", "x", "other")
    found = [
        Note(f"note-{number}", kind, "D", {}, topics=(topic,), path=path)
        for number, (path, kind, topic) in enumerate(notes)
    ]
    return Collection(Path(), "C", "c", topics=topics, notes=tuple(found))


def home(cards: Collection, topic: str, kind: str = "basic") -> str:
    found = home_of(cards, topic, kind)
    return found.path if found else ""


def test_the_file_with_most_of_the_topic() -> None:
    cards = collection(("a", "basic", "T5"), ("b", "basic", "T5"), ("b", "basic", "T5"), ("a", "basic", "T6"))
    assert home_of(cards, "T5", "basic") == home_of(cards, "T5", "scenario")
    assert home(cards, "T5") == "b"
    assert home(collection(("b", "basic", "T5"), ("a", "basic", "T5")), "T5") == "a"
    found = home_of(cards, "T5", "basic")
    assert found is not None
    assert found.why == "it has 2 of the notes on T5"


def test_else_the_nearest_topic_of_the_family() -> None:
    cards = collection(("a", "basic", "T1"), ("b", "basic", "T9"), ("x", "basic", "X1"))
    assert home(cards, "T4") == "a"
    assert home(cards, "T6") == "b"
    assert home(cards, "X1") == "x"
    assert home(collection(("x", "basic", "X1")), "T4") == ""
    assert home(cards, "T777") == ""


def test_files_with_the_kind_come_first_if_they_are_near() -> None:
    near = ("scenarios", "scenario", f"T{NEAR}")
    assert home(collection(("a", "basic", "T1"), near), "T0", "scenario") == "scenarios"
    others = [(f"a{number}", "basic", f"T{number}") for number in range(1, NEAR)]
    assert home(collection(*others, near), "T0", "scenario") == "scenarios"
    far = ("scenarios", "scenario", f"T{NEAR + 1}")
    assert home(collection(*others, far), "T0", "scenario") == "a1"
