"""Turns and mirrors of a square: for skies, of which no direction is up."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.core.recorded import Recorded


class Turns(Recorded):
    """The eight ways to lay down a square: in training each sample is shown in one of them, drawn by chance.

    A law that does not know up from right is learned from eight times as many pictures. Letters: B samples, C channels,
    L pixels along a side.
    """

    def suits(self, shape: tuple[int, ...]) -> None:
        """Whether samples of this shape are squares with channels; an error where they are not."""
        if len(shape) != 3 or shape[1] != shape[2]:
            raise BadInput(
                "only squares can be turned by a quarter", f"samples of shape {shape}", "leave the turns out"
            )

    def moved(self, x: Float[Tensor, "B C L L"], u: Float[Tensor, " B"]) -> Float[Tensor, "B C L L"]:
        """Each sample in one of the eight ways, which a uniform number in [0, 1) chooses."""
        which = (u * 8).long().clamp(max=7).view(-1, 1, 1, 1)
        x = torch.where((which & 4) > 0, x.transpose(2, 3), x)
        x = torch.where((which & 2) > 0, x.flip(3), x)
        return torch.where((which & 1) > 0, x.flip(2), x)
