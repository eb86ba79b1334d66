"""Usefulness: how well a column of true records is foretold by a rule that was learned from the samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from scipy.stats import rankdata

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.tables.expanded import columns_of, expanded
from simulacra.domains.tables.strata import place_of
from simulacra.statistics.base import Split, number_of

RIDGE = 1.0
"""Records' worth of a prior that nothing matters."""


@dataclass(frozen=True)
class Usefulness:
    """Trained on the samples, tested on truth: the area under the curve of a linear rule, of numbers its correlation.

    The rule is a ridge regression on the other columns; of several classes each against the rest, and the mean is
    taken. Judged is against the number of true sets of the same sizes.

    Args:
        target: the column to be foretold; "" takes the last category, or the last column.

    References:
        Real-valued (medical) time series generation with recurrent conditional GANs (Esteban, Hyland & Rätsch, 2017),
        arXiv:1706.02633
    """

    about: ClassVar[str] = "set"
    accepts: ClassVar[tuple[str, ...]] = ("table",)
    worse: ClassVar[str] = "lower"
    needs_train: ClassVar[bool] = False
    defect: ClassVar[str] = "the column to be foretold dealt out anew in {amount:.0%} of the records"
    amounts: ClassVar[tuple[float, ...]] = (0.04, 0.08, 0.16, 0.32, 0.64, 1.0)
    target: str = ""

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The number."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The number of any division of these samples."""
        x, marks = self._table(everything)

        def number(model: Array, truth: Array) -> float:
            said = rule(x[model], marks[model], x[truth])
            return float(np.mean([agreement(s, t) for s, t in zip(said.T, marks[truth].T, strict=True)]))

        return number

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """The column shuffled in so many records."""
        place, values = self.place(x), x.array.copy()
        some = rng.permutation(len(x))[: round(amount * len(x))]
        values[some, place] = values[rng.permutation(some), place]
        return x.but(x=values)

    def place(self, x: Samples) -> int:
        """Where the column stands."""
        if self.target:
            return place_of(x, self.target)
        words = [place for place, column in enumerate(columns_of(x)) if column.levels]
        return words[-1] if words else len(columns_of(x)) - 1

    def _table(self, x: Samples) -> tuple[Array, Array]:
        """The other columns, of unit spread, and the column as numbers or as a mark a level."""
        place, columns = self.place(x), columns_of(x)
        if len(columns) < 2:
            raise BadInput("nothing is left to foretell a column from", columns[0].name, "give a table of two columns")
        rest = np.delete(np.arange(len(columns)), place)
        rows = expanded(x.but(x=x.array[:, rest], columns=tuple(columns[i] for i in rest)))
        spread = rows.std(axis=0)
        cells = x.array[:, place]
        cells = np.where(np.isnan(cells), columns[place].middle, cells)
        values = np.unique(cells)
        few = bool(columns[place].levels) or len(values) == 2
        marks = (cells[:, None] == values[1 if len(values) == 2 else 0 :]).astype(float) if few else cells[:, None]
        return (rows - rows.mean(axis=0)) / np.where(spread > 1e-12, spread, 1.0), marks


def rule(x: Float[np.ndarray, "n k"], y: Float[np.ndarray, "n c"], new: Array) -> Array:
    """What a ridge regression says of new rows."""
    middle, level = x.mean(axis=0), y.mean(axis=0)
    centered = x - middle
    weight = np.linalg.solve(centered.T @ centered + RIDGE * np.eye(x.shape[1]), centered.T @ (y - level))
    return np.asarray((new - middle) @ weight + level)


def agreement(said: Float[np.ndarray, " n"], true: Float[np.ndarray, " n"]) -> float:
    """The area under the curve of marks, the correlation of numbers; nothing known, a half or 0, where all are one."""
    marks = bool(np.isin(true, (0.0, 1.0)).all())
    if np.ptp(true) == 0 or np.ptp(said) < 1e-12:
        return 0.5 if marks else 0.0
    if not marks:
        return float(np.corrcoef(said, true)[0, 1])
    ranks, ones = rankdata(said), int(true.sum())
    return float((ranks[true == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(true) - ones)))
