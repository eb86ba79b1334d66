"""Rows of a catalogue: a star's or galaxy's type, magnitude, colors and shape, and the same as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Bool, Float, Int

from simulacra.core.samples import Array, Column, Samples
from simulacra.domains.photometry.brightness import PER_MAGNITUDE, SDSS, reported

KIND = "catalog"
COLUMNS = (
    Column("type", levels=("galaxy", "star")),
    Column("mag_r", "mag", middle=21.5),
    Column("color_ug", "mag", middle=1.0),
    Column("color_gr", "mag", middle=0.8),
    Column("color_ri", "mag", middle=0.4),
    Column("color_iz", "mag", middle=0.25),
    Column("radius", "arcsec", middle=0.7, gaps=True),
    Column("axis_ratio", middle=0.6, gaps=True),
    Column("angle", "deg", middle=90.0, gaps=True),
    Column("dev_share", middle=0.3, gaps=True),
)
"""What a row holds; the last four are gaps of a star. Angles are position angles from 0 to 180."""
NAMES = tuple(column.name for column in COLUMNS)
TYPE, MAGNITUDE, RADIUS, RATIO, ANGLE, SHARE = (
    NAMES.index(name) for name in ("type", "mag_r", "radius", "axis_ratio", "angle", "dev_share")
)
COLORS = slice(MAGNITUDE + 1, RADIUS)
PLAIN = ("type", *NAMES[1:6], "log radius", "u1", "u2", "dev_share")
"""What `plain` makes of a row."""
LEAST_RATIO = 1e-3


def fits(x: Array) -> bool:
    """Whether an array holds such rows: types 0 and 1, and gaps in the shapes of stars alone."""
    if x.ndim != 2 or x.shape[1] != len(COLUMNS) or x.dtype.kind != "f":
        return False
    star = stars(x)
    if not np.isin(x[:, TYPE], (0.0, 1.0)).all() or not np.isfinite(x[:, :RADIUS]).all():
        return False
    shape = x[~star, RADIUS:]
    inside = (shape[:, 0] > 0) & (shape[:, 1] > 0) & (shape[:, 1] <= 1) & (shape[:, 3] >= 0) & (shape[:, 3] <= 1)
    return bool(np.isnan(x[star, RADIUS:]).all() and np.isfinite(shape).all() and inside.all())


def stars(x: Float[np.ndarray, "n 10"]) -> Bool[np.ndarray, " n"]:
    """Which rows are stars."""
    return np.asarray(x[:, TYPE] == 1)


def samples(rows: Float[np.ndarray, "n 10"], origin: str) -> Samples:
    """Rows as samples of kind `catalog`."""
    return Samples.of(rows, KIND, "1", origin, columns=COLUMNS)


def plain(x: Float[np.ndarray, "n 10"]) -> Float[np.ndarray, "n 10"]:
    r"""Rows as numbers without a border or a seam but for the share: radius by its logarithm, shape as u1 and u2.

    $u = -\log q\,(\cos 2\theta, \sin 2\theta)$ with the axis ratio q and the angle θ. A star's gaps stay.
    """
    out = x.astype(np.float64)
    size = -np.log(np.maximum(out[:, RATIO], LEAST_RATIO))
    turn = np.radians(2 * out[:, ANGLE])
    shape = np.log(out[:, RADIUS]), size * np.cos(turn), size * np.sin(turn), out[:, SHARE]
    return np.column_stack([out[:, :RADIUS], *shape])


def rows(numbers: Float[np.ndarray, "n 10"]) -> Float[np.ndarray, "n 10"]:
    """The way back from `plain`: the type is the nearer of both, shapes of stars are gaps, shares lie in 0 to 1."""
    star = numbers[:, 0] > 0.5
    u1, u2 = numbers[:, 7], numbers[:, 8]
    shape = np.column_stack([
        np.exp(numbers[:, 6]),
        np.maximum(np.exp(-np.hypot(u1, u2)), LEAST_RATIO),
        np.degrees(0.5 * np.arctan2(u2, u1)) % 180,
        np.clip(numbers[:, 9], 0, 1),
    ])  # fmt: skip
    shape[star] = np.nan
    return np.asarray(np.column_stack([star, numbers[:, 1:6], shape]))


def drawn_rows(star: Bool[np.ndarray, " n"], numbers: Float[np.ndarray, "n 9"]) -> Float[np.ndarray, "n 10"]:
    """Rows from the numbers of the pixels' model: logit of the share, log radius (arcsec), u1, u2, log fluxes in ugriz.

    Args:
        star: which are stars; the first four numbers of these are not looked at.
        numbers: of each source.
    """
    said = reported(np.concatenate([np.zeros((len(star), 2)), numbers], axis=1), SDSS, 1.0)
    said["angle"] = said["angle"] % 180
    out = np.column_stack([star, *(said[name] for name in NAMES[1:])])
    out[star, RADIUS:] = np.nan
    return out


def source_numbers(x: Float[np.ndarray, "n 10"]) -> Float[np.ndarray, "n 9"]:
    """The way back from `drawn_rows`; a share of 0 or 1 is taken for one of 1 in 50, NaN where a star has none."""
    p = plain(x)
    share = np.clip(p[:, 9], 0.02, 0.98)
    r = (22.5 - p[:, 1]) / PER_MAGNITUDE
    ug, gr, ri, iz = (p[:, 2 + k] / PER_MAGNITUDE for k in range(4))
    return np.column_stack([np.log(share / (1 - share)), p[:, 6:9], r - gr - ug, r - gr, r, r + ri, r + ri + iz])


@dataclass(frozen=True, eq=False)
class SameSource:
    """Sources are alike in type, magnitude, colors and shape, each in units of its spread; a type counts as one.

    Args:
        scale: of each of the plain numbers.
    """

    blind: ClassVar[str] = ""
    scale: Float[np.ndarray, " k"]

    @classmethod
    def of(cls, x: Array) -> SameSource:
        """In units of the spread in these rows."""
        numbers = plain(x)
        known = np.isfinite(numbers)
        few = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, numbers, 0.0).sum(axis=0) / few
        spread = np.sqrt(np.where(known, (numbers - mean) ** 2, 0.0).sum(axis=0) / few)
        spread[0] = 1.0
        return cls(np.where(spread > 1e-9, spread, 1.0))

    def ready(self, x: Array) -> Array:
        """Plain numbers in units of the spread; what a star has not is zero."""
        return np.asarray(np.nan_to_num(plain(x) / self.scale))

    def sketches(self, x: Array) -> list[Float[np.ndarray, "n k"]]:
        """The numbers themselves."""
        return [x]

    def apart(self, x: Array, y: Array, version: Int[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        """Euclidean distance in units of the spread."""
        return np.asarray(np.linalg.norm(x - y, axis=1))
