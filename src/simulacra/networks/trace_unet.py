"""U-Net of traces: what was seen on each grid on the way down is laid beside what comes up."""

from __future__ import annotations

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.networks.base import Network
from simulacra.networks.trace_autoencoder import Around, Double, Halve, lengths

FIRST = 9  # samples that the first and the last filters see


class TraceUNet(Network):
    """Convolutions down to a coarse grid and back up, with a way across on each grid.

    Where `TraceAutoencoder` must carry everything through its code, this one need carry through the coarse grid only
    what lies far apart; it has fewer channels on the fine grids, so that both cost the same.

    Letters: B samples, T their length.

    Args:
        length: of a trace, T.
        widths: channels of each grid, the finest first; the length is halved between them.

    References:
        U-Net: convolutional networks for biomedical image segmentation (Ronneberger, Fischer & Brox, 2015),
        arXiv:1505.04597
    """

    def __init__(self, length: int = 500, widths: tuple[int, ...] = (8, 16, 24, 32, 32)) -> None:
        super().__init__()
        grids = lengths(length, len(widths) - 1)
        self.length = length
        self.first = nn.Conv1d(1, widths[0], FIRST, 1, FIRST // 2)
        self.down = nn.ModuleList(Halve(a, b) for a, b in pairwise(widths))
        self.middle = nn.Sequential(Around(widths[-1]), Around(widths[-1]))
        self.up = nn.ModuleList(
            Double(widths[i + 1] * (1 if i == len(widths) - 2 else 2), widths[i], odd=bool(grids[i] % 2))
            for i in reversed(range(len(widths) - 1))
        )
        self.last = nn.Conv1d(2 * widths[0], 1, FIRST, 1, FIRST // 2)

    def forward(self, x: Float[Tensor, "B 1 T"]) -> Float[Tensor, "B 1 T"]:
        """Traces to traces."""
        if x.shape[2] != self.length:
            raise BadInput(
                "this network knows traces of one length", f"{x.shape[2]} samples", f"give {self.length} samples"
            )
        h = torch.relu(self.first(x))
        kept = []
        for part in self.down:
            kept.append(h)
            h = part(h)
        h = self.middle(h)
        for part in self.up:
            h = torch.cat([torch.relu(part(h)), kept.pop()], 1)
        out: Tensor = self.last(h)
        return out


def example() -> tuple[TraceUNet, tuple[Tensor, ...]]:
    """The smallest one."""
    return TraceUNet(35, (4, 6, 8)), (torch.randn(2, 1, 35),)
