"""Molecules as rows of atoms with their bonds, and the string that spells them beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.diffusion.bonded import COLUMNS, NUMBER, TOKEN
from simulacra.domains.molecules.atoms import KIND, SYMBOLS, UNIT, numbers
from simulacra.domains.molecules.bond_graphs import graphs_in_space
from simulacra.models.base import Batch
from simulacra.views.conditions import learn, to_arrays, to_tensors
from simulacra.views.spelling import Spelling


@dataclass(frozen=True)
class BondedAtoms:
    """Molecules (n, seats, 4) to rows (n, N, 14) and back, as `diffusion/bonded.py` lays them out.

    Bonds and charges are perceived from the places. A molecule whose valences are impossible, or whose string is longer
    than N, has bonds but no string. Conditions that are no numbers (NaN) stay so: they are missing.

    Args:
        length: tokens of a string at most; N is this or the seats, whichever is more.
        elements: atomic numbers that may be there.
        seats: of the data; filled by `fit`.
        unit: of the places; filled by `fit`.
        given: what is known of the conditions; filled by `fit`.
        kekule: strings show aromatic rings as single and double bonds in turn.
    """

    length: int = 40
    elements: tuple[int, ...] = (1, 6, 7, 8)
    seats: int = 0
    unit: str = UNIT
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    kekule: bool = False

    def fit(self, train: Samples) -> BondedAtoms:
        """Remember the seats; check that these are molecules of known elements."""
        if train.kind != KIND:
            raise BadInput("this view wants molecules in space", f"kind {train.kind!r}", "use the view Flat for others")
        self._check(train)
        known = {
            name: values[np.isfinite(values)] if np.issubdtype(values.dtype, np.floating) else values
            for name, values in train.given.items()
        }
        return replace(self, seats=train.array.shape[1], unit=str(train.unit), given=learn(known))

    def _check(self, x: Samples) -> None:
        unknown = sorted(set(np.unique(numbers(x.array)).tolist()) - {0, *self.elements})
        if unknown:
            raise BadInput(
                "some atoms are of an element that this view does not know",
                f"{', '.join(SYMBOLS[z] for z in unknown)}; it knows {', '.join(SYMBOLS[z] for z in self.elements)}",
                "name all elements of the data: elements=(1, 6, …)",
            )

    def forward(self, x: Samples) -> Batch:
        """Places, elements, charges, bonds, tokens."""
        self._check(x)
        found, seats = graphs_in_space(x.array, self.kekule), x.array.shape[1]
        rows = np.zeros((len(x), max(self.length, seats), COLUMNS), dtype=np.float32)
        rows[:, :seats, :NUMBER] = x.array[..., 1:]
        rows[:, :seats, NUMBER:TOKEN] = found.rows
        rows[:, : self.length, TOKEN] = Spelling(seats, self.elements).tokens(found.strings, self.length)
        return Batch(torch.from_numpy(rows), to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """Atoms before empty seats."""
        rows = batch.x.detach().float().cpu().numpy()[:, : self.seats or None]
        z = np.rint(rows[..., NUMBER])
        order = np.argsort(z == 0, axis=1, kind="stable")
        x = np.concatenate([z[..., None], rows[..., :NUMBER] * (z > 0)[..., None]], axis=2)
        x = np.take_along_axis(x, order[..., None], axis=1).astype(np.float32)
        return Samples.of(x, KIND, self.unit, given=to_arrays(batch.given, self.given))
