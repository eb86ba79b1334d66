"""The catalogues that Celeste's authors published: truth, pipeline, variational and Markov-chain inference, matched."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array


def read_table(path: Path) -> dict[str, Array]:
    """Columns of numbers by name: `true` is 1, `false` 0, what is empty NaN; columns of words are left out.

    Raises:
        BadInput: where there is no such file, or no row.
    """
    if not path.is_file():
        raise BadInput("there is no such table", str(path), "set SIMULACRA_DATA to the folder that holds celeste/")
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        raise BadInput("this table has no rows", str(path), "take the published file")
    out = {}
    for name in rows[0]:
        try:
            out[name] = np.array([_number(row[name]) for row in rows])
        except ValueError:
            continue
    return out


def _number(cell: str) -> float:
    words = {"true": 1.0, "false": 0.0, "": float("nan")}
    return words[cell] if cell in words else float(cell)
