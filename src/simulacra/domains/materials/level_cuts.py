"""Gaussian fields cut at a level: from their correlation to the two-point probability of what lies above, and back."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.integrate import cumulative_simpson
from scipy.special import ndtri

STEPS = 4001


def curve(fraction: float) -> tuple[Float[np.ndarray, " steps"], Float[np.ndarray, " steps"]]:
    r"""Correlations from -1 to 1, and the two-point probability that belongs to each.

    With t the level that a share `fraction` of a standard normal field exceeds,

    $$ S_2(\rho) = \text{fraction}^2 + \frac{1}{2 \pi} \int_0^{\arcsin \rho} e^{-t^2 / (1 + \sin \theta)}\,d\theta , $$

    which at t = 0 is the law of the arcsine.

    Args:
        fraction: between 0 and 1.

    References:
        A new three-dimensional modeling technique for studying porous media (Quiblier, 1984),
        doi:10.1016/0021-9797(84)90481-8
    """
    level = float(ndtri(1 - fraction))
    angle = np.linspace(-np.pi / 2, np.pi / 2, STEPS)
    density = np.exp(-(level**2) / np.maximum(1 + np.sin(angle), 1e-300)) / (2 * np.pi)
    area = cumulative_simpson(density, x=angle, initial=0)
    return np.sin(angle), np.asarray(fraction**2 + area - area[STEPS // 2])


def slope(rho: Float[np.ndarray, "..."], fraction: float) -> Float[np.ndarray, "..."]:
    """The derivative of the two-point probability by the correlation; without bound at ±1."""
    level = float(ndtri(1 - fraction))
    return np.asarray(np.exp(-(level**2) / (1 + rho)) / (2 * np.pi * np.sqrt(1 - rho**2)))


def above(rho: Float[np.ndarray, "..."], fraction: float) -> Float[np.ndarray, "..."]:
    """The two-point probability of what lies above the level, where the field has this correlation."""
    at, both = curve(fraction)
    return np.asarray(np.interp(np.arcsin(np.clip(rho, -1, 1)), np.arcsin(at), both))


def beneath(both: Float[np.ndarray, "..."], fraction: float) -> Float[np.ndarray, "..."]:
    """The correlation of the field whose cut has this two-point probability; ±1 where no correlation is enough."""
    at, there = curve(fraction)
    return np.asarray(np.sin(np.interp(both, there, np.arcsin(at))))
