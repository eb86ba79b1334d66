"""Two-point correlation of volumes: how often two voxels at a distance lie both in one phase."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from jaxtyping import Float, UInt8
from scipy import fft

from simulacra.core.samples import Array

EXACT = 64  # voxels a side up to which numbers of 32 bits count pairs to far less than a half


def pairs(x: UInt8[np.ndarray, "n D H W"], longest: int) -> tuple[Array, Array]:
    """How many pairs of voxels lie both in phase 1, by their displacement, and how many pairs there are.

    The volume is a window: pairs are counted within it alone, by transforms of the volume with zeros about it. Counts
    are whole numbers, and rounded to them.

    Args:
        x: volumes of 0 and 1.
        longest: largest displacement along an axis, in voxels.

    Returns:
        Counts (n, P, Q, R) with displacement 0 first and negative ones at the end, as a discrete transform has them,
        and the number of pairs of each displacement (P, Q, R). Displacements beyond the longest are of no use.
    """
    shape = tuple(fft.next_fast_len(side + longest, real=True) for side in x.shape[1:])
    kind = np.float32 if max(x.shape[1:]) <= EXACT else np.float64
    wave = fft.rfftn(x.astype(kind), s=shape, axes=(1, 2, 3))
    both = np.rint(fft.irfftn(wave.real**2 + wave.imag**2, s=shape, axes=(1, 2, 3)))
    room = [np.maximum(n - np.abs(fft.fftfreq(m, 1 / m)), 0.0) for n, m in zip(x.shape[1:], shape, strict=True)]
    return both, np.asarray(room[0][:, None, None] * room[1][None, :, None] * room[2][None, None, :])


def by_distance(x: UInt8[np.ndarray, "n D H W"], longest: int) -> Float[np.ndarray, "n distances"]:
    """Share of pairs in phase 1 at distances of 0 to `longest` voxels, each to the nearest voxel, in all directions."""
    found = np.empty((len(x), longest + 1))
    for i in range(len(x)):  # one volume at a time stays in the processor's cache
        both, room = pairs(x[i : i + 1], longest)
        place, first = _shells(both.shape[1:], longest)
        counted = np.add.reduceat(both.ravel()[place], first, dtype=np.float64)
        found[i] = counted / np.add.reduceat(room.ravel()[place], first)
    return found


def mean_distances(longest: int) -> Float[np.ndarray, " distances"]:
    """The mean distance of the displacements in each shell, in voxels."""
    side = 2 * longest + 2
    place, first = _shells((side, side, side), longest)
    r = _lengths((side, side, side)).ravel()[place]
    return np.asarray(np.add.reduceat(r, first) / np.add.reduceat(np.ones(len(r)), first))


def _lengths(shape: tuple[int, ...]) -> Array:
    at = [fft.fftfreq(m, 1 / m) for m in shape]
    return np.asarray(np.sqrt(at[0][:, None, None] ** 2 + at[1][None, :, None] ** 2 + at[2][None, None, :] ** 2))


@lru_cache(maxsize=8)
def _shells(shape: tuple[int, ...], longest: int) -> tuple[Array, Array]:
    """Places of one of each two opposite displacements, in order of their shell, and where each shell begins."""
    r = np.rint(_lengths(shape)).astype(int).ravel()
    z, y, x = (np.rint(fft.fftfreq(m, 1 / m)).astype(int) for m in shape)
    leading = (z[:, None, None] * shape[1] + y[None, :, None]) * shape[2] + x[None, None, :] >= 0
    place = np.flatnonzero((r <= longest) & leading.ravel())
    place = place[np.argsort(r[place], kind="stable")]
    return place, np.searchsorted(r[place], np.arange(longest + 1))
