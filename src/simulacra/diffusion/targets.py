r"""What a network of a diffusion model is asked for: the noise, the data, a velocity or the slope of a straight line.

Each of them is one linear reading of the network F: the expected data are
$D = c_\text{skip}\,x_t + c_\text{out}\,F(c_\text{in}\,x_t)$.
"""

from __future__ import annotations

import abc

import torch
from torch import Tensor

from simulacra.core.recorded import Recorded


class Target(Recorded, abc.ABC):
    """How the expected data follow from what the network says, at signal alpha and noise sigma."""

    @abc.abstractmethod
    def read(self, alpha: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """c_skip and c_out."""

    def scale(self, alpha: Tensor, sigma: Tensor) -> Tensor:
        """c_in: what brings x_t of unit data to unit variance."""
        return (alpha**2 + sigma**2).rsqrt()


class PredictData(Target):
    """The network says the data: $D = F$."""

    def read(self, alpha: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """0 and 1."""
        return torch.zeros_like(alpha), torch.ones_like(alpha)


class PredictNoise(Target):
    r"""The network says the noise: $D = (x_t - \sigma F)/\alpha$.

    References:
        Denoising diffusion probabilistic models (Ho, Jain & Abbeel, 2020), arXiv:2006.11239
    """

    def read(self, alpha: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """1 / alpha and -sigma / alpha."""
        return 1 / alpha, -sigma / alpha


class PredictVelocity(Target):
    r"""The network says a turn between data and noise, of unit variance at every time.

    With data of spread $s$ and $w^2 = \alpha^2 s^2 + \sigma^2$: $D = (\alpha s^2 x_t)/w^2 - (\sigma s / w) F$. For a
    schedule that preserves the variance and s = 1 this is the velocity $\alpha\varepsilon - \sigma x_0$; for one that
    explodes it, Karras's preconditioning with the sign of F turned.

    Args:
        spread: standard deviation of the data, s.

    References:
        Progressive distillation for fast sampling of diffusion models (Salimans & Ho, 2022), arXiv:2202.00512
        Elucidating the design space of diffusion-based generative models (Karras et al., 2022), arXiv:2206.00364
    """

    def __init__(self, spread: float = 1.0) -> None:
        self.spread = spread

    def read(self, alpha: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """Of the expected data given x_t if they were normal, and what is left to the network."""
        square = (alpha * self.spread) ** 2 + sigma**2
        return alpha * self.spread**2 / square, -sigma * self.spread * square.rsqrt()

    def scale(self, alpha: Tensor, sigma: Tensor) -> Tensor:
        """To unit variance."""
        return ((alpha * self.spread) ** 2 + sigma**2).rsqrt()


class PredictSlope(Target):
    r"""The network says the slope of the straight line from data to noise, $\varepsilon - x_0$: of flow matching.

    References:
        Flow matching for generative modeling (Lipman et al., 2023), arXiv:2210.02747
    """

    def read(self, alpha: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """x_t = alpha x_0 + sigma (x_0 + F), so D = (x_t - sigma F) / (alpha + sigma)."""
        whole = alpha + sigma
        return 1 / whole, -sigma / whole
