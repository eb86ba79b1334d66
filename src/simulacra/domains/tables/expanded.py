"""Rows of a table as plain numbers: categories as columns of 0 and 1, gaps in the middle and marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Bool, Float, Int

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Column, Samples


def columns_of(x: Samples) -> tuple[Column, ...]:
    """The columns of a table; an error where samples have none."""
    if not x.columns:
        raise BadInput(
            "a table says what each of its columns is", repr(x), "give Samples.of(..., columns=[Column(name, …), …])"
        )
    return x.columns


def gaps(x: Samples) -> Bool[np.ndarray, "n columns"]:
    """Where a table has no value."""
    return np.isnan(x.array)


def expanded(x: Samples) -> Float[np.ndarray, "n features"]:
    """Numbers as they are, categories a column a level (one column where there are two), then a mark for each gap.

    A gap holds the column's middle, and its mark is 1; only columns in which some table has gaps have a mark.
    """
    return np.column_stack([values for _, values in _parts(x.array, columns_of(x))])


def names(x: Samples) -> tuple[str, ...]:
    """What each number of `expanded` is."""
    return tuple(name for name, _ in _parts(x.array[:1], columns_of(x)))


def _parts(x: Array, columns: tuple[Column, ...]) -> list[tuple[str, Array]]:
    found: list[tuple[str, Array]] = []
    for place, column in enumerate(columns):
        values = np.where(np.isnan(x[:, place]), column.middle, x[:, place]).astype(np.float64)
        if not column.levels:
            found.append((column.name if column.unit == "1" else f"{column.name}, {column.unit}", values))
            continue
        kept = column.levels[:1] if len(column.levels) == 2 else column.levels
        found += [(f"{column.name} = {level}", (values == k).astype(np.float64)) for k, level in enumerate(kept)]
    marked = [(f"{c.name} missing", np.isnan(x[:, k]).astype(np.float64)) for k, c in enumerate(columns) if c.gaps]
    return found + marked


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a table: each number in units of its spread, each category as one unit, whatever its level.

    Args:
        columns: of the table.
        scale: of each expanded number.
    """

    blind: ClassVar[str] = ""
    columns: tuple[Column, ...]
    scale: Float[np.ndarray, " features"]

    @classmethod
    def of(cls, x: Samples) -> Rows:
        """In units of the spread in these samples."""
        rows = expanded(x)
        spread = rows.std(axis=0)
        marks = np.isin(rows, (0.0, 1.0)).all(axis=0)
        return cls(columns_of(x), np.where(marks | (spread < 1e-12), 1.0, spread))

    def ready(self, x: Array) -> Array:
        """Expanded, in units of the spread."""
        return np.asarray(np.column_stack([values for _, values in _parts(x, self.columns)]) / self.scale)

    def sketches(self, x: Array) -> list[Float[np.ndarray, "n k"]]:
        """The rows themselves."""
        return [x]

    def apart(self, x: Array, y: Array, version: Int[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        """Euclidean distance."""
        return np.asarray(np.linalg.norm(x - y, axis=1))
