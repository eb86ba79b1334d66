"""Numbers of a column as normal scores by a smooth power: between values no step, beyond them a little room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.optimize import minimize_scalar

from simulacra.core.samples import Array, Column
from simulacra.domains.tables.margins import NODES, WEIGHTS, Graded, Leveled, Margin, Ranked, Stepped, Straight, ranked

BOUND = 3.0
"""The largest power, either way."""
ROOM = 0.1
"""How far beyond the known values new ones may lie, in their range."""
DIGITS = 9
"""Decimals up to which a column's own rounding is looked for."""
FLAT = 1e-8


@dataclass(frozen=True, eq=False)
class Powered:
    r"""Scores by a power, $z = (f_\lambda(x / s) - m) / v$: Box and Cox's where all values are positive, else Yeo's.

    A rank knows only the order of values: what two columns have to do with one another in the size of their values
    (perimeter and radius, a sum and its parts) survives a power, and is coarsened by ranks.

    Args:
        positive: whether no value is 0 or below.
        power: $\lambda$.
        size: s, in the column's unit.
        middle: m, the mean of the powers.
        spread: v, their standard deviation.
        low: the least value that is made.
        high: the largest.
        digits: decimals to which values are rounded; -1 for none.

    References:
        An analysis of transformations (Box & Cox, 1964), doi:10.1111/j.2517-6161.1964.tb00553.x
        A new family of power transformations to improve normality or symmetry (Yeo & Johnson, 2000),
        doi:10.1093/biomet/87.4.954
    """

    positive: bool
    power: float
    size: float
    middle: float
    spread: float
    low: float
    high: float
    digits: int
    width: int = 1
    exact: bool = True

    def limits(self, cells: Float[np.ndarray, " n"]) -> tuple[Array, Array]:
        """The score, twice."""
        there = np.maximum(cells, self.low) if self.positive else cells
        z = (raised(there / self.size, self.power, self.positive) - self.middle) / self.spread
        return z, z

    def smooth(self, z: Array) -> Array:
        """The value behind a score, within the limits, not yet rounded."""
        x = self.size * lowered(self.middle + self.spread * z, self.power, self.positive)
        return np.clip(np.nan_to_num(x, nan=self.high), self.low, self.high)

    def cells(self, z: Array) -> Array:
        """Values with as many decimals as the column has."""
        x = self.smooth(z[..., 0])
        return np.asarray(x if self.digits < 0 else np.round(x, self.digits))

    def weighed(self, mean: Array, sd: Array) -> Array:
        """By quadrature."""
        return np.asarray(self.smooth(mean + sd * NODES) @ WEIGHTS)[:, None]

    def settled(self, average: Array) -> Array:
        """The mean itself."""
        return np.asarray(average[:, 0])


def raised(x: Array, power: float, positive: bool) -> Array:
    """The power of values; NaN stays."""
    if positive:
        return np.asarray(np.log(x) if abs(power) < FLAT else np.expm1(power * np.log(x)) / power)
    up, down = np.log1p(np.maximum(x, 0)), np.log1p(np.maximum(-x, 0))
    above = up if abs(power) < FLAT else np.expm1(power * up) / power
    other = 2 - power
    below = down if abs(other) < FLAT else np.expm1(other * down) / other
    return np.where(np.isnan(x), np.nan, np.where(x >= 0, above, -below))


def lowered(y: Array, power: float, positive: bool) -> Array:
    """The values of powers; NaN where there is none, beyond all values."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        if positive:
            return np.asarray(np.exp(y) if abs(power) < FLAT else np.exp(np.log1p(power * y) / power))
        above = np.expm1(y) if abs(power) < FLAT else np.expm1(np.log1p(power * np.maximum(y, 0)) / power)
        other = 2 - power
        below = np.expm1(-y) if abs(other) < FLAT else np.expm1(np.log1p(other * np.maximum(-y, 0)) / other)
        return np.where(y >= 0, above, -below)


def powered(x: Float[np.ndarray, "n d"], columns: Sequence[Column]) -> tuple[Margin, ...]:
    """As `ranked`, with powers in the place of ranks."""
    found = ranked(x, columns)
    return tuple(_by_power(cells) if isinstance(m, Ranked) else m for cells, m in zip(x.T, found, strict=True))


def _by_power(cells: Array) -> Powered:
    """The power that makes the cells most nearly normal."""
    there = cells[~np.isnan(cells)]
    positive = bool(there.min() > 0)
    size = float(np.exp(np.log(there).mean())) if positive else float(np.abs(there).mean())
    x = there / size
    jacobian = np.log(x).sum() if positive else (np.sign(x) * np.log1p(np.abs(x))).sum()

    def surprise(power: float) -> float:
        spread = raised(x, power, positive).std()
        return float(len(x) * np.log(max(spread, 1e-300)) - (power - 1) * jacobian)

    power = float(minimize_scalar(surprise, bounds=(-BOUND, BOUND), method="bounded").x)
    y = raised(x, power, positive)
    least, most = float(there.min()), float(there.max())
    room = ROOM * (most - least)
    floor = least / 2 if positive else (0.0 if least == 0 else -np.inf)
    low = max(least - room, floor)
    return Powered(positive, power, size, float(y.mean()), float(y.std()), low, most + room, decimals(there))


def decimals(cells: Array) -> int:
    """With how many decimals all cells are written; -1 for more than nine.

    >>> decimals(np.array([1.0, 2.5])), decimals(np.array([3.0])), decimals(np.array([np.pi]))
    (1, 0, -1)
    """
    size = max(1.0, float(np.abs(cells).max()))
    return next((k for k in range(DIGITS + 1) if np.abs(cells - np.round(cells, k)).max() < 1e-12 * size), -1)


KNOWN = {"powered": Powered, "stepped": Stepped, "graded": Graded, "leveled": Leveled, "straight": Straight}
"""Margins that can be written as plain values."""


def plain(margin: Margin) -> dict[str, Any]:
    """A margin as plain values; infinite edges are left out."""
    name = next(name for name, made in KNOWN.items() if isinstance(margin, made))
    if isinstance(margin, Stepped | Graded):
        return {"what": name, "values": margin.values.tolist(), "edges": margin.edges[1:-1].tolist()}
    assert isinstance(margin, Powered | Leveled | Straight)
    return {"what": name, **asdict(margin)}


def made(values: Mapping[str, Any]) -> Margin:
    """The margin that `plain` wrote."""
    rest = {key: value for key, value in values.items() if key != "what"}
    if values["what"] in ("stepped", "graded"):
        edges = np.concatenate([[-np.inf], rest["edges"], [np.inf]])
        rest = {"values": np.asarray(rest["values"], dtype=np.float64), "edges": edges}
    found: Margin = KNOWN[values["what"]](**rest)
    return found
