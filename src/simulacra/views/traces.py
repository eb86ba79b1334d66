"""Traces as one scale for all: divided by the root mean square of the training traces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import torch

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.models.base import Batch
from simulacra.views.base import check_kind
from simulacra.views.conditions import learn, to_arrays, to_tensors


@dataclass(frozen=True)
class Traces:
    """(n, K, T), the trace first and the signal second where there is one, over the traces' size; and back.

    All fields are filled by `fit`.

    Args:
        scale: root mean square of all training traces.
        length: samples of a trace.
        unit: of the traces.
        given: what is known of the conditions.
    """

    accepts: ClassVar[tuple[str, ...]] = ("trace",)

    scale: float = 1.0
    length: int = 0
    unit: str = "1"
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def fit(self, train: Samples) -> Traces:
        """Measure the size, remember length and unit."""
        check_kind(self, train.kind)
        if train.array.ndim != 3:
            raise BadInput(
                "this view wants traces, (n, channels, length)",
                f"shape {train.array.shape}",
                "use the view Flat for other arrays",
            )
        size = float(np.sqrt(np.square(train.array[:, 0], dtype=np.float64).mean())) or 1.0
        unit = train.unit
        return replace(self, scale=size, length=train.array.shape[2], unit=unit, given=learn(train.given))

    def forward(self, x: Samples) -> Batch:
        """Traces of size about 1."""
        if x.array.shape[-1] != self.length:
            raise BadInput(
                "these traces have another length than those of the training",
                f"{x.array.shape[-1]} samples, {self.length} in training",
                f"cut or pad them to {self.length} samples at the same rate",
            )
        small = torch.as_tensor(x.array / self.scale, dtype=torch.float32)
        return Batch(small, to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """In the traces' unit again."""
        x = (batch.x.detach().double().cpu().numpy() * self.scale).astype(np.float32)
        return Samples.of(x, "trace", self.unit, given=to_arrays(batch.given, self.given))
