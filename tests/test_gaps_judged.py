"""Missing values are judged: how many, of which records, which together, and what is known beside them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from simulacra import judge
from simulacra.comparison.two_samples import compare
from simulacra.core.samples import Column, Samples
from simulacra.judging.base import rows_of
from simulacra.statistics.tables.cells import Cells
from simulacra.statistics.tables.column_pairs import ColumnPairs
from simulacra.statistics.tables.gap_pattern import GapPattern

JUDGES = {"cells": Cells(), "pairs": ColumnPairs(), "pattern": GapPattern()}
SHARE = 0.3


def patients(n: int, rng: np.random.Generator, fault: str = "") -> Samples:
    """Age, sodium and urea that go together; of each of the last two 30 % are missing, by chance or the fault."""
    z = rng.normal(size=(n, 3)) @ np.linalg.cholesky(0.4 + 0.6 * np.eye(3)).T
    if fault == "values of other records":
        z[:, 1] = rng.permutation(z[:, 1])
    chance, draws = np.full((n, 2), SHARE), rng.random((n, 2))
    if fault == "more gaps":
        chance[:, 0] = 0.5
    if fault == "the old have more gaps":
        chance[:, 0] = np.where(z[:, 0] > 0, 0.5, 0.1)
    if fault == "gaps together":
        draws[:, 1] = draws[:, 0]
    z[:, 1:][draws < chance] = np.nan
    columns = [Column("age"), Column("sodium", gaps=True), Column("urea", gaps=True)]
    return Samples.of(z, "table", columns=columns)


@pytest.mark.parametrize(
    ("fault", "seen_by"),
    [
        ("more gaps", "cells"),
        ("more gaps", "pattern"),
        ("the old have more gaps", "pairs"),
        ("gaps together", "cells"),
        ("gaps together", "pattern"),
        ("values of other records", "pairs"),
    ],
)
def test_a_fault_of_the_gaps_is_seen(fault: str, seen_by: str) -> None:
    """500 records a side. Who has a gap, or two, changes no column's number of gaps."""
    rng, statistic = np.random.default_rng(8), JUDGES[seen_by]
    sides = [rows_of(statistic, seen_by, x, {}, ()) for x in (patients(500, rng, fault), patients(500, rng))]
    assert compare(*sides, rng, 199).p <= 0.02


def test_frames_with_gaps_pass_the_door_and_the_short_column_is_named() -> None:
    rng = np.random.default_rng(10)
    frames = [
        pd.DataFrame(patients(150, rng, fault).array, columns=["age", "sodium", "urea"]) for fault in ("more gaps", "")
    ]
    verdicts = judge(*frames)
    assert verdicts["gap pattern"].word == "differs"
    assert any("sodium missing" in effect.words for effect in verdicts["cells"].effects)
