"""Numbers by which generated graphs are published: distances of four laws, beside those of the training set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulacra.core.chance import stream
from simulacra.core.errors import MissingExtra
from simulacra.core.samples import Array, Samples
from simulacra.domains.graphs.mmd import distances
from simulacra.domains.graphs.structure import connected
from simulacra.domains.likeness.same_graph import Graphs

MOST = 1000
"""Graphs of a set that are looked at, at most."""


def score_graphs(sets: Mapping[str, Samples], train: Samples | None) -> dict[str, Any]:
    """For run.json: of each set by name its distances from truth, and how many of its graphs are connected, new …

    `distances` are squared MMD as published (`domains/graphs/mmd.py`), `floor` those of as many training graphs (all,
    where there are fewer), and `ratio` the mean of their quotients. `different` and `novel` count graphs by their
    spectra.

    Args:
        sets: truth, the model and whatever stands beside it.
        train: what the model was trained on.
    """
    truth = sets.get("truth")
    if truth is None:
        return {}
    few = {name: _some(x.array) for name, x in sets.items()}
    floors: dict[int, dict[str, float]] = {}
    known = set() if train is None else _names(train.array)
    found: dict[str, Any] = {}
    for name, x in few.items():
        names = _listed(x)
        one: dict[str, Any] = {
            "n": len(x),
            "connected": int(connected(x).sum()),
            "planar": _planar(x),
            "different": len(set(names)),
            "novel": None if train is None else len(set(names) - known),
        }
        if name != "truth":
            one["distances"] = distances(x, few["truth"])
            if train is not None:
                if len(x) not in floors:
                    floors[len(x)] = distances(_some(train.array, len(x)), few["truth"])
                one["floor"] = floor = floors[len(x)]
                ratios = [one["distances"][key] / floor[key] for key in floor if floor[key] > 0]
                one["ratio"] = float(np.mean(ratios)) if ratios else None
        found[name] = one
    return {"sets": found, "trained": None if train is None else len(train)}


def _some(x: Array, most: int = MOST) -> Array:
    return x if len(x) <= most else x[stream(0, "kept samples").permutation(len(x))[:most]]


def _listed(x: Array) -> list[bytes]:
    """Graphs by their spectra, rounded."""
    return [row.tobytes() for row in np.round(Graphs().ready(x), 6) + 0.0]


def _names(x: Array) -> set[bytes]:
    return set(_listed(x))


def _planar(x: Array) -> int | None:
    try:
        from simulacra.domains.graphs.planar import planar
    except MissingExtra:
        return None
    return int(planar(x).sum())
