"""`aipm-cards init`: make a first collection of one's own."""

from __future__ import annotations

import re
from pathlib import Path

import click

from aipm_cards.characters import FORBIDDEN
from aipm_cards.cli.where import shown
from aipm_cards.content.files import COLLECTION, SOURCES
from aipm_cards.content.layout.words import behind_a_key
from aipm_cards.errors import AipmCardsError
from aipm_cards.schema.files import DIRECTORY, SCHEMAS, modeline, schema_text

_COLLECTION = """\
# What this collection is. The namespace is the identity of every note in Anki and in every
# learner's history: choose it once, it never changes.
format: 1
name: {name}
namespace: {namespace}
license: CC-BY-4.0
language: en
"""

_SOURCES = """\
# The pages that notes rest on. A note names a key: `sources: [spacing]`.
spacing:
  title: 'Distributed practice in verbal recall tasks: a review and quantitative synthesis'
  publisher: Cepeda, Pashler, Vul, Wixted and Rohrer
  url: https://doi.org/10.1037/0033-2909.132.3.354
  evidence: study
readme:
  title: 'aipm-cards: README'
  evidence: practice
"""

_DECK = """\
# A deck file. Several files may share a deck; names that begin with `_` are passed over.
deck: First steps
description: What a card looks like, one kind after the other.
cue: flashcards # small line on the front of every card
tags: [example]
sources: [readme] # what its notes rest on, unless one names another
notes:
  - id: one-idea-a-card # permanent: learners keep their progress by it
    front: Why should a card ask for one thing only?
    back: So that it is either known or not; half an answer cannot be rated.
    why: |
      Text below a bar is taken as it is: quotes, colons and *emphasis* need no care.

  - id: spaced-repetition
    kind: reversed # asks both ways
    term: spaced repetition
    definition: Reviewing something again just before it would be forgotten.
    sources: [spacing]

  - id: three-parts-of-a-card
    kind: cloze # a card for each number
    text: |
      A note has an {{c1::id::permanent name}}, a question and an {{c2::answer}}.
"""


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--name", help="The name of the root deck in Anki. Default: the directory's.")
def command(directory: Path, name: str | None) -> int:
    """Make a first collection of one's own in DIRECTORY. Existing files are never touched."""
    words = re.sub(r"[^a-z0-9]+", " ", directory.resolve().name.lower()).split()
    namespace = "-".join(words)[:60].strip("-")
    namespace = namespace if len(namespace) >= 3 else f"{namespace or 'my'}-cards"
    title = " ".join((name or directory.resolve().name).split())
    if not title or "::" in title or '"' in title or FORBIDDEN.search(title):
        raise AipmCardsError("the name is empty or holds `::`, a quote or a control character; give one with --name")
    files = {
        COLLECTION: _COLLECTION.format(name=behind_a_key(title), namespace=namespace),
        SOURCES: _SOURCES,
        "first-steps.yaml": _DECK,
    }
    texts = {file: modeline(file) + text for file, text in files.items()}
    texts |= {f"{DIRECTORY}/{schema}.json": schema_text(schema) for schema in SCHEMAS}
    taken = [file for file in texts if (directory / file).exists()]
    if taken:
        raise AipmCardsError(f"{shown(directory, taken[0])} exists already; nothing was written")
    (directory / DIRECTORY).mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        with open(directory / file, "x", encoding="utf-8", newline="\n") as target:
            target.write(text)
    click.echo(f"{shown(directory)}: {', '.join(files)}, and {DIRECTORY}/ for editors")
    click.echo(f"next: aipm-cards check {shown(directory)}")
    return 0
