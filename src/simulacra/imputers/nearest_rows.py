"""Nearest rows (kNN): each gap from the rows most alike that have a value there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.chance import stream
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.domains.tables.filled import Filled
from simulacra.imputers.coded import Coded

AT_ONCE = 256
"""Rows whose distances are held at a time."""


@dataclass(frozen=True)
class NearestRows:
    """The mean of the k nearest rows with a value there; a draw takes one of them, as a hot deck does.

    Columns are scaled to unit spread; the distance of two rows is that of the columns that both have, scaled up to all.
    Guesses are those of scikit-learn's KNNImputer on the scaled table.

    Args:
        k: rows that give.
        givers: rows that are looked through at most, drawn at random.

    References:
        Missing value estimation methods for DNA microarrays (Troyanskaya et al., 2001),
        doi:10.1093/bioinformatics/17.6.520
    """

    carries: ClassVar[bool] = False
    k: int = 5
    givers: int = 5000

    def fit(self, x: Samples, seed: int = 0) -> FittedNearestRows:
        """The scale, and the rows that give."""
        rows = np.arange(len(x))
        if len(x) > self.givers:
            rows = np.sort(stream(seed, "imputer").permutation(len(x))[: self.givers])
        coded = Coded.of(x)
        return FittedNearestRows(self.k, coded, coded.forward(x)[rows], np.nanmean(coded.forward(x), axis=0))


@dataclass(frozen=True, eq=False)
class FittedNearestRows:
    """The scaled rows that give, (r, f), and the mean where none can."""

    k: int
    coded: Coded
    givers: np.ndarray
    mean: np.ndarray

    def impute(self, x: Samples, draws: int, rng: np.random.Generator) -> Filled:
        """Means of the nearest, and one of them drawn, the same row for the neighboring columns of a category."""
        z = self.coded.forward(x)
        gone = np.isnan(z)
        guess, drawn = np.where(gone, 0.0, z), [np.where(gone, 0.0, z) for _ in range(draws)]
        places = np.flatnonzero(gone.any(axis=1))
        with Progress("looking for like rows", len(places)) as progress:
            for first in range(0, len(places), AT_ONCE):
                rows = places[first : first + AT_ONCE]
                near = np.argsort(self._apart(z[rows]), axis=1, kind="stable")
                for at in self.coded.places:
                    self._fill(rows[gone[rows, at.start]], near[gone[rows, at.start]], at, guess, drawn, rng)
                progress.step(len(rows))
        known = np.isnan(x.array)
        lists = [np.where(known, self.coded.inverse(one), x.array) for one in drawn]
        return Filled.of(x, np.where(known, self.coded.inverse(guess), x.array), lists, False)

    def _apart(self, z: Array) -> Array:
        """Squared distances over what both rows have, scaled up; without end where they share nothing; (n, r)."""
        a, b = ~np.isnan(z), ~np.isnan(self.givers)
        x, y = np.nan_to_num(z), np.nan_to_num(self.givers)
        both = a.astype(float) @ b.T
        apart = (x**2) @ b.T - 2 * x @ y.T + a @ (y**2).T
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(both > 0, np.maximum(apart, 0.0) * z.shape[1] / both, np.inf)

    def _fill(
        self, rows: Array, near: Array, at: slice, guess: Array, drawn: list[Array], rng: np.random.Generator
    ) -> None:
        has = ~np.isnan(self.givers[:, at.start])
        if not len(rows):
            return
        if not has.any():
            guess[rows, at] = self.mean[at]
            for one in drawn:
                one[rows, at] = self.mean[at]
            return
        can = has[near]
        k = min(self.k, int(has.sum()))
        first = np.argsort(~can, axis=1, kind="stable")[:, :k]
        nearest = np.take_along_axis(near, first, axis=1)
        guess[rows, at] = self.givers[nearest][:, :, at].mean(axis=1)
        for one in drawn:
            pick = nearest[np.arange(len(rows)), rng.integers(k, size=len(rows))]
            one[rows, at] = self.givers[pick][:, at]


def example() -> NearestRows:
    """The smallest one."""
    return NearestRows(k=3)
