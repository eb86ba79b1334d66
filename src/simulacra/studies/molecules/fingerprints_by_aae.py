"""Does an adversarial autoencoder draw the structural keys of molecules with the properties that it is asked for?"""

from __future__ import annotations

from pathlib import Path

from simulacra.domains.molecules.structural_keys import KEYS, PROPERTIES
from simulacra.models.aae import AAE
from simulacra.networks.mlp import MLP
from simulacra.running.study import Study
from simulacra.subjects.structural_keys import study_of
from simulacra.training.budget import Budget


def study(
    molecules: Path | None = None,
    most: int = 8000,
    latent: int = 16,
    width: int = 192,
    weight: float = 1.0,
    steps: int = 4000,
) -> Study:
    """MACCS keys under logP, weight and QED, by an autoencoder whose places a critic holds against a normal law.

    Without a file ZINC's molecules are taken where they are at hand, and otherwise molecules joined by program. The
    page shows the properties asked for against those obtained. fingerprints_by_vae is the same with a divergence
    instead of a critic.

    Args:
        molecules: a list of your own (.smi, .csv, .tsv, .parquet, .sdf; text may end in .gz).
        most: so many of the list at most; 0 takes all.
        latent: features of a place.
        width: features of the networks' layers.
        weight: of the critic's word beside the reconstruction's.
        steps: training steps, of 128 molecules.
    """
    asked = len(PROPERTIES)
    model = AAE(
        MLP(KEYS + asked, width, width, latent),
        MLP(latent + asked, width, width, KEYS),
        MLP(latent + asked, width, width, 1),
        latent,
        weight=weight,
    )
    budget = Budget(
        steps, batch=128, rate=5e-4, betas=(0.5, 0.999), average=0.998, final=0.05, clip=5.0, looks=4, glances=0
    )
    return study_of(molecules, most, model, budget, {"keys": "differs", "sums of keys": "differs"})
