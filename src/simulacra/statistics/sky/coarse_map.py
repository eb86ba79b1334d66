"""Coarse map: a field at four by four pixels, which shows where its bright places lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.statistics.base import Axis, labeled


@dataclass(frozen=True)
class CoarseMap:
    """Mean of each of `side` by `side` blocks of each field.

    The law of a stationary field is the same everywhere. Histograms, spectra, peaks, functionals and bispectra do not
    ask where a thing lies, so none of them sees a generator that puts its bright places always at the same spots, or
    that has but a few large patterns. This one does.

    Args:
        side: blocks along a side; fewer where a field has fewer pixels.
    """

    accepts: ClassVar[tuple[str, ...]] = ("field",)
    defect: ClassVar[str] = "one corner of all maps brighter by {amount:.0%} of their spread"
    amounts: ClassVar[tuple[float, ...]] = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)

    side: int = 4

    def __post_init__(self) -> None:
        if self.side < 2:
            raise BadInput("a coarse map has two blocks along a side or more", f"side={self.side}", "take side=4")

    def __call__(self, x: Samples) -> Float[np.ndarray, "n blocks"]:
        """Block means in the samples' unit, row by row."""
        field = np.asarray(x.array, dtype=float)
        down, across = (_blocks(n, min(self.side, n)) for n in field.shape[1:])
        return np.asarray(np.einsum("ih,jw,nhw->nij", down, across, field, optimize=True).reshape(len(field), -1))

    def axis(self, x: Samples) -> Axis:
        """The blocks by row and column."""
        rows, columns = (min(self.side, n) for n in x.array.shape[1:])
        names = tuple(f"row {i + 1}, column {j + 1}" for i in range(rows) for j in range(columns))
        return Axis(labeled("mean of a block", x.unit), "block", "1", names)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """The first quarter of the rows and columns raised by this share of each map's standard deviation."""
        field = np.asarray(x.array, dtype=float)
        high, wide = (max(1, n // 4) for n in field.shape[1:])
        raised = field.copy()
        raised[:, :high, :wide] += amount * field.std(axis=(1, 2), keepdims=True)
        return x.but(x=raised.astype(x.array.dtype))


def _blocks(pixels: int, side: int) -> Float[np.ndarray, "side pixels"]:
    """The share of each pixel in each block's mean; a block takes whole pixels."""
    owner = np.arange(pixels) * side // pixels
    member = (owner[None, :] == np.arange(side)[:, None]).astype(float)
    return np.asarray(member / member.sum(axis=1, keepdims=True))
