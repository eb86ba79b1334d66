"""What goes by once: conditions are kept whole, of the samples themselves only sums."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples

ASIDE = True


class Passing:
    """Blocks of samples that go by: the first samples, all conditions, and the moments of all numbers.

    Args:
        blocks: of one kind, at least one with samples.
    """

    def __init__(self, blocks: Iterable[Samples]) -> None:
        first: Samples | None = None
        given: dict[str, list[Array]] = {}
        self.n, self.mean, squares = 0, 0.0, 0.0
        for block in blocks:
            if not len(block):
                continue
            first = block[:4] if first is None else first
            for name, values in block.given.items():
                given.setdefault(name, []).append(values)
            if block.x.dtype.kind in "biuf":
                n, mean = block.x.size, float(block.x.mean(dtype=float))
                apart = mean - self.mean
                squares += float(block.x.var(dtype=float)) * n + apart**2 * n * self.n / (n + self.n)
                self.mean += apart * n / (n + self.n)
                self.n += n
        if first is None:
            raise BadInput("there are no training samples", "0 samples", "bring more data")
        self.first = first
        self.given = {name: np.concatenate(values) for name, values in given.items()}
        self.spread = float(np.sqrt(squares / max(self.n, 1)))
