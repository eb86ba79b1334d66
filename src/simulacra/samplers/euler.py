"""Euler's rule along a flow: the simplest walk from noise to data."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.diffusion.noise import Flow, Noise
from simulacra.samplers.base import Denoise, Sampler, Watch, Way


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
        """From noise to data, along a flow alone."""
        if not isinstance(noise, Flow):
            raise BadInput(
                "Euler's rule walks along a flow", type(noise).__name__, "take DDIM or Heun for other schedules"
            )
        return super().walk(denoise, noise, x, watch)

    def step(self, way: Way, x: Tensor, i: int) -> Tensor:
        """Along the slope, to the next time."""
        t = way.t
        end = t[i + 1] if i + 1 < way.steps else t[i] * 0
        slope = (x - way.denoise(x, t[i])) / t[i].to(x)
        return x + (end - t[i]).to(x) * slope
