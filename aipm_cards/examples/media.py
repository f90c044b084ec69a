"""Examples of the rules about images."""

from __future__ import annotations

from aipm_cards.examples.example import Example, answering

_CURVE = "media/curve.svg"
_GOOD = f"See ![a curve that rises]({_CURVE})."


def _image(wrong: str) -> Example:
    return answering(wrong, _GOOD, _CURVE)


EXAMPLES: dict[str, Example] = {
    "M101": _image("See ![a curve that rises](media/curv.svg)."),
    "M102": _image("See ![a curve that rises](../media/curve.svg)."),
    "M103": _image("See ![a curve that rises](media/curve.pdf)."),
    "M104": _image(f"See ![]({_CURVE})."),
    "M106": _image("See ![a curve that rises](https://example.org/curve.svg)."),
    "M107": _image("Its recall."),
}
