"""Hidden scores settled row by row: each row's chance is its own, whatever other rows stand beside it."""

from __future__ import annotations

import hashlib

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr, ndtri

from simulacra.core.samples import Array
from simulacra.domains.tables.hidden_scores import TINY, Hidden
from simulacra.domains.tables.normal_gaps import Normal

STEP, A, B = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def settle(x: Float[np.ndarray, "n d"], hidden: Hidden, law: Normal, sweeps: int) -> Float[np.ndarray, "n q"]:
    """The scores of rows, those in ranges and gaps drawn in turn given all others of their row.

    The draws of a row follow from its cells, and from nothing else: a table read twice, or in parts, has the same.

    Args:
        x: the rows, for their chance.
        hidden: what their cells say of the scores.
        law: of the scores.
        sweeps: rounds over all scores that are not known.
    """
    z, key = hidden.z.copy(), keys(x)
    precision = np.linalg.inv(law.covariance)
    bounds = _ranges(hidden)
    level_of = {place: pair for pair in hidden.levels for place in range(*pair)}
    unsure = [j for j in range(z.shape[1]) if j in bounds or j in level_of or hidden.gaps[:, j].any()]
    for sweep in range(sweeps):
        for j in unsure:
            if j in level_of:
                low, high = _beside(z, j, level_of[j], hidden.levels[level_of[j]])
            elif j in bounds:
                low, high = bounds[j]
            else:  # an exact score, which some rows lack
                low, high = np.full(len(z), -np.inf), np.full(len(z), np.inf)
            own = precision[j, j]
            pull = ((z - law.mean) * precision[j]).sum(axis=1)  # row by row: no row's digits depend on another's
            mean = z[:, j] - pull / own
            drawn = truncated(mean, own**-0.5, low, high, uniform(key, sweep * z.shape[1] + j))
            known = ~hidden.gaps[:, j] if j not in bounds and j not in level_of else np.zeros(len(z), dtype=bool)
            z[:, j] = np.where(known, z[:, j], drawn)
    return z


def keys(x: Float[np.ndarray, "n d"]) -> Array:
    """A number of 64 bits for each row, from its cells."""
    rows = np.where(np.isnan(x), np.nan, x + 0.0)  # one NaN, and no negative zero
    return np.array(
        [int.from_bytes(hashlib.blake2b(row.tobytes(), digest_size=8).digest(), "little") for row in rows],
        dtype=np.uint64,
    )


def uniform(key: Array, count: int) -> Float[np.ndarray, " n"]:
    """The count-th number in (0, 1) of each key.

    References:
        Fast splittable pseudorandom number generators (Steele, Lea & Flood, 2014), doi:10.1145/2660193.2660195
    """
    with np.errstate(over="ignore"):
        v = key + STEP * np.uint64(count + 1)
        v = (v ^ (v >> np.uint64(30))) * A
        v = (v ^ (v >> np.uint64(27))) * B
        v = v ^ (v >> np.uint64(31))
    return np.asarray(((v >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53)


def truncated(mean: Array, sd: float, low: Array, high: Array, u: Array) -> Array:
    """The u-quantiles of normal laws cut to ranges."""
    a, b = (low - mean) / sd, (high - mean) / sd
    flip = a > 0  # the lower tail keeps its digits
    a, b = np.where(flip, -b, a), np.where(flip, -a, b)
    below, above = ndtr(a), ndtr(b)
    z = np.clip(ndtri(np.clip(below + u * (above - below), TINY, 1 - 1e-16)), a, b)
    return np.asarray(mean + sd * np.where(flip, -z, z))


def _ranges(hidden: Hidden) -> dict[int, tuple[Array, Array]]:
    """The range of each score that has one; of a gap, all numbers."""
    found = {}
    for place, (low, high) in hidden.ranges.items():
        gone = np.isnan(low)
        found[place] = np.where(gone, -np.inf, low), np.where(gone, np.inf, high)
    return found


def _beside(z: Array, place: int, pair: tuple[int, int], level: Array) -> tuple[Array, Array]:
    """The range that the other scores of a category leave for one of them."""
    start, stop = pair
    gone = np.isnan(level)
    own = np.where(gone, 0, level).astype(int)
    others = np.where(np.arange(start, stop) == place, -np.inf, z[:, start:stop]).max(axis=1)
    wins = own == place - start
    winner = z[np.arange(len(own)), start + own]
    low, high = np.where(wins, others, -np.inf), np.where(wins, np.inf, winner)
    return np.where(gone, -np.inf, low), np.where(gone, np.inf, high)
