"""Skewed columns as shifted logarithms of normal scores: three numbers a column, and a tail beyond what was seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.optimize import minimize_scalar

from simulacra.core.samples import Array, Column
from simulacra.domains.tables.margins import NODES, WEIGHTS, Margin, Straight, stepped

NEAR, FARTHEST = -8.0, 5.0
"""Natural logarithms of how far the edge lies beyond the column, in ranges: the farthest is all but a straight line."""


@dataclass(frozen=True, eq=False)
class Logged:
    r"""$x = a \pm e^{m + s z}$: an edge that no value passes, and a tail away from it.

    Args:
        edge: a, in the column's unit.
        sign: 1 where the tail is above the edge, -1 where it is below.
        middle: m, mean of the logarithms.
        scale: s, their standard deviation.
        low: nothing lies below it: the least known value less the column's range.
        high: nothing lies above it: the largest one plus the range.
    """

    edge: float
    sign: float
    middle: float
    scale: float
    low: float
    high: float
    width: int = 1
    exact: bool = True

    def limits(self, cells: Float[np.ndarray, " n"]) -> tuple[Array, Array]:
        """The scaled logarithm, twice; a cell beyond the edge is taken as just inside."""
        inside = np.maximum(self.sign * (cells - self.edge), 1e-12 * (self.high - self.low))
        z = (np.log(inside) - self.middle) / self.scale
        return z, z

    def cells(self, z: Array) -> Array:
        """Exponentials."""
        return self._back(z[..., 0])

    def weighed(self, mean: Array, sd: Array) -> Array:
        """The mean by quadrature."""
        return np.asarray(self._back(mean + sd * NODES) @ WEIGHTS)[:, None]

    def settled(self, average: Array) -> Array:
        """The mean itself."""
        return np.asarray(average[:, 0])

    def _back(self, z: Array) -> Array:
        away = np.exp(np.minimum(self.middle + self.scale * z, 600.0))
        return np.clip(self.edge + self.sign * away, self.low, self.high)


def logged(x: Float[np.ndarray, "n d"], columns: Sequence[Column]) -> tuple[Margin, ...]:
    """Margins by shifted logarithms; steps where values are few or one of them is common, levels of categories.

    References:
        The three-parameter lognormal distribution (Hill, 1963), doi:10.1080/01621459.1963.10500833
    """
    return tuple(stepped(cells, column) or _by_logs(cells) for cells, column in zip(x.T, columns, strict=True))


def _by_logs(cells: Array) -> Margin:
    """The edge that makes the logarithms likeliest to be normal, on the side away from the longer tail."""
    there = cells[~np.isnan(cells)]
    width = float(np.ptp(there)) if len(there) else 0.0
    if width == 0:
        return Straight(float(there[0]) if len(there) else 0.0, 1e-9)
    apart = there - there.mean()
    sign = 1.0 if (apart**3).mean() >= 0 else -1.0
    up = sign * there

    def surprise(far: float) -> float:
        logs = np.log(up - (up.min() - width * np.exp(far)))
        return float(len(logs) * np.log(logs.std()) + logs.sum())

    far = float(minimize_scalar(surprise, bounds=(NEAR, FARTHEST), method="bounded").x)
    edge = up.min() - width * np.exp(far)
    logs = np.log(up - edge)
    low, high = float(there.min()) - width, float(there.max()) + width
    return Logged(float(sign * edge), sign, float(logs.mean()), float(logs.std()), low, high)
