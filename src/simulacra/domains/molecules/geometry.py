"""Bond lengths and bond angles of molecules in space by their type, and how far two sets of them lie apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from simulacra.core.samples import Array
from simulacra.domains.molecules.atoms import HEAVIEST, SYMBOLS, numbers, places
from simulacra.domains.molecules.bond_orders import bonded, orders

FEWEST = 20  # measurements of a type in each set, below which it is left out: a distance of a handful is noise


@dataclass(frozen=True)
class Measured:
    """Measurements of many molecules, each of a type.

    Args:
        molecule: to which it belongs.
        type: a number for its type; see `bond_name` and `angle_name`.
        value: Å or degrees.
    """

    molecule: Int[np.ndarray, " k"]
    type: Int[np.ndarray, " k"]
    value: Float[np.ndarray, " k"]


def bond_lengths(x: Float[np.ndarray, "n seats 4"]) -> Measured:
    """Every bond by distance once: its two elements and its order, and its length, Å."""
    order, kinds, where = orders(x), numbers(x), places(x).astype(np.float64)
    m, a, b = bonded(order)
    low, high = np.minimum(kinds[m, a], kinds[m, b]), np.maximum(kinds[m, a], kinds[m, b])
    kind = (low * (HEAVIEST + 1) + high) * 4 + order[m, a, b]
    return Measured(m, kind.astype(np.int64), np.linalg.norm(where[m, a] - where[m, b], axis=1))


def bond_name(kind: int) -> str:
    """A type of bond as a chemist writes it.

    >>> bond_name((6 * (HEAVIEST + 1) + 8) * 4 + 2)
    'C=O'
    """
    pair, order = divmod(kind, 4)
    return f"{SYMBOLS[pair // (HEAVIEST + 1)]}{'·-=≡'[order]}{SYMBOLS[pair % (HEAVIEST + 1)]}"


def bond_angles(x: Float[np.ndarray, "n seats 4"]) -> Measured:
    """Every angle between two bonds of an atom: the atom's element, and the angle in degrees."""
    order, kinds, where = orders(x), numbers(x), places(x).astype(np.float64)
    m, center, other = np.nonzero(order)  # from both ends, in the order of molecule and center
    key = m * x.shape[1] + center
    found: list[tuple[Array, Array, Array]] = []
    for step in range(1, int(np.bincount(key, minlength=1).max(initial=0))):
        one = np.flatnonzero(key[:-step] == key[step:])
        two = one + step
        arms = [where[m[at], other[at]] - where[m[at], center[at]] for at in (one, two)]
        cosine = (arms[0] * arms[1]).sum(1) / np.prod([np.linalg.norm(arm, axis=1) for arm in arms], axis=0)
        angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
        found.append((m[one], kinds[m[one], center[one]], angle))
    if not found:
        return Measured(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    molecule, kind, value = (np.concatenate(column) for column in zip(*found, strict=True))
    return Measured(molecule, kind, value)


def angle_name(kind: int) -> str:
    """The element at whose atoms the angles are."""
    return SYMBOLS[kind]


class Distances:
    """How far apart the measurements of two sets of molecules lie, with what all divisions share computed once.

    Of each type the first Wasserstein distance: how far the values of one set must be moved, on average, to be those of
    the other.

    Args:
        measured: of all molecules of both sets.
    """

    def __init__(self, measured: Measured) -> None:
        order = np.lexsort((measured.value, measured.type))
        self.molecule, self.type = measured.molecule[order], measured.type[order]
        self.value = value = measured.value[order]
        self.types, self.group = np.unique(self.type, return_inverse=True)
        step = np.diff(value, append=value[-1:])
        last = np.diff(self.group, append=-1) != 0
        self.step = np.where(last, 0.0, step)  # from each value to the next of its type

    def by_type(self, model: Array, truth: Array) -> dict[int, tuple[float, int]]:
        """Of each type that both have often enough, the distance and how often the truth has it."""
        apart, counts = self._all(model, truth)
        return {int(t): (float(w), int(c)) for t, w, c in zip(self.types, apart, counts, strict=True) if c}

    def mean(self, model: Array, truth: Array) -> float:
        """The mean over types, each counted as often as the truth has it.

        Where they share none, the model's values count as 0: the mean of the truth's.
        """
        apart, counts = self._all(model, truth)
        if counts.any():
            return float((apart * counts).sum() / counts.sum())
        taken = np.bincount(truth, minlength=int(self.molecule.max(initial=0)) + 1)[self.molecule]
        return float((taken * self.value).sum() / max(1, int(taken.sum())))

    def _all(self, model: Array, truth: Array) -> tuple[Array, Array]:
        k, most = len(self.types), int(self.molecule.max(initial=0)) + 1
        weights, counts = [], []
        for side in (model, truth):
            taken = np.bincount(side, minlength=most)[self.molecule]
            count = np.bincount(self.group, taken, minlength=k)
            counts.append(count)
            weights.append(taken / np.maximum(count, 1)[self.group])
        gap = np.cumsum(weights[0] - weights[1])  # each type's ends at 0 where both sets have it
        first = np.searchsorted(self.group, np.arange(k))
        before = np.concatenate([[0.0], gap])[first]
        apart = np.bincount(self.group, np.abs(gap - before[self.group]) * self.step, minlength=k)
        enough = np.minimum(*counts) >= FEWEST
        return np.where(enough, apart, 0.0), np.where(enough, counts[1], 0).astype(np.int64)
