"""Mean observables of a model's showers beside truth's, in per cent, and its linearity and resolution over energies."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulacra.core.chance import stream
from simulacra.core.samples import Array, Samples
from simulacra.domains.showers.cells import incident, layer_energies, lit, moments, ring_energies
from simulacra.keeping.trained import Trained
from simulacra.runs import Run

BINS = 8  # of energies, with as many showers each
RESAMPLED = 500  # times, for the intervals
SHARE = 0.01  # of the energy that a layer holds on average if its mean is to be counted
FRESH = 4  # times as many showers of the model as there are of truth


@dataclass(frozen=True)
class ShowerMeans:
    """What an experiment would look at first: each mean of the model over truth's, and curves over the energy.

    The model draws showers for the very particles of truth, several times each, so that energies do not blur the
    comparison; showers of one particle are resampled together with the true one.
    """

    def __call__(self, trained: Trained, parts: Mapping[str, Samples], run: Run, seed: int) -> dict[str, Samples]:
        """Keep the exhibit "shower-means"."""
        truth = parts["truth"]
        sets = [trained.draw(len(truth), stream(seed, "mean showers", i), truth.given) for i in range(FRESH)]
        true, made = observables(truth), [observables(x) for x in sets]
        rng = stream(seed, "mean showers, intervals")
        weights = rng.multinomial(len(truth), np.full(len(truth), 1 / len(truth)), RESAMPLED)
        rows = []
        for name, values in true.items():
            own = np.mean([one[name] for one in made], axis=0)
            over = [(w @ own) / (w @ values) - 1 for w in (np.ones(len(truth), dtype=int), *weights)]
            rows.append([float(values.mean()), float(own.mean()), over[0], *np.quantile(over[1:], [0.025, 0.975])])
        layers = np.stack([layer_energies(x) for x in (truth, *sets)])
        share = layers[0].mean(axis=0) / layers[0].mean(axis=0).sum()
        counted = share >= SHARE
        off = layers[1:].mean(axis=(0, 1)) / np.maximum(layers[0].mean(axis=0), 1e-9) - 1
        arrays: dict[str, Any] = {
            "names": np.array(list(true)),
            "table": np.array(rows),  # truth, model, model over truth less 1, low, high
            "layers.counted": counted,
            "layers.off": off,
        }
        edges = np.quantile(incident(truth), np.linspace(0, 1, BINS + 1))
        for name, xs in {"truth": [truth], "model": sets}.items():
            read = np.concatenate([layer_energies(x).sum(axis=1) for x in xs])
            true_energy = np.concatenate([incident(x) for x in xs])
            arrays |= {f"curves.{name}": curve(read, true_energy, edges)}
            arrays |= {f"along.{name}": band(np.concatenate([_shares(layer_energies(x)) for x in xs]))}
            around = np.concatenate([_shares(ring_energies(x, 9).sum(axis=1)) for x in xs])
            arrays |= {f"around.{name}": band(around)}
        run.keep_exhibit("shower-means", arrays)
        return {}


def observables(x: Samples) -> dict[str, Array]:
    """One number a shower each."""
    energy, _, _, width = moments(x)
    whole = np.maximum(energy.sum(axis=1), 1e-9)
    depth = np.arange(energy.shape[1]) + 0.5
    middle = energy @ depth / whole
    count = lit(x).sum(axis=1) * np.prod(x.array.shape[2:])
    return {
        "response": whole / incident(x),
        "depth of the center, layers": middle,
        "length, layers": np.sqrt(np.maximum(energy @ depth**2 / whole - middle**2, 0.0)),
        "width, cells": (energy * width).sum(axis=1) / whole,
        "lit cells": count,
        "mean energy of a lit cell, MeV": whole / np.maximum(count, 1),
        "brightest cell's share": x.array.reshape(len(x), -1).max(axis=1) / whole,
    }


def curve(read: Array, energy: Array, edges: Array) -> Array:
    """In each bin: mean energy in GeV; mean response and its error; resolution over it and its error."""
    rows = []
    for low, high in itertools.pairwise(edges):
        inside = (energy >= low) & (energy <= high)
        response = (read / energy)[inside]
        n = max(int(inside.sum()), 2)
        wide = response.std(ddof=1) / response.mean()
        rows.append(
            [
                energy[inside].mean() / 1000,
                response.mean(),
                response.std(ddof=1) / np.sqrt(n),
                wide,
                wide / np.sqrt(2 * n),
            ]
        )
    return np.array(rows)


def band(rows: Array) -> Array:
    """Mean of each column and its standard error, (2, columns)."""
    return np.stack([rows.mean(axis=0), rows.std(axis=0, ddof=1) / np.sqrt(len(rows))])


def _shares(energy: Array) -> Array:
    return np.asarray(energy / np.maximum(energy.sum(axis=1, keepdims=True), 1e-9))
