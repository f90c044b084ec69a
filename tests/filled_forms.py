"""Issue forms as GitHub renders them when somebody filled them in."""

from __future__ import annotations

from collections.abc import Mapping

from aipm_cards.issue_form import FIELDS, NO_ANSWER

PROMISES = next(field.promises for field in FIELDS if field.promises)
COMMON = {
    "topic": "T1",
    "title": "Classification: precision and recall",
    "url": "https://example.org/precision",
    "at": 'Section 2: "Recall"',
    "opened": "2026-11-20",
    "promises": "\n".join(f"- [X] {promise}" for promise in PROMISES),
}

# A form of every kind, whose note is sound.
FORMS: dict[str, dict[str, str]] = {
    "basic": {
        "question": "A filter flags 100 mails, of which 80 are spam.\n\nWhich share is its *precision*?",
        "answer": "80 %: what is flagged # and right.",
        "why": "Each false alarm is a lost invoice.",
        "further": "example: |\n  Of `100` mails, 20 were wanted.\ntags: [mail]\n",
    },
    "reversed": {
        "question": "false alarm",
        "answer": "A case that a filter flags though nothing is wrong with it.",
    },
    "cloze": {
        "question": "Of what a filter flags, the share that is right is its {{c1::precision::measure}}.",
        "further": "context: A spam filter",
    },
    "contrast": {
        "question": "Four of five alerts of a smoke detector were harmless: toast, mostly.",
        "answer": "The base is the alerts.",
        "further": (
            "a: precision\nb: recall\nsplit: Is the base what was flagged: or what is true?\nverdict: a\n"
            'rows:\n  - [base, "flagged, all", all fires]\n  - falls with | false alarms | misses'
        ),
    },
    "calculation": {
        "question": "A filter flags 100 mails; 80 are spam.",
        "answer": "80",
        "why": "One in five was wanted.",
        "further": (
            "ask: Precision in percent\nsteps:\n- 80 + 20 = 100 flagged\n- 80 / 100\n"
            'check: 100 * TP / (TP + FP)\nvalues: {TP: 80, FP: 20}\nunit: "%"'
        ),
    },
    "interview": {
        "question": "Precision fell overnight in one country. What do you do first?",
        "answer": "- I look at the logging.\n- Then the mails.\n- Then at the model.\n- I roll back if users suffer.",
        "why": "Order under pressure.",
        "further": (
            "round: EX\nminutes: 5\npass: 3\nrubric:\n- must: Names logging: as a first suspect\n- Names the mix\n"
            "- Names a rollback\n- Gives a time\nmistakes:\n- Retrains at once.\n- Blames 'the model'.\n"
            'follow_ups: [And at night?, "Whom, then, do you call?"]'
        ),
    },
    "scenario": {
        "question": "A filter sends mails of one language to spam twice as often.",
        "answer": "Loosen the threshold there.",
        "why": "The harm is known, and the loss is small.",
        "further": (
            "question: What do you change\nfor that language now?\n\n"
            "stakeholders:\nSenders of that language\nTheir customers\nThe abuse team\n"
            "options:\n- name: loosen\n  gain: fair: at once\n  harm: more spam\n- wait | no spam more | mails lost\n"
            "- {name: stop, gain: no loss, harm: all the spam}\n"
            "unless: Spam there doubles.\nrubric:\n- must: Names those who lose mails\n- Names a measure\n"
            "- Sets a date\npass: 2\nlaws:\n- European Union | Digital Services Act: reasons | 2026-11-20"
        ),
    },
}


def filled(kind: str, answers: Mapping[str, str] | None = None, without: str = "") -> str:
    """The text of an issue: a filled form of a kind, some answers of which are given."""
    given = {"kind": kind, **COMMON, **(FORMS[kind] if answers is None else answers)}
    if "further" in given:
        given["further"] = f"```yaml\n{given['further']}\n```"
    parts = [f"### {field.label}\n\n{given.get(field.id) or NO_ANSWER}" for field in FIELDS if field.id != without]
    return "\n\n".join(parts) + "\n"
