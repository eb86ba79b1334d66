"""Fields as one channel of zero mean and unit spread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import torch

from simulacra.core.samples import Samples
from simulacra.models.base import Batch
from simulacra.views.base import check_kind
from simulacra.views.conditions import learn, to_arrays, to_tensors
from simulacra.views.passing import Passing


@dataclass(frozen=True)
class Maps:
    """Fields (n, …) to (n, 1, …) over their spread about their mean, and back. All fields are filled by `fit`.

    Args:
        mean: of all numbers, in the fields' unit.
        spread: their standard deviation, in the fields' unit.
        unit: of the fields.
        given: what is known of the conditions.
    """

    accepts: ClassVar[tuple[str, ...]] = ("field",)

    mean: float = 0.0
    spread: float = 1.0
    unit: str = "1"
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def fit(self, train: Samples) -> Maps:
        """Measure mean and spread; check that these are fields."""
        check_kind(self, train.kind)
        mean, spread = float(train.array.mean(dtype=float)), float(train.array.std(dtype=float)) or 1.0
        return replace(self, mean=mean, spread=spread, unit=train.unit, given=learn(train.given))

    def fit_blocks(self, blocks: Iterable[Samples]) -> Maps:
        """As `fit`, in one pass."""
        seen = Passing(blocks)
        return replace(self.fit(seen.first), mean=seen.mean, spread=seen.spread or 1.0, given=learn(seen.given))

    def forward(self, x: Samples) -> Batch:
        """Standardized, a channel more."""
        standard = (np.asarray(x.array, dtype=float) - self.mean) / self.spread
        return Batch(torch.as_tensor(standard, dtype=torch.float32)[:, None], to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """The numbers in their own unit."""
        x = batch.x.detach().double()[:, 0].cpu().numpy() * self.spread + self.mean
        return Samples.of(x.astype(np.float32), "field", self.unit, given=to_arrays(batch.given, self.given))
