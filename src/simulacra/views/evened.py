"""Pictures on a scale where the noise of a pixel is alike from the dark sky to the bright core."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.models.base import Batch
from simulacra.views.conditions import learn, to_arrays, to_tensors

EDGES = (0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3, 0.45, 0.6, 1.0)
"""Of the bins of brightness in which the noise is measured."""
FEWEST = 500
"""Pixels in a bin; a bin of fewer has the noise of its neighbors."""
QUIET = 1 / 1024
"""The least noise that is believed: a quarter of one level in 255, less than what rounding to levels makes."""
LEVELS = tuple(np.linspace(0, 1, 33)[1:] ** 2)
NORMAL = 0.6745
"""Median of the absolute value of a standard normal number."""


@dataclass(frozen=True)
class Evened:
    r"""Pictures (n, H, W, C) of brightness 0 … 1 to (n, C, H, W) of $(T(x) - m_c)/s_c$ and back, cut to 0 … 1.

    $T(x) = \int_0^x db / \nu(b)$ with $\nu(b)$ the noise of pixels of brightness b, measured on the training set: the
    middle absolute value of the differences across a square of four pixels, to which a slope adds nothing. On
    this scale noise is the same in all places, so that a network that errs alike everywhere errs nowhere by many times
    the noise: in pictures whose brightness was stretched before, bright cores have less noise than their halos. All
    fields are filled by `fit`.

    Args:
        levels: of brightness, ascending from 0 to 1.
        places: of these levels on the even scale.
        mean: of each channel there.
        spread: its standard deviation.
        given: what is known of the conditions.

    References:
        The use of transformations (Bartlett, 1947), doi:10.2307/3001536
    """

    levels: tuple[float, ...] = ()
    places: tuple[float, ...] = ()
    mean: tuple[float, ...] = ()
    spread: tuple[float, ...] = ()
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def fit(self, train: Samples) -> Evened:
        """Measure the noise, the mean and the spread; check that these are pictures."""
        if train.kind != "picture":
            raise BadInput("this view wants pictures", f"kind {train.kind!r}", "use the view Flat for other arrays")
        levels = np.array([0.0, *LEVELS])
        middles = (levels[1:] + levels[:-1]) / 2
        places = np.concatenate([[0.0], np.cumsum(np.diff(levels) / noise_at(np.asarray(train.array), middles))])
        even = np.interp(train.array, levels, places)
        mean, spread = (f(even, axis=(0, 1, 2)).tolist() for f in (np.mean, np.std))
        return replace(
            self,
            levels=tuple(levels.tolist()),
            places=tuple(places.tolist()),
            mean=tuple(mean),
            spread=tuple(s or 1.0 for s in spread),
            given=learn(train.given),
        )

    def forward(self, x: Samples) -> Batch:
        """Even scale, standardized, channels to the front."""
        even = (np.interp(x.array, self.levels, self.places) - self.mean) / self.spread
        tensor = torch.as_tensor(even, dtype=torch.float32).movedim(-1, 1).contiguous()
        return Batch(tensor, to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """Channels to the back, brightness, cut to 0 … 1."""
        pictures = np.interp(self._even(batch), self.places, self.levels).astype(np.float32)
        return Samples.of(pictures, "picture", "1", given=to_arrays(batch.given, self.given))

    def unrounded(self, batch: Batch) -> NDArray[Any]:
        """The same with nothing cut: beyond the ends the scale goes on as it ends."""
        even = self._even(batch)
        inside = np.interp(even, self.places, self.levels)
        low = np.minimum(even, 0) * (self.levels[1] - self.levels[0]) / (self.places[1] - self.places[0])
        above = np.maximum(even - self.places[-1], 0)
        high = above * (self.levels[-1] - self.levels[-2]) / (self.places[-1] - self.places[-2])
        pictures: NDArray[Any] = (inside + low + high).astype(np.float32)
        return pictures

    def _even(self, batch: Batch) -> NDArray[Any]:
        last = batch.x.detach().double().movedim(1, -1).cpu().numpy()
        even: NDArray[Any] = last * np.asarray(self.spread) + np.asarray(self.mean)
        return even


def noise_at(pictures: NDArray[Any], levels: NDArray[Any]) -> NDArray[Any]:
    """The noise of a pixel at levels of brightness, from pictures (n, H, W, C).

    Smooth between the bins in which it is measured, level beyond them.
    """
    if min(pictures.shape[1:3]) < 2:
        raise BadInput("noise is measured between pixels", f"shape {pictures.shape}", "give pictures of 2 by 2 or more")
    here, right = pictures[:, :-1, :-1], pictures[:, :-1, 1:]
    below, across = pictures[:, 1:, :-1], pictures[:, 1:, 1:]
    found = np.abs(here - right - below + across).ravel() / 2
    bright = (here + right + below + across).ravel() / 4
    bins = np.digitize(bright, EDGES[1:-1])
    at, noise = [], []
    for place in range(len(EDGES) - 1):
        some = bins == place
        if some.sum() >= FEWEST:
            at.append((EDGES[place] + EDGES[place + 1]) / 2)
            noise.append(max(float(np.median(found[some])) / NORMAL, QUIET))
    if not at:
        return np.full(len(levels), max(float(np.median(found)) / NORMAL, QUIET))
    return np.interp(levels, at, noise)
