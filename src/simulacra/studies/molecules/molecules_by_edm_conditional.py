"""Do molecules have the property that an equivariant diffusion model was asked for?"""

from __future__ import annotations

from typing import Literal

from simulacra.baselines.copycat import copycat
from simulacra.baselines.scattered_atoms import scattered_atoms
from simulacra.core import data
from simulacra.diffusion.clock import FEATURES
from simulacra.diffusion.properties import Properties
from simulacra.diffusion.targets import PredictVelocity
from simulacra.exhibits.property_asked import PropertyAsked
from simulacra.models.edm import EDM
from simulacra.networks.egnn import EGNN
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.samplers.ddpm import DDPM
from simulacra.sources.base import Archive
from simulacra.sources.half import Half
from simulacra.sources.molecules.conformers import Conformers
from simulacra.sources.molecules.qm9 import NAME, QM9
from simulacra.subjects.molecules_in_space import PLAIN, RAMAKRISHNAN, budget, judges
from simulacra.views.atoms import Atoms

PUBLISHED = {
    "gap": (("values shuffled", 1.470), ("number of atoms", 0.866), ("EDM", 0.655), ("UDM-3D", 0.313)),
    "mu": (("values shuffled", 1.616), ("number of atoms", 1.053), ("EDM", 1.111), ("UDM-3D", 0.603)),
}
"""Mean absolute errors on all of QM9, eV and D, as printed in the last of the references."""


def study(
    property: Literal["gap", "mu"] = "gap",
    largest: int = 14,
    guidance: float = 1.0,
    width: int = 64,
    blocks: int = 4,
    walk: int = 100,
    steps: int = 5500,
    lessons: int = 4000,
    repeats: int = 2,
    stronger: float = 3.0,
) -> Study:
    """QM9's small molecules under a property: asked against obtained, by a regressor trained on the other half.

    Where QM9 is not in the data folder, molecules that a program grows and a force field folds, under their radius of
    gyration (Å), whatever property is named.

    Args:
        property: gap between the highest filled and the lowest empty orbital (eV), or dipole moment mu (D). Labels of
            mu come from a set under CC BY-NC-SA 4.0: a model trained on them is for evaluation and study, not to ship.
        largest: molecules of more atoms, hydrogens counted, are left aside; QM9's largest has 29, and a step's cost
            grows with the square.
        guidance: how strongly draws follow the property; 1 is the law of the data, above it they are more typical of
            it and less varied, at twice the cost.
        width: features of an atom within the network.
        blocks: of the network.
        walk: steps from noise to molecules.
        steps: training steps of 32 molecules.
        lessons: training steps of the regressor, of 16 molecules.
        repeats: draws for each asked value.
        stronger: guidance of a second set of draws that is held against what was asked; 0 for none.
    """
    source, name, published, split = _source(property, largest)
    stated = Properties((name,), dropped=0.1, weight=guidance)
    network = EGNN(len(PLAIN) + 1, width, FEATURES + stated.width, blocks)
    return Study(
        source=Half(source, "second", name),
        view=Atoms(PLAIN),
        model=EDM(network, PLAIN, largest, target=PredictVelocity(), sampler=DDPM(walk), conditioning=stated),
        judges=judges(shapes=False, strain=False),
        baselines={"scattered atoms": scattered_atoms, "copycat": copycat},
        budget=budget(steps, 32, 2e-3),
        split=split,
        references=(
            "Equivariant diffusion for molecule generation in 3D (Hoogeboom et al., 2022), arXiv:2203.17003",
            "E(n) equivariant graph neural networks (Satorras, Hoogeboom & Welling, 2021), arXiv:2102.09844",
            "Classifier-free diffusion guidance (Ho & Salimans, 2022), arXiv:2207.12598",
            RAMAKRISHNAN,
            "Towards unified and lossless latent space for 3D molecular latent diffusion modeling (Luo et al., 2025), "
            "arXiv:2503.15567",
        ),
        further=(PropertyAsked(Half(source, "first", name), name, PLAIN, lessons, repeats, stronger, published),),
    )


def _source(property: str, largest: int) -> tuple[Archive, str, tuple[tuple[str, float], ...], Split]:
    """Where molecules come from, the property that they are given by, what was published, and how a half is shared."""
    if any((folder / NAME).is_file() for folder in data.folders()):
        return QM9(largest=largest, labels=property), property, PUBLISHED[property], Split(80, 8, 12)
    return Conformers(largest=largest, labels="gyration"), "gyration", (), Split(70, 15, 15)
