"""What the studies of proteins share: the default family, the models' sizes, and the models themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from simulacra.core.chance import stream
from simulacra.core.samples import Samples
from simulacra.domains.proteins.residues import encoded, states_in
from simulacra.keeping.trained import Trained
from simulacra.models.base import Batch
from simulacra.models.potts import Potts
from simulacra.models.sequence_vae import SequenceVAE
from simulacra.networks.mlp import MLP
from simulacra.networks.variational_decoder import VariationalDecoder
from simulacra.runs import Run
from simulacra.sources.proteins.family_file import FamilyFile
from simulacra.views.residues import Residues

FAMILY = "proteins/BLAT_ECOLX/BLAT_ECOLX.a2m"
KNOWN = {FAMILY: (253, "amino acid")}
"""Columns and alphabet of families that come with no file: a study can be looked at without its data."""
UPDATES = 100  # of Boltzmann learning
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


def family_file(
    family: str,
    query: str = "",
    identity: float = 0.8,
    first: int = 0,
    keep: Literal["all", "one of each"] = "all",
) -> FamilyFile:
    """The source that a study's settings name."""
    return FamilyFile(Path(family), query, identity, first=first, keep=keep)


def uncertain_vae(columns: int, states: int, latent: int, width: int, hidden: float = 0.0) -> SequenceVAE:
    """The paper's kind: a decoder whose weights have a law."""
    encoder = MLP(columns * states, width, width, 2 * latent)
    decoder = VariationalDecoder(latent, (100, max(4, width // 2 // 4 * 4)), columns, states, dictionary=20)
    return SequenceVAE(encoder, decoder, latent, columns, states, hidden)


def plain_vae(columns: int, states: int, latent: int, width: int, hidden: float = 0.1) -> SequenceVAE:
    """Dense layers without a law; some places are hidden from the encoder in training."""
    encoder = MLP(columns * states, width, width, 2 * latent)
    decoder = MLP(latent, 100, width // 2, columns * states)
    return SequenceVAE(encoder, decoder, latent, columns, states, hidden)


def potts(columns: int, states: int, couplings: float) -> Potts:
    """Fields and couplings."""
    return Potts(columns, states, 0.01, couplings)


@dataclass(frozen=True)
class PottsByGibbs:
    """Sequences drawn from a fitted Potts model, each by a chain of its own.

    Args:
        model: fitted.
        view: from texts to states.
    """

    model: Potts = field(repr=False)
    view: Residues = field(repr=False)

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n sequences."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(rng.integers(2**62)))
            return self.view.inverse(self.model.sample(n)).but(origin="a Potts model by Gibbs sampling")


def potts_by_gibbs(train: Samples, couplings: float = 10.0, updates: int = UPDATES) -> PottsByGibbs:
    """A Potts model by pseudo-likelihood, then by Boltzmann learning, drawn from by Gibbs sampling."""
    view = Residues("modeled").fit(train)
    return PottsByGibbs(fitted_potts(tuple(train.array.tolist()), view.alphabet, couplings, updates), view)


@lru_cache(maxsize=1)  # a baseline and an exhibit ask for the same one
def fitted_potts(texts: tuple[str, ...], unit: str, couplings: float = 10.0, updates: int = UPDATES) -> Potts:
    """The model at its minimum, and then led to the family's pairs; the same sequences give the same model."""
    x = torch.as_tensor(encoded(np.array(texts), unit).astype(np.float32))
    model = potts(x.shape[1], states_in(unit), couplings)
    model.solve(Batch(x), torch.ones(len(x)))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        if updates:
            model.agree(x, updates)
    return model.eval()


def show_energies(
    trained: Trained,
    parts: Mapping[str, Samples],
    run: Run,
    seed: int,
    couplings: float = 10.0,
    updates: int = UPDATES,
) -> Mapping[str, Samples]:
    """The energies of what was drawn and of natural sequences, by a Potts model of the training set; no new sets."""
    view = Residues("modeled").fit(parts["train"])
    model = potts_by_gibbs(parts["train"], couplings, updates=updates).model
    drawn = trained.draw(len(parts["truth"]), stream(seed, "draw"))
    sets = {"training": parts["train"], "natural, held out": parts["truth"], "model": drawn}
    arrays = {name: model.energy(view.forward(x.but(given={})).x).numpy() for name, x in sets.items()}
    run.keep_exhibit("energies", arrays)
    stated = {name: [float(np.mean(e)), float(np.std(e))] for name, e in arrays.items()}
    run.update(energies=stated)
    return {}
