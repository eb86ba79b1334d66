"""How letters of two and three columns go together, in the entries that a training set says matter most."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Int

from simulacra.core.samples import Array
from simulacra.domains.proteins.residues import one_hot

PAIRS, TRIPLES = 4000, 1000
HUBS = 40  # letters among which triples are sought
RARE = 0.02  # a letter in fewer sequences says little


@dataclass(frozen=True, eq=False)
class Entries:
    """Letters of columns that are looked at together.

    Args:
        at: places in a one-hot row, (entries, 2) or (entries, 3), each of another column.
    """

    at: Int[np.ndarray, "entries order"]

    def products(self, codes: Array, states: int) -> tuple[Array, ...]:
        """Of each sequence: whether it has each letter, each two of them, and all; (n, entries) of int8 each."""
        hot = one_hot(codes, states).astype(bool)
        single = [hot[:, place] for place in self.at.T]
        if len(single) == 2:
            return (*single, single[0] & single[1])
        a, b, c = single
        return a, b, c, a & b, a & c, b & c, a & b & c


def connected(products: tuple[Array, ...], rows: Array) -> Array:
    """The covariance of each pair, or the third cumulant of each triple, over some of the sequences."""
    mean = [part[rows].mean(axis=0, dtype=np.float32) for part in products]
    if len(mean) == 3:
        return np.asarray(mean[2] - mean[0] * mean[1])
    a, b, c, ab, ac, bc, abc = mean
    return np.asarray(abc - ab * c - ac * b - bc * a + 2 * a * b * c)


def strongest_pairs(codes: Array, states: int, most: int = PAIRS) -> Entries:
    """The pairs of letters in different columns that covary most in these sequences, by the size of the covariance.

    Args:
        codes: sequences, (n, columns).
        states: codes a column may have.
        most: how many pairs.
    """
    hot = one_hot(codes, states)
    mean = hot.mean(axis=0)
    kept = np.flatnonzero((mean > RARE) & (mean < 1 - RARE))
    hot = hot[:, kept] - mean[kept]
    size = np.abs(hot.T @ hot / len(hot))
    column = kept // states
    size[column[:, None] >= column[None, :]] = 0.0
    first = np.argpartition(-size.ravel(), min(most, size.size - 1))[:most]
    first = first[size.ravel()[first] > 0]
    i, j = np.unravel_index(np.sort(first), size.shape)
    return Entries(np.column_stack([kept[i], kept[j]]))


def strongest_triples(codes: Array, states: int, most: int = TRIPLES) -> Entries:
    """The triples of letters with the largest third cumulants, among the letters that stand in most strong pairs."""
    pairs = strongest_pairs(codes, states)
    letters, count = np.unique(pairs.at, return_counts=True)
    hubs = np.sort(letters[np.argsort(-count, kind="stable")[:HUBS]])
    found = [t for t in combinations(hubs.tolist(), 3) if len({place // states for place in t}) == 3]
    every = Entries(np.array(found, dtype=int).reshape(-1, 3))
    size = np.abs(connected(every.products(codes, states), np.arange(len(codes))))
    return Entries(every.at[np.sort(np.argsort(-size, kind="stable")[:most])])


def agreement(a: Array, b: Array) -> float:
    """Pearson's correlation of two lists of numbers; 0 where one does not vary."""
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else 0.0


def unbound(codes: Array, amount: float, rng: np.random.Generator) -> Array:
    """A share of the letters exchanged within their columns: what columns hold stays, what goes together is lost."""
    found = codes.copy()
    for column in range(codes.shape[1]):
        rows = np.flatnonzero(rng.random(len(codes)) < amount)
        found[rows, column] = codes[rng.permutation(rows), column]
    return found
