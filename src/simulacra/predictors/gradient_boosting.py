"""Gradient boosting of trees, which take gaps as they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from simulacra.core.samples import Samples
from simulacra.domains.tables.expanded import columns_of
from simulacra.predictors.base import Foretell
from simulacra.predictors.prevalence import Prevalence

ENDS = ((np.min, np.inf), (np.max, -np.inf))
"""How the ends of a column are found, and what a gap is put to."""


@dataclass(frozen=True)
class GradientBoosting:
    """Trees one after another; a gap goes to the side of a split that suits it.

    Args:
        trees: how many.
        rate: share of each that is added.
        leaves: of each tree, at most.
        ridge: strength of the penalty on squared leaves.
        features: share of the columns that each split may choose from.
        least: records that a leaf holds.

    References:
        Greedy function approximation: a gradient boosting machine (Friedman, 2001), doi:10.1214/aos/1013203451
    """

    trees: int = 150
    rate: float = 0.06
    leaves: int = 15
    ridge: float = 1.0
    features: float = 1.0
    least: int = 20

    def learn(self, x: Samples, ill: Bool[np.ndarray, " n"], seed: int = 0) -> Foretell:
        """Learn from the cells as they are; a column that shows one value or none is left out."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        low, high = (end(np.where(np.isnan(x.array), bad, x.array), axis=0) for end, bad in ENDS)
        kept = np.flatnonzero(low < high)
        if not len(kept):
            return Prevalence().learn(x, ill)
        rule = HistGradientBoostingClassifier(
            max_iter=self.trees,
            learning_rate=self.rate,
            max_leaf_nodes=self.leaves,
            l2_regularization=self.ridge,
            max_features=self.features,
            min_samples_leaf=self.least,
            categorical_features=[bool(columns_of(x)[place].levels) for place in kept],
            early_stopping=False,
            random_state=seed,
        ).fit(x.array[:, kept], ill)
        return lambda of: np.asarray(rule.predict_proba(of.array[:, kept])[:, 1])
