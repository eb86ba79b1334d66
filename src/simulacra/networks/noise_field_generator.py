"""A generator of volumes that are alike everywhere: from a field of noise, by convolutions and a look at the whole."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.networks.base import Network
from simulacra.networks.dcgan import Border

FOLD = 2  # voxels along a side that are drawn together, as channels of one coarse place
SLOPE = 0.1
HALVINGS = 20
REACH = 4.0  # of the level beyond all numbers: a share within 0.999 of either phase is found
LEAST = 1e-3  # slope of the mean in the level below which Newton's step would be too long


class NoiseFieldGenerator(Network):
    r"""Noise at every second voxel, through convolutions on that coarse grid, to a volume of logits.

    A material has no middle: what is drawn at one place depends on the noise about it alone, by the same rule
    everywhere. So the weights learn from each grain of each volume. Two layers at each place alone bend the noise first
    (a grain begins where it is rarely high); convolutions spread it then. What holds of the volume as a whole they are
    given by the mean of their features over it, which is added to them through a dense layer. The last layer draws the
    eight voxels of a coarse place as channels.

    Materials are made to a recipe, which no local rule can keep: independent noise would make as many grains here and
    there as chance wants, and their share of the volume would follow. So each channel of noise is brought to the same
    values in every volume, in the order that it came in: as many places are high in one as in another. (Not so in
    windows of something larger.) The share of the phase is a number of its own, $\tanh(m + s u)$ with m and s learned
    and u the noise's mean (before that) in units of its spread, and the level of the logits is set so that the mean of
    their hyperbolic tangent is that number.

    Args:
        size: voxels along a side; even.
        noise: numbers of noise at a coarse place; the latent vector has noise · (size / 2)³ entries.
        width: channels of the hidden layers.
        layers: hidden convolutions; each lets noise reach two voxels farther.
        border: what lies beyond the faces: "circular" for periodic volumes.
        conditions: how many numbers each volume is conditioned on; they enter with the mean of the features.
        even: whether noise has the same values in every volume.

    References:
        Texture synthesis with spatial generative adversarial networks (Jetchev, Bergmann & Vollgraf, 2016),
        arXiv:1611.08207; Squeeze-and-excitation networks (Hu et al., 2018), arXiv:1709.01507
    """

    def __init__(
        self,
        size: int,
        noise: int,
        width: int,
        layers: int = 2,
        border: Border = "zeros",
        conditions: int = 0,
        even: bool = True,
    ) -> None:
        super().__init__()
        self.noise, self.coarse, self.even = noise, coarse(size), even
        self.bend = nn.ModuleList([nn.Conv3d(noise, width, 1), nn.Conv3d(width, width, 1)])
        self.spread = nn.ModuleList([nn.Conv3d(width, width, 3, 1, 1, padding_mode=border) for _ in range(layers)])
        self.whole = nn.ModuleList([nn.Linear(width + conditions, width) for _ in range(layers)])
        self.last = nn.Conv3d(width, FOLD**3, 3, 1, 1, padding_mode=border)
        self.share = nn.Linear(1 + conditions, 1)
        nn.init.normal_(self.share.weight, 0.0, 0.01)
        nn.init.zeros_(self.share.bias)

    @property
    def latent(self) -> int:
        """Numbers that a volume is drawn from."""
        return self.noise * self.coarse**3

    def forward(self, z: Float[Tensor, "B L"], given: Float[Tensor, "B G"]) -> Float[Tensor, "B 1 S S S"]:
        """Noise and conditions to volumes."""
        x = z.view(-1, self.noise, self.coarse**3)
        x = (ranked(x) if self.even else x).view(-1, self.noise, *(self.coarse,) * 3)
        x = x.contiguous(memory_format=torch.channels_last_3d)
        for bend in self.bend:
            x = functional.leaky_relu(bend(x), SLOPE)
        for spread, whole in zip(self.spread, self.whole, strict=True):
            conditioning = whole(torch.cat([x.mean(dim=(2, 3, 4)), given], 1))
            x = functional.leaky_relu(spread(x) + conditioning[:, :, None, None, None], SLOPE)
        share = torch.tanh(self.share(torch.cat([z.mean(1, keepdim=True) * self.latent**0.5, given], 1)))
        return leveled(unfolded(self.last(x)), share[:, 0])


def ranked(z: Float[Tensor, "B C n"]) -> Float[Tensor, "B C n"]:
    """Each row's numbers put on the quantiles of the normal law, in the same order; the gradient passes as it is."""
    n = z.shape[2]
    scores: Tensor = torch.special.ndtri((torch.arange(n, dtype=z.dtype, device=z.device) + 0.5) / n)
    return z + (scores[z.argsort(2).argsort(2)] - z).detach()


def leveled(x: Float[Tensor, "B ..."], share: Float[Tensor, " B"]) -> Float[Tensor, "B ..."]:
    """Numbers moved by one level a sample, so that the mean of their hyperbolic tangent is its share.

    The level is found by halving, and takes one step of Newton's at the end, which carries the gradient.
    """
    flat = x.flatten(1)
    with torch.no_grad():
        low, high = -flat.amax(1) - REACH, REACH - flat.amin(1)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            above = torch.tanh(flat + middle[:, None]).mean(1) > share
            low, high = torch.where(above, low, middle), torch.where(above, middle, high)
        level = (low + high) / 2
        steep = (1 - torch.tanh(flat + level[:, None]).square()).mean(1).clamp(min=LEAST)
    lacking = share - torch.tanh(flat + level[:, None]).mean(1)
    return (flat + (level + lacking / steep)[:, None]).view_as(x)


def coarse(size: int) -> int:
    """Places along a side of the coarse grid."""
    if size < 4 * FOLD or size % FOLD:
        raise BadInput("volumes of an even side are drawn, from 8 voxels on", f"size {size}", "take 16, 32 or 64")
    return size // FOLD


def unfolded(x: Float[Tensor, "B 8 s s s"]) -> Float[Tensor, "B 1 S S S"]:
    """Eight channels of a coarse place to its eight voxels."""
    b, s = len(x), x.shape[2]
    cubes = x.reshape(b, FOLD, FOLD, FOLD, s, s, s).permute(0, 4, 1, 5, 2, 6, 3)
    return cubes.reshape(b, 1, FOLD * s, FOLD * s, FOLD * s)


def folded(x: Float[Tensor, "B 1 S S S"]) -> Float[Tensor, "B 8 s s s"]:
    """The eight voxels of each coarse place as its channels."""
    b, s = len(x), x.shape[2] // FOLD
    cubes = x.reshape(b, s, FOLD, s, FOLD, s, FOLD).permute(0, 2, 4, 6, 1, 3, 5)
    return cubes.reshape(b, FOLD**3, s, s, s)


def example() -> tuple[NoiseFieldGenerator, tuple[Tensor, ...]]:
    """The smallest one."""
    return NoiseFieldGenerator(8, 1, 4, 2, conditions=1), (torch.randn(2, 64), torch.randn(2, 1))
