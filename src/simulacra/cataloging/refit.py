"""What the field says of its own point spread function and sky: both measured again on what the first catalogue leaves.

The Gaussians of the point spread function are moved by expectation maximization on the light of bright lonely stars,
each star about its own fitted place, so nothing is interpolated; how they vary over the frame stays as it was. The sky
is raised or lowered by what is left between the sources.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter, zoom

from simulacra.cataloging.field import MARGIN, Field
from simulacra.cataloging.fitting import Source
from simulacra.core.samples import Array
from simulacra.domains.photometry.exposures import Exposure
from simulacra.domains.photometry.point_spread import PointSpread, maximized

REACH, LONELY = 10, 0.15
"""Pixels about a star that are looked at; a neighbor's light there as a share of the star's, at most."""
STARS, FEWEST, BRIGHT = 80, 5, 80.0
"""Stars that are taken at most and at least; their light over its noise."""
FINE = 0.5
"""Bins of distances from the star's middle, pixels, in which the light of all stars is averaged."""
BLOCK, NEAR = 32, 0.1
"""Pixels of the squares in which the sky is measured; sources' light, as a share of the sky's noise, that is a gap."""


def refit_psf(field: Field, sources: list[Source]) -> tuple[Exposure, ...]:
    """The point spread function of each band by its bright lonely stars; a band with fewer than five keeps its own.

    Args:
        field: whose model holds the sources' light.
        sources: as they were fitted.
    """
    exposures = []
    for b, e in enumerate(field.exposures):
        light, count = _pooled(field, sources, b)
        if count < FEWEST:
            few = f"{e.band}: {count} bright lonely stars are too few to measure the point spread function anew"
            exposures.append(replace(e, said=(*e.said, few)))
            continue
        rows, columns = field.shape
        old = e.psf.at(columns / 2, rows / 2)
        x, y, w = light
        new = maximized(old, x, y, w, 60)
        before, after = (np.sqrt(float((g[:, 0] * (g[:, 3] + g[:, 5])).sum()) / 2) for g in (old, new))
        told = f"{e.band}: point spread function by {count} stars, {before:.2f} to {after:.2f} pixels wide"
        exposures.append(replace(e, psf=_moved(e.psf, old, new), said=(*e.said, told)))
    return tuple(exposures)


def refit_sky(field: Field, sources: list[Source]) -> tuple[Exposure, ...]:
    """The sky of each band, by the mean of what is left between the sources, in squares of 32 pixels, smoothed.

    Args:
        field: whose model holds the sources' light.
        sources: as they were fitted.
    """
    exposures = []
    for e, m in zip(field.exposures, field.model, strict=True):
        inner = np.s_[MARGIN:-MARGIN, MARGIN:-MARGIN]
        left = (e.counts - m)[inner]
        free = e.good[inner] & ((m - e.sky)[inner] < NEAR * np.sqrt(e.sky[inner]))
        level = np.pad(_smooth(left, free, np.sqrt(e.sky[inner])), MARGIN, mode="edge")
        told = (
            f"{e.band}: sky moved by {np.median(level / np.sqrt(e.sky)):+.3f} of its noise, by {len(sources)} sources"
        )
        exposures.append(replace(e, sky=np.maximum(e.sky + level, 0.1 * e.sky), said=(*e.said, told)))
    return tuple(exposures)


def again(field: Field, exposures: tuple[Exposure, ...]) -> Field:
    """The field with what was measured, and a model that is the sky alone."""
    return replace(field, exposures=exposures, model=[e.sky.copy() for e in exposures])


def _pooled(field: Field, sources: list[Source], band: int) -> tuple[tuple[Array, Array, Array], int]:
    """Light of the best stars about their middles: distances along x and y, and the mean light there of one photon."""
    e, m = field.exposures[band], field.model[band]
    rows, columns = field.shape
    shares, places, count = [], [], 0
    for source in sorted(sources, key=lambda s: -s.placed()[-len(field.bands) + band]):
        if source.kind != "star" or count == STARS:
            continue
        numbers = source.placed()
        flux = e.gain * np.exp(numbers[2 + band])
        where = field.shifts[band] @ np.array([1.0, *numbers[:2]])
        middle = np.rint(where).astype(int)
        near = REACH < middle[0] < columns - REACH - 1 and REACH < middle[1] < rows - REACH - 1
        if not near:
            continue
        cut = np.s_[
            MARGIN + middle[1] - REACH : MARGIN + middle[1] + REACH + 1,
            MARGIN + middle[0] - REACH : MARGIN + middle[0] + REACH + 1,
        ]
        own = _light(field, source, band, cut)
        others = np.maximum(m[cut] - e.sky[cut] - own, 0.0)
        core = own > 0.01 * own.max()
        noise = np.sqrt(float(m[cut][core].sum()))
        if not e.good[cut].all() or flux < BRIGHT * noise or others[core].sum() > LONELY * own[core].sum():
            continue
        i, j = np.indices(own.shape)
        places.append((j - REACH + middle[0] - where[0], i - REACH + middle[1] - where[1]))
        shares.append((e.counts[cut] - e.sky[cut] - others) / flux)
        count += 1
    if not count:
        return (np.zeros(0), np.zeros(0), np.zeros(0)), 0
    x, y = (np.concatenate([p[k].ravel() for p in places]) for k in range(2))
    return _binned(x, y, np.concatenate([s.ravel() for s in shares])), count


def _light(field: Field, source: Source, band: int, cut: tuple[slice, slice]) -> Array:
    """The model's light of one source on a piece of the frame."""
    whole = np.zeros(field.exposures[band].counts.shape)
    corner, _ = field.corners(*source.at, source.half)
    if source.painted is not None:
        c, r = corner[band]
        side = 2 * source.half + 1
        whole[r : r + side, c : c + side] = source.painted[band]
    return np.asarray(whole[cut])


def _binned(x: Array, y: Array, w: Array) -> tuple[Array, Array, Array]:
    """Means in fine squares, so that noise averages out before what is below zero is cut off."""
    edge = REACH + 0.5
    bins = round(2 * edge / FINE)
    i, j = (np.clip(((v + edge) / FINE).astype(int), 0, bins - 1) for v in (y, x))
    flat = i * bins + j
    count = np.bincount(flat, minlength=bins**2)
    some = count > 0
    mean, mx, my = (np.bincount(flat, v, minlength=bins**2)[some] / count[some] for v in (w, x, y))
    return mx, my, np.maximum(mean, 0.0)


def _moved(psf: PointSpread, old: Float[np.ndarray, "j 6"], new: Float[np.ndarray, "j 6"]) -> PointSpread:
    """The change of one place's Gaussians brought to all places: weights and widths by factors, means by steps."""
    g = psf.gaussians.copy()
    g[:, :, 0] *= new[:, 0] / np.maximum(old[:, 0], 1e-12)
    g[:, :, 0] /= g[:, :, 0].sum(axis=1, keepdims=True)
    g[:, :, 1:3] += new[:, 1:3] - old[:, 1:3]
    wide = np.sqrt(new[:, 3] * new[:, 5] / (old[:, 3] * old[:, 5]))
    lean = new[:, 3:] - wide[:, None] * old[:, 3:]
    g[:, :, 3:] = g[:, :, 3:] * wide[:, None] + lean
    bad = (g[:, :, 3] * g[:, :, 5] <= 1.05 * g[:, :, 4] ** 2) | (g[:, :, 3] <= 0) | (g[:, :, 5] <= 0)
    g[bad, 3:] = (psf.gaussians * np.concatenate([np.ones((len(wide), 3)), np.repeat(wide[:, None], 3, 1)], 1))[bad, 3:]
    return PointSpread(psf.places, g)


def _smooth(left: Array, free: Array, noise: Array) -> Array:
    """The middle of what is left in squares, without outliers; squares without free pixels take their neighbors'."""
    rows, columns = left.shape
    down, across = max(1, rows // BLOCK), max(1, columns // BLOCK)
    levels, known = np.zeros((down, across)), np.zeros((down, across))
    for i in range(down):
        for j in range(across):
            cut = np.s_[i * rows // down : (i + 1) * rows // down, j * columns // across : (j + 1) * columns // across]
            some = free[cut] & (np.abs(left[cut]) < 3 * noise[cut])
            if some.sum() >= 50:
                levels[i, j], known[i, j] = float(np.mean(left[cut][some])), float(some.sum())
    if not known.any():
        return np.zeros_like(left)
    weight = gaussian_filter(known, 1.0, mode="nearest")
    smooth = gaussian_filter(levels * known, 1.0, mode="nearest") / np.maximum(weight, 1e-9)
    whole = zoom(smooth, (rows / down, columns / across), order=1, mode="nearest", grid_mode=True)
    return np.asarray(whole[:rows, :columns])
