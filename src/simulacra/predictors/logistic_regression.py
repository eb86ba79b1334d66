"""Logistic regression: a weighted sum of a record's numbers, with gaps at the middle and marked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from simulacra.core.samples import Samples
from simulacra.predictors.base import Foretell, standardized

STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


@dataclass(frozen=True)
class LogisticRegression:
    """With a penalty on squared weights, its strength by cross-validation within the records learned from.

    Args:
        folds: of that cross-validation.
    """

    folds: int = 5

    def learn(self, x: Samples, ill: Bool[np.ndarray, " n"], seed: int = 0) -> Foretell:
        """Choose the strength by the log score, then learn from all."""
        from sklearn.linear_model import LogisticRegression as Plain
        from sklearn.model_selection import StratifiedKFold, cross_val_score

        rows, _ = standardized(x)
        seen = rows(x)
        folds = StratifiedKFold(
            max(2, min(self.folds, int(min(ill.sum(), (~ill).sum())))), shuffle=True, random_state=seed
        )
        rules = [Plain(C=strength, max_iter=3000) for strength in STRENGTHS]
        scores = [cross_val_score(rule, seen, ill, cv=folds, scoring="neg_log_loss").mean() for rule in rules]
        best = rules[int(np.argmax(scores))].fit(seen, ill)
        return lambda of: np.asarray(best.predict_proba(rows(of))[:, 1])
