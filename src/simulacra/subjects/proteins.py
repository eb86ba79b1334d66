"""What the studies of proteins share: the default family, the models' sizes, and the models themselves."""

from __future__ import annotations

from pathlib import Path

from simulacra.domains.proteins.residues import states_in
from simulacra.models.potts import Potts
from simulacra.models.sequence_vae import SequenceVAE
from simulacra.networks.mlp import MLP
from simulacra.networks.variational_decoder import VariationalDecoder
from simulacra.sources.proteins.family_file import FamilyFile

FAMILY = "proteins/BLAT_ECOLX/BLAT_ECOLX.a2m"
KNOWN = {FAMILY: (253, "amino acid")}
"""Columns and alphabet of families that come with no file: a study can be looked at without its data."""
RIESSELMAN = (
    "Deep generative models of genetic variation capture the effects of mutations (Riesselman, Ingraham & Marks, "
    "2018), doi:10.1038/s41592-018-0138-4"
)
HOPF = "Mutation effects predicted from sequence co-variation (Hopf et al., 2017), doi:10.1038/nbt.3769"
STIFFLER = (
    "Evolvability as a function of purifying selection in TEM-1 beta-lactamase (Stiffler, Hekstra & Ranganathan, "
    "2015), doi:10.1016/j.cell.2015.01.035"
)


def sizes(source: FamilyFile, gaps: bool) -> tuple[int, int]:
    """Columns and states of a family; those of the default family are known where its file is not there."""
    from simulacra.core import data

    name = source.path.as_posix()
    there = source.path.is_file() or any((folder / name).is_file() for folder in data.folders())
    if name in KNOWN and not there:
        columns, unit = KNOWN[name]
    else:
        family = source.family()
        columns, unit = len(family.number), family.unit
    return columns, states_in(unit) - (0 if gaps else 1)


def family_file(family: str, query: str = "", identity: float = 0.8, first: int = 0) -> FamilyFile:
    """The source that a study's settings name."""
    return FamilyFile(Path(family), query, identity, first=first)


def uncertain_vae(columns: int, states: int, latent: int, width: int, hidden: float = 0.0) -> SequenceVAE:
    """The paper's kind: a decoder whose weights have a law."""
    encoder = MLP(columns * states, width, width, 2 * latent)
    decoder = VariationalDecoder(latent, (100, width // 2), columns, states)
    return SequenceVAE(encoder, decoder, latent, columns, states, hidden)


def plain_vae(columns: int, states: int, latent: int, width: int, hidden: float = 0.1) -> SequenceVAE:
    """Dense layers without a law; some places are hidden from the encoder in training."""
    encoder = MLP(columns * states, width, width, 2 * latent)
    decoder = MLP(latent, 100, width // 2, columns * states)
    return SequenceVAE(encoder, decoder, latent, columns, states, hidden)


def potts(columns: int, states: int, couplings: float) -> Potts:
    """Fields and couplings."""
    return Potts(columns, states, 0.01, couplings)
