"""Images that cards show: they lie inside the collection and are named by path from its root."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path, PurePosixPath

from aipm_cards.content.files import NotReadable, read_bytes
from aipm_cards.model import Media

IMAGE_TYPES = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif")
MEDIA = "media"  # the directory whose unused files are reported
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


class MediaStore:
    """Looks each image up once. `find` answers with the image, or with (rule, fact, hint)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.known: dict[str, Media | tuple[str, str, str]] = {}

    def find(self, path: str) -> Media | tuple[str, str, str]:
        """The image at `path` as a card names it."""
        if path not in self.known:
            self.known[path] = self._look(path)
        return self.known[path]

    def _look(self, path: str) -> Media | tuple[str, str, str]:
        if _SCHEME.match(path):
            return "M106", "an image from the network would be missing offline", "put the file into media/"
        parts = PurePosixPath(path).parts
        if path.startswith("/") or ".." in parts or "\\" in path or "\0" in path:
            return "M102", "an image outside the collection", "put the file into media/ and write media/name.svg"
        if not path.lower().endswith(IMAGE_TYPES):
            return "M103", f"'{path[:80]}' is no image", f"use {', '.join(t[1:] for t in IMAGE_TYPES)}"
        try:
            data = read_bytes(self.root, path)
        except NotReadable as problem:
            code, message, _ = problem.args
            if code == "Y102":
                return "M105", f"'{path}' {message}", "make it smaller"
            return "M102" if "leaves" in message else "M101", f"'{path}': {message}", ""
        except (OSError, RuntimeError, ValueError):
            return "M101", f"there is no file '{path[:80]}'", self._nearest(path)
        return Media(PurePosixPath(*parts), len(data), hashlib.sha256(data).hexdigest())

    def _nearest(self, path: str) -> str:
        from aipm_cards.content.values import nearest

        return nearest(path, images_in_media(self.root)) or "a path starts at the collection's root"


def images_in_media(root: Path) -> list[str]:
    """The images in the directory `media`, by path from the root, sorted."""
    found = []
    for directory, _, names in os.walk(root / MEDIA):
        below = Path(directory).relative_to(root).as_posix()
        found += [f"{below}/{name}" for name in names if name.lower().endswith(IMAGE_TYPES) and name[0] not in "._"]
    return sorted(found)
