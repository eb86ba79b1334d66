"""The mean shower: every cell's mean at this energy, and nothing that fluctuates but the sum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.sources.base import Simulator

KNOTS = 12  # energies at which the mean is taken, evenly spread over the ranks


def mean_shower(train: Samples) -> Simulator:
    """The training showers' mean share of the energy in each cell, between energies, times a drawn sum."""
    if "energy" not in train.given or train.array.ndim != 4 or len(train) < 2:
        raise BadInput(
            "the mean shower at an energy wants showers whose energy is known",
            f"{train.array.shape}, given {', '.join(train.given) or 'nothing'}",
            "give showers (n, layers, rows, columns) with their energy",
        )
    energy = np.asarray(train.given["energy"], dtype=float)
    whole = train.array.reshape(len(train), -1).sum(axis=1, dtype=float)
    order = np.argsort(energy)
    parts = np.array_split(order, min(KNOTS, len(order) // 2))
    means = np.stack([train.array[p].sum(axis=0, dtype=float) / max(float(whole[p].sum()), 1e-9) for p in parts])
    at = np.array([float(np.exp(np.log(energy[p]).mean())) for p in parts])
    return MeanShower(train, at, means.astype(np.float32), whole / energy)


@dataclass(frozen=True, repr=False, eq=False)
class MeanShower:
    """Shares between those of neighboring energies, linear in the logarithm; energy and response of training showers.

    Args:
        train: the showers that it was fitted to.
        at: energies, GeV.
        means: the mean share of the energy in each cell, (energies, layers, rows, columns).
        response: energy read over that of the particle, of each training shower, in their units.
    """

    train: Samples
    at: Array
    means: Array
    response: Array

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n showers that differ in energy and sum alone."""
        asked = rng.integers(len(self.train), size=n)
        given = {name: values[asked] for name, values in self.train.given.items()}
        energy = np.asarray(given["energy"], dtype=float)
        place = np.interp(np.log(energy), np.log(self.at), np.arange(len(self.at)))
        below = np.minimum(place.astype(int), len(self.at) - 2) if len(self.at) > 1 else np.zeros(n, dtype=int)
        weight = (place - below)[:, None, None, None].astype(np.float32)
        above = np.minimum(below + 1, len(self.at) - 1)
        # the response of a training shower of a like energy
        order = np.argsort(np.asarray(self.train.given["energy"], dtype=float))
        rank = np.searchsorted(np.asarray(self.train.given["energy"], dtype=float)[order], energy)
        near = order[np.clip(rank + rng.integers(-20, 21, n), 0, len(order) - 1)]
        sums = (energy * self.response[near])[:, None, None, None].astype(np.float32)
        x = np.empty((n, *self.means.shape[1:]), dtype=self.train.array.dtype)
        for i in range(n):  # one at a time: three sets of showers would not fit
            x[i] = ((1 - weight[i]) * self.means[below[i]] + weight[i] * self.means[above[i]]) * sums[i]
        return Samples.of(x, self.train.kind, self.train.unit, repr(self), given, given_unit=self.train.given_unit)

    def __repr__(self) -> str:
        return f"MeanShower of {len(self.at)} energies, of {self.train!r}"
