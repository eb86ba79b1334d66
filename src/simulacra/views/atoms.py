"""Molecules as rows of atoms: where each is, and a mark at its element."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import torch

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.molecules.atoms import KIND, SYMBOLS, UNIT, numbers
from simulacra.models.base import Batch
from simulacra.views.base import check_kind
from simulacra.views.conditions import learn, to_arrays, to_tensors


@dataclass(frozen=True)
class Atoms:
    """Molecules (n, seats, 4) to (n, seats, 3 + K) and back: places in Å, and a 1 at one of K elements.

    An empty seat is a row of zeros. On the way back an atom is of the element with the largest mark, and a seat is
    empty where no mark is above one half. Conditions that are no numbers (NaN) stay so: they are missing.

    Args:
        elements: atomic numbers, in the order of the marks.
        given: what is known of the conditions; filled by `fit`.
        unit: of the places; filled by `fit`.
    """

    accepts: ClassVar[tuple[str, ...]] = ("molecule",)

    elements: tuple[int, ...] = (1, 6, 7, 8, 9)
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unit: str = UNIT

    def fit(self, train: Samples) -> Atoms:
        """Remember the conditions; check that these are molecules of known elements."""
        check_kind(self, train.kind)
        self._check(train)
        known = {
            name: values[np.isfinite(values)] if np.issubdtype(values.dtype, np.floating) else values
            for name, values in train.given.items()
        }
        return replace(self, given=learn(known), unit=str(train.unit))

    def _check(self, x: Samples) -> None:
        unknown = sorted(set(np.unique(numbers(x.array)).tolist()) - {0, *self.elements})
        if unknown:
            raise BadInput(
                "some atoms are of an element that this view does not know",
                f"{', '.join(SYMBOLS[z] for z in unknown)}; it knows {', '.join(SYMBOLS[z] for z in self.elements)}",
                "name all elements of the data: elements=(1, 6, …)",
            )

    def forward(self, x: Samples) -> Batch:
        """Places, then marks."""
        self._check(x)
        marks = numbers(x.array)[..., None] == np.array(self.elements)
        rows = np.concatenate([x.array[..., 1:], marks], axis=2).astype(np.float32)
        return Batch(torch.from_numpy(rows), to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """Atoms before empty seats, each of its likeliest element."""
        rows = batch.x.detach().float().cpu().numpy()
        marks = rows[..., 3:]
        filled = marks.max(axis=2) > 0.5
        filled[np.arange(len(rows)), marks.max(axis=2).argmax(axis=1)] = True  # a molecule has an atom at least
        order = np.argsort(~filled, axis=1, kind="stable")
        element = np.array(self.elements)[marks.argmax(axis=2)]
        x = np.concatenate([element[..., None], rows[..., :3]], axis=2) * filled[..., None]
        x = np.take_along_axis(x, order[..., None], axis=1).astype(np.float32)
        return Samples.of(x, KIND, self.unit, given=to_arrays(batch.given, self.given))
