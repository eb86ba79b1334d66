"""An exposure: one band's photons on a frame, with sky, gain, point spread function and bad pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.photometry.point_spread import PointSpread


@dataclass(frozen=True)
class Exposure:
    """Of one band.

    Args:
        band: its name.
        counts: photons (electrons) a pixel, sky included, plus the read noise's variance, (rows, columns).
        sky: those expected without any source, plus the same variance.
        good: whether a pixel can be used.
        gain: photons a nanomaggy.
        psf: its point spread function.
        wcs: astropy's world coordinates; None where the frame has none.
        scale: arc seconds a pixel.
        said: what was noticed as it was read.
    """

    band: str
    counts: Array
    sky: Array
    good: Array
    gain: float
    psf: PointSpread
    wcs: Any = None
    scale: float = 0.396
    said: tuple[str, ...] = ()


def exposure(
    band: str,
    counts: Array,
    sky: Array,
    gain: float,
    psf: PointSpread,
    wcs: Any,  # noqa: ANN401 - astropy's, imported late
    good: Array | None,
    scale: float,
) -> Exposure:
    """Check one exposure; pixels that are no numbers, saturated or hopelessly dark are set aside, and said.

    Raises:
        BadInput: where the frame is no plane, is empty, or its numbers cannot be photons.
    """
    if counts.ndim != 2 or min(counts.shape) < 16:
        raise BadInput("a frame is a plane of at least 16 × 16 pixels", f"{band}, shape {counts.shape}")
    if not np.isfinite(gain) or gain <= 0:
        raise BadInput("photons a nanomaggy are a positive number", f"{band}: {gain}", "check --gain and --zero-point")
    finite = np.isfinite(counts)
    if finite.mean() < 0.05:
        raise BadInput("this frame is empty: most of its pixels are no numbers", f"{band}, {finite.mean():.0%} finite")
    usable = finite & np.isfinite(sky) & (sky > 0) & (True if good is None else good)
    if not usable.any():
        raise BadInput(
            "the expected sky is not above zero anywhere", f"{band}, median {np.nanmedian(sky):.4g} photons",
            "frames are counted in photons with their sky: give --background in the frame's unit, or --gain",
        )  # fmt: skip
    noise = np.sqrt(np.median(sky[usable]))
    away = (counts - sky)[usable][:: max(1, int(usable.sum()) // 200_000)]
    low, middle = np.quantile(away, [0.16, 0.5])
    ratio = float(middle - low) / float(noise)
    if not 0.3 < ratio < 4:
        raise BadInput(
            "the frame's noise is not that of photons",
            f"{band}: scatter about the sky is {ratio:.2g} times the square root of {noise**2:.4g} photons",
            "check --gain (electrons a count), the frame's unit, and whether its sky was taken off (--background)",
        )
    said = [f"{band}: {int((~finite).sum()):,} pixels are no numbers"] if not finite.all() else []
    if abs(float(middle)) > 0.5 * noise:
        said.append(f"{band}: the sky lies {middle / noise:.1f} of its noise off; give --background measure")
    usable &= counts > sky - 8 * np.sqrt(np.where(usable, sky, 1.0))
    c, s = np.where(usable, counts, 0.0), np.where(usable, sky, 1.0)
    return Exposure(band, c, s, usable, float(gain), psf, wcs, scale, tuple(said))
