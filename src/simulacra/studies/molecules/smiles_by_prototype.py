"""Do molecules near a known one, spelled from its noisy place, lead to others that chemists found later?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from simulacra.baselines.exchanged_substituents import exchanged_substituents
from simulacra.baselines.mutated_molecules import mutated_molecules
from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.exhibits.drugs_refound import refind_drugs
from simulacra.exhibits.prototypes_varied import opened, vary_prototypes
from simulacra.exhibits.string_latent import show_latent_use
from simulacra.judging.base import Judge
from simulacra.keeping.trained import load
from simulacra.models.string_vae import StringVAE
from simulacra.networks.string_decoder import StringDecoder
from simulacra.networks.string_encoder import StringEncoder
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.runs import find
from simulacra.sources.base import Archive, Simulator
from simulacra.sources.molecules.library_without_kin import LibraryWithoutKin
from simulacra.sources.molecules.smiles_library import SmilesLibrary
from simulacra.statistics.molecules.internal_diversity import InternalDiversity
from simulacra.statistics.molecules.molecular_descriptors import MolecularDescriptors
from simulacra.statistics.molecules.validity import Validity
from simulacra.subjects.strings import fitted, library
from simulacra.training.budget import Budget
from simulacra.views.strings import Strings

FEW_HELD = Split(97, 1, 2)
NEAR = 0.6
DRUGS = "smiles/chembl_drugs.smi"


def study(
    molecules: Path | None = None,
    drugs: Path | None = None,
    from_: str = "",
    most: int = 100_000,
    scale: float = 1.0,
    latent: int = 64,
    free: float = 0.25,
    width: int = 256,
    layers: int = 2,
    longest: int = 100,
    rarest: int = 5,
    batch: int = 48,
    steps: int = 4500,
) -> Study:
    """A string autoencoder with a diversity layer: held-out molecules varied, and drugs looked for near other drugs.

    Convolutions read a prototype, noise of a chosen scale moves its place, and a memory spells from there. Neither the
    drugs nor their kin (Tanimoto ≥ 0.6) are learned. Without files ZINC and 1,203 approved drugs are taken where they
    are at hand, and otherwise molecules joined by program, of which no drug is looked for.

    Args:
        molecules: a list of your own (.smi, .csv, .tsv, .parquet, .sdf; text may end in .gz).
        drugs: what is looked for: a list likewise.
        from_: a run of smiles_by_vae or of this study from which to go on; it must have kept the drugs apart.
        most: so many of the list at most; 0 takes all.
        scale: of the noise by which drugs are looked for; 1 is the noise of the training.
        latent: features of a place.
        free: nats of each feature that cost nothing.
        width: features of the decoder's state.
        layers: of the decoder.
        longest: tokens of a string; longer ones are passed over, and counted.
        rarest: strings that a token must be in to be learned; strings with rarer ones are passed over, and counted.
        batch: strings in a step, of like length.
        steps: training steps; from a run, further ones.
    """
    if scale < 0:
        raise BadInput("a scale is not negative", f"scale={scale}", "take scale=1.0")
    source, split = library(molecules)
    looked_for = drugs
    if looked_for is None and any((folder / DRUGS).is_file() for folder in data.folders()):
        looked_for = data.find(DRUGS)
    further: list[Callable[..., Any]] = [show_latent_use, vary_prototypes]
    if isinstance(source, SmilesLibrary) and looked_for is not None:
        source = LibraryWithoutKin(source.path, looked_for, NEAR, most)
        further.append(partial(refind_drugs, drugs=looked_for, scale=scale))
    split = FEW_HELD if isinstance(source, Archive) else split
    if from_:
        model, view = taken(from_, looked_for)
    else:
        model, view = fresh(source, split, latent, free, width, layers, longest, rarest)
    return Study(
        source=source,
        view=view,
        model=model,
        judges={
            "validity": Judge(Validity(), reach=0.02),
            "descriptors": Judge(MolecularDescriptors(), reach=0.16),
            "diversity": Judge(InternalDiversity()),
        },
        baselines={"random changes": mutated_molecules, "substituents exchanged": exchanged_substituents},
        budget=Budget(
            steps,
            batch=batch,
            rate=3e-4 if from_ else 2e-3,
            average=0.99 if from_ else 0.999,
            final=0.01,
            warmup=min(200, steps // 4),
            clip=1.0,
            looks=1,
            glances=0,
            precision="bf16-mixed",
        ),
        split=split,
        further=tuple(further),
        references=REFERENCES,
    )


def taken(before: str, looked_for: Path | None) -> tuple[StringVAE, Strings]:
    """The model of a run, which must have kept apart what is looked for."""
    stated = str(find(before).record.get("source", ""))
    if looked_for is not None and not ("LibraryWithoutKin" in stated and looked_for.name in stated):
        raise BadInput(
            "that run may have learned the drugs that are looked for", stated, f"train one with --apart {looked_for}"
        )
    return opened(load(before))


def fresh(
    source: Archive | Simulator,
    split: Split,
    latent: int,
    free: float,
    width: int,
    layers: int,
    longest: int,
    rarest: int,
) -> tuple[StringVAE, Strings]:
    """A model that has learned nothing, and the view with the tokens of its training part."""
    view = fitted(Strings(longest=longest, rarest=rarest), source, split)
    tokens = len(view.tokens)
    encoder = StringEncoder(tokens, view.length, latent)
    return StringVAE(encoder, StringDecoder(tokens, latent, 64, width, layers), latent, view.length, free), view


REFERENCES = (
    "Prototype-based compound discovery using deep generative models (Harel & Radinsky, 2018), "
    "doi:10.1021/acs.molpharmaceut.8b00474",
    "Automatic chemical design using a data-driven continuous representation of molecules (Gómez-Bombarelli et al., "
    "2018), doi:10.1021/acscentsci.7b00572",
    "Matched molecular pairs as a medicinal chemistry tool (Griffen et al., 2011), doi:10.1021/jm200452d",
    "ZINC 15: ligand discovery for everyone (Sterling & Irwin, 2015), doi:10.1021/acs.jcim.5b00559",
)
