"""Notes, findings and what a collection knows, as JSON and back.

What comes back is not trusted: it must be what the reader of the sources could have made, by
the table of the kinds, or `Damaged` is raised.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any

from aipm_cards import model
from aipm_cards.arithmetic import is_name, number
from aipm_cards.characters import FORBIDDEN
from aipm_cards.content.cache.index import Damaged, doubting, pack, unpack, want
from aipm_cards.content.cache.record import NOTE_ID
from aipm_cards.content.cache.stamps import is_inside
from aipm_cards.content.media import IMAGE_TYPES
from aipm_cards.diagnostics import ALLOWABLE, RULES, STYLE, Diagnostic, Place
from aipm_cards.kinds import KINDS, TEXT_FORMS, Form, Key
from aipm_cards.model import (
    Citation,
    Confusable,
    Deck,
    Law,
    Media,
    Note,
    Option,
    Point,
    Row,
    Source,
    Style,
    Topic,
    Value,
)
from aipm_cards.text import is_web_address, read_gaps

TAG = re.compile(r"[\w.+&/-]+(?:::[\w.+&/-]+)*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FRACTION = re.compile(r"-?[0-9]{1,110}(?:/[1-9][0-9]{0,110})?")
_NAMESPACE = re.compile(r"(?:[a-z0-9][a-z0-9-]{1,62}[a-z0-9])?")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PLACED = frozenset({"kind", "extra", "cue", "related", "sources", "as_of", "review_by", "retired", "allow"})


def a_text(value: object, least: int = 0) -> str:
    """A text that a source may hold, of at least so many characters. Raises Damaged."""
    if type(value) is not str or len(value) < least or FORBIDDEN.search(value):
        raise Damaged
    return value


def a_number(value: object, least: int = 0, most: int = 1 << 62) -> int:
    """A whole number. Raises Damaged."""
    if type(value) is not int or not least <= value <= most:
        raise Damaged
    return value


def _matching(value: object, pattern: re.Pattern[str]) -> str:
    text = a_text(value)
    want(pattern.fullmatch(text) is not None)
    return text


def _date(value: object) -> str:
    return "" if value == "" else _matching(value, _DATE)


def _list(value: object) -> list[Any]:
    if type(value) is not list:
        raise Damaged
    return value


# --- notes ---------------------------------------------------------------------------------


def pack_note(note: Note) -> bytes:
    """A note, apart from its file and deck."""
    return pack((
        note.id, note.kind, list(note.content.items()), note.topics, note.tags, note.tier, note.level, note.cue,
        note.sources, note.as_of, note.review_by, note.extra, note.related, note.retired, note.images, note.place,
        dict(note.places), dict(note.allow),
    ))  # fmt: skip


def unpack_note(data: bytes, path: str, deck: str, sources: Collection[str], media: Collection[str]) -> Note:
    """The note that was packed. Raises Damaged if it is none, or names a source or an image
    that is not among those given."""
    with doubting():
        (id_, kind, pairs, topics, tags, tier, level, cue, cited, as_of, review_by, extra, related, retired, images,
         place, places, allow) = unpack(data)  # fmt: skip
        note = Note(
            id=_matching(id_, NOTE_ID),
            kind=kind,
            deck=a_text(deck, 1),
            content=_content(kind, pairs),
            topics=tuple(_matching(topic, TAG) for topic in _list(topics)),
            tags=tuple(_matching(tag, TAG) for tag in _list(tags)),
            tier=a_number(tier, 1, 3),
            level=a_number(level, 1, 3),
            cue=a_text(cue),
            sources=tuple(Citation(a_text(key), a_text(at)) for key, at in _list(cited)),
            as_of=_date(as_of),
            review_by=_date(review_by),
            extra=a_text(extra),
            related=_texts(related),
            retired=a_text(retired),
            images=_texts(images),
            path=path,
            place=Place(a_number(place, 1)),
            places={key: Place(a_number(at, 1)) for key, at in places.items()},
            allow={code: a_text(reason, 1) for code, reason in allow.items()},
        )
    want(all(citation.key in sources for citation in note.sources))
    want(all(image in media for image in note.images))
    want(_PLACED.issuperset(note.places.keys() - note.content.keys()))
    want(ALLOWABLE.issuperset(note.allow))
    _rules_of_a_kind(note)
    return note


def _texts(value: object) -> tuple[str, ...]:
    return tuple(a_text(item, 1) for item in _list(value))


def _rules_of_a_kind(note: Note) -> None:
    """What makes the number of cards or the rating wrong, if it does not hold."""
    if note.kind == "cloze":
        gaps, faults = read_gaps(note.text("text"))
        want(bool(gaps) and not faults)
    elif points := note.points():
        must = sum(point.must for point in points)
        want(1 <= must <= 3 and must <= note.number("pass") <= len(points))


def _content(kind: str, pairs: object) -> dict[str, Value]:
    keys = {key.name: key for key in KINDS[kind].keys}
    content: dict[str, Value] = {}
    for name, value in _list(pairs):
        key = keys[name]
        read = _READERS.get(key.form)
        content[name] = read(value, key) if read else a_text(value, 1)
    want(all(key.name in content for key in keys.values() if key.required))
    return content


def _number(value: object, _: Key) -> str:
    text = a_text(value, 1)
    want(number(text) is not None)
    return text


def _count(value: object, key: Key) -> int:
    return a_number(value, 1, key.at_most)


def _choice(value: object, key: Key) -> str:
    text = a_text(value, 1)
    want(text in key.choices)
    return text


def _values(value: Any, _: Key) -> dict[str, Fraction]:
    want(type(value) is dict and bool(value) and all(map(is_name, value)))
    return {name: Fraction(_matching(item, _FRACTION)) for name, item in value.items()}


def _some(value: object, key: Key) -> list[Any]:
    items = _list(value)
    want(key.at_least <= len(items) <= key.at_most)
    return items


def _lines(value: object, key: Key) -> tuple[str, ...]:
    return tuple(a_text(item, 1) for item in _some(value, key))


def _rows(value: object, key: Key) -> tuple[Row, ...]:
    return tuple(Row(*map(_filled, cells)) for cells in _some(value, key))


def _options(value: object, key: Key) -> tuple[Option, ...]:
    return tuple(Option(*map(_filled, option)) for option in _some(value, key))


def _laws(value: object, key: Key) -> tuple[Law, ...]:
    return tuple(Law(_filled(where), _filled(law), a_text(as_of)) for where, law, as_of in _some(value, key))


def _rubric(value: object, key: Key) -> tuple[Point, ...]:
    points = tuple(Point(_filled(text), must) for text, must in _some(value, key))
    want(all(type(point.must) is bool for point in points))
    return points


def _filled(value: object) -> str:
    return a_text(value, 1)


_READERS: dict[Form, Callable[[Any, Key], Value]] = {
    Form.NUMBER: _number,
    Form.COUNT: _count,
    Form.CHOICE: _choice,
    Form.VALUES: _values,
    Form.INLINE_LIST: _lines,
    Form.PLAIN_LIST: _lines,
    Form.ROWS: _rows,
    Form.OPTIONS: _options,
    Form.LAWS: _laws,
    Form.RUBRIC: _rubric,
}
assert not _READERS.keys() & (TEXT_FORMS | {Form.EXPRESSION})


# --- findings ------------------------------------------------------------------------------


def findings_from(value: object) -> list[Diagnostic]:
    """The findings that were such lists. Raises Damaged."""
    found = []
    with doubting():
        for code, path, line, column, *texts in _list(value):
            # Not `a_text`: a path and an excerpt may hold anything; whoever prints them takes care.
            want(code in RULES and all(type(text) is str for text in (path, *texts)) and len(texts) == 3)
            found.append(Diagnostic(code, path, a_number(line, 1), a_number(column, 1), *texts))
    return found


# --- the collection ------------------------------------------------------------------------


def pack_collection(collection: model.Collection, tags: Iterable[str]) -> bytes:
    """A collection without its notes, images and errors, and the tags of its cards."""
    c = collection
    return pack((
        c.name, c.namespace, c.license, c.language,
        [(d.name, d.description) for d in c.decks.values()],
        [(s.key, s.title, s.publisher, s.url, s.opened, s.evidence) for s in c.sources.values()],
        [(t.id, t.title, t.family, t.tier, dict(t.planned)) for t in c.topics.values()],
        [sorted(c.style.off), sorted(c.style.short_forms), c.style.confusable],
        list(tags),
    ))  # fmt: skip


def unpack_collection(data: bytes) -> tuple[dict[str, Any], list[str]]:
    """The fields of a collection that were packed, by name, and the tags. Raises Damaged."""
    with doubting():
        name, namespace, license_, language, decks, sources, topics, style, tags = unpack(data)
        fields = {
            "name": a_text(name),
            "namespace": _matching(namespace, _NAMESPACE),
            "license": a_text(license_),
            "language": a_text(language, 1),
            "decks": {deck: Deck(a_text(deck, 1), a_text(said)) for deck, said in _list(decks)},
            "sources": {source[0]: _source(source) for source in _list(sources)},
            "topics": {topic[0]: _topic(topic) for topic in _list(topics)},
            "style": _style(*_list(style)),
        }
        return fields, [_matching(tag, TAG) for tag in _list(tags)]


def _source(fields: list[object]) -> Source:
    source = Source(*map(a_text, fields))
    want(bool(source.key) and (not source.url or is_web_address(source.url)))
    return source


def _topic(fields: list[Any]) -> Topic:
    id_, title, family, tier, planned = fields
    wanted = {kind: a_number(count, 1, 1000) for kind, count in planned.items()}
    want(KINDS.keys() >= wanted.keys())
    return Topic(a_text(id_, 1), a_text(title), a_text(family), a_number(tier, 1, 3), wanted)


def _style(off: object, short_forms: object, confusable: object) -> Style:
    pairs = [Confusable(_filled(a), _filled(b), Place(a_number(at, 1))) for a, b, at in _list(confusable)]
    want(frozenset(STYLE).issuperset(_list(off)))
    return Style(frozenset(_list(off)), frozenset(_texts(short_forms)), tuple(pairs))


def a_medium(path: str, size: object, digest: object) -> Media:
    """An image by its path, size and digest. Raises Damaged."""
    want(is_inside(a_text(path, 1)) and path.lower().endswith(IMAGE_TYPES))
    return Media(PurePosixPath(*PurePosixPath(path).parts), a_number(size), _matching(digest, _DIGEST))
