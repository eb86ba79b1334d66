"""Gap pattern: which cells of a record are empty, and how many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.tables.expanded import columns_of, gaps
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class GapPattern:
    """Of each record a mark for each column that has gaps anywhere, and the number of its gaps."""

    accepts: ClassVar[tuple[str, ...]] = ("table",)
    defect: ClassVar[str] = "{amount:.0%} of the values lost where columns have gaps"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n features"]:
        """1 for an empty cell, and their sum; an error for a table without gaps."""
        marks = gaps(x)[:, self._places(x)].astype(np.float64)
        return np.column_stack([marks, marks.sum(axis=1)]) if marks.shape[1] > 1 else marks

    def axis(self, x: Samples) -> Axis:
        """Marks by column, then the number of gaps."""
        named = tuple(f"{columns_of(x)[place].name} missing" for place in self._places(x))
        return Axis("share of the records", "column", "1", (*named, "number of gaps") if len(named) > 1 else named)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """So many more cells of these columns emptied, always the same ones."""
        lost = stream(0xDEFEC7, "lost cells").random(x.array.shape) < amount
        held = np.isin(np.arange(x.array.shape[1]), self._places(x))
        return x.but(x=np.where(lost & held, np.nan, x.array))

    def _places(self, x: Samples) -> list[int]:
        found = [place for place, column in enumerate(columns_of(x)) if column.gaps]
        if not found:
            raise BadInput("this table has no gaps", repr(x), "leave this judge out")
        return found
