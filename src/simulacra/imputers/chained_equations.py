"""Chained equations: each column in turn regressed on all others, round after round (scikit-learn)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.domains.tables.filled import Filled
from simulacra.imputers.coded import Coded


@dataclass(frozen=True)
class ChainedEquations:
    """Bayesian linear regressions in turn, by scikit-learn's IterativeImputer. A draw is a chain of its own.

    Categories are columns of 0 and 1, and a level is drawn by the fitted value read as a chance.

    Args:
        rounds: over all columns.
        nearest: columns that each is regressed on, the most correlated; 0 for all.

    References:
        mice: Multivariate Imputation by Chained Equations in R (van Buuren & Groothuis-Oudshoorn, 2011),
        doi:10.18637/jss.v045.i03
    """

    carries: ClassVar[bool] = True
    rounds: int = 10
    nearest: int = 0

    def fit(self, x: Samples, seed: int = 0) -> FittedChains:
        """The chain that gives the guess."""
        coded = Coded.of(x)
        return FittedChains(self, coded, coded.forward(x), _chain(self, coded.forward(x), False, seed))


@dataclass(frozen=True, eq=False)
class FittedChains:
    """The chain, and the scaled rows that it learned from, (n, f)."""

    setting: ChainedEquations
    coded: Coded
    seen: np.ndarray
    chain: Any

    def impute(self, x: Samples, draws: int, rng: np.random.Generator) -> Filled:
        """Means of the last round; each draw from the regressions of a chain with draws."""
        z, gone = self.coded.forward(x), np.isnan(x.array)
        guess = np.where(gone, self.coded.inverse(self.chain.transform(z)), x.array)
        drawn = []
        with Progress("drawing chains", draws) as progress:
            for _ in range(draws):
                chain = _chain(self.setting, self.seen, True, int(rng.integers(2**31)))
                drawn.append(np.where(gone, self.coded.chosen(chain.transform(z), rng), x.array))
                progress.step()
        return Filled.of(x, guess, drawn, True)


def _chain(setting: ChainedEquations, z: np.ndarray, drawn: bool, seed: int) -> Any:  # noqa: ANN401 - scikit-learn
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - which makes the next line work
    from sklearn.impute import IterativeImputer

    chain = IterativeImputer(
        max_iter=setting.rounds,
        sample_posterior=drawn,
        n_nearest_features=setting.nearest or None,
        random_state=seed,
        keep_empty_features=True,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of rounds is a choice
        return chain.fit(z)


def example() -> ChainedEquations:
    """The smallest one."""
    return ChainedEquations(rounds=2)
