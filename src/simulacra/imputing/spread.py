"""What was filled in, column by column: how many cells, their mean beside that of the known ones, their uncertainty."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulacra.domains.tables.expanded import columns_of
from simulacra.domains.tables.filled import Filled


def by_column(filled: Filled) -> list[dict[str, Any]]:
    """A row a column: of numbers the means and the root mean square spread of a cell's draws; of categories levels."""
    gone, where = filled.gaps, np.nonzero(filled.gaps)[1]
    found: list[dict[str, Any]] = []
    for place, column in enumerate(columns_of(filled.table)):
        here = where == place
        known = filled.table.array[~gone[:, place], place]
        row: dict[str, Any] = {"name": column.name, "unit": column.unit, "missing": int(here.sum())}
        row["levels"] = list(column.levels)
        guess, drawn = filled.guess[here], filled.drawn[:, here]
        if column.levels:
            row |= {"often": _often(known, column.levels), "often_filled": _often(guess, column.levels)}
        else:
            spread = float(np.sqrt(drawn.var(axis=0, ddof=1).mean())) if len(drawn) > 1 and here.any() else None
            middle = float(guess.mean()) if here.any() else None
            row |= {"mean": float(known.mean()), "mean_filled": middle, "spread": spread}
        found.append(row)
    return found


def _often(places: np.ndarray, levels: tuple[str, ...]) -> str:
    if not len(places):
        return ""
    counts = np.bincount(places.astype(int), minlength=len(levels))
    return f"{levels[int(counts.argmax())]} ({counts.max() / counts.sum():.0%})".replace("%", " %")
