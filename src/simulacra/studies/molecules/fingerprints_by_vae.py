"""Does a variational autoencoder draw the structural keys of molecules with the properties that it is asked for?"""

from __future__ import annotations

from pathlib import Path

from simulacra.domains.molecules.structural_keys import KEYS, PROPERTIES
from simulacra.models.conditional_vae import ConditionalVAE
from simulacra.networks.mlp import MLP
from simulacra.running.study import Study
from simulacra.subjects.structural_keys import study_of
from simulacra.training.budget import Budget


def study(
    molecules: Path | None = None, most: int = 8000, latent: int = 16, width: int = 192, steps: int = 4000
) -> Study:
    """MACCS keys under logP, weight and QED, by an autoencoder whose places a divergence keeps near a normal law.

    The same molecules, networks and judges as fingerprints_by_aae, which has a critic in the place of the divergence.

    Args:
        molecules: a list of your own (.smi, .csv, .tsv, .parquet, .sdf; text may end in .gz).
        most: so many of the list at most; 0 takes all.
        latent: features of a place.
        width: features of the networks' layers.
        steps: training steps, of 128 molecules.
    """
    asked = len(PROPERTIES)
    model = ConditionalVAE(MLP(KEYS + asked, width, width, 2 * latent), MLP(latent + asked, width, width, KEYS), latent)
    budget = Budget(steps, batch=128, rate=1e-3, average=0.998, final=0.05, clip=5.0, looks=4, glances=0)
    return study_of(molecules, most, model, budget, {"keys": "differs", "sums of keys": "differs"})
