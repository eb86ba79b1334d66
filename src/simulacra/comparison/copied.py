r"""Two tests for copies: more twins than truth has, and nearest objects that were trained on too often.

*Twins.* Each sample has or has no twin in the training set. If model and truth follow one law and neither knows the
training set, their labels can be dealt out anew: the count of twins among those called "model" is hypergeometric.

*Preference.* Whatever law the model's samples follow, if they do not depend on which objects were trained on, then
among training and held-out objects alike the label "trained on" can be dealt out anew. Samples are put in order of how
clearly one object is the nearest; among the first k of them, c have a training object nearest where a share $\pi$ is
expected, and the statistic is the largest $k\,\mathrm{KL}(c/k \,\|\, \pi)$ over k with $c/k > \pi$. A blurred or
collapsed model lies near to both alike, and is not taken for a copycat.

References:
    Goodness-of-fit test statistics that dominate the Kolmogorov statistics (Berk & Jones, 1979), doi:10.1007/BF00533250
    A non-parametric test to detect data-copying in generative models (Meehan, Chaudhuri & Dasgupta, 2020),
        arXiv:2004.05675
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.special import gammaln

from simulacra.core.samples import Array

CUTS = 60  # places k at which the order is cut
MANY = 100_000  # objects, from which on labels are dealt to those alone that are looked at


@dataclass(frozen=True)
class Dealt:
    """A number, and what it is when labels are dealt out anew.

    Args:
        observed: the number.
        null: the same under relabeling, (permutations,).
        share: estimate of the share of copies that it speaks of.
        floor: what it would be if nothing were copied.
    """

    observed: float
    null: Float[np.ndarray, " permutations"]
    share: float
    floor: float

    @property
    def p(self) -> float:
        """Share of relabelings, the actual one among them, with a number at least as large."""
        slack = 1e-10 * (1 + abs(self.observed))
        return float((1 + np.sum(self.null >= self.observed - slack)) / (1 + len(self.null)))

    @property
    def ratio(self) -> float:
        """The number over its floor, both raised by 1: a count may be 0."""
        return (1 + self.observed) / (1 + self.floor)


def relabeled(
    label: Bool[np.ndarray, " n"], stratum: Array, group: Array, rng: np.random.Generator, draws: int
) -> Bool[np.ndarray, "draws n"]:
    """Labels dealt out anew to whole groups within their stratum; a group has one label and one stratum."""
    out = np.empty((draws, len(label)), dtype=bool)
    for s in np.unique(stratum):
        at = np.flatnonzero(stratum == s)
        _, first, owner = np.unique(group[at], return_index=True, return_inverse=True)
        own = np.tile(label[at][first], (draws, 1))
        out[:, at] = rng.permuted(own, axis=1)[:, owner]
    return out


def dealt_out(
    label: Bool[np.ndarray, " n"],
    stratum: Array,
    group: Array,
    wanted: Int[np.ndarray, " k"],
    rng: np.random.Generator,
    draws: int,
) -> Bool[np.ndarray, "draws k"]:
    """The labels of some objects once those of all are dealt out anew.

    Of many objects, how many of the groups that are looked at have the label is drawn (a hypergeometric number), and
    then which: the same law, without the rest.
    """
    if len(label) <= MANY:
        return relabeled(label, stratum, group, rng, draws)[:, wanted]
    out = np.empty((draws, len(wanted)), dtype=bool)
    for s in np.unique(stratum[wanted]):
        at, here = np.flatnonzero(stratum == s), np.flatnonzero(stratum[wanted] == s)
        _, first, owner = np.unique(group[at], return_index=True, return_inverse=True)
        own = int(label[at][first].sum())
        met, back = np.unique(owner[np.searchsorted(at, wanted[here])], return_inverse=True)
        many = rng.hypergeometric(own, len(first) - own, len(met), size=draws)
        labels = np.empty((draws, len(met)), dtype=bool)
        order = np.argsort(rng.random((draws, len(met))), axis=1)
        np.put_along_axis(labels, order, np.arange(len(met)) < many[:, None], axis=1)
        out[:, here] = labels[:, back]
    return out


def count_twins(
    twin: Bool[np.ndarray, " n"],
    is_model: Bool[np.ndarray, " n"],
    stratum: Array,
    group: Array,
    rng: np.random.Generator,
    permutations: int = 999,
) -> Dealt:
    """How many of the model's samples have a twin in the training set; held against truth's."""
    own, others = float(twin[is_model].mean()), float(twin[~is_model].mean())
    null = relabeled(is_model, stratum, group, rng, permutations) @ twin.astype(float)
    return Dealt(float(twin[is_model].sum()), null, max(0.0, own - others), others * int(is_model.sum()))


def prefer_trained(
    lead: Float[np.ndarray, " n"],
    hit: Int[np.ndarray, " n"],
    trained: Bool[np.ndarray, " objects"],
    stratum: Array,
    group: Array,
    rng: np.random.Generator,
    permutations: int = 999,
) -> Dealt:
    """How far the nearest objects of the model's samples are trained on more often than objects are.

    Args:
        lead: of each sample, how clearly one object is nearest: 0 for a copy, 1 where two are as near.
        hit: which object that is; -1 where none is alone the nearest.
        trained: whether each object was trained on, or held out.
        stratum: of each object.
        group: of each object.
        rng: deals out labels.
        permutations: how often.
    """
    order = np.argsort(lead, kind="stable")
    order = order[hit[order] >= 0]
    if not len(order):
        return Dealt(0.0, np.zeros(permutations), 0.0, 0.0)
    ends = np.flatnonzero(np.append(np.diff(lead[order]) > 0, True)) + 1  # a cut never parts equal values
    wanted = np.unique(np.geomspace(1, max(1, len(order) // 2), CUTS).round().astype(int))
    k = np.unique(ends[np.searchsorted(ends, wanted)])
    base = np.zeros(len(trained))
    for s in np.unique(stratum):
        at = np.flatnonzero(stratum == s)
        base[at] = trained[at][np.unique(group[at], return_index=True)[1]].mean()  # of groups: they are dealt out
    expected = np.cumsum(base[hit[order]])[k - 1] / k

    def counts(labels: Array) -> Array:
        return np.asarray(np.cumsum(labels, axis=1, dtype=np.int32)[:, k - 1])

    def score(labels: Array) -> Array:
        share = counts(labels) / k
        return np.asarray(np.where(share > expected, k * _divergence(share, expected), 0.0).max(axis=1))

    null = score(dealt_out(trained, stratum, group, hit[order], rng, permutations))
    actual = trained[None, hit[order]]
    over = (counts(actual)[0] - k * expected) / np.maximum(1 - expected, 1e-12)
    share = float(np.clip(over.max() / len(lead), 0.0, 1.0))
    return Dealt(float(score(actual)[0]), null, share, float(np.median(null)))


def _divergence(a: Array, b: Array) -> Array:
    """KL of one coin against another; 0 log 0 is 0."""

    def part(x: Array, y: Array) -> Array:
        return np.where(x > 0, x * np.log(np.where(x > 0, x, 1.0) / np.maximum(y, 1e-300)), 0.0)

    return part(a, b) + part(1 - a, 1 - b)


def fisher(a: int, b: int, n: int, m: int) -> float:
    """The chance that of a + b marked among n + m at least a are among the n: Fisher's exact test, one-sided."""
    i = np.arange(a, min(a + b, n) + 1)

    def ways(of: int, some: Array | int) -> Array:
        return np.asarray(gammaln(of + 1) - gammaln(np.add(some, 1)) - gammaln(np.subtract(of + 1, some)))

    return float(np.exp(ways(n, i) + ways(m, a + b - i) - ways(n + m, a + b)).sum())


@dataclass(frozen=True)
class Caught:
    """The smallest share of copies that is caught, or None if none of those that were tried.

    Args:
        amount: that share.
        power: how often each share that was tried was caught.
        n_model: independent samples of the model.
        n_truth: independent samples of the truth.
    """

    amount: float | None
    power: dict[float, float]
    n_model: int
    n_truth: int


def find_share(
    own: float,
    seen: float,
    amounts: Sequence[float],
    n_model: int,
    n_truth: int,
    rng: np.random.Generator,
    level: float,
    power: float = 0.8,
    draws: int = 1000,
) -> Caught:
    """The smallest of the ascending `amounts` of exact copies that the count of twins catches with this power.

    Args:
        own: share of true samples that have a twin.
        seen: share of exact copies that count as twins (those of objects that are common do not).
        amounts: the shares to try, ascending.
        n_model: independent samples of the model.
        n_truth: independent samples of the truth.
        rng: draws the counts.
        level: of the count alone.
        power: that counts as caught.
        draws: for each share.
    """
    tried: dict[float, float] = {}
    for amount in amounts:
        copies = round(amount * n_model)
        a = rng.binomial(copies, seen, draws) + rng.binomial(n_model - copies, own, draws)
        b = rng.binomial(n_truth, own, draws)
        pairs, place = np.unique(np.column_stack([a, b]), axis=0, return_inverse=True)
        p = np.array([fisher(int(x), int(y), n_model, n_truth) for x, y in pairs])[place.ravel()]
        tried[amount] = float((p <= level).mean())
        if tried[amount] >= power:
            return Caught(amount, tried, n_model, n_truth)
    return Caught(None, tried, n_model, n_truth)
