"""Does `format` keep what 10,000 untidy files say, and how fast is it beside `check`?

    python tests/benchmarks/layout.py [--files 10000] [--runs 3]

Counts what the proofs of the tests find, then runs whole processes in turn and prints ratios of
their medians.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path

from content import AIPM

sys.path.insert(0, str(Path(__file__).parents[2]))

from aipm_cards import parallel
from aipm_cards.content.layout.files import lay_out_file
from tests.content.test_layout import REGISTRY, kept
from tests.content.untidy import SOURCES, TOPICS, Untidy, deck_file

COLLECTION = "format: 1\nname: Untidy\nnamespace: untidy-cards\n"


def write(root: Path, number: int) -> Untidy:
    """One untidy file; every third with CRLF, every fifth with a BOM."""
    file = deck_file(random.Random(number), f"file-{number}", notes=2, shuffled=bool(number % 2))
    text = file.text.replace("\n", "\r\n") if number % 3 == 0 else file.text
    data = (b"\xef\xbb\xbf" if number % 5 == 0 else b"") + text.encode()
    (root / "untidy" / f"file-{number}.yaml").write_bytes(data)
    return file


def proved(root: Path, number: int) -> Counter[str]:
    """What became of one file: a 1 for each property that it has. Its layout goes to `tidy`."""
    path = f"file-{number}.yaml"
    file = write(root, number)
    result = lay_out_file(root / "untidy", REGISTRY, path)
    (root / "tidy" / path).write_bytes(result.new)
    again = lay_out_file(root / "tidy", REGISTRY, path)
    new = result.new.decode().replace("\r\n", "\n")
    found = Counter({name: int(is_kept) for name, is_kept in kept(file, new, ordered=not number % 2).items()})
    found["laid out"] = not result.problems and not result.bug
    found["changed"] = result.new != result.old
    found["idempotent"] = again.new == result.new and not again.bug
    found["line ends, no BOM"] = (b"\r\n" in result.new) == (number % 3 == 0) and result.new[:1] != b"\xef"
    return found


def race(runs: int, commands: dict[str, list[str]]) -> dict[str, float]:
    """Median seconds of each command, run in turn. They may find problems, but not fail."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            started = time.perf_counter()
            code = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
            times[name].append(time.perf_counter() - started)
            if code not in (0, 1):
                sys.exit(f"{' '.join(command)} ended with {code}")
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        for name in ("untidy", "tidy"):
            (root / name).mkdir()
            (root / name / "collection.yaml").write_text(COLLECTION)
            (root / name / "sources.yaml").write_text("".join(f"{key}:\n  title: {key}\n" for key in SOURCES))
            (root / name / "curriculum.yaml").write_text("".join(f"{key}:\n  title: {key}\n" for key in TOPICS))
        total: Counter[str] = Counter()
        for found in parallel.each(partial(proved, root), range(arguments.files), parallel.processors()):
            total += found
        print(f"{arguments.files:,} files")
        for name, count in total.items():
            print(f"  {name:<20} {count:8,}")
        untidy, tidy = str(root / "untidy"), str(root / "tidy")
        medians = race(
            arguments.runs,
            {
                "check": [*AIPM, "check", untidy],
                "format --check, untidy": [*AIPM, "format", "--check", untidy],
                "format --check, tidy": [*AIPM, "format", "--check", tidy],
            },
        )
        for name, median in medians.items():
            print(f"  {name:<24} {median:8.2f} s, {median / medians['check']:.2f} of check")


if __name__ == "__main__":
    main()
