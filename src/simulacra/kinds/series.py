"""Daily series: a number a day, gaps as NaN."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy import ndimage

from simulacra.core.samples import Array, Samples
from simulacra.kinds.base import Kind


class Series(Kind):
    """One value a day; what is not measured is NaN."""

    noun: ClassVar[str] = "daily series"
    shape: ClassVar[str] = "(n, days)"
    extra: ClassVar[str] = "series"
    chained: ClassVar[int] = 3
    read_by: ClassVar[dict[str, str]] = {}

    def fits(self, x: Array) -> bool:
        """Two axes."""
        return x.ndim == 2

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """Half a year with a slow course and memory."""
        days = np.arange(182)
        course = 10 * np.sin(2 * np.pi * (days / 365 + rng.uniform(0, 1, (n, 1))))
        noise = ndimage.gaussian_filter1d(rng.standard_normal((n, 182)), 1.0, axis=1, mode="wrap")
        x = 50 + course + 5 * noise + rng.standard_normal((n, 182))
        return Samples.of(x, "series", origin="a slow course with memory")
