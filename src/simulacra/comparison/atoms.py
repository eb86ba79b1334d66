r"""Values that come again and again: of each, whether it stands on one side more often; of each column, all together.

Whole numbers, levels, a code for what is missing, ages heaped to fives: a distribution function, ranks and moments
hardly change where a hundredth of the values moves to one place. So of each value that at least three rows share, the
count on the model's side is held against what chance gives it, and of each column the sum of their squares (Pearson).
The sum is about a $\chi^2$; by its cube root it is brought to the scale of the single counts, and the farthest counts.

References:
    On the criterion that a given system of deviations … is such that it can be reasonably supposed to have arisen from
        random sampling (Pearson, 1900), doi:10.1080/14786440009463897
    The distribution of chi-square (Wilson & Hilferty, 1931), doi:10.1073/pnas.17.12.684
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from scipy.sparse import csr_array

from simulacra.comparison.rows import Rows, Sides, Stratum
from simulacra.core.samples import Array

MOST = 6000  # rows of both sides that are counted; beyond, a random part
FEATURES = 200  # that are looked at, evenly spaced among all
HEAP = 3  # equal values that are an atom
ATOMS = 64  # of each column, the largest
EQUAL = 1e-6  # of a standard deviation: finer than what single precision rounds


@dataclass(frozen=True)
class AtomsView:
    """The farthest of all values' counts and of all columns' sums of their squares.

    Args:
        strata: the strata, or the part of each that is looked at.
        kept: the groups of each that are looked at.
        counts: of each stratum, how many rows of a group hold each atom, (G, A).
        column: of each atom, its column, numbered from 0 without gaps, (A,).
        share: of each atom, 1 less its share of the rows: the weight that makes the squares a χ², (A,).
    """

    name: ClassVar[str] = "atoms"
    strata: list[Stratum]
    kept: list[Array]
    counts: list[csr_array]
    column: Array
    share: Array

    @classmethod
    def of(cls, rows: Rows, part: float = 1.0) -> AtomsView:
        """The atoms of all rows; where the rows are copies of one another, of as many copies."""
        k = rows.features.shape[1]
        columns = np.unique(np.linspace(0, k - 1, min(k, FEATURES)).astype(int))
        strata, kept = map(list, zip(*(s.part(MOST / len(rows)) for s in rows.strata), strict=True))
        at = np.concatenate([s.at for s in strata])
        row, atom, owner = _atoms(rows.features[np.ix_(at, columns)], HEAP / part)
        shape = len(at), len(owner)
        member = csr_array((np.ones(len(row)), (row, atom)), shape=shape)
        share = 1 - np.asarray(member.sum(axis=0)).ravel() / max(1, len(at))
        ends = np.cumsum([0, *(len(s.at) for s in strata)])
        parts = [
            csr_array(member[a:b] if s.single else s.member @ member[a:b])
            for s, a, b in zip(strata, ends[:-1], ends[1:], strict=True)
        ]
        return cls(strata, kept, parts, np.unique(owner, return_inverse=True)[1], share)

    def __call__(self, sides: Sides) -> Float[np.ndarray, " P"]:
        """The farthest in each draw; 0 where no value comes again."""
        sides = sides.some(self.kept)
        draws = len(sides.a[0])
        if not len(self.column):
            return np.zeros(draws)
        value, variance = np.zeros((draws, len(self.column))), np.zeros(len(self.column))
        sizes = zip(*sides.sizes(self.strata), strict=True)
        for s, counts, a, b, (n, m) in zip(self.strata, self.counts, sides.a, sides.b, sizes, strict=True):
            y = a * (m / (n + m))[:, None] - b * (n / (n + m))[:, None]
            value += (counts.T @ y.T).T
            each = float((n * m / (n + m)).mean()) / s.counts.sum()
            mean = np.asarray(counts.sum(axis=0)).ravel() / s.counts.sum()
            there = np.asarray(counts.power(2).sum(axis=0)).ravel()
            crossed = np.asarray(counts.T @ s.counts).ravel()
            variance += each * (there - 2 * mean * crossed + mean**2 * (s.counts**2).sum())
        t = value / np.sqrt(np.where(variance > 1e-12, variance, np.inf))
        squares, freedom = np.zeros((draws, int(self.column.max()) + 1)), np.zeros(int(self.column.max()) + 1)
        np.add.at(squares.T, self.column, (t**2 * self.share).T)
        np.add.at(freedom, self.column, np.where(variance > 1e-12, self.share, 0.0))
        freedom = np.maximum(freedom, 1e-12)
        unit = 2 / (9 * np.maximum(freedom, 1.0))
        even = (np.cbrt(squares / freedom) - (1 - unit)) / np.sqrt(unit)
        return np.asarray(np.maximum(np.abs(t).max(axis=1), even.max(axis=1)))


def _atoms(x: Float[np.ndarray, "n k"], least: float) -> tuple[Array, Array, Array]:
    """Which row holds which atom, and the column of each: the most frequent values, whatever the order of the rows."""
    rows, atoms, owner, found = [], [], [], 0
    for j, column in enumerate(x.T):
        order = np.argsort(column, kind="stable")
        new = np.diff(column[order]) > EQUAL * column.std()
        run = np.concatenate([[0], np.cumsum(new)])
        counts = np.bincount(run)
        if len(counts) < 2:
            continue
        chosen = np.flatnonzero(counts >= least)
        chosen = chosen[np.argsort(-counts[chosen], kind="stable")[:ATOMS]]
        if not len(chosen):
            continue
        place = np.full(len(counts), -1)
        place[chosen] = found + np.arange(len(chosen))
        there = place[run] >= 0
        rows.append(order[there])
        atoms.append(place[run][there])
        owner += [j] * len(chosen)
        found += len(chosen)
    if not rows:
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int), np.zeros(0, dtype=int)
    return np.concatenate(rows), np.concatenate(atoms), np.array(owner)
