"""What people mistype, as they type it: `check` and the schemas see each, and see nothing without it."""

from __future__ import annotations

import pytest

from tests.content.reading import deck
from tests.schema.reading import as_values, complaints

BASIC = """\
deck: Slips
notes:
  - id: a-slip
    tier: 1
    front: What does a miss cost?
    back: The fraud.
    as_of: 2026-11-20
    sources: [page]
"""
CLOZE = """\
deck: Slips
kind: cloze
notes:
  - id: a-gap
    text: |
      A miss costs {{c1::the fraud}}.
"""
CONTRAST = """\
deck: Slips
notes:
  - id: a-contrast
    kind: contrast
    a: precision
    b: recall
    split: the base
    rows:
      - [base, flagged, true]
    case: Four of five alerts are harmless.
    verdict: a
    reason: The base is the alerts.
"""
CALCULATION = """\
deck: Slips
notes:
  - id: a-sum
    kind: calculation
    given: 90 hits, 10 misses.
    ask: Recall in percent
    values: {TP: 90}
    steps:
      - 90 of 100
    answer: 90
    unit: '%'
    check: 100 * TP / (TP + 10)
"""
INTERVIEW = """\
deck: Slips
notes:
  - id: a-talk
    kind: interview
    prompt: Clicks fell. What now?
    round: EX
    minutes: 10
    rubric:
      - must: Asks where.
      - Asks when.
      - Names logging.
      - Names the world.
    pass: 3
    outline: [Where first.]
    mistakes: [Retrains.]
    follow_ups: [And then?]
"""
SCENARIO = """\
deck: Slips
notes:
  - id: a-case
    kind: scenario
    situation: A model misreads one district.
    question: Stop it?
    stakeholders: [tenants]
    options:
      - {name: stop, gain: no harm, harm: delay}
      - {name: go on, gain: speed, harm: some are refused}
    recommend: Stop.
    because: It can be undone.
    unless: Nobody is refused.
    laws:
      - {jurisdiction: EU, law: GDPR, as_of: 2026-11-20}
    rubric:
      - must: Names the tenants.
      - Names a date.
      - Names an owner.
    pass: 2
"""
WHOLE = (BASIC, CLOZE, CONTRAST, CALCULATION, INTERVIEW, SCENARIO)
SLIPS = [
    (BASIC, "front:", "Front:"),
    (BASIC, "back:", "answer:"),
    (BASIC, "    front: What does a miss cost?\n", ""),
    (BASIC, "front: What does a miss cost?", "front:"),
    (BASIC, "back: The fraud.", "back: [The fraud.]"),
    (BASIC, "id: a-slip", "id: A slip"),
    (BASIC, "id: a-slip", "id: a_slip"),
    (BASIC, "tier: 1", "tier: high"),
    (BASIC, "tier: 1", "tier: 4"),
    (BASIC, "tier: 1", "tier: '4'"),
    (BASIC, "2026-11-20", "20.11.2026"),
    (BASIC, "2026-11-20", "2026-11"),
    (BASIC, "2026-11-20", "2026-02-30"),
    (BASIC, "[page]", "https://example.org"),
    (BASIC, "[page]", "{page: 3}"),
    (BASIC, "deck: Slips", "deck: Slips::::Two"),
    (BASIC, "deck: Slips", "deck: Slips\nid: slips"),
    (BASIC, "deck: Slips\n", ""),
    (BASIC, "notes:", "cards:"),
    (BASIC, "deck: Slips", "deck: Slips\nkind: interview"),
    (CLOZE, "{{c1::the fraud}}", "{{the fraud}}"),
    (CLOZE, "{{c1::", "{{c1:"),
    (CLOZE, "{{c1::", "{{c0::"),
    (CLOZE, "{{c1::the fraud}}", "{{c1::the fraud}"),
    (CLOZE, "{{c1::the fraud}}", "{{c1::}}"),
    (CONTRAST, "verdict: a", "verdict: precision"),
    (CONTRAST, "[base, flagged, true]", "[flagged, true]"),
    (CONTRAST, "- [base, flagged, true]", "- base"),
    (CALCULATION, "answer: 90", "answer: 90 %"),
    (CALCULATION, "answer: 90", "answer: about 90"),
    (CALCULATION, "100 * TP", "100 % TP"),
    (CALCULATION, "100 * TP / (TP + 10)", "90 %"),
    (CALCULATION, "{TP: 90}", "{TP: ninety}"),
    (CALCULATION, "{TP: 90}", "{true positives: 90}"),
    (INTERVIEW, "round: EX", "round: Execution"),
    (INTERVIEW, "minutes: 10", "minutes: 10 min"),
    (INTERVIEW, "- must: Asks where.", "- Asks where."),
    (INTERVIEW, "      - Names the world.\n", ""),
    (INTERVIEW, "pass: 3", "pass: 5"),
    (INTERVIEW, "follow_ups:", "followups:"),
    (SCENARIO, ", harm: delay}", "}"),
    (SCENARIO, "{name: stop, gain: no harm, harm: delay}", "stop"),
    (SCENARIO, "{jurisdiction: EU, law: GDPR, as_of: 2026-11-20}", "GDPR"),
    (SCENARIO, "pass: 2", "pass: all"),
]


def verdicts(text: str) -> tuple[bool, bool]:
    """Whether `check` and whether the schema takes a deck file."""
    found = deck(text, sources=("page",)).findings.found
    return not any(problem.severity == "error" for problem in found), not complaints(as_values(text))


@pytest.mark.parametrize("text", WHOLE)
def test_without_a_slip_all_is_well(text: str) -> None:
    assert verdicts(text) == (True, True)


@pytest.mark.parametrize(("text", "meant", "typed"), SLIPS)
def test_a_slip_is_seen(text: str, meant: str, typed: str) -> None:
    assert meant in text
    assert verdicts(text.replace(meant, typed, 1)) == (False, False)
