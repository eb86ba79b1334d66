"""Fields as one channel between -1 and 1, with rare high values brought closer."""

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

LARGEST = 80.0  # exponent of what comes back: 32-bit numbers end at 88


@dataclass(frozen=True)
class Compressed:
    r"""Fields (n, H, W) to (n, 1, H, W) by $y = \mathrm{asinh}(b\,x / s) / (b\,t)$ and back, float32.

    s is the training fields' root mean square and t makes their farthest value `inside`. About zero the map is linear,
    far out it is a logarithm: a maximum nine spreads high, which a straight scaling to -1 … 1 lets squeeze all others
    into a tenth of the range, is brought to about three times a typical one. Zero stays zero: this is for contrasts
    and convergences, whose zero has a meaning.

    Args:
        bend: b, how many bends there are in a spread; 0 is a straight line.
        inside: where the farthest training value lies; what is beyond 1/inside of it in y cannot be drawn by a
            generator that ends between -1 and 1.
        spread: s, in the fields' unit; filled by `fit`.
        top: t; filled by `fit`.
        unit: of the fields; filled by `fit`.
        given: what is known of the conditions; filled by `fit`.
    """

    accepts: ClassVar[tuple[str, ...]] = ("field",)

    bend: float = 1.0
    inside: float = 0.9
    spread: float = 1.0
    top: float = 1.0
    unit: str = "1"
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (self.bend >= 0 and 0 < self.inside <= 1):
            raise BadInput(
                "a bend is not negative, and the farthest value lies inside 0 … 1",
                f"bend={self.bend}, inside={self.inside}",
                "take bend=1, inside=0.9",
            )

    def fit(self, train: Samples) -> Compressed:
        """Learn spread, farthest value and conditions; check that these are fields."""
        check_kind(self, train.kind)
        x = train.array.astype(np.float64)
        spread = float(np.sqrt(np.square(x).mean())) or 1.0
        farthest = float(np.abs(x).max()) / spread
        bent = float(np.arcsinh(self.bend * farthest)) / self.bend if self.bend else farthest
        top = bent / self.inside or 1.0
        return replace(self, spread=spread, top=top, unit=train.unit, given=learn(train.given))

    def forward(self, x: Samples) -> Batch:
        """A channel more, bent."""
        z = x.array.astype(np.float64) / self.spread
        y = (np.arcsinh(self.bend * z) / self.bend if self.bend else z) / self.top
        return Batch(torch.as_tensor(y, dtype=torch.float32)[:, None], to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """A channel less, bent back."""
        y = batch.x.detach().cpu().numpy().astype(np.float64)[:, 0] * self.top
        z = np.sinh(np.clip(self.bend * y, -LARGEST, LARGEST)) / self.bend if self.bend else y
        return Samples.of(
            (z * self.spread).astype(np.float32), "field", self.unit, given=to_arrays(batch.given, self.given)
        )
