"""Rows of a table as numbers of like size: columns scaled, categories by level, gaps marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import torch

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Column, Samples
from simulacra.domains.tables.expanded import columns_of, expanded
from simulacra.models.base import Batch
from simulacra.views.conditions import learn, to_arrays, to_tensors


@dataclass(frozen=True)
class Records:
    """Tables (n, columns) to (n, features) of float32 and back. All fields are filled by `fit`.

    A number is centered and divided by its standard deviation in training; a category becomes a feature a level (one
    where there are two), 0 or 1; each column with gaps has a feature more, 1 where the value is missing. On the way
    back the largest feature of a category is its level, and a value whose mark is above one half is a gap.

    Args:
        columns: what each column is, as plain values.
        mean: of each feature.
        scale: of each feature.
        given: what is known of the conditions.
    """

    columns: tuple[Mapping[str, Any], ...] = ()
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def fit(self, train: Samples) -> Records:
        """Learn each column's mean and spread."""
        if train.kind != "table":
            raise BadInput("this view wants a table", f"kind {train.kind!r}", "use the view Flat for vectors")
        columns = tuple({**asdict(column), "levels": list(column.levels)} for column in columns_of(train))
        rows = expanded(train)
        spread = rows.std(axis=0)
        marks = np.isin(rows, (0.0, 1.0)).all(axis=0)
        mean = np.where(marks, 0.0, rows.mean(axis=0))
        scale = np.where(marks | (spread < 1e-12), 1.0, spread)
        return replace(
            self, columns=columns, mean=tuple(mean.tolist()), scale=tuple(scale.tolist()), given=learn(train.given)
        )

    def forward(self, x: Samples) -> Batch:
        """Scaled features."""
        rows = (expanded(x.but(columns=self._columns())) - np.array(self.mean)) / np.array(self.scale)
        return Batch(torch.as_tensor(rows, dtype=torch.float32), to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """Numbers in their units, levels by their places, gaps as NaN."""
        rows = batch.x.detach().double().cpu().numpy() * np.array(self.scale) + np.array(self.mean)
        columns = self._columns()
        out, at = np.empty((len(rows), len(columns))), 0
        for place, column in enumerate(columns):
            wide = 1 if len(column.levels) in (0, 2) else len(column.levels)
            part, at = rows[:, at : at + wide], at + wide
            out[:, place] = _cells(part, column)
        for place, column in enumerate(columns):
            if column.gaps:
                out[rows[:, at] > 0.5, place] = np.nan
                at += 1
        return Samples.of(out, "table", given=to_arrays(batch.given, self.given), columns=columns)

    def _columns(self) -> tuple[Column, ...]:
        return tuple(Column(**{**column, "levels": tuple(column["levels"])}) for column in self.columns)


def _cells(part: Array, column: Column) -> Array:
    if not column.levels:
        return np.asarray(part[:, 0])
    if len(column.levels) == 2:
        return np.where(part[:, 0] > 0.5, 0.0, 1.0)
    return np.asarray(np.argmax(part, axis=1), dtype=np.float64)
