"""Samples as flat vectors: each sample's numbers in a row, as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.kinds.base import kind_of
from simulacra.models.base import Batch
from simulacra.views.conditions import learn, to_arrays, to_tensors
from simulacra.views.passing import Passing


@dataclass(frozen=True)
class Flat:
    """(n, …) to (n, D) and back, float32. All fields are filled by `fit`.

    Args:
        shape: of one sample.
        kind: of the samples.
        unit: of the samples; of named numbers each one's own.
        given: what is known of the conditions.
    """

    shape: tuple[int, ...] = ()
    kind: str = ""
    unit: str | Mapping[str, str] = "1"
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def fit(self, train: Samples) -> Flat:
        """Remember shape, kind, unit and conditions."""
        kind = kind_of(train)
        if kind.discrete:
            raise BadInput(
                f"flat vectors do not come back as {kind.noun}",
                f"samples of kind {train.kind!r}",
                "use a view of that kind (simulacra list views)",
            )
        unit = {column.name: column.unit for column in train.columns} or train.unit
        return replace(self, shape=train.array.shape[1:], kind=train.kind, unit=unit, given=learn(train.given))

    def fit_blocks(self, blocks: Iterable[Samples]) -> Flat:
        """As `fit`, in one pass."""
        seen = Passing(blocks)
        return replace(self.fit(seen.first), given=learn(seen.given))

    def forward(self, x: Samples) -> Batch:
        """(n, …) to (n, D)."""
        flat = torch.as_tensor(x.array.reshape(len(x), -1), dtype=torch.float32)
        return Batch(flat, to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """(n, D) to (n, …)."""
        x = batch.x.detach().float().cpu().numpy().reshape(len(batch), *self.shape)
        return Samples.of(x, self.kind, self.unit, given=to_arrays(batch.given, self.given))
