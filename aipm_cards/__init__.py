"""Flashcards from YAML: read a collection, check it, build an Anki package, review it.

collection, problems = aipm_cards.load("decks")
if not collection.errors:
    aipm_cards.build(collection, "cards.apkg", now=int(time.time()))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from aipm_cards.anki.package import build as build
    from aipm_cards.anki.tables import Report as Report
    from aipm_cards.content.examine import check as check
    from aipm_cards.content.load import load as load
    from aipm_cards.diagnostics import RULES as RULES
    from aipm_cards.diagnostics import Diagnostic as Diagnostic
    from aipm_cards.errors import AipmCardsError as AipmCardsError
    from aipm_cards.errors import BuildError as BuildError
    from aipm_cards.errors import CollectionNotFound as CollectionNotFound
    from aipm_cards.errors import HistoryError as HistoryError
    from aipm_cards.errors import LockError as LockError
    from aipm_cards.errors import StaleCard as StaleCard
    from aipm_cards.kinds import KINDS as KINDS
    from aipm_cards.memory.days import Moment as Moment
    from aipm_cards.memory.fitting.optimizer import optimize as optimize
    from aipm_cards.memory.goal import Goal as Goal
    from aipm_cards.memory.goal import InForce as InForce
    from aipm_cards.memory.history import History as History
    from aipm_cards.memory.planning.advice import Advice as Advice
    from aipm_cards.memory.planning.advice import Aim as Aim
    from aipm_cards.memory.planning.advice import advise as advise
    from aipm_cards.memory.queue import Cards as Cards
    from aipm_cards.memory.queue import Wish as Wish
    from aipm_cards.memory.queue import presets_of as presets_of
    from aipm_cards.memory.reading import reviews_by_card as reviews_by_card
    from aipm_cards.memory.session import Session as Session
    from aipm_cards.memory.settings import Preset as Preset
    from aipm_cards.memory.settings import Settings as Settings
    from aipm_cards.memory.settings import parse_settings as parse_settings
    from aipm_cards.memory.statistics.whole import Statistics as Statistics
    from aipm_cards.memory.statistics.whole import statistics as statistics
    from aipm_cards.memory.store import Store as Store
    from aipm_cards.model import CardKey as CardKey
    from aipm_cards.model import Collection as Collection
    from aipm_cards.model import Deck as Deck
    from aipm_cards.model import Note as Note
    from aipm_cards.model import Rating as Rating
    from aipm_cards.release import Lock as Lock
    from aipm_cards.release import parse_lock as parse_lock

# Names and where they live. Importing the package costs nothing; using a name imports its module.
_EXPORTS = {
    "Advice": "memory.planning.advice",
    "Aim": "memory.planning.advice",
    "AipmCardsError": "errors",
    "BuildError": "errors",
    "CardKey": "model",
    "Cards": "memory.queue",
    "Collection": "model",
    "CollectionNotFound": "errors",
    "Deck": "model",
    "Diagnostic": "diagnostics",
    "Goal": "memory.goal",
    "History": "memory.history",
    "HistoryError": "errors",
    "InForce": "memory.goal",
    "KINDS": "kinds",
    "Lock": "release",
    "LockError": "errors",
    "Moment": "memory.days",
    "Note": "model",
    "Preset": "memory.settings",
    "RULES": "diagnostics",
    "Rating": "model",
    "Report": "anki.tables",
    "Session": "memory.session",
    "Settings": "memory.settings",
    "StaleCard": "errors",
    "Statistics": "memory.statistics.whole",
    "Store": "memory.store",
    "Wish": "memory.queue",
    "advise": "memory.planning.advice",
    "build": "anki.package",
    "check": "content.examine",
    "load": "content.load",
    "optimize": "memory.fitting.optimizer",
    "parse_lock": "release",
    "parse_settings": "memory.settings",
    "presets_of": "memory.queue",
    "reviews_by_card": "memory.reading",
    "statistics": "memory.statistics.whole",
}

__all__ = ["__version__", *_EXPORTS]


def __getattr__(name: str) -> object:
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_EXPORTS[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
