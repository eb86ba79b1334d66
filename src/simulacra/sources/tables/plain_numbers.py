"""Published tables of numbers without a header: cells read, columns described."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float

from simulacra.core.broken import reading
from simulacra.core.errors import BadInput
from simulacra.core.samples import Column, Samples

ASIDE = True
GAPS = ("?", "")


def numbers(path: Path, width: int, fix: str) -> Float[np.ndarray, "n d"]:
    """The cells of a file with commas between them; `?` is a gap.

    Args:
        path: of the file.
        width: columns that it must have.
        fix: where the right file is.
    """
    with reading("table", path), path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if row]
        x = [[np.nan if cell.strip() in GAPS else float(cell) for cell in row] for row in rows]
    if not x or any(len(row) != width for row in x):
        raise BadInput(f"this table has {width} columns", str(path), fix)
    return np.array(x)


def described(x: Float[np.ndarray, "n d"], columns: Sequence[tuple[str, str, tuple[str, ...]]], origin: str) -> Samples:
    """The cells as samples; of each column its name, its unit and its levels."""
    found = [
        Column(name, unit, levels, _middle(cells, levels), bool(np.isnan(cells).any()))
        for (name, unit, levels), cells in zip(columns, x.T, strict=True)
    ]
    return Samples.of(x, "table", "1", origin, columns=found)


def _middle(cells: np.ndarray, levels: tuple[str, ...]) -> float:
    there = cells[~np.isnan(cells)]
    return float(np.bincount(there.astype(int)).argmax()) if levels else float(np.median(there))
