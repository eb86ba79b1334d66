"""The Haar transform of pictures: a coarser picture, and the details that the finer one has beside it."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

SIGNS = ((1, 1, 1, 1), (1, -1, 1, -1), (1, 1, -1, -1), (1, -1, -1, 1))
"""Of the four pixels of a square: the coarse one, then differences along rows, along columns, across."""


def signs(x: Tensor) -> Float[Tensor, "4 4"]:
    """The orthonormal matrix; its own inverse."""
    return torch.tensor(SIGNS, device=x.device, dtype=x.dtype) / 2


def split(x: Float[Tensor, "B C H W"]) -> tuple[Float[Tensor, "B C h w"], Float[Tensor, "B D h w"]]:
    """The coarse picture, of half the sides, and 3 C channels of details; nothing is lost, all norms are kept.

    *References:* A theory for multiresolution signal decomposition (Mallat, 1989), doi:10.1109/34.192463
    """
    b, c, rows, columns = x.shape
    squares = x.reshape(b, c, rows // 2, 2, columns // 2, 2)
    pixels = squares.permute(0, 1, 3, 5, 2, 4).flatten(2, 3)  # B C 4 h w
    waves = torch.einsum("kp,bcphw->bkchw", signs(x), pixels)
    return waves[:, 0], waves[:, 1:].flatten(1, 2)


def join(coarse: Float[Tensor, "B C h w"], details: Float[Tensor, "B D h w"]) -> Float[Tensor, "B C H W"]:
    """The picture that was split.

    >>> x = torch.arange(16.0).view(1, 1, 4, 4)
    >>> bool((join(*split(x)) == x).all())
    True
    """
    b, c, rows, columns = coarse.shape
    waves = torch.cat([coarse[:, None], details.reshape(b, 3, c, rows, columns)], 1)
    pixels = torch.einsum("kp,bkchw->bcphw", signs(coarse), waves).reshape(b, c, 2, 2, rows, columns)
    return pixels.permute(0, 1, 4, 2, 5, 3).reshape(b, c, 2 * rows, 2 * columns)
