"""Does an autoencoder of a protein's family know what mutations do to it, better than counting letters?"""

from __future__ import annotations

from simulacra.running.mutation_study import MutationStudy
from simulacra.subjects.proteins import RIESSELMAN, STIFFLER, family_file, sizes, uncertain_vae
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
    steps: int = 8000,
) -> MutationStudy:
    """A sequence autoencoder with uncertain weights, scored by the log-ratio of its bounds.

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
        latent: latent features.
        width: features of the encoder's hidden layers; the decoder has half as many.
        steps: training steps, of 128 sequences.
    """
    source = family_file(family, query, identity, first)
    columns, states = sizes(source, gaps=False)
    return MutationStudy(
        source,
        Residues("missing"),
        uncertain_vae(columns, states, latent, width),
        Budget(steps, 128, 2e-3, average=0.998, final=0.02, warmup=min(50, steps - 1), looks=5, precision="bf16-mixed"),
        scan,
        column,
        where,
        worse,
        shift,
        references=(RIESSELMAN, STIFFLER),
        question="Does an autoencoder of a protein's family know what mutations do, better than counting letters?",
    )
