"""Tables as plain numbers for methods that know no categories: scaled columns, one a level; and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Column, Samples
from simulacra.domains.tables.expanded import columns_of

ASIDE = True


@dataclass(frozen=True, eq=False)
class Coded:
    """The scale of each column, learned from the cells that are known.

    Letters: n rows, d columns, f features.

    Args:
        columns: of the table.
        middle: mean of each feature.
        scale: standard deviation of each.
    """

    columns: tuple[Column, ...]
    middle: Float[np.ndarray, " f"]
    scale: Float[np.ndarray, " f"]

    @classmethod
    def of(cls, x: Samples) -> Coded:
        """From the known cells of a table."""
        raw = _features(x)
        spread = np.nanstd(raw, axis=0)
        return cls(columns_of(x), np.nanmean(raw, axis=0), np.where(spread > 0, spread, 1.0))

    def forward(self, x: Samples) -> Float[np.ndarray, "n f"]:
        """Features of mean 0 and unit spread, NaN where a cell is missing."""
        return np.asarray((_features(x) - self.middle) / self.scale)

    @property
    def places(self) -> list[slice]:
        """The features of each column."""
        ends = np.cumsum([_width(column) for column in self.columns]).tolist()
        return [slice(end - _width(c), end) for c, end in zip(self.columns, ends, strict=True)]

    def inverse(self, z: Float[np.ndarray, "n f"]) -> Float[np.ndarray, "n d"]:
        """Cells: numbers as they are, of a category the level with the largest feature, of two levels the nearer."""
        raw = self.middle + self.scale * z
        out = np.empty((len(z), len(self.columns)))
        for place, (column, at) in enumerate(zip(self.columns, self.places, strict=True)):
            if len(column.levels) > 2:
                out[:, place] = raw[:, at].argmax(axis=1)
            else:
                out[:, place] = raw[:, at.start]
                if column.levels:
                    out[:, place] = np.clip(np.round(out[:, place]), 0, len(column.levels) - 1)
        return out

    def chosen(self, z: Float[np.ndarray, "n f"], rng: np.random.Generator) -> Float[np.ndarray, "n d"]:
        """As `inverse`, but of a category a level drawn by its feature, read as a chance."""
        out = self.inverse(z)
        raw = self.middle + self.scale * z
        for place, (column, at) in enumerate(zip(self.columns, self.places, strict=True)):
            if not column.levels:
                continue
            odds = np.clip(raw[:, at], 0.0, 1.0)
            odds = np.column_stack([1 - odds[:, 0], odds[:, 0]]) if odds.shape[1] == 1 else odds
            odds = (odds + 1e-9) / (odds + 1e-9).sum(axis=1, keepdims=True)
            level = (rng.random((len(z), 1)) > np.cumsum(odds, axis=1)[:, :-1]).sum(axis=1)
            out[:, place] = np.minimum(level, len(column.levels) - 1)
        return out


def _width(column: Column) -> int:
    return len(column.levels) if len(column.levels) > 2 else 1


def _features(x: Samples) -> Float[np.ndarray, "n f"]:
    found = []
    for place, column in enumerate(columns_of(x)):
        cells = x.array[:, place]
        if _width(column) == 1:
            found.append(cells[:, None])
        else:
            marks = (cells[:, None] == np.arange(len(column.levels))).astype(np.float64)
            found.append(np.where(np.isnan(cells)[:, None], np.nan, marks))
    return np.column_stack(found)
