"""Pictures as evened brightness: the square root, each channel of zero mean and unit spread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from simulacra.core.samples import Samples
from simulacra.models.base import Batch
from simulacra.views.base import check_kind
from simulacra.views.conditions import learn, to_arrays, to_tensors


@dataclass(frozen=True)
class Light:
    r"""Pictures (n, H, W, C) of brightness 0 … 1 to (n, C, H, W) of $(\sqrt{x} - m_c)/s_c$ and back, cut to 0 … 1.

    The square root makes the noise of counted photons alike in bright and in dark places, so that a faint sky takes as
    much room as a bright core. All fields are filled by `fit`.

    Args:
        mean: of the root's brightness in each channel.
        spread: its standard deviation.
        given: what is known of the conditions.
    """

    accepts: ClassVar[tuple[str, ...]] = ("picture",)

    mean: tuple[float, ...] = ()
    spread: tuple[float, ...] = ()
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def fit(self, train: Samples) -> Light:
        """Measure mean and spread; check that these are pictures."""
        check_kind(self, train.kind)
        root = np.sqrt(np.asarray(train.array, dtype=float))
        mean, spread = (f(root, axis=(0, 1, 2)).tolist() for f in (np.mean, np.std))
        return replace(self, mean=tuple(mean), spread=tuple(s or 1.0 for s in spread), given=learn(train.given))

    def forward(self, x: Samples) -> Batch:
        """Roots, standardized, channels to the front."""
        root = (np.sqrt(np.asarray(x.array, dtype=float)) - self.mean) / self.spread
        tensor = torch.as_tensor(root, dtype=torch.float32).movedim(-1, 1).contiguous()
        return Batch(tensor, to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """Channels to the back, squared, cut to 0 … 1."""
        root = self._root(batch).clip(0, 1)
        return Samples.of((root**2).astype(np.float32), "picture", "1", given=to_arrays(batch.given, self.given))

    def unrounded(self, batch: Batch) -> NDArray[Any]:
        """Squares with the sign of their root, nothing cut."""
        root = self._root(batch)
        pictures: NDArray[Any] = (np.sign(root) * root**2).astype(np.float32)
        return pictures

    def _root(self, batch: Batch) -> NDArray[Any]:
        last = batch.x.detach().double().movedim(1, -1).cpu().numpy()
        root: NDArray[Any] = last * np.asarray(self.spread) + np.asarray(self.mean)
        return root
