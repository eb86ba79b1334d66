"""Between the cells of a column and normal scores: by ranks, by straight scaling, by steps, by levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr, ndtri

from simulacra.core.samples import Array, Column

TIED = 0.05
"""A column in which one value holds this share of the cells goes by steps."""
FEW = 12
"""So does one with no more distinct values than this."""
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


@runtime_checkable
class Margin(Protocol):
    """One column and the scores behind it."""

    @property
    def width(self) -> int:
        """How many scores stand for the column."""
        ...

    @property
    def exact(self) -> bool:
        """Whether a cell fixes its score; otherwise it only says in which range the score lies."""
        ...

    def limits(self, cells: Float[np.ndarray, " n"]) -> tuple[Array, Array]:
        """The least and the largest score of each cell, (n,) each; both the score where that is exact; NaN for gaps."""
        ...

    def cells(self, z: Array) -> Array:
        """The cells that these scores (…, width) make, (…)."""
        ...

    def weighed(self, mean: Array, sd: Array) -> Array:
        """What to average over guesses where scores are normal with these means and spreads, (n, width) each."""
        ...

    def settled(self, average: Array) -> Array:
        """The best guess from that average: the mean of a number, the likeliest level of a category, (n,)."""
        ...


@dataclass(frozen=True, eq=False)
class Straight:
    """Scores are the values themselves, scaled.

    Args:
        middle: mean of the column.
        scale: its standard deviation.
    """

    middle: float
    scale: float
    width: int = 1
    exact: bool = True

    def limits(self, cells: Float[np.ndarray, " n"]) -> tuple[Array, Array]:
        """The scaled value, twice."""
        z = (cells - self.middle) / self.scale
        return z, z

    def cells(self, z: Array) -> Array:
        """Scaled back."""
        return np.asarray(self.middle + self.scale * z[..., 0])

    def weighed(self, mean: Array, sd: Array) -> Array:
        """The value at the mean score."""
        return np.asarray(self.middle + self.scale * mean)

    def settled(self, average: Array) -> Array:
        """The mean itself."""
        return np.asarray(average[:, 0])


@dataclass(frozen=True, eq=False)
class Ranked:
    """Scores are the normal quantiles of ranks; between known values lines are drawn, beyond them nothing lies.

    Args:
        values: distinct ones, ascending.
        scores: of each.
    """

    values: Float[np.ndarray, " k"]
    scores: Float[np.ndarray, " k"]
    width: int = 1
    exact: bool = True

    def limits(self, cells: Float[np.ndarray, " n"]) -> tuple[Array, Array]:
        """The score, twice."""
        z = np.where(np.isnan(cells), np.nan, np.interp(cells, self.values, self.scores))
        return z, z

    def cells(self, z: Array) -> Array:
        """By the quantiles of the column."""
        return np.asarray(np.interp(z[..., 0], self.scores, self.values))

    def weighed(self, mean: Array, sd: Array) -> Array:
        """By quadrature."""
        z = mean + sd * NODES
        return np.asarray(np.interp(z, self.scores, self.values) @ WEIGHTS)[:, None]

    def settled(self, average: Array) -> Array:
        """The mean itself."""
        return np.asarray(average[:, 0])


@dataclass(frozen=True, eq=False)
class Stepped:
    """A value holds a range of scores: counts, grades, flags, measurements that heap up at a limit.

    Args:
        values: distinct ones, ascending.
        edges: of the ranges, (k + 1,), from minus to plus infinity.
    """

    values: Float[np.ndarray, " k"]
    edges: Float[np.ndarray, " k+1"]
    width: int = 1
    exact: bool = False

    def limits(self, cells: Float[np.ndarray, " n"]) -> tuple[Array, Array]:
        """The range of the nearest known value."""
        gone = np.isnan(cells)
        between = (self.values[1:] + self.values[:-1]) / 2
        place = np.searchsorted(between, np.where(gone, 0.0, cells))
        return np.where(gone, np.nan, self.edges[place]), np.where(gone, np.nan, self.edges[place + 1])

    def cells(self, z: Array) -> Array:
        """The value in whose range a score lies."""
        return np.asarray(self.values[np.searchsorted(self.edges[1:-1], z[..., 0], side="right")])

    def weighed(self, mean: Array, sd: Array) -> Array:
        """Each value by the chance of its range."""
        below = ndtr((self.edges[1:-1] - mean) / np.maximum(sd, 1e-12))
        steps = np.diff(self.values)
        return np.asarray(self.values[-1] - below @ steps)[:, None]

    def settled(self, average: Array) -> Array:
        """The mean itself."""
        return np.asarray(average[:, 0])


@dataclass(frozen=True, eq=False)
class Graded:
    """Levels that go up, or two of them: one score, each level a range of it; the guess is the likeliest level.

    Args:
        values: the places of the levels that occur, ascending.
        edges: of the ranges, (k + 1,), from minus to plus infinity.
    """

    values: Float[np.ndarray, " k"]
    edges: Float[np.ndarray, " k+1"]
    width: int = 1
    exact: bool = False

    def limits(self, cells: Float[np.ndarray, " n"]) -> tuple[Array, Array]:
        """The range of the level."""
        return Stepped(self.values, self.edges).limits(cells)

    def cells(self, z: Array) -> Array:
        """The level in whose range a score lies."""
        return Stepped(self.values, self.edges).cells(z)

    def weighed(self, mean: Array, sd: Array) -> Array:
        """The chance of each level, (n, k)."""
        below = ndtr((self.edges - mean) / np.maximum(sd, 1e-12))
        return np.asarray(np.diff(below, axis=-1))

    def settled(self, average: Array) -> Array:
        """The likeliest level."""
        return np.asarray(self.values[np.argmax(average, axis=1)])


@dataclass(frozen=True, eq=False)
class Leveled:
    """A category without order: a score a level, and the level is that of the highest.

    Args:
        width: number of levels.
    """

    width: int
    exact: bool = False

    def limits(self, cells: Float[np.ndarray, " n"]) -> tuple[Array, Array]:
        """The place of the level, twice."""
        return cells, cells

    def cells(self, z: Array) -> Array:
        """The place of the highest score."""
        return np.asarray(np.argmax(z, axis=-1).astype(np.float64))

    def settled(self, average: Array) -> Array:
        """The likeliest level."""
        return np.asarray(np.argmax(average, axis=1).astype(np.float64))

    def weighed(self, mean: Array, sd: Array) -> Array:
        """The chance of each level, (n, width), as if the scores were independent."""
        found = np.empty(mean.shape)
        for k in range(self.width):
            z = mean[..., k, None] + sd[..., k, None] * NODES
            others = [j for j in range(self.width) if j != k]
            below = [ndtr((z - mean[..., j, None]) / np.maximum(sd[..., j, None], 1e-9)) for j in others]
            found[..., k] = np.prod(below, axis=0) @ WEIGHTS
        return np.asarray(found / np.maximum(found.sum(axis=-1, keepdims=True), 1e-300))


def places(margins: Sequence[Margin]) -> list[slice]:
    """Where each column's scores lie among all."""
    ends = np.cumsum([margin.width for margin in margins]).tolist()
    return [slice(end - margin.width, end) for margin, end in zip(margins, ends, strict=True)]


def ranked(x: Float[np.ndarray, "n d"], columns: Sequence[Column]) -> tuple[Margin, ...]:
    """Margins by ranks: a Gaussian copula."""
    return tuple(stepped(cells, column) or _by_ranks(cells) for cells, column in zip(x.T, columns, strict=True))


def straight(x: Float[np.ndarray, "n d"], columns: Sequence[Column]) -> tuple[Margin, ...]:
    """Numbers as they are, only scaled: a normal law; categories by their scores."""
    found: list[Margin] = []
    for cells, column in zip(x.T, columns, strict=True):
        there = cells[~np.isnan(cells)]
        spread = float(there.std()) if len(there) else 0.0
        middle = float(there.mean()) if len(there) else 0.0
        found.append(_levels(cells, column) or Straight(middle, spread if spread > 0 else 1.0))
    return tuple(found)


def _levels(cells: Array, column: Column) -> Margin | None:
    if not column.levels:
        return None
    if len(column.levels) > 2 and not column.ordered:
        return Leveled(len(column.levels))
    steps = _by_steps(cells)
    return Graded(steps.values, steps.edges)


def stepped(cells: Array, column: Column) -> Margin | None:
    """Steps where values are few or one of them is common; levels of a category; None for other numbers."""
    if column.levels:
        return _levels(cells, column)
    there = cells[~np.isnan(cells)]
    values, counts = np.unique(there, return_counts=True)
    if len(values) == 1:
        return Straight(float(values[0]), 1e-9 * max(1.0, abs(float(values[0]))))
    if len(values) and (len(values) <= min(FEW, len(there) // 3) or counts.max() > TIED * len(there)):
        return _by_steps(cells)
    return None


def _by_steps(cells: Array) -> Stepped:
    values, counts = np.unique(cells[~np.isnan(cells)], return_counts=True)
    if not len(values):
        values, counts = np.zeros(1), np.ones(1, dtype=counts.dtype)
    inner = ndtri(np.cumsum(counts)[:-1] / counts.sum())
    return Stepped(values, np.concatenate([[-np.inf], inner, [np.inf]]))


def _by_ranks(cells: Array) -> Ranked | Straight:
    values, counts = np.unique(cells[~np.isnan(cells)], return_counts=True)
    if len(values) < 2:
        return Straight(float(values[0]) if len(values) else 0.0, 1e-9)
    return Ranked(values, ndtri((np.cumsum(counts) - counts / 2) / counts.sum()))
