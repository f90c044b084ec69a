"""What of a collection changed since it was read: looked up on the disk, without reading YAML."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aipm_cards.content.cache.index import FileRow, ImageRow, Index, RegistryRow, findings_as_lists
from aipm_cards.content.cache.stamps import Stamp, digest_of, image_stamp, look, settled, stamp
from aipm_cards.content.files import COLLECTION, CURRICULUM, SOURCES, deck_files
from aipm_cards.content.media import MEDIA, MediaStore, images
from aipm_cards.diagnostics import Diagnostic
from aipm_cards.model import Media


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is to do. `index` holds what stays, as it stands on the disk now; `again` the
    deck files to read, in order, with their stamps; `gone` the numbers of those that do not
    stay as they are, `highest` the highest number of all. `changed` if answers must be worked out
    anew, `restamped` if the index is another one in any case."""

    index: Index
    again: dict[str, Stamp]
    gone: list[int]
    highest: int
    changed: bool
    restamped: bool


def look_round(root: Path, known: Index, identity: str, now_ns: int) -> Plan:
    """Compare what is known with what stands on the disk at `now_ns` (since 1970)."""
    walked: list[Diagnostic] = []
    stamps = {path: stamp(f"{root}/{path}") for path in deck_files(root, walked)}
    registry = _registry(root, known, now_ns)
    now = Index(identity, registry, walked=findings_as_lists(walked))
    now.media = digest_of("\0".join(images(root, MEDIA)).encode("utf-8", "surrogatepass"))
    if identity != known.identity or _digests(registry) != _digests(known.registry):
        return Plan(now, stamps, [], 0, True, True)
    now.seals, now.errors, now.warnings, now.twice = known.seals, known.errors, known.warnings, known.twice
    now.images = _images(root, known, now.media, now_ns)
    again: dict[str, Stamp] = {}
    for path, seen in stamps.items():
        row = known.files.get(path)
        if row is not None and not (row.settled and seen == row.stamp):
            row = _restamped(root, path, row, seen, now_ns)
        if row is None or any(fault != now.images[image].fault for image, fault in row.asked):
            again[path] = seen
        else:
            now.files[path] = row
    gone = [row.number for path, row in known.files.items() if path not in now.files]
    highest = max((row.number for row in known.files.values()), default=0)
    changed = bool(again or gone) or now.walked != known.walked or now.media != known.media
    return Plan(now, again, gone, highest, changed, changed or now != known)


def _registry(root: Path, known: Index, now_ns: int) -> dict[str, RegistryRow]:
    rows: dict[str, RegistryRow] = {}
    for path in (COLLECTION, SOURCES, CURRICULUM):
        seen, row = stamp(f"{root}/{path}"), known.registry.get(path)
        if row is None or not (row.settled and seen == row.stamp):
            row = RegistryRow(seen, settled(seen, now_ns), look(root, path)[1])
        rows[path] = row
    return rows


def _digests(rows: dict[str, RegistryRow]) -> dict[str, str]:
    return {path: row.digest for path, row in rows.items()}


def _restamped(root: Path, path: str, row: FileRow, seen: Stamp, now_ns: int) -> FileRow | None:
    """The row with the stamp of today, if the file still holds the same bytes."""
    if look(root, path)[1] != row.digest:
        return None
    return row._replace(stamp=seen, settled=settled(seen, now_ns))


def _images(root: Path, known: Index, media: str, now_ns: int) -> dict[str, ImageRow]:
    """How the images that cards ask for stand now. A hint may name another image, so what was
    wrong with one depends on the names of all."""
    store = MediaStore(root)
    rows: dict[str, ImageRow] = {}
    for path, row in known.images.items():
        seen = image_stamp(root, path)
        sure = row.settled if isinstance(seen, list) else bool(row.fault)
        if seen == row.stamp and sure and not (row.fault and media != known.media):
            rows[path] = row
        else:
            rows[path] = image_row(store, path, seen, now_ns)
    return rows


def image_row(store: MediaStore, path: str, seen: Stamp | str, now_ns: int) -> ImageRow:
    """How an image is found whose stamp was taken before, at `now_ns`."""
    found = store.find(path)
    sure = isinstance(seen, list) and settled(seen, now_ns)
    if isinstance(found, Media):
        return ImageRow(seen, sure, [], found.size, found.digest)
    return ImageRow(seen, sure, list(found), 0, "")
