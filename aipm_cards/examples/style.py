"""Examples of the rules about style, and the table of them in the documentation."""

from __future__ import annotations

from aipm_cards.diagnostics import RULES
from aipm_cards.examples.example import Example

_INTERVIEW = """\
kind: interview
prompt: Clicks fell by a tenth and nobody shipped anything. Walk me through it.
round: EX
minutes: 8
rubric:
  - must: Checks that the fall is real before explaining it.
  - Slices by three dimensions at least.
  - {point}
  - Names a safe step for the meantime.
pass: 3
outline:
  - First I ask whether logging changed that week.
  - Then I slice by platform, country and new against old users.
  - If one slice carries it, I look at what is special there.
  - Meanwhile I would fall back to last month's ranking on that slice.
mistakes: {mistakes}
follow_ups: [What if only new users are affected?, Which query would you run first?]
"""
_SCENARIO = """\
kind: scenario
situation: A shop's model holds back orders from streets with many returns. One driver's street is among them.
question: What do you do before the next sale?
stakeholders: [shoppers, drivers, neighbours who never returned a thing]
options:
  - {{name: keep it, gain: fewer losses, harm: honest streets wait}}
  - {{name: hold by account, gain: fairer, harm: more fraud at first}}
{option}recommend: Hold by account, and let people appeal.
because: The street says little about the person.
unless: Fraud rings share one address.
rubric:
  - must: Names someone who never returned a thing.
  - Limits the harm before the sale.
  - Says what would change the decision.
pass: 2
"""
_GOOD_POINT = "Names stale training data as one cause."
_THIRD_OPTION = "  - {name: stop the model, gain: no more harm, harm: losses until the sale}\n"
_MISTAKES = "[Retrains before looking., Stays in metrics and never decides.]"

EXAMPLES: dict[str, Example] = {
    "S101": Example(
        "front: "
        + "A bank's chat assistant answers questions about cards, loans, savings and branch hours in four languages, was "
        "launched in spring after a long trial with two hundred staff, and has since closed three tickets in four. "
        "Which figure tells whether those tickets were resolved?\n"
        "back: The share of customers who did not come back about the same matter.\n",
        "front: A bank's assistant closes three tickets in four. Which figure tells whether they were resolved?\n"
        "back: The share of customers who did not come back about the same matter.\n",
    ),
    "S102": Example(
        "front: Is a false alarm cheaper than a miss in a smoke detector?\nback: Usually, since a miss costs a house.\n",
        "front: What makes a false alarm the cheaper error in a smoke detector?\nback: A miss may cost a house, a beep only sleep.\n",
    ),
    "S103": Example(
        "front: What does a canary release limit, and how do you end one?\nback: The share of users who meet a fault.\n",
        "front: What does a canary release limit?\nback: The share of users who meet a fault.\n",
    ),
    "S104": Example(
        "front: List the reasons for a fall in clicks.\nback: Logging, the world, the model.\n",
        "front: Clicks fell overnight in one country only. Which cause do you rule out first?\n"
        "back: A change in the logging there.\n",
    ),
    "S105": Example(
        "front: It rises when the threshold falls. What is the name of the measure?\nback: Recall.\n",
        "front: Which measure of a spam filter can only rise when its threshold falls?\nback: Recall.\n",
    ),
    "S106": Example(
        "front: Which patience do users have with the latest chat assistants?\nback: A few seconds to the first word.\n",
        "front: How long do users of a chat assistant wait for its first word before they leave?\nback: A few seconds.\n",
    ),
    "S107": Example(
        "front: Explain drift.\nback: The world moves away from the training data.\n",
        "front: A model's inputs look as they did a year ago, yet its errors grow. What moved?\n"
        "back: The relation between inputs and the right answer.\n",
    ),
    "S108": Example(
        "front: Which of the following falls in a spam filter when its threshold rises?\nback: It catches less of the spam.\n",
        "front: What do the users of a spam filter lose as its threshold rises?\nback: Some of the true cases.\n",
    ),
    "S109": Example(
        "front: Which data does a test set NOT contain?\nback: Rows that the model was fitted to.\n",
        "front: Which rows must stay out of a test set?\nback: Those that the model was fitted to.\n",
    ),
    "S201": Example(
        "front: Why is a holdout of one percent kept for ever?\n"
        "back: It shows what would happen without the model at all, which no comparison of two models can show, and it "
        "keeps a source of labels that the model itself has not chosen, from which the next one learns.\n",
        "front: Why is a holdout of one percent kept for ever?\nback: It shows what would happen without the model.\n"
        "why: It also keeps labels that no model has chosen.\n",
    ),
    "S202": Example(
        "front: Whom does a wrong fraud block hurt?\nback: Shoppers, sellers, support staff, couriers.\n",
        "front: Who outside the firm waits when a parcel is wrongly blocked as fraud?\nback: The seller, for the money.\n",
    ),
    "S203": Example(
        "front: Which share of flagged payments that are fraud does a fraud team want to be high?\n"
        "back: The share of flagged payments that are fraud.\n",
        "front: A fraud team opens too many honest payments. Which share should rise?\n"
        "back: That of fraud among what was flagged.\n",
    ),
    "S204": Example(
        "front: How often should a demand forecast be retrained?\nback: It depends.\n",
        "front: What sets how often a demand forecast is retrained?\nback: How fast its error grows on fresh weeks.\n",
    ),
    "S205": Example(
        "front: What does retrieval do for invented answers?\nback: It eliminates them.\n",
        "front: What does retrieval do for invented answers?\nback: It makes them rarer, as far as the passages fit.\n",
    ),
    "S301": Example(
        "kind: reversed\nterm: the share of flagged cases that are right\ndefinition: Precision.\n",
        "kind: reversed\nterm: precision\ndefinition: Of the cases a filter flags, the share that it flags rightly.\n",
    ),
    "S302": Example(
        "kind: reversed\nterm: drift monitoring\ndefinition: Monitoring whether inputs drift away from the training data.\n",
        "kind: reversed\nterm: drift monitoring\n"
        "definition: Comparing live inputs with those that a model learned from, week by week.\n",
    ),
    "S303": Example(
        "kind: cloze\ntext: A launch needs {{c1::a written limit at which the team will stop the rollout}}.\n",
        "kind: cloze\ntext: Before a staged rollout begins, the team writes down its {{c1::stop rule}} and who may use it.\n",
    ),
    "S304": Example(
        "kind: cloze\ntext: Precision falls when false alarms grow, since {{c1::precision}} counts them in its base.\n",
        "kind: cloze\ntext: When false alarms grow, the measure that falls is {{c1::precision}}, whose base holds them.\n",
    ),
    "S305": Example(
        "kind: cloze\ntext: Of a hundred flagged payments in the example, the team found that {{c1::80}} were fraud.\n",
        "kind: cloze\ntext: Of a hundred flagged payments in the example, the team found that {{c1::80::how many}} were fraud.\n",
    ),
    "S306": Example(
        "kind: contrast\na: shadow run\nb: canary release\nsplit: Do users meet the new answers?\n"
        "rows:\n  - [users, 'see nothing at all of the new model, whose answers are only written to a log', see it]\n"
        "case: Answers are logged and thrown away.\nverdict: a\nreason: Nobody meets them.\n",
        "kind: contrast\na: shadow run\nb: canary release\nsplit: Do users meet the new answers?\n"
        "rows:\n  - [users, see nothing of it, a few see it]\n"
        "case: Answers are logged and thrown away.\nverdict: a\nreason: Nobody meets them.\n",
    ),
    "S307": Example(
        _INTERVIEW.format(
            point="Names stale training data as one possible cause and also says how it could be shown with a log of "
            "inputs from before and after.",
            mistakes=_MISTAKES,
        ),
        _INTERVIEW.format(point=_GOOD_POINT, mistakes=_MISTAKES),
    ),
    "S308": Example(
        _INTERVIEW.format(point="Shows deep insight into data.", mistakes=_MISTAKES),
        _INTERVIEW.format(point=_GOOD_POINT, mistakes=_MISTAKES),
    ),
    "S309": Example(
        _INTERVIEW.format(point=_GOOD_POINT, mistakes="[Retrains before looking.]"),
        _INTERVIEW.format(point=_GOOD_POINT, mistakes=_MISTAKES),
    ),
    "S310": Example(_SCENARIO.format(option=""), _SCENARIO.format(option=_THIRD_OPTION)),
    "S401": Example(
        "front: What does a smoke detector's false alarm cost?\nback: Sleep.\n",
        "front: What does a smoke detector's false alarm cost?\nback: Sleep.\nsources: [page]\n",
    ),
    "S402": Example(
        "front: Who may scrape a shop's prices?\nback: Whoever its terms of 2025 allow.\n",
        "front: Who may scrape a shop's prices?\nback: Whoever its terms of 2025 allow.\n"
        "as_of: 2025-03-01\nreview_by: 2099-03-01\n",
    ),
    "S403": Example(
        "front: What does a call to the small model cost?\nback: A tenth of a cent.\nas_of: 2025-03-01\nreview_by: 2025-09-01\n",
        "front: What does a call to the small model cost?\nback: A tenth of a cent.\nas_of: 2025-08-20\nreview_by: 2099-02-20\n",
    ),
    "S404": Example(
        "front: What does a call to the small model cost?\nback: A tenth of a cent.\nas_of: 2098-03-01\nreview_by: 2097-03-01\n",
        "front: What does a call to the small model cost?\nback: A tenth of a cent.\nas_of: 2097-03-01\nreview_by: 2098-03-01\n",
    ),
    "S405": Example(
        "front: What followed when the shop showed its stock?\nback: The return rate fell by 12%.\n",
        "front: What followed when the shop showed its stock?\nback: The return rate fell by 12% relative, from 25% to 22%.\n",
    ),
    "S501": Example(
        "front: Which of two search engines does a higher MRR favour?\nback: The one with the first hit nearer the top.\n",
        "front: Which of two search engines does a higher mean reciprocal rank (MRR) favour?\n"
        "back: The one with the first hit nearer the top.\n",
    ),
    "S502": Example(
        "front: What does a shared prompt prefix save?\nback: It unlocks the value of caching.\n",
        "front: What does a shared prompt prefix save?\nback: Most of the price of the input tokens in it.\n",
    ),
    "S503": Example(
        "front: What does a shared prompt prefix save?\nback: Most of its price (TODO check).\n",
        "front: What does a shared prompt prefix save?\nback: Most of its price.\n",
    ),
    "S601": Example(
        "front: Which costs does a fraud team weigh before it sets a threshold?\nback: Those of a miss and of a false alarm.\n"
        "---\n"
        "front: Before it sets a threshold, which costs does a fraud team weigh?\nback: Those of a false alarm and of a miss.\n",
        "front: Which costs does a fraud team weigh before it sets a threshold?\nback: Those of a miss and of a false alarm.\n"
        "---\n"
        "front: A blocked shopper leaves for good. Which error of the filter grew dearer?\nback: The false alarm.\n",
    ),
    "S602": Example(
        "front: Which measure suffers from false alarms?\nback: Precision.\n"
        "---\n"
        "front: Which measure suffers when fraud slips through?\nback: Recall.\n",
        "front: Which measure suffers from false alarms?\nback: Precision.\n"
        "---\n"
        "kind: contrast\na: precision\nb: recall\nsplit: Is the base what was flagged, or what is true?\n"
        "case: Four of five alerts are harmless.\nverdict: a\nreason: The base is the alerts.\n",
    ),
    "S901": Example(
        "front: What does a smoke detector's false alarm cost?\nback: Sleep.\nallow: {S201: the law's own words}\n",
        "front: What does a smoke detector's false alarm cost?\nback: Sleep.\n",
    ),
}  # fmt: skip


def examples_table() -> str:
    """All rules about style with their examples, as the Markdown table of CONTRIBUTING.md."""
    lines = ["| code | not so | but so |", "|---|---|---|"]
    for code, example in EXAMPLES.items():
        lines.append(f"| {code} {RULES[code].title} | {_cell(*_differing(example))} |")
    return "\n".join(lines)


def _differing(example: Example) -> tuple[list[str], list[str]]:
    """The lines of each that the other does not have; of short ones all."""
    wrong, right = example.wrong.splitlines(), example.right.splitlines()
    if len(wrong) < 6:
        return wrong, right
    return [line for line in wrong if line not in right], [line for line in right if line not in wrong]


def _cell(wrong: list[str], right: list[str]) -> str:
    return " | ".join("<br>".join(_code(line) for line in lines) or "(nothing)" for lines in (wrong, right))


def _code(line: str) -> str:
    line = line.strip().replace("|", "\\|")
    return "and" if line == "---" else f"`{line}`"
