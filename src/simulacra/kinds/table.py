"""Tables: a record a row, numbers and categories in its columns, with gaps."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Column, Samples
from simulacra.core.writing import replacing_text
from simulacra.domains.likeness.alike import Likeness
from simulacra.domains.tables.expanded import Rows, columns_of
from simulacra.kinds.base import Kind


class Table(Kind):
    """Numbers, and categories as the places of their levels; NaN is a gap. `Samples.columns` says which is which."""

    discrete: ClassVar[bool] = True
    noun: ClassVar[str] = "tables"
    shape: ClassVar[str] = "(n, columns), float64, NaN where there is no value"
    blur: ClassVar[str] = "with noise of their own spread; categories drawn anew in one row of three"
    shift: ClassVar[str] = "half of their spread too high; half of the rows of the last level; half lost where gaps are"
    written: ClassVar[dict[str, str]] = {".csv": "rows with a header, gaps left empty"}

    def fits(self, x: Array) -> bool:
        """Two axes of floating-point numbers."""
        return x.ndim == 2 and x.dtype.kind == "f"

    def likeness(self, x: Samples) -> Likeness:
        """Each number in units of its spread, each category as one unit, each gap as one."""
        return Rows.of(x)

    def blurred(self, x: Samples, rng: np.random.Generator) -> Array:
        """Noise on numbers; a third of each category's cells shuffled."""
        out = x.array.copy()
        for place, column in enumerate(columns_of(x)):
            if column.levels:
                some = np.flatnonzero(rng.random(len(out)) < 1 / 3)
                out[some, place] = out[rng.integers(len(out), size=len(some)), place]
            else:
                out[:, place] += np.nanstd(out[:, place]) * rng.standard_normal(len(out))
        return out

    def shifted(self, x: Samples, rng: np.random.Generator) -> Array:
        """Half a standard deviation on numbers; half of the rows to the last level; half lost where gaps are."""
        out = x.array.copy()
        for place, column in enumerate(columns_of(x)):
            if column.levels:
                some = (rng.random(len(out)) < 0.5) & ~np.isnan(out[:, place])
                out[some, place] = len(column.levels) - 1
            else:
                out[:, place] += 0.5 * np.nanstd(out[:, place])
            if np.isnan(out[:, place]).any():
                out[rng.random(len(out)) < 0.5, place] = np.nan
        return out

    def strangers(self, x: Samples, n: int, rng: np.random.Generator) -> Array:
        """Numbers of three times the spread, and any level; no gap."""
        out = np.empty((n, x.array.shape[1]))
        for place, column in enumerate(columns_of(x)):
            if column.levels:
                out[:, place] = rng.integers(len(column.levels), size=n)
            else:
                cells = x.array[:, place]
                out[:, place] = np.nanmean(cells) + 3 * np.nanstd(cells) * rng.standard_normal(n)
        return out

    def write(self, x: Samples, path: Path) -> None:
        """With a header; categories as their words."""
        columns = columns_of(x)
        with replacing_text(path) as file:
            rows = csv.writer(file)
            rows.writerow([c.name if c.unit == "1" else f"{c.name} [{c.unit}]" for c in columns])
            for record in x.array.tolist():
                rows.writerow([_cell(value, column) for value, column in zip(record, columns, strict=True)])

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """Age, weight and a class that go together, with gaps in the weight where the age is high."""
        age, kind = rng.normal(50, 12, n), rng.integers(0, 3, n).astype(np.float64)
        weight = 40 + 0.5 * age + 6 * kind + rng.normal(0, 6, n)
        weight[rng.random(n) < np.where(age > 55, 0.3, 0.05)] = np.nan
        columns = (
            Column("age", "a", middle=50.0),
            Column("weight", "kg", middle=70.0, gaps=True),
            Column("ward", levels=("east", "north", "west")),
        )
        return Samples.of(np.column_stack([age, weight, kind]), "table", origin="made patients", columns=columns)


def _cell(value: float, column: Column) -> str | float | int:
    if np.isnan(value):
        return ""
    if column.levels:
        return column.levels[int(value)]
    return int(value) if abs(value) < 2**53 and value == int(value) else value  # ages and counts without a point
