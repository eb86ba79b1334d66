"""The farthest single number: of each feature its location, its spread and its grain, and the radius of the row.

Many features may be as they should and five shifted, one column rounded, one tail too heavy: what adds up over all
features loses it among the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.comparison.rank_scores import RankScores
from simulacra.comparison.rows import Rows, Sides


@dataclass(frozen=True)
class ForemostView:
    """The largest of all rank scores' sums over the labels, in standard deviations by chance.

    Args:
        scores: of all rows.
    """

    name: ClassVar[str] = "foremost"
    scores: RankScores

    @classmethod
    def of(cls, rows: Rows, part: float = 1.0) -> ForemostView:
        """The scores of all rows."""
        return cls(RankScores.of(rows, part))

    def __call__(self, sides: Sides) -> Float[np.ndarray, " P"]:
        """The largest in each draw."""
        return np.asarray(np.abs(self.scores(sides)).max(axis=1))
