"""A generated collection: notes of about 800 bytes in files of 50, of every kind.

python tests/benchmarks/generate.py DIRECTORY NOTES
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

PER_FILE = 50
WORDS = """
model data label feature recall precision threshold score user queue error cost team
review fraud claim driver nurse shop stock price order ticket search answer prompt token
context agent tool limit drift sample test signal metric launch region reader photo sound
route engine supply letter branch office garden river mountain winter
""".split()  # noqa: SIM905

BASIC = """\
  - id: {id}
    topics: [T{topic:03d}]
    tier: {tier}
    front: |
      {front} number {n}, and **{w}** in particular?
    back: {back}
    why: |
      {why}
      {why2} with `{w}` and *{w2}*.
    example: |
      {example}
    sources: [one]
"""
REVERSED = """\
  - id: {id}
    kind: reversed
    tier: {tier}
    term: {w} {w2} {n}
    definition: |
      {front} and {back}.
    example: |
      {example} {why}
    why: |
      {why2}
    sources: [{{ref: one, at: "Section {topic}"}}]
"""
CLOZE = """\
  - id: {id}
    kind: cloze
    tier: {tier}
    context: {w} and {w2}, case {n}
    text: |
      {front} {{{{c1::{w}}}}} and then {{{{c2::{w2}::hint}}}}; {why}
    why: |
      {why2} {example}
    sources: [two]
"""
CONTRAST = """\
  - id: {id}
    kind: contrast
    tier: {tier}
    a: {w} {n}
    b: {w2} {n}
    split: {front}
    rows:
      - [speed, {w}, {w2}]
      - ["cost, in all", {w2}, {w}]
    case: {why}
    verdict: a
    reason: |
      {why2}
    why: |
      {example}
    sources: [one, two]
"""
CALCULATION = """\
  - id: {id}
    kind: calculation
    tier: {tier}
    given: |
      {front} {why}
    ask: Precision, two decimals
    formula: TP / (TP + FP)
    values: {{TP: {tp}, FP: {fp}}}
    steps:
      - TP + FP = {both}
      - {tp} / {both}
    answer: {answer}
    check: TP / (TP + FP)
    reading: |
      {why2}
    slip: |
      {example}
    sources: [one]
"""
KINDS = [BASIC] * 12 + [REVERSED] * 3 + [CLOZE] * 2 + [CONTRAST] * 2 + [CALCULATION]


def write(directory: Path, notes: int, seed: int = 1, per_file: int = PER_FILE) -> None:
    """Write a collection of `notes` notes; the same seed gives the same bytes."""
    chance = random.Random(seed)

    def words(least: int, most: int) -> str:
        return " ".join(chance.choice(WORDS) for _ in range(chance.randint(least, most))).capitalize()

    directory.mkdir(parents=True, exist_ok=True)
    (directory / "collection.yaml").write_text("format: 1\nname: Generated\nnamespace: generated\n")
    source = '  title: A page\n  publisher: A press\n  url: https://example.org/{0}\n  opened: "2026-11-20"\n'
    (directory / "sources.yaml").write_text("".join(f"{key}:\n{source.format(key)}" for key in ("one", "two")))
    for start in range(0, notes, per_file):
        parts = [f"deck: Part {start // 5000}::Section {start // 500}\ncue: generated\ntags: [benchmark]\nnotes:\n"]
        for n in range(start, min(start + per_file, notes)):
            tp, fp = chance.randint(10, 99), chance.randint(10, 99)
            parts.append(
                chance.choice(KINDS).format(
                    id=f"generated-note-{n}",
                    n=n,
                    topic=n % 500,
                    tier=chance.randint(1, 3),
                    w=chance.choice(WORDS),
                    w2=chance.choice(WORDS),
                    front=words(12, 18),
                    back=words(6, 12),
                    why=words(18, 26),
                    why2=words(18, 26),
                    example=words(28, 40),
                    tp=tp,
                    fp=fp,
                    both=tp + fp,
                    answer=f"{tp / (tp + fp):.3f}",
                )
            )
        (directory / f"deck-{start // per_file:05d}.yaml").write_text("".join(parts))


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
