"""Spins of -1 and +1 as one channel of a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import torch
from numpy.typing import NDArray

from simulacra.core.samples import Samples
from simulacra.models.base import Batch
from simulacra.views.base import check_kind
from simulacra.views.conditions import learn, to_arrays, to_tensors


@dataclass(frozen=True)
class Spins:
    """Lattices (n, L, L) of int8 to (n, 1, L, L) of float32 and back; only ±1 comes back.

    Args:
        given: what is known of the conditions; filled by `fit`.
    """

    accepts: ClassVar[tuple[str, ...]] = ("lattice",)

    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def fit(self, train: Samples) -> Spins:
        """Remember the conditions; check that these are spins."""
        check_kind(self, train.kind)
        return replace(self, given=learn(train.given))

    def forward(self, x: Samples) -> Batch:
        """A channel more."""
        return Batch(torch.as_tensor(x.array, dtype=torch.float32)[:, None], to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """The sign of each entry; a model that draws spins gives ±1 already, and nothing is rounded."""
        spins = torch.where(batch.x.detach() > 0, 1, -1).to(torch.int8)[:, 0].cpu().numpy()
        return Samples.of(spins, "lattice", "1", given=to_arrays(batch.given, self.given))

    def unrounded(self, batch: Batch) -> NDArray[Any]:
        """The numbers as they are, (n, L, L)."""
        numbers: NDArray[Any] = batch.x.detach().float()[:, 0].cpu().numpy()
        return numbers
