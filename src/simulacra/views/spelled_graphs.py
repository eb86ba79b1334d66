"""Molecular graphs with the strings that spell them, for models that draw strings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import torch

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.molecules.atom_codes import KIND
from simulacra.models.base import Batch
from simulacra.views.base import check_kind
from simulacra.views.conditions import learn, to_arrays, to_tensors
from simulacra.views.graph_spelling import GraphSpelling
from simulacra.views.spelling import Spelling


@dataclass(frozen=True)
class SpelledGraphs:
    """Molecules (n, seats, seats) to rows (n, R, N + 1) and back: the matrix, and tokens in the last column.

    The string is the canonical SMILES, without stereochemistry and with hydrogens implied. A graph that is no molecule,
    or whose string is too long, has no token.

    Args:
        length: tokens of a string at most; R is this or the seats, whichever is more.
        seats: atoms at most: N; filled by `fit`, or named beforehand.
        kekule: strings show aromatic rings as single and double bonds in turn.
        unit: of the samples; filled by `fit`.
        given: what is known of the conditions; filled by `fit`.
    """

    accepts: ClassVar[tuple[str, ...]] = ("molecule_graph",)

    length: int = 32
    seats: int = 0
    kekule: bool = False
    unit: str = "1"
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def fit(self, train: Samples) -> SpelledGraphs:
        """Remember the seats and the conditions."""
        check_kind(self, train.kind)
        seats = max(self.seats, train.array.shape[1])
        return replace(self, seats=seats, unit=str(train.unit), given=learn(train.given))

    def forward(self, x: Samples) -> Batch:
        """Matrices and tokens."""
        from simulacra.domains.molecules.matrix_molecules import smiles  # it needs the extra

        if x.array.shape[1] > self.seats and (x.array[:, self.seats :, self.seats :] > 0).any():
            raise BadInput("some molecules have more atoms than seats", f"seats={self.seats}", "take more")
        here = min(self.seats, x.array.shape[1])
        rows = np.zeros((len(x), GraphSpelling(self.seats, self.length).rows, self.seats + 1), dtype=np.float32)
        rows[:, :here, :here] = x.array[:, :here, :here]
        rows[:, : self.length, self.seats] = Spelling().tokens(smiles(x.array, self.kekule), self.length)
        return Batch(torch.from_numpy(rows), to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """The matrices; what is no graph is brought to the nearest one."""
        rows = np.rint(batch.x.detach().float().cpu().numpy()[:, : self.seats, : self.seats]).astype(np.int64)
        seats = np.arange(self.seats)
        atoms = rows[:, seats, seats].clip(0)
        upper = np.triu(rows.clip(0, 4), 1)
        x = (upper + upper.swapaxes(1, 2)) * ((atoms > 0)[:, :, None] & (atoms > 0)[:, None, :])
        x[:, seats, seats] = atoms
        return Samples.of(x.astype(np.int16), KIND, self.unit, given=to_arrays(batch.given, self.given))
