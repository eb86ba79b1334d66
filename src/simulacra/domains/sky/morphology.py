"""The shape of galaxies by numbers that assume no model: Petrosian radius, asymmetry, clumps, Gini and M20.

All are of a brightness plane with its sky, the median of its frame, taken away but not cut at 0, so that noise cancels.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float
from scipy import fft, stats

from simulacra.core.samples import Array
from simulacra.domains.pictures.images import background, moments

ETA = 0.2
"""Local brightness over the mean within, at the Petrosian radius."""
REACH = 1.5
"""How far asymmetry, clumps, Gini and M20 look, in Petrosian radii."""
HALF_NORMAL = float(1 / (stats.norm.ppf(0.75) * np.sqrt(np.pi / 2)))
"""Mean over median of absolute Gaussian numbers."""
FAINT = 1e-12


def above_sky(plane: Float[np.ndarray, "n height width"]) -> Float[np.ndarray, "n height width"]:
    """Each picture less the median of its frame."""
    return np.asarray(plane - background(plane)[:, None, None])


def frame(height: int, width: int) -> Bool[np.ndarray, "height width"]:
    """The pixels whose median is the background."""
    edge = max(1, min(height, width) // 16)
    found = np.ones((height, width), dtype=bool)
    found[edge : height - edge, edge : width - edge] = False
    return found


def distances(
    x: Float[np.ndarray, " n"], y: Float[np.ndarray, " n"], height: int, width: int
) -> Float[np.ndarray, "n height width"]:
    """Of each pixel's middle from a point, column x and row y, pixels."""
    dx, dy = np.arange(width) - x[:, None], np.arange(height) - y[:, None]
    return np.asarray(np.hypot(dy[:, :, None], dx[:, None, :]))


def petrosian_radius(plane: Float[np.ndarray, "n height width"]) -> Float[np.ndarray, " n"]:
    """Where the mean brightness in a ring falls to a fifth of the mean within it, pixels.

    Rings reach from 0.8 to 1.25 of a radius, about the centroid of the light. Where the brightness never falls so far,
    it is the radius of the largest circle about the centroid which the picture holds; it is one pixel at least.

    References:
        Galaxy Photometry in the Sloan Survey (Blanton et al., 2001), arXiv:astro-ph/0012085
    """
    n, height, width = plane.shape
    center, sky_free = moments(plane), above_sky(plane)
    distance = distances(center.x, center.y, height, width).reshape(n, -1)
    whole = int(np.ceil(np.hypot(height, width))) + 2
    bins = np.minimum(distance.astype(np.int64), whole - 1) + whole * np.arange(n)[:, None]
    light = np.bincount(bins.ravel(), sky_free.ravel(), minlength=n * whole).reshape(n, whole)
    count = np.bincount(bins.ravel(), minlength=n * whole).reshape(n, whole)
    pad = ((0, 0), (1, 0))
    light, count = np.pad(np.cumsum(light, axis=1), pad), np.pad(np.cumsum(count, axis=1), pad).astype(float)

    def within(curve: Array, radius: Array) -> Array:
        """A growth curve between whole radii: straight in area."""
        low = np.minimum(radius.astype(np.int64), whole - 1)
        share = (radius**2 - low**2) / (2 * low + 1)
        return np.asarray(curve[:, low] * (1 - share) + curve[:, low + 1] * share)

    reach = np.minimum.reduce([center.x, width - 1 - center.x, center.y, height - 1 - center.y]) + 0.5
    radius = np.arange(1.0, max(1.0, reach.max()) + 0.25, 0.25)
    ring = within(light, 1.25 * radius) - within(light, 0.8 * radius)
    ring /= np.maximum(within(count, 1.25 * radius) - within(count, 0.8 * radius), FAINT)
    mean = within(light, radius) / within(count, radius)
    eta = ring - ETA * mean
    fallen = (eta < 0) & (radius <= reach[:, None])
    rows, first = np.arange(n), np.argmax(fallen, axis=1)
    before = np.maximum(first - 1, 0)
    drop = eta[rows, before] - eta[rows, first]
    share = np.where(drop > 0, eta[rows, before] / np.where(drop > 0, drop, 1.0), 1.0)
    found = radius[before] + np.clip(share, 0, 1) * (radius[first] - radius[before])
    return np.asarray(np.maximum(np.where(fallen.any(axis=1), found, reach), 1.0))


def asymmetry(plane: Float[np.ndarray, "n height width"]) -> Float[np.ndarray, " n"]:
    r"""$\min_c \sum |I - I_{180}| / \sum |I|$ less that of the sky, within 1.5 Petrosian radii.

    $I_{180}$ is the picture turned by half a circle about c. That is the picture flipped twice and shifted, which is
    done by its Fourier series, without smoothing. c is sought from the centroid downhill by steps of one pixel, a half,
    a quarter and an eighth. The aperture stays about the centroid and ends at the picture's border. The sky's part is
    measured in the frame, by a median.

    References:
        The Asymmetry of Galaxies: Physical Morphology for Nearby and High-Redshift Galaxies (Conselice et al., 2000),
        arXiv:astro-ph/9907399
    """
    n, height, width = plane.shape
    center, sky_free = moments(plane), above_sky(plane)
    flipped = sky_free[:, ::-1, ::-1]
    waves = fft.rfft2(flipped)
    fy, fx = 2j * np.pi * np.fft.fftfreq(height), 2j * np.pi * np.fft.rfftfreq(width)
    # the Nyquist wave of an even side has no sense of direction: it is moved by its real part
    inside = distances(center.x, center.y, height, width) <= REACH * petrosian_radius(plane)[:, None, None]

    def difference(rows: Array, x: Array, y: Array) -> Array:
        right, down = np.exp(-np.outer(2 * x - (width - 1), fx)), np.exp(-np.outer(2 * y - (height - 1), fy))
        if height % 2 == 0:
            down[:, height // 2] = down[:, height // 2].real
        turned = fft.irfft2(waves[rows] * down[:, :, None] * right[:, None, :], s=(height, width))
        return np.asarray((np.abs(sky_free[rows] - turned) * inside[rows]).sum(axis=(1, 2)))

    x, y, step = center.x.copy(), center.y.copy(), np.ones(n)
    best, going = difference(np.arange(n), x, y), np.arange(n)
    for _ in range(4 * max(height, width)):
        if not len(going):
            break
        tried = [
            (x[going] + i * step[going], y[going] + j * step[going]) for i, j in ((1, 0), (-1, 0), (0, 1), (0, -1))
        ]
        found = np.stack([difference(going, *place) for place in tried])
        lowest = np.argmin(found, axis=0)
        at = np.arange(len(going))
        better = found[lowest, at] < best[going] * (1 - 1e-9)
        moved = going[better]
        x[moved] = np.stack([place[0] for place in tried])[lowest, at][better]
        y[moved] = np.stack([place[1] for place in tried])[lowest, at][better]
        best[moved] = found[lowest, at][better]
        step[going[~better]] /= 2
        going = going[step[going] >= 0.125]
    of_sky = _mean_size((sky_free - flipped)[:, frame(height, width)]) * inside.sum(axis=(1, 2))
    return np.asarray((best - of_sky) / np.maximum((np.abs(sky_free) * inside).sum(axis=(1, 2)), FAINT))


def clumpiness(plane: Float[np.ndarray, "n height width"]) -> Float[np.ndarray, " n"]:
    r"""$\sum \max(I - I_S, 0) / \sum |I|$ less that of the sky, from 0.25 to 1.5 Petrosian radii.

    $I_S$ is the picture smoothed by a square a quarter of the Petrosian radius a side (parts of pixels count). The
    sky's part is measured in the frame, by a median.

    References:
        The Relationship between Stellar Light Distributions of Galaxies and Their Formation Histories (Conselice,
        2003), arXiv:astro-ph/0303065;
        A New Nonparametric Approach to Galaxy Morphological Classification (Lotz et al., 2004), arXiv:astro-ph/0311352
    """
    height, width = plane.shape[1:]
    center, sky_free, petrosian = moments(plane), above_sky(plane), petrosian_radius(plane)
    distance = distances(center.x, center.y, height, width) / petrosian[:, None, None]
    inside = (distance >= 0.25) & (distance <= REACH)
    wide = np.maximum(0.25 * petrosian, 1.0)
    residual = sky_free - box(height, wide) @ sky_free @ np.swapaxes(box(width, wide), 1, 2)
    of_sky = _mean_size(residual[:, frame(height, width)]) / 2 * inside.sum(axis=(1, 2))
    clumps = (np.maximum(residual, 0.0) * inside).sum(axis=(1, 2))
    return np.asarray((clumps - of_sky) / np.maximum((np.abs(sky_free) * inside).sum(axis=(1, 2)), FAINT))


def box(side: int, wide: Float[np.ndarray, " n"]) -> Float[np.ndarray, "n side side"]:
    """Running means of any width, as matrices; at the borders over what there is."""
    place = np.arange(side)
    apart = np.abs(place[:, None] - place)
    half = wide[:, None, None] / 2
    share = np.clip(half + 0.5 - apart, 0.0, 1.0) - np.clip(-half + 0.5 - apart, 0.0, 1.0)
    return np.asarray(share / share.sum(axis=2, keepdims=True))


def of_galaxy(plane: Float[np.ndarray, "n height width"]) -> Bool[np.ndarray, "n height width"]:
    """The galaxy's own pixels: those that, smoothed, are as bright as the ring at the Petrosian radius.

    Smoothed by a Gaussian of a fifth of the Petrosian radius; within 1.5 such radii of the centroid; the brightest
    pixel there belongs always.

    References:
        A New Nonparametric Approach to Galaxy Morphological Classification (Lotz et al., 2004), arXiv:astro-ph/0311352
    """
    height, width = plane.shape[1:]
    center, sky_free, petrosian = moments(plane), above_sky(plane), petrosian_radius(plane)
    smooth = _gaussian(height, petrosian / 5) @ sky_free @ np.swapaxes(_gaussian(width, petrosian / 5), 1, 2)
    distance = distances(center.x, center.y, height, width) / petrosian[:, None, None]
    ring = np.abs(distance - 1) <= np.maximum(0.1, 1 / petrosian)[:, None, None]
    threshold = (smooth * ring).sum(axis=(1, 2)) / np.maximum(ring.sum(axis=(1, 2)), 1)
    inside = distance <= np.maximum(REACH, distance.min(axis=(1, 2)))[:, None, None]
    level = np.where(inside, smooth, -np.inf)
    return np.asarray(level >= np.minimum(threshold, level.max(axis=(1, 2)))[:, None, None])


def gini(light: Float[np.ndarray, "n pixels"], mask: Bool[np.ndarray, "n pixels"]) -> Float[np.ndarray, " n"]:
    r"""How unevenly light is spread: $\sum_i (2i - N - 1)\,|X_i| / (\bar{|X|}\, N (N - 1))$, brightness ascending.

    0 where all pixels are alike, 1 where one holds all; 0 too of less than two pixels.

    >>> gini(np.array([[0.0, 0.0, 3.0], [2.0, 2.0, 2.0]]), np.ones((2, 3), bool)).tolist()
    [1.0, 0.0]
    """
    size = np.where(mask, np.abs(light), np.inf)
    size.sort(axis=1)
    count = mask.sum(axis=1)
    rank = np.arange(1, light.shape[1] + 1)
    among = rank <= count[:, None]
    size = np.where(among, size, 0.0)
    total = size.sum(axis=1) * np.maximum(count - 1, 1)  # the mean times N (N - 1)
    spread = (np.where(among, 2 * rank - count[:, None] - 1, 0) * size).sum(axis=1)
    return np.where(total > 0, spread / np.where(total > 0, total, 1.0), 0.0)


def m20(
    light: Float[np.ndarray, "n height width"], mask: Bool[np.ndarray, "n height width"]
) -> Float[np.ndarray, " n"]:
    r"""$\log_{10}$ of the second moment of the brightest fifth of the light over that of all of it.

    Moments are about the center that makes the whole one smallest, the centroid of the masked light. A pixel is an
    evenly lit square, with a moment of 1/6 pixel² of its own, so that a galaxy of one pixel has a logarithm; of the
    pixel in which the fifth ends the part that is needed counts. Negative light counts as none.
    """
    n, height, width = light.shape
    flux = np.where(mask, np.maximum(light, 0.0), 0.0)
    flux[flux.sum(axis=(1, 2)) <= 0] = 1.0  # as of a blank picture: evenly lit
    total = flux.sum(axis=(1, 2))
    x, y = flux.sum(axis=1) @ np.arange(width) / total, flux.sum(axis=2) @ np.arange(height) / total
    moment = (flux * (distances(x, y, height, width) ** 2 + 1 / 6)).reshape(n, -1)
    flux = flux.reshape(n, -1)
    order = np.argsort(-flux, axis=1, kind="stable")
    flux, ordered = np.take_along_axis(flux, order, axis=1), np.take_along_axis(moment, order, axis=1)
    before = np.cumsum(flux, axis=1) - flux
    part = np.clip((0.2 * total[:, None] - before) / np.maximum(flux, FAINT * total[:, None]), 0.0, 1.0)
    return np.asarray(np.log10((part * ordered).sum(axis=1) / ordered.sum(axis=1)))


def _gaussian(side: int, sigma: Array) -> Array:
    """Gaussian means as matrices, (n, side, side); at the borders over what there is."""
    place = np.arange(side)
    weight = np.exp(-(((place[:, None] - place) / sigma[:, None, None]) ** 2) / 2)
    return np.asarray(weight / weight.sum(axis=2, keepdims=True))


def _mean_size(noise: Float[np.ndarray, "n pixels"]) -> Float[np.ndarray, " n"]:
    """The mean size of Gaussian noise by its median, which stars in the frame do not move."""
    return np.asarray(HALF_NORMAL * np.median(np.abs(noise), axis=1))
