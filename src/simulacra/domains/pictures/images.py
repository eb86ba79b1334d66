"""Pictures as an observer measures them: background, light, centroid, shape, profile and growth curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from simulacra.core.errors import BadInput


def brightness(pictures: Float[np.ndarray, "n height width channels"]) -> Float[np.ndarray, "n height width"]:
    """The brightness plane of each picture: the plain mean of its channels, in the pictures' own 0…1."""
    if pictures.ndim != 4 or pictures.shape[-1] not in (1, 3):
        raise BadInput(
            "a picture has a height, a width and one or three channels",
            f"shape {pictures.shape}",
            "give pictures as (n, height, width, 1) or (n, height, width, 3)",
        )
    return np.asarray(pictures.mean(axis=-1, dtype=np.float64))


def background(plane: Float[np.ndarray, "n height width"]) -> Float[np.ndarray, " n"]:
    """The median of each picture's frame, which is a sixteenth of the shorter side wide (one pixel at least)."""
    height, width = plane.shape[1:]
    edge = max(1, min(height, width) // 16)
    inside = np.zeros((height, width), dtype=bool)
    inside[edge : height - edge, edge : width - edge] = True
    return np.asarray(np.median(plane[:, ~inside], axis=1))


def light(plane: Float[np.ndarray, "n height width"]) -> Float[np.ndarray, "n height width"]:
    """What each picture holds above its background, nowhere below 0.

    A picture with nothing above its background (a blank one) counts as evenly lit: its centroid is its middle, its
    ellipticity 0, and its growth curve that of a uniform disc.
    """
    above = np.maximum(plane - background(plane)[:, None, None], 0.0)
    above[above.sum(axis=(1, 2)) <= 0] = 1.0
    return np.asarray(above)


@dataclass(frozen=True, eq=False)
class Moments:
    """Flux-weighted moments of the light of n pictures; lengths in pixels, the first pixel's center at 0.

    Args:
        x: column of the centroid, (n,).
        y: row of the centroid, (n,).
        xx: variance of the light along the rows, pixels², (n,).
        yy: variance along the columns, pixels², (n,).
        xy: covariance of the two, pixels², (n,).
    """

    x: Float[np.ndarray, " n"]
    y: Float[np.ndarray, " n"]
    xx: Float[np.ndarray, " n"]
    yy: Float[np.ndarray, " n"]
    xy: Float[np.ndarray, " n"]

    @property
    def ellipticity(self) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]:
        """The two components of (1 - q) / (1 + q) · exp(2iθ), q the axis ratio and θ the position angle.

        Positive e1: long along the rows; positive e2: long along the diagonal on which row and column grow together.
        A picture whose light is one pixel is round.
        """
        root = 2 * np.sqrt(np.maximum(self.xx * self.yy - self.xy**2, 0.0))
        size = self.xx + self.yy + root
        size = np.where(size > 0, size, 1.0)
        return (self.xx - self.yy) / size, 2 * self.xy / size

    @property
    def axis_ratio(self) -> Float[np.ndarray, " n"]:
        """The short axis over the long one, 0…1."""
        e = np.hypot(*self.ellipticity)
        return np.asarray((1 - e) / (1 + e))

    @property
    def position_angle(self) -> Float[np.ndarray, " n"]:
        """Where the long axis points: radians from the rows' direction towards growing rows, -π/2…π/2."""
        e1, e2 = self.ellipticity
        return np.asarray(np.arctan2(e2, e1) / 2)


def moments(plane: Float[np.ndarray, "n height width"]) -> Moments:
    """The moments of each picture's light within the largest circle about its middle, lest its corners count."""
    height, width = plane.shape[1:]
    rows, columns = np.arange(height, dtype=np.float64), np.arange(width, dtype=np.float64)
    from_middle = np.hypot(rows[:, None] - (height - 1) / 2, columns[None, :] - (width - 1) / 2)
    circle = (from_middle <= min(height, width) / 2).astype(np.float64)
    weight = light(plane) * circle
    weight[weight.sum(axis=(1, 2)) <= 0] = circle  # all of the light in the corners: as good as none
    flux = weight.sum(axis=(1, 2))
    along, down = weight.sum(axis=1), weight.sum(axis=2)
    x, y = along @ columns / flux, down @ rows / flux
    dx, dy = columns - x[:, None], rows - y[:, None]
    xx, yy = (along * dx**2).sum(axis=1) / flux, (down * dy**2).sum(axis=1) / flux
    xy = ((weight @ columns) * dy).sum(axis=1) / flux  # the mean column drops out: dy sums to nothing
    return Moments(x, y, xx, yy, xy)


def radii(plane: Float[np.ndarray, "n height width"]) -> Float[np.ndarray, "n height width"]:
    """The distance of each pixel's center from the centroid of its picture, pixels."""
    height, width = plane.shape[1:]
    center = moments(plane)
    dy = np.arange(height) - center.y[:, None]
    dx = np.arange(width) - center.x[:, None]
    return np.asarray(np.hypot(dy[:, :, None], dx[:, None, :]))


def annulus_edges(height: int, width: int, rings: int) -> Float[np.ndarray, " edges"]:
    """The edges of annuli of equal width, pixels, from 0 to the distance between the middle and the outermost pixels.

    None is narrower than a pixel, so that each holds a pixel wherever the centroid lies.
    """
    reach = (min(height, width) - 1) / 2
    if not 1 <= rings <= reach:
        raise BadInput(
            "annuli are at least one, and each at least a pixel wide",
            f"{rings} annuli, pictures of {height} by {width} pixels",
            f"ask for 1 to {int(reach)} annuli" if reach >= 1 else "use pictures of three pixels a side or more",
        )
    return np.linspace(0.0, reach, rings + 1)


def radial_profile(plane: Float[np.ndarray, "n height width"], rings: int) -> Float[np.ndarray, "n rings"]:
    """The mean brightness in annuli about each picture's centroid; the background stays in."""
    n, height, width = plane.shape
    edges = annulus_edges(height, width, rings)
    annulus = np.minimum((radii(plane) / edges[1]).astype(np.int64), rings)  # the last one is what lies beyond
    place = (annulus + (rings + 1) * np.arange(n)[:, None, None]).ravel()
    total = np.bincount(place, plane.ravel(), minlength=n * (rings + 1)).reshape(n, rings + 1)
    count = np.bincount(place, minlength=n * (rings + 1)).reshape(n, rings + 1)
    return total[:, :rings] / count[:, :rings]


def growth_radii(
    plane: Float[np.ndarray, "n height width"], fractions: tuple[float, ...] = (0.2, 0.8)
) -> Float[np.ndarray, "n fractions"]:
    r"""The radii about the centroid that hold these fractions of each picture's light, pixels.

    The light is that of the largest circle about the centroid which the picture holds. The growth curve adds one pixel
    after another by distance, and a radius is that of the area so far, $\sqrt{\text{pixels} / \pi}$, with straight
    lines in area between; this has none of the steps of a curve drawn over distances.
    """
    n, height, width = plane.shape
    center = moments(plane)
    reach = np.min([center.x, width - 1 - center.x, center.y, height - 1 - center.y], axis=0) + 0.5
    distance = radii(plane).reshape(n, -1)
    inside: Bool[np.ndarray, "n pixels"] = distance <= reach[:, None]
    order = np.argsort(distance, axis=1)
    within = np.where(inside, light(plane).reshape(n, -1), 0.0)
    dark = within.sum(axis=1) <= 0  # all of the light beyond the circle: evenly lit, as a blank picture
    within[dark] = inside[dark]
    curve = np.cumsum(np.take_along_axis(within, order, axis=1), axis=1)
    rows = np.arange(n)
    areas = []
    for fraction in fractions:
        level = fraction * curve[:, -1]
        after = np.argmax(curve >= level[:, None], axis=1)
        before = np.where(after > 0, curve[rows, after - 1], 0.0)
        areas.append(after + (level - before) / (curve[rows, after] - before))
    return np.sqrt(np.stack(areas, axis=1) / np.pi)


def channel_backgrounds(pictures: Float[np.ndarray, "n height width channels"]) -> Float[np.ndarray, "n 1 1 channels"]:
    """The background of each channel on its own."""
    return np.stack([background(plane) for plane in np.moveaxis(pictures, -1, 0)], axis=-1)[:, None, None, :]
