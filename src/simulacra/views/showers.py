"""Calorimeter showers as logarithms of energies above the threshold, zeros where nothing was read."""

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

ENERGY = "energy"
HUNDRED = 100.0  # GeV: the unit in which models are given a particle's energy
LARGEST = 80.0  # exponent of what comes back: 32-bit numbers end at 88


@dataclass(frozen=True)
class Showers:
    r"""Cells (n, layers, rows, columns) to (n, 1, layers, rows, columns) by $u = \log(e/e_0)$ where e > 0, else 0.

    $e_0$ is a little below the smallest energy above zero in the training set: where a calorimeter cuts its cells,
    what was read begins there, and u is zero in silent cells and positive in all others. What comes back is zero where
    u is not positive. The condition "energy" is described in units of 100 GeV, neither shifted nor scaled: physics
    knows its zero. All others are standardized.

    Args:
        threshold: e_0, in the cells' unit; filled by `fit`.
        unit: of the cells; filled by `fit`.
        given: what is known of the conditions; filled by `fit`.
    """

    accepts: ClassVar[tuple[str, ...]] = ("shower",)

    threshold: float = 1.0
    unit: str = "MeV"
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def fit(self, train: Samples) -> Showers:
        """Find the threshold; check that these are showers."""
        check_kind(self, train.kind)
        above = train.array[train.array > 0]
        smallest = float(above.min()) if above.size else 1.0
        known = learn(train.given) | ({ENERGY: {"center": 0.0, "scale": HUNDRED}} if ENERGY in train.given else {})
        return replace(self, threshold=(1 - 1e-4) * smallest, unit=train.unit, given=known)

    def forward(self, x: Samples) -> Batch:
        """A channel more, logarithms; energies below the threshold are taken for what lies just above it."""
        cells = torch.as_tensor(x.array, dtype=torch.float32)
        u = (cells / self.threshold).clamp_(min=1 + 1e-6).log_().masked_fill_(cells <= 0, 0.0)
        return Batch(u[:, None], to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """A channel less, energies."""
        u = batch.x.detach()[:, 0].cpu().numpy()
        cells = np.zeros(u.shape, dtype=np.float32)
        lit = u > 0
        cells[lit] = self.threshold * np.exp(np.minimum(u[lit].astype(np.float64), LARGEST))
        return Samples.of(cells, "shower", self.unit, given=to_arrays(batch.given, self.given))
