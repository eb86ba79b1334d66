"""Symmetries of a periodic square lattice: translations, quarter turns and mirrors, as tables of sites."""

from __future__ import annotations

from functools import lru_cache

import torch
from jaxtyping import Float, Int64
from torch import Tensor


@lru_cache(maxsize=8)
def moves(side: int) -> Int64[Tensor, "moves sites"]:
    """For each of 8 L² moves, which site comes to stand at each."""
    board = torch.arange(side * side).view(side, side)
    turned = [torch.rot90(flat, quarter) for flat in (board, board.flip(0)) for quarter in range(4)]
    # a site of the moved lattice reads the turned one at its place plus the shift
    place = (torch.arange(side)[:, None] + torch.arange(side)) % side  # shift, place
    shifted = [one[place[:, None, :, None], place[None, :, None, :]] for one in turned]
    return torch.stack(shifted).view(8 * side * side, side * side)


def moved(x: Float[Tensor, "B C L L"], u: Float[Tensor, " B"]) -> Float[Tensor, "B C L L"]:
    """Each sample moved by one of the symmetries, which a uniform number in [0, 1) chooses."""
    table = moves(x.shape[-1]).to(x.device)
    which = (u * len(table)).long().clamp(max=len(table) - 1)
    at = table[which][:, None].expand(-1, x.shape[1], -1)
    return x.flatten(2).gather(2, at).view(x.shape)
