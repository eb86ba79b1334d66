"""What an imputer is: fitted on a table with gaps, it fills those of any such table, by one guess and by draws."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol, runtime_checkable

import numpy as np

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.tables.expanded import columns_of
from simulacra.domains.tables.filled import Filled
from simulacra.domains.tables.plausible import few

ENOUGH = 20
"""Rows below which it is said that they teach little."""
WIDEST = 2000
"""Columns, or scores, of which a covariance is still made: 32 MB, and minutes of work a round."""


@runtime_checkable
class Filling(Protocol):
    """An imputer that has learned."""

    def impute(self, x: Samples, draws: int, rng: np.random.Generator) -> Filled:
        """The gaps of a table filled in.

        Args:
            x: of the columns that were learned from; the same table, or further rows.
            draws: completed tables to draw.
            rng: of all draws.
        """
        ...


@runtime_checkable
class Imputer(Protocol):
    """How to fill gaps; a frozen dataclass, its settings are its fields.

    Attributes:
        carries: whether its draws carry the uncertainty of the fit as well as that of the cells, so that intervals by
            Rubin's rules hold what they promise where gaps are missing at random.
    """

    carries: bool

    def fit(self, x: Samples, seed: int = 0) -> Filling:
        """Learn from a table with gaps; only from what is known in it."""
        ...


def impute(imputer: Imputer, x: Samples, draws: int = 20, seed: int = 0) -> Filled:
    """A table's gaps filled by an imputer that learns from the same table.

    Args:
        imputer: of this shelf, or one's own.
        x: a table with gaps.
        draws: completed tables to draw.
        seed: of all chance.
    """
    check(x)
    filled = imputer.fit(x, seed).impute(x, draws, stream(seed, "filled cells"))
    rows, columns = x.array.shape
    if rows >= max(ENOUGH, 2 * columns):
        return filled
    text = f"{rows:,} rows for {columns:,} columns: what is filled in rests on little but each column alone"
    return replace(filled, said=(*filled.said, text))


def check(x: Samples) -> None:
    """A table that no imputer can fill is an error; what is wrong is named by column."""
    columns = columns_of(x)
    gone = np.isnan(x.array)
    empty = [columns[k].name for k in np.flatnonzero(np.asarray(gone.all(axis=0)))]
    if empty:
        raise BadInput(
            "a column without a single value cannot be filled in",
            f"{few(empty)} of {len(columns):,} columns",
            f"leave it out: --as {empty[0]}=aside",
        )
    if np.isinf(x.array).any():
        places = np.flatnonzero(np.isinf(x.array).any(axis=0))
        raise BadInput("some cells are infinite", few([columns[k].name for k in places]), "cut or mend them")
    if len(x) < 3:
        raise BadInput("so few rows teach nothing", f"{len(x)} row{'s' * (len(x) != 1)}", "give ten or more")


def check_width(scores: int, rows: int) -> None:
    """Too many columns for a covariance are an error before the work begins."""
    if scores > WIDEST:
        raise BadInput(
            f"a covariance of so many columns is too large (at most {WIDEST:,}; a category counts once a level)",
            f"{scores:,} columns, {rows:,} rows",
            "take --by nearest_rows or --by mean, or name the columns that matter with --columns",
        )
