"""Fields as one channel, in their own unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import torch

from simulacra.core.samples import Samples
from simulacra.models.base import Batch
from simulacra.views.base import check_kind
from simulacra.views.conditions import learn, to_arrays, to_tensors


@dataclass(frozen=True)
class AsGiven:
    """Fields (n, …) to (n, 1, …) and back, float32, nothing changed: for a model that knows what the numbers mean.

    Args:
        unit: of the fields; filled by `fit`.
        given: what is known of the conditions; filled by `fit`.
    """

    accepts: ClassVar[tuple[str, ...]] = ("field",)

    unit: str = "1"
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def fit(self, train: Samples) -> AsGiven:
        """Remember unit and conditions; check that these are fields."""
        check_kind(self, train.kind)
        return replace(self, unit=train.unit, given=learn(train.given))

    def forward(self, x: Samples) -> Batch:
        """A channel more."""
        return Batch(torch.as_tensor(np.asarray(x.array, dtype=np.float32))[:, None], to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """A channel less."""
        x = batch.x.detach().float()[:, 0].cpu().numpy()
        return Samples.of(x, "field", self.unit, given=to_arrays(batch.given, self.given))
