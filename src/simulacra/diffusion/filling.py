r"""Filling in: draws of what is missing, given what is known of a sample, by a model that was trained on whole ones.

The exact answer needs $\mathbb E[x_0 \mid x_t, \text{known}]$ where the network says $D = \mathbb E[x_0 \mid x_t]$.
Both ways here mend D and leave the sampler as it is; how far each is from the exact law of a correlated Gaussian is
measured in `tests/test_diffusion.py` and described in `docs/diffusion.md`.
"""

from __future__ import annotations

import abc

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.core.recorded import Recorded
from simulacra.diffusion.noise import Denoise, Noise


class Filling(Recorded, abc.ABC):
    """How what is known enters the expected data."""

    @abc.abstractmethod
    def knowing(
        self, denoise: Denoise, noise: Noise, known: Float[Tensor, "B ..."], mask: Bool[Tensor, "B ..."]
    ) -> Denoise:
        """A denoiser whose answer is the known values where the mask says so."""


class Replaced(Filling):
    """The denoiser's answer is replaced where it is known: cheap, and too loosely bound to what is known.

    What is missing learns of the known values only through their noisy version, never from the values themselves; so
    draws vary too much about a mean that is pulled too little.

    References:
        Score-based generative modeling through stochastic differential equations (Song et al., 2021), arXiv:2011.13456
    """

    def knowing(
        self, denoise: Denoise, noise: Noise, known: Float[Tensor, "B ..."], mask: Bool[Tensor, "B ..."]
    ) -> Denoise:
        """Known values in their places."""
        return lambda x, t: torch.where(mask, known, denoise(x, t))


class Projected(Filling):
    r"""The expected data are moved by what the known values are off, along the covariance that the denoiser implies.

    $\mathrm{Cov}(x_0 \mid x_t) = \frac{\sigma^2}{\alpha} \frac{\partial D}{\partial x_t} = C$ is exact; if $x_0$ given
    $x_t$ is normal, so is $\mathbb E[x_0 \mid x_t, \text{known}] = D + C_{\cdot k} C_{kk}^{-1} (\text{known} - D_k)$.
    The system is solved by conjugate gradients, each iteration a pass back through the network; with one, this is
    reconstruction guidance whose weight is found by itself.

    Args:
        iterations: of the conjugate gradients; as many as there are known numbers solve it exactly.

    References:
        Tweedie moment projected diffusions for inverse problems (Boys et al., 2023), arXiv:2310.06721
        Pseudoinverse-guided diffusion models for inverse problems (Song et al., 2023),
        https://openreview.net/forum?id=9_gsMA8MRKQ
    """

    def __init__(self, iterations: int = 5) -> None:
        if iterations < 1:
            raise BadInput("one iteration is the least", f"iterations={iterations}", "take iterations=5")
        self.iterations = iterations

    def knowing(
        self, denoise: Denoise, noise: Noise, known: Float[Tensor, "B ..."], mask: Bool[Tensor, "B ..."]
    ) -> Denoise:
        """Known values in their places, and the others moved with them."""
        along = tuple(range(1, known.ndim))

        def dot(a: Tensor, b: Tensor) -> Tensor:
            return (a * b).sum(along, keepdim=True)

        def answer(x: Tensor, t: Tensor) -> Tensor:
            with torch.enable_grad():
                place = x.detach().requires_grad_(True)
                data = denoise(place, t)
            scale = (noise.sigma(t) ** 2 / noise.alpha(t)).to(x)

            def spread(v: Tensor) -> Tensor:
                """The covariance times v."""
                return scale * torch.autograd.grad(data, place, v, retain_graph=True)[0]

            expected = data.detach()
            residual = torch.where(mask, known - expected, 0.0)
            direction, moved = residual, torch.zeros_like(x)
            size = dot(residual, residual)
            for _ in range(self.iterations):
                pushed = spread(direction)
                curve = dot(direction, pushed)
                # a network's covariance may have a direction that is flat or turned: there the search ends
                far = torch.where(curve > 1e-6 * scale * dot(direction, direction), size / curve, 0.0)
                moved = moved + far * pushed
                residual = residual - far * torch.where(mask, pushed, 0.0)
                before, size = size, dot(residual, residual)
                direction = residual + torch.where(before > 0, size / before, 0.0) * direction
            return torch.where(mask, known, expected + moved)

        return answer
