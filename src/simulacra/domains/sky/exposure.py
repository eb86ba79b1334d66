"""From light to a color picture: the seeing, the detector's noise, and the stretch of the Sloan survey's pictures."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy import fft, ndimage, special

WEIGHTS = np.array([4.9, 5.7, 7.8]) / 5.7
"""Of the bands i, r and g in the survey's color pictures, over that of r."""


def moffat_transfer(frequency: Float[np.ndarray, "*shape"], fwhm: float, beta: float) -> Float[np.ndarray, "*shape"]:
    r"""The Fourier transform of Moffat's profile $\propto (1 + r^2/a^2)^{-\beta}$ of unit light.

    Args:
        frequency: cycles a pixel.
        fwhm: full width at half maximum, pixels; 0 is no blur.
        beta: steepness of the wings, more than 1.

    References:
        A Theoretical Investigation of Focal Stellar Images in the Photographic Emulsion and Application to Photographic
        Photometry (Moffat, 1969), bibcode 1969A&A.....3..455M
    """
    a = fwhm / (2 * np.sqrt(2 ** (1 / beta) - 1))
    t = np.maximum(2 * np.pi * a * frequency, 1e-8)
    transfer = 2 * (t / 2) ** (beta - 1) * special.kv(beta - 1, t) / special.gamma(beta - 1)
    return np.where(t > 1e-6, transfer, 1.0)


def blur(
    planes: Float[np.ndarray, "*planes height width"], fwhm: float, beta: float
) -> Float[np.ndarray, "*planes height width"]:
    """Planes as seen through Moffat's profile, on a torus: no light is lost; pad them where edges matter."""
    height, width = planes.shape[-2:]
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width))
    seen = fft.rfft2(planes) * moffat_transfer(frequency, fwhm, beta).astype(planes.dtype)
    return np.asarray(fft.irfft2(seen, s=(height, width)))


def counted(
    light: Float[np.ndarray, "n height width bands"], sky: float, grain: float, rng: np.random.Generator
) -> Float[np.ndarray, "n height width bands"]:
    r"""What a detector counts over a sky that is then taken away: Poisson counts of light and sky.

    Args:
        light: electrons a pixel, expected.
        sky: electrons a pixel, expected.
        grain: how far the noise hangs together, standard deviation of a Gaussian in pixels, as in pictures that were
            enlarged; each pixel's variance stays (but where light changes within the grain). 0 leaves counts as they
            are.
        rng: of the counts.
    """
    noise = rng.poisson(light + sky) - light - sky
    if grain > 0:
        smooth = ndimage.gaussian_filter(noise, (0, grain, grain, 0), mode="wrap")
        point = np.zeros(65)
        point[32] = 1
        noise = smooth / np.square(ndimage.gaussian_filter1d(point, grain, mode="wrap")).sum()
    return np.asarray(light + noise)


def stretched(
    bands: Float[np.ndarray, "n height width 3"], contrast: float, softening: float
) -> Float[np.ndarray, "n height width 3"]:
    r"""Red, green and blue, 0…1, of the bands i, r and g, with their ratios kept.

    The mean I of the weighted bands becomes $\mathrm{asinh}(\alpha Q I) / Q$, all three are scaled alike, a pixel one
    of whose colors is beyond 1 is divided by it, and what is below 0 is cut.

    Args:
        bands: in any unit, the sky taken away.
        contrast: α, brightness a unit of I where it is faint.
        softening: Q; the larger it is the more bright parts are held back.

    References:
        Preparing Red-Green-Blue Images from CCD Data (Lupton et al., 2004), arXiv:astro-ph/0312483
    """
    scaled = bands * WEIGHTS
    mean = scaled.mean(axis=-1, keepdims=True)
    faint = contrast * softening * np.abs(mean)
    gain = contrast * np.where(faint > 1e-6, np.arcsinh(faint) / np.maximum(faint, 1e-6), 1.0)
    color = np.maximum(scaled * gain, 0.0)
    return np.asarray(color / np.maximum(color.max(axis=-1, keepdims=True), 1.0))
