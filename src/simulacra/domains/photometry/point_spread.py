"""The point spread function as a mixture of Gaussians: given, or fitted to a picture of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array


@dataclass(frozen=True)
class PointSpread:
    """Gaussians by place on the frame; the nearest place counts.

    Args:
        places: x, y of each place, pixels, (m, 2).
        gaussians: (m, j, 6): weight, mean (x, y) and covariance (xx, xy, yy) of each, pixels; weights sum to 1.
    """

    places: Array
    gaussians: Array

    def at(self, x: float, y: float) -> Float[np.ndarray, "j 6"]:
        """The Gaussians nearest to a place."""
        if len(self.places) == 1:
            return np.asarray(self.gaussians[0])
        return np.asarray(self.gaussians[np.argmin((self.places[:, 0] - x) ** 2 + (self.places[:, 1] - y) ** 2)])

    def width(self) -> float:
        """Standard deviation of the brightest Gaussian, pixels, averaged over places."""
        main = self.gaussians[np.arange(len(self.gaussians)), self.gaussians[:, :, 0].argmax(axis=1)]
        return float(np.sqrt((main[:, 3] + main[:, 5]) / 2).mean())


def everywhere(gaussians: Float[np.ndarray, "j 6"]) -> PointSpread:
    """The same Gaussians over the whole frame; weights are brought to the sum 1.

    Raises:
        BadInput: where they are no mixture of Gaussians.
    """
    g = np.array(gaussians, dtype=np.float64)
    if g.ndim != 2 or g.shape[1] != 6 or not np.isfinite(g).all():
        raise BadInput(
            "a point spread function is rows of weight, x, y, xx, xy, yy", f"shape {g.shape}", "give six numbers a row"
        )
    if (g[:, 3] * g[:, 5] <= g[:, 4] ** 2).any() or (g[:, 3] <= 0).any() or (g[:, 0] <= 0).any():
        raise BadInput("a Gaussian has a positive weight and a covariance that is positive definite", str(g.tolist()))
    g[:, 0] /= g[:, 0].sum()
    return PointSpread(np.zeros((1, 2)), g[None])


def fitted(picture: Float[np.ndarray, "rows columns"], gaussians: int = 3, rounds: int = 150) -> Array:
    """A mixture of Gaussians fitted to a picture of the point spread function by expectation maximization.

    Args:
        picture: light by pixel, centered; its sum may be anything positive, and is brought to 1.
        gaussians: how many.
        rounds: of expectation maximization.

    Raises:
        BadInput: for pictures without light, or with much more darkness than light.
    """
    light = np.asarray(picture, dtype=np.float64)
    if light.ndim != 2 or not np.isfinite(light).all():
        raise BadInput("the picture of a point spread function is a plane of finite numbers", f"shape {light.shape}")
    if light.sum() <= 0 or -light[light < 0].sum() > 0.2 * light.sum():
        raise BadInput("this picture of a point spread function has too little light", f"sum {light.sum():.4g}")
    light = np.maximum(light, 0.0) / np.maximum(light, 0.0).sum()
    rows, columns = np.indices(light.shape)
    x, y = columns.ravel() - (light.shape[1] - 1) / 2, rows.ravel() - (light.shape[0] - 1) / 2
    w = light.ravel()
    mx, my = float(w @ x), float(w @ y)
    core = w * (np.hypot(x - mx, y - my) < 6)
    variance = max(0.3, float(core @ ((x - mx) ** 2 + (y - my) ** 2)) / float(core.sum()) / 2)
    g = np.zeros((gaussians, 6))
    g[:, 0] = 0.5 ** np.arange(1, gaussians + 1)
    g[:, 0] /= g[:, 0].sum()
    g[:, 1], g[:, 2] = mx, my
    g[:, 3] = g[:, 5] = 0.7 * variance * 3.0 ** np.arange(gaussians)
    return maximized(g, x, y, w, rounds)


def maximized(
    gaussians: Float[np.ndarray, "j 6"],
    x: Float[np.ndarray, " n"],
    y: Float[np.ndarray, " n"],
    w: Float[np.ndarray, " n"],
    rounds: int,
) -> Float[np.ndarray, "j 6"]:
    """Gaussians moved by expectation maximization onto light at places.

    Args:
        gaussians: to begin with.
        x: of the places, pixels.
        y: likewise.
        w: light there, not negative.
        rounds: of expectation maximization.
    """
    g = np.array(gaussians, dtype=np.float64)
    for _ in range(rounds):
        p = g[:, 0, None] * _density(g, x, y)
        share = p / np.maximum(p.sum(axis=0), 1e-300) * w
        total = np.maximum(share.sum(axis=1), 1e-12)
        g[:, 0], g[:, 1], g[:, 2] = total, share @ x / total, share @ y / total
        dx, dy = x - g[:, 1, None], y - g[:, 2, None]
        g[:, 3] = (share * dx * dx).sum(axis=1) / total + 1e-3
        g[:, 4] = (share * dx * dy).sum(axis=1) / total
        g[:, 5] = (share * dy * dy).sum(axis=1) / total + 1e-3
    g[:, 0] /= g[:, 0].sum()
    return g


def _density(g: Array, x: Array, y: Array) -> Array:
    det = g[:, 3] * g[:, 5] - g[:, 4] ** 2
    dx, dy = x - g[:, 1, None], y - g[:, 2, None]
    square = g[:, 5, None] * dx * dx - 2 * g[:, 4, None] * dx * dy + g[:, 3, None] * dy * dy
    return np.asarray(np.exp(-0.5 * square / det[:, None]) / (2 * np.pi * np.sqrt(det))[:, None])


def drawn(gaussians: Float[np.ndarray, "j 6"], side: int) -> Float[np.ndarray, "side side"]:
    """The picture of a mixture, its center in the middle pixel."""
    rows, columns = np.indices((side, side)) - (side - 1) / 2
    return np.asarray(
        (gaussians[:, :1] * _density(gaussians, columns.ravel(), rows.ravel())).sum(0).reshape(side, side)
    )
