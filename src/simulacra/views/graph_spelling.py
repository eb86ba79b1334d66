"""How strings spell molecular graphs: tokens to matrices, for a model that draws strings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from simulacra.views.spelling import Spelling

ASIDE = True


@dataclass(frozen=True)
class GraphSpelling:
    """Strings as matrices with the string beside: its tokens stand in the last column, the first in the first row.

    Args:
        seats: atoms of a molecule at most.
        length: tokens of a string at most.
        hydrogens: whether these are atoms of the matrices.
    """

    seats: int = 9
    length: int = 32
    hydrogens: bool = False

    @property
    def rows(self) -> int:
        """Rows of a molecule: as many as atoms or tokens, whichever are more."""
        return max(self.seats, self.length)

    def spell(self, tokens: Float[Tensor, "B L"]) -> Float[Tensor, "B rows columns"]:
        """The molecules that tokens spell, with the tokens; nothing but these where they spell none that fits."""
        from simulacra.domains.molecules.matrix_molecules import matrix, molecules_of_strings  # it needs the extra

        rows = torch.zeros(len(tokens), self.rows, self.seats + 1)
        for row, one in zip(rows, molecules_of_strings(Spelling().texts(tokens)), strict=True):
            if one is not None:
                found = matrix(one, self.hydrogens)
                if len(found) <= self.seats:
                    row[: len(found), : len(found)] = torch.from_numpy(found.astype(np.float32))
        rows[:, : tokens.shape[1], self.seats] = tokens.to(rows)
        return rows.to(tokens.device)
