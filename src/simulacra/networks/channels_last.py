"""A network of convolutions with the channels of a pixel side by side: the same numbers, sooner on a CPU."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.func import functional_call

from simulacra.networks.base import Network
from simulacra.networks.convolution import ConvolutionDecoder


class ChannelsLast(Network):
    """Lets convolutions run over weights whose channels lie last in memory.

    The weights themselves stay as they are, so that what is saved, averaged or resumed does not know of it: they are
    laid out anew in each pass, which costs next to nothing beside the convolutions. Numbers change by rounding alone.

    Args:
        network: of tensors in and tensors out.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, *given: Tensor) -> Tensor:
        """What the network says of the same tensors."""
        laid = {
            name: weight.contiguous(memory_format=torch.channels_last)
            for name, weight in self.network.named_parameters()
            if weight.ndim == 4
        }
        out: Tensor = functional_call(self.network, laid, given)
        return out


def example() -> tuple[ChannelsLast, tuple[Tensor, ...]]:
    """The smallest one."""
    return ChannelsLast(ConvolutionDecoder(8, 1, 4, 3)), (torch.randn(2, 3),)
