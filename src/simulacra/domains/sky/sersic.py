"""Sérsic profiles: the light of bulges, discs and bars, integrated over pixels."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy import special

from simulacra.core.samples import Array

WINDOW = 8  # pixels a side about the center that are integrated along their edges
NODES, WEIGHTS = np.polynomial.legendre.leggauss(10)


def sersic_b(index: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    r"""The $b_n$ that puts half of the light within the half-light radius: $\gamma(2n, b) = \Gamma(2n) / 2$, solved."""
    return np.asarray(special.gammaincinv(2 * np.asarray(index, dtype=float), 0.5))


def enclosed(radius: Float[np.ndarray, "*#shape"], index: Float[np.ndarray, "*#shape"]) -> Float[np.ndarray, "*shape"]:
    """The share of the light within a radius that is given in half-light radii.

    >>> enclosed(np.array([1.0]), np.array([4.0])).round(6)
    array([0.5])
    """
    return np.asarray(special.gammainc(2 * index, sersic_b(index) * radius ** (1 / index)))


def total_light(index: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    r"""All of the light over that of a disc of one half-light radius lit as brightly as its rim.

    $2 n\, e^b\, b^{-2n}\, \Gamma(2n)$: 3.80 for an exponential disc, 7.21 for de Vaucouleurs' law.
    """
    b = sersic_b(index)
    return np.asarray(2 * index * np.exp(b - 2 * index * np.log(b) + special.gammaln(2 * index)))


def form(
    radius: Float[np.ndarray, " n"], ratio: Float[np.ndarray, " n"], angle: Float[np.ndarray, " n"]
) -> Float[np.ndarray, "n 2 2"]:
    r"""The quadratic form M of ellipses: $x^\top M x = 1$ on those with these half-light radii.

    Args:
        radius: half-light radius along the long axis, pixels.
        ratio: short axis over long axis.
        angle: from the rows' direction towards growing rows, radians.
    """
    c, s = np.cos(angle), np.sin(angle)
    along = np.stack([c, s], axis=-1) / radius[:, None]
    across = np.stack([-s, c], axis=-1) / (radius * ratio)[:, None]
    return np.asarray(along[:, :, None] * along[:, None, :] + across[:, :, None] * across[:, None, :])


def sersic(
    shape: Float[np.ndarray, "n 2 2"], index: Float[np.ndarray, " n"], center: Float[np.ndarray, "n 2"], side: int
) -> Float[np.ndarray, "n side side"]:
    r"""The share of each profile's light that falls on each pixel; over the whole plane it is 1.

    About the center, where profiles have a cusp, a pixel's light is the circulation of $\mathbf{x}\, G(m) / m^2$ along
    its edges (Gauss's theorem; m is the radius in half-light radii, $G(m) = \int_0^m f(t)\, t\, dt$): exact but for the
    quadrature along the edges. Farther out it is the brightness in the pixel's middle plus a twenty-fourth of its
    Laplacian.

    Args:
        shape: quadratic forms of the half-light ellipses, as `form` makes them.
        index: Sérsic's index n: 4 is de Vaucouleurs' law, 1 an exponential disc, 0.5 a Gaussian.
        center: column and row, pixels; the first pixel's middle is 0.
        side: pixels.

    References:
        A concise reference to (projected) Sérsic R^1/n quantities (Graham & Driver, 2005), arXiv:astro-ph/0503176
    """
    b, area = sersic_b(index), 1 / np.sqrt(np.linalg.det(shape))
    rim = 1 / (np.pi * area * total_light(index))  # brightness at the half-light radius
    place = np.arange(-1, side + 1, dtype=np.float32)
    x = (place - center[:, :1]).astype(np.float32)[:, None, :]
    y = (place - center[:, 1:]).astype(np.float32)[:, :, None]
    xx, xy, yy = (v.astype(np.float32)[:, None, None] for v in (shape[:, 0, 0], 2 * shape[:, 0, 1], shape[:, 1, 1]))
    square = np.maximum(xx * x**2 + (xy * x) * y + yy * y**2, np.float32(1e-12))
    half, scale = ((v).astype(np.float32)[:, None, None] for v in (0.5 / index, b))
    point = rim.astype(np.float32)[:, None, None] * np.exp(-scale * (np.exp(half * np.log(square)) - 1))
    inner = point[:, 1:-1, 1:-1]
    around = point[:, :-2, 1:-1] + point[:, 2:, 1:-1] + point[:, 1:-1, :-2] + point[:, 1:-1, 2:]
    light = (inner + (around - 4 * inner) / 24).astype(np.float64)
    wide = min(WINDOW, side)
    start = np.clip(np.rint(center).astype(int) - wide // 2, 0, side - wide)
    exact = _along_edges(shape, index, b, area, start - center, wide)
    steps = np.arange(wide)
    rows, columns = start[:, 1, None, None] + steps[:, None], start[:, 0, None, None] + steps
    light[np.arange(len(light))[:, None, None], rows, columns] = exact
    return np.asarray(np.maximum(light, 0.0))


def _along_edges(shape: Array, index: Array, b: Array, area: Array, corner: Array, wide: int) -> Array:
    """The light on a square of pixels whose first one's middle lies at `corner` from the center."""
    edge = np.arange(wide + 1) - 0.5
    node = (np.arange(wide)[:, None] + NODES / 2).ravel()
    exponent = 1 / index

    def flow(x: Array, y: Array) -> Array:
        """G(m)/m², integrated over each pixel's length, (n, lines, pixels)."""
        xx, xy, yy = (v[:, None, None] for v in (shape[:, 0, 0], shape[:, 0, 1], shape[:, 1, 1]))
        square = np.maximum(xx * x**2 + 2 * xy * x * y + yy * y**2, 1e-18)
        inside = special.gammainc(2 * index[:, None, None], b[:, None, None] * square ** (exponent[:, None, None] / 2))
        value = inside / square / (2 * np.pi * area[:, None, None])
        return np.asarray(value.reshape(len(shape), wide + 1, wide, len(NODES)) @ (WEIGHTS / 2))

    x0, y0 = corner[:, :1], corner[:, 1:]
    level = y0 + edge
    flat = level[:, :, None] * flow((x0 + node)[:, None, :], level[:, :, None])  # (n, rows of edges, columns)
    level = x0 + edge
    upright = level[:, :, None] * flow(level[:, :, None], (y0 + node)[:, None, :])  # (n, columns of edges, rows)
    return np.asarray(flat[:, 1:] - flat[:, :-1] + np.swapaxes(upright[:, 1:] - upright[:, :-1], 1, 2))
