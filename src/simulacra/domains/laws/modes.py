"""How many known modes a set of samples reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from simulacra.core.errors import BadInput

Layout = Literal["ring", "grid"]
WITHIN = 3.0  # spreads


def places_of(layout: Layout, count: int) -> Float[np.ndarray, "modes 2"]:
    """The middle of each mode of a layout.

    Args:
        layout: "ring": evenly spaced places on the unit circle; "grid": a square grid about 0, neighbors 2 apart.
        count: of the modes; of a grid a square number.
    """
    side = round(count**0.5)
    if count < 2 or (layout == "grid" and side**2 != count):
        raise BadInput("there are no such modes", f"{count} on a {layout}", "take 8 on a ring, or 25 on a grid")
    if layout == "ring":
        angle = 2 * np.pi * np.arange(count) / count
        return np.column_stack([np.cos(angle), np.sin(angle)])
    place = 2.0 * np.arange(side) - (side - 1)
    return np.stack(np.meshgrid(place, place, indexing="ij"), axis=-1).reshape(-1, 2)


def modes_of(points: NDArray[Any], places: Float[np.ndarray, "modes k"], spread: float) -> Int[np.ndarray, " n"]:
    """The nearest mode of each point; -1 where it is farther than three spreads.

    Args:
        points: (n, k).
        places: of the modes, in the points' unit.
        spread: standard deviation of a mode in each direction, in the same unit; infinite takes any distance.
    """
    if points.ndim != 2 or points.shape[1] != places.shape[1]:
        raise BadInput(
            "these are no points of the space of the modes",
            f"shape {points.shape}, modes in {places.shape[1]} dimensions",
            f"give points of {places.shape[1]} numbers",
        )
    if not spread > 0:
        raise BadInput("a mode has a spread", f"spread={spread}", "give its standard deviation, more than 0")
    known = np.isfinite(points).all(axis=1)  # what is no number is near no mode
    found = np.full(len(points), -1)
    away, nearest = cKDTree(places).query(points[known])
    found[known] = np.where(away <= WITHIN * spread, nearest, -1)
    return found


@dataclass(frozen=True, eq=False)
class Reached:
    """Known modes and the samples near them.

    Args:
        counts: samples within three spreads of each mode.
        n: samples in all.
    """

    counts: Int[np.ndarray, " modes"]
    n: int

    @property
    def modes(self) -> int:
        """Modes with a sample."""
        return int((self.counts > 0).sum())

    @property
    def quality(self) -> float:
        """Share of the samples that lie near any mode, called high-quality samples in the paper."""
        return float(self.counts.sum() / self.n)


def modes_reached(points: Float[np.ndarray, "n k"], centers: Float[np.ndarray, "modes k"], spread: float) -> Reached:
    r"""The modes that have a sample within three of their standard deviations, and how many.

    A sample belongs to its nearest center alone. Of true samples in the plane $1 - e^{-9/2}$ = 98.9 % lie so near.

    Args:
        points: samples.
        centers: of the modes, in the samples' unit.
        spread: standard deviation of a mode in each direction, in the same unit.

    References:
        PacGAN: The power of two samples in generative adversarial networks (Lin et al., 2018), arXiv:1712.04086
    """
    if not len(points) or not len(centers):
        raise BadInput(
            "modes are counted among samples",
            f"{len(points)} samples, {len(centers)} modes",
            "give one or more of each",
        )
    if not (spread > 0 and np.isfinite(spread)):
        raise BadInput("a mode has a spread", f"spread={spread}", "give its standard deviation, more than 0")
    found = modes_of(points, centers, spread)
    return Reached(np.bincount(found[found >= 0], minlength=len(centers)), len(points))
