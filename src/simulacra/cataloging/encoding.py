"""What a network sees of a source: moments of its light about its middle, brightness over noise, the point spread.

Windows grow with the point spread function, and lie about a middle that is measured first; so the same source through
another telescope, or elsewhere on its stamp, gives nearly the same numbers. What the network answers counts from rough
guesses, in units of about the error that photons allow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from simulacra.cataloging.stamp import Stamp
from simulacra.core.samples import Array
from simulacra.domains.photometry.hermite_moments import TERMS, moments

HALF = 15
"""Pixels from the middle of a network's stamp to its edge."""
WINDOWS = np.array([1.0, 2.0, 4.0])
"""Widths of the windows, in units of the point spread function's."""
ROUNDS = 3
"""How often the middle is measured anew."""
SIZE, SHAPE = 0.5, 0.4
"""Units in which the logarithm of a radius, and u1 and u2, are answered."""
SHARE, USUAL, SPREAD = 1.5, 0.5, 0.06
"""The unit of the share's logit; the logarithm of a usual radius, pixels; what a galaxy's light beyond a window adds to
the unit of its log fluxes."""
ODD_X = np.array([n % 2 for n, _ in TERMS[1:]])
ODD_Y = np.array([m % 2 for _, m in TERMS[1:]])


@dataclass(frozen=True)
class Encoded:
    """A stamp as a network sees it.

    Args:
        features: (k,).
        base: rough numbers of a galaxy, (6 + bands,); a star's are these without its shape.
        unit: of each; of a galaxy's fluxes a little more.
    """

    features: Array
    base: Array
    unit: Array

    def of(self, kind: str) -> tuple[Array, Array]:
        """Base and unit of `star` or `galaxy`."""
        if kind == "star":
            kept = np.r_[0, 1, 6 : len(self.base)]
            return self.base[kept], self.unit[kept]
        wider = np.concatenate([np.zeros(6), np.full(len(self.base) - 6, SPREAD)])
        return self.base, np.hypot(self.unit, wider)


def encoded(stamp: Stamp) -> Encoded:
    """Features, rough numbers and their units."""
    bands, rows, columns = stamp.counts.shape
    light = np.where(stamp.good, stamp.counts - stamp.other, 0.0)
    main = stamp.psf[np.arange(bands), stamp.psf[:, :, 0].argmax(axis=1)]
    width = np.sqrt((main[:, 3] + main[:, 5]) / 2)
    shift = np.einsum("bj,bjk->bk", stamp.psf[:, :, 0], stamp.psf[:, :, 1:3])
    widths = width[:, None] * WINDOWS
    at = np.array([(columns - 1) / 2, (rows - 1) / 2])
    place = at.copy()
    for turn in range(ROUNDS + 1):
        c, variance = moments(light, stamp.other, place + shift, widths)
        pull = np.maximum(c[:, 1, 0], 0.0) / variance[:, 1]
        if turn == ROUNDS:
            break
        reach = width * (WINDOWS[1] ** 2 + 1) / WINDOWS[1]
        step = (pull * reach) @ c[:, 1, 1:3] / (pull @ c[:, 1, 0] + 4.0)
        place = np.clip(place + np.clip(step, -1.0, 1.0), at - 2.5, at + 2.5)
    return _described(stamp, c, variance, pull, place, at, width, main)


def _described(
    stamp: Stamp, c: Array, variance: Array, pull: Array, place: Array, at: Array, width: Array, main: Array
) -> Encoded:  # fmt: skip
    noise = np.sqrt(variance)
    first = c[:, :, 0]
    floor = np.sqrt(first**2 + 4 * variance)
    answer = _of_psf(stamp.psf, width)
    flux = np.maximum(first[:, 1], noise[:, 1]) / answer[:, 1]
    ratio = np.maximum(first[:, 1] / noise[:, 1], 0.7)
    whole = np.einsum("b,bsk->sk", pull, c)
    top = whole[:, :1] + 2.0
    guess = np.log(flux / stamp.gain)
    conditions = [
        np.log(noise[:, 1] / answer[:, 1] / stamp.gain),
        np.log(width),
        (answer[:, 1:] / answer[:, :1]).ravel(),
        (main[:, 3] - main[:, 5]) / (main[:, 3] + main[:, 5]),
        2 * main[:, 4] / (main[:, 3] + main[:, 5]),
    ]
    features = np.concatenate([
        np.arcsinh(first / noise / 2).ravel(),
        (first[:, 1:] / floor[:, :1]).ravel(),
        (whole[1:, 0] / top[0, 0]),
        guess - guess[2 % len(guess)],
        guess,
        *conditions,
        (c[:, :, 1:] / floor[:, :, None]).ravel(),
        (whole[:, 1:] / top).ravel(),
        place - at,
    ])  # fmt: skip
    photons = flux + 1.0
    of_flux = np.sqrt(1 / ratio**2 + 2 / photons + 0.01**2)
    total = np.sqrt(max(float((ratio**2).sum()), 1.0))
    of_place = float(width.mean() * np.sqrt(2 / total**2 + 1 / photons.sum() + 0.003**2))
    base = np.concatenate([place, [0.0, USUAL, 0.0, 0.0], guess])
    unit = np.concatenate([[of_place, of_place, SHARE, SIZE, SHAPE, SHAPE], of_flux])
    return Encoded(features, base, unit)


def _of_psf(psf: Float[np.ndarray, "b j 6"], width: Float[np.ndarray, " b"]) -> Float[np.ndarray, "b s"]:
    """The first moment of a star of one photon in each window."""
    square = (width[:, None] * WINDOWS)[:, :, None] ** 2
    xx, xy, yy = (psf[:, None, :, k] for k in (3, 4, 5))
    det = (xx + square) * (yy + square) - xy**2
    return np.asarray((psf[:, None, :, 0] * square / np.sqrt(det)).sum(axis=2))


def parities(bands: int) -> tuple[Array, Array]:
    """Signs of the features as the sky is flipped along x and along y, (k,) each."""
    windows = len(WINDOWS)
    even = bands * windows + 2 * bands * (windows - 1) + (windows - 1) + 5 * bands
    signs = []
    for odd, own in ((ODD_X, [-1, 1]), (ODD_Y, [1, -1])):
        one = 1 - 2 * odd
        signs.append(np.concatenate([np.ones(even), -np.ones(bands), np.tile(one, (bands + 1) * windows), own]))
    return signs[0], signs[1]
