r"""Draws of known probability made asymptotically exact: weights, the partition function, Metropolis and Hastings.

For states drawn from q with known $\log q$, and a law $p = e^{-\beta E} / Z$ of known $-\beta E$, the weight is
$\log w = -\beta E - \log q$. Where q is the probability along an order the pair (order, x) is what is weighed: orders
are chosen without looking at x, so that the marginal of x is the law. Weights are exact in the limit of many draws, if
q is nowhere 0 where p is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array


@dataclass(frozen=True)
class Estimate:
    """A number with its standard error.

    Args:
        value: the number.
        error: its standard error.
    """

    value: float
    error: float


def shares(log_w: Array) -> Array:
    """Weights that sum to 1."""
    w = np.exp(_checked(log_w) - log_w.max())
    return np.asarray(w / w.sum())


def effective_size(log_w: Array) -> float:
    r"""How many independent exact draws the weighted ones are worth, $(\sum w)^2 / \sum w^2$.

    References:
        Sequential imputations and Bayesian missing data problems (Kong, Liu & Wong, 1994),
            doi:10.1080/01621459.1994.10476469
    """
    return float(1 / np.sum(shares(log_w) ** 2))


def mean(values: Array, log_w: Array) -> Estimate:
    """The mean under the law from weighted draws, with its error to first order in the weights."""
    share = shares(log_w)
    center = float(share @ values)
    return Estimate(center, float(np.sqrt(np.sum(share**2 * (values - center) ** 2))))


def log_partition(log_w: Array) -> Estimate:
    """The logarithm of Z: that of the weights' mean, which is unbiased for Z; a lower bound of it on the mean."""
    top = float(_checked(log_w).max())
    w = np.exp(log_w - top)
    error = float(w.std(ddof=1) / w.mean() / np.sqrt(len(w))) if len(w) > 1 else float("inf")
    return Estimate(top + float(np.log(w.mean())), error)


def log_partition_bound(log_w: Array) -> Estimate:
    r"""The mean of $\log w$: a lower bound of $\log Z$, so minus it times T bounds the free energy from above.

    What is missing is $\mathrm{KL}(q \,\|\, p)$ in nats.
    """
    error = float(_checked(log_w).std(ddof=1) / np.sqrt(len(log_w))) if len(log_w) > 1 else float("inf")
    return Estimate(float(log_w.mean()), error)


def independence_metropolis(log_w: Array, rng: np.random.Generator) -> tuple[Array, float]:
    """A Markov chain of the exact law, whose proposals are the draws in turn; it begins with the first.

    A proposal is taken with probability min(1, w / w now). It must be read as a chain: where proposals are refused,
    states repeat.

    Args:
        log_w: logarithms of the draws' weights, (n,), in the order in which they were drawn.
        rng: chance.

    Returns:
        For each place of the chain the number of the draw that stands there, (n,), and the share of proposals taken.

    References:
        Monte Carlo sampling methods using Markov chains and their applications (Hastings, 1970),
            doi:10.1093/biomet/57.1.97
    """
    coins = np.log(rng.random(len(_checked(log_w))))
    at, taken = np.zeros(len(log_w), dtype=np.int64), 0
    now = 0
    for k in range(1, len(log_w)):
        if coins[k] < log_w[k] - log_w[now]:
            now, taken = k, taken + 1
        at[k] = now
    return at, taken / max(1, len(log_w) - 1)


def _checked(log_w: Array) -> Array:
    if log_w.ndim != 1 or not len(log_w) or not np.isfinite(log_w).all():
        raise BadInput(
            "weights are one finite number a draw",
            f"shape {log_w.shape}, finite: {bool(np.isfinite(log_w).all())}",
            "was a draw given probability 0?",
        )
    return log_w
