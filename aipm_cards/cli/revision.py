"""The sources as they stood at a git revision, written to a directory of their own.

git only reads here: no checkout, no hook, no network. What it gives is as untrusted as any source:
names are checked, links are left out, and there are bounds.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, NamedTuple

from aipm_cards.cli.where import shown
from aipm_cards.content.files import COLLECTION, MAX_BYTES
from aipm_cards.content.media import IMAGE_TYPES
from aipm_cards.errors import AipmCardsError
from aipm_cards.release import LOCK

MAX_FILES = 100_000
MAX_TOTAL = 1024 * 1024 * 1024  # bytes of all files together
_WANTED = (".yaml", ".yml", *IMAGE_TYPES)
_REGULAR = ("100644", "100755")
_OF_A_HOOK = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"})


class _Blob(NamedTuple):
    """A file of the revision: its name in git, its size, and its path from the collection's root."""

    name: bytes
    size: int
    path: str


@contextmanager
def sources_at(root: Path, revision: str) -> Iterator[tuple[Path, str]]:
    """A directory with the sources of the collection at `root` as they stood at a revision, while
    the block runs, and the short name of the commit. `REVISION:DIRECTORY` says where in the
    repository the collection was then, if it was elsewhere. Raises AipmCardsError."""
    name, at, below = (revision, "", "") if "{" in revision else revision.partition(":")
    shallow = _git(root, "rev-parse", "--is-shallow-repository", what=revision).strip() == "true"
    way_out = "this clone has no older ones: `git fetch --unshallow --tags`" if shallow else "see `git log`"
    unknown = f"'{revision}' is neither a lock file nor a git revision; {way_out}"
    wanted = f"{name}^{{commit}}"
    commit = _git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted, what=revision, absent=unknown
    ).strip()
    if not at:
        below = _git(root, "rev-parse", "--show-prefix", what=revision).rstrip("\n")
    below = below.strip("/")
    empty = (
        f"'{name}' has no {COLLECTION} in {below or 'its root'}, so there is nothing to compare; "
        f"if it was elsewhere then, write {name}:DIRECTORY"
    )
    listing = _git(root, "ls-tree", "--full-tree", "-rlz", f"{commit}:{below}", what=revision, absent=empty)
    blobs = list(_wanted(listing))
    if all(blob.path != COLLECTION for blob in blobs):
        raise AipmCardsError(empty)
    if len(blobs) > MAX_FILES or sum(blob.size for blob in blobs) > MAX_TOTAL:
        raise AipmCardsError(f"'{revision}' holds more than {MAX_FILES:,} files or 1 GiB of sources")
    with TemporaryDirectory(prefix="aipm-cards-") as directory:
        _write(root, Path(directory), blobs)
        yield Path(directory), commit[:12]


def _wanted(listing: str) -> Iterator[_Blob]:
    """The regular files that a collection may be made of. What is too large is as good as not there."""
    for entry in listing.split("\0"):
        about, _, path = entry.partition("\t")
        cells = about.split()
        if len(cells) != 4 or cells[0] not in _REGULAR or not cells[3].isdigit():
            continue  # a link, or another repository
        parts = path.split("/")
        harmless = all(part not in ("", ".", "..") and "\\" not in part and ":" not in part for part in parts)
        hidden = any(part.startswith((".", "_")) for part in parts[:-1])
        if harmless and not hidden and (path.endswith(_WANTED) or path == LOCK) and int(cells[3]) <= MAX_BYTES:
            yield _Blob(cells[2].encode(), int(cells[3]), path)


def _write(root: Path, directory: Path, blobs: Sequence[_Blob]) -> None:
    """Write the files below a directory, as they come from one run of git."""
    with TemporaryFile() as names:  # not a pipe: git would wait for us while we wait for it
        names.write(b"".join(blob.name + b"\n" for blob in blobs))
        names.seek(0)
        with subprocess.Popen(
            _command(root, "cat-file", "--batch"), stdin=names, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=_environment(),
        ) as git:  # fmt: skip
            assert git.stdout is not None
            for blob in blobs:
                data = _next(git.stdout, blob)
                target = directory / blob.path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)


def _next(stream: IO[bytes], blob: _Blob) -> bytes:
    header = stream.readline(1024).split()
    if header != [blob.name, b"blob", str(blob.size).encode()]:
        raise AipmCardsError(f"git could not read {blob.path} of that revision; is the clone a partial one?")
    data = stream.read(blob.size)
    if len(data) != blob.size or stream.read(1) != b"\n":
        raise AipmCardsError(f"git ended before {blob.path} was read")
    return data


def _git(root: Path, *arguments: str, what: str, absent: str = "") -> str:
    """What a git command prints. Raises AipmCardsError: `what` is the revision that it is about,
    and `absent` what to say if there is no such thing."""
    if "\0" in what:
        raise AipmCardsError("a revision holds no NUL character")
    try:
        done = subprocess.run(
            _command(root, *arguments), capture_output=True, check=False, env=_environment(), stdin=subprocess.DEVNULL
        )
    except FileNotFoundError:
        raise AipmCardsError("git was not found; name a lock file with --since, or install git") from None
    if done.returncode == 0:
        return os.fsdecode(done.stdout)
    said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
    if "not a git repository" in said:
        raise AipmCardsError(f"{shown(root)} is in no git repository; name a lock file with --since")
    if said and not said.startswith("fatal: Not a valid object name"):
        raise AipmCardsError(f"git says of '{what}': {said}" if what else f"git says: {said}")
    raise AipmCardsError(absent)


def _command(root: Path, *arguments: str) -> list[str]:
    git = shutil.which("git") or "git"
    return [git, "--no-pager", "--no-replace-objects", "-C", str(root), *arguments]


def _environment() -> dict[str, str]:
    """Our environment, but for what would point git elsewhere (as in a hook) or let it ask or fetch."""
    mine = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    return mine | {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
