"""Does a diffusion model reveal a material's microstructure grain by grain as it is?"""

from __future__ import annotations

from pathlib import Path

from simulacra.diffusion.voxels_in_order import VoxelsInOrder
from simulacra.models.volume_diffusion import KNOWN, VolumeDiffusion
from simulacra.networks.cell_convolutions import CellConvolutions
from simulacra.networks.dcgan import Border
from simulacra.running.study import Study
from simulacra.subjects.microstructures import REFERENCES, judges, material
from simulacra.training.budget import Budget
from simulacra.views.phases import Phases


def study(
    voxels: Path | None = None,
    size: int = 32,
    radius: float | None = None,
    fraction: float = 0.3,
    periodic: bool = True,
    threshold: float | None = None,
    spacing: float = 1.0,
    length: str = "voxel",
    width: int = 48,
    blocks: int = 4,
    apart: int = 8,
    alone: int = 1,
    batch: int = 4,
    rate: float = 2e-3,
    steps: int = 2000,
    train: int = 1000,
) -> Study:
    """Overlapping spheres or your own stack, revealed from coarse to fine by convolutions in three dimensions.

    Args:
        voxels: your own stack: a TIFF of many pages, a folder of slices, or .npy; overlapping spheres if left out.
        size: voxels along a side of a volume, a multiple of `apart`; stacks are cut into blocks of it.
        radius: of the spheres, in voxels; an eighth of the side if left out.
        fraction: share of a volume that the spheres pass.
        periodic: whether a sphere that leaves at one face comes in at the other; published: false.
        threshold: gray value above which a voxel of a stack is of phase 1; Otsu's if left out.
        spacing: length of a voxel, in the unit `length`.
        length: unit of length: voxel, µm, mm …
        width: features of the network's cells of 2 × 2 × 2 voxels.
        blocks: of two convolutions each.
        apart: voxels between two that are revealed at once, a power of 2; a grain's diameter.
        alone: classes of the finest level, of seven, that are revealed one offset a call; more cost more calls.
        batch: volumes in a batch; each holds dozens of grains already.
        rate: learning rate.
        steps: training steps.
        train: volumes of spheres to train on; of a stack, six tenths of its blocks.
    """
    watched = judges()
    found = material(voxels, size, radius, fraction, periodic, threshold, spacing, length, train)
    border: Border = "circular" if found.periodic else "zeros"
    network = CellConvolutions(1, width, KNOWN, blocks, border)
    return Study(
        source=found.source,
        view=Phases(),
        model=VolumeDiffusion(network, size, VoxelsInOrder(apart, alone), border),
        judges=watched,
        baselines=found.baselines,
        budget=Budget(steps, batch=batch, rate=rate, betas=(0.9, 0.99), clip=1.0, average=0.998, final=0.02, looks=1),
        split=found.split,
        references=(
            "Structured denoising diffusion models in discrete state-spaces (Austin et al., 2021), arXiv:2107.03006",
            "Autoregressive diffusion models (Hoogeboom et al., 2022), arXiv:2110.02037",
            *REFERENCES,
        ),
    )
