"""Euler's rule along a flow: the simplest walk from noise to data."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.diffusion.noise import Flow, Noise
from simulacra.samplers.base import Denoise, Sampler, Watch, seen


class Euler(Sampler):
    r"""$x_s = x_t + (s - t)\,v$ with the slope $v = (x_t - D)/t$ of a rectified flow.

    Args:
        steps: of the walk.

    References:
        Flow straight and fast: learning to generate and transfer data with rectified flow (Liu, Gong & Liu, 2023),
        arXiv:2209.03003
    """

    order: ClassVar[int] = 1

    def __init__(self, steps: int = 50) -> None:
        super().__init__(steps)

    def walk(self, denoise: Denoise, noise: Noise, x: Tensor, watch: Watch | None = None) -> Tensor:
        """From noise to data."""
        if not isinstance(noise, Flow):
            raise BadInput(
                "Euler's rule walks along a flow", type(noise).__name__, "take DDIM or Heun for other schedules"
            )
        t = self.times(noise)
        for i in range(self.steps):
            end = t[i + 1] if i + 1 < self.steps else t[i] * 0
            slope = (x - denoise(x, t[i])) / t[i].to(x)
            x = x + (end - t[i]).to(x) * slope
            seen(watch, i + 1, x)
        return x
