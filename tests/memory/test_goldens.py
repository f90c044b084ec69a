"""Schedules that are kept: a change of the scheduler, or of the package below it, shows here.

`python -m tests.memory.test_goldens` writes them anew. What changed in them changes for learners:
raise `VERSION` of the scheduler with it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from aipm_cards.memory.days import DAY_MS, Moment, date_of, learner_day
from aipm_cards.memory.scheduler import VERSION, Memory, Outcome, State, outcomes
from aipm_cards.memory.settings import Preset
from aipm_cards.model import Rating
from tests.memory.recorded import START
from tests.memory.scenarios import FITTED

GOLDENS = Path(__file__).parent / "goldens"
BEGIN = 1_789_978_380_000  # 2026-09-21, 08:13 UTC
PLACES = 6  # of stability and difficulty: more would differ between machines


class Golden(NamedTuple):
    """A card: how it is set, what is answered, and where (by turns)."""

    preset: Preset
    ratings: str
    zones: tuple[str, ...] = ("Asia/Kolkata",)  # no clock changes, which law may change in years to come
    late: tuple[int, ...] = (0,)  # days after it was due, by turns
    seed: str = ""


KEPT = {
    "defaults": Golden(Preset(), "3333233413333"),
    "lapses": Golden(Preset(), "13313313331313"),
    "fuzz": Golden(Preset(), "33333333233413333", seed="small-cards:note/0"),
    "fuzz-97": Golden(Preset(desired_retention=0.97), "4333323331333", seed="other"),
    "fitted": Golden(Preset(parameters=FITTED, desired_retention=0.8), "2333143332333"),
    "late-and-early": Golden(Preset(), "333333333333", late=(0, 3, -1, 40, -2, 0, 7)),
    "no-steps": Golden(Preset(learning_steps=(), relearning_steps=()), "1213341133"),
    "many-steps": Golden(Preset(learning_steps=(60, 600, 86_400), relearning_steps=(600, 43_200)), "32133312333214333"),
    "at-most-30-days": Golden(Preset(maximum_interval=30), "4333334233", seed="thirty"),
    "travel": Golden(
        Preset(), "333323331333", ("Africa/Lagos", "America/Bogota", "Asia/Tokyo", "Pacific/Honolulu"), seed="away"
    ),
}


def shown(outcome: Outcome, now: Moment) -> dict[str, Any]:
    """What a rating leads to, in terms that a person can check."""
    memory = outcome.memory
    found: dict[str, Any] = {
        "state": memory.state.name.lower(),
        "step": memory.step,
        "stability": round(memory.stability, PLACES),
        "difficulty": round(memory.difficulty, PLACES),
    }
    if memory.state is State.REVIEW:
        return {**found, "days": memory.interval, "due": str(date_of(outcome.due_day))}
    return {**found, "seconds": (outcome.due - now.ms) / 1000, "due": str(date_of(outcome.due_day))}


def schedule(golden: Golden) -> dict[str, Any]:
    """Every answer of a golden, with what each rating would have led to."""
    memory, ms, answers = Memory(), BEGIN, []
    for number, digit in enumerate(golden.ratings):
        rating = Rating(int(digit))
        now = Moment(ms, golden.zones[number % len(golden.zones)])
        seed = f"{golden.seed}/{number}" if golden.seed else ""
        found = outcomes(memory, now, golden.preset, START, seed)
        answers.append(
            {
                "at": now.local.isoformat(),
                "rating": rating.name.capitalize(),
                "choices": {choice.name.capitalize(): shown(outcome, now) for choice, outcome in found.items()},
            }
        )
        memory = found[rating].memory
        days = found[rating].due_day - learner_day(now, START) + golden.late[number % len(golden.late)]
        ms = ms + max(1, days) * DAY_MS + 3_600_000 if memory.state is State.REVIEW else found[rating].due
    return {"scheduler": VERSION, "answers": answers}


def written(golden: Golden) -> str:
    """A golden as JSON, a line for each rating."""
    whole = schedule(golden)
    lines = [f'{{"scheduler": {json.dumps(whole["scheduler"])}, "answers": [']
    for number, answer in enumerate(whole["answers"]):
        choices = ",\n".join(f"    {json.dumps(name)}: {json.dumps(to)}" for name, to in answer["choices"].items())
        end = "," if number + 1 < len(whole["answers"]) else ""
        head = f'  {{"at": {json.dumps(answer["at"])}, "rating": {json.dumps(answer["rating"])}, "choices": {{'
        lines.append(f"{head}\n{choices}}}}}{end}")
    return "\n".join((*lines, "]}", ""))


@pytest.mark.parametrize("name", KEPT)
def test_the_schedule_is_the_one_that_is_kept(name: str) -> None:
    assert (GOLDENS / f"{name}.json").read_text(encoding="utf-8") == written(KEPT[name])


def test_no_golden_is_left_over() -> None:
    assert {path.stem for path in GOLDENS.iterdir()} == set(KEPT)


def test_goldens_have_something_of_everything() -> None:
    wholes = [json.loads((GOLDENS / f"{name}.json").read_text(encoding="utf-8")) for name in KEPT]
    choices = [to for whole in wholes for answer in whole["answers"] for to in answer["choices"].values()]
    assert {to["state"] for to in choices} == {"learning", "review", "relearning"}
    assert len({to.get("days") for to in choices}) > 100
    assert len({answer["at"][-6:] for whole in wholes for answer in whole["answers"]}) >= 5


def main() -> None:
    """Write all of them."""
    GOLDENS.mkdir(exist_ok=True)
    for name, golden in KEPT.items():
        (GOLDENS / f"{name}.json").write_text(written(golden), encoding="utf-8")


if __name__ == "__main__":
    main()
