"""What a collection knows beside its notes: itself, its sources and its curriculum."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from pathlib import Path

from aipm_cards.content import bites
from aipm_cards.content.files import COLLECTION, CURRICULUM, SOURCES, Findings, read_text
from aipm_cards.content.media import MediaStore
from aipm_cards.content.reader import Mapping, Node, Refused, Scalar, SyntaxProblem, TooDeep, read
from aipm_cards.content.style_keys import read_style
from aipm_cards.content.values import card_text, choice, count, iso_date, shown, text, unknown_key, wrong_shape
from aipm_cards.diagnostics import FILE_START, Diagnostic
from aipm_cards.keys import COLLECTION_KEYS, EVIDENCE, SOURCE_KEYS, TOPIC_KEYS, names
from aipm_cards.kinds import KINDS
from aipm_cards.model import Source, Style, Topic
from aipm_cards.text import is_web_address

TextOf = Callable[[Path, str, Findings], str | None]
"""See `files.read_text`."""

FORMAT = "1"
NO_STYLE = Style()
_NAMESPACE = re.compile(r"[a-z0-9][a-z0-9-]{1,62}[a-z0-9]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_COLLECTION_KEYS, _SOURCE_KEYS, _TOPIC_KEYS = map(names, (COLLECTION_KEYS, SOURCE_KEYS, TOPIC_KEYS))


@dataclass
class Registry:
    """The collection's own keys, its sources, its topics and its images."""

    images: MediaStore
    name: str = ""
    namespace: str = ""
    license: str = ""
    language: str = "en"
    style: Style = NO_STYLE
    sources: dict[str, Source] = field(default_factory=dict)
    topics: dict[str, Topic] = field(default_factory=dict)


def read_registry(
    root: Path, problems: list[Diagnostic], only_collection: bool = False, text_of: TextOf = read_text
) -> Registry:
    """Read `collection.yaml` and, unless only that is wanted, the other two; their texts are
    those that `text_of` gives."""
    registry = Registry(MediaStore(root))
    for path in (COLLECTION,) if only_collection else (COLLECTION, SOURCES, CURRICULUM):
        if path == COLLECTION or (root / path).is_symlink() or (root / path).exists():
            findings = Findings(path)
            content = text_of(root, path, findings)
            if content is not None:
                read_registry_file(content, registry, findings)
            problems += findings.found
    return registry


def read_registry_file(content: str, registry: Registry, findings: Findings) -> None:
    """Read the text of one of the three, which `findings` names."""
    node = _read_mapping(content, findings)
    if node is None:
        return
    if findings.path == COLLECTION:
        _read_collection(node, registry, findings)
        return
    reader = _read_source if findings.path == SOURCES else _read_topic
    for key, (at, entry) in node.entries.items():
        if isinstance(entry, Refused):
            continue
        if not _KEY.fullmatch(key):
            findings.add("D104", at.place, f"'{shown(key)}' is no key", "use letters, digits, `-`, `_`, `.`")
        elif not isinstance(entry, Mapping):
            wrong_shape(entry, key, "its keys below it, indented", findings)
        else:
            reader(key, at, entry, registry, findings)


def _read_mapping(content: str, findings: Findings) -> Mapping | None:
    try:
        node = read(content, findings)
    except SyntaxProblem:
        bites.explain(content, findings, 0)
        return None
    except TooDeep:
        return None
    if node is None or (isinstance(node, Scalar) and node.missing):
        if findings.path == COLLECTION:
            findings.about_file("D102", "the file is empty", "add format, name and namespace")
        return None
    if not isinstance(node, Mapping):
        wrong_shape(node, findings.path, "keys and values", findings)
        return None
    return node


def _known(node: Mapping, keys: tuple[str, ...], findings: Findings, what: str) -> Table[str, tuple[Scalar, Node]]:
    """The entries with known keys; the others are reported."""
    for name, (key, value) in node.entries.items():
        if name not in keys and not isinstance(value, Refused):
            unknown_key("D101", key, what, keys, node, findings)
    return {name: entry for name, entry in node.entries.items() if name in keys and not _missing(entry[1])}


def _missing(node: Node) -> bool:
    return isinstance(node, Scalar) and (node.missing or not node.value.strip())


def _read_collection(node: Mapping, registry: Registry, findings: Findings) -> None:
    entries = dict(_known(node, _COLLECTION_KEYS, findings, "a collection"))
    if "style" in entries:
        registry.style = read_style(entries.pop("style")[1], findings)
    for name in ("format", "name", "namespace"):
        if name not in entries:
            at = node.entries[name][1].place if name in node.entries else FILE_START
            findings.add("D102", at, f"the collection has no '{name}'", f"add `{name}:`")
    values = {name: text(value, name, findings) or "" for name, (_, value) in entries.items()}
    places = {name: value.place for name, (_, value) in entries.items()}
    if values.get("format", FORMAT) != FORMAT:
        message = f"format '{shown(values['format'])}' is unknown to this version"
        findings.add("D106", places["format"], message, f"this version reads format {FORMAT}")
    name = " ".join(values.get("name", "").split())
    if "name" in values and (not name or "::" in name or '"' in name):
        findings.add("D104", places["name"], "'name' is empty or holds `::` or a quote", "write a plain name")
    namespace = values.get("namespace", "")
    if "namespace" in values and not _NAMESPACE.fullmatch(namespace):
        hint = "use 3 to 64 of a-z, 0-9 and hyphens, not at the ends"
        findings.add("D104", places["namespace"], f"'namespace' is '{shown(namespace)}'", hint)
        namespace = ""  # nothing may be named after it
    language = values.get("language") or "en"
    if not _LANGUAGE.fullmatch(language):
        findings.add(
            "D104", places["language"], f"'language' is '{shown(language)}'", "write a code such as en or pt-BR"
        )
        language = "en"
    registry.name, registry.namespace, registry.language = name, namespace, language
    registry.license = values.get("license", "")


def _read_source(key: str, at: Scalar, node: Mapping, registry: Registry, findings: Findings) -> None:
    before = len(findings.found)
    entries = _known(node, _SOURCE_KEYS, findings, "a source")
    values: dict[str, str] = {}
    for name, (_, value) in entries.items():
        if name == "opened":
            read_value = iso_date(value, name, findings)
        elif name == "evidence":
            read_value = choice(value, name, findings, EVIDENCE)
        else:
            read_value = card_text(value, name, findings)
        values[name] = read_value or ""
    if not values.get("title") and len(findings.found) == before:
        findings.add("D102", at.place, f"source '{key}' has no 'title'", "add `title:`")
    url = values.get("url", "")
    if url and (not is_web_address(url) or url.lower().startswith("mailto:") or re.search(r"\s", url)):
        hint = "write the address of the page, https://…"
        findings.add("D104", entries["url"][1].place, f"'url' is '{shown(url)}'", hint)
    # A key that was refused still exists: the notes that name it are not wrong as well.
    values.setdefault("title", key)
    registry.sources[key] = Source(key, **values) if len(findings.found) == before else Source(key, key)


def _read_topic(key: str, at: Scalar, node: Mapping, registry: Registry, findings: Findings) -> None:
    entries = _known(node, _TOPIC_KEYS, findings, "a topic")
    title = text(entries["title"][1], "title", findings) if "title" in entries else ""
    if not title and ("title" not in entries or title == ""):
        findings.add("D102", at.place, f"topic '{key}' has no 'title'", "add `title:`")
    family = text(entries["family"][1], "family", findings) if "family" in entries else ""
    tier = count(entries["tier"][1], "tier", findings, 3) if "tier" in entries else 2
    planned = _planned(entries["planned"][1], findings) if "planned" in entries else {}
    registry.topics[key] = Topic(key, title or key, family or "", tier or 2, planned)


def _planned(node: Node, findings: Findings) -> dict[str, int]:
    if not isinstance(node, Mapping):
        if not (isinstance(node, Scalar) and node.missing):
            wrong_shape(node, "planned", "kinds and numbers: {basic: 2}", findings)
        return {}
    planned: dict[str, int] = {}
    for kind, (key, value) in node.entries.items():
        if kind not in KINDS:
            findings.add("N104", key.place, f"there is no kind '{shown(kind)}'", findings.nearest(kind, KINDS))
        elif not isinstance(value, Refused) and (number := count(value, kind, findings, 1000)):
            planned[kind] = number
    return planned
