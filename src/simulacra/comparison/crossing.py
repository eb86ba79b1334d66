"""Where power crosses what is wanted: sought on a grid of sizes, then between the two neighbors of the answer.

Near the answer the probit of the power is nearly a line in the logarithm of the size.

References:
    Probit analysis (Finney, 1971), ISBN 978-0-521-08041-5
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

AGAIN = 0.15  # a refined size whose power is farther than this from what is wanted is refined once more
ROUNDS = 3  # refinements at most

Counts = tuple[int, int]
"""How many planted draws were caught, and of how many."""


@dataclass(frozen=True)
class Crossing:
    """The size at which power crosses what is wanted.

    Args:
        amount: that size; the smallest of the grid if its power is larger; None if that of the largest is smaller.
        power: the share that was caught of each size that was tried, ascending.
        at_most: whether the smallest of the grid is caught already.
    """

    amount: float | None
    power: dict[float, float]
    at_most: bool


def find_crossing(measure: Callable[[float, bool], Counts], amounts: Sequence[float], power: float) -> Crossing:
    """The size of this power.

    Args:
        measure: from a size, and whether it is refined (to be known well) or of the grid, to what was caught.
        amounts: the grid, ascending and positive; power is taken to rise with them.
        power: what is wanted.
    """
    tried: dict[float, Counts] = {}

    def share(amount: float, refined: bool) -> float:
        found, before = measure(amount, refined), tried.get(amount, (0, 0))
        tried[amount] = before[0] + found[0], before[1] + found[1]
        return found[0] / found[1]

    low, high = 0, len(amounts)  # the answer's place is in [low, high]; high means none
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if share(amounts[middle], False) >= power else (middle + 1, high)
    answer: float | None = amounts[0] if low == 0 else None
    if 0 < low < len(amounts):
        near = [amounts[low - 1], amounts[low]]
        room = np.sqrt(near[1] / near[0])  # the neighbors were chosen by few draws: the answer may lie a little beyond
        ends = max(amounts[0], near[0] / room), min(amounts[-1], near[1] * room)
        for _ in range(ROUNDS):
            near.append(meeting({x: tried[x] for x in near}, power, *ends))
            if abs(share(near[-1], True) - power) <= AGAIN:
                break
        answer = meeting({x: tried[x] for x in near}, power, *ends)
    return Crossing(answer, {x: caught / of for x, (caught, of) in sorted(tried.items())}, low == 0)


def meeting(tried: dict[float, Counts], power: float, low: float, high: float) -> float:
    """Where the line of probits over the logarithm of the size, by weighted least squares, meets this power.

    >>> round(meeting({1.0: (50, 100), 4.0: (84, 100)}, 0.84, 1.0, 4.0), 6)
    4.0
    """
    x = np.log(np.array(list(tried)))
    caught, of = np.array(list(tried.values()), dtype=float).T
    share = np.clip(caught / of, 0.5 / of, 1 - 0.5 / of)
    y = ndtri(share)
    weight = of * np.exp(-(y**2)) / (share * (1 - share))
    mean_x, mean_y = np.average(x, weights=weight), np.average(y, weights=weight)
    slope = (weight * (x - mean_x) * (y - mean_y)).sum() / (weight * (x - mean_x) ** 2).sum()
    if slope <= 0:  # noise: nothing is known but the ends
        return float(np.sqrt(low * high))
    return float(np.clip(np.exp(mean_x + (ndtri(power) - mean_y) / slope), low, high))
