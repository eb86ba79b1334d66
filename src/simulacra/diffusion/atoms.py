r"""Atoms in diffusion: noise without a center of mass, and how likely a molecule is under a model of them.

A law of places that no shift changes has no density; on the places with mean zero it has one, and the noise must lie
there too: in $3 (N - 1)$ dimensions for N atoms. Letters: B molecules, N seats, D numbers of an atom, the first three
its place. Empty seats hold zeros.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.diffusion.noise import Noise

Row = Float[Tensor, " B"]
Denoise = Callable[[Tensor, Tensor], Tensor]


def centered(z: Float[Tensor, "B N D"], mask: Bool[Tensor, "B N"]) -> Float[Tensor, "B N D"]:
    """The rows with the mean of a molecule's places taken out of them, and zeros in empty seats."""
    here = mask[..., None].to(z.dtype)
    z = z * here
    mean = z[..., :3].sum(1, keepdim=True) / here.sum(1, keepdim=True).clamp(min=1)
    return torch.cat([(z[..., :3] - mean) * here, z[..., 3:]], 2)


def freedom(mask: Bool[Tensor, "B N"], features: int) -> Row:
    """How many numbers are free: 3 (N - 1) of the places, and the features of each atom."""
    atoms = mask.sum(1)
    return (3 * (atoms - 1) + features * atoms).double()


@dataclass(frozen=True)
class MoleculeParts:
    """The variational bound on minus the log-likelihood of molecules, nats each, by its parts; (B,) each.

    Args:
        prior: what is lost since the last state is not quite noise.
        diffusion: what the steps between cost.
        places: of the atoms' places (Å) from the least noisy state: minus a log-density, mostly negative.
        types: of the elements from that state, which are discrete.
        size: of the number of atoms.
    """

    prior: Row
    diffusion: Row
    places: Row
    types: Row
    size: Row

    @property
    def total(self) -> Row:
        """The bound: the mean over draws of the noise is at least minus the log-likelihood."""
        return self.prior + self.diffusion + self.places + self.types + self.size


@torch.no_grad()
def bound(
    denoise: Denoise,
    noise: Noise,
    z: Float[Tensor, "B N D"],
    mask: Bool[Tensor, "B N"],
    scales: tuple[float, float, float],
    points: int = 128,
) -> MoleculeParts:
    r"""The bound in continuous time; one draw of the noise at each of some times. The size is left at 0.

    $\mathrm{KL}(q(z_T \mid z_0) \,\|\, p(z_T)) + \frac12\int e^\lambda\, \mathbb E\lVert z_0 - D\rVert^2 d\lambda$ on
    the places without center; then the places given $z_\epsilon$, normal about $z_\epsilon/\alpha$; and the elements
    given it: of each mark the chance that a normal about it lies within one half of 1, brought to a sum of 1, and of
    the atomic number the chance that it lies within one half of its own. The N! orders of the atoms are not counted.

    Args:
        denoise: the expected scaled rows.
        noise: the schedule, one that preserves the variance.
        z: scaled rows: places, marks of the elements, atomic number.
        mask: which seats hold an atom.
        scales: by which places, marks and atomic numbers were divided.
        points: times, one in each of as many even parts of the range of lambda.

    References:
        Equivariant diffusion for molecule generation in 3D (Hoogeboom et al., 2022), arXiv:2203.17003
        Variational diffusion models (Kingma et al., 2021), arXiv:2107.00630
    """
    if points < 1:
        raise BadInput("the bound needs a point", f"points={points}", "take points=128")
    low, high = noise.ratios()
    span, dims = math.log(high / low), freedom(mask, z.shape[2] - 3)
    jitter = torch.rand(points, dtype=torch.float64)
    times = noise.when((math.log(low) + span * (torch.arange(points) + jitter) / points).exp())
    total = torch.zeros(len(z), dtype=torch.float64, device=z.device)
    with Progress("bounding the likelihood", points) as progress:
        for t in times:
            alpha, sigma, eps = noise.alpha(t), noise.sigma(t), centered(torch.randn_like(z), mask)
            error = (z - denoise(alpha.to(z) * z + sigma.to(z) * eps, t)).double().square().sum((1, 2))
            ratio = float((sigma / alpha) ** 2)
            chance = (eps.double().square().sum((1, 2)) - dims) / (1 + ratio)  # of known mean: taken out
            total += (error / ratio - chance) * span / points
            progress.step()
    last = noise.when(torch.tensor(high, dtype=torch.float64))
    a2, s2 = float(noise.alpha(last) ** 2), float(noise.sigma(last) ** 2)
    prior = 0.5 * (dims * (s2 - 1 - math.log(s2)) + a2 * z.double().square().sum((1, 2)))
    of_places = freedom(mask, 0)
    places = of_places * (0.5 * (1 + math.log(2 * math.pi * low**2)) + math.log(scales[0]))
    types = types_cost(z + low * centered(torch.randn_like(z), mask), z, mask, scales, low)
    return MoleculeParts(prior, total, places, types, torch.zeros_like(total))


def types_cost(
    seen: Float[Tensor, "B N D"],
    z: Float[Tensor, "B N D"],
    mask: Bool[Tensor, "B N"],
    scales: tuple[float, float, float],
    width: float,
) -> Row:
    """Minus the logarithm of the chance of the true elements, given rows seen with noise of this width."""
    marks, number = seen[..., 3:-1].double() * scales[1], seen[..., -1].double() * scales[2]
    true, known = z[..., 3:-1].double() * scales[1], z[..., -1].double() * scales[2]
    log_each = torch.log(_within(marks - 1, width * scales[1]) + 1e-30)
    chosen = (log_each.log_softmax(2) * true.round()).sum(2)
    of_number = torch.log(_within(number - known, width * scales[2]) + 1e-30)
    return -((chosen + of_number) * mask).sum(1)


def _within(away: Tensor, width: float) -> Tensor:
    """The chance that a normal so far from a place lies within one half of it."""
    inside: Tensor = torch.special.ndtr((away + 0.5) / width) - torch.special.ndtr((away - 0.5) / width)
    return inside
