"""Rows of a catalogue as numbers that a flow can learn: each type's magnitude, colors and shape, standardized."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.photometry.catalog_rows import MAGNITUDE, PLAIN, TYPE, plain, rows, samples, stars
from simulacra.models.base import Batch
from simulacra.views.base import check_kind
from simulacra.views.conditions import learn, to_arrays, to_tensors

SHARE, UNTURNED = PLAIN.index("dev_share"), [PLAIN.index("u1"), PLAIN.index("u2")]
BELOW, ABOVE = 0.6, 0.3
"""How far beyond 0 and 1 shares are spread that pipelines heap there."""
HEAP = 0.01
"""Share of the galaxies at 0 or 1 from which on they count as heaped."""


@dataclass(frozen=True)
class CatalogRows:
    """Catalogues (n, 10) to (n, 10) and back: 1 for a star, then nine numbers; a star's shape is 0.

    Radii go by their logarithms, shapes as u1 and u2, and each number is standardized among the sources of its type; u1
    and u2 keep their zero, since the sky has no preferred direction. De Vaucouleurs' share goes by its logit; where it
    is heaped at 0 and 1 it stays as it is, and the heaps are spread over ranges beyond, each source always to the
    same place.

    Args:
        means: of the numbers, of galaxies and of stars; filled by `fit`.
        scales: their spreads; filled by `fit`.
        heaped: whether shares of 0 and 1 are frequent; filled by `fit`.
        given: what is known of the conditions; filled by `fit`.
    """

    accepts: ClassVar[tuple[str, ...]] = ("catalog",)

    means: tuple[tuple[float, ...], ...] = ()
    scales: tuple[tuple[float, ...], ...] = ()
    heaped: bool = False
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def fit(self, train: Samples) -> CatalogRows:
        """Learn means and spreads by type; both types must be there."""
        check_kind(self, train.kind)
        star = stars(train.array)
        if star.all() or not star.any():
            one = "stars" if star.all() else "galaxies"
            raise BadInput("this catalogue knows one type alone", f"{len(star)} {one}", "give stars and galaxies")
        share = plain(train.array)[~star, SHARE]
        known = replace(self, heaped=bool(((share <= 0) | (share >= 1)).mean() > HEAP), given=learn(train.given))
        numbers = known._numbers(train.array)
        means, scales = [], []
        for some in (numbers[~star], numbers[star]):
            mean, scale = some.mean(axis=0), some.std(axis=0)
            mean[[k - 1 for k in UNTURNED]] = 0.0
            means.append(tuple(mean.tolist()))
            scales.append(tuple(np.where(scale > 1e-9, scale, 1.0).tolist()))
        return replace(known, means=tuple(means), scales=tuple(scales))

    def forward(self, x: Samples) -> Batch:
        """Standardized numbers."""
        star = stars(x.array)
        z = (self._numbers(x.array) - self._of(self.means, star)) / self._of(self.scales, star)
        out = torch.as_tensor(np.column_stack([star, z]), dtype=torch.float32)
        return Batch(out, to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """Rows within what each number can hold."""
        x = batch.x.detach().double().cpu().numpy()
        star = x[:, TYPE] > 0.5
        p = x[:, 1:] * self._of(self.scales, star) + self._of(self.means, star)
        share = p[:, SHARE - 1]
        p[:, SHARE - 1] = np.clip(share, 0, 1) if self.heaped else 1 / (1 + np.exp(-np.clip(share, -30, 30)))
        found = samples(rows(np.column_stack([star, p])), "")
        return found.but(given=to_arrays(batch.given, self.given))

    def _numbers(self, x: Array) -> Float[np.ndarray, "n 9"]:
        """What is standardized; zeros for the shapes of stars."""
        p = np.nan_to_num(plain(x))
        share, chance = p[:, SHARE], _chance(x[:, MAGNITUDE])
        if self.heaped:
            spread = np.where(share <= 0, -BELOW * chance, np.where(share >= 1, 1 + ABOVE * chance, share))
        else:
            inside = np.clip(share, 1e-6, 1 - 1e-6)
            spread = np.log(inside / (1 - inside))
        p[:, SHARE] = np.where(stars(x), 0.0, spread)
        return np.asarray(p[:, 1:])

    @staticmethod
    def _of(both: tuple[tuple[float, ...], ...], star: Array) -> Array:
        return np.asarray(np.array(both)[star.astype(int)])


def _chance(values: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """A number from 0 to 1 for each, as good as chance, and always the same."""
    bits = np.ascontiguousarray(values, dtype=np.float64).view(np.uint64).copy()
    for shift in (33, 29):
        bits = (bits ^ (bits >> np.uint64(shift))) * np.uint64(0x9E3779B97F4A7C15)
    return np.asarray((bits >> np.uint64(11)).astype(np.float64) / 2.0**53)
