"""Random forests in turn, as MissForest does: each column from all others by a forest, until nothing changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from simulacra.core.chance import stream
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.domains.tables.expanded import columns_of
from simulacra.domains.tables.filled import Filled
from simulacra.imputers.mean import ColumnMeans, Mean


@dataclass(frozen=True)
class RandomForests:
    """Columns in turn, that with the fewest gaps first; the rounds end as soon as the change grows again.

    A draw takes, for each gap, what one tree of the forest says: a value of the column. It does not carry the
    uncertainty of the other gaps in its row.

    Args:
        trees: of each forest.
        rounds: at most.

    References:
        MissForest: non-parametric missing value imputation for mixed-type data (Stekhoven & Bühlmann, 2012),
        doi:10.1093/bioinformatics/btr597
    """

    carries: ClassVar[bool] = False
    trees: int = 50
    rounds: int = 5

    def fit(self, x: Samples, seed: int = 0) -> FittedForests:
        """Rounds of forests, until the change of the guesses grows."""
        gone = np.isnan(x.array)
        levels = [bool(column.levels) for column in columns_of(x)]
        means = Mean().fit(x, seed)
        order = [int(k) for k in np.argsort(gone.sum(axis=0), kind="stable")]
        whole = np.where(gone, means.middle, x.array)
        kept: dict[int, Any] = {}
        last = np.inf
        with Progress("growing forests", self.rounds * len(order)) as progress:
            for turn in range(self.rounds):
                before, forests = whole.copy(), dict[int, Any]()
                for place in order:
                    forests[place] = self._forest(whole, ~gone[:, place], place, levels[place], seed, turn)
                    rows = np.flatnonzero(gone[:, place])
                    if len(rows):
                        whole[rows, place] = forests[place].predict(np.delete(whole[rows], place, axis=1))
                    progress.step()
                change = _change(before, whole, gone, x.array)
                if change >= last:
                    break
                kept, last = forests, change
                if not gone.any():
                    break
        return FittedForests(order, kept, means)

    def _forest(self, whole: Array, known: Array, place: int, level: bool, seed: int, turn: int) -> Any:  # noqa: ANN401
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        state = int(stream(seed, "imputer", turn, place).integers(2**31))
        wide = max(1, int(np.sqrt(whole.shape[1] - 1)))
        kind = RandomForestClassifier if level else RandomForestRegressor
        forest = kind(self.trees, max_features=wide, random_state=state)
        return forest.fit(np.delete(whole[known], place, axis=1), whole[known, place])


@dataclass(frozen=True, eq=False)
class FittedForests:
    """The forests of the last round that made things better, by column, and the means to begin with."""

    order: list[int]
    forests: dict[int, Any]
    means: ColumnMeans

    def impute(self, x: Samples, draws: int, rng: np.random.Generator) -> Filled:
        """Two rounds through the forests; draws by single trees."""
        gone = np.isnan(x.array)
        whole = np.where(gone, self.means.middle, x.array)
        for _ in range(3):
            for place in self.order:
                rows = np.flatnonzero(gone[:, place])
                if len(rows):
                    whole[rows, place] = self.forests[place].predict(np.delete(whole[rows], place, axis=1))
        drawn = [whole.copy() for _ in range(draws)]
        for place in self.order:
            rows = np.flatnonzero(gone[:, place])
            if not len(rows):
                continue
            forest = self.forests[place]
            rest = np.delete(whole[rows], place, axis=1).astype(np.float32)
            said = np.stack([tree.predict(rest) for tree in forest.estimators_])
            said = forest.classes_[said.astype(int)] if hasattr(forest, "classes_") else said
            for one in drawn:
                one[rows, place] = said[rng.integers(len(said), size=len(rows)), np.arange(len(rows))]
        return Filled.of(x, whole, drawn, False)


def _change(before: Array, after: Array, gone: Array, x: Array) -> float:
    spread = np.nanstd(x, axis=0)
    return float((((after - before) / np.where(spread > 0, spread, 1.0))[gone] ** 2).sum())


def example() -> RandomForests:
    """The smallest one."""
    return RandomForests(trees=5, rounds=2)
