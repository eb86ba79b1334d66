"""Atoms and bonds of molecular graphs: which elements, charges and orders, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.graphs.matrices import here
from simulacra.statistics.base import Axis

CARBON, NITROGEN = 6, 7


@dataclass(frozen=True)
class AtomsAndBonds:
    """Share of each molecule's atoms by element, of those with a charge, and of its bonds by order."""

    accepts: ClassVar[tuple[str, ...]] = ("molecule_graph",)
    defect: ClassVar[str] = "{amount:.1%} of the carbons become nitrogen"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n sorts"]:
        """Shares, one row a molecule."""
        from simulacra.domains.molecules.matrix_measures import sorts  # it needs the extra

        return sorts(x.array)

    def axis(self, x: Samples) -> Axis:
        """Shares, by sort."""
        from simulacra.domains.molecules.matrix_measures import SORTS

        return Axis("share of the atoms, or of the bonds", "sort", "1", SORTS)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the carbons turned into nitrogens; always the same ones."""
        out, seats = x.array.copy(), np.arange(x.array.shape[1])
        code = out[:, seats, seats]
        some = here(out) & (code == CARBON) & (np.random.default_rng(0).random(code.shape) < amount)
        out[:, seats, seats] = np.where(some, NITROGEN, code)
        return x.but(x=out)
