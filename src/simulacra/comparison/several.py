"""Many tests at once: p-values adjusted for their number."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p: Sequence[float]) -> list[float]:
    """p-values adjusted for their number, step by step from the smallest.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]

    References:
        A simple sequentially rejective multiple test procedure (Holm, 1979), Scand. J. Statist. 6, 65
    """
    adjusted, worst = [0.0] * len(p), 0.0
    for rank, at in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        worst = max(worst, min(1.0, (len(p) - rank) * p[at]))
        adjusted[at] = worst
    return adjusted
