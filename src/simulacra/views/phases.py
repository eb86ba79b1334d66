"""Two phases of a volume as one channel of -1 and +1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import torch
from numpy.typing import NDArray

from simulacra.core.samples import Samples
from simulacra.domains.materials.volumes import KIND, phases_of
from simulacra.models.base import Batch
from simulacra.views.base import check_kind
from simulacra.views.conditions import learn, to_arrays, to_tensors


@dataclass(frozen=True)
class Phases:
    """Volumes (n, D, H, W) of phases 0 and 1 to (n, 1, D, H, W) of -1 and +1 and back; only 0 and 1 come back.

    Args:
        unit: of the volumes, which says how long a voxel is; filled by `fit`.
        given: what is known of the conditions; filled by `fit`.
    """

    accepts: ClassVar[tuple[str, ...]] = ("volume",)

    unit: str = "1"
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def fit(self, train: Samples) -> Phases:
        """Remember the voxel's length and the conditions; check that these are volumes of two phases."""
        check_kind(self, train.kind)
        phases_of(train)
        return replace(self, unit=str(train.unit), given=learn(train.given))

    def forward(self, x: Samples) -> Batch:
        """A channel more, phase 0 at -1 and phase 1 at +1."""
        signs = torch.as_tensor(phases_of(x), dtype=torch.float32)[:, None] * 2 - 1
        return Batch(signs, to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """Phase 1 where a number is positive."""
        phases = (batch.x.detach()[:, 0] > 0).to(torch.uint8).cpu().numpy()
        return Samples.of(phases, KIND, self.unit, given=to_arrays(batch.given, self.given))

    def unrounded(self, batch: Batch) -> NDArray[Any]:
        """The numbers as they are, -1 at phase 0 and +1 at phase 1, (n, D, H, W)."""
        numbers: NDArray[Any] = batch.x.detach().float()[:, 0].cpu().numpy()
        return numbers
