"""A collection to an Anki package (`.apkg`): a zip of the tables and the images."""

from __future__ import annotations

import hashlib
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from aipm_cards import release
from aipm_cards.anki.rows import Order, Rendered, media_name, renderer
from aipm_cards.anki.tables import PAGE, Progress, Report, fill, scratch, steady, to_json
from aipm_cards.errors import BuildError
from aipm_cards.model import Collection, Media
from aipm_cards.writing import replacing

_BROKEN = (zipfile.BadZipFile, zlib.error)
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_RESTORES = re.compile(r"(?:collection|backup-.*)\.apkg", re.IGNORECASE)


def build(
    collection: Collection,
    output: Path | str,
    *,
    now: int,
    lock: release.Lock | None = None,
    deck: str = "",
    key: str = "",
    rendered: Iterable[Rendered | Order] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Write the package of a collection, or of one deck and those below it.

    `now` (seconds since 1970) is the time of what `lock` does not know. `key` may name the
    state of the sources: `receipt` gives it back. `rendered` are the notes, if they were
    rendered while they were read. The same collection, lock and time give the same bytes.
    Raises BuildError, and OSError if the file cannot be written; the file that was there
    before stays then.
    """
    target = check_name(Path(output))
    if collection.errors:
        raise BuildError(f"{collection.errors} errors in the sources; `aipm-cards check` shows them")
    if rendered is None:
        rendered = map(renderer(collection, lock, deck), collection.notes)
    notes: list[Rendered] = []
    others: list[Order] = []
    for each in rendered:
        if isinstance(each, Rendered):
            notes.append(each)
        else:
            others.append(each)
    notes.sort(key=lambda note: note.order)
    if not notes:
        there_is_none = f"there is no deck '{deck}'; `aipm-cards decks` lists them" if deck else "there are no notes"
        raise BuildError(there_is_none)
    images = _used_media(collection, {path for note in notes for path in note.images})
    with scratch() as (database, stored):
        report = fill(database, collection, notes, sorted(others), release.Clock(lock, now), progress)
        with replacing(target, now) as file:
            _write_zip(file, stored, collection, images, key, report)
    return report


def check_name(output: Path) -> Path:
    """The path of a package, unless Anki would take a file of that name for something else."""
    for name in (output.name, os.path.realpath(output).rpartition(os.sep)[2]):  # a link is followed
        if _RESTORES.fullmatch(name):
            raise BuildError(f"{name}: Anki would take it for a backup and replace the whole collection")
        if Path(name).suffix.lower() != ".apkg":
            raise BuildError(f"{name}: the name of a package ends with .apkg")
    if output.exists() and not output.is_file():
        raise BuildError(f"{output}: is no regular file")
    return output


def _used_media(collection: Collection, paths: Iterable[str]) -> list[Media]:
    """The images to pack, sorted by their names in the package; equal ones once."""
    by_name = {media_name(collection.namespace, collection.media[path]): collection.media[path] for path in paths}
    return [by_name[name] for name in sorted(by_name)]


def _write_zip(
    file: BinaryIO,
    stored: BinaryIO,
    collection: Collection,
    media: Sequence[Media],
    key: str,
    report: Report,
) -> None:
    """The package: stored, not deflated, because deflate differs between builds of zlib."""
    size = stored.seek(0, os.SEEK_END)
    stored.seek(0)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as package:
        with package.open(_entry("collection.anki2", size), "w") as entry:
            for page in iter(lambda: stored.read(PAGE), b""):
                entry.write(steady(page, is_first=stored.tell() == PAGE))
        names = {str(index): media_name(collection.namespace, item) for index, item in enumerate(media)}
        package.writestr(_entry("media"), to_json(names))
        for index, item in enumerate(media):
            package.writestr(_entry(str(index)), _image(collection.root, item))
        package.comment = to_json({"key": key, "report": asdict(report)}).encode()


def _entry(name: str, size: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _ZIP_TIME)
    info.create_system = 3
    info.external_attr = 0o644 << 16
    info.file_size = size
    return info


def _image(root: Path, media: Media) -> bytes:
    data = (root / media.path).read_bytes()
    if hashlib.sha256(data).hexdigest() != media.digest:
        raise BuildError(f"{media.path} changed while it was read; build again")
    return data


def receipt(output: Path | str) -> tuple[str, Report] | None:
    """The `key` with which a package was built that is still whole, and its report."""
    try:
        with zipfile.ZipFile(output) as package:
            comment = json.loads(package.comment)
            report = Report(**comment["report"])
            if not all(isinstance(value, int) for value in asdict(report).values()) or package.testzip():
                return None
            return str(comment["key"]), report
    except (OSError, EOFError, RuntimeError, ValueError, LookupError, TypeError, AttributeError, *_BROKEN):
        return None  # another file, or a damaged one: it is built anew
