"""Closer to training: how often a record's nearest neighbor was trained on, rather than held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int
from scipy.special import gammaln

from simulacra.core.samples import Array, Samples
from simulacra.domains.likeness.nearest import sketch_distances
from simulacra.kinds.base import likeness_of
from simulacra.statistics.base import Split, number_of
from simulacra.statistics.sets.neighborhoods import with_copies

MOST = 3000
"""Training objects that are looked at; of more, a part."""


@dataclass(frozen=True)
class CloserToTraining:
    """Share of the samples that lie nearer to a training object than to any of as many held-out ones.

    It is 0.5 for a law of its own and 1 for a copycat. The larger of the two sets counts by the chance that an object
    of it is nearer when as many as the other has are drawn from it, so that neither is nearer for being more. It does
    not see by how much they are nearer: the attack on membership does.
    """

    about: ClassVar[str] = "set"
    accepts: ClassVar[tuple[str, ...]] = ("table", "vector")
    worse: ClassVar[str] = "higher"
    needs_train: ClassVar[bool] = True
    defect: ClassVar[str] = "{amount:.0%} of the samples being copies of training samples"
    amounts: ClassVar[tuple[float, ...]] = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The number."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The number of any division of these samples."""
        to_all, to_train = distances(everything, train)
        ranked = np.sort(to_train, axis=1)

        def number(model: Array, truth: Array) -> float:
            return float(chances(ranked[model], np.sort(to_all[np.ix_(model, truth)], axis=1)).mean())

        return number

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """Some samples replaced by training samples."""
        return with_copies(x, train, amount, rng)


def distances(x: Samples, train: Samples) -> tuple[Float[np.ndarray, "n n"], Float[np.ndarray, "n m"]]:
    """How far each is from each other and from each training object, in units of the training set's spread."""
    likeness, train = likeness_of(train), some(train)
    rows = likeness.sketches(likeness.ready(x.array))
    known = likeness.sketches(likeness.ready(train.array))[0]
    return sketch_distances(rows, rows[0]), sketch_distances(rows, known)


def some(train: Samples) -> Samples:
    """At most so many training objects, evenly spaced among their names: always the same ones."""
    if len(train) <= MOST:
        return train
    order = np.argsort(train.id, kind="stable")
    return train[order[np.linspace(0, len(train) - 1, MOST).astype(int)]]


def chances(trained: Float[np.ndarray, "n m"], held: Float[np.ndarray, "n k"]) -> Float[np.ndarray, " n"]:
    """That the nearest of equally many objects of both sets was trained on; a half where both are as near.

    Args:
        trained: distances from the training objects, ascending.
        held: distances from held-out objects, ascending.
    """
    few, many = (trained, held) if trained.shape[1] <= held.shape[1] else (held, trained)
    size, of = few.shape[1], many.shape[1]
    first = few[:, :1]
    nearer, level = (many < first).sum(axis=1), (many <= first).sum(axis=1)
    lose = 1 - _none(nearer, size, of)  # one of the larger set is nearer
    win = _none(level, size, of)  # none of it is as near
    of_few = win + (1 - win - lose) / 2
    return np.asarray(of_few if few is trained else 1 - of_few)


def _none(marked: Int[np.ndarray, " n"], drawn: int, of: int) -> Float[np.ndarray, " n"]:
    """The chance that none of the marked is among so many drawn."""
    left = of - marked
    able = left >= drawn
    left = np.where(able, left, drawn)
    log = gammaln(left + 1) - gammaln(left - drawn + 1) + gammaln(of - drawn + 1) - gammaln(of + 1)
    return np.where(able, np.exp(log), 0.0)
