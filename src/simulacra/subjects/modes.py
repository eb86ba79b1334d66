"""The three laws by which a lost mode is counted, each with networks and judges that every model is given alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from torch import nn

from simulacra.baselines.copycat import copycat
from simulacra.baselines.pca import pca
from simulacra.core.samples import Samples
from simulacra.judging.base import Judge
from simulacra.models.adversary import Unbounded, UnitInterval
from simulacra.networks.dense_gan import DenseGANCritic, DenseGANGenerator
from simulacra.running.split import Split
from simulacra.sources.base import Simulator
from simulacra.sources.laws.grid import Grid
from simulacra.sources.laws.ring import Ring
from simulacra.sources.laws.stacked_digits import StackedDigits
from simulacra.statistics.laws.digit_modes import DigitModes
from simulacra.statistics.laws.digit_quality import DigitQuality
from simulacra.statistics.laws.mode_quality import ModeQuality
from simulacra.statistics.laws.modes import Modes
from simulacra.statistics.pictures.pixel_histogram import PixelHistogram
from simulacra.statistics.tables.values import Values
from simulacra.training.budget import Budget

Name = Literal["ring", "grid", "digits"]
DRAWN = 2500  # samples of truth and of the model, as the paper counts points
REFERENCES = (
    "PacGAN: the power of two samples in generative adversarial networks (Lin et al., 2018), arXiv:1712.04086",
    "Optical recognition of handwritten digits (Alpaydin & Kaynak, 1998), UCI, doi:10.24432/C50P49",
)


@dataclass(frozen=True)
class Target:
    """A law of known modes, and what a model needs to learn it.

    Args:
        source: of the true samples.
        judges: by name: single samples, modes reached, quality.
        output: of the generator.
        features: numbers of a sample, D.
        latent: features of the generator's latent vector, L.
        width: features of the networks' hidden layers.
        layers: hidden layers.
        batch: samples in a batch.
        components: of the baseline by principal components.
    """

    source: Simulator
    judges: Mapping[str, Judge]
    output: nn.Module
    features: int
    latent: int
    width: int
    layers: int
    batch: int
    components: int

    def generator(self) -> DenseGANGenerator:
        """From a latent vector to a sample."""
        return DenseGANGenerator(self.latent, self.width, self.features, layers=self.layers)

    def critic(self, pack: int = 1, offset: bool = True) -> DenseGANCritic:
        """From so many samples side by side to one number.

        Args:
            pack: samples that it sees at once.
            offset: whether a constant is added in the end; where only differences are learned from, it is idle.
        """
        return DenseGANCritic(pack * self.features, self.width, layers=self.layers, offset=offset)

    def budget(self, steps: int) -> Budget:
        """Adam, a rate that falls, averaged weights; the last state is judged, so that no collapse is chosen away."""
        return Budget(steps, self.batch, rate=1e-3, betas=(0.5, 0.99), average=0.999, final=0.02, looks=1)

    def split(self) -> Split:
        """As many true samples as the paper draws."""
        return Split(train=20_000, validation=1000, truth=DRAWN)

    def baselines(self) -> dict[str, Callable[[Samples], Simulator]]:
        """A normal law in a few directions, and the training set itself."""
        return {"PCA": partial(pca, components=self.components), "copycat": copycat}


def target(name: Name) -> Target:
    """The target of this name.

    Args:
        name: ring (8 modes), grid (25) or digits (1,000).
    """
    if name == "digits":
        judges = {
            "pixel histogram": Judge(PixelHistogram(), reach=0.16),
            "modes": Judge(DigitModes(), reach=0.32),
            "quality": Judge(DigitQuality(), reach=0.16),
        }
        return Target(StackedDigits(), judges, UnitInterval(), 192, 64, 256, 2, 256, 32)
    source = Ring() if name == "ring" else Grid()
    count = len(source.centers())
    judges = {
        "places": Judge(Values(), reach=0.16),
        "modes": Judge(Modes(name, count, source.spread), reach=0.25),
        "quality": Judge(ModeQuality(name, count, source.spread), reach=0.16),
    }
    return Target(source, judges, Unbounded(), 2, 2, 128, 3, 100, 2)
