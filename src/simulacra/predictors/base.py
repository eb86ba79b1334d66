"""What a predictor is: it learns from records whose outcome is known, and gives others a probability."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float

from simulacra.core.samples import Array, Samples
from simulacra.domains.tables.expanded import columns_of, expanded

ASIDE = True

Foretell = Callable[[Samples], Array]
"""From further records to the probability of the outcome, (n,)."""


@runtime_checkable
class Predictor(Protocol):
    """How to foretell an outcome; a frozen dataclass, its settings are its fields."""

    def learn(self, x: Samples, ill: Bool[np.ndarray, " n"], seed: int = 0) -> Foretell:
        """Learn from records.

        Args:
            x: a table without the outcome, with gaps.
            ill: whether each record has the outcome; both must occur.
            seed: of all chance.
        """
        ...


def standardized(x: Samples) -> tuple[Callable[[Samples], Float[np.ndarray, "n k"]], int]:
    """How rows become numbers of unit spread, gaps at the middle and marked; as these records have it.

    Returns:
        From further records to numbers, and how many numbers.
    """
    words = np.array([bool(column.levels) for column in columns_of(x)])
    gapped = np.array([column.gaps for column in columns_of(x)])
    middles = np.array([np.nanmedian(cells) if np.isfinite(cells).any() else 0.0 for cells in x.array.T])

    def rows(of: Samples) -> Array:
        gone = np.isnan(of.array)
        out = expanded(of.but(x=np.where(gone & ~words, middles, of.array)))
        if gapped.any():  # the marks stand last, of the columns with gaps, in their order
            out[:, -int(gapped.sum()) :] = gone[:, gapped]
        return out

    seen = rows(x)
    mean, spread = seen.mean(axis=0), seen.std(axis=0)
    scale = np.where(spread > 1e-9, spread, 1.0)
    return lambda of: np.clip((rows(of) - mean) / scale, -10, 10), seen.shape[1]
