"""Membership attack: whether the samples tell who was in the training set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from scipy.stats import rankdata

from simulacra.core.samples import Array, Samples
from simulacra.statistics.base import Split, number_of
from simulacra.statistics.sets.neighborhoods import with_copies
from simulacra.statistics.tables.closer_to_training import distances, some

NEAR = 5
"""Samples by which their density about a record is taken."""
LEAST = 1e-6
"""A distance, in units of the spread, below which two records are one."""


@dataclass(frozen=True)
class MembershipAttack:
    """Chance that an attacker with the samples holds a training record for a member rather than a held-out one (AUC).

    The attacker knows whole records, and no more. He says *member* where the nearest sample lies near, for how sparse
    the true records are there: the log-ratio of the distance to the nearest other known record and that to the nearest
    samples. It is 0.5 where nothing leaks and near 1 for a copycat. An attack that fails proves no secrecy: others may
    succeed.

    References:
        Membership inference attacks against synthetic data through overfitting detection (van Breugel et al., 2023),
        arXiv:2302.12580
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
        """The number of any division of these samples: one side's are the samples, the other's were held out."""
        train = some(train)
        to_all, to_train = distances(everything, train)
        among = distances(train, train)[0]
        np.fill_diagonal(among, np.inf)

        def number(model: Array, truth: Array) -> float:
            own = to_all[np.ix_(truth, truth)].copy()
            np.fill_diagonal(own, np.inf)
            usual_in = np.minimum(among.min(axis=1), to_train[truth].min(axis=0))
            usual_out = np.minimum(own.min(axis=1), to_train[truth].min(axis=1))
            member = suspicion(to_train[model].T, usual_in)
            return area(member, suspicion(to_all[np.ix_(truth, model)], usual_out))

        return number

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """Some samples replaced by training samples."""
        return with_copies(x, train, amount, rng)


def suspicion(to_samples: Float[np.ndarray, "n m"], usual: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """How surely each record is held for a member; who was trained on is not looked at.

    Args:
        to_samples: of each record from each sample.
        usual: of each from the nearest other true record, trained on or not.
    """
    near = min(NEAR, to_samples.shape[1])
    closest = np.log(np.partition(to_samples, near - 1, axis=1)[:, :near] + LEAST)
    return np.asarray(np.log(usual + LEAST) - (closest.min(axis=1) + closest.mean(axis=1)) / 2)


def area(member: Float[np.ndarray, " n"], outside: Float[np.ndarray, " m"]) -> float:
    """The chance that a member is suspected more than an outsider; equal ones count half."""
    ranks = rankdata(np.concatenate([member, outside]))
    n, m = len(member), len(outside)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))
