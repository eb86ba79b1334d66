"""Does a conditional GAN draw spins as the Ising model does, at every temperature?"""

from __future__ import annotations

from simulacra.baselines.copycat import copycat
from simulacra.baselines.independent_spins import independent_spins
from simulacra.judging.base import Judge
from simulacra.models.adversary import SpinDraw
from simulacra.models.gan import GAN
from simulacra.networks.dcgan import DCGANCritic, DCGANGenerator
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.sources.lattice.ising import Ising
from simulacra.statistics.lattice.absolute_magnetization import AbsoluteMagnetization
from simulacra.statistics.lattice.cluster_sizes import ClusterSizes
from simulacra.statistics.lattice.lattice_energy import LatticeEnergy
from simulacra.statistics.lattice.magnetization import Magnetization
from simulacra.statistics.lattice.spin_correlation import SpinCorrelation
from simulacra.subjects.spins import spaced
from simulacra.training.budget import Budget
from simulacra.views.spins import Spins


def study(
    size: int = 16,
    coldest: float = 1.8,
    hottest: float = 3.2,
    temperatures: int = 8,
    latent: int = 64,
    width: int = 16,
    steps: int = 4000,
    train: int = 8000,
) -> Study:
    """Spins on a square periodic lattice and a plain minimax GAN, conditional on the temperature, on DCGAN networks.

    Args:
        size: sites along a side of the lattice: 8, 16, 32, 64 …
        coldest: lowest temperature, J/k; the transition of the infinite lattice is at 2.269.
        hottest: highest temperature, J/k.
        temperatures: how many, evenly spaced.
        latent: length of the generator's latent vector.
        width: channels of the networks next to the picture; doubled at each halving.
        steps: training steps, each one of the critic and one of the generator.
        train: states to train on, over all temperatures.
    """
    kelvin = spaced(coldest, hottest, temperatures)
    generator = DCGANGenerator(size, 1, width, latent, conditions=1, border="circular")
    critic = DCGANCritic(size, 1, width, conditions=1, border="circular")
    return Study(
        source=Ising(size, kelvin),
        view=Spins(),
        model=GAN(generator, critic, latent, SpinDraw(), noise=0.3),
        judges={
            "magnetization": Judge(Magnetization(), reach=0.32),
            "|magnetization|": Judge(AbsoluteMagnetization(), reach=0.16),
            "energy": Judge(LatticeEnergy(), reach=0.04),
            "correlation": Judge(SpinCorrelation(), reach=0.04),
            "clusters": Judge(ClusterSizes(), reach=0.016),
        },
        baselines={"independent spins": independent_spins, "copycat": copycat},
        budget=Budget(steps, batch=64, rate=1e-3, betas=(0.5, 0.999), average=0.998, final=0.02),
        split=Split(train=train, validation=max(200, 100 * temperatures), truth=200 * temperatures),
        # the signs' balance is left out: it differs or not by the luck of the game
        expect=dict.fromkeys(("|magnetization|", "energy", "correlation", "clusters"), "differs"),
        references=(
            "Generative adversarial networks (Goodfellow et al., 2014), arXiv:1406.2661",
            "Unsupervised representation learning with deep convolutional generative adversarial networks "
            "(Radford, Metz & Chintala, 2016), arXiv:1511.06434",
            "Simulating the Ising model with a deep convolutional generative adversarial network "
            "(Liu, Rodrigues & Cai, 2017), arXiv:1710.04987",
            "Crystal statistics. II. Partition function evaluated by spinor analysis (Kaufman, 1949), "
            "doi:10.1103/PhysRev.76.1232",
            "Collective Monte Carlo updating for spin systems (Wolff, 1989), doi:10.1103/PhysRevLett.62.361",
        ),
    )
