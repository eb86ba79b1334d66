"""Sources that stand out of a field: by sep on the sum of all bands, weighted by their noise."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.ndimage import maximum_filter
from scipy.signal import fftconvolve

from simulacra.cataloging.field import MARGIN, Field
from simulacra.core.errors import extra
from simulacra.core.samples import Array
from simulacra.domains.photometry.point_spread import drawn

with extra("sky"):
    import sep


def significance(field: Field, against: list[Array]) -> Array:
    """Light above what is explained, over its noise, summed over bands on the reference grid; no margin."""
    rows, columns = field.shape
    light, noise = np.zeros((rows, columns)), np.zeros((rows, columns))
    for e, shift, model in zip(field.exposures, field.shifts, against, strict=True):
        dx, dy = np.rint(shift @ np.array([1.0, columns / 2, rows / 2]) - np.array([columns / 2, rows / 2])).astype(int)
        dx, dy = (int(np.clip(v, -MARGIN, MARGIN)) for v in (dx, dy))
        cut = np.s_[MARGIN + dy : MARGIN + dy + rows, MARGIN + dx : MARGIN + dx + columns]
        if e.counts[cut].shape != (rows, columns):
            continue
        weight = e.good[cut] * e.gain / model[cut]
        light += weight * (e.counts[cut] - model[cut])
        noise += weight**2 * model[cut]
    return np.asarray(light / np.sqrt(np.where(noise > 0, noise, 1.0)))


def matched(field: Field, against: list[Array], floor: float = 0.0) -> Array:
    """Significance of a star at each pixel of the reference grid: its light by the best filter, over its own error.

    Args:
        field: with its exposures.
        against: what is explained by band.
        floor: share of the sources' light by which the model may be wrong, taken as noise.
    """
    rows, columns = field.shape
    light, noise = np.zeros((rows, columns)), np.zeros((rows, columns))
    middle = np.array([columns / 2, rows / 2])
    for e, shift, model in zip(field.exposures, field.shifts, against, strict=True):
        off = shift @ np.array([1.0, *middle]) - middle
        whole = np.rint(off).astype(int)
        star = e.psf.at(*(float(v) for v in middle)).copy()
        star[:, 1:3] += off - whole
        kernel = drawn(star, 15)
        weight = e.good / (model + (floor * np.maximum(model - e.sky, 0.0)) ** 2)
        pull = fftconvolve(weight * (e.counts - model), kernel[::-1, ::-1], mode="same")
        square = fftconvolve(weight, kernel[::-1, ::-1] ** 2, mode="same")
        dx, dy = (int(np.clip(v, -MARGIN, MARGIN)) for v in whole)
        cut = np.s_[MARGIN + dy : MARGIN + dy + rows, MARGIN + dx : MARGIN + dx + columns]
        if pull[cut].shape == (rows, columns):
            light += e.gain * pull[cut]
            noise += e.gain**2 * square[cut]
    return np.asarray(light / np.sqrt(np.maximum(noise, 1e-12)))


def peaks(field: Field, against: list[Array], threshold: float, floor: float = 0.0) -> Float[np.ndarray, "n 2"]:
    """x, y of the peaks of the matched filter's significance above a threshold, highest first: for crowded fields."""
    seen = matched(field, against, floor)
    top = (seen == maximum_filter(seen, size=3)) & (seen > threshold)
    rows, columns = np.nonzero(top)
    order = np.argsort(-seen[rows, columns])
    return np.stack([columns[order], rows[order]], axis=1).astype(np.float64)


def detected(
    field: Field, against: list[Array], threshold: float = 1.5, blend: float = 0.001
) -> Float[np.ndarray, "n 2"]:
    """x, y of the sources that stand out, brightest first.

    Args:
        field: with its exposures.
        against: what is explained by band: the sky, or the model of a fit.
        threshold: significance a pixel after smoothing with the point spread function.
        blend: share of the light from which a second peak is a source of its own.
    """
    image = np.ascontiguousarray(significance(field, against))
    place = (field.shape[1] / 2, field.shape[0] / 2)
    kernel = drawn(field.main.psf.at(*place), 7)
    sep.set_extract_pixstack(1_000_000)
    sep.set_sub_object_limit(8192)
    found = sep.extract(
        image, threshold, err=1.0, minarea=3, filter_kernel=kernel, filter_type="matched",
        deblend_nthresh=64, deblend_cont=blend, clean=False,
    )  # fmt: skip
    order = np.argsort(-found["flux"])
    return np.stack([found["xpeak"][order], found["ypeak"][order]], axis=1).astype(np.float64)
