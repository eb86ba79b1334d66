"""Gaussian copula of a table of mixed columns with gaps: fitted by EM, drawn from, and its gaps filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Array
from simulacra.domains.tables.hidden_scores import Hidden
from simulacra.domains.tables.margins import Margin, places
from simulacra.domains.tables.normal_gaps import Normal, known, law_given

ROUNDS = 300
"""Rounds of EM at most."""
REST = 1e-3
"""Change of a correlation in a round below which EM has come to rest."""
SWEEPS, LAST = 80, 40
"""Rounds where scores are hidden in ranges, and how many of the last are averaged."""
AVERAGED = 16
"""Sweeps over hidden scores that a best guess is averaged over."""


@dataclass(frozen=True, eq=False)
class GaussianCopula:
    r"""Columns as functions of a normal row of scores, $x_j = F_j^{-1}(z_j)$ with $z \sim N(\mu, \Sigma)$.

    Numbers have a score each. A value that many cells share, or a level of an ordered column, stands for a range of
    scores; a category has a score a level, and the highest wins. The scores' mean is free, so that a column whose gaps
    depend on others (missing at random) is not taken to have the law of its known cells.

    Letters: n rows, d columns, q scores.

    Args:
        margins: from cells to scores and back, by column.
        law: of the scores.
        ridge: strength of the prior, in rows of independent unit scores.

    References:
        Extending the rank likelihood for semiparametric copula estimation (Hoff, 2007), arXiv:math/0610413
        Missing value imputation for mixed data via Gaussian copula (Zhao & Udell, 2020), arXiv:1910.12845
    """

    margins: tuple[Margin, ...]
    law: Normal
    ridge: float

    def draw(self, n: int, rng: np.random.Generator) -> Float[np.ndarray, "n d"]:
        """n rows without gaps."""
        root = np.linalg.cholesky(self.law.covariance)
        return self.cells(self.law.mean + rng.standard_normal((n, len(root))) @ root.T)

    def cells(self, z: Float[np.ndarray, "n q"]) -> Float[np.ndarray, "n d"]:
        """The rows that scores make."""
        return np.column_stack([m.cells(z[:, at]) for m, at in zip(self.margins, places(self.margins), strict=True)])

    def filled(self, x: Float[np.ndarray, "n d"], rng: np.random.Generator) -> Float[np.ndarray, "n d"]:
        """The rows with the best guess in each gap: the mean of a number, the likeliest level of a category.

        Args:
            x: rows with NaN where cells are missing.
            rng: of sweeps over hidden scores, where a cell only says in which range its score lies.
        """
        hidden = Hidden.of(x, self.margins)
        at = places(self.margins)
        total = [np.zeros((len(x), 1)) for _ in self.margins]
        sweeps = 1 if hidden.exact else AVERAGED
        for _ in range(0 if hidden.exact else AVERAGED // 2):
            hidden.round(self.law, rng)
        for _ in range(sweeps):
            found = known(hidden.z, hidden.gaps, self.law) if hidden.exact else hidden.round(self.law, rng)
            for j, margin in enumerate(self.margins):
                total[j] = total[j] + margin.weighed(found.mean[:, at[j]], np.sqrt(found.variance[:, at[j]]))
        guess = [m.settled(t / sweeps) for m, t in zip(self.margins, total, strict=True)]
        return np.where(np.isnan(x), np.column_stack(guess), x)

    def draws(
        self, x: Float[np.ndarray, "n d"], m: int, rng: np.random.Generator, apart: int = 10, seen: Array | None = None
    ) -> Iterator[Float[np.ndarray, "n d"]]:
        r"""m completed tables, each by its own draw of $\mu$ and $\Sigma$: data augmentation from where EM ended.

        Args:
            x: rows with NaN where cells are missing.
            m: how many.
            rng: of all draws.
            apart: rounds (law given rows, gaps given law) between two tables.
            seen: the rows that the copula was fitted on, if they are others than x.

        References:
            The calculation of posterior distributions by data augmentation (Tanner & Wong, 1987),
            doi:10.1080/01621459.1987.10478458
        """
        learned = Hidden.of(x if seen is None else seen, self.margins)
        asked = learned if seen is None else Hidden.of(x, self.margins)
        law = self.law
        for _ in range(m):
            for _ in range(apart):
                learned.round(law, rng)
                law = _unit(law_given(learned.z, self.ridge, rng), learned)
            asked.round(law, rng)
            yield np.where(np.isnan(x), self.cells(asked.z), x)


def fit(
    x: Float[np.ndarray, "n d"],
    margins: Sequence[Margin],
    rng: np.random.Generator,
    ridge: float = 1.0,
    done: Callable[[int, int], None] = lambda k, of: None,
) -> GaussianCopula:
    r"""The copula that makes these rows likely, by EM; where scores are hidden in ranges, by stochastic EM.

    Args:
        x: rows with NaN where cells are missing.
        margins: of the columns: `ranked(x, columns)` for a copula, `straight(x, columns)` for a normal law.
        rng: of the draws of hidden scores.
        ridge: strength of the prior about independent scores, in rows.
        done: is told how many of how many rounds are over.

    References:
        Maximum likelihood from incomplete data via the EM algorithm (Dempster, Laird & Rubin, 1977)
        Convergence of a stochastic approximation version of the EM algorithm (Delyon, Lavielle & Moulines, 1999),
        doi:10.1214/aos/1018031103
    """
    hidden = Hidden.of(x, margins)
    n, q = hidden.z.shape
    law = Normal(np.zeros(q), np.eye(q))
    rounds = ROUNDS if hidden.exact else SWEEPS
    first, second = np.zeros(q), np.zeros((q, q))
    for k in range(rounds):
        found = known(hidden.z, hidden.gaps, law) if hidden.exact else hidden.round(law, rng)
        step = 1.0 if hidden.exact else 1.0 / max(1, k - (rounds - LAST))
        first = first + step * (found.mean.mean(axis=0) - first)
        second = second + step * ((found.mean.T @ found.mean + found.spread) / n - second)
        new = n * (second - np.outer(first, first)) + ridge * np.eye(q)
        before, law = law, _unit(Normal(first, new / (n + ridge)), hidden)
        done(k + 1, rounds)
        if hidden.exact and _moved(before, law) < REST:
            break
    return GaussianCopula(tuple(margins), law, ridge)


def _moved(before: Normal, after: Normal) -> float:
    scale = np.sqrt(np.diagonal(after.covariance))
    return float(np.abs((after.covariance - before.covariance) / np.outer(scale, scale)).max())


def _unit(law: Normal, hidden: Hidden) -> Normal:
    """The law with unit variance where cells only say ranges: there the scale is nobody's to know."""
    if hidden.exact:
        return law
    free = np.ones(len(law.mean), dtype=bool)
    free[list(hidden.ranges)] = False
    mean = law.mean.copy()
    for start, stop in hidden.levels:
        free[start:stop] = False
        mean[start:stop] -= mean[start:stop].mean()
    scale = np.where(free, 1.0, np.sqrt(np.diagonal(law.covariance)))
    return Normal(mean, law.covariance / np.outer(scale, scale))
