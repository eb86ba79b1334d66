"""Distribution of the values of a daily series: its quantiles over all days that were measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.series.panel import measured
from simulacra.statistics.base import Axis, labeled

AT = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


@dataclass(frozen=True)
class SeriesDistribution:
    """Seven quantiles of each series, over the days that were measured."""

    accepts: ClassVar[tuple[str, ...]] = ("series",)
    defect: ClassVar[str] = "values spread {amount:.0%} wider about their middle"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n quantiles"]:
        """The quantiles, in the unit of the series."""
        return np.asarray(np.nanquantile(measured(x.array), AT, axis=1).T)

    def axis(self, x: Samples) -> Axis:
        """Values over the share of days that are below."""
        return Axis(labeled("value", x.unit), "share of days below", "1", AT)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Every value farther from the series' median by the fraction `amount`."""
        middle = np.nanmedian(measured(x.array), axis=1, keepdims=True)
        return x.but(x=(middle + (1 + amount) * (x.array - middle)).astype(x.array.dtype))
