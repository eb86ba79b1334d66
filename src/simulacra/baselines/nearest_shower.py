"""A library of showers: the training shower nearest in energy, scaled to the energy that is asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.sources.base import Simulator


def nearest_shower(train: Samples) -> Simulator:
    """The training shower nearest in energy, scaled to that asked for: a frozen library, as experiments use it."""
    if "energy" not in train.given or len(train) < 2:
        raise BadInput(
            "a library is searched by energy", f"given {', '.join(train.given) or 'nothing'}", "give energies"
        )
    return NearestShower(train)


@dataclass(frozen=True, repr=False, eq=False)
class NearestShower:
    """Energies evenly spread in their logarithm between the lowest and the highest of the library.

    Args:
        train: the library.
    """

    train: Samples

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n showers out of the library."""
        known = np.asarray(self.train.given["energy"], dtype=float)
        order = np.argsort(known)
        low, high = known[order[[0, -1]]]
        asked = np.round(np.exp(rng.uniform(np.log(low), np.log(high), n)), 3)
        right = np.clip(np.searchsorted(known[order], asked), 1, len(order) - 1)
        left_nearer = asked - known[order[right - 1]] < known[order[right]] - asked
        found = self.train[order[right - left_nearer]]
        gain = (asked / np.asarray(found.given["energy"], dtype=float)).astype(found.array.dtype)
        names = np.arange(n).astype(str)
        x = found.array * gain.reshape(-1, *[1] * (found.array.ndim - 1))
        given = {**found.given, "energy": asked}
        return found.but(x=x, given=given, id=names, group=names, origin=repr(self))

    def __repr__(self) -> str:
        return f"NearestShower of a library of {self.train!r}"
