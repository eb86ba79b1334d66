"""Do molecules have a space, from any place of which a network can spell one?"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from simulacra.baselines.copycat import copycat
from simulacra.baselines.tokens_in_context import tokens_in_context
from simulacra.exhibits.string_latent import show_latent_use
from simulacra.models.string_vae import StringVAE
from simulacra.networks.string_decoder import StringDecoder
from simulacra.networks.string_encoder import StringEncoder
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.sources.base import Archive
from simulacra.sources.molecules.library_without_kin import LibraryWithoutKin
from simulacra.sources.molecules.smiles_library import SmilesLibrary
from simulacra.subjects.strings import fitted, judges, library
from simulacra.training.budget import Budget
from simulacra.views.strings import Strings

FEW_HELD = Split(97, 1, 2)
"""Of a list: as much truth as is judged in minutes."""
NEAR = 0.6


def study(
    molecules: Path | None = None,
    apart: Path | None = None,
    most: int = 0,
    key: str = "",
    salts: Literal["strip", "keep"] = "strip",
    stereo: bool = True,
    latent: int = 64,
    free: float = 0.25,
    hidden: float = 0.0,
    width: int = 256,
    layers: int = 2,
    longest: int = 100,
    rarest: int = 5,
    batch: int = 48,
    steps: int = 6000,
) -> Study:
    """A variational autoencoder of SMILES: convolutions read, the language model's memory spells, from a place told.

    Without a file ZINC's 249,455 molecules are learned where they are at hand, and otherwise molecules joined by
    program. The page shows what each latent feature holds, and whether the decoder listens to it.

    Args:
        molecules: a list of your own (.smi, .csv, .tsv, .parquet, .sdf; text may end in .gz).
        apart: a list of molecules that are not learned, nor their kin (Tanimoto ≥ 0.6): whoever shall find them again
            must not know them.
        most: so many of the list at most, where others are kept apart; 0 takes all.
        key: the column of a table, where it is not headed SMILES.
        salts: "strip" keeps the largest part of a molecule in several, "keep" keeps all parts.
        stereo: whether the stereochemistry is kept.
        latent: features of a place.
        free: nats of each feature that cost nothing; with 0 the decoder may learn to do without its features.
        hidden: share of the tokens that the decoder does not see in training.
        width: features of the decoder's state.
        layers: of the decoder.
        longest: tokens of a string; longer ones are passed over, and counted.
        rarest: strings that a token must be in to be learned; strings with rarer ones are passed over, and counted.
        batch: strings in a step, of like length; small ones learn faster.
        steps: training steps.
    """
    source, split = library(molecules, key, salts, stereo)
    if isinstance(source, SmilesLibrary) and apart is not None:
        source = LibraryWithoutKin(source.path, apart, NEAR, most, key, salts, stereo)
    split = FEW_HELD if isinstance(source, Archive) else split
    view = fitted(Strings(longest=longest, rarest=rarest), source, split)
    tokens = len(view.tokens)
    return Study(
        source=source,
        view=view,
        model=StringVAE(
            StringEncoder(tokens, view.length, latent),
            StringDecoder(tokens, latent, 64, width, layers),
            latent,
            view.length,
            free,
            hidden,
        ),
        judges=judges(),
        baselines={"n-gram": tokens_in_context, "copycat": copycat},
        budget=Budget(
            steps,
            batch=batch,
            rate=2e-3,
            average=0.999,
            final=0.01,
            warmup=min(200, steps // 4),
            clip=1.0,
            looks=1,
            glances=0,
            precision="bf16-mixed",
        ),
        split=split,
        further=(show_latent_use,),
        references=REFERENCES,
    )


REFERENCES = (
    "Automatic chemical design using a data-driven continuous representation of molecules (Gómez-Bombarelli et al., "
    "2018), doi:10.1021/acscentsci.7b00572",
    "Generating sentences from a continuous space (Bowman et al., 2016), arXiv:1511.06349",
    "Improved variational inference with inverse autoregressive flow (Kingma et al., 2016), arXiv:1606.04934",
    "Molecular Sets (MOSES): a benchmarking platform for molecular generation models (Polykovskiy et al., 2020), "
    "doi:10.3389/fphar.2020.565644",
    "ZINC 15: ligand discovery for everyone (Sterling & Irwin, 2015), doi:10.1021/acs.jcim.5b00559",
)
