"""Graphs as matrices: a node's type on the diagonal (0: no node), an edge's type off it (0: none)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int

from simulacra.core.samples import Array

KIND = "graph"


def here(x: Array) -> Bool[np.ndarray, "n seats"]:
    """Which seats hold a node."""
    return np.asarray(np.diagonal(x, axis1=-2, axis2=-1) > 0)


def sizes(x: Array) -> Int[np.ndarray, " n"]:
    """How many nodes each graph has."""
    return np.asarray(here(x).sum(axis=-1))


def edges(x: Array) -> Array:
    """Edge types alone: the diagonal is 0."""
    return np.asarray(x * (1 - np.eye(x.shape[-1], dtype=x.dtype)))


def linked(x: Array) -> Float[np.ndarray, "n seats seats"]:
    """1 where there is an edge."""
    return np.asarray((edges(x) > 0).astype(np.float64))


def fits(x: Array) -> bool:
    """Square matrices of whole numbers, symmetric, without edges to empty seats."""
    if x.ndim != 3 or x.shape[1] != x.shape[2] or x.dtype.kind not in "iu":
        return False
    there = here(x)
    loose = (x != 0) & ~(there[:, :, None] & there[:, None, :])
    return bool((x == x.swapaxes(1, 2)).all() and (x >= 0).all() and not loose.any())


def padded(several: Sequence[Array], seats: int | None = None) -> Array:
    """Square matrices of any sizes as one array, int16."""
    most = max((len(one) for one in several), default=0)
    x = np.zeros((len(several), *[max(most, seats or 0)] * 2), dtype=np.int16)
    for to, one in zip(x, several, strict=True):
        to[: len(one), : len(one)] = one
    return x


def of_edges(sizes: Array, counts: Array, ends: Array, seats: int | None = None) -> Array:
    """Graphs without types from edges in a row, int16.

    Args:
        sizes: nodes of each graph, (n,).
        counts: edges of each graph, (n,).
        ends: the two ends of all edges one after another, counted from 0 within their graph, (edges, 2).
        seats: N; the largest size if None.
    """
    most = max(int(sizes.max(initial=0)), seats or 0)
    x = np.zeros((len(sizes), most, most), dtype=np.int16)
    owner = np.repeat(np.arange(len(sizes)), counts)
    x[owner, ends[:, 0], ends[:, 1]] = x[owner, ends[:, 1], ends[:, 0]] = 1
    at = np.arange(most)
    x[:, at, at] = at < sizes[:, None]
    return x


def shuffled(x: Array, rng: np.random.Generator) -> Array:
    """The same graphs with their nodes in another order, empty seats behind."""
    order = np.argsort(np.where(here(x), rng.random(x.shape[:2]), 2.0), axis=1)
    turned = np.take_along_axis(x, order[:, :, None], 1)
    return np.asarray(np.take_along_axis(turned, order[:, None, :], 2))
