"""Pictures of pictures: gray or colored, shown as they are."""

from __future__ import annotations

from typing import cast

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.pictures.base import Scale, outside


def scale(*sets: Samples) -> Scale:
    """Brightness from 0 to 1; nothing is stretched."""
    return Scale(0.0, 1.0, words="brightness as stored, nothing stretched", beyond=outside(sets, 0.0, 1.0))


def tiles(x: Array, scale: Scale) -> Array:
    """Each picture as a tile; one channel is gray, of more than three the first three are shown."""
    share = (np.nan_to_num(np.asarray(x, dtype=float)) - scale.low) / (scale.high - scale.low)
    if share.ndim == 3:
        share = share[..., None]
    share = np.repeat(share[..., :1], 3, axis=-1) if share.shape[-1] < 3 else share[..., :3]
    return cast(Array, np.round(np.clip(share, 0, 1) * 255).astype(np.uint8))
