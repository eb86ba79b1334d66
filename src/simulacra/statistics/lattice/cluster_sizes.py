"""Clusters of like spins: how large they are, how many, and how many spins stand alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from simulacra.core.samples import Samples
from simulacra.domains.lattice.spins import spins_of, turned
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class ClusterSizes:
    """Clusters of like spins that touch along a side, across the periodic borders too.

    Four features a lattice: the share of its sites in the largest cluster; log10 of the size of the cluster that a site
    lies in, averaged over the sites; clusters per site; the share of the sites that are alone, with no like neighbor.
    """

    accepts: ClassVar[tuple[str, ...]] = ("lattice",)
    defect: ClassVar[str] = "{amount:.1%} of the spins turned over at random"
    amounts: ClassVar[tuple[float, ...]] = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 4"]:
        """The four features of each lattice."""
        spins = spins_of(x)
        n, sites = len(spins), spins.shape[1] * spins.shape[2]
        at = np.arange(spins.size).reshape(spins.shape)
        # all lattices make one graph, with a bond between like neighbors; no bond joins two lattices
        ends = [
            (at[like], np.roll(at, -1, axis)[like]) for axis in (1, 2) for like in [spins == np.roll(spins, -1, axis)]
        ]
        start, end = (np.concatenate(side) for side in zip(*ends, strict=True))
        bonds = coo_array((np.ones(len(start), dtype=np.int8), (start, end)), shape=(spins.size, spins.size))
        count, label = connected_components(bonds, directed=False)

        size = np.bincount(label, minlength=count)
        lattice = np.empty(count, dtype=np.intp)
        lattice[label] = np.repeat(np.arange(n), sites)
        largest = np.zeros(n)
        np.maximum.at(largest, lattice, size)
        mean = np.bincount(lattice, weights=size.astype(np.float64) ** 2, minlength=n) / sites
        clusters = np.bincount(lattice, minlength=n)
        alone = np.bincount(lattice, weights=size == 1, minlength=n)
        return np.stack([largest / sites, np.log10(mean), clusters / sites, alone / sites], axis=1)

    def axis(self, x: Samples) -> Axis:
        """Four numbers of different sorts."""
        names = ("share of the largest", "log10 mean size, sites", "clusters per site", "share of sites alone")
        return Axis("clusters of like spins", at=names)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Each spin turned over with probability `amount`."""
        return turned(x, amount)
