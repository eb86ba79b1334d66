"""The networks of cosmoGAN: four transposed convolutions from noise to a map, four strided ones back to a number."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.networks.base import Network

LAYERS = 4
KERNEL = 5  # pixels along a side
SIGMA = 0.02  # of the first weights


class CosmoGANGenerator(Network):
    """A latent vector and conditions, through a dense layer and four transposed convolutions, to a map of logits.

    Five by five pixels, stride two, batch normalization and ReLU after each but the last; channels go from eight times
    the width to one. Published: size 256, width 64.

    Args:
        size: pixels along a side; a multiple of 16.
        width: channels before the last layer; doubled at each earlier one.
        latent: length of the latent vector.
        conditions: how many numbers each sample is conditioned on.

    References:
        CosmoGAN: creating high-fidelity weak lensing convergence maps using generative adversarial networks
        (Mustafa et al., 2019), arXiv:1706.02390
    """

    def __init__(self, size: int, width: int, latent: int, conditions: int = 0) -> None:
        super().__init__()
        self.start, self.side = width * 2 ** (LAYERS - 1), smallest(size)
        self.dense = nn.Linear(latent + conditions, self.start * self.side**2, bias=False)
        widths = [self.start // 2**i for i in range(LAYERS)]
        self.norms = nn.ModuleList([nn.BatchNorm2d(w) for w in widths])
        self.convolutions = nn.ModuleList(
            [
                nn.ConvTranspose2d(a, b, KERNEL, 2, KERNEL // 2, output_padding=1, bias=b == 1)
                for a, b in zip(widths, [*widths[1:], 1], strict=True)
            ]
        )
        begin(self)

    def forward(self, z: Float[Tensor, "B L"], given: Float[Tensor, "B G"]) -> Float[Tensor, "B 1 S S"]:
        """Latent vectors and conditions to maps."""
        x = self.dense(torch.cat([z, given], 1)).view(-1, self.start, self.side, self.side)
        for norm, convolution in zip(self.norms, self.convolutions, strict=True):
            x = convolution(functional.relu(norm(x)))
        out: Tensor = x
        return out


class CosmoGANCritic(Network):
    """A map, through four strided convolutions, to one number; batch normalization after each but the first.

    With batch normalization a sample is not treated alone: not for a critic whose slope is penalized.

    Args:
        size: pixels along a side; a multiple of 16.
        width: channels after the first layer; doubled at each further one.
        conditions: how many numbers each sample is conditioned on; they enter as constant channels.
    """

    def __init__(self, size: int, width: int, conditions: int = 0) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 1 + conditions
        for i in range(LAYERS):
            after = width * 2**i
            layers.append(nn.Conv2d(before, after, KERNEL, 2, KERNEL // 2, bias=not i))
            layers += [nn.BatchNorm2d(after)] if i else []
            layers.append(nn.LeakyReLU(0.2))
            before = after
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(before * smallest(size) ** 2, 1))
        begin(self)

    def forward(self, x: Float[Tensor, "B 1 S S"], given: Float[Tensor, "B G"]) -> Float[Tensor, " B"]:
        """One number a map: large for real ones."""
        planes = given[:, :, None, None].expand(-1, -1, *x.shape[2:])
        out: Tensor = self.layers(torch.cat([x, planes], 1)).squeeze(1)
        return out


def smallest(size: int) -> int:
    """The side at the narrow end."""
    if size < 2**LAYERS or size % 2**LAYERS:
        raise BadInput("these networks halve maps four times", f"size {size}", "choose a multiple of 16: 32, 64, 256 …")
    return size // int(2**LAYERS)


def begin(network: nn.Module) -> None:
    """First weights as in the paper: normal, of spread 0.02; scales of batch normalization about one."""
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0.0, SIGMA)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, SIGMA)


def example() -> tuple[CosmoGANGenerator, tuple[Tensor, ...]]:
    """The smallest one."""
    return CosmoGANGenerator(16, 4, latent=3, conditions=1), (torch.randn(4, 3), torch.randn(4, 1))
