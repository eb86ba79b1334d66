"""Stars and galaxies drawn from a prior, and their photons on a stamp or on a whole field."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Array
from simulacra.domains.photometry.pixel_light import light


def expected(
    numbers: Float[np.ndarray, " d"],
    gain: Float[np.ndarray, " b"],
    psf: Float[np.ndarray, "b j 6"],
    rows: int,
    columns: int,
) -> Float[np.ndarray, "b rows columns"]:
    """The photons expected of one source on a stamp, by band."""
    spot = len(numbers) - len(gain)
    out = np.zeros((len(gain), rows, columns))
    for b in range(len(gain)):
        light(out[b], numbers[:spot], psf[b])
        out[b] *= gain[b] * np.exp(numbers[spot + b])
    return out


def half_side(numbers: Float[np.ndarray, " d"], gain: Array, sky: Array, psf: Array, most: int = 25) -> int:
    """Pixels from the middle of a stamp to its edge: until the light falls below a tenth of the noise in every band."""
    middle = np.array(numbers, dtype=np.float64)
    middle[:2] = most
    picture = expected(middle, gain, psf, 2 * most + 1, 2 * most + 1)
    rows, columns = np.indices(picture.shape[1:]) - most
    ring = np.maximum(np.abs(rows), np.abs(columns))
    seen = (picture > 0.1 * np.sqrt(np.maximum(sky, 1.0))[:, None, None]).any(axis=0)
    return int(np.clip(ring[seen].max() + 1 if seen.any() else 0, 9, most))
