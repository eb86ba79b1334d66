r"""How far two sets of graphs are apart, as the field publishes it: the squared maximum mean discrepancy of four laws.

$\mathrm{MMD}^2 = \overline{k(x, x')} + \overline{k(y, y')} - 2\,\overline{k(x, y)}$, pairs of a graph with itself
counted, as published. Two conventions are in use, and their numbers are not to be mixed:

- *tv*: $k = \exp(-d^2 / 2 \sigma^2)$ with half the sum of the histograms' differences as d;
- *emd*: the same with the earth mover's distance of the histograms (of degrees and clustering).

Mean orbit counts have a plain Gaussian kernel of width 30 in both. These are extra figures: they know no chance, and
are read beside those of as many true graphs.

References:
    GraphRNN: generating realistic graphs with deep auto-regressive models (You et al., 2018), arXiv:1802.08773 (emd)
    Efficient graph generation with graph recurrent attention networks (Liao et al., 2019), arXiv:1910.00760 (tv)
    Evaluation metrics for graph generative models: problems, pitfalls, and practical solutions (O'Bray et al., 2022),
    arXiv:2106.01098
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Array
from simulacra.domains.graphs.orbits import orbits
from simulacra.domains.graphs.structure import clustering, degrees, each, eigenvalues, shares

CLUSTERING_BINS, SPECTRAL_BINS = 100, 200
WIDTHS = {"degree": 1.0, "clustering": 0.1, "spectrum": 1.0}
ORBIT_WIDTH = 30.0


def distances(x: Array, y: Array) -> dict[str, float]:
    """The figures of two sets of graphs, by law and convention."""
    both = {name: _histograms(name, x, y) for name in WIDTHS}
    found = {f"{name}, tv": mmd(_tv(WIDTHS[name]), *pair) for name, pair in both.items()}
    for name, scale in (("degree", 1.0), ("clustering", float(CLUSTERING_BINS))):
        found[f"{name}, emd"] = mmd(_emd(WIDTHS[name], scale), *both[name])
    counts = [np.array([row.mean(axis=0) for row in each(part, orbits, "counting orbits")]) for part in (x, y)]
    found["orbits"] = mmd(_gaussian(ORBIT_WIDTH), *counts)
    return found


def _histograms(name: str, x: Array, y: Array) -> tuple[Array, Array]:
    """Shares of nodes, or eigenvalues, in the bins of both sets."""
    if name == "degree":
        bounds = np.arange(max(x.shape[1], y.shape[1]) + 1) - 0.5
        return shares(each(x, degrees), bounds), shares(each(y, degrees), bounds)
    if name == "clustering":
        bounds = np.linspace(0, 1, CLUSTERING_BINS + 1)
        return shares(each(x, clustering), bounds), shares(each(y, clustering), bounds)
    bounds = np.linspace(-1e-5, 2, SPECTRAL_BINS + 1)
    return shares(each(x, eigenvalues), bounds), shares(each(y, eigenvalues), bounds)


def mmd(kernel: object, x: Float[np.ndarray, "n k"], y: Float[np.ndarray, "m k"]) -> float:
    """The squared discrepancy of two sets of rows under a kernel."""
    assert callable(kernel)
    mean = [float(np.mean([kernel(row, other) for row in one])) for one, other in ((x, x), (y, y), (x, y))]
    return mean[0] + mean[1] - 2 * mean[2]


def _tv(width: float) -> object:
    def kernel(row: Array, other: Array) -> Array:
        return np.asarray(np.exp(-((np.abs(other - row).sum(axis=1) / 2) ** 2) / (2 * width**2)))

    return kernel


def _emd(width: float, scale: float) -> object:
    def kernel(row: Array, other: Array) -> Array:
        moved = np.abs(np.cumsum(other - row, axis=1)).sum(axis=1) / scale
        return np.asarray(np.exp(-(moved**2) / (2 * width**2)))

    return kernel


def _gaussian(width: float) -> object:
    def kernel(row: Array, other: Array) -> Array:
        return np.asarray(np.exp(-((other - row) ** 2).sum(axis=1) / (2 * width**2)))

    return kernel
