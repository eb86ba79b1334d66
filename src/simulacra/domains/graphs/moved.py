"""Defects planted in graphs, small ones within large ones: edges moved or added, nodes cut off or lost."""

from __future__ import annotations

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.graphs.matrices import here, sizes


def edges_moved(x: Array, share: float) -> Array:
    """This share of each graph's edges, with their types, between nodes that had none; always the same ones."""
    rng = np.random.default_rng(0)
    out = x.copy()
    for one, graph in zip(out, x, strict=True):
        k = int((np.diagonal(graph) > 0).sum())
        there = np.flatnonzero(np.diagonal(graph) > 0)
        first, second = np.triu_indices(k, 1)
        a, b = there[first], there[second]
        linked = graph[a, b] > 0
        edge, free = np.flatnonzero(linked), np.flatnonzero(~linked)
        u, order = rng.random(len(edge)), rng.permutation(len(free))
        some = np.argsort(u)[: min(int((u < share).sum()), len(free))]
        old, new = edge[some], free[order[: len(some)]]
        types = graph[a[old], b[old]]
        one[a[old], b[old]] = one[b[old], a[old]] = 0
        one[a[new], b[new]] = one[b[new], a[new]] = types
    return out


def edges_moved_by(x: Array, rng: np.random.Generator) -> Array:
    """All edges of each graph, with their types, between any of its nodes, by chance."""
    out = x.copy()
    for one, graph in zip(out, x, strict=True):
        there = np.flatnonzero(np.diagonal(graph) > 0)
        first, second = np.triu_indices(len(there), 1)
        a, b = there[first], there[second]
        types = rng.permutation(graph[a, b])
        one[a, b] = one[b, a] = types
    return out


def some_of(n: int, share: float) -> Array:
    """The places of this share of n samples; always the same ones, and among those of any larger share."""
    return np.asarray(np.random.default_rng(0).permutation(n)[: round(share * n)])


def nodes_cut_off(x: Array, share: float) -> Array:
    """This share of the graphs with their last node cut off from all others."""
    out = x.copy()
    last = x.shape[1] - 1 - np.argmax(here(x)[:, ::-1], axis=1)
    for i in some_of(len(x), share):
        kept = out[i, last[i], last[i]]
        out[i, last[i]] = out[i, :, last[i]] = 0
        out[i, last[i], last[i]] = kept
    return out


def nodes_lost(x: Array, share: float) -> Array:
    """This share of the graphs without the last third of their nodes."""
    out = x.copy()
    order = np.cumsum(here(x), axis=1)
    for i in some_of(len(x), share):
        lost = order[i] > np.ceil(2 / 3 * sizes(x[[i]])[0])
        out[i, lost] = 0
        out[i][:, lost] = 0
    return out


def five_linked(x: Array, share: float) -> Array:
    """This share of the graphs with an edge between any two of five of their nodes; smaller graphs stay as they are."""
    rng, out = np.random.default_rng(0), x.copy()
    keys = rng.random(x.shape[:2])
    for i in some_of(len(x), share):
        there = np.flatnonzero(here(x)[i])
        if len(there) >= 5:
            five = there[np.argsort(keys[i][there])[:5]]
            for a in five:
                for b in five:
                    if a != b and not out[i, a, b]:
                        out[i, a, b] = 1
    return out


def replaced(x: Array, number: Array, share: float) -> Array:
    """The graphs, this share of them replaced by others of the set, of the quarter with the largest numbers.

    Args:
        x: the graphs.
        number: of each; NaN where a graph is neither replaced nor taken.
        share: of the graphs.
    """
    whole = np.flatnonzero(np.isfinite(number))
    if not len(whole):
        raise BadInput("none of these graphs has such a number", f"{len(x)} graphs", "are they molecules?")
    richest = whole[np.argsort(-number[whole], kind="stable")[: -(-len(whole) // 4)]]
    rng, out = np.random.default_rng(0), x.copy()
    some = rng.permutation(whole)[: round(share * len(whole))]
    out[some] = x[rng.choice(richest, len(whole))[: len(some)]]
    return out
