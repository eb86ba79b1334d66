"""Cells taken out of a table on purpose, so that what fills the gaps can be held against them: at random, or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float
from scipy.optimize import brentq
from scipy.special import expit

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array

STEEP = 1.5
"""How strongly the chance of a gap rises with what it depends on: the log-odds of a standard deviation."""


@runtime_checkable
class Removal(Protocol):
    """Why cells are missing."""

    def __call__(self, x: Float[np.ndarray, "n d"], share: float, rng: np.random.Generator) -> Bool[np.ndarray, "n d"]:
        """Which cells to take out, about `share` of them all."""
        ...


@dataclass(frozen=True)
class Completely:
    """MCAR, missing completely at random: each cell with the same chance."""

    def __call__(self, x: Float[np.ndarray, "n d"], share: float, rng: np.random.Generator) -> Bool[np.ndarray, "n d"]:
        """Independent of everything."""
        return rng.random(x.shape) < share


@dataclass(frozen=True)
class ByOthers:
    """MAR, missing at random: three in ten columns stay whole, and the gaps of the rest depend on them.

    Each other column has its own random direction among the whole ones; the log-odds of a gap rise by 1.5 for each
    standard deviation along it. Where there is one column alone, nothing is left to depend on.
    """

    steep: float = STEEP

    def __call__(self, x: Float[np.ndarray, "n d"], share: float, rng: np.random.Generator) -> Bool[np.ndarray, "n d"]:
        """Gaps that whole columns tell of."""
        n, d = x.shape
        kept = rng.permutation(d)[: max(1, round(0.3 * d))]
        open_ = np.setdiff1d(np.arange(d), kept)
        if not len(open_):
            raise BadInput("gaps at random depend on other columns", f"{d} column", "give a table of two or more")
        here = share * d / len(open_)
        if here >= 1:
            raise BadInput(
                "so many cells cannot be missing while three columns in ten stay whole",
                f"a share of {share:g} of {d} columns",
                "ask for a share below 0.6",
            )
        z = standardized(x)[:, kept]
        gone = np.zeros((n, d), dtype=bool)
        for place in open_:
            along = z @ rng.standard_normal(len(kept))
            gone[:, place] = rng.random(n) < chances(self.steep * along / max(along.std(), 1e-12), here)
        return gone


@dataclass(frozen=True)
class ByThemselves:
    """MNAR, missing not at random: high values go missing; nothing in the table tells."""

    steep: float = STEEP

    def __call__(self, x: Float[np.ndarray, "n d"], share: float, rng: np.random.Generator) -> Bool[np.ndarray, "n d"]:
        """Gaps that the missing values themselves make."""
        return rng.random(x.shape) < np.column_stack([chances(self.steep * z, share) for z in standardized(x).T])


REMOVALS: Mapping[str, Removal] = {"MCAR": Completely(), "MAR": ByOthers(), "MNAR": ByThemselves()}
"""By the names that statisticians use."""


def standardized(x: Float[np.ndarray, "n d"]) -> Array:
    """Columns with mean 0 and unit spread; gaps at the mean."""
    middle, spread = np.nanmean(x, axis=0), np.nanstd(x, axis=0)
    return np.asarray(np.nan_to_num((x - middle) / np.where(spread > 0, spread, 1.0)))


def chances(along: Float[np.ndarray, " n"], share: float) -> Float[np.ndarray, " n"]:
    """Chances that rise with `along`, in log-odds, and have this mean."""
    shift = brentq(lambda c: expit(along + c).mean() - share, -60.0, 60.0)
    return np.asarray(expit(along + shift))


def removed(
    x: Float[np.ndarray, "n d"], removal: Removal, share: float, rng: np.random.Generator, least: int = 2
) -> Bool[np.ndarray, "n d"]:
    """Known cells to take out: in each row and each column something stays.

    Args:
        x: the table; its own gaps stay what they are and are not among those returned.
        removal: why cells go.
        share: of all cells.
        rng: of the choice.
        least: known cells that each column keeps.
    """
    if not 0 < share < 1:
        raise BadInput("a share lies between 0 and 1", f"{share:g}", "for example 0.2")
    known = ~np.isnan(x)
    gone = removal(x, share, rng) & known
    for row in np.flatnonzero((known & ~gone).sum(axis=1) == 0):
        if known[row].any():
            gone[row, rng.choice(np.flatnonzero(known[row]))] = False
    for place in np.flatnonzero((known & ~gone).sum(axis=0) < least):
        rows = np.flatnonzero(gone[:, place])
        back = rng.permutation(rows)[: least - int((known & ~gone)[:, place].sum())]
        gone[back, place] = False
    return np.asarray(gone)
