"""DPM-Solver++ 2M: second order at one call of the network a step, by remembering the call before."""

from __future__ import annotations

from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from simulacra.diffusion.noise import Noise
from simulacra.samplers.base import Denoise, Sampler, Watch, seen, towards


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

    def walk(self, denoise: Denoise, noise: Noise, x: Tensor, watch: Watch | None = None) -> Tensor:
        """From noise to data."""
        t = self.times(noise)
        alpha, sigma = noise.levels(t)
        half = alpha.log() - sigma.clamp(min=1e-300).log()
        before: Tensor | None = None
        for i in range(self.steps):
            data = denoise(x, t[i])
            used = data
            if before is not None and i + 1 < self.steps:
                r = (half[i] - half[i - 1]) / (half[i + 1] - half[i])
                used = data + (0.5 / r).to(x) * (data - before)
            x = towards(x, used, alpha, sigma, i)  # alpha_s (1 - e^-h) is alpha_s - alpha_t sigma_s / sigma_t
            before = data
            seen(watch, i + 1, x)
        return x
