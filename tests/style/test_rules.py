"""What the rules find and what they let pass: most of these sentences stood in real cards."""

from __future__ import annotations

from pathlib import Path

import pytest

from aipm_cards.content.examine import examine
from aipm_cards.diagnostics import STYLE
from tests.style.writing import COLLECTION, TODAY, codes, findings, write


def basic(front: str = "What does a smoke detector's false alarm cost?", back: str = "Sleep.", more: str = "") -> str:
    return f"front: |\n  {front}\nback: |\n  {back}\n{more}"


def cloze(text: str, context: str = "A team and its launch") -> str:
    return f"kind: cloze\ncontext: |\n  {context}\ntext: |\n  {text}\n"


FRONTS = {
    # S102
    "Does a canary release limit harm?": ["S102"],
    "A bank scores loans. Should its team keep the old rule as a fallback?": ["S102"],
    "If a model drifts, can a new threshold help?": ["S102"],
    "So is recall the same as sensitivity?": ["S102"],
    "What do users lose, time or trust?": ["S102"],
    "Which check or test would have shown the fault first?": [],
    "An editor asks: \"Is it safe?\" What do you ask back?": [],
    "Can it be used? That is what sales asks. Which figure answers them?": ["S105", "S103"],
    "When do you salt a steak, before or after frying?": ["S102"],
    # S103
    "Where does glycolysis take place and which sugar does it start from?": ["S103"],
    "What does drift do, and how do you see it?": ["S103"],
    "What falls, and by how much does it fall each week?": ["S103"],
    "What does a team gain when it asks \"why?\" and \"for whom?\" before it builds?": [],
    # S104
    "What are the causes of drift?": ["S104"],
    "Name the parts of an eval.": ["S104"],
    "What are the three parts of an eval?": [],
    "What are the five patterns of a workflow?": ["S104"],
    "Which two costs set a threshold?": [],
    "Which ingredients make a roux?": [],
    # S105
    "Why can't he claim his money back?": ["S105"],
    "What does this function return for an empty list?": ["S105"],
    "How long does it take to train a tree?": [],
    "When its window fills up, an agent writes a summary. What may be lost?": [],
    "Which of its duties does a bank keep?": [],
    "This falls as the threshold rises. What is it?": ["S105"],
    "Those who flag most cases: what do they risk?": ["S105"],
    "Thisbe, a shop, flags half of all orders. What rises?": [],
    # S106
    "Which share of calls do the latest models answer?": ["S106"],
    "What do users currently expect of a search box?": ["S106"],
    "By when at the latest must a bank answer?": [],
    "Which step can bring variety this week?": [],
    "What do new users lack that a recommender needs?": [],
    "What is the minimum wage in Germany now?": ["S106"],
    "What does the current in a wire do to a needle?": [],
    # S107
    "Umami": ["S107"],
    "What should a manager keep in mind about data?": ["S107"],
    "Describe a feedback loop.": ["S107"],
    "A model describes itself. Which claim do you check first?": [],
    # S108
    "All of the above scores rose. What fell?": ["S108"],
    "Meat browns because of the ____ reaction.": ["S108"],
    "The complexity of a search: (a) linear (b) logarithmic": ["S108"],
    # S109
    "What does copyright not protect?": ["S109"],
    "Which status says that a page is gone for good, rather than just not found?": [],
    "What is NOT part of a test set?": ["S109"],
    "Downvotes halve. Which counter-metric would not be fooled by a hidden button?": [],
    "Every slice rose except one. What do you look at first?": [],
    "Which of its duties does a bank keep, except for reporting?": ["S109"],
}  # fmt: skip


@pytest.mark.parametrize(("front", "expected"), FRONTS.items())
def test_questions(front: str, expected: list[str], tmp_path: Path) -> None:
    assert sorted(codes(tmp_path, basic(front=front, back="Something else entirely."))) == sorted(expected)


BACKS = {
    "A shop, a bank, a school and a clinic.": ["S202"],
    "Users, agents, buyers, owners.": ["S202"],
    "- one\n  - two\n  - three\n  - four": ["S202"],
    "- one\n  - two\n  - three": [],
    "Data, code and people.": [],
    "Below a limit enforced in code, orders pass and are logged; above it, a person approves them.": [],
    "Earlier, when data and labels are chosen; later, at set intervals while the system runs.": [],
    "The vendor's copies break it. Agree on shorter storage, or none, with the vendor, or promise less.": [],
    "1) offer 2) acceptance 3) consideration 4) capacity": ["S202"],
    "It depends.": ["S204"],
    "It depends on the use case.": ["S204"],
    "That varies a lot.": ["S204"],
    "It ensures that no bug is left.": [],
    "It depends on the cost of a miss.": [],
    "It guarantees a right answer.": ["S205"],
    "No guardrail guarantees a right answer.": [],
    "About 92 in a hundred prove right.": [],
    " ".join(["word"] * 31): ["S201"],
    " ".join(["word"] * 30): [],
}


@pytest.mark.parametrize(("back", "expected"), BACKS.items())
def test_answers(back: str, expected: list[str], tmp_path: Path) -> None:
    assert codes(tmp_path, basic(back=back)) == expected


def test_a_list_that_is_asked_for_by_a_plural(tmp_path: Path) -> None:
    front = "Which ingredients go into a roux for a sauce?"
    assert codes(tmp_path, basic(front, "Butter, flour and milk.")) == ["S104"]
    assert codes(tmp_path, basic(front.replace("Which", "Which three"), "Butter, flour and milk.")) == []
    assert codes(tmp_path, basic(front, "Butter.")) == []


def test_an_answer_of_one_word_in_the_question(tmp_path: Path) -> None:
    assert codes(tmp_path, basic("In which city was the Congress of Vienna held?", "Vienna.")) == ["S203"]
    assert codes(tmp_path, basic("Oil and vinegar part. Which of them lies on top?", "Oil.")) == []


def test_kin_of_a_term_in_its_definition(tmp_path: Path) -> None:
    note = "kind: reversed\nterm: parasitism\ndefinition: When a parasite lives at the cost of another being.\n"
    assert codes(tmp_path, note) == ["S302"]


def test_an_answer_given_away_by_most_of_its_words(tmp_path: Path) -> None:
    front = "Which of a filter's alerts waste a moderator's time?"
    assert codes(tmp_path, basic(front, "Alerts that waste time.")) == ["S203"]
    assert codes(tmp_path, basic(front, "Those about harmless posts.")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The {{c1::launch}} goes on until the limit that was written down is met.", ["S304"]),
        ("A rollout stops {{c1::at}} the limit that was written down before it began.", ["S304"]),
        ("A {{c1::stop rule}} ends a rollout early; a {{c2::stop rule}} is written down first.", ["S304"]),
        ("A {{c1::stop rule}} ends a rollout early, and its {{c2::owner}} may use it alone.", []),
        ("The rule holds from {{c1::2 August 2026}} on, and not a day before that.", ["S402", "S305"]),
        ("It found {{c1::80 %}} of all the forged notes in the large trial of spring.", ["S305"]),
        ("Of {{c1::a}} rollout.", ["S303", "S304"]),
        ("The Bastille was stormed in {{c1::July 1789::month and year}}.", []),
        ("A woman is born with {{c1::twenty-three}} pairs of these threads in each cell.", ["S305"]),
        ("The area of a circle is \\(\\pi {{c1::r^2}}\\), whatever its size may be.", []),
        ("Bacteria that ferment milk to yoghurt live by {{c1::fermentation}} alone.", ["S304"]),
        ("The burden of proof lies with the {{c1::prosecution::prosecution or defence}} here.", ["S304"]),
    ],
)  # fmt: skip
def test_gaps(text: str, expected: list[str], tmp_path: Path) -> None:
    assert sorted(codes(tmp_path, cloze(text))) == sorted(expected)


FORMS = {
    "The GPU is rented.": ["S501"],
    "The graphics processing unit (GPU) is rented.": [],
    "The chip that draws pictures (GPU) is rented.": [],
    "A GPU is a chip that draws pictures.": [],
    "A GPU and a TPU differ.": ["S501", "S501"],
    "AI is known here, and AI's short form too.": [],
    "The rule is 45 CFR 160.103.": [],
    "The area under the ROC curve (AUC) rose.": ["S501"],
    "Part III is long.": [],
    "Write `SQL` in code and \\(MSE\\) in maths.": [],
    "It is NOT so.": [],
}


@pytest.mark.parametrize(("why", "expected"), FORMS.items())
def test_short_forms(why: str, expected: list[str], tmp_path: Path) -> None:
    assert codes(tmp_path, basic(more=f"why: |\n  {why}\n")) == expected


def test_names_of_a_calculation_are_given(tmp_path: Path) -> None:
    note = (
        "kind: calculation\ngiven: TP is 8 and FP is 2.\nask: Precision\nvalues: {TP: 8, FP: 2}\n"
        "steps: [TP / 10]\nanswer: 0.8\ncheck: TP / (TP + FP)\n"
    )
    assert codes(tmp_path, note) == []


DATES = {
    "why: |\n  The rules of 2025 ask for it.\n": ["S402"],
    "why: |\n  The rules of 2025 ask for it.\nas_of: 2026-01-01\n": ["S402"],
    "why: |\n  The rules of 2025 ask for it.\nas_of: 2026-01-01\nreview_by: 2099-01-01\n": [],
    "why: |\n  It costs 2026 euros or €2025.\n": ["S402"],
    "why: |\n  A lot of 2,025 parcels.\n": [],
    "why: |\n  Version 3 has it.\n": ["S402"],
    "review_by: 2026-11-28\n": ["S403"],
    "review_by: 2026-11-29\n": [],
    "as_of: 2027-01-01\nreview_by: 2027-01-01\n": ["S404"],
}


@pytest.mark.parametrize(("more", "expected"), DATES.items())
def test_dates(more: str, expected: list[str], tmp_path: Path) -> None:
    assert codes(tmp_path, basic(more=more)) == expected


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        ("The error rate fell by 12%.", ["S405"]),
        ("The error rate fell by 12 points.", []),
        ("The error rate fell by 12% relative.", []),
        ("Clicks rose by 14%, and the share of readers who stay did not.", []),
        ("Prices rose by 9%.", []),
    ],
)
def test_percent_or_points(why: str, expected: list[str], tmp_path: Path) -> None:
    assert codes(tmp_path, basic(more=f"why: |\n  {why}\n")) == expected


def test_words_of_advertising_may_be_quoted(tmp_path: Path) -> None:
    assert codes(tmp_path, basic(more="why: |\n  A seamless plan.\n")) == ["S502"]
    assert codes(tmp_path, basic(more='why: |\n  Nobody can test a "seamless" plan.\n')) == []
    assert codes(tmp_path, basic(more="why: |\n  A phone unlocks when it sees its owner.\n")) == []


# --- between notes -------------------------------------------------------------------------

ONE = basic("Which costs does a fraud team weigh before it sets a threshold?", "Those of a miss and of a false alarm.")
REWORDED = basic(
    "Before setting a threshold, which costs do fraud teams weigh?", "Those of false alarms and of misses."
)
OTHER = basic(
    "Which costs does a fraud team weigh before it sets a threshold?", "Salaries, which nobody had planned for."
)


def test_the_later_of_two_is_named(tmp_path: Path) -> None:
    (problem,) = findings(tmp_path, ONE, REWORDED)
    assert (problem.code, problem.line) == ("S601", 9)
    assert "'note-1'" in problem.message


def test_the_same_question_with_another_answer(tmp_path: Path) -> None:
    assert codes(tmp_path, ONE, OTHER) == ["S601"]


def test_opposites_are_no_duplicates(tmp_path: Path) -> None:
    inward = basic("Which ion flows into a nerve cell at the start of an action potential?", "Sodium.")
    outward = basic("Which ion flows out of a nerve cell at the end of an action potential?", "Potassium.")
    assert codes(tmp_path, inward, outward) == []
    assert codes(tmp_path, inward, outward.replace("Potassium", "Sodium")) == ["S601"]


def test_short_notes_are_alike_by_chance(tmp_path: Path) -> None:
    assert (
        codes(
            tmp_path, basic("What does a low recall mean?", "Misses."), basic("What does a low recall mean?", "Harm.")
        )
        == []
    )


def test_a_retired_note_asks_nothing_any_more(tmp_path: Path) -> None:
    assert codes(tmp_path, ONE, REWORDED + "retired: asked twice\n") == []


def test_a_note_may_say_why_both_stay(tmp_path: Path) -> None:
    assert codes(tmp_path, ONE, REWORDED + "allow: {S601: one is asked in interviews}\n") == []
    assert codes(tmp_path, ONE + "allow: {S601: one is asked in interviews}\n") == ["S901"]


def test_a_contrast_may_say_more_of_each_term(tmp_path: Path) -> None:
    precision, recall = (
        basic("Which measure do false alarms hurt?", "Precision."),
        basic("Which one do misses hurt?", "Recall."),
    )
    assert codes(tmp_path, precision, recall) == ["S602"]
    contrast = (
        "kind: contrast\na: recall (sensitivity)\nb: precision at 100\nsplit: Is the base what is true?\n"
        "case: Half of all fraud slips through.\nverdict: a\nreason: The base is all fraud.\n"
    )
    assert codes(tmp_path, precision, recall, contrast) == []


# --- what a collection and a note say ------------------------------------------------------


def test_a_rule_can_be_switched_off(tmp_path: Path) -> None:
    collection = COLLECTION + "  off: [S102]\n"
    assert codes(tmp_path, basic("Is a beep dear?"), collection=collection) == []
    assert codes(tmp_path, basic("Is a beep dear?", more="allow: {S102: x}\n"), collection=collection) == ["S901"]


def test_a_note_may_break_a_rule_if_it_says_why(tmp_path: Path) -> None:
    assert codes(tmp_path, basic("Is a beep dear?", more="allow: {S102: 'a quiz asks so'}\n")) == []


@pytest.mark.parametrize(
    ("allow", "code"),
    [
        ("allow: {S999: x}\n", "D104"),
        ("allow: {N204: x}\n", "D104"),
        ("allow: {S403: x}\n", "D104"),
        ("allow: {S102: }\n", "D102"),
        ("allow: [S102]\n", "D103"),
        ("allow: S102\n", "D103"),
    ],
)
def test_an_exception_that_is_none(allow: str, code: str, tmp_path: Path) -> None:
    assert codes(tmp_path, basic("Is a beep dear?", more=allow)) == [code]


@pytest.mark.parametrize(
    ("style", "code"),
    [
        ("style: strict\n", "D103"),
        ("style: {of: [S102]}\n", "D101"),
        ("style: {off: [S999]}\n", "D104"),
        ("style: {off: [N204]}\n", "D104"),
        ("style: {confusable: [precision]}\n", "D103"),
        ("style: {confusable: precision}\n", "D103"),
        ("style: {confusable: [[a, b, c]]}\n", "D103"),
        ("style: {short_forms: {AI: x}}\n", "Y204"),
        ("style: {off: S102}\n", ""),
        ("style:\n", ""),
    ],
)
def test_a_style_that_is_none(style: str, code: str, tmp_path: Path) -> None:
    collection = "format: 1\nname: X\nnamespace: examples\n" + style
    assert codes(tmp_path, basic(), collection=collection) == ([code] if code else [])


@pytest.mark.parametrize(
    ("code", "said"),
    [
        *(("S502", words) for words in (
            "leverage", "Leveraging", "unlock value", "a game-changer", "Seamlessly", "cutting edge",
            "in today's world", "in today’s world", "fast-paced", "delving", "empowers", "revolutionise", "synergy",
            "best-in-class", "World-class", "next gen", "a paradigm shift", "supercharged", "holistic", "Crucially",
            "a robust solution",
            "groundbreaking", "unleashed", "next-level", "effortlessly")),
        *(("S503", words) for words in (
            "TODO", "TBD", "(tbd)", "FIXME", "XXX", "???", "Lorem ipsum", "citation needed", "note to self",
            "(not sure)", "Source?", "[add page]")),
        *(("S402", words) for words in ("in 2019", "since 2026", "Version 3.1", "release 4", "the second edition 2")),
    ],
)  # fmt: skip
def test_every_phrase_is_found_by_the_part_it_holds(code: str, said: str, tmp_path: Path) -> None:
    assert codes(tmp_path, basic(more=f"why: |\n  The team said {said} here.\n")) == [code]


def test_a_rule_that_does_not_exist_is_not_switched_off(tmp_path: Path) -> None:
    write(tmp_path, [basic()], COLLECTION + "  off: [S999, S102]\n")
    collection, problems = examine(tmp_path)
    assert [problem.code for problem in problems] == ["D104"]
    assert collection.style.off == {"S102"}


def test_another_language_has_other_words(tmp_path: Path) -> None:
    german = "format: 1\nname: X\nnamespace: examples\nlanguage: de\n"
    assert codes(tmp_path, basic("Is das so? Will er das?"), collection=german) == []
    assert codes(tmp_path, basic(back=" ".join(["Wort"] * 31)), collection=german) == ["S201"]
    assert codes(tmp_path, cloze("Sie sagt {{c1::was}} sie dazu denkt, und geht dann heim."), collection=german) == []
    pair = "kind: reversed\nterm: Parasitismus\ndefinition: Ein Parasit lebt auf Kosten anderer.\n"
    assert codes(tmp_path, pair, collection=german) == []


def test_a_finding_stands_at_its_words(tmp_path: Path) -> None:
    (problem,) = findings(tmp_path, basic(more="why: |\n  First a line,\n  then a GPU.\n"))
    assert problem.excerpt[problem.column - 1 :] == "GPU."
    (problem,) = findings(tmp_path, basic("Within what does it lie for so long a time?"))
    assert problem.excerpt[problem.column - 1 :].startswith("it lie")
    (problem,) = findings(tmp_path, basic(back=" ".join(["word"] * 31)))
    assert problem.excerpt.strip().startswith("word word")
    assert problem.column == 7


def test_words_beside_a_picture_are_not_read_with_the_question(tmp_path: Path) -> None:
    write(tmp_path, [basic(front=f"Which error is dearer?\n\n  ![{'words ' * 50}](media/x.svg)", back="A miss.")])
    (tmp_path / "media").mkdir()
    (tmp_path / "media/x.svg").write_text("<svg/>", encoding="utf-8")
    assert examine(tmp_path, today=TODAY)[1] == []


def test_a_collection_may_switch_all_rules_off(tmp_path: Path) -> None:
    collection = COLLECTION + f"  off: [{', '.join(STYLE)}]\n"
    assert codes(tmp_path, basic("Is it so, or not? Is it?"), collection=collection) == []
