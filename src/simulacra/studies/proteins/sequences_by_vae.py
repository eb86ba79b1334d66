"""Does an autoencoder draw sequences of a protein's family whose columns go together as natural ones do?"""

from __future__ import annotations

from functools import partial

from simulacra.baselines.independent_columns import independent_columns
from simulacra.baselines.shuffled_columns import shuffled_columns
from simulacra.judging.base import Judge
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.statistics.proteins.gap_lengths import GapLengths
from simulacra.statistics.proteins.hydropathy import Hydropathy
from simulacra.statistics.proteins.pair_covariances import PairCovariances
from simulacra.statistics.proteins.residue_composition import ResidueComposition
from simulacra.statistics.proteins.site_frequencies import SiteFrequencies
from simulacra.statistics.proteins.triple_covariances import TripleCovariances
from simulacra.subjects.proteins import (
    HOPF,
    RIESSELMAN,
    family_file,
    potts_by_gibbs,
    show_energies,
    sizes,
    uncertain_vae,
)
from simulacra.training.budget import Budget
from simulacra.views.residues import Residues


def study(
    family: str = "proteins/BLAT_ECOLX/BLAT_ECOLX.a2m",
    query: str = "",
    identity: float = 0.8,
    latent: int = 30,
    width: int = 500,
    couplings: float = 10.0,
    updates: int = 100,
    steps: int = 3000,
) -> Study:
    """One sequence of each group of like ones, gaps as a letter; judged beside a Potts model and columns by themselves.

    Sequences that are more alike than `identity` count once, so training, validation and truth are as many sequences as
    the family's effective number allows, and none of one part is like one of another.

    Args:
        family: the alignment: a2m, a3m, FASTA, Stockholm or Clustal; a path, or a name in the data folders.
        query: name of the sequence whose columns are taken; the first if empty.
        identity: share of residues above which two sequences count as alike.
        latent: latent features.
        width: features of the encoder's hidden layers; the decoder has half as many.
        couplings: strength of the penalty on the Potts model's squared couplings.
        updates: steps of Boltzmann learning, by which the Potts model's draws come to the family's pairs; 0 for none.
        steps: training steps, of 128 sequences.
    """
    source = family_file(family, query, identity, keep="one of each")
    columns, states = sizes(source, gaps=True)
    judges = {
        "site frequencies": Judge(SiteFrequencies(), reach=0.08),
        "pair covariances": Judge(PairCovariances(), reach=0.32),
        "triple covariances": Judge(TripleCovariances(), reach=0.64),
        "composition": Judge(ResidueComposition(), reach=0.04),
        "gaps": Judge(GapLengths(), reach=0.32),
    }
    if states == 21:
        judges["hydropathy"] = Judge(Hydropathy(), reach=0.04)
    potts = partial(potts_by_gibbs, couplings=couplings, updates=updates)
    return Study(
        source,
        Residues("modeled"),
        uncertain_vae(columns, states, latent, width),
        judges,
        Budget(
            steps, 128, 2e-3, average=0.998, final=0.02, warmup=min(50, steps - 1), looks=4, glances=0,
            precision="bf16-mixed",
        ),
        baselines={
            "Potts by Gibbs": potts,
            "independent columns": independent_columns,
            "shuffled columns": shuffled_columns,
        },
        split=Split(60, 10, 30),
        references=(RIESSELMAN, HOPF),
        question="Does an autoencoder draw sequences whose columns go together as those of a natural family do?",
        further=(partial(show_energies, couplings=couplings, updates=updates),),
    )  # fmt: skip
