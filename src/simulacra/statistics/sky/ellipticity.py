"""Ellipticity: how elongated the light of a galaxy is, and where it points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from scipy.interpolate import make_interp_spline

from simulacra.core.samples import Samples
from simulacra.domains.pictures.images import brightness, moments
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class Ellipticity:
    r"""$(e, e \cos 2\theta, e \sin 2\theta)$ with $e = (1 - q) / (1 + q)$ of each picture's brightness plane.

    q is the axis ratio and θ the position angle, from the rows' direction towards growing rows, both from the
    flux-weighted second moments of the light above the background within the largest circle in the picture. The angle
    comes in by its components because it jumps from π/2 to -π/2, and means nothing where a galaxy is round.

    References:
        Weak Gravitational Lensing (Bartelmann & Schneider, 2001), arXiv:astro-ph/9912508
    """

    accepts: ClassVar[tuple[str, ...]] = ("picture",)
    defect: ClassVar[str] = "pictures stretched by {amount:.0%} along their rows"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 3"]:
        """The ellipticity and its two components, without unit."""
        e1, e2 = moments(brightness(x.array)).ellipticity
        return np.stack([np.hypot(e1, e2), e1, e2], axis=1)

    def axis(self, x: Samples) -> Axis:
        """Three numbers a picture."""
        return Axis("ellipticity", "component", "1", ("e", "e cos 2θ", "e sin 2θ"))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Each row stretched by 1 + `amount` about its middle, through a cubic spline; what leaves the picture is lost.

        Not clipped to 0…1, which the spline may leave by a little at sharp edges.
        """
        width = x.array.shape[2]
        place = np.arange(width) - (width - 1) / 2
        degree = min(3, width - 1)
        spline = make_interp_spline(place, np.eye(width), k=degree)(place / (1 + amount))  # linear in the row: a matrix
        stretched = np.einsum("ij,nhjc->nhic", spline, x.array, optimize=True)
        return x.but(x=stretched.astype(x.array.dtype))
