"""Does a Wasserstein GAN draw a material's microstructure better than a thresholded Gaussian field?"""

from __future__ import annotations

from pathlib import Path

from simulacra.models.wgan_gp import WGANGP
from simulacra.networks.dcgan import Border
from simulacra.networks.material_critic import MaterialCritic
from simulacra.networks.noise_field_generator import NoiseFieldGenerator
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
    noise: int = 4,
    width: int = 16,
    critic: int = 12,
    rounds: int = 1,
    penalty: float = 10.0,
    batch: int = 2,
    rate: float = 1e-3,
    steps: int = 1600,
    train: int = 1000,
) -> Study:
    """Overlapping spheres or your own stack, 3-D convolutions, and what materials science knows two phases by.

    Args:
        voxels: your own stack: a TIFF of many pages, a folder of slices, or .npy; overlapping spheres if left out.
        size: voxels along a side of a volume; stacks are cut into blocks of it.
        radius: of the spheres, in voxels; an eighth of the side if left out.
        fraction: share of a volume that the spheres pass.
        periodic: whether a sphere that leaves at one face comes in at the other; published: false.
        threshold: gray value above which a voxel of a stack is of phase 1; Otsu's if left out.
        spacing: length of a voxel, in the unit `length`.
        length: unit of length: voxel, µm, mm …
        noise: numbers of noise at every second voxel.
        width: channels of the generator.
        critic: channels of the critic's first layer; doubled at each of the two that follow.
        rounds: moves of the critic for one of the generator.
        penalty: weight of the penalty on the critic's slope.
        batch: volumes in a batch; each holds dozens of grains already.
        rate: learning rate of both.
        steps: training steps.
        train: volumes of spheres to train on; of a stack, six tenths of its blocks.
    """
    watched = judges()
    found = material(voxels, size, radius, fraction, periodic, threshold, spacing, length, train)
    border: Border = "circular" if found.periodic else "zeros"
    generator = NoiseFieldGenerator(size, noise, width, border=border, even=voxels is None)
    model = WGANGP(
        generator,
        MaterialCritic(critic, border=border),
        generator.latent,
        penalty=penalty,
        rounds=rounds,
        conditional=False,
    )
    return Study(
        source=found.source,
        view=Phases(),
        model=model,
        judges=watched,
        baselines=found.baselines,
        budget=Budget(steps, batch=batch, rate=rate, betas=(0.0, 0.9), average=0.998, final=0.02, looks=8, glances=0),
        split=found.split,
        expect=dict.fromkeys(watched, "differs") if found.made else {},
        references=(
            "Improved training of Wasserstein GANs (Gulrajani et al., 2017), arXiv:1704.00028",
            "Texture synthesis with spatial generative adversarial networks (Jetchev, Bergmann & Vollgraf, 2016), "
            "arXiv:1611.08207",
            *REFERENCES,
        ),
    )
