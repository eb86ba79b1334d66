"""What may be done to a molecule that leaves it the same: turns, reflections, shifts, another order of its atoms.

Rows are places and marks of atoms, (B, N, D), the first three numbers of a row its place; empty seats hold zeros and
stand behind the atoms. (A reflection leaves a molecule the same for a network that knows distances alone: it makes its
mirror image, which is as likely.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from jaxtyping import Bool, Float
from torch import Tensor

BLUR = 0.3
"""Å by which places are blurred where a network's answers are shown: about what divides a bond from none."""
SHIFT = (2.0, 1.0, -0.5)
"""Å: how far molecules are shifted: so far that it is seen, and not out of the picture."""

Move = Callable[[Tensor], Tensor]


def moves(mask: Bool[Tensor, "B N"]) -> Mapping[str, Move]:
    """One of each: a turn, a reflection and an order by torch's global generator, and a shift."""
    turn = orthogonal(proper=True)
    mirror = orthogonal(proper=False)
    shift = torch.tensor(SHIFT, dtype=torch.float64)
    chance = torch.rand(mask.shape, dtype=torch.float64).to(mask.device)
    order = torch.where(mask, chance, 2.0).argsort(1)  # empty seats stay behind

    def shifted(x: Tensor) -> Tensor:
        return torch.cat([(x[..., :3] + shift.to(x)) * mask[..., None], x[..., 3:]], 2)

    def reordered(x: Tensor) -> Tensor:
        return x.gather(1, order[..., None].expand_as(x))

    return {
        "turned": lambda x: mapped(x, turn),
        "reflected": lambda x: mapped(x, mirror),
        "shifted": shifted,
        "in another order": reordered,
    }


def orthogonal(proper: bool) -> Float[Tensor, "3 3"]:
    """A turn by chance (proper), evenly over all turns; or one with a reflection."""
    q, r = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64))
    q = q * r.diagonal().sign()
    turn: Tensor = q if (torch.linalg.det(q) > 0) == proper else -q
    return turn


def mapped(x: Float[Tensor, "B N D"], matrix: Float[Tensor, "3 3"]) -> Float[Tensor, "B N D"]:
    """Rows with their places mapped."""
    return torch.cat([x[..., :3] @ matrix.to(x).T, x[..., 3:]], 2)
