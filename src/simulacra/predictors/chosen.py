"""The best of several rules, chosen by cross-validation within the records that it learns from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.tables.outcome import folds_of
from simulacra.predictors.base import Foretell, Predictor

SURE = 1e-6
"""How near to 0 and 1 a probability may come in the log score."""


@dataclass(frozen=True)
class Chosen:
    """Each is tried on parts of the records that it has not seen; the one with the best log score learns from all.

    With the folds of a study around it this is nested cross-validation: what is chosen has never met a record that is
    scored. Patients stay whole.

    Args:
        rules: to choose from.
        folds: of the inner cross-validation.

    References:
        Bias in error estimation when using cross-validation for model selection (Varma & Simon, 2006),
        doi:10.1186/1471-2105-7-91
    """

    rules: tuple[Predictor, ...]
    folds: int = 3

    def __post_init__(self) -> None:
        if not self.rules or self.folds < 2:
            raise BadInput(
                "one chooses from one rule at least, by two folds at least", f"{len(self.rules)}, {self.folds}", "3"
            )

    def learn(self, x: Samples, ill: Bool[np.ndarray, " n"], seed: int = 0) -> Foretell:
        """Choose, then learn from all."""
        return self.rules[self.best(x, ill, seed)].learn(x, ill, seed)

    def best(self, x: Samples, ill: Bool[np.ndarray, " n"], seed: int = 0) -> int:
        """The place of the rule with the best log score."""
        few = int(min(ill.sum(), (~ill).sum()))
        if len(self.rules) == 1 or few < 4:
            return 0
        fold = folds_of(x.group, ill, min(self.folds, few // 2), stream(seed, "choice within records", 2))
        scores = np.zeros(len(self.rules))
        for k in np.unique(fold):
            seen, new = fold != k, fold == k
            for place, rule in enumerate(self.rules):
                p = np.clip(rule.learn(x[seen], ill[seen], seed)(x[new]), SURE, 1 - SURE)
                scores[place] += float(np.log(np.where(ill[new], p, 1 - p)).sum())
        return int(np.argmax(scores))
