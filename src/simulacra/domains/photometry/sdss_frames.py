"""SDSS's files: frames with their sky, point spread functions (psField), masks (fpM)."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.ndimage import map_coordinates

from simulacra.core.errors import BadInput, extra
from simulacra.core.samples import Array
from simulacra.domains.photometry.exposures import Exposure, exposure
from simulacra.domains.photometry.point_spread import PointSpread, fitted

with extra("astronomy"):
    from astropy.io import fits
    from astropy.utils.exceptions import AstropyWarning
    from astropy.wcs import WCS

BANDS = "ugriz"
GRID = (3, 2)
"""Places across and up the frame at which the point spread function is fitted."""
BAD_PLANES = (0, 1, 2, 9)
"""Planes of an fpM mask that are not used: interpolated, saturated, not checked, cosmic ray."""


def opened(path: Path) -> Any:  # noqa: ANN401 - astropy's list of units
    """A FITS file, plain or packed (gz, bz2, or tiles).

    Raises:
        BadInput: where it is none.
    """
    if not path.is_file():
        raise BadInput("there is no such file", str(path))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return fits.open(path, memmap=False)
    except (OSError, ValueError) as error:
        raise BadInput("this is no FITS file", f"{path} ({error})", "frames are FITS, plain or packed") from error


def is_frame(path: Path) -> bool:
    """Whether a file is a calibrated frame of SDSS."""
    with opened(path) as units:
        return "NMGY" in units[0].header and len(units) > 2 and getattr(units[2], "columns", None) is not None


def eigen_picture(table: Any, x: float, y: float) -> Float[np.ndarray, "rows columns"]:  # noqa: ANN401 - astropy's
    """The point spread function at a place of the frame, from a band's table of a psField file.

    Args:
        table: its rows are eigen-pictures with a polynomial of the place (in units of 1000 pixels) each.
        x: column on the frame.
        y: row on the frame.
    """
    rows, columns = int(table["RNROW"][0]), int(table["RNCOL"][0])
    out = np.zeros((rows, columns))
    for one in table:
        across, up = int(one["ncol_b"]), int(one["nrow_b"])
        powers = (0.001 * y) ** np.arange(up)[:, None] * (0.001 * x) ** np.arange(across)[None, :]
        out += float((np.asarray(one["c"])[:up, :across] * powers).sum()) * np.asarray(one["RROWS"]).reshape(
            rows, columns
        )
    return out


def point_spread(path: Path, band: str, shape: tuple[int, int]) -> tuple[PointSpread, float, float]:
    """The point spread function over a frame of `shape`, the gain (photons a count) and the dark variance (counts²).

    Raises:
        BadInput: where the file is no psField file.
    """
    place = BANDS.index(band)
    with opened(path) as units:
        if len(units) < 7 or "RROWS" not in units[1].columns.names:
            raise BadInput("this is no psField file of SDSS", str(path), "give psField-RUN-CAMCOL-FIELD.fit")
        table, whole = units[place + 1].data, units[6].data
        xs = (np.arange(GRID[0]) + 0.5) * shape[1] / GRID[0]
        ys = (np.arange(GRID[1]) + 0.5) * shape[0] / GRID[1]
        places = np.array([(x, y) for y in ys for x in xs])
        pictures = [eigen_picture(table, x, y)[10:41, 10:41] for x, y in places]
        gaussians = np.stack([fitted(p, 4, 200) for p in pictures])
        gain, dark = float(whole["gain"][0][place]), float(whole["dark_variance"][0][place])
    return PointSpread(places, gaussians), gain, dark


def frame(path: Path, psf: Path, mask: Path | None = None) -> Exposure:
    """A calibrated frame of SDSS as photons with their sky.

    Args:
        path: of the frame, FITS or bz2.
        psf: its field's psField file.
        mask: its fpM file.
    """
    with opened(path) as units:
        header, picture = units[0].header, np.asarray(units[0].data, dtype=np.float64)
        flat, sky = np.asarray(units[1].data, dtype=np.float64), units[2].data
        rows, columns = np.meshgrid(sky["YINTERP"][0], sky["XINTERP"][0], indexing="ij")
        level = map_coordinates(sky["ALLSKY"][0].astype(np.float64), [rows, columns], order=1, mode="nearest")
        band = str(header["FILTER"]).strip()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AstropyWarning)
            wcs = WCS(header)
    spread, gain, dark = point_spread(psf, band, picture.shape)
    still = gain**2 * dark
    counts = (picture / flat + level) * gain + still
    good = None if mask is None else ~bad_pixels(mask, picture.shape)
    per = gain / float(np.median(flat))
    return exposure(band, counts, level * gain + still, per, spread, wcs, good, 0.396)


def bad_pixels(path: Path, shape: tuple[int, int]) -> Array:
    """Pixels that an fpM mask sets aside."""
    out = np.zeros(shape, dtype=bool)
    with opened(path) as units:
        if len(units) < 11:
            raise BadInput("this is no fpM mask of SDSS", str(path), "give fpM-RUN-BANDCAMCOL-FIELD.fit")
        for plane in BAD_PLANES:
            for one in units[plane + 1].data if units[plane + 1].data is not None else ():
                spans = np.frombuffer(np.asarray(one[-1], dtype=np.uint8).tobytes(), dtype=">i2").reshape(-1, 3)
                for row, first, last in spans.tolist():
                    out[max(row, 0), max(first, 0) : last + 1] = True
    return out
