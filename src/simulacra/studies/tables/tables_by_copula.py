"""Does a Gaussian copula make a table anew that is good to learn from, and silent on who was in it?"""

from __future__ import annotations

from simulacra.models.latent_normal import LatentNormal
from simulacra.running.study import Study
from simulacra.subjects.synthetic_tables import WDBC, study_of
from simulacra.subjects.synthetic_tables import table as known_table
from simulacra.training.budget import Budget

ZHAO = "Missing value imputation for mixed data via Gaussian copula (Zhao & Udell, 2020), arXiv:1910.12845"

EXPECT = {"cells": "differs", "pairs": "differs", "usefulness": "consistent"}
"""Of the breast masses, seed 0."""


def study(
    table: str = "wdbc",
    target: str = "",
    group: str = "",
    types: str = "",
    epsilon: float = 0.0,
    borrow: float = 5.0,
    ridge: float = 0.5,
) -> Study:
    """Any table, with its columns, types, categories and gaps: normal scores by class, counted in seconds.

    The records are shared out in training, validation and truth (5 : 1 : 4). What is drawn is judged by its law, by
    what can be learned from it, and by what it gives away of the training records; SMOTE and a copycat stand beside.

    Args:
        table: a file (CSV, Parquet …), or "wdbc": breast masses of Wisconsin, which come with scikit-learn.
        target: the column that is to be foretold from the others, and within whose classes laws are learned; of "wdbc"
            the diagnosis.
        group: the column that names which records belong together (one patient's); they are never torn apart.
        types: what columns are, where that is to be overruled: "zip=category,note=aside".
        epsilon: privacy budget ε of a private copula that is shown beside, with δ = 1e-5; 0 leaves it out.
        borrow: how many records' worth each class's covariance borrows from what is common to all.
        ridge: how many records' worth of independent columns are added.
    """
    known = known_table(table, target, group, types, epsilon)
    model = LatentNormal(known.scores, max(1, known.classes), None, borrow, ridge)
    # all is counted before the first step, and the one step leaves it there
    budget = Budget(1, batch=4096, rate=1e-6, looks=1, glances=0)
    return study_of(known, model, budget, (ZHAO,), expect=EXPECT if table == WDBC else {})
