"""Anki's note types: one per kind, with fields, templates and the one stylesheet."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib import resources
from typing import Any

from aipm_cards.anki.identity import number
from aipm_cards.anki.regions import ANSWER, ANSWER_2, ASKED, ASKED_2, CUE, FRAME, ID, MORE, REGIONS, RUBRIC, SOURCES
from aipm_cards.kinds import KINDS, Kind
from aipm_cards.model import Collection

_CLOZE_CARD = "Cloze"
_SCRIPTS = ("clock.js", "rubric.js")
_RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


@cache
def _look(name: str) -> str:
    return resources.files("aipm_cards.anki").joinpath("look", name).read_text(encoding="utf-8")


def _if(field: str, html: str) -> str:
    """HTML that a card has only if the field holds something."""
    return f"{{{{#{field}}}}}{html}{{{{/{field}}}}}"


def _script(name: str) -> str:
    return f"<script>\n{_look(name)}</script>"


def _front(kind: str, asked: str) -> str:
    fields = REGIONS[kind]
    topic = _if(CUE, f'<span class="topic">{{{{{CUE}}}}}</span>')
    frame = f'<span class="frame">{{{{{FRAME}}}}}</span>' if FRAME in fields else ""
    value = f"cloze:{asked}" if kind == "cloze" else asked
    return f'<header class="cue">{topic}{frame}</header>\n<div class="asked">{{{{{value}}}}}</div>'


def _footer() -> str:
    sources = _if(SOURCES, f"<div>{{{{{SOURCES}}}}}</div>")
    return f'<footer>{sources}<span class="id">{{{{{ID}}}}}</span></footer>'


def _sides(kind: str, asked: str, answer: str, language: str) -> tuple[str, str]:
    """The question and the answer side of a card."""
    fields = REGIONS[kind]
    front = _front(kind, asked)
    hidden_id = f'<span class="id" hidden>{{{{{ID}}}}}</span>'
    clock = f"\n{hidden_id}\n{_script('clock.js')}" if FRAME in fields else ""
    rubric = f'<div class="grade">{{{{{RUBRIC}}}}}</div>\n' if RUBRIC in fields else ""
    answered = f'<div class="answer">{{{{{answer}}}}}</div>\n' if kind != "cloze" else ""
    more = _if(MORE, f'<div class="more">{{{{{MORE}}}}}</div>') + "\n"
    ticks = f"\n{_script('rubric.js')}" if RUBRIC in fields else ""
    back = f'{front}\n<hr id="answer">\n{rubric}{answered}{more}{_footer()}{ticks}'
    return _page(kind, front + clock, language), _page(kind, back, language)


def _page(kind: str, inside: str, language: str) -> str:
    direction = "rtl" if language.split("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"
    return f'<div class="aipm {kind}" lang="{language}" dir="{direction}">\n{inside}\n</div>'


def templates(kind: Kind, language: str) -> list[tuple[str, str]]:
    """The question and the answer template of each card of a kind; a cloze note has one for all."""
    answered = ((ASKED, ANSWER), (ASKED_2, ANSWER_2))
    return [_sides(kind.name, *answered[index], language) for index in range(len(kind.cards) or 1)]


def note_type(kind: Kind, collection: Collection, time: int) -> dict[str, Any]:
    """Anki's JSON of the note type of a kind; `time` (seconds) is when it last changed.

    genanki gives the shape; the ids of fields and templates are ours, so that a renamed
    field or template stays the same one.
    """
    import genanki

    namespace = collection.namespace
    names = kind.cards or (_CLOZE_CARD,)
    described_cards = []
    for index, (name, (front, back)) in enumerate(zip(names, templates(kind, collection.language), strict=True)):
        identity = number(namespace, "template", kind.name, str(index))
        described_cards.append({"name": name, "id": identity, "qfmt": front, "afmt": back})
    model = genanki.Model(
        number(namespace, "notetype", kind.name),
        f"{collection.name} {kind.name}",
        fields=[
            {"name": name, "id": number(namespace, "field", kind.name, str(index))}
            for index, name in enumerate(REGIONS[kind.name])
        ],
        templates=described_cards,
        css=_look("style.css"),
        model_type=genanki.Model.CLOZE if kind.name == "cloze" else genanki.Model.FRONT_BACK,
        sort_field_index=0,
    )
    described: dict[str, Any] = model.to_json(time, 1)
    # A card exists when we say so; Anki asks the first field of its front, which is never empty.
    described["req"] = [[index, "any", [0 if index == 0 else 2]] for index in range(len(names))]
    return described


def type_hashes(collection: Collection) -> dict[str, str]:
    """A hash of each note type's fields, templates and styling, by kind."""
    hashes = {}
    for name, kind in KINDS.items():
        canonical = json.dumps(note_type(kind, collection, 0), sort_keys=True)
        hashes[name] = hashlib.sha256(canonical.encode()).hexdigest()[:32]
    return hashes


def look() -> str:
    """The styling and the scripts of all cards."""
    return "".join(map(_look, ("style.css", *_SCRIPTS)))


def style() -> str:
    """The styling of all cards."""
    return _look("style.css")


def scripts() -> list[str]:
    """What stands between the tags of each script of a card, to the byte."""
    return [f"\n{_look(name)}" for name in _SCRIPTS]
