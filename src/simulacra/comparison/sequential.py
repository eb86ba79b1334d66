r"""Many looks at one training, and what may be said at each of them without crying wolf once too often.

A look holds draws of the model against the same validation rows; $K$ looks with $J$ judges make $KJ$ tests. Each look
may spend $\alpha/K$, and Holm's steps share it among the judges. If at look $k$ a judge's rows of model and validation
follow one law, its p is uniform (the training does not see the validation rows), so by Boole's inequality

$$ P(\text{something true is called different}) \le \sum_k P(\text{… at look } k) \le K\,\frac{\alpha}{K} = \alpha, $$

however the looks depend on each other: by the shared validation rows, by shared noise, by one model growing out of the
other. A permutation test's p is at least $1/(B + 1)$, so to be able to say anything $B + 1 \ge KJ/\alpha$ is needed.

References:
    A simple sequentially rejective multiple test procedure (Holm, 1979), Scand. J. Statist. 6, 65
    Discrete sequential boundaries for clinical trials (Lan & DeMets, 1983), doi:10.1093/biomet/70.3.659
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np

from simulacra.comparison.rows import Rows, actual, chunk_of, pooled, relabeled
from simulacra.comparison.several import holm
from simulacra.comparison.smallest import combine
from simulacra.comparison.two_samples import VIEWS, WHOLE
from simulacra.core.samples import Array
from simulacra.core.verdict import LEVEL


@dataclass(frozen=True)
class Spending:
    """What each of so many looks may spend of the level, in equal parts.

    Args:
        looks: that there will be at most.
        tests: at each look, adjusted for their number by Holm's steps.
        level: the chance, over all looks together, that anything true is called different.
    """

    looks: int
    tests: int = 1
    level: float = LEVEL

    @property
    def each(self) -> float:
        """The level of one look."""
        return self.level / self.looks

    @property
    def permutations(self) -> int:
        """The fewest relabelings with which the strictest of a look's tests can still reject.

        >>> Spending(looks=20, tests=5).permutations
        2000
        """
        return math.ceil(round(self.looks * self.tests / self.level, 6))

    def rejecting(self, p: Mapping[str, float]) -> list[str]:
        """Whose p, adjusted over the tests of this look, is within what the look may spend.

        >>> Spending(looks=10, tests=2).rejecting({"energy": 0.002, "clusters": 0.004})
        ['energy', 'clusters']
        >>> Spending(looks=10, tests=2).rejecting({"energy": 0.003, "clusters": 0.004})
        []
        """
        adjusted = holm(list(p.values()))
        return [name for name, value in zip(p, adjusted, strict=True) if value <= self.each * (1 + 1e-9)]


def compare_all(pairs: Iterable[tuple[Rows, Rows]], rng: np.random.Generator, permutations: int) -> list[float]:
    """The p of each pair of sets by the views of `compare`, on the same relabelings where these fit.

    Args:
        pairs: rows of model and truth, judge by judge. Those of the same strata and groups, as of the same samples,
            share their relabelings; a judge that leaves out samples has its own.
        rng: deals out the labels.
        permutations: how often.
    """
    alike: dict[tuple[bytes, ...], list[tuple[int, Rows, Array]]] = {}
    for place, (model, truth) in enumerate(pairs):
        rows, is_model = pooled(model, truth)
        key = tuple(x.tobytes() for x in (rows.stratum, rows.group, is_model))
        alike.setdefault(key, []).append((place, rows, is_model))
    found: dict[int, float] = {}
    for some in alike.values():
        values = _compare([rows for _, rows, _ in some], some[0][2], rng, permutations)
        found |= {place: p for (place, _, _), p in zip(some, values, strict=True)}
    return [found[place] for place in range(len(found))]


def _compare(several: list[Rows], is_model: Array, rng: np.random.Generator, permutations: int) -> list[float]:
    rows = several[0]
    sides = actual(rows, is_model)
    views = [[kind.of(rows) for kind in VIEWS] for rows in several]
    draws = chain([sides], relabeled(sides, permutations, chunk_of(rows.strata), rng))
    seen = [[np.column_stack([view(some) for view in judge]) for judge in views] for some in draws]
    return [combine(np.concatenate(distances), WHOLE)[0] for distances in zip(*seen, strict=True)]
