"""Shifted lognormal law of a field: from its first moments and its correlation to those of the Gaussian beneath."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Array

ROUNDS = 300  # of the iteration from windows to their sky
TINY = 1e-15
LEAST = 1e-3  # of u below: a law so nearly symmetric is as good as normal
CHUNK = 2**22
"""How many pixels are transformed at a time."""


def root_of_skewness(skewness: float) -> float:
    r"""$u = \sqrt{e^{\sigma^2} - 1}$ of the lognormal law of skewness $u^3 + 3 u$; negative for a long lower tail.

    >>> u = root_of_skewness(4.0)
    >>> round(u, 6), round(u**3 + 3 * u, 6)
    (1.0, 4.0)
    """
    u = 2 * np.sinh(np.arcsinh(skewness / 2) / 3)
    return float(np.copysign(max(abs(u), LEAST), u))


def sky_power(fields: Float[np.ndarray, "n H W"], mean: float, sides: int) -> Float[np.ndarray, "R C"]:
    r"""Power of each mode of a periodic sky, so many sides of a map wide, whose windows have the maps' mean power.

    The mean power P of maps with zeros about them is that of the sky, S, convolved with the window's own: P = w * S.
    It is solved for S, which is not negative, by the iteration $S \leftarrow S \cdot w * (P / (w * S))$. With one side
    w is a point and S is P.

    Args:
        fields: maps, in any unit.
        mean: of all pixels.
        sides: width and height of the sky in sides of a map.

    Returns:
        Power that turns white noise of variance 1 into the sky, (sides H, sides W).

    References:
        Bayesian-based iterative method of image restoration (Richardson, 1972), doi:10.1364/JOSA.62.000055
    """
    n, height, width = fields.shape
    shape = (sides * height, sides * width)
    power = np.zeros(shape)
    step = max(1, CHUNK // (shape[0] * shape[1]))
    for start in range(0, n, step):
        part = np.asarray(fields[start : start + step], dtype=np.float64) - mean
        power += (np.abs(np.fft.fft2(part, s=shape)) ** 2).sum(axis=0)
    power /= n * height * width
    window = np.abs(np.fft.fft2(np.ones((height, width)), s=shape)) ** 2
    spread = np.fft.fft2(window / window.sum())  # a convolution with the window's power, as a product

    def seen(sky: Array) -> Array:
        return np.asarray(np.maximum(np.fft.ifft2(np.fft.fft2(sky) * spread).real, TINY * power.max()))

    sky = power.copy()
    for _ in range(ROUNDS if sides > 1 else 0):
        sky *= seen(power / seen(sky))
    return np.asarray(sky)


def gaussian_beneath(power: Float[np.ndarray, "R C"], shift: float) -> tuple[Float[np.ndarray, "R C"], float]:
    r"""Power of each mode of the Gaussian g whose shifted exponential has this power, and the share cut off.

    $\xi_g = \log(1 + \xi / \text{shift}^2)$ at each distance. Where that is no covariance, some power is negative: it
    is set to 0, and the rest is scaled back to the variance.

    Returns:
        Power that turns white noise of variance 1 into g, (R, C), and the negative share of the whole.
    """
    covariance = np.fft.ifft2(power).real
    # a covariance below -shift² is impossible; noise may say so
    beneath = np.fft.fft2(np.log1p(np.maximum(covariance / shift**2, np.expm1(-20.0)))).real
    kept = np.maximum(beneath, 0.0)
    return np.asarray(kept * (beneath.mean() / kept.mean())), float(1 - beneath.sum() / kept.sum())
