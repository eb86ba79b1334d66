"""The light of a galaxy as a mixture of Gaussians: an exponential disc and de Vaucouleurs' law."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq

_DISC = (2.34853813e-03, 3.07995260e-02, 2.23364214e-01, 1.17949102e00, 4.33873750e00, 5.99820770e00)
_DISC_VARIANCE = (1.20078965e-03, 8.84526493e-03, 3.91463084e-02, 1.39976817e-01, 4.60962500e-01, 1.50159566e00)
_BULGE = (
    4.26347652e-02, 2.40127183e-01, 6.85907632e-01, 1.51937350e00,
    2.83627243e00, 4.46467501e00, 5.72440830e00, 5.60989349e00,
)  # fmt: skip
_BULGE_VARIANCE = (
    2.23759216e-04, 1.00220099e-03, 4.18731126e-03, 1.69432589e-02,
    6.84850479e-02, 2.87207080e-01, 1.33320254e00, 8.40215071e00,
)  # fmt: skip


def within(radius: float, weight: Float[np.ndarray, " k"], variance: Float[np.ndarray, " k"]) -> float:
    """The share of the light of a mixture of round Gaussians within a radius."""
    return float(np.sum(weight * -np.expm1(-0.5 * radius**2 / variance)))


def mixture() -> Float[np.ndarray, "14 3"]:
    """The Gaussians of both laws: which law (0 disc, 1 de Vaucouleurs), weight, variance in half-light radii squared.

    The laws are those of SDSS's pipeline: cut off smoothly at 4 half-light radii (disc) and at 8 (de Vaucouleurs).
    Each mixture is scaled so that half of its own light lies within radius 1.

    References:
        Replacing standard galaxy profiles with mixtures of Gaussians (Hogg & Lang, 2013), arXiv:1210.6563
    """
    rows = []
    for law, (weights, variances) in enumerate(((_DISC, _DISC_VARIANCE), (_BULGE, _BULGE_VARIANCE))):
        weight, variance = np.array(weights) / np.sum(weights), np.array(variances)
        half = brentq(lambda r, w=weight, v=variance: within(r, w, v) - 0.5, 0.3, 3.0, xtol=1e-12)
        rows.append(np.column_stack([np.full(len(weight), float(law)), weight, variance / half**2]))
    return np.concatenate(rows)


GAUSSIANS = mixture()
