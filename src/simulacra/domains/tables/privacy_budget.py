"""What Gaussian noise promises: differential privacy (ε, δ), counted exactly, over any number of answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq
from scipy.special import log_ndtr

from simulacra.core.errors import BadInput


@dataclass(frozen=True)
class PrivacyBudget:
    r"""A promise about every person in a table, whatever anybody knows besides.

    With and without one row, any set of results has chances P and Q with $P \le e^\varepsilon Q + \delta$. Answers with
    normal noise tell the two apart no better than a draw of $N(\mu, 1)$ is told from one of $N(0, 1)$, with
    $\mu^2 = \sum (\Delta_i / \sigma_i)^2$ over all answers: sensitivity over noise. For that, with equality,
    $\delta(\varepsilon) = \Phi(-\varepsilon/\mu + \mu/2) - e^\varepsilon \Phi(-\varepsilon/\mu - \mu/2)$.

    Args:
        epsilon: ε, above 0; about 1 is strong, above 10 says little.
        delta: δ, far below one over the number of rows.

    References:
        Gaussian differential privacy (Dong, Roth & Su, 2022), doi:10.1111/rssb.12454
        Improving the Gaussian mechanism for differential privacy (Balle & Wang, 2018), arXiv:1805.06530
    """

    epsilon: float
    delta: float

    def __post_init__(self) -> None:
        if not 0 < self.epsilon < np.inf:
            raise BadInput("the privacy budget ε is a number above 0", f"{self.epsilon:g}", "for example --epsilon 3")
        if not 0 < self.delta < 0.5:
            raise BadInput("δ lies between 0 and 0.5", f"{self.delta:g}", "far below one over the rows: --delta 1e-6")

    @property
    def mu(self) -> float:
        """How far apart the two normal laws may lie."""
        return float(brentq(lambda mu: delta_of(mu, self.epsilon) - self.delta, 1e-9, 1e3, xtol=1e-12))

    def parts(self, *weights: float) -> list[float]:
        """The budget shared out among answers: their squares add up to the square of the whole."""
        shares = np.asarray(weights) / sum(weights)
        return [float(self.mu * np.sqrt(share)) for share in shares]


def delta_of(mu: float, epsilon: float) -> float:
    """The δ that goes with an ε where sensitivity over noise is mu."""
    first = np.exp(log_ndtr(-epsilon / mu + mu / 2))
    return float(first - np.exp(epsilon + log_ndtr(-epsilon / mu - mu / 2)))


def noisy(
    answer: Float[np.ndarray, "..."], sensitivity: float, mu: float, rng: np.random.Generator
) -> Float[np.ndarray, "..."]:
    """An answer with as much normal noise as its share of the budget asks.

    Args:
        answer: numbers, any shape.
        sensitivity: how far one row more moves them at most, as Euclidean length over all of them.
        mu: the share of the budget.
        rng: of the noise. Whoever knows its seed knows the answer: take one from the system's entropy.
    """
    return np.asarray(answer + sensitivity / mu * rng.standard_normal(np.shape(answer)))
