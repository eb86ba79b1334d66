"""Error bars widened until they hold: conformal scales by magnitude, learnt where truth is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array

FLOORS = np.concatenate([[0.0], np.geomspace(1e-3, 1.0, 40)])


@dataclass(frozen=True)
class Widening:
    """Intervals: the spread with a floor added in squares, times a scale that depends on the magnitude's bin.

    Args:
        floor: error that the catalogue does not know of, in the quantity's unit.
        edges: between bins of magnitude, ascending.
        scales: a row a level, a column a bin: half-widths in spreads.
        levels: shares that are to lie inside.
    """

    floor: float
    edges: Array
    scales: Array
    levels: tuple[float, ...]

    def half_widths(self, spread: Array, magnitude: Array) -> Float[np.ndarray, "levels n"]:
        """Of each source's interval at each level."""
        place = np.searchsorted(self.edges, magnitude)
        return np.asarray(self.scales[:, place] * np.hypot(spread, self.floor))


def widening(
    error: Array, spread: Array, magnitude: Array, bins: int = 3, levels: tuple[float, ...] = (0.6827, 0.95)
) -> Widening:
    """Learn it from sources whose errors are known.

    The floor is that of the largest Gaussian likelihood, the scale of a bin the conformal quantile of |error| over
    spread: the ceil((n + 1) level)-th smallest.

    Args:
        error: catalogue less truth.
        spread: standard deviations that the catalogue states.
        magnitude: by which to bin.
        bins: of as many sources each.
        levels: shares that are to lie inside.

    References:
        Distribution-free predictive inference for regression (Lei et al., 2018), arXiv:1604.04173
    """
    whole = np.isfinite(error) & np.isfinite(spread) & np.isfinite(magnitude) & (spread > 0)
    e, s, m = error[whole], spread[whole], magnitude[whole]
    if len(e) < 20 * bins:
        raise BadInput(
            "too few sources with a known error", f"{len(e)} for {bins} bins", "take fewer bins: 20 sources each"
        )
    scale = np.median(np.abs(e))
    cost = [np.mean(np.log(s**2 + f**2) + np.minimum(e**2 / (s**2 + f**2), 9.0)) for f in FLOORS * 3 * scale]
    floor = float((FLOORS * 3 * scale)[int(np.argmin(cost))])
    edges = np.quantile(m, np.arange(1, bins) / bins)
    place = np.searchsorted(edges, m)
    ratio = np.abs(e) / np.hypot(s, floor)
    scales = np.empty((len(levels), bins))
    for b in range(bins):
        here = np.sort(ratio[place == b])
        for k, level in enumerate(levels):
            scales[k, b] = here[min(len(here) - 1, int(np.ceil((len(here) + 1) * level)) - 1)]
    return Widening(floor, edges, scales, levels)
