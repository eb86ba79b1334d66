"""How many molecules hold together: the numbers by which generated molecules are published, of each set of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulacra.core.errors import MissingExtra
from simulacra.core.samples import Samples
from simulacra.domains.molecules.stability import by_distance


def score_molecules(sets: Mapping[str, Samples], train: Samples | None) -> dict[str, Any]:
    """Counts for run.json, of each set by name.

    `n` molecules; of their atoms the share that is stable by distance, with its standard error over molecules
    (atoms of one molecule stand or fall together); how many molecules are `stable`, `valid` by RDKit, of one piece
    (`whole`); how many `different` ones there are among the valid, by canonical SMILES of the largest piece; and how
    many of these are `novel`: no training molecule. What needs RDKit is None without it, and `novel` without a
    training set.

    Args:
        sets: truth, the model and whatever stands beside it.
        train: what the model was trained on.
    """
    graphs = _reader()
    known = set(graphs(train.array).smiles) if graphs and train is not None else None
    found = {name: _scored(x, graphs, known) for name, x in sets.items()}
    return {"sets": found, "trained": None if train is None else len(train)}


def _reader() -> Any:  # noqa: ANN401 - the function, where RDKit is
    try:
        from simulacra.domains.molecules.molecule_graphs import graphs
    except MissingExtra:
        return None
    return graphs


def _scored(x: Samples, graphs: Any, known: set[str] | None) -> dict[str, Any]:  # noqa: ANN401
    stable, n = by_distance(x.array), len(x)
    atoms = stable.here.sum(axis=1)
    off = stable.atoms.sum(axis=1) - stable.of_atoms * atoms
    error = float(np.sqrt((off**2).sum() / (n * max(1, n - 1))) / atoms.mean())
    stated: dict[str, Any] = {"n": n, "atoms": stable.of_atoms, "error": error, "stable": int(stable.molecules.sum())}
    if graphs is None:
        return stated | {"valid": None, "whole": None, "different": None, "novel": None}
    seen = graphs(x.array)
    different = {text for text in seen.smiles if text}
    novel = None if known is None else len(different - known)
    whole = int(seen.connected.sum())
    return stated | {"valid": int(seen.valid.sum()), "whole": whole, "different": len(different), "novel": novel}
