"""Which model of a protein's family knows best what mutations do to it, and are several better than one?"""

from __future__ import annotations

from simulacra.models.base import Model
from simulacra.models.committee import Committee
from simulacra.running.mutation_study import MutationStudy
from simulacra.subjects.proteins import HOPF, RIESSELMAN, STIFFLER, family_file, potts, sizes, uncertain_vae
from simulacra.training.budget import Budget
from simulacra.views.residues import Residues


def study(
    family: str = "proteins/BLAT_ECOLX/BLAT_ECOLX.a2m",
    scan: str = "",
    column: str = "",
    where: str = "",
    worse: bool = False,
    shift: int = 0,
    query: str = "",
    identity: float = 0.8,
    first: int = 0,
    latent: int = 30,
    width: int = 500,
    couplings: float = 0.0,
    copies: int = 1,
    steps: int = 2400,
) -> MutationStudy:
    """A Potts model at its minimum and copies of a sequence autoencoder, alone and together.

    Args:
        family: the alignment: a2m, a3m, FASTA, Stockholm or Clustal; a path, or a name in the data folders.
        scan: a table of measured variants to hold the scores against; none if empty.
        column: heading of the measurement; the first known one if empty.
        where: rows of the scan to keep, as heading=value; all if empty.
        worse: whether a higher measurement is a worse protein, as of labels where 1 is damaging.
        shift: added to the numbers of the scan's variants.
        query: name of the sequence that is mutated; the first if empty.
        identity: share of residues above which two sequences count as alike; 0.99 for viruses.
        first: number of the query's first residue; 0 takes it from its name.
        latent: latent features of an autoencoder.
        width: features of an encoder's hidden layers; the decoders have half as many.
        couplings: strength of the penalty on the Potts model's squared couplings; 0 is as published, 0.01 a column and
            letter: 0.2 (columns - 1) for proteins.
        copies: how many autoencoders; 0 for the Potts model alone.
        steps: training steps of the autoencoders, of 256 sequences.
    """
    source = family_file(family, query, identity, first)
    columns, states = sizes(source, gaps=False)
    strength = couplings or 0.01 * states * (columns - 1)
    members: dict[str, Model] = {"Potts": potts(columns, states, strength)}
    members |= {f"VAE {i + 1}": uncertain_vae(columns, states, latent, width) for i in range(copies)}
    return MutationStudy(
        source,
        Residues("missing"),
        Committee(members, solved=("Potts",)),
        Budget(steps, 256, 2e-3, average=0.996, final=0.02, warmup=min(100, steps // 4), looks=4,
               precision="bf16-mixed"),
        scan,
        column,
        where,
        worse,
        shift,
        references=(RIESSELMAN, HOPF, STIFFLER),
        question="Which model of a protein's family knows best what mutations do, and are several better than one?",
    )  # fmt: skip
