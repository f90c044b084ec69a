"""A deck file to its notes. A note with something wrong in it is left out and reported."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from aipm_cards import keys
from aipm_cards.content import bites
from aipm_cards.content.common import COMMON, Common, read_common
from aipm_cards.content.files import Findings
from aipm_cards.content.note_rules import check_note
from aipm_cards.content.reader import (
    Mapping,
    Node,
    Refused,
    Scalar,
    Sequence,
    SyntaxProblem,
    TooDeep,
    read,
)
from aipm_cards.content.registry import Registry
from aipm_cards.content.values import (
    Missing,
    card_text,
    in_its_place,
    shown,
    text,
    unknown_key,
    value_of,
    wrong_shape,
)
from aipm_cards.diagnostics import FILE_START, Place, place
from aipm_cards.kinds import KINDS, Kind
from aipm_cards.model import Note, Value

ID = re.compile(r"[a-z0-9-]{3,64}")
_NEARLY_A_SLUG = re.compile(r"[A-Za-z0-9 _./-]{3,64}")  # whose slug says the same: that of `C++` does not
_FILE_KEYS = keys.names(keys.DECK_KEYS)
_FOR_NOTES = frozenset(keys.names(keys.DEFAULTS + keys.ADDED))


@dataclass
class DeckFile:
    """What other files need to know of a deck file."""

    path: str
    deck: str = ""
    deck_place: Place = FILE_START
    description: str = ""
    ids: list[tuple[str, Place]] = field(default_factory=list)  # of unsound notes too
    related: list[tuple[str, Place]] = field(default_factory=list)
    images: set[str] = field(default_factory=set)
    faults: tuple[str, ...] = ()  # images that could not be used, apart from those known from a file before


def read_deck_file(path: str, content: str, findings: Findings, registry: Registry) -> tuple[DeckFile, list[Note]]:
    """A deck file and its sound notes, from its text; what is wrong with it goes to `findings`."""
    file = DeckFile(path)
    before = len(findings.found)
    try:
        root = read(content, findings)
    except TooDeep:
        return file, []
    except SyntaxProblem:
        del findings.found[before:]  # the pieces are read again, and would say it again
        found = _read_in_pieces(content, file, findings, registry)
    else:
        found = [] if isinstance(root, Refused) else _read_whole(root, file, findings, registry)
    for note in found:
        file.images.update(note.images)
    return file, found


def _read_whole(root: Node | None, file: DeckFile, findings: Findings, registry: Registry) -> list[Note]:
    if not isinstance(root, Mapping) or "notes" not in root.entries:
        what = "holds nothing" if root is None or (isinstance(root, Scalar) and root.missing) else "is no deck"
        if isinstance(root, Mapping):
            what = "has no `notes:`"
        hint = "a deck file has `deck:` and `notes:`; a name that begins with `_` is passed over"
        findings.about_file("D201", what, hint)
        return []
    defaults = _read_header(root, file, findings, registry)
    notes = root.entries["notes"][1]
    found = (
        [_read_note(node, defaults, file, findings, registry) for node in notes.items]
        if isinstance(notes, Sequence)
        else []
    )
    if (isinstance(notes, Scalar) and notes.missing) or (isinstance(notes, Sequence) and not notes.items):
        findings.add("D201", root.entries["notes"][0].place, "`notes:` holds no note", "add one, or remove the file")
    elif not isinstance(notes, Sequence):
        wrong_shape(notes, "notes", "a list of notes, each beginning with `- id:`", findings)
    return [note for note in found if note is not None]


# --- a file that is not YAML ---------------------------------------------------------------

MAX_EXPLAINED = 100  # findings in one file after which a broken note is only named

_NOTES = re.compile(r"^notes:[ \t]*(?:#.*)?$", re.MULTILINE)
_FIRST = re.compile(r"^( *)-(?: |$)", re.MULTILINE)
_FOOTER = re.compile(r"^[A-Za-z_]", re.MULTILINE)
_ID_LINE = re.compile(r"^ *- +id: *['\"]?([a-z0-9-]{3,64})['\"]? *$", re.MULTILINE)


def _read_in_pieces(content: str, file: DeckFile, findings: Findings, registry: Registry) -> list[Note]:
    """Read the header and each note by itself, so that one mistake hides no other."""
    start = _NOTES.search(content)
    first = _FIRST.search(content, start.end()) if start else None
    if not start or not first:
        bites.explain(content, findings, 0)
        return []
    begins = re.finditer(rf"^{first[1]}-(?: |$)", content[first.start() :], re.MULTILINE)
    cuts = [first.start() + match.start() for match in begins]
    footer = _FOOTER.search(content, cuts[-1] + 1)
    cuts.append(footer.start() if footer else len(content))
    defaults = _read_header_alone(content[: start.start()], content[cuts[-1] :], file, findings, registry)
    found: list[Note | None] = []
    line = content.count("\n", 0, first.start())
    for begin, end in pairwise(cuts):
        piece = content[begin:end]
        node = _read_piece(piece, findings, line)
        if isinstance(node, Sequence) and len(node.items) == 1:
            found.append(_read_note(node.items[0], defaults, file, findings, registry))
        elif match := _ID_LINE.search(piece):
            # Others may name it as related: that is not wrong as well.
            file.ids.append((match[1], place(line + 1, 1)))
        line += piece.count("\n")
    return [note for note in found if note is not None]


def _read_header_alone(above: str, below: str, file: DeckFile, findings: Findings, registry: Registry) -> Common:
    """The keys above the notes and those below them, of a file that is not YAML as a whole."""
    before = len(findings.found)
    entries: dict[str, tuple[Scalar, Node]] = {}
    first_below = len(findings.lines) - below.count("\n") - 1
    for piece, first_line in ((above, 0), (below, first_below)):
        node = _read_piece(piece, findings, first_line)
        if isinstance(node, Mapping):
            entries = {**node.entries, **entries}
        elif node is not None and len(findings.found) == before:
            mistake = bites.bite(findings.lines[node.line])
            if mistake:
                at = place(node.line + 1, mistake.column)
                findings.add_bite(mistake.code, at, mistake.message, bites.hint_for(mistake), mistake.corrected)
            else:
                findings.add("D201", node.place, "no key of a deck file", "a deck file has `deck:` and `notes:`")
    if len(findings.found) > before:
        return Common(refused=True)
    return _read_header(Mapping(entries, 0, 0, False, False), file, findings, registry)


def _read_piece(piece: str, findings: Findings, first_line: int) -> Node | None:
    before = len(findings.found)
    try:
        return read(piece, findings, first_line)
    except SyntaxProblem:
        del findings.found[before:]
        if before < MAX_EXPLAINED:
            bites.explain(piece, findings, first_line)
        else:
            findings.add("Y201", place(first_line + 1, 1), "this note is not YAML", "mend the notes above first")
    except TooDeep:
        pass
    return None


# --- header and notes ----------------------------------------------------------------------


def _read_header(root: Mapping, file: DeckFile, findings: Findings, registry: Registry) -> Common:
    for name, (key, value) in root.entries.items():
        if name not in _FILE_KEYS and not isinstance(value, Refused):
            unknown_key("D101", key, "a deck file", _FILE_KEYS, root, findings)
    node = root.entries["deck"][1] if "deck" in root.entries else None
    if node is None or (isinstance(node, Scalar) and (node.missing or not node.value)):
        at = node.place if node else FILE_START
        findings.add("D102", at, "the file names no deck", "add `deck: Name` at the top")
    else:
        file.deck = _deck_name(node, findings)
        file.deck_place = node.place
    if "description" in root.entries:
        file.description = card_text(root.entries["description"][1], "description", findings) or ""
    header = {name: entry for name, entry in root.entries.items() if name in _FOR_NOTES}
    return read_common(header, findings, registry)


def _deck_name(node: Node, findings: Findings) -> str:
    name = text(node, "deck", findings)
    if name is None:
        return ""
    parts = [" ".join(part.split()) for part in name.split("::")]
    if all(parts) and '"' not in name:
        return "::".join(parts)
    what = "holds a quote" if all(parts) else "has an empty part"
    meant = in_its_place(node, "::".join(filter(None, parts)), findings) if '"' not in name else None
    findings.add("D202", node.place, f"the deck name '{shown(name)}' {what}", "write Name::Part", meant)
    return ""


def _read_note(node: Node, defaults: Common, file: DeckFile, findings: Findings, registry: Registry) -> Note | None:
    """The note, or None after saying what is wrong with it."""
    if not isinstance(node, Mapping):
        if not isinstance(node, Refused):
            findings.add("N101", node.place, "a note without keys", "write `- id: name`, then its keys below")
        return None
    note_id = _id(node, findings)
    if note_id:
        file.ids.append((note_id, node.entries["id"][1].place))
    common = read_common(node.entries, findings, registry)
    if common.kind_refused or (common.kind is None and defaults.kind_refused):
        return None
    kind = KINDS[common.kind or defaults.kind or "basic"]
    content, places = _read_content(node, kind, findings)
    if not note_id or content is None or common.refused or node.refused or defaults.refused or not file.deck:
        return None
    if common.related:
        related = node.entries["related"][1]
        items = related.items if isinstance(related, Sequence) else [related]
        file.related += [(name, item.place) for name, item in zip(common.related, items, strict=True)]
    common.fall_back_on(defaults)
    note = Note(
        note_id,
        kind.name,
        file.deck,
        content,
        common.topics,
        common.tags,
        common.tier or 2,
        common.level or 1,
        common.cue or "",
        common.sources or (),
        common.as_of or "",
        common.review_by or "",
        common.extra,
        common.related,
        common.retired,
        (),
        file.path,
        node.place,
        places,
        common.allow,
    )
    return check_note(note, node, findings, registry)


def _id(node: Mapping, findings: Findings) -> str:
    if "id" not in node.entries:
        hint = "begin it with `- id: what-it-teaches` (a-z, 0-9 and hyphens), and its other keys below that"
        findings.add("N101", node.place, "a note has no id", hint)
        return ""
    value_node = node.entries["id"][1]
    value = text(value_node, "id", findings)
    if value is None or ID.fullmatch(value):
        return value or ""
    if not value:
        findings.add("N101", value_node.place, "a note has no id", "write `id: what-it-teaches`")
        return ""
    slug = re.sub(r"-{2,}", "-", re.sub(r"[^a-z0-9]+", "-", value.lower())).strip("-")[:64]
    hint = "use 3 to 64 of a-z, 0-9 and hyphens" + (f": {slug}" if ID.fullmatch(slug) else "")
    plain = ID.fullmatch(slug) and _NEARLY_A_SLUG.fullmatch(value)
    meant = in_its_place(value_node, slug, findings) if plain else None
    findings.add("N102", value_node.place, f"the id '{shown(value)}' is no slug", hint, meant)
    return ""


def _read_content(node: Mapping, kind: Kind, findings: Findings) -> tuple[dict[str, Value] | None, dict[str, Place]]:
    """The values and places of the kind's keys; no values if one of them was refused."""
    content: dict[str, Value] = {}
    places: dict[str, Place] = {}
    unknown: dict[str, Scalar] = {}
    sound = True
    of_kind = _KEYS[kind.name]
    for name, (key_node, value_node) in node.entries.items():
        if name in _COMMON_SET:
            if name in _PLACED:
                places[name] = value_node.place
        elif isinstance(value_node, Refused):
            sound = False
        elif (key := of_kind.get(name)) is None:
            unknown[name] = key_node
        else:
            value = value_of(value_node, key, findings)
            if value is None:
                sound = False
            elif not isinstance(value, Missing):
                content[name] = value
                places[name] = value_node.place
    if unknown:
        _unknown_keys(unknown, kind, node, findings)
    sound = sound and not unknown and not node.refused and _has_required(content, node, kind, findings)
    return (content if sound else None), places


def _has_required(content: dict[str, Value], node: Mapping, kind: Kind, findings: Findings) -> bool:
    missing = [key for key in kind.keys if key.required and key.name not in content]
    for key in missing:
        at = node.entries[key.name][1].place if key.name in node.entries else node.place
        if key.name in node.entries:
            value = node.entries[key.name][1]
            where = "on the next line, indented" if isinstance(value, Scalar) and value.style else "here"
            fact, hint = f"'{key.name}' is empty", f"write it {where} ({_help(key.help)})"
        else:
            fact, hint = f"{_a(kind)} note has no '{key.name}'", f"add `{key.name}:` ({_help(key.help)})"
        findings.add("N106", at, fact, hint)
    return not missing


def _help(text_: str) -> str:
    return text_[:1].lower() + text_[1:].rstrip(".")


_KEYS = {name: {key.name: key for key in kind.keys} for name, kind in KINDS.items()}
_COMMON_SET = frozenset(COMMON)
_PLACED = frozenset({"kind", "extra", "cue", "related", "sources", "as_of", "review_by", "retired", "allow"})


_USUAL = {"question": "front", "answer": "back", "explanation": "why", "rationale": "why", "hint": "context"}
"""What other programs call a key of ours."""


def _unknown_keys(unknown: dict[str, Scalar], kind: Kind, node: Mapping, findings: Findings) -> None:
    """Report keys that a kind does not have: as of another kind, if the note has keys of that only."""
    mine = node.entries.keys() - _COMMON_SET
    others = [other.name for other in KINDS.values() if all(other.key(name) for name in mine)]
    if others and "kind" not in node.entries:
        first, key = next(iter(unknown.items()))
        several = [f"'{name}'" for name in unknown]
        keys_are = f"{', '.join(several)} are keys" if len(several) > 1 else f"'{first}' is a key"
        hint = f"{keys_are} of kind {' or '.join(others)}: add `kind: {others[0]}` below the id"
        findings.add("N105", key.place, f"{_a(kind)} note has no key '{first}'", hint)
        return
    for name, key in unknown.items():
        _unknown_key(name, key, kind, node, findings)


def _unknown_key(name: str, key: Scalar, kind: Kind, node: Mapping, findings: Findings) -> None:
    others = [other.name for other in KINDS.values() if other.key(name)]
    usual = _USUAL.get(name, "")
    if kind.key(usual) and usual not in node.entries:
        hint = f"write `{usual}:` for it"
    elif others:
        hint = f"'{name}' is a key of kind {' and '.join(others)}; {_a(kind)} note has {', '.join(_KEYS[kind.name])}"
    else:
        own = f"{_a(kind)} note has {', '.join(_KEYS[kind.name])}"
        unknown_key("N105", key, f"{_a(kind)} note", [*_KEYS[kind.name], *COMMON], node, findings, own)
        return
    findings.add("N105", key.place, f"{_a(kind)} note has no key '{shown(name)}'", hint)


def _a(kind: Kind) -> str:
    """The name of a kind with its article."""
    return f"an {kind.name}" if kind.name[0] in "aeiou" else f"a {kind.name}"
