"""Gradient boosting of trees, which take gaps as they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from simulacra.core.samples import Samples
from simulacra.domains.tables.expanded import columns_of
from simulacra.predictors.base import Foretell


@dataclass(frozen=True)
class GradientBoosting:
    """Trees one after another; a gap goes to the side of a split that suits it.

    Args:
        trees: how many.
        rate: share of each that is added.
        leaves: of each tree, at most.

    References:
        Greedy function approximation: a gradient boosting machine (Friedman, 2001), doi:10.1214/aos/1013203451
    """

    trees: int = 150
    rate: float = 0.06
    leaves: int = 15

    def learn(self, x: Samples, ill: Bool[np.ndarray, " n"], seed: int = 0) -> Foretell:
        """Learn from the cells as they are."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        rule = HistGradientBoostingClassifier(
            max_iter=self.trees,
            learning_rate=self.rate,
            max_leaf_nodes=self.leaves,
            l2_regularization=1.0,
            categorical_features=[bool(column.levels) for column in columns_of(x)],
            early_stopping=False,
            random_state=seed,
        ).fit(x.array, ill)
        return lambda of: np.asarray(rule.predict_proba(of.array)[:, 1])
