"""What a terminal can show."""

from __future__ import annotations

from typing import NamedTuple


class Look(NamedTuple):
    """What the terminal can show: colours; bold, italic, underlined and faint words; signs
    beyond ASCII for what is drawn here (the author's text stays as it is)."""

    colour: bool
    styled: bool
    unicode: bool
