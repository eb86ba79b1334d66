"""Pictures of objects in their middle: evened brightness, each pixel by mean and spread at its distance from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.models.base import Batch
from simulacra.views.conditions import learn, to_arrays, to_tensors

SMALLEST = 1e-3
"""Spread of the root's brightness below which none is believed."""


@dataclass(frozen=True)
class Centered:
    r"""Pictures (n, H, W, C) of brightness 0 … 1 to (n, C, H, W) of $(\sqrt{x} - m_c(r))/s_c(r)$ and back, cut to that.

    r is the distance from the middle, in pixels. With one mean and one spread for all pixels the dark surroundings of
    an object are a small part of the scale, and a small error of a network is a stain on the sky; here every
    pixel takes as much room as its own spread. Turns and mirrors change nothing. All fields are filled by `fit`.

    Args:
        mean: of the root's brightness at distances of 0, 1, 2 … pixels, (distances, channels).
        spread: its standard deviation there.
        given: what is known of the conditions.
    """

    mean: tuple[tuple[float, ...], ...] = ()
    spread: tuple[tuple[float, ...], ...] = ()
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def fit(self, train: Samples) -> Centered:
        """Measure mean and spread in rings; check that these are pictures."""
        if train.kind != "picture":
            raise BadInput("this view wants pictures", f"kind {train.kind!r}", "use the view Flat for other arrays")
        root = np.sqrt(np.asarray(train.array, dtype=float))
        ring = distances(root.shape[1:3]).round().astype(int)
        first, second = (in_rings((root**power).mean(axis=0), ring) for power in (1, 2))
        spread = np.sqrt(np.maximum(second - first**2, SMALLEST**2))
        return replace(
            self,
            mean=tuple(map(tuple, first.tolist())),
            spread=tuple(map(tuple, spread.tolist())),
            given=learn(train.given),
        )

    def forward(self, x: Samples) -> Batch:
        """Roots, standardized, channels to the front."""
        mean, spread = self._at(x.array.shape[1:3])
        root = (np.sqrt(np.asarray(x.array, dtype=float)) - mean) / spread
        tensor = torch.as_tensor(root, dtype=torch.float32).movedim(-1, 1).contiguous()
        return Batch(tensor, to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """Channels to the back, squared, cut to 0 … 1."""
        root = self._root(batch).clip(0, 1)
        return Samples.of((root**2).astype(np.float32), "picture", "1", given=to_arrays(batch.given, self.given))

    def unrounded(self, batch: Batch) -> Array:
        """Squares with the sign of their root, nothing cut."""
        root = self._root(batch)
        pictures: Array = (np.sign(root) * root**2).astype(np.float32)
        return pictures

    def _root(self, batch: Batch) -> Array:
        last = batch.x.detach().double().movedim(1, -1).cpu().numpy()
        mean, spread = self._at(last.shape[1:3])
        root: Array = last * spread + mean
        return root

    def _at(self, sides: tuple[int, ...]) -> tuple[Array, Array]:
        """Mean and spread of each pixel, (H, W, C)."""
        away = distances(sides)
        at = np.arange(len(self.mean))
        mean, spread = (
            np.stack([np.interp(away, at, column) for column in np.array(profile).T], axis=-1)
            for profile in (self.mean, self.spread)
        )
        return mean, spread


def in_rings(plane: Array, ring: Array) -> Array:
    """The mean of planes (H, W, C) in each ring, (rings, C); an empty one has what lies between its neighbors."""
    count = np.bincount(ring.ravel())
    known = np.flatnonzero(count)  # of an even side no pixel is nearer than 0.7
    sums = [np.bincount(ring.ravel(), plane[..., c].ravel())[known] for c in range(plane.shape[2])]
    found: Array = np.stack([np.interp(np.arange(len(count)), known, s / count[known]) for s in sums], axis=1)
    return found


def distances(sides: tuple[int, ...]) -> Array:
    """Of each pixel from the middle, in pixels, (H, W)."""
    rows, columns = (np.arange(side) - (side - 1) / 2 for side in sides)
    away: Array = np.hypot(rows[:, None], columns[None, :])
    return away
