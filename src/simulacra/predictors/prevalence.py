"""The prevalence: everybody's probability is the share of those who had the outcome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from simulacra.core.samples import Samples
from simulacra.predictors.base import Foretell


@dataclass(frozen=True)
class Prevalence:
    """Knows nothing of a record: what any rule must beat."""

    def learn(self, x: Samples, ill: Bool[np.ndarray, " n"], seed: int = 0) -> Foretell:
        """Count."""
        share = float(np.mean(ill))
        return lambda of: np.full(len(of), share)
