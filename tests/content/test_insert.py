"""A note put into a deck file: at its place, and every other byte as it was."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aipm_cards.content.insert import Inserted, Page, Unreadable, insert_key, insert_note, layout_of, plain, read_page
from aipm_cards.content.skeleton import note_lines
from aipm_cards.kinds import KINDS


def put(data: bytes, topics: tuple[str, ...] = (), kind: str = "basic") -> tuple[Page, Inserted]:
    """A file with a skeleton more."""
    page = read_page("deck.yaml", data)
    return page, insert_note(page, note_lines(kind, {"id": "the-new-one"}, layout_of(page)), topics)


def put_text(data: str, topics: tuple[str, ...] = ()) -> str:
    """A file with a short note more, as text."""
    page = read_page("deck.yaml", data.encode())
    indent = " " * layout_of(page).indent
    return insert_note(page, [f"{indent}- id: new"], topics).data.decode()


HEAD = "deck: X\nnotes:\n"
PLACES = {
    "at the end": (HEAD + "  - id: one\n", HEAD + "  - id: one\n\n  - id: new\n"),
    "no final newline": (HEAD + "  - id: one", HEAD + "  - id: one\n\n  - id: new\n"),
    "CRLF": ("deck: X\r\nnotes:\r\n- id: one", "deck: X\r\nnotes:\r\n- id: one\r\n\r\n- id: new\r\n"),
    "set close": (HEAD + "  - id: one\n  - id: two\n", HEAD + "  - id: one\n  - id: two\n  - id: new\n"),
    "keys below": (HEAD + "  - id: one\ncue: x\n", HEAD + "  - id: one\n\n  - id: new\ncue: x\n"),
    "comment below": (HEAD + "  - id: one\n\n# end\n", HEAD + "  - id: one\n\n  - id: new\n\n# end\n"),
    "comment of the note": (
        HEAD + "  - id: one\n    # why: |\n\n# end",
        HEAD + "  - id: one\n    # why: |\n\n  - id: new\n\n# end",
    ),
    "a hash in a text": (
        HEAD + "  - id: one\n    front: |\n      x\n\n      # y\n\n\n",
        HEAD + "  - id: one\n    front: |\n      x\n\n      # y\n\n  - id: new\n\n\n",
    ),
    "a hash in quotes": (
        HEAD + '  - id: one\n    front: "x\n# y"\ncue: z\n',
        HEAD + '  - id: one\n    front: "x\n# y"\n\n  - id: new\ncue: z\n',
    ),
    "a document end": (HEAD + "  - id: one\n...\n", HEAD + "  - id: one\n\n  - id: new\n...\n"),
    "a document start": ("---\n" + HEAD + "- id: one\n", "---\n" + HEAD + "- id: one\n\n- id: new\n"),
    "a dash alone": (HEAD + "  -\n    id: one\n", HEAD + "  -\n    id: one\n\n  - id: new\n"),
    "nothing": (HEAD, HEAD + "  - id: new\n"),
    "nothing, and keys below": (HEAD + "cue: x", HEAD + "  - id: new\ncue: x"),
    "nothing, and no newline": ("deck: X\nnotes:", "deck: X\nnotes:\n  - id: new\n"),
    "brackets": ("notes: [] # none\ndeck: X\n", "notes: # none\n  - id: new\ndeck: X\n"),
    "brackets below": ("deck: X\nnotes:\n  [\n  ]\n", "deck: X\nnotes:\n\n  - id: new\n"),
    "a tilde": ("deck: X\nnotes: ~", "deck: X\nnotes:\n  - id: new\n"),
}


@pytest.mark.parametrize(("before", "after"), PLACES.values(), ids=PLACES)
def test_where_a_note_is_put(before: str, after: str) -> None:
    assert put_text(before) == after


def test_behind_the_last_note_of_a_topic() -> None:
    notes = "- id: one\n  topics: [T1]\n- id: two\n  topics: T1\n\n# three\n- id: three\n  topics: [T2]\n"
    assert put_text(HEAD + notes, ("T1",)) == HEAD + notes.replace("\n\n# three", "\n\n- id: new\n\n# three")
    assert put_text(HEAD + notes, ("T3",)) == HEAD + notes + "\n- id: new\n"


REFUSED = {
    "no YAML": "deck: X\nnotes:\n - id: a: b\n",
    "a list": "- id: one\n",
    "nothing": "",
    "no notes": "deck: X\n",
    "notes are a text": "notes: none\n",
    "notes in brackets": "notes: [{id: one}]\n",
    "all in braces": "{deck: X, notes: []}\n",
    "an anchor": "deck: &x X\nnotes: []\n",
    "the same key twice": "deck: X\nnotes: []\nnotes: []\n",
    "two documents": "deck: X\nnotes: []\n---\ndeck: Y\n",
    "a control character": "deck: X\x1b\nnotes: []\n",
    "too deep": "deck: X\nnotes:\n- " + "[" * 40,
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_files_that_are_refused(text: str) -> None:
    with pytest.raises(Unreadable, match=r"deck\.yaml"):
        put(text.encode())


NOTE = st.sampled_from(
    [
        ["id: {}"],
        ["id: {}", "topics: [T1]", "front: |", "  What?", "", "  # not a comment", "back: x"],
        ["id: {}", "topics: [T2,", "  T1", "  ]", "front: >", "  What", "", "", "back: |+", "  x", ""],
        ["id: {}", 'front: "over', '  two lines"', "# a comment", "back: 'it''s'", "  # another"],
        ["id: {}  # its name", "front: x", "rubric:", "- must: a", "- b", "pass: 2", "# why: |", ""],
        ["# first", "id: {}", "front:", "back: ~"],
    ]
)
BETWEEN = st.sampled_from([[], [""], ["", "# of the next"], ["  # deep", ""], ["# one", "", "# two"], ["   "]])
HEADS = st.sampled_from([["deck: X"], ["# schema", "deck: X", "kind: cloze", ""], ["---", "deck: X", "tags:", "- a"]])
TAILS = st.sampled_from([[], [""], ["", "# the end"], ["cue: x"], ["", "# of the cue", "cue: |", "  - x"], ["..."]])


@st.composite
def deck_files(draw: st.DrawFn) -> bytes:
    """The bytes of deck files that are YAML, set in all ways that people set them."""
    indent, step = draw(st.sampled_from([0, 2, 4])), draw(st.sampled_from([2, 4]))
    lines = [*draw(HEADS), "notes:"]
    for number, note in enumerate(draw(st.lists(NOTE, min_size=1, max_size=4))):
        if number:
            lines += [" " * indent + line for line in draw(BETWEEN)]
        begun = False
        for line in note:
            if not begun and not line.startswith("#"):
                lines.append((" " * indent + "-").ljust(indent + step) + line.format(f"note-{number}"))
                begun = True
            else:
                lines.append(" " * (indent + step) + line if line else "")
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = newline.join([*lines, *draw(TAILS)]) + draw(st.sampled_from(["", newline, newline * 2]))
    return draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + text.encode()


@given(deck_files(), st.sampled_from([(), ("T1",), ("T2", "T3")]), st.sampled_from(list(KINDS)))
@settings(max_examples=80, deadline=None)
@example(b"deck: X\nnotes:\n- id: one\n  front: |+\n    x\n\n\n", (), "basic")
def test_no_other_byte_changes(data: bytes, topics: tuple[str, ...], kind: str) -> None:
    page, made = put(data, topics, kind)
    lines = made.data.split(b"\n")
    assert b"- " in lines[made.first - 1]
    assert b"id: the-new-one" in lines[made.first - 1]
    # The old bytes are those that stand before and behind what was put in.
    length = len(made.data) - len(data)
    assert any(made.data.startswith(data[:at]) and made.data[at + length :] == data[at:] for at in range(len(data) + 1))
    added = made.data.count(b"\n") - data.count(b"\n")
    assert made.last - made.first + 1 <= added <= made.last - made.first + 3
    assert (b"\r\n" in made.data) == (b"\r\n" in data)
    old, new = plain(page.root), plain(read_page("deck.yaml", made.data).root)
    assert isinstance(old, dict)
    assert isinstance(new, dict)
    ids = [note["id"] for note in new["notes"]]
    assert ids.count("the-new-one") == 1
    new["notes"].pop(ids.index("the-new-one"))
    assert new == old
    same = [number for number, note in enumerate(old["notes"]) if set(topics) & set(note.get("topics") or [])]
    assert ids.index("the-new-one") == (same[-1] + 1 if same else len(old["notes"]))


@given(st.binary(max_size=200) | st.text(alphabet="-:#[]{}'\"|> \n\tab&*", max_size=60).map(str.encode))
@settings(max_examples=80, deadline=None)
@example(b"notes:\n-")
@example(b"notes:\n-\n\n  id: x")
@example(b"notes:\n  - - a\n  - ")
@example(b"? notes\n: - a: b")
@example(b"notes: - a")
def test_any_bytes_are_refused_or_kept(data: bytes) -> None:
    try:
        page, made = put(b"notes:\n" + data)
    except Unreadable:
        return
    old, new = plain(page.root), plain(read_page("deck.yaml", made.data).root)
    assert isinstance(new, dict)
    assert isinstance(old, dict)
    assert new.keys() == old.keys()
    assert len(new["notes"]) == len(old["notes"] or []) + 1


SOURCES = "# All pages.\n\nalpha:\n  title: A\n# of gamma\ngamma:\n  title: |\n    G\n"


def test_a_key_stands_where_the_order_wants_it() -> None:
    lines = ["beta:", "  title: B"]
    page = read_page("sources.yaml", SOURCES.encode())
    assert insert_key(page, "beta", lines).data.decode() == SOURCES.replace("# of", "beta:\n  title: B\n# of")
    assert insert_key(page, "zeta", ["zeta:", "  title: Z"]).data.decode() == SOURCES + "zeta:\n  title: Z\n"
    first = insert_key(page, "aaa", ["aaa:", "  title: B"]).data.decode()
    assert first == SOURCES.replace("alpha", "aaa:\n  title: B\nalpha")
    unordered = read_page("sources.yaml", b"b:\n  title: B\na:\n  title: A\r\n\n# end")
    assert insert_key(unordered, "ab", ["ab:", "  title: B"]).data == (
        b"b:\n  title: B\na:\n  title: A\r\n\n# end\nab:\n  title: B\n"
    )
