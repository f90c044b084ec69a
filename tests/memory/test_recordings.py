"""The schedule against answers that the real Anki gave (`record_anki.py` recorded them).

Anki stores stability to 4 places and difficulty to 3, and works in 32-bit floats. So an answer is
first held against Anki's from the state that Anki had stored before it, where no more may differ
than that rounding; then whole histories, in which Anki's rounding adds up.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from aipm_cards.memory.days import DAY_MS, day_begins, learner_day
from aipm_cards.memory.scheduler import Memory, Outcome, State, days_until, fuzz_bounds, outcomes
from aipm_cards.memory.settings import DEFAULT_PARAMETERS, Preset
from tests.memory.record_anki import libfaketime
from tests.memory.recorded import RECORDINGS, START, Answer, Recording, ankis_days, recordings, rollover
from tests.memory.scenarios import DEFAULT, FILES

ALL = {recording.name: recording for recording in recordings()}
STATES = {"learning": State.LEARNING, "review": State.REVIEW, "relearning": State.RELEARNING}

# Half of the last place that Anki stores, and what 32-bit floats lose in one answer.
STABILITY_PLACES, DIFFICULTY_PLACES = 4, 3
ROUNDING, FLOATS = 0.5e-4, 2e-6
# What Anki's rounding adds up to in a whole history: a share of the stability (or this many days,
# where it is tiny), and of difficulty's ten points.
ADDED_UP, ADDED_UP_DAYS, ADDED_UP_DIFFICULTY = 1e-3, 2e-4, 3e-3

# Where Anki counts other days than the calendar, by scenario and answer (from 0), with both counts.
# It takes spans of 86,400 s back from its next 04:00, by the offset of the moment:
CLOCK, TRAVEL = "the clock changed since the last answer", "the zone changed since the last answer"
# ... and a span that ends in the first second of a day belongs to the day before.
SECOND = "the last answer came in the first second of a day"
OTHER_DAYS: dict[tuple[str, int], tuple[str, int, int]] = {
    ("from the last hour of a day, Europe/Berlin forward", 2): (CLOCK, 2, 1),
    ("just after the day starts, Europe/Berlin back", 2): (CLOCK, 1, 2),
    ("from the last hour of a day, America/New_York forward", 2): (CLOCK, 2, 1),
    ("just after the day starts, America/New_York back", 2): (CLOCK, 1, 2),
    ("just after the day starts, Australia/Lord_Howe back", 2): (CLOCK, 1, 2),
    ("from the last hour of a day, Australia/Lord_Howe forward", 2): (CLOCK, 2, 1),
    ("months across both changes", 4): (CLOCK, 50, 49),
    ("Berlin, New York, Tokyo, morning", 3): (TRAVEL, 1, 2),
    ("Berlin, New York, Tokyo, morning", 8): (TRAVEL, 1, 2),
    ("Berlin, New York, Tokyo, evening", 5): (TRAVEL, 3, 2),
    ("Berlin, New York, Tokyo, early", 3): (TRAVEL, 0, 1),
    ("Berlin, New York, Tokyo, early", 8): (TRAVEL, 0, 1),
    ("across the date line and back", 6): (TRAVEL, 2, 1),
    ("the widest change of zones", 2): (TRAVEL, 0, 1),
    ("the widest change of zones", 4): (TRAVEL, 1, 0),
    ("to and fro on one day", 3): (TRAVEL, 1, 0),
    ("to and fro on one day", 4): (TRAVEL, 0, 1),
    ("to and fro on one day", 5): (TRAVEL, 0, 1),
    ("a flight while relearning", 2): (TRAVEL, 0, 1),
    ("an hour that comes twice", 5): (SECOND, 0, 1),
    ("reviews around 04:00, Asia/Kathmandu", 4): (SECOND, 1, 2),
    ("reviews around 04:00, Asia/Kathmandu", 7): (SECOND, 0, 1),
    ("reviews around 04:00, Asia/Kathmandu", 10): (SECOND, 30, 31),
    ("reviews around 04:00, Asia/Kathmandu", 12): (SECOND, 1, 2),
    ("reviews around 04:00, Asia/Kolkata", 4): (SECOND, 1, 2),
    ("reviews around 04:00, Asia/Kolkata", 7): (SECOND, 0, 1),
    ("reviews around 04:00, Asia/Kolkata", 10): (SECOND, 30, 31),
    ("reviews around 04:00, Asia/Kolkata", 12): (SECOND, 1, 2),
    ("learned at 22:00, then at 04:00", 2): (SECOND, 7, 8),
    ("learned at 22:00, then at 04:00", 3): (SECOND, 34, 35),
    ("learned at 22:00, then at 04:00", 4): (SECOND, 1, 2),
    ("forgotten at 03:45, again 900 s later", 3): (SECOND, 0, 1),
    ("forgotten at 03:59, again 60 s later", 3): (SECOND, 0, 1),
    ("learning cards left for days", 5): (SECOND, 9, 10),
    ("learning cards left for days", 6): (SECOND, 0, 1),
    ("a flight while relearning", 5): (SECOND, 1, 2),
}

# A card without steps stays in learning in Anki while FSRS gives it under half a day; here it has
# left learning, and comes the next day.
NO_STEPS: dict[tuple[str, int], str] = {
    ("0 learning steps, 1", 0): "stays",
    ("0 learning steps, 1", 1): "stays",
    ("0 learning steps, 1", 2): "stays",
    ("0 relearning steps, 1", 2): "stays",
    ("0 relearning steps, 1", 3): "stays",
    ("0 relearning steps, 1", 4): "leaves",
}


def day_of(answer: Answer) -> int:
    return learner_day(answer.moment, START)


def our_days(last: Answer, now: Answer) -> int:
    return max(0, day_of(now) - day_of(last))


def pairs() -> Iterator[tuple[tuple[str, int], Answer, Answer]]:
    """Each answer with the one before it."""
    for recording in ALL.values():
        for index in range(1, len(recording.answers)):
            yield (recording.name, index), recording.answers[index - 1], recording.answers[index]


def as_anki_reads(preset: Preset) -> Preset:
    """Anki keeps steps as 32-bit minutes, and cuts off what is no whole second."""

    def seconds(step: int) -> int:
        (minutes,) = struct.unpack("f", struct.pack("f", step / 60))
        return int(struct.unpack("f", struct.pack("f", minutes * 60))[0])

    return replace(
        preset,
        learning_steps=tuple(map(seconds, preset.learning_steps)),
        relearning_steps=tuple(map(seconds, preset.relearning_steps)),
    )


# --- what was recorded -------------------------------------------------------------------------


def test_there_is_much_to_compare() -> None:
    answers = [answer for recording in ALL.values() for answer in recording.answers]
    assert len(ALL) == len(list(recordings()))
    assert len(ALL) >= 120
    assert len(answers) >= 950
    assert Counter(answer.rating for answer in answers).keys() == {1, 2, 3, 4}
    assert Counter(answer.by for answer in answers).keys() == {"queue", "grade", "filtered"}
    assert Counter(answer.kind for answer in answers).keys() == set(STATES)
    assert sum(answer.fuzz for answer in answers) < len(answers) / 8
    assert sum(path.stat().st_size for path in RECORDINGS.iterdir()) < 1_000_000


def test_the_recordings_are_of_the_scenarios() -> None:
    assert {path.stem for path in RECORDINGS.iterdir()} == set(FILES)
    scenarios = [scenario for of_file in FILES.values() for scenario in of_file()]
    assert {scenario.name for scenario in scenarios} == set(ALL)
    for scenario in scenarios:
        _, preset, answers = ALL[scenario.name]
        asked = "".join(word[0] for word in scenario.plan.split() if not word.startswith("tz:"))
        assert asked.startswith("".join(str(answer.rating) for answer in answers))
        for setting in ("desired_retention", "learning_steps", "relearning_steps", "maximum_interval", "parameters"):
            assert getattr(scenario, setting) == getattr(preset, setting)
    assert DEFAULT == DEFAULT_PARAMETERS


def test_who_records_is_told_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIBFAKETIME", "/nowhere/libfaketime.so.1")
    with pytest.raises(SystemExit, match=r"no libfaketime at /nowhere/libfaketime\.so\.1: install it"):
        libfaketime()


@pytest.mark.parametrize("name", ALL)
def test_we_know_ankis_next_day(name: str) -> None:
    for answer in ALL[name].answers:
        assert rollover(answer) == answer.next_day * 1000


# --- days --------------------------------------------------------------------------------------


def test_days_differ_where_it_is_listed_and_only_there() -> None:
    found = {
        key: (ours, ankis)
        for key, last, now in pairs()
        if (ours := our_days(last, now)) != (ankis := ankis_days(last, now))
    }
    assert found == {key: (ours, ankis) for key, (_, ours, ankis) in OTHER_DAYS.items()}


@pytest.mark.parametrize("key", OTHER_DAYS)
def test_why_days_differ(key: tuple[str, int]) -> None:
    name, index = key
    last, now = ALL[name].answers[index - 1 : index + 1]
    why, _, ankis = OTHER_DAYS[key]
    # Had the learner been at the offset of this answer all along, the calendar would count as Anki
    # does, but for a first second, which is still the day before ...
    until_then = last.ms - 1 + now.offset_ms - START * 60_000
    today = now.ms + now.offset_ms - START * 60_000
    assert ankis == max(0, today // DAY_MS - until_then // DAY_MS)
    if why == SECOND:
        assert (last.zone, last.offset_ms) == (now.zone, now.offset_ms)
        assert last.ms - day_begins(day_of(last), last.zone, START) < 1000
    else:  # ... and it was not.
        assert last.offset_ms != now.offset_ms
        assert (why == TRAVEL) == (last.zone != now.zone)
    # It matters: Anki's count gives Anki's stability, ours does not.
    theirs = before(ALL[name], index)
    for memory, same in ((theirs, True), (replace(theirs, last_day=day_of(last)), False)):
        stability = ours(ALL[name], index, memory).memory.stability
        assert (abs(stability - now.stability) <= ROUNDING + FLOATS * now.stability) is same


# --- each answer from Anki's state before it ---------------------------------------------------


def before(recording: Recording, index: int) -> Memory:
    """Anki's state before an answer, with the day from which its own count comes out."""
    if index == 0:
        return Memory()
    last, now = recording.answers[index - 1 : index + 1]
    last_day = day_of(last)
    if (recording.name, index) in OTHER_DAYS:
        last_day = day_of(now) - ankis_days(last, now)
    return Memory(STATES[last.kind], last.step, last.stability, last.difficulty, last_day, last.interval)


def ours(recording: Recording, index: int, memory: Memory) -> Outcome:
    now = recording.answers[index]
    return outcomes(memory, now.moment, as_anki_reads(recording.preset), START)[now.button]


@pytest.mark.parametrize("name", ALL)
def test_memory_states_are_ankis(name: str) -> None:
    recording = ALL[name]
    for index, anki in enumerate(recording.answers):
        memory = ours(recording, index, before(recording, index)).memory
        assert round(memory.difficulty, DIFFICULTY_PLACES) == anki.difficulty, index
        assert abs(memory.stability - anki.stability) <= ROUNDING + FLOATS * anki.stability, index


@pytest.mark.parametrize("name", ALL)
def test_states_and_steps_are_ankis(name: str) -> None:
    recording = ALL[name]
    for index, anki in enumerate(recording.answers):
        memory = ours(recording, index, before(recording, index)).memory
        if (name, index) not in NO_STEPS:
            assert (memory.state, memory.step) == (STATES[anki.kind], anki.step), index


@pytest.mark.parametrize("name", ALL)
def test_intervals_and_delays_are_ankis(name: str) -> None:
    recording = ALL[name]
    for index, anki in enumerate(recording.answers):
        if anki.fuzz or (name, index) in NO_STEPS:
            continue
        outcome = ours(recording, index, before(recording, index))
        if anki.due:
            assert (outcome.due - anki.ms) // 1000 == anki.delay == anki.due - anki.ms // 1000, index
        else:
            assert outcome.due_day - day_of(anki) == anki.days, index
        assert outcome.memory.interval == anki.interval, index


@pytest.mark.parametrize("key", NO_STEPS)
def test_cards_without_steps(key: tuple[str, int]) -> None:
    name, index = key
    recording, anki = ALL[name], ALL[name].answers[index]
    outcome = ours(recording, index, before(recording, index))
    steps = recording.preset.relearning_steps if "relearning" in name else recording.preset.learning_steps
    assert not steps
    assert outcome.memory.state is State.REVIEW
    assert outcome.memory.interval >= 1
    if NO_STEPS[key] == "stays":
        assert anki.kind != "review"
        wanted = days_until(outcome.memory.stability, recording.preset)
        assert wanted < 0.5
        assert abs(anki.delay - wanted * 86_400) < 1 if anki.delay else anki.days == 1  # past 04:00
    else:
        # It leaves: there, Hard and Good may come on the same day.
        assert anki.kind == "review"
        assert anki.interval == 1


def test_ankis_fuzz_stays_within_our_bounds() -> None:
    seen = 0
    for recording in ALL.values():
        for index, anki in enumerate(recording.answers):
            if not anki.fuzz or anki.kind != "review":
                continue
            memory = before(recording, index)
            after = ours(recording, index, memory).memory
            wanted = days_until(after.stability, recording.preset)
            low, _ = fuzz_bounds(wanted, 1, recording.preset.maximum_interval)
            # The days that Hard and Good take from the longer intervals are fuzzed, too.
            _, high = fuzz_bounds(wanted, after.interval, recording.preset.maximum_interval)
            assert low <= anki.interval <= high + 2, (recording.name, index)
            seen += anki.interval != after.interval
    assert seen > 20


# --- whole histories ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_whole_histories(name: str) -> None:
    recording = ALL[name]
    memory = Memory()
    for index, anki in enumerate(recording.answers):
        if (name, index) in OTHER_DAYS:
            memory = replace(memory, last_day=before(recording, index).last_day)
        memory = ours(recording, index, memory).memory
        assert memory.difficulty == pytest.approx(anki.difficulty, abs=ADDED_UP_DIFFICULTY), index
        assert memory.stability == pytest.approx(anki.stability, rel=ADDED_UP, abs=ADDED_UP_DAYS), index
        if not any(scenario == name for scenario, _ in NO_STEPS):
            assert (memory.state, memory.step) == (STATES[anki.kind], anki.step), index
