"""DPM-Solver++ 2M: second order at one call of the network a step, by remembering the call before."""

from __future__ import annotations

from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from simulacra.diffusion.noise import Noise
from simulacra.samplers.base import Sampler, Way, towards


class DPMSolver(Sampler):
    r"""Linear multistep in $\lambda = \log(\alpha/\sigma)$, where the equation's linear part is solved exactly.

    $x_s = \frac{\sigma_s}{\sigma_t} x_t - \alpha_s (e^{-h} - 1)\,\tilde D$ with $h = \lambda_s - \lambda_t$ and
    $\tilde D = (1 + \frac1{2r}) D_t - \frac1{2r} D_\text{before}$, $r = h_\text{before}/h$. The first and the last step
    are of first order.

    Args:
        steps: of the walk.

    References:
        DPM-Solver++: fast solver for guided sampling of diffusion probabilistic models (Lu et al., 2022),
        arXiv:2211.01095
    """

    order: ClassVar[int] = 2

    def __init__(self, steps: int = 20) -> None:
        super().__init__(steps)

    def times(self, noise: Noise) -> Float[Tensor, " steps"]:
        """As Karras et al. space them: close where there is little noise, whatever the schedule."""
        return noise.spaced(self.steps)

    def step(self, way: Way, x: Tensor, i: int) -> Tensor:
        """To the next level, with the data drawn on from the step before."""
        data = way.denoise(x, way.t[i])
        used = data
        if way.before is not None and i + 1 < way.steps:
            half = way.alpha.log() - way.sigma.clamp(min=1e-300).log()
            r = (half[i] - half[i - 1]) / (half[i + 1] - half[i])
            used = data + (0.5 / r).to(x) * (data - way.before)
        way.before = data
        return towards(x, used, way.alpha, way.sigma, i)  # alpha_s (1 - e^-h) is alpha_s - alpha_t sigma_s / sigma_t
