"""Valences of molecular graphs: what the bonds of each atom add up to, by element."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.graphs.moved import some_of
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class ValenceByElement:
    """Share of each molecule's atoms by element and by the sum of their bonds' orders; and those with too many.

    Bonds to implied hydrogens are not counted, aromatic ones count 1.5.
    """

    accepts: ClassVar[tuple[str, ...]] = ("molecule_graph",)
    defect: ClassVar[str] = "{amount:.1%} of the molecules with a bond raised to the next order"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n sorts"]:
        """Shares, one row a molecule."""
        from simulacra.domains.molecules.matrix_measures import valences  # it needs the extra

        return valences(x.array)

    def axis(self, x: Samples) -> Axis:
        """Shares, by sort of atom."""
        from simulacra.domains.molecules.matrix_measures import VALENCES

        return Axis("share of the atoms", "element and sum of its bonds", "1", VALENCES)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the molecules with one bond raised by one order, triple ones left; always the same ones."""
        rng, out = np.random.default_rng(0), x.array.copy()
        some, places = some_of(len(x), amount), rng.random(len(x))
        for i in some:
            first, second = np.nonzero(np.triu(out[i], 1))
            if len(first):
                k = int(places[i] * len(first))
                a, b = first[k], second[k]
                out[i, a, b] = out[i, b, a] = min(out[i, a, b] + 1, 3)
        return x.but(x=out)
