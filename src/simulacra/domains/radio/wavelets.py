"""Daubechies wavelets: an orthonormal transform of a series into details of each scale, and back."""

from __future__ import annotations

from functools import lru_cache
from math import comb

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput


@lru_cache
def smoothing(moments: int) -> tuple[float, ...]:
    r"""The 2N taps of Daubechies' filter whose wavelet has N vanishing moments; N = 1 is Haar's.

    By spectral factorization: $\sum_{k<N} \binom{N-1+k}{k} y^k$ with $y = (2 - z - 1/z)/4$, of whose roots in z those
    within the unit circle are kept, times $(1 + z)^N$; the sum of the taps is √2.

    References:
        Orthonormal bases of compactly supported wavelets (Daubechies, 1988), doi:10.1002/cpa.3160410705
    """
    if not 1 <= moments <= 10:
        raise BadInput("these wavelets have 1 to 10 vanishing moments", f"moments={moments}", "take moments=4")
    roots = np.roots([comb(moments - 1 + k, k) for k in reversed(range(moments))])
    inner = []
    for y in roots:  # z + 1/z = 2 - 4 y
        both = np.roots([1.0, 4 * y - 2, 1.0])
        inner.append(both[np.abs(both).argmin()])
    taps = np.poly([-1.0] * moments + inner).real
    return tuple(float(t) for t in taps * np.sqrt(2) / taps.sum())


def analyze(x: Float[np.ndarray, "n T"], moments: int, levels: int) -> list[Float[np.ndarray, "n _"]]:
    """Details of each scale, the finest first, and what is left at last; periodic, T a multiple of 2^levels."""
    if x.shape[1] % 2**levels:
        raise BadInput(
            "a series can be halved only so often", f"{x.shape[1]} values, {levels} levels", "pad it to a power of two"
        )
    low = np.array(smoothing(moments))
    high = low[::-1] * (-1.0) ** np.arange(len(low))
    found, now = [], np.asarray(x, dtype=np.float64)
    for _ in range(levels):
        at = (2 * np.arange(now.shape[1] // 2)[:, None] + np.arange(len(low))) % now.shape[1]
        pieces = now[:, at]
        found.append(pieces @ high)
        now = pieces @ low
    return [*found, now]


def compose(parts: list[Float[np.ndarray, "n _"]], moments: int) -> Float[np.ndarray, "n T"]:
    """The series of which these are the details: the transpose, which is the inverse."""
    low = np.array(smoothing(moments))
    high = low[::-1] * (-1.0) ** np.arange(len(low))
    now = parts[-1]
    for detail in reversed(parts[:-1]):
        n, half = detail.shape
        out = np.zeros((n, 2 * half))
        for k in range(len(low)):
            at = (2 * np.arange(half) + k) % (2 * half)
            out[:, at] += now * low[k] + detail * high[k]  # for one tap no place comes twice
        now = out
    return now
