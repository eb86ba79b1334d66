"""Does a diffusion model that begins as a Gaussian copula make a table better than the copula, and as silent?"""

from __future__ import annotations

from simulacra.diffusion.clock import FEATURES
from simulacra.diffusion.guidance import Conditions
from simulacra.models.diffusion import Diffusion
from simulacra.models.latent_normal import LatentNormal
from simulacra.networks.conditioned_mlp import ConditionedMLP
from simulacra.running.study import Study
from simulacra.samplers.dpm_solver import DPMSolver
from simulacra.subjects.synthetic_tables import WDBC, study_of
from simulacra.subjects.synthetic_tables import table as known_table
from simulacra.training.budget import Budget

KOTELNIKOV = "TabDDPM: modelling tabular data with diffusion models (Kotelnikov et al., 2023), arXiv:2209.15421"

EXPECT = {"cells": "differs", "pairs": "differs", "usefulness": "consistent"}
"""Of the breast masses, seed 0."""


def study(
    table: str = "wdbc",
    target: str = "",
    group: str = "",
    types: str = "",
    epsilon: float = 0.0,
    width: int = 128,
    walk: int = 30,
    steps: int = 1500,
) -> Study:
    """Any table, with its columns, types, categories and gaps: scores made white by class, and what is left of them.

    Of white normal scores the network's answer is 0 at every noise, so a network that has learned nothing draws the
    copula; what it learns is what the copula leaves unsaid. The records are shared out in training, validation and
    truth (5 : 1 : 4), and the training is followed and chosen by validation. What is drawn is judged by its law, by
    what can be learned from it, and by what it gives away of the training records; SMOTE and a copycat stand beside.

    Args:
        table: a file (CSV, Parquet …), or "wdbc": breast masses of Wisconsin, which come with scikit-learn.
        target: the column that is to be foretold from the others, and whose classes are given to the network; of "wdbc"
            the diagnosis.
        group: the column that names which records belong together (one patient's); they are never torn apart.
        types: what columns are, where that is to be overruled: "zip=category,note=aside".
        epsilon: privacy budget ε of a private copula that is shown beside, with δ = 1e-5; 0 leaves it out.
        width: features of the network's layers.
        walk: steps from noise to data.
        steps: training steps, of 64 records.
    """
    known = known_table(table, target, group, types, epsilon)
    q, k = known.scores, max(1, known.classes)
    conditioning = Conditions({"class": k})
    network = ConditionedMLP(q, width, FEATURES + conditioning.width)
    network.last.weight.data.zero_()
    network.last.bias.data.zero_()
    inner = Diffusion(network, (q,), sampler=DPMSolver(walk), conditioning=conditioning)
    budget = Budget(steps, batch=64, rate=3e-4, average=0.99, final=0.05, weight_decay=1e-2, looks=8, glances=0)
    return study_of(known, LatentNormal(q, k, inner), budget, (KOTELNIKOV,), expect=EXPECT if table == WDBC else {})
