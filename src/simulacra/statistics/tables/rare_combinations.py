"""Rare combinations: whether what only one training record shows turns up among the samples more often than it may."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np
from jaxtyping import Int

from simulacra.core.samples import Array, Samples
from simulacra.domains.tables.expanded import columns_of
from simulacra.statistics.base import Split, number_of
from simulacra.statistics.sets.neighborhoods import with_copies

BINS = 4
"""Parts of equal weight into which numbers are sorted."""


@dataclass(frozen=True)
class RareCombinations:
    """How much more often a combination that is single in training is met among the samples than one held out.

    Looked at are the cells of three columns, numbers in four parts of equal weight. Single is what one record alone of
    the training and the held-out ones shows: an attacker who knows it of a person reads the rest of the row. Samples of
    a law of their own meet singles of both by the same chance, so the number is 0; of a copycat it is large.

    Args:
        most: triples of columns that are looked at, evenly spaced among all.
    """

    about: ClassVar[str] = "set"
    accepts: ClassVar[tuple[str, ...]] = ("table",)
    worse: ClassVar[str] = "higher"
    needs_train: ClassVar[bool] = True
    defect: ClassVar[str] = "{amount:.0%} of the samples being copies of training samples"
    amounts: ClassVar[tuple[float, ...]] = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
    most: int = 60

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The number."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The number of any division of these samples."""
        codes, size = self.codes(Samples.join([bare(everything), bare(train)]), train)
        n = len(everything)

        def number(model: Array, truth: Array) -> float:
            met_in, single_in, met_out, single_out = self.met(codes[model], codes[truth], codes[n:], size)
            return met_in / max(single_in, 1) - met_out / max(single_out, 1)

        return number

    def met(self, model: Array, truth: Array, train: Array, size: int) -> tuple[int, int, int, int]:
        """Of the singles of training how many are met, and of how many; the same of what was held out."""
        found = np.zeros(4, dtype=int)
        for a, b, c in zip(model.T, truth.T, train.T, strict=True):
            trained, held = np.bincount(c, minlength=size), np.bincount(b, minlength=size)
            there, single = np.bincount(a, minlength=size) > 0, trained + held == 1
            own, other = single & (trained == 1), single & (held == 1)
            found += (int((own & there).sum()), int(own.sum()), int((other & there).sum()), int(other.sum()))
        return int(found[0]), int(found[1]), int(found[2]), int(found[3])

    def codes(self, x: Samples, train: Samples) -> tuple[Int[np.ndarray, "n triples"], int]:
        """The combination that each record shows of each triple of columns, and how many there may be."""
        sorted_in = [_parts(x.array[:, place], train.array[:, place], bool(column.levels)) for place, column in
                     enumerate(columns_of(x))]  # fmt: skip
        wide = 1 + max(int(part.max()) for part in sorted_in)
        triples = list(combinations(range(len(sorted_in)), min(3, len(sorted_in))))
        kept = np.unique(np.linspace(0, len(triples) - 1, min(len(triples), self.most)).astype(int))
        found = []
        for place in kept:
            code = np.zeros(len(x), dtype=np.int64)
            for column in triples[place]:
                code = code * wide + sorted_in[column]
            found.append(code)
        # numbered anew, so that counting takes no more room than there are records
        whole = np.column_stack([np.unique(code, return_inverse=True)[1] for code in found])
        return whole, int(whole.max()) + 1

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """Some samples replaced by training samples."""
        return with_copies(x, train, amount, rng)


def bare(x: Samples) -> Samples:
    """Without conditions."""
    return x.but(given={}, given_unit={})


def _parts(cells: Array, train: Array, levels: bool) -> Int[np.ndarray, " n"]:
    """The part of each cell: its level, or one of four; the last is a gap."""
    gone = np.isnan(cells)
    if levels:
        return np.where(gone, int(np.nanmax(cells, initial=0)) + 1, np.where(gone, 0, cells)).astype(np.int64)
    there = train[~np.isnan(train)]
    edges = np.unique(np.quantile(there, np.linspace(0, 1, BINS + 1)[1:-1])) if len(there) else np.zeros(0)
    return np.where(gone, BINS, np.searchsorted(edges, np.where(gone, 0, cells), side="left")).astype(np.int64)
