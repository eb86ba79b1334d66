"""Pictures of words: a colored square a letter."""

from __future__ import annotations

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.pictures.base import Scale

COLORS = np.array([[38, 84, 124], [239, 71, 111], [255, 209, 102], [6, 214, 160]], dtype=np.uint8)


def scale(*sets: Samples) -> Scale:
    """Letters have no scale."""
    return Scale(0.0, 1.0, words="a square a letter, from left to right: a blue, b red, c yellow, d green")


def tiles(x: Array, scale: Scale) -> Array:
    """Each word as a row of squares."""
    codes = np.array([[ord(letter) - ord("a") for letter in word] for word in x.tolist()]).reshape(len(x), -1)
    return COLORS[codes][:, None].repeat(8, axis=1).repeat(8, axis=2)
