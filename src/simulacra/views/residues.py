"""Aligned sequences as numbers: a state at each column, gaps as one more state or as missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import torch

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.proteins.residues import KIND, codes_of, decoded, states_in, unit_of
from simulacra.models.base import Batch
from simulacra.views.conditions import learn, to_arrays, to_tensors

WEIGHT = "weight"
"""A condition of this name is no condition: it says how much a sequence counts, and stays outside."""


@dataclass(frozen=True)
class Residues:
    """Texts of one length (n,) to states (n, columns) as float32, and back.

    Args:
        gaps: "modeled": state 0 is the gap, letters follow; "missing": letters count from 0, and a gap is -1.
        alphabet: of the sequences; filled by `fit`.
        unit: of the samples; filled by `fit`.
        columns: of the alignment; filled by `fit`.
        given: what is known of the conditions; filled by `fit`.
    """

    gaps: Literal["modeled", "missing"] = "modeled"
    alphabet: str = "amino acid"
    unit: str = "1"
    columns: int = 0
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def shift(self) -> int:
        """What is taken from a letter's code."""
        return 0 if self.gaps == "modeled" else 1

    def fit(self, train: Samples) -> Residues:
        """Remember alphabet, columns and conditions; check that these are aligned sequences."""
        if train.kind != KIND:
            raise BadInput(
                "this view wants aligned sequences", f"kind {train.kind!r}", f"give samples of kind {KIND!r}"
            )
        known = {name: values for name, values in train.given.items() if name != WEIGHT}
        return replace(
            self, alphabet=unit_of(train), unit=str(train.unit), columns=codes_of(train).shape[1], given=learn(known)
        )

    def forward(self, x: Samples) -> Batch:
        """States; a gap is 0 or -1."""
        return Batch(self.states(codes_of(x)), to_tensors(x.given, self.given))

    def states(self, codes: Array) -> torch.Tensor:
        """The states of codes, (n, columns)."""
        return torch.as_tensor(codes.astype(np.float32)) - self.shift

    def inverse(self, batch: Batch) -> Samples:
        """Texts; a number that is no state goes to the nearest one."""
        codes = batch.x.detach().cpu().double().numpy().round() + self.shift
        texts = decoded(codes.clip(0, states_in(self.alphabet) - 1), self.alphabet)
        return Samples.of(texts, KIND, self.unit, given=to_arrays(batch.given, self.given))
