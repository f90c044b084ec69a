"""Images that cards show: they lie inside the collection and are named by path from its root."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from aipm_cards.content.files import MAX_DIRECTORIES, MAX_SUGGESTIONS, NotReadable, nearest, read_bytes
from aipm_cards.model import Media

IMAGE_TYPES = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif")
MEDIA = "media"  # the directory whose unused files are reported
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


class Fault(NamedTuple):
    """Why an image cannot be used: rule, fact, hint."""

    code: str
    message: str
    hint: str


class MediaStore:
    """Looks each image up once. `found` holds those that are sound, by path."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.found: dict[str, Media] = {}
        self.faults: dict[str, Fault] = {}

    def find(self, path: str) -> Media | Fault:
        """The image at `path` as a card names it."""
        known = self.found.get(path) or self.faults.get(path)
        if known is not None:
            return known
        looked = self._look(path)
        if isinstance(looked, Media):
            self.found[path] = looked
        else:
            self.faults[path] = looked
        return looked

    def _look(self, path: str) -> Media | Fault:
        if _SCHEME.match(path):
            return Fault("M106", "an image from the network would be missing offline", "put the file into media/")
        parts = PurePosixPath(path).parts
        if path.startswith("/") or ".." in parts or "\\" in path or "\0" in path:
            return Fault("M102", "an image outside the collection", "put the file into media/ and write media/name.svg")
        if not path.lower().endswith(IMAGE_TYPES):
            return Fault("M103", f"'{path[:80]}' is no image", f"use {', '.join(t[1:] for t in IMAGE_TYPES)}")
        if self._is_below_a_link(path):
            return Fault("M102", "a link to a directory is not followed", "put the file into media/")
        if not os.path.lexists(self.root / path):
            return Fault("M101", f"there is no file '{path[:80]}'", self._nearest(path))
        try:
            data = read_bytes(self.root, path)
        except NotReadable as problem:
            code, message, _ = problem.args
            if code == "Y102":
                return Fault("M105", f"'{path}' {message}", "make it smaller")
            return Fault("M102" if "leaves" in message else "M101", f"'{path}': {message}", "")
        except (OSError, RuntimeError, ValueError):
            return Fault("M101", f"there is no file '{path[:80]}'", self._nearest(path))
        return Media(PurePosixPath(*parts), len(data), hashlib.sha256(data).hexdigest())

    def _is_below_a_link(self, path: str) -> bool:
        try:
            return any((self.root / above).is_symlink() for above in PurePosixPath(path).parents[:-1])
        except OSError:  # a name too long for a file
            return False

    def _nearest(self, path: str) -> str:
        near = nearest(path, images(self.root, MEDIA)) if len(self.faults) < MAX_SUGGESTIONS else ""
        name = PurePosixPath(path).name
        write = "" if path.startswith(f"{MEDIA}/") else f", and write {MEDIA}/{name[:80]}"
        return near or f"put the file into {MEDIA}/{write}"


def images(root: Path, below: str = "") -> list[str]:
    """The images in a directory of the collection, by path from its root, sorted. Links to
    directories are not followed, and a tree too deep for deck files is not searched."""
    found: list[str] = []
    left = [] if below and (root / below).is_symlink() else [below]
    while left:
        directory = left.pop()
        with suppress(OSError), os.scandir(root / directory) as entries:
            for entry in entries:
                path = f"{directory}/{entry.name}" if directory else entry.name
                if entry.is_dir(follow_symlinks=False):
                    left += [path] if path.count("/") < MAX_DIRECTORIES else []
                elif entry.name.lower().endswith(IMAGE_TYPES):
                    found.append(path)
    return sorted(found)
