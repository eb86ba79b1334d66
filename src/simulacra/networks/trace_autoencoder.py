"""Autoencoder of traces: a series squeezed into a short code of a few channels, and unfolded again."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.networks.base import Network

SIDE = 8  # samples that a filter sees when the length is halved
AROUND = 9  # places that a filter sees on the coarsest grid


def lengths(length: int, halvings: int) -> list[int]:
    """Samples on each grid, the finest first: 500, 250, 125, 62, 31.

    >>> lengths(500, 4)
    [500, 250, 125, 62, 31]
    """
    found = [length // 2**i for i in range(halvings + 1)]
    if halvings < 1 or found[-1] < 2:
        raise BadInput(
            "a trace cannot be halved so often", f"{length} samples, {halvings} times", "take longer traces, or fewer"
        )
    return found


class Halve(nn.Module):
    """Half as many samples."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(before, after, SIDE, 2, SIDE // 2 - 1)

    def forward(self, x: Float[Tensor, "B C T"]) -> Float[Tensor, "B D U"]:
        """Rectified features."""
        out: Tensor = torch.relu(self.convolution(x))
        return out


class Double(nn.Module):
    """Twice as many samples, or one more than that where the finer grid has it."""

    def __init__(self, before: int, after: int, odd: bool) -> None:
        super().__init__()
        self.convolution = nn.ConvTranspose1d(before, after, SIDE, 2, SIDE // 2 - 1, output_padding=int(odd))

    def forward(self, x: Float[Tensor, "B C U"]) -> Float[Tensor, "B D T"]:
        """Features, not rectified."""
        out: Tensor = self.convolution(x)
        return out


class Around(nn.Module):
    """A residual block that sees far on a coarse grid."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(channels, channels, AROUND, 1, AROUND // 2),
            nn.ReLU(),
            nn.Conv1d(channels, channels, AROUND, 1, AROUND // 2),
        )

    def forward(self, x: Float[Tensor, "B C U"]) -> Float[Tensor, "B C U"]:
        """Features bent."""
        out: Tensor = torch.relu(x + self.layers(x))
        return out


class TraceAutoencoder(Network):
    """Convolutions down to a code of so many channels, and transposed ones back: 500 → 16 × 31 → 500.

    Letters: B samples, T their length.

    Args:
        length: of a trace, T.
        width: channels of the layers around the code.
        code: channels of the code.
        halvings: of the length on the way to the code.
    """

    def __init__(self, length: int = 500, width: int = 32, code: int = 16, halvings: int = 4) -> None:
        super().__init__()
        grids = lengths(length, halvings)
        self.length = length
        down: list[nn.Module] = [Halve(1 if i == 0 else width, width) for i in range(halvings)]
        self.encoder = nn.Sequential(*down, Around(width), nn.Conv1d(width, code, 1))
        up: list[nn.Module] = [nn.Conv1d(code, width, 1), Around(width)]
        for i in reversed(range(halvings)):
            up.append(Double(width, width if i else 1, odd=bool(grids[i] % 2)))
            up += [nn.ReLU()] if i else []
        self.decoder = nn.Sequential(*up)

    def forward(self, x: Float[Tensor, "B 1 T"]) -> Float[Tensor, "B 1 T"]:
        """Traces to traces."""
        if x.shape[2] != self.length:
            raise BadInput(
                "this network knows traces of one length", f"{x.shape[2]} samples", f"give {self.length} samples"
            )
        out: Tensor = self.decoder(self.encoder(x))
        return out


def example() -> tuple[TraceAutoencoder, tuple[Tensor, ...]]:
    """The smallest one."""
    return TraceAutoencoder(35, 8, 4, halvings=2), (torch.randn(2, 1, 35),)
