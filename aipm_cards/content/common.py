"""The keys that every kind of note has, which a deck file may set for all its notes."""

from __future__ import annotations

import re
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from functools import cached_property

from aipm_cards import keys
from aipm_cards.content.files import Findings
from aipm_cards.content.reader import Mapping, Node, Refused, Scalar, Sequence
from aipm_cards.content.registry import Registry
from aipm_cards.content.values import Missing, card_text, count, iso_date, names, shown, text, value_of, wrong_shape
from aipm_cards.diagnostics import ALLOWABLE
from aipm_cards.kinds import EXTRA, KINDS
from aipm_cards.model import Citation, Value

TAG = re.compile(r"[\w.+&/-]+(?:::[\w.+&/-]+)*")

DEFAULTS = keys.names(keys.DEFAULTS)  # a note's own value wins
COMMON = keys.names(keys.NOTE_HEAD + keys.NOTE_FOOT)


@dataclass
class Common:
    """Values of keys that every kind has; those that were not given are None."""

    kind: str | None = None
    cue: str | None = None
    tier: int | None = None
    level: int | None = None
    sources: tuple[Citation, ...] | None = None
    as_of: str | None = None
    review_by: str | None = None
    tags: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    extra: str = ""
    related: tuple[str, ...] = ()
    retired: str = ""
    allow: dict[str, str] = field(default_factory=dict)
    refused: bool = False
    kind_refused: bool = False  # of which kind the keys are cannot be told then

    def fall_back_on(self, file: Common) -> None:
        """Take over what the deck file sets and the note does not; add its tags and topics."""
        for name in file.given:
            if getattr(self, name) is None:
                setattr(self, name, getattr(file, name))
        if file.tags:
            self.tags = tuple(dict.fromkeys(file.tags + self.tags))
        if file.topics:
            self.topics = tuple(dict.fromkeys(file.topics + self.topics))

    @cached_property
    def given(self) -> tuple[str, ...]:
        """Which of the keys that notes take over a file sets."""
        return tuple(name for name in DEFAULTS if getattr(self, name) is not None)


def read_common(
    entries: Table[str, tuple[Scalar, Node]], findings: Findings, registry: Registry, kind: str | None = None
) -> Common:
    """The keys that every kind has."""
    common = Common(kind=kind)
    for name, (_, node) in entries.items():
        reader = _COMMON_READERS.get(name)
        if reader is None:
            continue
        if type(node) is Refused:
            common.refused = True
            common.kind_refused |= name == "kind"
        elif type(node) is not Scalar or not node.missing or name == "extra":
            value = reader(node, name, findings, registry)
            if value is None:
                common.refused = True
                common.kind_refused |= name == "kind"
            else:
                setattr(common, name, value)
    return common


def _kind(node: Node, name: str, findings: Findings, _: Registry) -> str | None:
    value = text(node, name, findings)
    if value is None or value in KINDS:
        return value
    hint = findings.nearest(value, KINDS) or f"write one of: {', '.join(KINDS)}"
    findings.add("N104", node.place, f"there is no kind '{shown(value)}'", hint)
    return None


def _one_to_three(node: Node, name: str, findings: Findings, _: Registry) -> int | None:
    return count(node, name, findings, 3)


def _date(node: Node, name: str, findings: Findings, _: Registry) -> str | None:
    return iso_date(node, name, findings)


def _cue(node: Node, name: str, findings: Findings, _: Registry) -> Value | None:
    # A comment behind a cue is a comment: cues are labels, seldom sentences.
    return text(node, name, findings)


def _extra(node: Node, name: str, findings: Findings, _: Registry) -> Value | None:
    value = value_of(node, EXTRA, findings)
    return "" if isinstance(value, Missing) else value


def _tags(node: Node, name: str, findings: Findings, _: Registry) -> tuple[str, ...] | None:
    tags = names(node, name, findings)
    for index, tag in enumerate(tags or ()):
        if not TAG.fullmatch(tag):
            at = node.items[index].place if isinstance(node, Sequence) else node.place
            findings.add("N111", at, f"'{shown(tag)}' is no tag", "use letters, digits, `-`, `_` and `::`")
            return None
    return tags


def _topics(node: Node, name: str, findings: Findings, registry: Registry) -> tuple[str, ...] | None:
    topics = names(node, name, findings)
    for index, topic in enumerate(topics or ()):
        at = node.items[index].place if isinstance(node, Sequence) else node.place
        if not TAG.fullmatch(topic):
            findings.add("N111", at, f"'{shown(topic)}' is no topic id", "use letters, digits, `-` and `_`")
            return None
        if registry.topics and topic not in registry.topics:
            hint = findings.nearest(topic, registry.topics) or "add it to curriculum.yaml"
            findings.add("N109", at, f"there is no topic '{shown(topic)}' in curriculum.yaml", hint)
            return None
    return topics


def _related(node: Node, name: str, findings: Findings, _: Registry) -> tuple[str, ...] | None:
    return names(node, name, findings)


def _sources(node: Node, name: str, findings: Findings, registry: Registry) -> tuple[Citation, ...] | None:
    nodes = node.items if isinstance(node, Sequence) else [node]
    citations = [_citation(item, findings, registry) for item in nodes]
    good = tuple(citation for citation in citations if citation is not None)
    return good if len(good) == len(citations) else None


def _citation(node: Node, findings: Findings, registry: Registry) -> Citation | None:
    at: str | None = ""
    ref = node
    if isinstance(node, Mapping):
        hint = 'write {ref: key, at: "where"}'
        for name, (key, _) in node.entries.items():
            if name not in ("ref", "at"):
                findings.add("N105", key.place, f"'{shown(name)}' is no key of a source", hint)
                return None
        if "ref" not in node.entries:
            findings.add("N106", node.place, "a source has no 'ref'", hint)
            return None
        ref = node.entries["ref"][1]
        at = text(node.entries["at"][1], "at", findings) if "at" in node.entries else ""
    cited = text(ref, "sources", findings)
    if cited is None or at is None:
        return None
    if cited not in registry.sources:
        hint = "add it to sources.yaml: the key, and below it, indented, title, publisher, url, opened and evidence"
        if "://" in cited:
            hint = "sources.yaml gives each page a key, with `title:` and `url:` below it: name that key here"
        else:
            hint = findings.nearest(cited, registry.sources) or hint
        findings.add("N108", ref.place, f"there is no source '{shown(cited)}' in sources.yaml", hint)
        return None
    return Citation(cited, at)


def _allow(node: Node, name: str, findings: Findings, _: Registry) -> dict[str, str] | None:
    if not isinstance(node, Mapping):
        wrong_shape(node, name, "rules and reasons: {S201: why it may be long}", findings)
        return None
    allowed: dict[str, str] = {}
    for code, (key, reason_node) in node.entries.items():
        if code not in ALLOWABLE:
            hint = findings.nearest(code, ALLOWABLE) or "only rules about style (S…) can be allowed"
            findings.add("D104", key.place, f"'{shown(code)}' is no rule that a note may break", hint)
            return None
        reason = card_text(reason_node, code, findings)
        if not reason:
            if reason == "":
                findings.add("D102", key.place, f"'{code}' is allowed without a reason", f"write `{code}: the reason`")
            return None
        allowed[code] = reason
    return allowed


_COMMON_READERS = {
    "kind": _kind,
    "cue": _cue,
    "tier": _one_to_three,
    "level": _one_to_three,
    "sources": _sources,
    "as_of": _date,
    "review_by": _date,
    "tags": _tags,
    "topics": _topics,
    "extra": _extra,
    "related": _related,
    "retired": _cue,
    "allow": _allow,
}
