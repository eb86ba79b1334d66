"""The light of one source on the pixels of a stamp, with its derivatives, as machine code.

A source is a mixture of Gaussians: those of the point spread function, for a galaxy each convolved with each Gaussian
of its profile. Along a row of pixels a Gaussian is a product of two geometric series, so that a row costs three
exponentials however long it is. A Gaussian is left out where its exponent passes `CUT`.
"""

from __future__ import annotations

import math

import numpy as np

from simulacra.core.compiled import compiled
from simulacra.core.samples import Array
from simulacra.domains.photometry.light_profiles import GAUSSIANS

CUT = 20.0
SHAPE = 4
"""Numbers of a galaxy's shape: logit of de Vaucouleurs' share, log half-light radius (pixels), u1, u2."""
CHANNELS = 3 + SHAPE


@compiled
def stretch(u1: float, u2: float) -> Array:
    r"""$\exp\begin{pmatrix}u_1&u_2\\u_2&-u_1\end{pmatrix}$ and its derivatives by u1 and u2: rows of (xx, xy, yy)."""
    rho = math.sqrt(u1 * u1 + u2 * u2)
    if rho < 1e-4:
        even, odd, slope = 1.0 + rho * rho / 2, 1.0 + rho * rho / 6, 1.0 / 3
    else:
        even, odd = math.cosh(rho), math.sinh(rho) / rho
        slope = (even - odd) / (rho * rho)
    out = np.empty((3, 3))
    out[0, 0], out[0, 1], out[0, 2] = even + odd * u1, odd * u2, even - odd * u1
    out[1, 0] = odd * u1 + slope * u1 * u1 + odd
    out[1, 1] = slope * u1 * u2
    out[1, 2] = odd * u1 - slope * u1 * u1 - odd
    out[2, 0] = odd * u2 + slope * u2 * u1
    out[2, 1] = slope * u2 * u2 + odd
    out[2, 2] = odd * u2 - slope * u2 * u1
    return out


@compiled
def add_light(out: Array, weight: float, mx: float, my: float, xx: float, xy: float, yy: float) -> None:
    """Add one Gaussian with the mean (mx, my) and covariance (xx, xy, yy), in pixels, to a stamp."""
    height, width = out.shape
    det = xx * yy - xy * xy
    pxx, pxy, pyy = yy / det, -xy / det, xx / det
    norm = weight / (2 * math.pi * math.sqrt(det))
    reach = math.sqrt(2 * CUT * yy)
    shrink = math.exp(-pxx)
    for row in range(max(0, math.ceil(my - reach)), min(height - 1, math.floor(my + reach)) + 1):
        dy = row - my
        half = (2 * CUT - (pyy - pxy * pxy / pxx) * dy * dy) / pxx
        if half <= 0:
            continue
        half = math.sqrt(half)
        middle = mx - pxy * dy / pxx
        first = max(0, math.ceil(middle - half))
        last = min(width - 1, math.floor(middle + half))
        if last < first:
            continue
        dx = first - mx
        value = norm * math.exp(-0.5 * (pxx * dx * dx + 2 * pxy * dx * dy + pyy * dy * dy))
        ratio = math.exp(-(pxx * (dx + 0.5) + pxy * dy))
        for column in range(first, last + 1):
            out[row, column] += value
            value *= ratio
            ratio *= shrink


@compiled
def add_slopes(
    out: Array, law: float, share: float, weight: float, mx: float, my: float, cov: Array, turns: Array
) -> None:
    """Add one Gaussian of a galaxy and its derivatives: value, x, y, logit share, log radius, u1, u2.

    `turns` holds the derivatives of the covariance by log radius, u1 and u2, rows of (xx, xy, yy).
    """
    height, width = out.shape[1], out.shape[2]
    xx, xy, yy = cov[0], cov[1], cov[2]
    det = xx * yy - xy * xy
    pxx, pxy, pyy = yy / det, -xy / det, xx / det
    norm = weight / (2 * math.pi * math.sqrt(det))
    part = share if law > 0.5 else 1 - share
    by_share = share * (1 - share) if law > 0.5 else -share * (1 - share)
    q = np.empty((3, 4))
    for k in range(3):
        a, b, c = turns[k, 0], turns[k, 1], turns[k, 2]
        axx, axy, ayx, ayy = pxx * a + pxy * b, pxx * b + pxy * c, pxy * a + pyy * b, pxy * b + pyy * c
        q[k, 0] = 0.5 * (axx * pxx + axy * pxy)
        q[k, 1] = axx * pxy + axy * pyy
        q[k, 2] = 0.5 * (ayx * pxy + ayy * pyy)
        q[k, 3] = -0.5 * (axx + ayy)
    reach = math.sqrt(2 * CUT * yy)
    shrink = math.exp(-pxx)
    for row in range(max(0, math.ceil(my - reach)), min(height - 1, math.floor(my + reach)) + 1):
        dy = row - my
        half = (2 * CUT - (pyy - pxy * pxy / pxx) * dy * dy) / pxx
        if half <= 0:
            continue
        half = math.sqrt(half)
        middle = mx - pxy * dy / pxx
        first = max(0, math.ceil(middle - half))
        last = min(width - 1, math.floor(middle + half))
        if last < first:
            continue
        dx = first - mx
        value = norm * math.exp(-0.5 * (pxx * dx * dx + 2 * pxy * dx * dy + pyy * dy * dy))
        ratio = math.exp(-(pxx * (dx + 0.5) + pxy * dy))
        for column in range(first, last + 1):
            dx = column - mx
            light = part * value
            out[0, row, column] += light
            out[1, row, column] += light * (pxx * dx + pxy * dy)
            out[2, row, column] += light * (pxy * dx + pyy * dy)
            out[3, row, column] += by_share * value
            for k in range(3):
                out[4 + k, row, column] += light * (q[k, 0] * dx * dx + q[k, 1] * dx * dy + q[k, 2] * dy * dy + q[k, 3])
            value *= ratio
            ratio *= shrink


@compiled
def star_slopes(out: Array, x: float, y: float, psf: Array) -> None:
    """Add a star of unit flux and its derivatives by x and y to the first three channels."""
    height, width = out.shape[1], out.shape[2]
    for j in range(len(psf)):
        xx, xy, yy = psf[j, 3], psf[j, 4], psf[j, 5]
        mx, my = x + psf[j, 1], y + psf[j, 2]
        det = xx * yy - xy * xy
        pxx, pxy, pyy = yy / det, -xy / det, xx / det
        norm = psf[j, 0] / (2 * math.pi * math.sqrt(det))
        for row in range(height):
            dy = row - my
            for column in range(width):
                dx = column - mx
                size = 0.5 * (pxx * dx * dx + 2 * pxy * dx * dy + pyy * dy * dy)
                if size < CUT:
                    value = norm * math.exp(-size)
                    out[0, row, column] += value
                    out[1, row, column] += value * (pxx * dx + pxy * dy)
                    out[2, row, column] += value * (pxy * dx + pyy * dy)


@compiled
def light(out: Array, place: Array, psf: Array) -> None:
    """Add a source of unit flux to a stamp (rows, columns).

    Args:
        out: the stamp.
        place: x, y from the middle of the stamp's first pixel; for a galaxy its `SHAPE` numbers follow.
        psf: a Gaussian a row: weight, mean (x, y), covariance (xx, xy, yy); pixels.
    """
    if len(place) < 2 + SHAPE:
        for j in range(len(psf)):
            p = psf[j]
            add_light(out, p[0], place[0] + p[1], place[1] + p[2], p[3], p[4], p[5])
        return
    share = 1 / (1 + math.exp(-place[2]))
    square = math.exp(2 * place[3])
    e = stretch(place[4], place[5])[0]
    for k in range(len(GAUSSIANS)):
        law, weight, v = GAUSSIANS[k, 0], GAUSSIANS[k, 1], GAUSSIANS[k, 2] * square
        weight *= share if law > 0.5 else 1 - share
        for j in range(len(psf)):
            p = psf[j]
            xx, xy, yy = p[3] + v * e[0], p[4] + v * e[1], p[5] + v * e[2]
            add_light(out, weight * p[0], place[0] + p[1], place[1] + p[2], xx, xy, yy)


@compiled
def slopes(out: Array, place: Array, psf: Array) -> None:
    """Add the light of a source of unit flux and its derivatives by `place`: (1 + len(place), rows, columns)."""
    if len(place) < 2 + SHAPE:
        star_slopes(out, place[0], place[1], psf)
        return
    share = 1 / (1 + math.exp(-place[2]))
    square = math.exp(2 * place[3])
    e = stretch(place[4], place[5])
    cov, turns = np.empty(3), np.empty((3, 3))
    for k in range(len(GAUSSIANS)):
        law, weight, v = GAUSSIANS[k, 0], GAUSSIANS[k, 1], GAUSSIANS[k, 2] * square
        for i in range(3):
            turns[0, i], turns[1, i], turns[2, i] = 2 * v * e[0, i], v * e[1, i], v * e[2, i]
        for j in range(len(psf)):
            p = psf[j]
            for i in range(3):
                cov[i] = p[3 + i] + v * e[0, i]
            add_slopes(out, law, share, weight * p[0], place[0] + p[1], place[1] + p[2], cov, turns)
