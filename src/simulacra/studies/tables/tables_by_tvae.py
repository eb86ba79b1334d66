"""Does an autoencoder make a table anew that is good to learn from, and silent on who was in it?"""

from __future__ import annotations

from simulacra.models.by_class import ByClass
from simulacra.models.tvae import TVAE
from simulacra.networks.mlp import MLP
from simulacra.running.study import Study
from simulacra.subjects.synthetic_tables import study_of
from simulacra.subjects.synthetic_tables import table as known_table
from simulacra.training.budget import Budget


def study(
    table: str = "wdbc",
    target: str = "",
    group: str = "",
    types: str = "",
    epsilon: float = 0.0,
    latent: int = 16,
    width: int = 128,
    steps: int = 2000,
) -> Study:
    """Any table, with its columns, types, categories and gaps, by a variational autoencoder of its normal scores.

    The records are shared out in training, validation and truth (5 : 1 : 4), and the training is followed and chosen by
    validation. What is drawn is judged by its law, by what can be learned from it, and by what it gives away of the
    training records; SMOTE and a copycat stand beside.

    Args:
        table: a file (CSV, Parquet …), or "wdbc": breast masses of Wisconsin, which come with scikit-learn.
        target: the column that is to be foretold from the others, and whose classes are given to the networks; of
            "wdbc" the diagnosis.
        group: the column that names which records belong together (one patient's); they are never torn apart.
        types: what columns are, where that is to be overruled: "zip=category,note=aside".
        epsilon: privacy budget ε of a private copula that is shown beside, with δ = 1e-5; 0 leaves it out.
        latent: hidden numbers of a record.
        width: features of the networks' layers.
        steps: training steps, of 64 records.
    """
    known = known_table(table, target, group, types, epsilon)
    q, k = known.scores, max(1, known.classes)
    inner = TVAE(MLP(q + k, width, width, 2 * latent), MLP(latent + k, width, width, q), q, latent, k)
    budget = Budget(steps, batch=64, rate=1e-3, average=0.99, final=0.05, weight_decay=1e-3, looks=8, glances=0)
    return study_of(known, ByClass(inner, k), budget)
