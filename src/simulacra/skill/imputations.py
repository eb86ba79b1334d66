"""How well gaps are filled: the error of the guess, and whether the draws are as uncertain as they should be."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from simulacra.core.samples import Array, Samples
from simulacra.domains.tables.expanded import columns_of
from simulacra.domains.tables.filled import Filled

FLOOR = 0.01
"""Least spread of a filled-in number, in ranges of its column, where its law is scored: nobody is certain."""


def scored(filled: Filled, truth: Samples, asked: Bool[np.ndarray, "n d"]) -> dict[str, float]:
    """Scores of the cells that were taken out; numbers in ranges (largest less least) of their column.

    Args:
        filled: of the table without these cells.
        truth: the table with them.
        asked: which cells were taken out; the table's own gaps are not among them.

    Returns:
        rmse (of the guess), crps (of the draws; of no draws the absolute error), log_score (of a normal law with the
        draws' mean and spread, nats a cell, the more the better), covers (share of cells between the least and the
        largest draw: `expected` where the draws are right); of categories wrong (share of guesses). A part is left out
        where there is nothing to score.
    """
    rows, places = np.nonzero(filled.gaps)
    want = asked[rows, places]
    at = places[want]
    true = truth.array[rows[want], at]
    guess, drawn = filled.guess[want], filled.drawn[:, want]
    level = np.array([bool(column.levels) for column in columns_of(truth)])[at]
    found: dict[str, float] = {}
    if (~level).any():
        width = ranges(truth.array)[at][~level]
        x, best = true[~level] / width, guess[~level] / width
        found["rmse"] = float(np.sqrt(((best - x) ** 2).mean()))
        found |= _laws(drawn[:, ~level] / width, x, best)
    if level.any():
        found["wrong"] = float((guess[level] != true[level]).mean())
    return found


def _laws(drawn: Float[np.ndarray, "m g"], x: Array, best: Array) -> dict[str, float]:
    if len(drawn) < 2:
        return {"crps": float(np.abs(best - x).mean())}
    middle, spread = drawn.mean(axis=0), np.maximum(drawn.std(axis=0, ddof=1), FLOOR)
    surprise = 0.5 * ((x - middle) / spread) ** 2 + np.log(spread * np.sqrt(2 * np.pi))
    low, high = drawn.min(axis=0), drawn.max(axis=0)
    return {
        "crps": float(crps(drawn, x).mean()),
        "log_score": float(-surprise.mean()),
        "covers": float(((low <= x) & (x <= high)).mean()),
    }


def crps(drawn: Float[np.ndarray, "m g"], x: Float[np.ndarray, " g"]) -> Float[np.ndarray, " g"]:
    """Continuous ranked probability score of m draws, each cell: mean |X - x| less half the mean |X - X'| of pairs.

    References:
        Strictly proper scoring rules, prediction, and estimation (Gneiting & Raftery, 2007),
        doi:10.1198/016214506000001437
    """
    m = len(drawn)
    ordered = np.sort(drawn, axis=0)
    weights = 2 * np.arange(1, m + 1) - m - 1
    pairs = 2 * (weights[:, None] * ordered).sum(axis=0) / (m * (m - 1))
    return np.asarray(np.abs(drawn - x).mean(axis=0) - pairs / 2)


def expected(m: int) -> float:
    """Share of cells that lie between the least and the largest of m draws of their own law, without ties."""
    return (m - 1) / (m + 1)


def ranges(x: Float[np.ndarray, "n d"]) -> Float[np.ndarray, " d"]:
    """Largest less least known value of each column; 1 where it stands still."""
    width = np.nanmax(x, axis=0) - np.nanmin(x, axis=0)
    return np.asarray(np.where(width > 0, width, 1.0))
