"""Spectra of graphs: the eigenvalues of their normalized Laplacians."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.graphs.moved import edges_moved
from simulacra.domains.graphs.structure import each, eigenvalues, shares
from simulacra.statistics.base import Axis

BINS = 10


@dataclass(frozen=True)
class LaplacianSpectrum:
    """Share of each graph's eigenvalues in ten equal bins from 0 to 2.

    The first bin tells of parts that hang together loosely, the last of graphs of two sides.

    References:
        Spectral graph theory (Chung, 1997), ISBN 978-0-8218-0315-8
    """

    accepts: ClassVar[tuple[str, ...]] = ("graph",)
    defect: ClassVar[str] = "{amount:.0%} of the edges moved to other nodes"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n bins"]:
        """Shares, one row a graph."""
        return shares(each(x.array, eigenvalues), np.linspace(0, 2 + 1e-9, BINS + 1))

    def axis(self, x: Samples) -> Axis:
        """Shares, along the eigenvalue."""
        return Axis(
            "share of the eigenvalues",
            "eigenvalue of the normalized Laplacian",
            "1",
            tuple((np.arange(BINS) + 0.5) * 2 / BINS),
        )

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of each graph's edges between nodes that had none; always the same ones."""
        return x.but(x=edges_moved(x.array, amount))
