"""Examples of the rules about gaps, arithmetic, rows and rubrics."""

from __future__ import annotations

from aipm_cards.examples.example import NOTES, Example, note


def _gap(wrong: str, right: str) -> Example:
    before = ("kind: cloze", "text: ")
    return Example(note(before[0], before[1] + wrong), note(before[0], before[1] + right), NOTES)


def _calculation(values: str, answer: str, check: str = "100 * caught / all") -> str:
    return note(
        "kind: calculation",
        "given: A filter flags 40 of 50 frauds.",
        "ask: Its recall, in percent",
        f"values: {values}",
        "steps: [recall = 40 / 50]",
        f"answer: {answer}",
        "unit: '%'",
        f"check: {check}",
    )


def _row(row: str) -> str:
    return note(
        "kind: contrast",
        "a: shadow run",
        "b: canary release",
        "split: Do users meet the new answers?",
        f"rows:\n    - {row}",
        "case: Answers are logged and thrown away.",
        "verdict: a",
        "reason: Nobody meets them.",
    )


def _rubric(points: tuple[str, ...], pass_: int = 3) -> str:
    return note(
        "kind: interview",
        "prompt: Clicks fell by a tenth and nobody shipped anything. Walk me through it.",
        "round: EX",
        "minutes: 8",
        "rubric:" + "".join(f"\n    - {point}" for point in points),
        f"pass: {pass_}",
        "outline:\n    - I ask whether logging changed.\n    - Then I slice by platform.\n"
        "    - I look at what is special there.\n    - Meanwhile I fall back to last month's ranking.",
        "mistakes: [Retrains before looking., Stays in metrics and never decides.]",
        "follow_ups: ['What if only new users are affected?', 'Which query would you run first?']",
    )


_SOUND = _calculation("{caught: 40, all: 50}", "80")
_POINTS = (
    "must: Checks that the fall is real.",
    "Slices by three dimensions at least.",
    "Names stale training data as one cause.",
    "Names a safe step for the meantime.",
)
_GOOD = _rubric(_POINTS)

EXAMPLES: dict[str, Example] = {
    "N201": _gap(
        "Of all the fraud, a filter catches the share called its {{c1:recall}}.",
        "Of all the fraud, a filter catches the share called its {{c1::recall}}.",
    ),
    "N202": _gap(
        "Of all the fraud, a filter catches its {{c1::recall, and of its {{c2::alarms}}}} some are true.",
        "Of all the fraud, a filter catches its {{c1::recall}}, and of its {{c2::alarms}} some are true.",
    ),
    "N203": _gap(
        "Of all the fraud, a filter catches **the {{c1::share** called recall}}.",
        "Of all the fraud, a filter catches **the share** called {{c1::recall}}.",
    ),
    "N204": _gap(
        "Of all the fraud, a filter catches the share called its recall.",
        "Of all the fraud, a filter catches the share called its {{c1::recall}}.",
    ),
    "N205": _gap(
        "Of all the fraud, a filter catches the share called its {{c1::}}.",
        "Of all the fraud, a filter catches the share called its {{c1::recall}}.",
    ),
    "N206": _gap(
        "Of all the fraud, a filter catches its {{c1::recall}}, and of its {{c3::alarms}} some are true.",
        "Of all the fraud, a filter catches its {{c1::recall}}, and of its {{c2::alarms}} some are true.",
    ),
    "N207": _gap(
        "A prompt that greets its reader has a gap for that, written `{{c1::{{user}}}}`, which code fills.",
        "A prompt that greets its reader has a gap for that, written `{{c1::{ {user} } }}`, which code fills.",
    ),
    "N301": Example(_calculation("{caught: 40, all: 50}", "80", "100 * caught / total"), _SOUND, NOTES),
    "N302": Example(_calculation("{caught: 40, all: 50}", "85"), _SOUND, NOTES),
    "N303": Example(_calculation("{caught: 40, all: 50}", "80 %"), _SOUND, NOTES),
    "N401": Example(_row("[users, none, or few, some]"), _row("[users, 'none, or few', some]"), NOTES),
    "N501": Example(_rubric(_POINTS[:3]), _GOOD, NOTES),
    "N502": Example(_rubric((_POINTS[0].removeprefix("must: "), *_POINTS[1:])), _GOOD, NOTES),
    "N503": Example(_rubric(_POINTS, 5), _GOOD, NOTES),
}
