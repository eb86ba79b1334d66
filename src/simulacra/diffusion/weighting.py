r"""Weightings: at which times a network learns, and how much each of its errors counts.

The error is the mean square of what the network F says against what it should say. With times drawn at a density
$p(t)$ and weights $w(t)$ the objective is $\int p(t)\, w(t)\, \mathbb E\,\overline{(F - F^*)^2}\, dt$.
"""

from __future__ import annotations

import abc
import math

import torch
from jaxtyping import Float
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.core.recorded import Recorded
from simulacra.diffusion.noise import Noise
from simulacra.diffusion.targets import Target

Row = Float[Tensor, " B"]


class Weighting(Recorded, abc.ABC):
    """At which times the network is trained, and what its error counts there."""

    @abc.abstractmethod
    def times(self, noise: Noise, u: Row) -> Row:
        """Uniform numbers in [0, 1) to times of the schedule; float64."""

    @abc.abstractmethod
    def weight(self, noise: Noise, target: Target, t: Row) -> Row:
        """What the squared error of F counts at these times."""


class Simple(Weighting):
    """Every time alike, every error alike: the simple objective of the first diffusion models.

    References:
        Denoising diffusion probabilistic models (Ho, Jain & Abbeel, 2020), arXiv:2006.11239, equation 14
    """

    def times(self, noise: Noise, u: Row) -> Row:
        """Uniform between data and noise."""
        return u * noise.last

    def weight(self, noise: Noise, target: Target, t: Row) -> Row:
        """One."""
        return torch.ones_like(t)


class Lognormal(Weighting):
    r"""Times at which noise over signal, $\sigma/\alpha$, is lognormal: most effort where there is most to learn.

    With `VarianceExploding` and `PredictVelocity` this is the training of Karras et al.; with `Flow`, where
    $\sigma/\alpha = t/(1-t)$, and center 0, width 1 it is the logit-normal one of rectified flows.

    Args:
        center: mean of $\log(\sigma/\alpha)$.
        width: its standard deviation.

    References:
        Elucidating the design space of diffusion-based generative models (Karras et al., 2022), arXiv:2206.00364
        Scaling rectified flow transformers for high-resolution image synthesis (Esser et al., 2024), arXiv:2403.03206
    """

    def __init__(self, center: float = -1.2, width: float = 1.2) -> None:
        if not width > 0:
            raise BadInput("a lognormal law has a width above 0", f"width={width}", "take width=1.2")
        self.center, self.width = center, width

    def times(self, noise: Noise, u: Row) -> Row:
        """Quantiles of the lognormal law, kept within the schedule."""
        inside = u.clamp(1e-6, 1 - 1e-6)
        low, high = noise.ratios()
        return noise.when((self.center + self.width * torch.special.ndtri(inside)).exp().clamp(low, high))

    def weight(self, noise: Noise, target: Target, t: Row) -> Row:
        """One."""
        return torch.ones_like(t)


class Bound(Weighting):
    r"""The variational bound: nats of a sample, divided by the count of its numbers.

    The bound's integral $\frac12 \int e^\lambda\, \mathbb E \lVert x_0 - D \rVert^2\, d\lambda$ with
    $\lambda = \log(\alpha^2/\sigma^2)$ drawn evenly; since $x_0 - D = c_\text{out}(F^* - F)$, the weight is
    $\frac12 (\lambda_\text{max} - \lambda_\text{min})\, e^\lambda c_\text{out}^2$. For `PredictNoise` it is constant.

    Args:
        lowest: the smallest noise over signal, sigma / alpha, in units of the data; below it the bound is left to the
            reconstruction.
        highest: the largest.

    References:
        Variational diffusion models (Kingma et al., 2021), arXiv:2107.00630
    """

    def __init__(self, lowest: float = 0.002, highest: float = 200.0) -> None:
        if not 0 < lowest < highest:
            raise BadInput(
                "the smallest noise lies between 0 and the largest",
                f"lowest={lowest}, highest={highest}",
                "take lowest=0.002, highest=200.0",
            )
        self.lowest, self.highest = lowest, highest

    def times(self, noise: Noise, u: Row) -> Row:
        """Even in the logarithm of the signal-to-noise ratio."""
        low, high = (math.log(end) for end in noise.ratios(self.lowest, self.highest))
        return noise.when((low + u * (high - low)).exp())

    def weight(self, noise: Noise, target: Target, t: Row) -> Row:
        """Half of the signal-to-noise ratio, over the density of the times, for the error of the data."""
        low, high = noise.ratios(self.lowest, self.highest)
        out = target.read(noise.alpha(t), noise.sigma(t))[1]
        return math.log(high / low) * noise.log_snr(t).exp() * out**2  # lambda spans twice the logarithm of the ratio
