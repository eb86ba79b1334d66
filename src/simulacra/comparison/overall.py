r"""What all features have in common: shifts that are small in each, a shift to one side, a spread, a grain, the radius.

With $t_j$ the rank scores' sums over the labels, in standard deviations by chance, these are $\sum t_j^2$ of the
locations and of the spreads, the sums of locations, spreads and grains, and location and spread of the row's radius.
Each is, by chance, about a $\chi^2$ with $\nu = (\mathrm{tr}\,R)^2 / \mathrm{tr}\,R^2$ degrees of freedom, with $R$ the
correlation of its terms; by the cube root of that they are brought to one scale, and the farthest counts.

References:
    The distribution of chi-square (Wilson & Hilferty, 1931), doi:10.1073/pnas.17.12.684
    A two-sample test for high-dimensional data with applications to gene-set testing (Chen & Qin, 2010),
        doi:10.1214/09-AOS716
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.comparison.rank_scores import RankScores
from simulacra.comparison.rows import Rows, Sides
from simulacra.core.samples import Array

SQUARES, SUMS = ("location", "spread"), ("location", "spread", "grain")


@dataclass(frozen=True)
class OverallView:
    """The farthest of seven numbers of all features together.

    Args:
        scores: of all rows.
        terms: columns that are not constant, by the part of the scores.
        freedom: of the sums of squares.
        spread: standard deviation, by chance, of the plain sums.
    """

    name: ClassVar[str] = "overall"
    scores: RankScores
    terms: dict[str, float]
    freedom: dict[str, float]
    spread: dict[str, float]

    @classmethod
    def of(cls, rows: Rows, part: float = 1.0) -> OverallView:
        """The scores of all rows, and how they vary together."""
        scores = RankScores.of(rows, part)
        terms, freedom, spread = {}, {}, {}
        for name in SUMS:
            together = scores.correlation(scores.parts[name])
            terms[name] = max(1.0, float(np.trace(together)))
            freedom[name] = float(np.trace(together)) ** 2 / max(float((together**2).sum()), 1e-12)
            spread[name] = float(np.sqrt(max(together.sum(), 0.0)))
        return cls(scores, terms, freedom, spread)

    def __call__(self, sides: Sides) -> Float[np.ndarray, " P"]:
        """The farthest in each draw."""
        t, at = self.scores(sides), self.scores.parts
        found = [_even((t[:, at["radius"]] ** 2).T, 1.0)]
        for name in SQUARES:
            mean = (t[:, at[name]] ** 2).sum(axis=1)[None] / self.terms[name]
            found.append(_even(mean, max(self.freedom[name], 1.0)))
        for name in SUMS:
            if self.spread[name] > 1e-6:
                found.append(_even((t[:, at[name]].sum(axis=1)[None] / self.spread[name]) ** 2, 1.0))
        return np.asarray(np.concatenate(found).max(axis=0))


def _even(mean_square: Array, freedom: float) -> Array:
    """A χ² over its degrees of freedom, as about a standard normal number."""
    unit = 2 / (9 * freedom)
    return np.asarray((np.cbrt(mean_square) - (1 - unit)) / np.sqrt(unit))
