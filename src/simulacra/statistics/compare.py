r"""The calibrated comparison of two sets of features: an energy test by permutation, and its reach.

The energy distance between two sets of rows is $2\,\overline{|x - y|} - \overline{|x - x'|} - \overline{|y - y'|}$;
with the weights $w = 1/n$ on the model's rows and $-1/m$ on the truth's it is $-w^\top D\,w$, so that a thousand
relabelings are one product of matrices. Rows are relabeled within their stratum (a temperature, a class), whole groups
at a time.

References:
    Testing for equal distributions in high dimension (Székely & Rizzo, 2004), InterStat 5
    Energy statistics: statistics based on distances (Székely & Rizzo, 2013), doi:10.1016/j.jspi.2013.03.018
    A simple sequentially rejective multiple test procedure (Holm, 1979), Scand. J. Statist. 6, 65
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial.distance import cdist

Array = NDArray[Any]
CHUNK = 250  # relabelings at a time: bounds memory at CHUNK × rows


@dataclass(frozen=True)
class Rows:
    """Features of one set, with what binds its rows.

    Args:
        features: one row a sample, (n, k).
        stratum: the stratum of each row as a number, (n,); compared only within.
        group: the name of each row's group, (n,); never torn apart. A group lies within one stratum.
    """

    features: Float[np.ndarray, "n k"]
    stratum: Array
    group: Array

    def __len__(self) -> int:
        return len(self.features)

    def take(self, at: Array) -> Rows:
        """Some of the rows."""
        return Rows(self.features[at], self.stratum[at], self.group[at])

    def scaled(self, scale: Float[np.ndarray, " k"]) -> Rows:
        """The rows in units of a scale."""
        return Rows(self.features / scale, self.stratum, self.group)

    @property
    def groups(self) -> int:
        """How many independent groups there are."""
        return len(np.unique(self.group))


@dataclass(frozen=True)
class Test:
    """The outcome of a permutation test.

    Args:
        observed: the distance.
        null: the distances under relabeling, (permutations,).
    """

    observed: float
    null: Float[np.ndarray, " permutations"]

    @property
    def p(self) -> float:
        """Share of relabelings, the actual one among them, with a distance at least as large."""
        slack = 1e-10 * (abs(self.observed) + np.abs(self.null).max())  # equal up to rounding is equal
        return float((1 + np.sum(self.null >= self.observed - slack)) / (1 + len(self.null)))

    @property
    def ratio(self) -> float:
        """The distance over the median of the null: the noise floor is 1."""
        floor = float(np.median(self.null))
        if floor > 0:
            return self.observed / floor
        return 1.0 if self.observed <= floor else float("inf")


def spread(*sets: Rows) -> Float[np.ndarray, " k"]:
    """The pooled standard deviation of each feature; 1 where a feature is constant."""
    sigma = np.concatenate([rows.features for rows in sets]).std(axis=0)
    return np.where(sigma > 1e-12 * (1 + np.abs(sets[0].features).max(axis=0)), sigma, 1.0)


def energy_test(model: Rows, truth: Rows, rng: np.random.Generator, permutations: int = 999) -> Test:
    """Whether two sets differ, by relabeling; exact at any size."""
    scale = spread(model, truth)
    model, truth = model.scaled(scale), truth.scaled(scale)
    observed, null = 0.0, np.zeros(permutations)
    for stratum in np.intersect1d(model.stratum, truth.stratum):
        a, b = model.take(model.stratum == stratum), truth.take(truth.stratum == stratum)
        # a group's name may be met in both sets: there it is two groups
        names = np.concatenate([np.char.add("m", a.group.astype(str)), np.char.add("t", b.group.astype(str))])
        distances, counts, first = _between_groups(np.concatenate([a.features, b.features]), names)
        labels = (first < len(a)).astype(float)
        weight = len(a) * len(b) / (len(a) + len(b))
        observed += weight * float(_energy(distances, counts, labels[None])[0])
        for start in range(0, permutations, CHUNK):
            many = np.tile(labels, (min(CHUNK, permutations - start), 1))
            null[start : start + len(many)] += weight * _energy(distances, counts, rng.permuted(many, axis=1))
    return Test(observed, null)


def energy_distance(model: Rows, truth: Rows, scale: Float[np.ndarray, " k"]) -> float:
    """The distance alone, in units of a given scale, summed over strata with the weights of `energy_test`."""
    total = 0.0
    model, truth = model.scaled(scale), truth.scaled(scale)
    for stratum in np.intersect1d(model.stratum, truth.stratum):
        x = model.features[model.stratum == stratum]
        y = truth.features[truth.stratum == stratum]
        distance = 2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean()
        total += float(distance) * len(x) * len(y) / (len(x) + len(y))
    return total


def _between_groups(features: Array, group: Array) -> tuple[Array, Array, Array]:
    """Sums of the distances between groups, (G, G); rows a group, (G,); the first row of each, (G,)."""
    distances = cdist(features, features)
    _, first, inverse, counts = np.unique(group, return_index=True, return_inverse=True, return_counts=True)
    if len(counts) < len(group):
        member = csr_array((np.ones(len(group)), (inverse, np.arange(len(group)))))
        distances = np.asarray(member @ (member @ distances).T)
        return distances, counts.astype(float), first
    return distances, np.ones(len(group)), np.arange(len(group))


def _energy(distances: Array, counts: Array, labels: Array) -> Array:
    """Energy distance of each labeling, (P, G) of 0 and 1 → (P,)."""
    inside = labels @ counts
    w = labels / inside[:, None] - (1 - labels) / (counts.sum() - inside)[:, None]
    energy: Array = -np.einsum("pg,pg->p", w @ distances, w)
    return energy


@dataclass(frozen=True)
class Reach:
    """The smallest planted defect that is caught, or None if none of those that were tried.

    Args:
        amount: its size.
        power: the share of planted draws in which each size that was tried was caught.
        n_model: rows on the planted side.
        n_truth: rows on the true side.
    """

    amount: float | None
    power: dict[float, float]
    n_model: int
    n_truth: int


def find_reach(
    pool: Rows,
    planted: Callable[[float], Rows],
    amounts: Sequence[float],
    n_model: int,
    n_truth: int,
    rng: np.random.Generator,
    level: float = 0.05,
    power: float = 0.8,
    draws: int = 400,
) -> Reach:
    """The smallest of the ascending `amounts` that the energy test catches with this power.

    Disjoint subsets of the pool, as large as the sets in question, stand for the two sides; the critical value comes
    from undisturbed pairs, the power from pairs whose one side has the defect. Where the pool is smaller than both
    sides together, they shrink in proportion, and the reach is stated for that size.

    Args:
        pool: rows known to be of the true law.
        planted: the same rows with the defect of a given size.
        amounts: the sizes to try, ascending; power is taken to rise with them.
        n_model: rows of the set that is judged.
        n_truth: rows of the truth that it is judged against.
        rng: chooses the subsets.
        level: of the test.
        power: that counts as caught.
        draws: pairs drawn.
    """
    scale = spread(pool)
    pool = pool.scaled(scale)
    shrink = min(1.0, len(pool) / (n_model + n_truth))
    share_model, share_truth = shrink * n_model / len(pool), shrink * n_truth / len(pool)
    pairs = [
        _split(pool.take(pool.stratum == s), share_model, share_truth, rng, draws) for s in np.unique(pool.stratum)
    ]
    strata = [pool.stratum == s for s in np.unique(pool.stratum)]
    null = _pair_distances(pool, pool, strata, pairs)
    critical = float(np.quantile(null, 1 - level, method="higher"))
    tried: dict[float, float] = {}
    low, high = 0, len(amounts)  # the answer's place is in [low, high]; high means none
    while low < high:
        middle = (low + high) // 2
        amount = amounts[middle]
        caught = _pair_distances(planted(amount).scaled(scale), pool, strata, pairs) > critical
        tried[amount] = float(caught.mean())
        low, high = (low, middle) if tried[amount] >= power else (middle + 1, high)
    rows = [int(sum(pair[side][0].sum() for pair in pairs)) for side in (2, 3)]
    return Reach(amounts[low] if low < len(amounts) else None, dict(sorted(tried.items())), *rows)


def _split(
    rows: Rows, share_a: float, share_b: float, rng: np.random.Generator, draws: int
) -> tuple[Array, Array, Array, Array]:
    """Weights and membership of the rows in disjoint random pairs of subsets of whole groups, (draws, n) each."""
    _, inverse = np.unique(rows.group, return_inverse=True)
    groups = int(inverse.max()) + 1
    n_a = max(1, min(groups - 1, round(share_a * groups)))
    n_b = max(1, min(groups - n_a, round(share_b * groups)))
    order = rng.permuted(np.tile(np.arange(groups), (draws, 1)), axis=1)
    place = np.argsort(order, axis=1)[:, inverse]  # of each row's group in each random order
    a, b = (place < n_a).astype(float), ((place >= n_a) & (place < n_a + n_b)).astype(float)
    return a / a.sum(1, keepdims=True), b / b.sum(1, keepdims=True), a, b


def _pair_distances(
    left: Rows, right: Rows, strata: list[Array], pairs: list[tuple[Array, Array, Array, Array]]
) -> Array:
    """Energy distance of each random pair, one side from `left`, one from `right`, summed over strata."""
    total = np.zeros(len(pairs[0][0]))
    for inside, (wa, wb, a, b) in zip(strata, pairs, strict=True):
        x, y = left.features[inside], right.features[inside]
        cross = np.einsum("pn,pn->p", wa @ cdist(x, y), wb)
        own = np.einsum("pn,pn->p", wa @ cdist(x, x), wa) + np.einsum("pn,pn->p", wb @ cdist(y, y), wb)
        n_a, n_b = a.sum(1), b.sum(1)
        total += (2 * cross - own) * n_a * n_b / (n_a + n_b)
    return total


def holm(p: Sequence[float]) -> list[float]:
    """p-values adjusted for their number, step by step from the smallest.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    adjusted, worst = [0.0] * len(p), 0.0
    for rank, at in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        worst = max(worst, min(1.0, (len(p) - rank) * p[at]))
        adjusted[at] = worst
    return adjusted
