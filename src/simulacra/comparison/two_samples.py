"""Whether two sets of rows differ: ten views of them, relabeled together, and one exact p."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from simulacra.comparison.atoms import AtomsView
from simulacra.comparison.base import View
from simulacra.comparison.classifier import ClassifierView
from simulacra.comparison.covariance import CovarianceView
from simulacra.comparison.energy import EnergyView
from simulacra.comparison.foremost import ForemostView
from simulacra.comparison.kernel import KernelView
from simulacra.comparison.marginal import MarginalView
from simulacra.comparison.neighbors import NeighborView
from simulacra.comparison.overall import OverallView
from simulacra.comparison.rows import Rows, actual, chunk_of, held, pooled, relabeled
from simulacra.comparison.smallest import combine
from simulacra.comparison.whitened import WhitenedView

VIEWS: tuple[type[View], ...] = (
    EnergyView,
    CovarianceView,
    ClassifierView,
    MarginalView,
    NeighborView,
    ForemostView,
    OverallView,
    WhitenedView,
    AtomsView,
    KernelView,
)
WHOLE = VIEWS.index(KernelView)
"""The view of all features at all widths, which stands beside the others: each of these looks for something."""


@dataclass(frozen=True)
class Test:
    """The outcome of a permutation test.

    Args:
        observed: the energy distance.
        null: the energy distances under relabeling, (permutations,).
        p: share of relabelings, the actual one among them, with a difference at least as large in their farthest view
            and in the kernel's, taken together.
        views: the p of each view alone.
        apart: how far apart both laws are, whatever the number of rows, from 0 to 1: the energy distance less its mean
            under relabeling, over twice the mean distance between the sides.
        apart_error: one standard error of it.
    """

    observed: float
    null: Float[np.ndarray, " permutations"]
    p: float
    views: Mapping[str, float] = field(default_factory=dict)
    apart: float = 0.0
    apart_error: float = 0.0

    @property
    def apart_interval(self) -> tuple[float, float]:
        """The 95 % interval of `apart`, within 0 and 1."""
        far = 1.96 * self.apart_error
        return max(0.0, self.apart - far), min(1.0, max(0.0, self.apart) + far)

    @property
    def ratio(self) -> float:
        """The energy distance over the median of its null: the noise floor is 1."""
        floor = float(np.median(self.null))
        if floor > 0:
            return self.observed / floor
        return 1.0 if self.observed <= floor else float("inf")


def compare(model: Rows, truth: Rows, rng: np.random.Generator, permutations: int = 999) -> Test:
    """Whether two sets differ, by relabeling within strata and in whole groups; exact at any size."""
    rows, is_model = pooled(model, truth)
    sides, chunk, seed = actual(rows, is_model), chunk_of(rows.strata), int(rng.integers(2**63))
    draws = held(
        lambda: relabeled(sides, permutations, chunk, np.random.default_rng(seed)),
        permutations * sum(map(len, rows.strata)),
    )
    seen, apart = [], (0.0, 0.0)
    for kind in VIEWS:  # one after the other, on the same relabelings: only one view is held in memory
        view = kind.of(rows)
        seen.append(np.concatenate([view(sides), *map(view, draws())]))
        if isinstance(view, EnergyView):
            apart = view.apart(sides, seen[-1][1:])
        del view
    distances = np.column_stack(seen)
    p, alone = combine(distances, WHOLE)
    names = [view.name for view in VIEWS]
    observed, null = float(distances[0, 0]), distances[1:, 0]
    views = dict(zip(names, map(float, alone), strict=True))
    return Test(observed, null, p, views, min(1.0, max(0.0, apart[0])), apart[1])
