"""Do 95 % intervals hold what they promise after filling in? A world whose truth is known, made again and again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from scipy import stats

from simulacra.core.chance import stream
from simulacra.core.samples import Array, Column, Samples
from simulacra.domains.tables.removal import STEEP, chances
from simulacra.imputers.base import Imputer
from simulacra.skill.rubin import pool

COLUMNS = tuple(Column(name) for name in ("a", "b", "c", "y"))
TRUE = np.array(((1.0, 0.5, 0.3, 0.4), (0.5, 1.0, 0.4, 0.5), (0.3, 0.4, 1.0, 0.3), (0.4, 0.5, 0.3, 1.0)))
"""Correlations of the world's four normal columns."""
WORDS = ("intercept", "slope of a", "slope of b", "slope of c", "mean of a", "mean of y")
WAYS = ("MCAR", "MAR", "MNAR")


@dataclass(frozen=True)
class World:
    """Four normal columns; y is regressed on a, b and c, and gaps are in a, b and y.

    MAR: the higher c, which is always known, the likelier a gap. MNAR: the higher the missing value itself.

    Args:
        n: rows.
        share: of the cells of a, b and y that go missing.
    """

    n: int = 200
    share: float = 0.3

    def draw(self, rng: np.random.Generator) -> Float[np.ndarray, "n 4"]:
        """A table without gaps."""
        return rng.standard_normal((self.n, 4)) @ np.linalg.cholesky(TRUE).T

    def gaps(self, x: Float[np.ndarray, "n 4"], way: str, rng: np.random.Generator) -> Bool[np.ndarray, "n 4"]:
        """Where cells go missing."""
        gone = np.zeros(x.shape, dtype=bool)
        for place in (0, 1, 3):
            along = {"MCAR": np.zeros(len(x)), "MAR": x[:, 2], "MNAR": x[:, place]}[way]
            gone[:, place] = rng.random(len(x)) < chances(STEEP * along, self.share)
        return gone

    @property
    def truth(self) -> Float[np.ndarray, " 6"]:
        """What is estimated: intercept and slopes of y on a, b, c; means of a and y."""
        return np.array([0.0, *np.linalg.solve(TRUE[:3, :3], TRUE[:3, 3]), 0.0, 0.0])


def estimates(x: Float[np.ndarray, "n 4"]) -> tuple[Array, Array]:
    """The quantities and their standard errors, by least squares, from a table without gaps."""
    n = len(x)
    design = np.column_stack([np.ones(n), x[:, :3]])
    inverse = np.linalg.inv(design.T @ design)
    slopes = inverse @ design.T @ x[:, 3]
    rest = x[:, 3] - design @ slopes
    errors = np.sqrt(np.diagonal(inverse) * (rest @ rest) / (n - 4))
    means, spreads = x[:, [0, 3]].mean(axis=0), x[:, [0, 3]].std(axis=0, ddof=1) / np.sqrt(n)
    return np.append(slopes, means), np.append(errors, spreads)


@dataclass(frozen=True)
class Tried:
    """One repetition: which intervals held the truth, how wide they were, the estimates."""

    holds: list[bool]
    wide: list[float]
    estimate: list[float]


def tried(
    world: World, way: str, imputer: Imputer | None, draws: int, repeat: int, seed: int, shift: float = 0.0
) -> Tried:
    """One table made, cells taken out, filled in `draws` times, analyzed and pooled.

    Args:
        world: that makes tables.
        way: why cells are missing.
        imputer: none for complete cases alone (rows with gaps dropped).
        draws: completed tables; 1 is taken for the truth, as who fills in once does.
        repeat: which repetition: all imputers meet the same tables.
        seed: of all chance.
        shift: by how much what was filled in is moved, in standard deviations of the columns.
    """
    rng = stream(seed, "made tables", repeat)
    x = world.draw(rng)
    gone = world.gaps(x, way, rng)
    if imputer is None:
        estimate, error = estimates(x[~gone.any(axis=1)])
        freedom = np.full(6, (~gone.any(axis=1)).sum() - 4.0)
    else:
        table = Samples.of(np.where(gone, np.nan, x), "table", origin="made", columns=COLUMNS)
        filled = imputer.fit(table, seed + repeat).impute(table, draws, stream(seed, "filled cells", repeat))
        for column in ("a", "b", "y") if shift else ():
            filled = filled.shifted(column, shift)
        if draws == 1:
            estimate, error = estimates(filled.best.array)
            freedom = np.full(6, world.n - 4.0)
        else:
            together = pool([estimates(one.array) for one in filled.tables()], complete=world.n - 4)
            estimate, error, freedom = together.estimate, together.error, together.freedom
    half = stats.t.ppf(0.975, freedom) * error
    holds = np.abs(estimate - world.truth) <= half
    return Tried(holds.tolist(), (2 * half).tolist(), estimate.tolist())


def summed(rows: list[Tried], world: World) -> dict[str, Any]:
    """Coverage of each quantity with its 95 % interval (Clopper and Pearson), mean width, bias in standard errors."""
    holds = np.array([row.holds for row in rows])
    estimate = np.array([row.estimate for row in rows])
    n, hits = len(rows), holds.sum(axis=0)
    low = np.where(hits > 0, stats.beta.ppf(0.025, np.maximum(hits, 1), n - hits + 1), 0.0)
    high = np.where(hits < n, stats.beta.ppf(0.975, hits + 1, np.maximum(n - hits, 1)), 1.0)
    spread = estimate.std(axis=0, ddof=1) if n > 1 else np.ones(6)
    bias = (estimate.mean(axis=0) - world.truth) / np.where(spread > 0, spread, 1.0)
    return {
        "repeats": n,
        "covers": {w: [hits[k] / n, float(low[k]), float(high[k])] for k, w in enumerate(WORDS)},
        "overall": float(holds.mean()),
        "width": dict(zip(WORDS, np.array([row.wide for row in rows]).mean(axis=0).tolist(), strict=True)),
        "bias": dict(zip(WORDS, bias.tolist(), strict=True)),
    }
