"""Independent spins with the right magnetization: a magnet whose spins do not know of each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.lattice.spins import magnetization, spins_of
from simulacra.sources.base import Simulator


@dataclass(frozen=True)
class IndependentSpins:
    """Lattices of independent spins, whose mean is their temperature's mean |m|, up or down by chance.

    Args:
        size: sites along a side.
        temperatures: in J/k.
        shares: how often each temperature occurs; their sum is 1.
        magnetizations: the mean |m| of each temperature.
    """

    size: int
    temperatures: tuple[float, ...]
    shares: tuple[float, ...]
    magnetizations: tuple[float, ...]

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """Lattices with temperatures in the shares of the training set."""
        # steps of the golden ratio fill the unit interval evenly, so any first part of the draw has these shares too
        place = (np.arange(n) + 0.5) * ((5**0.5 - 1) / 2) % 1
        which = np.searchsorted(np.cumsum(self.shares)[:-1], place, side="right")
        mean = np.array(self.magnetizations)[which] * rng.choice([-1, 1], size=n)
        up = rng.random((n, self.size, self.size)) < (1 + mean[:, None, None]) / 2
        spins = np.where(up, 1, -1).astype(np.int8)
        return Samples.of(spins, "lattice", "1", repr(self), given={"temperature": np.array(self.temperatures)[which]})


def independent_spins(train: Samples) -> Simulator:
    """Independent spins with the mean |m| that the training set has at each temperature."""
    if "temperature" not in train.given:
        names = ", ".join(train.given) or "nothing"
        raise BadInput(
            "the lattices have no temperature", f"given: {names}", "put it into given['temperature'], in J/k"
        )
    spins = spins_of(train)
    temperatures, which = np.unique(train.given["temperature"].astype(np.float64), return_inverse=True)
    count = np.bincount(which)
    mean = np.bincount(which, weights=np.abs(magnetization(spins))) / count
    shares = count / len(train)
    return IndependentSpins(spins.shape[1], tuple(temperatures.tolist()), tuple(shares.tolist()), tuple(mean.tolist()))
