r"""Hotelling's T²: whether two sets of rows have one mean, with its exact law and its exact power.

For rows of normal law with a common covariance and $T^2 = \frac{nm}{n+m}\,d^\top S^{-1} d$ ($d$ the difference of the
means, $S$ the pooled covariance),

$$ F = \frac{n + m - k - 1}{k\,(n + m - 2)}\,T^2 $$

follows the F law with $k$ and $n + m - k - 1$ degrees of freedom, and, where the means lie $\delta$ apart in units of
the spread (Mahalanobis), the noncentral one with $\lambda = \frac{nm}{n+m}\,\delta^2$.

References:
    The generalization of Student's ratio (Hotelling, 1931), doi:10.1214/aoms/1177732979
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import fdtrc, fdtri, ncfdtr

from simulacra.comparison.rows import Rows
from simulacra.core.errors import BadInput
from simulacra.core.verdict import LEVEL


def hotelling(model: Rows, truth: Rows, rng: np.random.Generator) -> float:
    """The p of Hotelling's test: one mean, for normal rows that do not depend on each other.

    Args:
        model: rows of one side.
        truth: rows of the other.
        rng: not needed: this p has a closed form.

    Raises:
        BadInput: rows in groups or strata.
    """
    for rows in (model, truth):
        if len(rows.strata) > 1 or not rows.strata[0].single:
            raise BadInput(
                "Hotelling's test knows neither groups nor strata",
                f"{len(rows)} rows, {rows.groups} groups, {len(rows.strata)} strata",
                "use the comparison by relabeling",
            )
    n, m, k = len(model), len(truth), model.features.shape[1]
    rest = n + m - k - 1
    if rest < 1:
        return 1.0  # no covariance can be estimated: nothing is reported
    apart = model.features.mean(axis=0) - truth.features.mean(axis=0)
    inner = [(rows.features - rows.features.mean(axis=0)) for rows in (model, truth)]
    pooled = sum(x.T @ x for x in inner) / (n + m - 2)
    squared = n * m / (n + m) * float(apart @ np.linalg.pinv(np.atleast_2d(pooled)) @ apart)
    return float(fdtrc(k, rest, rest / (k * (n + m - 2)) * squared))


def power_at(n: float, features: int, apart: float, level: float = LEVEL) -> float:
    """The power of Hotelling's test with n rows a side.

    Args:
        n: rows a side.
        features: their number.
        apart: distance of the means in units of the spread (Mahalanobis).
        level: of the test.

    >>> round(power_at(100.0, 1, 0.0), 3)
    0.05
    """
    rest = 2 * n - features - 1
    if rest <= 0:
        return 0.0
    return float(1 - ncfdtr(features, rest, n / 2 * apart**2, fdtri(features, rest, 1 - level)))


def half_rejected(features: int, apart: float, level: float = LEVEL) -> float:
    """The n of power ½, from the noncentral F law."""
    least = (features + 2) / 2
    if power_at(least, features, apart, level) >= 0.5:
        return least
    most = 2 * least
    while power_at(most, features, apart, level) < 0.5:
        most *= 2
    return float(brentq(lambda n: power_at(n, features, apart, level) - 0.5, least, most))
