"""Molecules grown about a fragment by a model that was trained on whole ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float, Int
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.diffusion.atoms import centered
from simulacra.models.base import Batch

if TYPE_CHECKING:
    from simulacra.models.edm import EDM

ASIDE = True


def grown(
    model: EDM,
    fragment: Float[Tensor, "M D"],
    n: int,
    atoms: Int[Tensor, " n"] | None,
    given: Mapping[str, Tensor] | None,
) -> Batch:
    """As `EDM.grow` says."""
    m = len(fragment)
    if fragment.shape[1:] != (3 + len(model.elements),) or not m or not bool((model.mask_of(fragment[None])).all()):
        raise BadInput(
            "a fragment is rows of places and marks",
            str(tuple(fragment.shape)),
            f"(atoms, {3 + len(model.elements)})",
        )
    chosen = model.sizes(n, m + 1, given) if atoms is None else atoms
    if int(chosen.min()) < m or int(chosen.max()) > model.seats:
        raise BadInput("no room for the fragment", f"{m} atoms in {int(chosen.min())}", f"{m} to {model.seats} atoms")
    mask, z = model.seated(chosen)
    known = fragment.to(z)
    numbers = (known[:, 3:] * torch.tensor(model.elements).to(z)).sum(1, keepdim=True)
    rows = torch.cat([known[:, :3] / model.scales[0], known[:, 3:] / model.scales[1], numbers / model.scales[2]], 1)
    denoise = model.denoiser(mask, given)

    def knowing(z: Tensor, t: Tensor) -> Tensor:
        data = denoise(z, t)
        shift = (data[:, :m, :3] - rows[:, :3]).mean(1, keepdim=True)
        put = torch.cat([rows[:, :3] + shift, rows[:, 3:].expand(len(data), -1, -1)], 2)
        return centered(torch.cat([put, data[:, m:]], 1), mask)

    x = model.decoded(model.sampler.walk(knowing, model.noise, z), mask)
    back = (known[:, :3] - x[:, :m, :3]).mean(1, keepdim=True)
    x = torch.cat([x[..., :3] + back, x[..., 3:]], 2) * mask[..., None]
    x[:, :m] = known
    return Batch(x, dict(given or {}))
