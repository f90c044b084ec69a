"""Files of a collection to their canonical layout, with a proof that they mean the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from aipm_cards import parallel
from aipm_cards.content.files import (
    REGISTRY,
    Findings,
    deck_files,
    decode,
    read_source,
)
from aipm_cards.content.layout.order import arrange
from aipm_cards.content.layout.prove import comments_in, same, without_places
from aipm_cards.content.layout.tree import Block, UnfitKey, comments_of, tree_of
from aipm_cards.content.layout.write import lay_out
from aipm_cards.content.load import WORTH_A_PROCESS
from aipm_cards.content.media import MediaStore
from aipm_cards.content.notes import read_deck_file
from aipm_cards.content.reader import Mapping, SyntaxProblem, TooDeep, read
from aipm_cards.content.registry import Registry, read_registry, read_registry_file
from aipm_cards.diagnostics import Diagnostic
from aipm_cards.model import Note

MAX_ROUNDS = 4  # of laying out


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A file and its layout. `new` equals `old` where there is nothing to do: it is laid out so,
    holds nothing, or is not sound YAML, which `problems` tells. `bug` says what the proof found."""

    path: str
    old: bytes = b""
    new: bytes = b""
    problems: tuple[Diagnostic, ...] = ()
    bug: str = ""


class NotTheSame(Exception):
    """The layout would change what the file says: a bug here, not in the file."""


def sources_of(root: Path, problems: list[Diagnostic]) -> list[str]:
    """The files of a collection that can be laid out; what is no regular file becomes a problem."""
    registry = [path for path in REGISTRY if (root / path).is_symlink() or (root / path).exists()]
    return registry + deck_files(root, problems)


def lay_out_files(root: Path, paths: Sequence[str], workers: int = 1) -> Iterator[LaidOut]:
    """The layout of each file, in order. Nothing is written."""
    registry = read_registry(root, [])
    work: Callable[[str], LaidOut] = partial(lay_out_file, root, registry)
    return parallel.each(work, paths, workers if len(paths) >= WORTH_A_PROCESS else 1)


def lay_out_file(root: Path, registry: Registry, path: str) -> LaidOut:
    """The layout of a file, whose path is relative to the root."""
    findings = Findings(path)
    old = read_source(root, path, findings)
    text = None if old is None else decode(old, findings)
    if old is None or text is None:
        return LaidOut(path, problems=tuple(findings.found))
    if findings.found:  # characters that no source may hold
        problems = findings.found + _examine(text, path, registry)[0]
        return LaidOut(path, old, old, tuple(sorted(problems, key=lambda problem: problem.order)))
    try:
        new, problems = laid_out(text, path, registry)
    except NotTheSame as bug:
        return LaidOut(path, old, old, bug=str(bug))
    if problems:
        return LaidOut(path, old, old, tuple(problems))
    return LaidOut(path, old, _bytes(new, old))


def _bytes(text: str, old: bytes) -> bytes:
    """UTF-8 without a BOM, with the line ends that most lines had."""
    if old.count(b"\r\n") * 2 > old.count(b"\n"):
        text = text.replace("\n", "\r\n")
    return text.encode()


def laid_out(text: str, path: str, registry: Registry) -> tuple[str, list[Diagnostic]]:
    """The text in its canonical layout, or as it is with what is wrong with its YAML.

    Raises NotTheSame.
    """
    found, notes = _examine(text, path, registry)
    if found:
        return text, found
    node = read(text, Findings(path))
    if not isinstance(node, Mapping) or not node.entries:
        return text, []
    try:
        tree = _tree(node, text, path)
    except UnfitKey as unfit:
        findings = Findings(path, text.split("\n"))
        findings.add("Y307", unfit.key.place, "a key that cannot stand on one line", "write a short key")
        return text, findings.found
    new = _settled(text, tree, path)
    if new != text:
        _prove(node, tree, text, new, path)
        if _examine(new, path, registry) != ([], notes):
            raise NotTheSame("its notes would change")
    return new, []


def _settled(text: str, tree: Block, path: str) -> str:
    """The layout that does not change any more. The first one is it, unless a comment moved out
    of a list that now fits into brackets. Raises NotTheSame."""
    new = lay_out(tree, path)
    for _ in range(MAX_ROUNDS):
        if new == text:
            return new
        try:
            node = read(new, Findings(path, new.split("\n")))
        except (SyntaxProblem, TooDeep) as problem:
            raise NotTheSame(f"it would be no YAML: {problem}") from None
        if not isinstance(node, Mapping):
            raise NotTheSame("its values would change")
        text, new = new, lay_out(_tree(node, new, path), path)
    raise NotTheSame("its layout would change once more")


def _tree(node: Mapping, text: str, path: str) -> Block:
    tree = tree_of(node, text.split("\n"))
    arrange(tree, path)
    return tree


def _prove(node: Mapping, tree: Block, text: str, new: str, path: str) -> None:
    """Hold a new text against the old one, its node and its tree. Raises NotTheSame."""
    findings = Findings(path, new.split("\n"))
    again = read(new, findings)
    if findings.found or not isinstance(again, Mapping) or not same(node, again):
        raise NotTheSame("its values would change")
    comments = list(comments_of(tree))
    if comments_in(node, text.split("\n")) != sorted(comment for _, comment in comments):
        raise NotTheSame("a comment would be lost")
    if comments != list(comments_of(_tree(again, new, path))):
        raise NotTheSame("its comments would change")


def _examine(text: str, path: str, registry: Registry) -> tuple[list[Diagnostic], list[Note]]:
    """What is wrong with the YAML of a text, and its sound notes wherever they stand."""
    findings = Findings(path)
    clean = decode(text.encode(), findings)
    assert clean is not None
    notes: list[Note] = []
    if path in REGISTRY:
        read_registry_file(clean, Registry(MediaStore(registry.images.root)), findings)
    else:
        notes = read_deck_file(path, clean, findings, registry)[1]
    return [problem for problem in findings.found if problem.code.startswith("Y")], without_places(notes)
