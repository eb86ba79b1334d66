r"""Amplification: how many true samples have the quantile errors of the generated ones, over the training samples.

Divide the space into $q$ bins of about equal probability $\pi_j$. The error of a law that fills them with $p_j$ is
$e = \sum_j (p_j - \pi_j)^2$. A sample of N true points fills them multinomially: its expected error is
$\sum_j \pi_j (1 - \pi_j) / N = v / N$, and $v = 1 - 1/q$ where the bins are equal. So generated samples with the error
$e$ are worth $v / e$ true ones, and that over the size of the training set is the amplification.

What is measured is $d_j = x_j - y_j$, the shares among n generated and m true samples. With $\Sigma$ the covariance of
$d$ by chance alone, $\|d\|^2 - \mathrm{tr}\,\Sigma$ is an estimate of $e$ without bias: that of endlessly many
generated samples, held against the law behind the true ones. $\|d\|^2$ follows a noncentral $\chi^2$, scaled by
$s = \mathrm{tr}\,\Sigma^2 / \mathrm{tr}\,\Sigma$, with $(\mathrm{tr}\,\Sigma)^2 / \mathrm{tr}\,\Sigma^2$ degrees of
freedom and noncentrality $e / s$; the interval is that of its noncentrality. (A bootstrap is of no use here: it adds
its own noise to a square, and is wrong where the error is near 0.)

References:
    GANplifying event samples (Butter, Diefenbacher, Kasieczka, Nachman & Plehn, 2021), arXiv:2008.06545
    An approximate distribution of estimates of variance components (Satterthwaite, 1946), doi:10.2307/3002019
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq
from scipy.special import chdtri, chndtr

from simulacra.comparison.bins import bins_of
from simulacra.comparison.rows import Rows, Stratum, pooled
from simulacra.comparison.scores import RobustScores, along, leading
from simulacra.core.samples import Array

BINS = 20  # at most
FULL = 5  # groups a bin and side, at least: the normal law of their shares
LEAST = 4  # bins, at least
DIRECTIONS = 32  # leading components of many features


@dataclass(frozen=True)
class Amplification:
    """How many true samples the generated ones are worth, over the training samples.

    Args:
        factor: endlessly many generated samples have the quantile errors of so many training sets' worth of true ones;
            None where the data cannot say.
        low: the lower end of its 95 % interval; it covers the chance in both sets, not that of another training.
        high: the upper end; None where the data know none.
        why: what the data cannot say, and why; else empty.
        bins: of equal probability.
        trained: training samples (groups, where they depend on each other).
        luck: between which factors 95 in 100 true sets of the training set's size lie themselves, around 1: a single
            model's factor within them is no proof of amplification. None where nothing was measured.
    """

    factor: float | None
    low: float | None
    high: float | None
    why: str
    bins: int
    trained: int
    luck: tuple[float, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def expected_error(size: float, bins: int) -> float:
    """The expected error of so many true points in equal bins, by the multinomial law.

    >>> round(expected_error(100.0, 10), 6)
    0.009
    """
    return (1 - 1 / bins) / size


def error_of(shares: Float[np.ndarray, " q"] | Sequence[float]) -> float:
    """The error of the shares of points in equal bins of the truth.

    >>> error_of([0.5, 0.5])
    0.0
    """
    x = np.asarray(shares, dtype=float)
    return float(((x - 1 / len(x)) ** 2).sum())


def worth(error: float, bins: int) -> float:
    """How many true points have this error, in equal bins of the truth.

    >>> round(worth(0.009, 10))
    100
    """
    return (1 - 1 / bins) / error


def find_amplification(model: Rows, truth: Rows, trained: int, bins: int = BINS) -> Amplification:
    """The amplification in bins of equal probability, within strata, from generated and held-out true samples.

    The bins are laid through both sets together, before it is said which is which (their directions are those of the
    truth). Where there are strata the errors are summed with the strata's shares.

    Args:
        model: rows of the generated samples.
        truth: rows of true ones that the training has not seen.
        trained: how many training samples (groups) there were.
        bins: in each stratum; fewer where a set has not five groups for each.
    """
    rows, is_model = pooled(model, truth)
    held = sum(len(np.unique(s.owner[~is_model[s.at]])) for s in rows.strata)
    sides = is_model, ~is_model
    fewest = min((len(np.unique(s.owner[side[s.at]])) for s in rows.strata for side in sides), default=0)
    bins = min(bins, fewest // FULL)
    if bins < LEAST:
        why = f"too few samples: {fewest} independent ones on one side, and {FULL * LEAST} are needed"
        return Amplification(None, None, None, why, 0, trained)
    scores = RobustScores.of(rows)
    z = scores(rows.features)
    z = along(z, leading(z, DIRECTIONS))
    distance, noise, squared, true_noise, true_squared = 0.0, 0.0, 0.0, 0.0, 0.0
    for s in rows.strata:
        share = len(np.unique(s.owner[~is_model[s.at]])) / held
        label = bins_of(z[s.at], bins, np.flatnonzero(~is_model[s.at]))
        (x, x_noise, _), (y, y_noise, groups) = (_shares(label, s, side[s.at]) for side in (is_model, ~is_model))
        chance = x_noise + y_noise
        distance += share * float(((x - y) ** 2).sum())
        noise += share * float(np.trace(chance))
        squared += share**2 * float((chance**2).sum())
        true_noise += groups * float(np.trace(y_noise))
        true_squared += groups**2 * float((y_noise**2).sum())
    if true_squared == 0:
        return Amplification(None, None, None, "every sample lies in one bin: the features are constant", 1, trained)
    scale, freedom = squared / noise, noise**2 / squared
    least, most = (scale * end for end in _noncentralities(distance / scale, freedom))
    low = true_noise / most / trained if most > 0 else None
    free = true_noise**2 / true_squared
    luck = float(free / chdtri(free, 0.025)), float(free / chdtri(free, 0.975))
    if least <= 0:
        why = f"the model's quantile errors are below what {held:,} true samples can resolve"
        return Amplification(None, low, None, why, bins, trained, luck)
    factor, high = (true_noise / error / trained for error in (distance - noise, least))
    return Amplification(factor, low, high, "", bins, trained, luck)


def _shares(label: Array, stratum: Stratum, side: Array) -> tuple[Array, Array, int]:
    """The shares of a side's rows in each bin, their covariance by chance, and the number of groups."""
    _, owner = np.unique(stratum.owner[side], return_inverse=True)
    groups = int(owner.max()) + 1
    counts = np.zeros((groups, int(label.max()) + 1))
    np.add.at(counts, (owner, label[side]), 1.0)
    rows = counts.sum(axis=1)
    shares = counts.sum(axis=0) / rows.sum()
    apart = (counts - rows[:, None] * shares) / rows.sum()
    return shares, groups / (groups - 1) * apart.T @ apart, groups


def _noncentralities(value: float, freedom: float) -> tuple[float, float]:
    """The 95 % interval of a χ²'s noncentrality from one value of it; 0 at an end that the value does not reach."""

    def end(chance: float) -> float:
        if chndtr(value, freedom, 0.0) <= chance:
            return 0.0
        top = 1.0
        while chndtr(value, freedom, top) > chance:
            top *= 2
        return float(brentq(lambda nc: chndtr(value, freedom, nc) - chance, 0.0, top))

    return end(0.975), end(0.025)
