"""Square periodic fields: their wavenumbers, and their power averaged over rings of wavenumber."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from scipy.special import ndtri

from simulacra.core.errors import BadInput

CHUNK = 2**22
"""How many pixels are transformed at a time: enough to be fast, few enough for a laptop's memory."""


def modes(size: int) -> Float[np.ndarray, "size size"]:
    """How many waves fit into a side, for each mode of a discrete Fourier transform; the Nyquist mode has size / 2."""
    m = np.fft.fftfreq(size, 1 / size)
    return np.asarray(np.hypot(m[:, None], m[None, :]))


def wavenumbers(size: int, box: float) -> Float[np.ndarray, "size size"]:
    """The wavenumber k = 2π · (waves in a side) / box of each mode, radians per unit of `box`."""
    return 2 * np.pi / box * modes(size)


def ring_of(size: int, rings: int) -> Int[np.ndarray, "size size"]:
    """Which ring each mode lies in, -1 for none.

    The rings are of equal width and reach from the fundamental mode to the Nyquist mode: m waves a side belong to ring
    j if 0.5 + j w <= m < 0.5 + (j + 1) w with w = (size // 2) / rings. The mean and the corners beyond the Nyquist mode
    belong to none.
    """
    nyquist = size // 2
    if not 1 <= rings <= nyquist:
        raise BadInput(
            "a spectrum has at least one ring, and no more rings than there are modes up to the Nyquist mode",
            f"{rings} rings, fields of {size} pixels a side",
            f"ask for 1 to {nyquist} rings",
        )
    ring = np.floor((modes(size) - 0.5) * (rings / nyquist)).astype(np.int64)
    ring[(ring < 0) | (ring >= rings)] = -1
    return ring


def ring_wavenumbers(size: int, box: float, rings: int) -> Float[np.ndarray, " rings"]:
    """The mean wavenumber of the modes in each ring, radians per unit of `box`."""
    ring, k = ring_of(size, rings), wavenumbers(size, box)
    inside = ring >= 0
    return np.bincount(ring[inside], k[inside]) / np.bincount(ring[inside])


def ring_power(fields: Float[np.ndarray, "n size size"], box: float, rings: int) -> Float[np.ndarray, "n rings"]:
    r"""The mean power $P(k) = A\,|\hat f(k)|^2 / N^2$ in each ring, with A the area and N the number of pixels.

    With it the variance of a field is $\sum_k P(k) / A$ over all its modes but the mean.

    Args:
        fields: the fields, in any unit u.
        box: length of a side, in any unit l; the power is in u² l².
        rings: how many rings from the fundamental to the Nyquist mode.
    """
    n, size = len(fields), fields.shape[-1]
    ring = ring_of(size, rings).ravel()
    average = (ring[:, None] == np.arange(rings)) / np.bincount(ring[ring >= 0], minlength=rings)
    power = np.empty((n, rings))
    step = max(1, CHUNK // size**2)
    for start in range(0, n, step):
        part = np.asarray(fields[start : start + step], dtype=np.float64)
        transform = np.fft.fft2(part).reshape(len(part), -1)
        power[start : start + step] = (transform.real**2 + transform.imag**2) @ average
    return np.asarray(power * (box / size**2) ** 2)


def normal_scores(fields: Float[np.ndarray, "n H W"]) -> Float[np.ndarray, "n H W"]:
    """Each map with its pixels put on a normal law of the same mean and spread, in the same order."""
    flat = fields.reshape(len(fields), -1)
    rank = flat.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    score = ndtri((rank + 0.5) / flat.shape[1])
    score *= flat.std(axis=1, keepdims=True) / score.std(axis=1, keepdims=True)
    return np.asarray((flat.mean(axis=1, keepdims=True) + score).reshape(fields.shape))
