"""The answers of an issue form to a note and its source. What is wrong is said of all fields at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from textwrap import dedent

from aipm_cards import keys
from aipm_cards.characters import FORBIDDEN, describe, one_line
from aipm_cards.content.fields import value_of
from aipm_cards.content.files import nearest
from aipm_cards.content.skeleton import Given, Item, key_lines
from aipm_cards.errors import AipmCardsError
from aipm_cards.issue_form import FIELDS, LABELS, MAX_BYTES, TEXTS, answers_in, are_ticked
from aipm_cards.kinds import KINDS, Form, Key
from aipm_cards.model import Source
from aipm_cards.slugs import SLUG, slug, unique
from aipm_cards.text import is_web_address

_KEPT = frozenset({"kind", "allow", "retired"})  # for those who keep the collection to set
_FIELD = re.compile(r"([A-Za-z][A-Za-z_ -]{0,19}):(?:\s+(.*))?")
_BLOCK = re.compile(r"[|>][+-]?")
_RECORD_KEYS = frozenset({"must", *keys.names(keys.OPTION_KEYS + keys.LAW_KEYS + keys.CITATION_KEYS)})


class FormFaults(AipmCardsError):
    """A form of which no note can be made; `faults` say why, each in a line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(
            f"{len(faults)} field{'s' * (len(faults) != 1)} of the form cannot be used; nothing was written"
        )
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Proposal:
    """A note as it was proposed, what was said of its place, and the source that it rests on."""

    kind: str
    given: dict[str, Given]
    place: str
    source: Source
    at: str


def read_proposal(data: bytes) -> Proposal:
    """The note in a filled form. Raises FormFaults."""
    if len(data) > MAX_BYTES:
        raise FormFaults([f"the form has more than {MAX_BYTES // 1024} KiB"])
    try:
        answers = answers_in(data.decode())
    except UnicodeDecodeError as error:
        raise FormFaults([f"the form is not UTF-8: byte {error.start + 1}"]) from None
    if not any(answers.values()):
        raise FormFaults([f"this is no filled form: it has no heading `### {FIELDS[0].label}`"])
    faults = [*_faults(answers)]
    kind, given = answers["kind"].strip().strip("`"), {}
    if kind in KINDS:
        given = dict(_given(kind, answers, faults))
        missing = [key for key in KINDS[kind].keys if key.required and key.name not in given]
        faults += (_needed(kind, key) for key in missing)
    if faults:
        raise FormFaults(faults)
    source = Source("", *(" ".join(answers[name].split()) for name in ("title", "publisher", "url", "opened")))
    return Proposal(kind, given, " ".join(answers["topic"].split()), source, " ".join(answers["at"].split()))


def _faults(answers: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with single answers."""
    for field in FIELDS:
        answer = answers[field.id]
        if found := FORBIDDEN.search(answer):
            line = answer.count("\n", 0, found.start()) + 1
            yield f"'{field.label}', line {line}: {describe(found[0])} may not stand in a card"
        elif field.promises and not are_ticked(answer, field):
            yield f"'{field.label}': not every box is ticked"
        elif field.required and not answer.strip() and field.id != "question":  # which says what is wanted
            yield f"'{field.label}' is empty"
    kind, url, opened = (answers[name].strip() for name in ("kind", "url", "opened"))
    if kind and kind.strip("`") not in KINDS:
        yield f"'{LABELS['kind']}': there is no kind '{one_line(kind[:40])}'; write one of: {', '.join(KINDS)}"
    if url and (not is_web_address(url) or url.lower().startswith("mailto:") or re.search(r"\s", url)):
        yield f"'{LABELS['url']}': '{one_line(url[:60])}' is no address of a page, https://…"
    if opened and not _is_date(opened):
        yield f"'{LABELS['opened']}': '{one_line(opened[:40])}' is no date as 2026-11-20"


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _needed(kind: str, key: Key) -> str:
    names = dict(zip(TEXTS[kind], ("question", "answer", "why"), strict=True))
    label = LABELS[names.get(key.name, "further")]
    what = f"{key.help} One of {', '.join(key.choices)}." if key.choices else key.help
    return f"'{label}': a {kind} note needs `{key.name}` ({what})"


def _given(kind: str, answers: Mapping[str, str], faults: list[str]) -> Iterator[tuple[str, Given]]:
    """The values of the note; what is wrong with them goes to `faults`."""
    table = {key.name: key for key in keys.note_keys(kind) if key.name not in _KEPT}
    texts = {}
    for name, field in zip(TEXTS[kind], ("question", "answer", "why"), strict=True):
        if name:
            texts[name] = answers[field]
        elif answers[field].strip():
            faults.append(
                f"'{LABELS[field]}': of a {kind} note '{LABELS['question']}' holds the answer; leave it empty"
            )
    for name, typed in _further(answers["further"], table, faults):
        if texts.get(name, "").strip():
            faults.append(f"'{LABELS['further']}': `{name}` is given a second time")
        texts[name] = typed
    for name, typed in texts.items():
        value = value_of(table[name], typed)
        if value is not None:
            yield name, value
    note_id = texts.get("id", "").strip()
    if note_id and not SLUG.fullmatch(note_id):
        faults.append(f"'{LABELS['further']}': `id` must be 3 to 64 of a-z, 0-9 and hyphens")


def _further(text: str, table: Mapping[str, Key], faults: list[str]) -> Iterator[tuple[str, str]]:
    """The further fields: `key: value` lines, each with the lines below it up to the next."""
    label = LABELS["further"]
    name, lines = "", [""]
    for line in dedent(text.expandtabs(4)).split("\n"):
        match = _FIELD.fullmatch(line.rstrip())
        key = re.sub("[ -]", "_", match[1].lower()) if match else ""  # `Review by` is `review_by`
        if match and key in table:
            if name:
                yield name, _value(lines)
            name, lines = key, [match[2] or ""]
        elif name and not (match and _is_unknown(match[1], table[name])):
            lines.append(line)
        elif line.strip():
            what = f"`{match[1]}` is no field of this kind" if match else "a line stands before the first `key:`"
            hint = nearest(key, table)
            faults.append(f"'{label}': {what}; {hint or 'indent a line that belongs to the one above'}")
    if name:
        yield name, _value(lines)


def _is_unknown(name: str, within: Key) -> bool:
    """Whether a word before a colon looks like a key, and can be no part of the value above."""
    looks_like_one = re.fullmatch("[a-z][a-z_]*", name) is not None
    return looks_like_one and name not in _RECORD_KEYS and within.form not in (Form.VALUES, Form.REASONS)


def _value(lines: list[str]) -> str:
    first, below = lines[0], dedent("\n".join(lines[1:]))
    return below if not first or _BLOCK.fullmatch(first) else f"{first}\n{below}"


# --- the source ----------------------------------------------------------------------------


def known_source(source: Source, sources: Mapping[str, Source]) -> str:
    """The key of the source with the same address, or an empty text."""
    wanted = _address(source.url)
    return next((key for key, other in sources.items() if other.url and _address(other.url) == wanted), "")


def _address(url: str) -> str:
    """An address without what leads to the same page with or without it."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{host.lower().removeprefix('www.')}{slash}{path}".rstrip("/") if scheme else url


def key_of(source: Source, sources: Mapping[str, Source]) -> str:
    """A key for a new source, made from its title, else from its publisher."""
    return unique(slug(source.title) or slug(source.publisher) or "source", sources)


def source_lines(key: str, source: Source) -> list[str]:
    """The lines of a new entry of `sources.yaml`. What evidence it is, its maintainer has to say."""
    lines = [f"{key}:"]
    for entry in keys.SOURCE_KEYS:
        if value := getattr(source, entry.name):
            lines += [f"  {line}" for line in key_lines(entry, value)]
    return lines


def citations(given: Mapping[str, Given], key: str, at: str) -> tuple[Item, ...]:
    """The sources of a note: the one of the form first, then those of its further fields."""
    others = given.get("sources", ())
    own: Item = {"ref": key, "at": at} if at else key
    return (own, *(others if isinstance(others, tuple) else ()))
