"""Pictures with the channels first, as convolutions want them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import torch
from numpy.typing import NDArray

from simulacra.core.samples import Samples
from simulacra.models.base import Batch
from simulacra.views.base import check_kind
from simulacra.views.conditions import learn, to_arrays, to_tensors
from simulacra.views.passing import Passing


@dataclass(frozen=True)
class Pixels:
    """Pictures (n, H, W, C) of numbers between 0 and 1 to (n, C, H, W) and back; draws beyond are cut to 0 … 1.

    Args:
        given: what is known of the conditions; filled by `fit`.
    """

    accepts: ClassVar[tuple[str, ...]] = ("picture",)

    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def fit(self, train: Samples) -> Pixels:
        """Remember the conditions; check that these are pictures."""
        check_kind(self, train.kind)
        return replace(self, given=learn(train.given))

    def fit_blocks(self, blocks: Iterable[Samples]) -> Pixels:
        """As `fit`, in one pass."""
        seen = Passing(blocks)
        return replace(self.fit(seen.first), given=learn(seen.given))

    def forward(self, x: Samples) -> Batch:
        """Channels to the front."""
        tensor = torch.as_tensor(x.array, dtype=torch.float32).movedim(-1, 1).contiguous()
        return Batch(tensor, to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """Channels to the back, cut to 0 … 1."""
        return Samples.of(self.unrounded(batch).clip(0, 1), "picture", "1", given=to_arrays(batch.given, self.given))

    def unrounded(self, batch: Batch) -> NDArray[Any]:
        """Channels to the back, nothing cut."""
        pictures: NDArray[Any] = batch.x.detach().float().movedim(1, -1).cpu().numpy()
        return pictures
