"""What to ask the real Anki: cards with a setting each, and when they are answered.

A plan is a line of answers, each a rating (1 to 4) and when it is given:

`3=2026-08-20T09:13`  at that local time (a `*` at the end: the second time it comes that night)
`3+600`               600 seconds after the answer before
`3+2d`, `3+2d@03:59`  two calendar days after it, at the same time of day or another
`3due`, `3due-4@08:00` when Anki wants it, or so many days earlier or later

`tz:Asia/Tokyo` between answers: the learner is there from now on.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

DEFAULT = (
    *(0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796),
    *(1.4835, 0.0614, 0.2629, 1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542),
)
FITTED = (
    *(0.4, 1.18, 3.17, 15.69, 7.19, 0.53, 1.46, 0.0046, 1.545, 0.1192, 1.019),
    *(1.939, 0.11, 0.296, 2.27, 0.231, 2.9898, 0.5166, 0.6621, 0.12, 0.32),
)


class Scenario(NamedTuple):
    """A card, its settings as `aipm_cards.memory.settings.Preset` has them, and its answers.

    `early` is how a card is answered that is not due: graded in the browser ("grade") or in a
    filtered deck ("filtered"). `fuzz` leaves Anki's fuzz on.
    """

    name: str
    zone: str
    plan: str
    desired_retention: float = 0.9
    learning_steps: tuple[int, ...] = (60, 600)
    relearning_steps: tuple[int, ...] = (600,)
    maximum_interval: int = 36_500
    parameters: tuple[float, ...] = DEFAULT
    early: str = "grade"
    fuzz: bool = False


BERLIN, NEW_YORK, TOKYO = "Europe/Berlin", "America/New_York", "Asia/Tokyo"


def ordinary() -> Iterator[Scenario]:
    """Whole days: most reviews when they are due, some late, some early."""
    retentions = (0.9, 0.7, 0.97)
    for number in range(12):
        chance = random.Random(number)
        plan = ["3=2020-01-13T09:13", "3+600"]
        for _ in range(13):
            rating = chance.choices("1234", (2, 2, 8, 2))[0]
            late = chance.choices(("", "+1", "+3", "+20", "-1"), (10, 2, 1, 1, 1))[0]
            plan.append(f"{rating}due{late}@{chance.randrange(6, 24):02}:{chance.randrange(60):02}")
        yield Scenario(
            f"ordinary {number}",
            (BERLIN, "Asia/Kolkata", TOKYO)[number % 3],
            " ".join(plan),
            desired_retention=retentions[number // 2 % 3],
            parameters=(DEFAULT, FITTED)[number % 2],
            early=("grade", "filtered")[number // 3 % 2],
        )


def day_line() -> Iterator[Scenario]:
    """Both sides of the start of the day, and several answers within one."""
    for zone in ("Asia/Kathmandu", "Asia/Kolkata"):
        yield Scenario(
            f"reviews around 04:00, {zone}",
            zone,
            "3=2026-08-20T09:00 3+600 3=2026-08-22T03:59 3=2026-08-24T04:00 3=2026-08-25T04:01 1=2026-08-30T03:59 "
            "3=2026-08-30T04:00 3=2026-08-30T04:01 2=2026-08-31T03:59 4=2026-08-31T04:00 3=2026-10-01T03:59 "
            "2=2026-10-01T04:00 1=2026-10-02T04:01 3=2026-10-03T04:00",
        )
    for clock in ("23:59", "00:01", "03:59", "04:00", "04:01"):
        days = 0 if clock == "23:59" else 1
        yield Scenario(
            f"learned at 22:00, then at {clock}",
            BERLIN,
            f"3=2026-08-20T22:00 3+{days}d@{clock} 3due@{clock} 1due@{clock} 3+1d@04:05 2due@03:58 3due@04:02",
        )
    for first, then in (("23:55", 900), ("03:45", 840), ("03:45", 900), ("03:59", 60), ("03:59", 3600)):
        yield Scenario(
            f"forgotten at {first}, again {then} s later",
            BERLIN,
            f"4=2026-08-20T12:00 1due@{first} 3+{then} 1due+2@{first} 2+{then} 3+{then} 3due",
            relearning_steps=(600, 1200),
        )
    for early in ("grade", "filtered"):
        yield Scenario(
            f"a review card many times a day, {early}",
            BERLIN,
            "4=2026-08-20T08:00 3+300 4+300 2+300 4+3600 4+60 3due 4+60 4+60 2+60 1+60 3+600 4+60 1+60 1+60 3due",
            early=early,
        )
    yield Scenario(
        "ten times Easy on one day",
        BERLIN,
        "3=2026-08-20T08:00 3+600" + " 4+60" * 10 + " 3due 1due 3+600 3due",
        parameters=FITTED,
    )
    yield Scenario(
        "learning cards left for days",
        BERLIN,
        "3=2026-08-20T08:00 2+1d 1+2d 3+1d@03:59 1+1d@04:00 3+9d 3due 1due 2+1d 1+3d 3+40d 3due",
        learning_steps=(60, 600, 3600),
        relearning_steps=(600, 1800),
    )


# The nights in which clocks change, and the first time of day that the change skips or repeats.
CHANGES = (
    (BERLIN, "2026-03-28", "forward"),
    (BERLIN, "2026-10-24", "back"),
    (NEW_YORK, "2026-03-07", "forward"),
    (NEW_YORK, "2026-10-31", "back"),
    ("Australia/Lord_Howe", "2026-04-04", "back"),
    ("Australia/Lord_Howe", "2026-10-03", "forward"),
)


def clock_changes() -> Iterator[Scenario]:
    """Reviews before, in and after the nights in which clocks change."""
    for zone, eve, way in CHANGES:
        yield Scenario(
            f"every morning, {zone} {way}",
            zone,
            f"3={eve}T09:00 3+600 3+1d@09:00 3+1d 2+1d 4+2d 3due",
            parameters=FITTED,
        )
        yield Scenario(
            f"just after the day starts, {zone} {way}",
            zone,
            f"3={eve}T04:10 3+600 3+1d@04:10 3+1d@04:10 2+1d@04:10 1+1d@04:10 3+1d@04:10",
        )
        yield Scenario(
            f"late at night, {zone} {way}",
            zone,
            f"3={eve}T03:10 3+0d@23:40 2+1d@00:20 3+0d@03:20 3+0d@23:50 1+1d@03:50 3+0d@04:30 2+1d@03:59 3+0d@04:00",
        )
        yield Scenario(
            f"from the last hour of a day, {zone} {way}",
            zone,
            f"3={eve}T03:40 3+600 3+1d@12:00 2+1d@03:40 1+0d@12:00 3+600 3due@04:20",
        )
    yield Scenario(
        "an hour that comes twice",
        BERLIN,
        "4=2026-10-24T23:00 3=2026-10-25T02:30 2=2026-10-25T02:30* 3=2026-10-25T03:30 3=2026-10-25T04:00 "
        "1=2026-10-26T02:30 3=2026-10-26T04:30",
    )
    yield Scenario(
        "months across both changes",
        NEW_YORK,
        "3=2026-01-05T07:30 3+600" + " 3due@04:05 3due@03:55" * 4,
    )


def travel() -> Iterator[Scenario]:
    """The zone changes between answers."""
    for name, clock in (("morning", "09:00"), ("evening", "22:30"), ("early", "04:30")):
        yield Scenario(
            f"Berlin, New York, Tokyo, {name}",
            BERLIN,
            f"3=2026-08-20T{clock} 3+600 3+1d@{clock} tz:{NEW_YORK} 3+1d@{clock} 2+1d@{clock} tz:{TOKYO} 3+2d@{clock} "
            f"1+1d@{clock} 3+600 tz:{BERLIN} 3+1d@{clock} 3due@{clock}",
        )
    yield Scenario(
        "across the date line and back",
        "Pacific/Auckland",
        "3=2026-08-20T09:00 3+600 3+2d@10:00 tz:Pacific/Honolulu 3=2026-08-21T18:00 2=2026-08-22T09:00 3+1d "
        "tz:Pacific/Auckland 1=2026-08-25T07:00 3+600 3+1d@09:00 3due",
    )
    yield Scenario(
        "the widest change of zones",
        "Pacific/Kiritimati",
        "4=2026-08-20T05:00 3due@05:00 tz:Pacific/Pago_Pago 3+7200 2+43200 tz:Pacific/Kiritimati 3+3600 1due@23:00 "
        "tz:Pacific/Pago_Pago 3+600 3due@23:00",
        parameters=FITTED,
    )
    yield Scenario(
        "to and fro on one day",
        "Asia/Kathmandu",
        "3=2026-08-20T10:00 3+600 tz:Asia/Kolkata 3+1d@03:50 tz:Asia/Kathmandu 3+120 tz:Asia/Kolkata 2+600 "
        "tz:America/St_Johns 3+1d@12:00 tz:Asia/Kathmandu 3+2d@12:00 3due",
    )
    yield Scenario(
        "a flight while relearning",
        TOKYO,
        "4=2026-08-20T20:00 1due@20:00 tz:America/Los_Angeles 3+36000 2+1d@03:59 3+60 1+1d@08:00 3+600 "
        "tz:Asia/Tokyo 3+2d@05:00",
        early="filtered",
    )
    yield Scenario(
        "a clock set back",
        BERLIN,
        "3=2026-08-20T09:00 3+600 3due 3=2026-08-20T12:00 2=2026-08-21T12:00 1=2026-08-21T13:00 "
        "3=2026-08-21T12:30 3due",
    )


MINUTES = {
    0: (),
    1: (600,),
    2: (60, 600),
    3: (60, 900, 7200),
}


def steps() -> Iterator[Scenario]:
    """Every rating at every learning and relearning step."""
    for count, delays in MINUTES.items():
        paths = ["1", "2", "3", "4"] if not count else []
        for step in range(count):
            paths += ["3" * step + rating for rating in "124"]
        paths += ["3" * count] if count else []
        for path in paths:
            first, rest = path[0], path[1:]
            plan = f"{first}=2026-08-20T09:13" + "".join(f" {rating}due" for rating in rest)
            yield Scenario(f"{count} learning steps, {path}", BERLIN, plan + " 3due 3due", learning_steps=delays)
            if count < 3:
                plan = "4=2026-08-20T09:13 1due@09:13" + "".join(f" {rating}due" for rating in path)
                yield Scenario(
                    f"{count} relearning steps, {path}", BERLIN, plan + " 3due 3due", relearning_steps=delays
                )
    wander = "1=2026-08-20T09:00 2due 2due 3due 2due 1due 3due 3due 2due 2due 1due 2due 3due 3due 3due"
    yield Scenario("to and fro in three steps", BERLIN, wander, learning_steps=MINUTES[3], parameters=FITTED)
    yield Scenario(
        "to and fro in two relearning steps",
        BERLIN,
        "4=2026-08-20T09:00 1due 2due 2due 3due 2due 1due 3due 2due 2due 3due 3due 1due 4due 3due",
        relearning_steps=(300, 1500),
    )
    yield Scenario(
        "steps of days",
        BERLIN,
        "3=2026-08-20T09:00 2due 3due 2due 1due 3due 3due 3due 3due",
        learning_steps=(600, 86_400, 259_200),
    )
    yield Scenario("one step of a day", BERLIN, "2=2026-08-20T23:00 1due 2due 3due 3due", learning_steps=(86_400,))
    yield Scenario(
        "steps of odd lengths",
        BERLIN,
        "2=2026-08-20T22:00 3due 2due 1due@22:30 2due 3due 3due 2due 3due",
        learning_steps=(45, 125, 43_200),
    )
    for clock in ("05:00", "21:00"):
        yield Scenario(
            f"a step of a day and a half, from {clock}",
            BERLIN,
            f"1=2026-08-20T{clock} 2due@{clock} 3due@{clock}",
            learning_steps=(129_600, 259_200),
        )
    yield Scenario(
        "relearning steps of days",
        BERLIN,
        "4=2026-08-20T09:00 1due 2due 3due 1due 3due 3due 3due",
        relearning_steps=(86_400, 172_800),
    )


def limits() -> Iterator[Scenario]:
    """Overdue and early reviews, desired retention, the maximum interval, and Anki's fuzz."""
    for parameters, name in ((DEFAULT, "default"), (FITTED, "fitted")):
        yield Scenario(
            f"overdue, {name}",
            BERLIN,
            "4=2020-01-06T09:00 3due+1 3due+30 2due+200 1due+400 3+600 3due+3 4due+700 3due",
            parameters=parameters,
        )
        for early in ("grade", "filtered"):
            yield Scenario(
                f"early, {name}, {early}",
                BERLIN,
                "4=2026-01-12T09:00 3due-1 3+3d 3+1d 2+4d 4+1d 3due-9 1+2d 3due 3+1d 3due-2 2due-1 3due-3",
                parameters=parameters,
                early=early,
            )
    for retention in (0.7, 0.9, 0.97, 0.99):
        yield Scenario(
            f"desired retention {retention}",
            BERLIN,
            "3=2026-01-12T09:00 3+600 3due 2due 3due 4due 2due 1due 3+600 3due",
            desired_retention=retention,
        )
    for days in (30, 100):
        yield Scenario(
            f"at most {days} days",
            BERLIN,
            "3=2026-01-12T09:00 3due" + " 3due" * 7 + " 4due 2due 2due 1due 3due 3due 4due",
            maximum_interval=days,
        )
    yield Scenario("at most 1 day", BERLIN, "3=2026-01-12T09:00 4due 2due 4due 3due", maximum_interval=1, fuzz=True)
    yield Scenario("always Hard", BERLIN, "2=2026-01-12T09:00 2due 3due" + " 2due" * 10)
    yield Scenario("always Again", BERLIN, "1=2026-01-12T09:00 1due 3due 3due" + " 1due 3due" * 9)
    yield Scenario("always Easy", BERLIN, "4=2020-01-13T09:00" + " 4due" * 5)
    for number in range(3):
        plan = "3=2026-01-12T09:00 3+600" + " 3due" * 6 + " 1due 3due 2due 4due"
        yield Scenario(f"with fuzz {number}", BERLIN, plan.replace("12T", f"{12 + number}T"), fuzz=True)


FILES = {
    "ordinary": ordinary,
    "day-line": day_line,
    "clock-changes": clock_changes,
    "travel": travel,
    "steps": steps,
    "limits": limits,
}
