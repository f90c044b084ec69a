"""The package as a library: its public names, and what its docstring promises."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import sys
import tomllib
from importlib import metadata, resources
from pathlib import Path

import pytest

import aipm_cards
from tests.packages.sample import NOW, basic, opened, write

ROOT = Path(aipm_cards.__file__).parents[1]


@pytest.mark.parametrize("name", aipm_cards.__all__)
def test_a_public_name(name: str) -> None:
    value = getattr(aipm_cards, name)
    assert value is not None
    assert name in dir(aipm_cards)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert value.__doc__
        assert not value.__doc__.startswith(f"{name}(")  # what dataclass() writes where nothing stands
        assert value.__name__ == name
        assert value.__module__.startswith("aipm_cards.")


def test_every_public_name_is_there() -> None:
    assert len(set(aipm_cards.__all__)) == len(aipm_cards.__all__)
    namespace: dict[str, object] = {}
    exec("from aipm_cards import *", namespace)
    assert set(aipm_cards.__all__) <= set(namespace)


def test_an_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        aipm_cards.no_such_name  # noqa: B018


def test_type_checkers_see_the_same_names_from_the_same_modules() -> None:
    tree = ast.parse(Path(aipm_cards.__file__).read_text(encoding="utf-8"))
    seen = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("aipm_cards.")
        for alias in node.names
        if alias.asname == alias.name
    }
    assert seen == {name: f"aipm_cards.{module}" for name, module in aipm_cards._EXPORTS.items()}


def test_as_the_docstring_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert aipm_cards.__doc__
    example = "import time\n" + aipm_cards.__doc__[aipm_cards.__doc__.index("collection, problems") :]
    write(tmp_path / "decks")
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"aipm_cards": aipm_cards}
    exec(example, namespace)
    assert namespace["problems"] == []
    assert len(opened(tmp_path / "cards.apkg").notes) == 8


@pytest.mark.parametrize("as_text", [True, False])
def test_load_check_and_build(tmp_path: Path, as_text: bool) -> None:
    root: Path | str = write(tmp_path / "s", bad=basic("Bad id"))
    root = str(root) if as_text else root
    collection, problems = aipm_cards.load(root)
    assert [(problem.code, problem.path, problem.severity) for problem in problems] == [("N102", "bad.yaml", "error")]
    checked = aipm_cards.check(root)
    assert checked == problems  # the sample switches off what its notes break
    path = Path(root) / "collection.yaml"
    path.write_text(path.read_text().replace("S401", "S405"))
    assert {problem.code for problem in aipm_cards.check(root)} == {"N102", "S401"}
    assert (collection.errors, len(collection.notes)) == (1, 8)
    with pytest.raises(aipm_cards.BuildError):
        aipm_cards.build(collection, tmp_path / "x.apkg", now=NOW)
    (tmp_path / "s/bad.yaml").unlink()
    collection, problems = aipm_cards.load(root)
    target = tmp_path / "x.apkg"
    report = aipm_cards.build(collection, str(target) if as_text else target, now=NOW)
    assert isinstance(report, aipm_cards.Report)
    assert (report.notes, report.newest) == (8, NOW)


def test_a_plan_the_statistics_and_parameters(tmp_path: Path) -> None:
    collection, _ = aipm_cards.load(write(tmp_path / "s"))
    cards, settings = aipm_cards.Cards.of(collection), aipm_cards.Settings()
    now = aipm_cards.Moment(1_750_000_000_000, "Europe/Berlin")
    with aipm_cards.Store(tmp_path / "history.db") as store:
        history = aipm_cards.History(store, collection.namespace, "here", token=lambda: os.urandom(10), start=240)
        session = aipm_cards.Session(history, cards, settings, lambda: now)
        while (turn := session.next()) is not None and len(session.done) < 4:
            session.answer(turn, aipm_cards.Rating.EASY, took=4000)
        aim = aipm_cards.Aim(frozenset(cards.order), session.day, session.day + 9)
        advice = aipm_cards.advise(history, cards, aim, settings, {}, seed=1)
        assert isinstance(advice, aipm_cards.Advice)
        assert advice.cards == len(cards.order)
        goal = advice.goal(namespace=collection.namespace)
        assert isinstance(goal, aipm_cards.Goal)
        planned = aipm_cards.Session(
            history, cards, settings, lambda: now, goal=aipm_cards.InForce.of(goal, cards.order)
        )
        assert planned.counts
        preset_of = aipm_cards.presets_of(settings, cards, cards.order)
        found = aipm_cards.statistics(history, cards.order, {}, session.day, preset_of)
        assert isinstance(found, aipm_cards.Statistics)
        assert (found.whole.cards, found.whole.seen) == (len(cards.order), 4)
        reviews = dict(aipm_cards.reviews_by_card(history))
        assert len(reviews) == 4
        assert aipm_cards.optimize(reviews, settings.preset).fit.reach == "nothing"


def test_no_collection(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone", "a\0b"):
        with pytest.raises(aipm_cards.CollectionNotFound) as problem:
            aipm_cards.load(path)
        assert isinstance(problem.value, aipm_cards.AipmCardsError)
        assert "\n" not in str(problem.value)


def test_a_collection_by_its_file(tmp_path: Path) -> None:
    root = write(tmp_path / "s")
    assert aipm_cards.load(root / "collection.yaml")[0] == aipm_cards.load(root)[0]


def test_a_lock(tmp_path: Path) -> None:
    assert aipm_cards.parse_lock("", NOW) == aipm_cards.Lock()
    with pytest.raises(aipm_cards.LockError):
        aipm_cards.parse_lock("words\n", NOW)


def test_values_are_frozen() -> None:
    for name in ("Collection", "Deck", "Note", "Diagnostic", "Lock", "Report"):
        parameters = getattr(aipm_cards, name).__dataclass_params__
        assert parameters.frozen, name


def test_the_decks_that_ship_are_sound() -> None:
    collection, problems = aipm_cards.load(ROOT / "decks")
    assert [problem for problem in problems if problem.severity == "error"] == []
    assert collection.notes


def test_typing_and_files_ship() -> None:
    assert resources.files("aipm_cards").joinpath("py.typed").is_file()
    for name in ("style.css", "clock.js", "rubric.js"):
        assert resources.files("aipm_cards.anki").joinpath("look", name).is_file()


def test_the_project_file() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["packages"] == ["aipm_cards"]
    assert wheel["force-include"] == {"decks": "aipm_cards/decks"}
    module, _, function = project["project"]["scripts"]["aipm-cards"].partition(":")
    assert callable(getattr(importlib.import_module(module), function))
    pinned = [line for line in project["project"]["dependencies"] if "==" in line]
    assert {line.split("==")[0] for line in pinned} >= {"pyromark", "pygments", "genanki", "fsrs"}
    assert sys.version_info >= (3, 11)


def test_what_is_installed_is_what_is_pinned() -> None:
    assert metadata.version("aipm-cards") == aipm_cards.__version__
    for requirement in metadata.requires("aipm-cards") or ():
        name, _, version = requirement.partition(";")[0].partition("==")
        if version and "extra" not in requirement:
            assert metadata.version(name.strip()) == version.strip()
