"""Where a diffusion model's walk begins: not only from noise alone, but where the law of noisy data is known."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.core.recorded import Recorded
from simulacra.diffusion.turns import Turns


class CoarseStart(Recorded, nn.Module):
    r"""Noisy data as their law has them: coarse features of a training sample, finer ones by a normal law, and noise.

    The law of data under noise of width $\sigma$ is a mean over all data, each with normal noise about it. Under enough
    noise only the few features of largest spread stand out, so that the law is that of these features alone (a kernel
    density of the training set, whose kernel is the noise itself) and a normal one of all others. A walk that begins
    there, and not from noise of many times the data's spread, leaves to the network only what noise of $\sigma$ hides:
    what is fine. What is coarse (where the light is, how bright, how round, of which color) is from a training sample,
    turned at random and blurred by the noise. So draws may be akin to a training sample in what is coarse; whether they
    are copies is for the judge of copies to say. Letters: B samples, D numbers of a sample, N training samples.

    Args:
        shape: of a sample.
        count: training samples, N.
        classes: of the condition `name`; 0 draws from all alike.
        kept: features of which each training sample's own are remembered.
        more: further features, drawn by a normal law; what is left besides is a normal law, too.
        name: of the condition.
        symmetry: ways in which a sample may as well be turned.

    References:
        Variance exploding and the law of noisy data: Score-based generative modeling through stochastic differential
        equations (Song et al., 2021), arXiv:2011.13456; starting below the largest noise: SDEdit (Meng et al., 2022),
        arXiv:2108.01073
    """

    basis: Tensor
    middle: Tensor
    place: Tensor
    spread: Tensor
    rest: Tensor
    label: Tensor

    def __init__(
        self,
        shape: tuple[int, ...],
        count: int,
        classes: int = 0,
        kept: int = 32,
        more: int = 96,
        name: str = "class",
        symmetry: Turns | None = None,
    ) -> None:
        super().__init__()
        numbers = math.prod(shape)
        if not 0 < kept <= kept + more < min(count, numbers):
            raise BadInput(
                "the features of a start are fewer than samples and numbers",
                f"kept={kept}, more={more}, {count} samples of {numbers} numbers",
                "take fewer features, or bring more data",
            )
        self.shape, self.classes, self.kept, self.name, self.symmetry = tuple(shape), classes, kept, name, symmetry
        self.register_buffer("middle", torch.zeros(numbers))
        self.register_buffer("basis", torch.zeros(kept + more, numbers))
        self.register_buffer("place", torch.zeros(count, kept))
        self.register_buffer("spread", torch.ones(more))
        self.register_buffer("rest", torch.zeros(()))
        self.register_buffer("label", torch.zeros(count, dtype=torch.long))

    @torch.no_grad()
    def learn(self, data: Float[Tensor, "N ..."], given: Mapping[str, Tensor]) -> None:
        """Principal components of the training samples, and where each sample lies."""
        x = data.flatten(1).double()
        if len(x) != len(self.place):
            raise BadInput(
                "this start was built for another number of samples",
                f"{len(x)}, not {len(self.place)}",
                "build it anew",
            )
        self.middle.copy_(x.mean(0))
        centered = x - x.mean(0)
        values, vectors = torch.linalg.eigh(centered @ centered.T)
        found = len(self.basis)
        values, vectors = values.flip(0).clamp(min=1e-12)[:found], vectors.flip(1)[:, :found]
        basis = (vectors / values.sqrt()).T @ centered
        self.basis.copy_(basis)
        self.place.copy_((centered @ basis.T)[:, : self.kept])
        self.spread.copy_((values[self.kept :] / len(x)).sqrt())
        left = centered.square().sum() - values.sum()
        self.rest.copy_((left / centered.numel()).clamp(min=0))
        if self.classes:
            self.label.copy_(given[self.name])

    @torch.no_grad()
    def draw(
        self, n: int, alpha: float, sigma: float, given: Mapping[str, Tensor] | None = None
    ) -> Float[Tensor, "n ..."]:
        """n noisy samples of signal alpha and noise sigma; by torch's global generator."""
        device = self.basis.device
        row = torch.randint(len(self.place), (n,), device=device)
        if self.classes:
            if not given or self.name not in given:
                raise BadInput("a condition is missing", ", ".join(given or ()) or "none", f"give {self.name} too")
            fits = self.label[None, :] == given[self.name].to(device)[:, None]
            row = torch.multinomial(fits.float(), 1)[:, 0]
        more = self.spread * torch.randn(n, len(self.spread), device=device)
        coarse = self.middle + torch.cat([self.place[row], more], 1) @ self.basis
        x = coarse.view(n, *self.shape)
        if self.symmetry is not None:
            x = self.symmetry.moved(x, torch.rand(n, device=device))
        noise = math.sqrt(sigma**2 + alpha**2 * float(self.rest))
        return alpha * x + noise * torch.randn(n, *self.shape, device=device)


def example() -> CoarseStart:
    """The smallest one, as it is before it has learned."""
    return CoarseStart((1, 4, 4), 12, kept=3, more=4)
