"""What graphs look like, node by node: degrees, clustering, spectrum, parts. Edge types do not count here."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Int

from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.graphs.matrices import linked, sizes

TINY = 1e-9


def each(x: Array, measure: Callable[[Array], Array], what: str = "") -> list[Array]:
    """A measure of each graph's own matrix, empty seats left out: 1 where there is an edge, 0 on the diagonal."""
    found = []
    with Progress(what or "measuring graphs", len(x)) as progress:
        for one in x:
            there = np.flatnonzero(np.diagonal(one) > 0)
            found.append(measure((linked(one[None])[0])[np.ix_(there, there)]))
            progress.step()
    return found


def degrees(a: Float[np.ndarray, "k k"]) -> Float[np.ndarray, " k"]:
    """How many neighbors each node has."""
    return np.asarray(a.sum(axis=1))


def clustering(a: Float[np.ndarray, "k k"]) -> Float[np.ndarray, " k"]:
    """Which share of the pairs of a node's neighbors are neighbors themselves; 0 where there is no pair.

    References:
        Collective dynamics of "small-world" networks (Watts & Strogatz, 1998), doi:10.1038/30918
    """
    d = a.sum(axis=1)
    closed = np.einsum("ij,jk,ki->i", a, a, a, optimize=True)
    return np.asarray(closed / np.maximum(d * (d - 1), 1))


def eigenvalues(a: Float[np.ndarray, "k k"]) -> Float[np.ndarray, " k"]:
    """Eigenvalues of the normalized Laplacian, from 0 to 2, least first; a node without neighbors adds a 0."""
    d = a.sum(axis=1)
    root = np.where(d > 0, 1 / np.sqrt(np.maximum(d, 1)), 0.0)
    laplacian = np.diag((d > 0).astype(float)) - root[:, None] * a * root
    return np.asarray(np.clip(np.linalg.eigvalsh(laplacian), 0, 2)) if len(a) else np.zeros(0)


def parts(x: Array) -> Int[np.ndarray, " n"]:
    """Into how many connected parts each graph falls; 0 for a graph without nodes."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    found = [connected_components(csr_array(a), directed=False)[0] if len(a) else 0 for a in each(x, np.asarray)]
    return np.array(found, dtype=np.int64)


def connected(x: Array) -> Array:
    """Whether each graph is of one part."""
    return np.asarray(parts(x) == 1)


def edge_counts(x: Array) -> Int[np.ndarray, " n"]:
    """How many edges each graph has."""
    return np.asarray(linked(x).sum(axis=(1, 2)) / 2).astype(np.int64)


def shares(rows: list[Array], bounds: Array) -> Float[np.ndarray, "n bins"]:
    """Which share of each graph's numbers lies in each bin: from a bound (included) to the next; zeros without any."""
    found = [np.histogram(row, bounds)[0] / max(1, len(row)) for row in rows]
    return np.array(found, dtype=np.float64).reshape(len(rows), len(bounds) - 1)


__all__ = ["clustering", "connected", "degrees", "each", "edge_counts", "eigenvalues", "parts", "shares", "sizes"]
