"""Words as one-hot letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import torch
from simulacra.kinds.letters import LETTERS, joined, split

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.models.base import Batch
from simulacra.views.conditions import learn, to_arrays, to_tensors


@dataclass(frozen=True)
class LetterCodes:
    """Words (n,) to (n, length, 4) of float32 and back: the largest of the four.

    Args:
        given: what is known of the conditions; filled by `fit`.
    """

    accepts: ClassVar[tuple[str, ...]] = ("letters",)

    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def fit(self, train: Samples) -> LetterCodes:
        """Remember the conditions; check that these are words."""
        if train.kind != "letters":
            raise BadInput("this view wants words", f"kind {train.kind!r}", "use another view")
        return replace(self, given=learn(train.given))

    def forward(self, x: Samples) -> Batch:
        """One-hot."""
        hot = torch.as_tensor(split(x.array)[:, :, None] == LETTERS)
        return Batch(hot.float(), to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """The likeliest letter of each place."""
        words = joined(LETTERS[batch.x.detach().argmax(dim=-1).cpu().numpy()])
        return Samples.of(words, "letters", given=to_arrays(batch.given, self.given))
