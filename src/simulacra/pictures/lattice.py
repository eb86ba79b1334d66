"""Pictures of lattices: a light square for a spin up, a dark one for a spin down."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from simulacra.core.samples import Array, Samples
from simulacra.pictures.base import Scale

SPINS = LinearSegmentedColormap.from_list("spins", ["#1d3557", "#f4ecd8"])


def scale(*sets: Samples) -> Scale:
    """From −1 to +1, whatever the sets hold; between the two, where a model gives a mean."""
    return Scale(-1.0, 1.0, colors="spins", words="light: spin +1, dark: spin −1")


def tiles(x: Array, scale: Scale) -> Array:
    """Each lattice as a tile, one pixel a spin."""
    share = (np.asarray(x, dtype=float) - scale.low) / (scale.high - scale.low)
    share = np.nan_to_num(share, nan=0.5).reshape(len(x), *_plane(x.shape[1:]))
    return SPINS(np.clip(share, 0, 1), bytes=True)[..., :3]


def _plane(shape: tuple[int, ...]) -> tuple[int, int]:
    if len(shape) == 2:
        return shape[0], shape[1]
    return int(np.prod(shape[:-1], dtype=int)), shape[-1]  # chains and stacks: rows below one another
