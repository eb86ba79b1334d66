"""A field: the exposures of one piece of sky in several bands, on the pixel grid of the reference band."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from simulacra.cataloging.stamp import Stamp
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.photometry.brightness import SDSS, reference
from simulacra.domains.photometry.exposures import Exposure
from simulacra.domains.photometry.simulated_stamps import expected

MARGIN = 40
"""Pixels laid about each frame, of no use to a fit, so that every stamp lies on the frame."""


@dataclass(frozen=True)
class Field:
    """Exposures with a margin, and the light of all sources as it is explained so far.

    Args:
        exposures: one a band, with their margin.
        shifts: (bands, 2, 3): x and y of a band from (1, x, y) of the reference band, without margin.
        model: photons expected by band: sky and all sources.
    """

    exposures: tuple[Exposure, ...]
    shifts: Array
    model: list[Array] = field(default_factory=list)

    @property
    def bands(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(e.band for e in self.exposures)

    @property
    def gain(self) -> Array:
        """Photons a nanomaggy, by band."""
        return np.array([e.gain for e in self.exposures])

    @property
    def main(self) -> Exposure:
        """The reference band's exposure."""
        return self.exposures[self.bands.index(reference(self.bands))]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the reference frame, without margin."""
        rows, columns = self.main.counts.shape
        return rows - 2 * MARGIN, columns - 2 * MARGIN

    def corners(self, x: float, y: float, half: int) -> tuple[Array, Array]:
        """First pixel (column, row with margin) of a source's stamp in each band, and the shift left over."""
        places = self.shifts @ np.array([1.0, x, y])
        whole = np.rint(places)
        left = places - whole - (np.array([x, y]) - np.rint([x, y]))
        corner = whole.astype(int) - half + MARGIN
        most = np.array([[e.counts.shape[1], e.counts.shape[0]] for e in self.exposures]) - 2 * half - 1
        return np.clip(corner, 0, most), left

    def psf(self, x: float, y: float, left: Array) -> Array:
        """Gaussians by band at a place, with the shift of each band's grid in their means."""
        out = np.stack([e.psf.at(x, y) for e in self.exposures]).copy()
        out[:, :, 1:3] += left[:, None, :]
        return out

    def stamp(self, x: float, y: float, half: int, own: Array | None = None) -> Stamp:
        """The pixels about a place; `own` is the light there that belongs to the source itself."""
        corner, left = self.corners(x, y, half)
        side = 2 * half + 1
        cut = [np.s_[r : r + side, c : c + side] for c, r in corner.tolist()]
        counts = np.stack([e.counts[s] for e, s in zip(self.exposures, cut, strict=True)])
        good = np.stack([e.good[s] for e, s in zip(self.exposures, cut, strict=True)])
        other = np.stack([m[s] for m, s in zip(self.model, cut, strict=True)])
        sky = np.stack([e.sky[s] for e, s in zip(self.exposures, cut, strict=True)])
        other = np.maximum(other if own is None else other - own, 0.2 * sky)
        first = np.rint([x, y]) - half
        return Stamp(counts, other, good, self.gain, self.psf(x, y, left), first)

    def paint(self, numbers: Array, half: int, at: tuple[float, float], sign: float) -> Array:
        """Add a source's light to the model (sign 1) or take it off (-1); the light itself, (bands, rows, columns).

        Args:
            numbers: of the source, x and y on the reference frame.
            half: of its stamp.
            at: x, y about which the stamp lies.
            sign: 1 or -1.
        """
        corner, left = self.corners(*at, half)
        side = 2 * half + 1
        inner = numbers.copy()
        inner[:2] -= np.rint(at) - half
        light = expected(inner, self.gain, self.psf(*at, left), side, side)
        for m, (c, r), shown in zip(self.model, corner.tolist(), light, strict=True):
            m[r : r + side, c : c + side] += sign * shown
        return light


def assembled(exposures: list[Exposure]) -> Field:
    """A field of exposures that show the same sky.

    Raises:
        BadInput: where a band comes twice, or frames of different shapes have no coordinates to match them by.
    """
    exposures = sorted(exposures, key=lambda e: SDSS.index(e.band) if e.band in SDSS else len(SDSS))
    bands = tuple(e.band for e in exposures)
    if len(set(bands)) < len(bands):
        raise BadInput("a band comes twice", ", ".join(bands), "give one frame a band")
    main = exposures[bands.index(reference(bands))]
    if any(e.counts.shape != main.counts.shape and (e.wcs is None or main.wcs is None) for e in exposures):
        raise BadInput(
            "frames of different shapes need world coordinates",
            ", ".join(f"{e.band} {e.counts.shape}" for e in exposures),
            "give frames with a WCS, or cut them to the same pixels",
        )
    shifts = np.stack([_shift(main, e) for e in exposures])
    wide = tuple(_with_margin(e) for e in exposures)
    return Field(wide, shifts, [e.sky.copy() for e in wide])


def _shift(main: Exposure, other: Exposure) -> Array:
    plain = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    if other is main or main.wcs is None or other.wcs is None:
        return plain
    rows, columns = main.counts.shape
    x, y = (v.ravel() for v in np.meshgrid(np.linspace(0, columns, 9), np.linspace(0, rows, 9)))
    there = np.stack(other.wcs.all_world2pix(*main.wcs.all_pix2world(x, y, 0), 0))
    basis = np.stack([np.ones_like(x), x, y], axis=1)
    found = np.linalg.lstsq(basis, there.T, rcond=None)[0].T
    if np.abs(found @ basis.T - there).max() > 3 or np.abs(found[:, 1:] - plain[:, 1:]).max() > 0.05:
        raise BadInput("the bands' grids are not aligned", f"{main.band} and {other.band}", "resample them to one grid")
    return np.asarray(found)


def _with_margin(e: Exposure) -> Exposure:
    counts = np.pad(e.counts, MARGIN)
    sky = np.pad(e.sky, MARGIN, mode="edge")
    return replace(e, counts=counts, sky=sky, good=np.pad(e.good, MARGIN))
