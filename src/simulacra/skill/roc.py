"""How well a score separates odd samples from normal ones: the area under the ROC curve, with its interval.

The area is the chance that an odd sample scores higher than a normal one, equals counted half.

References:
    Comparing the areas under two or more correlated receiver operating characteristic curves: a nonparametric approach
    (DeLong, DeLong & Clarke-Pearson, 1988), doi:10.2307/2531595
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.stats import norm, rankdata

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A number with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def places(
    normal: Float[np.ndarray, " n"], odd: Float[np.ndarray, " m"]
) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " m"]]:
    """For each normal sample the share of odd ones above it, and for each odd one the share of normal ones below."""
    n, m = len(normal), len(odd)
    if min(n, m) < 2:
        raise BadInput("an area needs two samples or more of each sort", f"{n} normal, {m} odd", "bring more")
    if not (np.isfinite(normal).all() and np.isfinite(odd).all()):
        raise BadInput("some scores are no numbers", "NaN or infinity", "look at these samples")
    together = rankdata(np.concatenate([normal, odd]))
    above = 1 - (together[:n] - rankdata(normal)) / m
    below = (together[n:] - rankdata(odd)) / n
    return above, below


def area(normal: Float[np.ndarray, " n"], odd: Float[np.ndarray, " m"]) -> Interval:
    """The area, with DeLong's variance; the interval is symmetric in its logit, so that it ends before 0 and 1."""
    above, below = places(normal, odd)
    value = float(below.mean())
    error = float(np.sqrt(above.var(ddof=1) / len(normal) + below.var(ddof=1) / len(odd)))
    if not 0 < value < 1:
        return Interval(value, value, value)  # parted without a slip: the samples tell no width
    middle, half = np.log(value / (1 - value)), _z() * error / (value * (1 - value))
    low, high = (float(1 / (1 + np.exp(-end))) for end in (middle - half, middle + half))
    return Interval(value, low, high)


def gain(first: tuple[Array, Array], second: tuple[Array, Array]) -> Interval:
    """The area of one score minus that of another on the same samples, with DeLong's variance of the difference.

    Args:
        first: scores of the normal and of the odd samples.
        second: another score of the same.
    """
    (a, b), (c, d) = places(*first), places(*second)
    above, below = a - c, b - d
    value = float(below.mean())
    half = _z() * float(np.sqrt(above.var(ddof=1) / len(above) + below.var(ddof=1) / len(below)))
    return Interval(value, value - half, value + half)


def curve(
    normal: Float[np.ndarray, " n"], odd: Float[np.ndarray, " m"]
) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, " k"]]:
    """Share of false alarms and share of odd samples found, as the threshold falls from above all scores."""
    at = np.unique(np.concatenate([normal, odd]))[::-1]
    false = (normal[:, None] >= at).mean(axis=0)
    found = (odd[:, None] >= at).mean(axis=0)
    return np.concatenate([[0.0], false]), np.concatenate([[0.0], found])


def found_at(normal: Float[np.ndarray, " n"], odd: Float[np.ndarray, " m"], false_alarms: float) -> float:
    """The share of odd samples above the threshold that so large a share of normal ones passes, at most."""
    false, found = curve(normal, odd)
    return float(found[false <= false_alarms + 1e-12].max())


def _z() -> float:
    return float(norm.ppf(0.5 + LEVEL / 2))
