"""The classes of a table: the column that a record's class stands in, and the rows of each class."""

from __future__ import annotations

import re

import numpy as np
from jaxtyping import Int

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.tables.expanded import columns_of
from simulacra.domains.tables.plausible import few

MOST = 10
"""Distinct numbers up to which a column of numbers is one of classes, where it is asked to be."""


def place_of(x: Samples, name: str) -> int:
    """Where a column stands; a clear error if it does not."""
    names = [column.name for column in columns_of(x)]
    if name not in names:
        aside = re.search(rf"(?:: |, ){re.escape(name)} \((\w+)\)", "\n".join(x.left.said))
        if aside and aside[1] == "constant":
            raise BadInput(f"all records have one value in the column {name!r}", f"{len(x)} records",
                           "bring records of both classes, or name another column")  # fmt: skip
        if aside:
            raise BadInput(f"the column {name!r} was set aside", f"taken for: {aside[1]}",
                           f"say what it is: --types {name}=category, or =number")  # fmt: skip
        raise BadInput(f"the table has no column {name!r}", f"its columns: {few(names, 20)}", "name one of them")
    return names.index(name)


def classes_of(x: Samples, name: str) -> tuple[float, ...]:
    """The cells that stand for the classes of a column, ascending; none where the column holds many numbers.

    Levels that no record has are no classes. A gap in the column is an error: a record without a class teaches none.
    """
    cells = x.array[:, place_of(x, name)]
    if np.isnan(cells).any():
        raise BadInput(
            f"some records have no value in the column {name!r}, which is to be foretold",
            f"{int(np.isnan(cells).sum())} of {len(cells)} records",
            "cut these records, or name another column with --target",
        )
    values = np.unique(cells)
    if len(values) < 2:
        raise BadInput(
            f"all records have one value in the column {name!r}", f"{len(cells)} records", "name another with --target"
        )
    return tuple(values.tolist()) if columns_of(x)[place_of(x, name)].levels or len(values) <= MOST else ()


def words_of(x: Samples, name: str) -> tuple[str, ...]:
    """The classes as they are called."""
    column = columns_of(x)[place_of(x, name)]
    return tuple(column.levels[int(v)] if column.levels else f"{v:g}" for v in classes_of(x, name))


def class_places(cells: Array, classes: tuple[float, ...]) -> Int[np.ndarray, " n"]:
    """Which class each cell is; the nearest, of a value that is none."""
    values = np.asarray(classes)
    return np.asarray(np.abs(cells[:, None] - values[None, :]).argmin(axis=1))
